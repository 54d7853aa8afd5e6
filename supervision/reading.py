"""Reads a city's facts from ClickHouse, only when the ledger has moved on.

The ledger's last version is read first and everything else after it; control records beyond it are
not counted yet, because their effects may not be stored. Reading is by integer key: lines touch
few indicators, returns only what is missing or under an alert, so a look costs milliseconds
whatever the city's size.
"""

import json
from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from typing import Any, Protocol

from indicators.catalogue import Catalogue
from indicators.deadlines import DueCalendar, Return
from indicators.vocabulary import UNIT_LEVEL
from supervision.facts import CityFacts, LineFigure, ReturnCounts


class Queries(Protocol):
    """Runs one SELECT against the store and returns its rows.

    May block for the store's answer; raises the driver's errors; a repeat is safe.
    """

    def execute(
        self, query: str, params: dict[str, Any] | None = None
    ) -> list[tuple[Any, ...]]: ...


@dataclass(slots=True)
class _Known:
    """What has been folded of a city's control records so far."""

    version: int = -1  # of the last control record counted
    catalogue: Catalogue | None = None
    calendar: DueCalendar = field(default_factory=DueCalendar)


class Reading:
    """Keeps the folded calendar of each city between looks. One thread uses it."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries
        self._known: dict[int, _Known] = {}
        self._codes: dict[int, str] = {}

    def versions(self) -> dict[int, int]:
        """City id → last version in its ledger."""
        found = self._queries.execute("SELECT city, max(version) FROM ledger GROUP BY city")
        return {int(city): int(version) for city, version in found}

    def facts(self, city: int, version: int, watched: Sequence[Return] = ()) -> CityFacts | None:
        """Facts as of the ledger's `version`; None while the city has no catalogue.

        `watched` are returns under a live alert, read even if nothing is missing any more.
        """
        known = self._known.setdefault(city, _Known())
        self._fold(city, known, version)
        catalogue = known.catalogue
        if catalogue is None:
            return None
        due, told = known.calendar.instants(), known.calendar.passed()
        return CityFacts(
            id=city,
            code=catalogue.city.code,
            version=version,
            catalogue=catalogue,
            due=due,
            told=told,
            figures=self._figures(city, catalogue),
            returns=self._returns(city, catalogue, told & due.keys(), watched),
        )

    def _fold(self, city: int, known: _Known, version: int) -> None:
        rows = self._queries.execute(
            "SELECT version, type, body FROM control_event WHERE city = %(city)s"
            " AND version > %(after)s AND version <= %(upto)s"
            " AND type IN ('catalogue', 'calendar', 'deadline') ORDER BY version",
            {"city": city, "after": known.version, "upto": version},
        )
        for at, type_, text in rows:
            body = json.loads(text)
            if type_ == "catalogue":
                known.catalogue = Catalogue.model_validate(body["catalogue"])
                known.calendar.plan(known.catalogue)
            elif type_ == "calendar":
                due_ms = int(body["report_by_ms"])
                known.calendar.fix(str(body["table"]), int(body["period"]), due_ms)
            else:
                known.calendar.close(str(body["table"]), int(body["period"]))
            known.version = int(at)

    def _figures(self, city: int, catalogue: Catalogue) -> list[LineFigure]:
        pairs = [(one.code, one.lines.measure) for one in catalogue.indicators if one.lines]
        if not pairs:
            return []
        rows = self._queries.execute(
            "SELECT indicator_code, measure, level, subject, period, standing, value, units,"
            " expected_units, toUnixTimestamp64Milli(known_from)"
            " FROM figure_current FINAL WHERE city = %(city)s AND city_code = %(code)s"
            " AND indicator_code IN %(codes)s AND (indicator_code, measure) IN %(pairs)s"
            " AND by_level = '' AND scope = 'all' AND level != %(unit)s AND provisional = 0"
            " AND NOT isNaN(value)"
            " ORDER BY period DESC LIMIT 1 BY indicator_code, measure, level, subject, standing",
            {
                "city": city,
                "code": catalogue.city.code,
                "codes": tuple(code for code, _ in pairs),
                "pairs": tuple(pairs),
                "unit": UNIT_LEVEL,
            },
        )
        return [
            LineFigure(
                indicator=row[0],
                measure=row[1],
                level=row[2],
                subject=row[3],
                period=int(row[4]),
                standing=row[5],
                value=float(row[6]),
                units=int(row[7]),
                expected_units=int(row[8]),
                known_ms=int(row[9]),
            )
            for row in rows
        ]

    def _returns(
        self,
        city: int,
        catalogue: Catalogue,
        told: Set[Return],
        watched: Sequence[Return],
    ) -> list[ReturnCounts]:
        wanted = {key for key in told if key[0] in catalogue.table}
        kept = {key for key in watched if key[0] in catalogue.table}
        if not wanted and not kept:
            return []
        rows = self._queries.execute(
            "SELECT table_code, period, level, subject, expected, received, late"
            " FROM completeness_current FINAL WHERE city = %(city)s AND city_code = %(code)s"
            " AND (table_code, period) IN %(returns)s"
            " AND (missing > 0 OR (table_code, period) IN %(kept)s)",
            {
                "city": city,
                "code": catalogue.city.code,
                "returns": tuple(sorted(wanted | kept)),
                "kept": tuple(sorted(kept)) or (("", 0),),
            },
        )
        return [
            ReturnCounts(row[0], int(row[1]), row[2], row[3], *map(int, row[4:])) for row in rows
        ]
