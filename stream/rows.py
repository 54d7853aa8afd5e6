"""Rows that a drain will store, gathered by table, and how figures become such rows.

Column conventions towards `storage.writer`: numpy arrays or lists of one length; instants are int64
UTC milliseconds; NaN is no value, and 0 no instant (the views turn both into null).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from indicators.catalogue import Catalogue
from indicators.completeness import CompletenessBlock
from indicators.figure_block import FigureBlock
from stream.figure_rows import FigureRows, Mark

Column = NDArray[Any] | Sequence[Any]

HISTORY: Final = "figure_history"
CURRENT: Final = "figure_current"
#: `reason` of a row that ends a figure.
RETIRED: Final = "retired"

#: Stored stage by stage: what a current row replaces before the row itself, the ledger last. Tables
#: of a stage are stored side by side, the largest first.
STAGES: tuple[tuple[str, ...], ...] = (
    (
        "observation_superseded",
        "quarantine",
        "register_event",
        "control_event",
        "dimension",
        "ledger_period",
        "supersession",
        "manifest",
        "manifest_chunk",
    ),
    (
        "observation_current",
        "figure_history",
        "figure_current",
        "unit_return",
        "completeness_history",
        "completeness_current",
        "index_score_history",
        "index_score_current",
        "index_component_history",
        "index_component_current",
        "target_standing_history",
        "target_standing_current",
        "assessment_result_history",
        "assessment_result_current",
        "anomaly",
        "check_history",
        "check_current",
        "frame_history",
        "frame_current",
        "frame_case_history",
        "frame_case_current",
    ),
    ("ledger",),
)


class Rows:
    """Columns by table, appended piece by piece and joined once."""

    def __init__(self) -> None:
        self._pieces: dict[str, list[Mapping[str, Column]]] = defaultdict(list)
        self._counts: dict[str, int] = defaultdict(int)
        self.figures = FigureRows()

    def add(self, table: str, rows: int, /, **columns: Any) -> None:
        """Append `rows` rows; a scalar stands for every one of them."""
        if not rows:
            return
        self._pieces[table].append({name: _column(value, rows) for name, value in columns.items()})
        self._counts[table] += rows

    def count(self, table: str) -> int:
        return self._counts[table] + (self.figures.count if table == HISTORY else 0)

    def tables(self) -> list[str]:
        """Tables that have rows."""
        named = {table for table, pieces in self._pieces.items() if pieces}
        return sorted(named | {HISTORY, CURRENT} if self.figures.count else named)

    def columns(self, table: str) -> dict[str, Column]:
        """All rows of a table, whole columns. Of a figure, `CURRENT` has only the last row."""
        pieces = list(self._pieces[table])
        if self.figures.count and table in (HISTORY, CURRENT):
            figures = self.figures.every() if table == HISTORY else self.figures.latest()
            pieces.insert(0, figures)
        joined: dict[str, Column] = {}
        for name in pieces[0]:
            parts = [piece[name] for piece in pieces]
            if len(parts) == 1:
                joined[name] = parts[0]
            elif all(isinstance(part, np.ndarray) for part in parts):
                joined[name] = np.concatenate(parts)
            else:
                joined[name] = [value for part in parts for value in part]
        return joined


def _column(value: Any, rows: int) -> Column:
    if isinstance(value, (np.ndarray, list)):
        return value
    if isinstance(value, (bool, int, np.integer)):
        kind = np.uint64 if int(value) >= 2**63 else np.int64
        return np.full(rows, value, kind)
    return [value] * rows


def add_figures(
    rows: Rows, block: FigureBlock, city: int, version: int, known_ms: int, catalogue: Catalogue
) -> None:
    """Append the emitted subjects of a block to history and current."""
    mark = Mark(city, catalogue.city.code, version, known_ms, catalogue.version)
    rows.figures.add(block, mark)


def add_completeness(
    rows: Rows,
    block: CompletenessBlock,
    city: int,
    version: int,
    known_ms: int,
    catalogue: Catalogue,
) -> None:
    """Append the emitted subjects of a completeness block to history and current."""
    at = np.flatnonzero(block.emit).tolist()
    counts = block.counts
    columns: dict[str, Any] = {
        "city": city,
        "city_code": catalogue.city.code,
        "table_id": block.table.id,
        "table_code": block.table.code,
        "period": block.period,
        "level": block.level,
        "subject": [block.subjects[i] for i in at],
        "expected": counts.expected[at],
        "received": counts.received[at],
        "on_time": counts.on_time[at],
        "late": counts.late[at],
        "missing": counts.missing[at],
        "exempt": 0,
        "extended": 0,
        "value_expected": [int(n) for n in block.value_expected[at]],
        "value_received": [int(n) for n in block.value_received[at]],
        "due_at": block.due_at or 0,
        "version": np.full(len(at), version, np.uint64),
        "known_from": known_ms,
        "retired": 0,
    }
    for table in ("completeness_history", "completeness_current"):
        rows.add(table, len(at), **columns)


def add_retired_figures(
    rows: Rows,
    gone: Sequence[tuple[int, tuple[str, str]]],
    city: int,
    version: int,
    known_ms: int,
    catalogue_version: int,
    **family: Any,
) -> None:
    """Append the end of figures of one family: (period, (subject, by_subject)) each."""
    columns: dict[str, Any] = {
        "city": city,
        **family,
        "period": np.array([period for period, _ in gone], np.int64),
        "scope": "all",
        "subject": [subject for _, (subject, _) in gone],
        "by_subject": [by_subject for _, (_, by_subject) in gone],
        "value": np.full(len(gone), np.nan),
        "numerator": [0] * len(gone),
        "denominator": [0] * len(gone),
        "units": 0,
        "expected_units": 0,
        "reason": RETIRED,
        "provisional": 0,
        "version": np.full(len(gone), version, np.uint64),
        "known_from": known_ms,
        "catalogue_version": catalogue_version,
        "retired": 1,
    }
    for table in (HISTORY, CURRENT):
        rows.add(table, len(gone), **columns)


def add_retired_counts(
    rows: Rows,
    gone: Sequence[tuple[int, tuple[str, str]]],
    city: int,
    version: int,
    known_ms: int,
    **family: Any,
) -> None:
    """Append the end of completeness counts of one family: (period, (subject, '')) each."""
    nothing = ("expected", "received", "on_time", "late", "missing", "exempt", "extended", "due_at")
    columns: dict[str, Any] = {
        "city": city,
        **family,
        "period": np.array([period for period, _ in gone], np.int64),
        "subject": [subject for _, (subject, _) in gone],
        **dict.fromkeys(nothing, 0),
        "value_expected": [0] * len(gone),
        "value_received": [0] * len(gone),
        "version": np.full(len(gone), version, np.uint64),
        "known_from": known_ms,
        "retired": 1,
    }
    for table in ("completeness_history", "completeness_current"):
        rows.add(table, len(gone), **columns)
