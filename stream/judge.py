"""The stream's own judgement of a chunk (裁定): what only the log's order can decide.

The gateway has checked every cell, but by the catalogue and register it knew; here each row is
judged by what stands in the log before it. A refused row is quarantined with its reason, alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from granary.keys import MISSING, WITHDRAWN
from granary.wire import Observations
from indicators.arrays import Index
from indicators.catalogue import Catalogue, Reporter, Table
from indicators.locks import Locks
from indicators.periods import frequency_of, is_period
from indicators.register import Register
from stream.cube import Cube

#: Why a row is quarantined, by number in `Judged.reason`; 0 is accepted.
REASONS: Final[Sequence[str]] = (
    "",
    "no_catalogue",
    "unknown_table",
    "no_right_on_table",
    "unknown_item",
    "wrong_period",
    "unmatched",
    "unknown_unit",
    "no_right_on_unit",
    "period_locked",
    "beyond_limit",
    "unknown_status",
    "missing_over_value",
    "repeated_cell",
)
_LIMIT = 10**10 * 10**4  # in 10^-4: what the gateway lets through at most


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Per row (n,): place in the cube and reason. `row`, `unit` are -1 where unknown."""

    table: Table | None
    row: Index  # row of the table's items
    unit: Index  # unit index of the table's kind
    reason: NDArray[np.int8]

    @property
    def accepted(self) -> NDArray[np.intp]:
        return np.flatnonzero(self.reason == 0)


def judge(
    observations: Observations,
    table_code: str,
    reporter_code: str,
    catalogue: Catalogue | None,
    register: Register,
    cube: Cube,
    locks: Locks,
) -> Judged:
    """Judge every row; the first reason found in the order of `REASONS` stands."""
    rows = len(observations)
    nowhere = np.full(rows, -1, np.int32)
    whole = _whole_chunk_reason(table_code, reporter_code, catalogue)
    if whole or catalogue is None:
        reason = np.full(rows, REASONS.index(whole or "no_catalogue"), np.int8)
        return Judged(None, nowhere, nowhere, reason)
    table = catalogue.table[table_code]
    reporter = catalogue.reporter[reporter_code]
    reason = np.zeros(rows, np.int8)

    def refuse(name: str, rows_at: NDArray[np.bool_]) -> None:
        reason[rows_at & (reason == 0)] = REASONS.index(name)

    row_of = {catalogue.item[code].id: at for at, code in enumerate(table.items)}
    item_rows = np.array([row_of.get(int(item), -1) for item in observations.items], np.int32)
    row = item_rows[observations.item_index] if rows else nowhere
    refuse("unknown_item", row < 0)
    good_period = np.array(
        [
            is_period(int(p)) and frequency_of(int(p)) is table.frequency
            for p in observations.periods
        ],
        bool,
    )
    refuse("wrong_period", ~good_period[observations.period_index])
    units = register.index_of(table.unit_kind, observations.units)
    unit = units[observations.unit_index] if rows else nowhere
    if table.keys is not None and rows:  # a key of a department that has no unit
        keys = register.index_of_any(table.keys, observations.units)
        refuse("unmatched", (unit < 0) & (keys >= 0)[observations.unit_index])
    refuse("unknown_unit", unit < 0)
    refuse(
        "no_right_on_unit",
        ~_rights(observations, table, reporter, register, units, good_period),
    )
    locked = np.array([locks.locked(table.code, int(p)) for p in observations.periods], bool)
    refuse("period_locked", locked[observations.period_index])
    refuse("beyond_limit", np.abs(observations.value) > _LIMIT)
    refuse("unknown_status", (observations.status < 0) | (observations.status > WITHDRAWN))
    _refuse_repeats(observations, refuse)
    missing = np.flatnonzero((observations.status == MISSING) & (reason == 0))
    for at, period in enumerate(observations.periods):
        here = missing[observations.period_index[missing] == at]
        if len(here):
            over = np.zeros(rows, bool)
            over[here] = cube.stands(table, int(period), row[here], unit[here])
            refuse("missing_over_value", over)
    return Judged(table, row, unit, reason)


def _whole_chunk_reason(table: str, reporter: str, catalogue: Catalogue | None) -> str:
    if catalogue is None:
        return "no_catalogue"
    if table not in catalogue.table:
        return "unknown_table"
    known = catalogue.reporter.get(reporter)
    return "" if known is not None and table in known.tables else "no_right_on_table"


def _rights(
    observations: Observations,
    table: Table,
    reporter: Reporter,
    register: Register,
    units: Index,
    good_period: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """(n,) whether the reporter may speak of the row's unit at the row's period."""
    if reporter.grouping is None or reporter.member is None:
        return np.ones(len(observations), bool)
    may = np.zeros((len(observations.periods), len(units)), bool)
    known = units >= 0
    for at, period in enumerate(observations.periods):
        if good_period[at]:
            inside = register.in_member(
                table.unit_kind, reporter.grouping, reporter.member, int(period)
            )
            may[at, known] = inside[units[known]]
    right: NDArray[np.bool_] = may[observations.period_index, observations.unit_index]
    return right


def _refuse_repeats(
    observations: Observations, refuse: Callable[[str, NDArray[np.bool_]], None]
) -> None:
    """A cell that stands twice in one chunk: all but its last row are set aside."""
    cell = (
        observations.period_index.astype(np.int64) * max(len(observations.items), 1)
        + observations.item_index
    ) * max(len(observations.units), 1) + observations.unit_index
    if len(cell) < 2 or (np.diff(cell) > 0).all():
        return
    order = np.argsort(cell, kind="stable")
    same = cell[order][1:] == cell[order][:-1]
    if same.any():
        repeated = np.zeros(len(cell), bool)
        repeated[order[:-1][same]] = True
        refuse("repeated_cell", repeated)
