"""What a city's submissions are judged by: catalogue, register and locks as the log has them.

Folded from the control store's produced intents, so that nothing is judged by a record that does
not stand in the log before the submission's chunks.
"""

import threading
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from granary.keys import unit_id
from granary.lock_records import DECISIONS, Decision, locks_in_force
from granary.records import decode_record, decode_register
from indicators.catalogue import Catalogue, Table
from indicators.correspondence import Correspondence
from indicators.register import Register
from ingest.checks.locked import LockNotices, notice_of
from ingest.checks.rights import Rights
from ingest.errors import NotReadyError
from storage.control import cities, intents, schema
from storage.control.cities import City


@dataclass(frozen=True, slots=True, eq=False)
class Basis:
    """One state of the fold; never changed once made. `judged_at`: offset of its last intent."""

    city: City
    judged_at: int
    catalogue: Catalogue
    register: Register
    decisions: tuple[Decision, ...] = ()  # to lock and to reopen periods, in the log's order
    _rights: dict[tuple[str, str], Rights] = field(default_factory=dict)
    _keys: dict[str, Correspondence] = field(default_factory=dict)

    def rights(self, kind: str, reporter: str) -> Rights:
        """On which units of the kind the reporter may speak."""
        found = self._rights.get((kind, reporter))
        if found is None:
            who = self.catalogue.reporter[reporter]
            found = Rights(self.register, kind, self.catalogue, who)
            self._rights[kind, reporter] = found
        return found

    def keys(self, table: Table) -> Correspondence | None:
        """The keys by which the table names units, where it does so by a department's."""
        if table.keys is None:
            return None
        found = self._keys.get(table.keys)
        if found is None:
            scheme = self.catalogue.scheme[table.keys]
            found = self._keys[table.keys] = Correspondence(self.register, scheme, unit_id)
        return found

    def locks(self, table: str) -> LockNotices:
        """The table's locked periods."""
        zone = ZoneInfo(self.catalogue.city.time_zone)
        return {
            period: notice_of(lock, zone)
            for (code, period), lock in locks_in_force(self.decisions).items()
            if code == table
        }


class Bases:
    """The newest basis of each city, made anew when the log has more intents of it."""

    def __init__(self, control_url: str) -> None:
        self._control_url = control_url
        self._kept: dict[int, Basis] = {}
        self._guard = threading.Lock()

    def of(self, city: int) -> Basis:
        """The city's newest basis.

        Raises:
            NotReadyError: its catalogue is not in the log yet.
        """
        with schema.reading(self._control_url) as connection:
            newest = intents.last_produced(connection, city)
            with self._guard:  # folding a large register twice at once would gain nothing
                kept = self._kept.get(city)
                if kept is None or kept.judged_at < newest:
                    kept = self._kept[city] = _fold(connection, city, kept)
                return kept


def _fold(connection: Connection, city: int, kept: Basis | None) -> Basis:
    found = intents.history(connection, city, after=kept.judged_at if kept else intents.NOTHING)
    catalogue = kept.catalogue if kept else None
    for intent in found:
        if intent.type == "catalogue":
            body = decode_record(intent.payload).body
            catalogue = Catalogue.model_validate(body["catalogue"])
    if catalogue is None:
        raise NotReadyError(f"city {city} has no catalogue in its log.", city=city)
    if kept and not any(intent.kind == "register" for intent in found):
        register = kept.register
    else:
        register = _fold_register(connection, city)
    decisions = [
        Decision.of(decode_record(intent.payload)) for intent in found if intent.type in DECISIONS
    ]
    behind = [intent.produced_offset for intent in found if intent.produced_offset is not None]
    judged_at = max(behind, default=kept.judged_at if kept else intents.NOTHING)
    return Basis(
        cities.by_id(connection, city),
        judged_at,
        catalogue,
        register,
        (*(kept.decisions if kept else ()), *decisions),
    )


def _fold_register(connection: Connection, city: int) -> Register:
    """The whole history again: a judgement under way keeps the register it began with."""
    register = Register(unit_id)
    for intent in intents.history(connection, city):
        if intent.kind == "register":
            _, rows = decode_register(intent.payload)
            register.apply(rows, (unit_id(row.kind, row.code) for row in rows))
    return register
