"""Reads what changed between two moments (修订): figures, and the cells and returns behind them.

Both moments must be sealed. Of a moment, a cell is its latest version known by then, as figures
are; the register and the catalogue are what the log had told by then.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from granary.keys import REPORTED, unit_id
from granary.records import RegisterRow
from indicators.register import Register
from indicators.revisions import BEFORE, Steps
from storage.known import Queries, known_by, stood

KEY: Final = (
    "indicator_code", "period", "measure", "level", "subject", "by_level", "by_subject", "scope",
    "standing",
)  # fmt: skip
_TOLD: Final = (
    "if(isNaN(value), NULL, value)", "numerator", "denominator", "units", "expected_units",
    "reason", "provisional", "catalogue_version",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FigureThen:
    """A figure as known at a moment; sides in 10^-10."""

    value: float | None
    numerator: int
    denominator: int
    units: int
    expected_units: int
    reason: str
    provisional: int
    catalogue_version: int


@dataclass(frozen=True, slots=True)
class Return:
    """A submission that changed cells, as the ledger knows it."""

    submission: str
    reporter: str
    table: str
    arrived_ms: int


@dataclass(frozen=True, slots=True)
class CellChange:
    """One cell that a return changed; values in 10^-4, None where none was reported."""

    unit: int
    item: int
    period: int
    old: int | None
    new: int | None
    old_status: int | None  # None: nothing was there
    new_status: int
    submission: Return


def figures_known(
    queries: Queries, city: str, at_ms: int, narrowed: Mapping[str, Any]
) -> dict[tuple[Any, ...], FigureThen]:
    """Figures as known at the instant by `KEY`; `narrowed` gives a column's only value."""
    condition = "city_code = %(city)s" + "".join(f" AND {name} = %({name})s" for name in narrowed)
    rows = queries.execute(
        f"SELECT {', '.join((*KEY, *_TOLD))} FROM {stood('figure', condition, at_ms, *KEY)}",
        {"city": city, "at": at_ms, **narrowed},
    )
    width = len(KEY)
    return {tuple(row[:width]): FigureThen(*row[width:]) for row in rows}


def cities_known(queries: Queries) -> dict[str, int]:
    """Code → id of every city in the store."""
    rows = queries.execute(
        "SELECT DISTINCT code, city FROM dimension FINAL WHERE class = 'city' ORDER BY code"
    )
    return {code: int(number) for code, number in rows}


def register_known(queries: Queries, number: int, at_ms: int) -> Register:
    """The register as the log had told it by the instant."""
    rows = queries.execute(
        "SELECT action, kind, code, name, grouping, member, valid_from, valid_to, attributes"
        " FROM register_event FINAL WHERE city = %(number)s AND version IN"
        f" (SELECT version FROM ledger WHERE city = %(number)s{known_by(at_ms)})"
        " ORDER BY version, ordinal",
        {"number": number, "at": at_ms},
    )
    changes = [RegisterRow.stored(*row) for row in rows]
    register = Register(unit_id)
    register.apply(changes, [unit_id(row.kind, row.code) for row in changes])
    return register


#: Every version of the cells asked for; one that was replaced may stand in both tables.
_VERSIONS: Final = """(
    SELECT DISTINCT unit, item, period, value, status, version FROM (
        SELECT unit, item, period, value, status, version FROM observation_current
        WHERE {where}
        UNION ALL
        SELECT unit, item, period, value, status, version FROM observation_superseded
        WHERE {where}
    )
)"""
_WHERE: Final = "city = %(number)s AND source = %(source)s AND item IN %(items)s"


class CellsBetween:
    """Cells of one source's items: what stood at the first moment, and each change since."""

    def __init__(
        self, queries: Queries, number: int, source: int, items: Sequence[int], from_ms: int,
        to_ms: int, period: int | None = None,
    ) -> None:  # fmt: skip
        where = _WHERE + (" AND period = %(period)s" if period is not None else "")
        parameters = {
            "number": number, "source": source, "items": tuple(items), "from": from_ms,
            "to": to_ms, "period": period,
        }  # fmt: skip
        versions = _VERSIONS.format(where=where)
        self._items = {item: at for at, item in enumerate(items)}
        self._then = queries.execute(
            "SELECT unit, item, period, argMax(o.value, o.version), argMax(o.status, o.version)"
            f" FROM {versions} AS o WHERE o.version IN (SELECT version FROM ledger"
            " WHERE city = %(number)s AND known_from <= fromUnixTimestamp64Milli(%(from)s))"
            " GROUP BY unit, item, period",
            parameters,
        )
        self._changes = queries.execute(
            "SELECT o.unit, o.item, o.period, o.value, o.status, o.version, l.submission,"
            " l.reporter, l.table_code, toUnixTimestamp64Milli(l.arrived_at)"
            f" FROM {versions} AS o INNER JOIN (SELECT * FROM ledger FINAL"
            " WHERE city = %(number)s AND known_from > fromUnixTimestamp64Milli(%(from)s)"
            " AND known_from <= fromUnixTimestamp64Milli(%(to)s)) AS l ON l.version = o.version"
            " ORDER BY o.version, o.unit, o.item, o.period",
            parameters,
        )
        self.returns: list[Return] = list(dict.fromkeys(_return(row) for row in self._changes))

    def steps(self, register: Register, kind: str) -> Steps:
        """The cells as steps; `submission` is a position in `returns`, units by the register."""
        number = {found: at for at, found in enumerate(self.returns)}
        rows = [
            *((row[0], row[1], 0, BEFORE, row[3], row[4]) for row in self._then),
            *(
                (row[0], row[1], row[5] + 1, number[_return(row)], row[3], row[4])
                for row in self._changes
            ),
        ]
        unit, item, order, submission, value, status = zip(*rows, strict=True) if rows else [()] * 6
        index = register.index_of_any(kind, np.array(unit, np.uint64))
        known = index >= 0
        return Steps(
            index[known],
            np.array([self._items[one] for one in item], np.int64)[known],
            np.array(order, np.int64)[known],
            np.array(submission, np.int64)[known],
            np.array(value, np.int64)[known],
            (np.array(status, np.int8) == REPORTED)[known],
        )

    def changes(self) -> Iterator[CellChange]:
        """Each change in log order, with what it replaced. What changed nothing is left out."""
        stands: dict[tuple[int, int, int], tuple[int, int]] = {
            (row[0], row[1], row[2]): (row[3], row[4]) for row in self._then
        }
        for row in self._changes:
            cell, new = (row[0], row[1], row[2]), (row[3], row[4])
            old = stands.get(cell)
            stands[cell] = new
            if old != new:
                yield CellChange(
                    *cell, None if old is None else _reported(old), _reported(new),
                    None if old is None else old[1], new[1], _return(row),
                )  # fmt: skip


def unit_codes(queries: Queries, number: int) -> dict[int, str]:
    """Stored key → code of every unit the city has had."""
    rows = queries.execute(
        "SELECT DISTINCT unit, code FROM register_event WHERE city = %(number)s",
        {"number": number},
    )
    return {int(unit): code for unit, code in rows}


def _return(row: Sequence[Any]) -> Return:
    return Return(row[6], row[7], row[8], int(row[9]))


def _reported(cell: tuple[int, int]) -> int | None:
    return cell[0] if cell[1] == REPORTED else None
