"""Effects on frame coverage of register records, catalogues, and decisions on cases (应统未统)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from granary.frame_records import FrameDecision
from granary.records import Record
from granary.wire import UnreadableMessageError
from indicators.frame.coverage import CoverageRow
from indicators.frame.told import CaseRow
from stream.errors import UnreadableRecordError
from stream.frame_state import CASES, COVERAGE
from stream.outcome import Entry
from stream.state import CityState

#: Field of a told row → column of the tables, where they differ.
_COLUMNS: Final[Mapping[str, str]] = {
    "case": "case_code", "opened_ms": "opened_at", "decided_ms": "decided_at",
}  # fmt: skip
_FIELDS: Final[Mapping[str, Sequence[str]]] = {
    COVERAGE: CoverageRow._fields,
    CASES: CaseRow._fields,
}
#: Sums that may be larger than 64 bits hold.
_WIDE: Final = frozenset({"on_list_size", "candidates_size", "confirmed_size"})


class FrameWatch:
    """What stood before a record; `write` adds what stands otherwise after it.

    1. Made before the record changes register, catalogue or cases.
    2. The record is taken.
    3. New and changed rows are written, then the ends of those that stand no more.
    """

    def __init__(self, state: CityState) -> None:
        self._state = state
        self._before = state.frame.standing(state.register, state.catalogue)

    def write(self, entry: Entry) -> None:
        """Add the rows of what differs."""
        state = self._state
        after = state.frame.standing(state.register, state.catalogue)
        for table, before in self._before.items():
            now = after[table]
            if now is before:
                continue
            changed = [row for key, row in now.items() if before.get(key) != row]
            gone = [row for key, row in before.items() if key not in now]
            _add(state, entry, table, changed, retired=0)
            _add(state, entry, table, gone, retired=1)


def fold_frame_decision(state: CityState, entry: Entry, record: Record) -> None:
    """Take a decision on a case, and write what stands otherwise.

    Raises:
        UnreadableRecordError: it is none, or lacks something.
    """
    watch = FrameWatch(state)
    decision = decision_of(record)
    state.frame.take_decision(state.register, state.catalogue, decision, entry.known_ms)
    watch.write(entry)


def decision_of(record: Record) -> FrameDecision:
    """The decision a record brings.

    Raises:
        UnreadableRecordError: it is none, or lacks something.
    """
    try:
        return FrameDecision.of(record)
    except UnreadableMessageError as error:
        raise UnreadableRecordError(str(error)) from error


def columns_of(table: str, rows: Sequence[tuple[Any, ...]]) -> dict[str, Any]:
    """Rows that are told, one or more, as named columns of the table."""
    told: dict[str, Any] = {}
    for name, values in zip(_FIELDS[table], zip(*rows, strict=True), strict=True):
        whole = isinstance(values[0], int) and name not in _WIDE
        told[_COLUMNS.get(name, name)] = np.array(values, np.int64) if whole else list(values)
    return told


def _add(
    state: CityState, entry: Entry, table: str, rows: Sequence[tuple[Any, ...]], *, retired: int
) -> None:
    if not rows:
        return
    catalogue = state.require_catalogue()
    columns = {
        "city": state.city,
        "city_code": catalogue.city.code,
        **columns_of(table, rows),
        "version": np.full(len(rows), entry.version, np.uint64),
        "known_from": entry.known_ms,
        "catalogue_version": catalogue.version,
        "retired": retired,
    }
    for stored in (f"{table}_history", f"{table}_current"):
        entry.rows.add(stored, len(rows), **columns)
