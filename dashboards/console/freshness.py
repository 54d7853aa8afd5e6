"""How fresh the store is: the last record it vouches for, and how many the log holds beyond it.

A page compares `version` with the one it drew by: whatever was lost between ledger and page (a
worker killed before it published, a broker, a sleeping page), the next look finds it.
"""

from collections.abc import Callable, Mapping
from typing import Any

import structlog

from dashboards.console.cards import city_id
from dashboards.console.store import Store
from granary.keys import GENERATION_SPAN

_log = structlog.get_logger()

#: City id → (partition of the log, generation of the log).
Places = Callable[[], Mapping[int, tuple[int, int]]]
#: Partition → offset after its last record; None while the broker is lost.
Ends = Callable[[], Mapping[int, int] | None]


class Freshness:
    """Asks the ledger's end of the store, the log's end of the broker; places once a city."""

    def __init__(self, store: Store, ends: Ends, places: Places) -> None:
        self._store, self._ends, self._read_places = store, ends, places
        self._places: Mapping[int, tuple[int, int]] = {}

    def of(self, city: str) -> dict[str, Any]:
        """{city, version, known_from, catalogue, waiting}.

        version: text of the ledger's last version, '' before the first; it grows with every record
        whose rows are stored. known_from: when that record reached the log. catalogue: version of
        the catalogue in force, '' before the first. waiting: records of the log that the ledger has
        not passed; None where log or control store do not answer.

        Raises:
            UnknownCityError, StoreUnreachableError
        """
        number = city_id(self._store, city)
        rows = self._store.query(
            "SELECT version, known_from FROM ledger WHERE city = %(id)s"
            " ORDER BY city DESC, version DESC LIMIT 1",
            {"id": number},
        )
        catalogues = self._store.query(
            "SELECT version FROM control_event WHERE city = %(id)s AND type = 'catalogue'"
            " ORDER BY version DESC LIMIT 1",
            {"id": number},
        )
        version = int(rows[0]["version"]) if rows else None
        return {
            "city": city,
            "version": "" if version is None else str(version),
            "known_from": rows[0]["known_from"] if rows else None,
            "catalogue": str(catalogues[0]["version"]) if catalogues else "",
            "waiting": self._waiting(number, version),
        }

    def _waiting(self, number: int, version: int | None) -> int | None:
        ends = self._ends()
        stored = -1 if version is None else version // GENERATION_SPAN
        place = self._place(number, stored)
        if ends is None or place is None:
            return None
        partition, generation = place
        passed = 0 if version is None or stored < generation else version % GENERATION_SPAN + 1
        return max(0, ends.get(partition, 0) - passed)

    def _place(self, number: int, stored: int) -> tuple[int, int] | None:
        """A city's partition never changes; its generation does when its log is begun anew."""
        if number not in self._places or self._places[number][1] < stored:
            try:
                self._places = self._read_places()
            except (
                Exception
            ) as error:  # whatever the control store's driver raises while it is away
                _log.warning("places_unreadable", error=repr(error))
        return self._places.get(number)


def read_places(control_url: str) -> Mapping[int, tuple[int, int]]:
    """Every city's place from the control store; blocks, raises what SQLAlchemy raises."""
    from storage.control import cities, schema

    engine = schema.engine(control_url)
    try:
        with engine.connect() as connection:
            return {one.id: (one.partition, one.generation) for one in cities.every(connection)}
    finally:
        engine.dispose()
