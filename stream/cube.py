"""The cube: current observations of one city in memory, block by block, paged in and evicted.

A block is one table × period over all units of the table's kind. ClickHouse keeps the durable copy;
a block leaves memory only while no drain that changed it is still being stored. The cube is the
`Cells` of the statistical core.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from granary.keys import ESTIMATED, MISSING, NOT_APPLICABLE, REPORTED, unit_id
from indicators.arrays import Amounts, Flags, Index, Instants, Statuses, Versions
from indicators.catalogue import Catalogue, Table, mandatory_items
from indicators.completeness import NOT_YET
from indicators.register import Register
from storage.stored_cells import Answers, StoredCells

Units = NDArray[np.int64]  # indices of units

ABSENT = -1
#: Periods looked through together: one read each, and bounded memory.
_PERIODS_TOGETHER = 24


class BlockStore(Protocol):
    """Reads back what the fold has stored, as of a version (exclusive). Blocks; safe to repeat."""

    def cells(
        self, city: int, source: int, items: Sequence[int], periods: Sequence[int], upto: int
    ) -> StoredCells: ...

    def returns(
        self, city: int, table_id: int, periods: Sequence[int], upto: int
    ) -> tuple[NDArray[np.int32], NDArray[np.uint64], NDArray[np.int64]]:
        """(period, unit, arrived_ms) of units whose mandatory items were complete."""
        ...

    def periods_of(self, city: int, source: int, items: Sequence[int], upto: int) -> list[int]: ...

    def first_answers(
        self, city: int, source: int, items: Sequence[int], periods: Sequence[int], upto: int
    ) -> Answers:
        """When each cell first held a report: a value, or that there can be none."""
        ...


@dataclass(slots=True, eq=False)
class Block:
    """value, status (ABSENT where nothing was ever accepted), version: (items, units).

    arrived: (units,) UTC ms at which the mandatory items first were complete, NOT_YET before.
    """

    value: Amounts
    status: Statuses
    version: Versions
    arrived: Instants
    busy: int = 0  # drains that changed it and are not stored yet

    @property
    def size(self) -> int:
        return int(self.status.size)


@dataclass(frozen=True, slots=True, eq=False)
class Replaced:
    """Cells that a change replaced: indices into the change's rows, and what stood there."""

    at: NDArray[np.intp]
    value: Amounts
    status: Statuses
    version: Versions


class Cube:
    """Blocks of one city. `catalogue` and `register` are the fold's; they are set, not copied."""

    def __init__(self, city: int, store: BlockStore, most_cells: int) -> None:
        self._city = city
        self._store = store
        self._most_cells = most_cells
        self._blocks: OrderedDict[tuple[str, int], Block] = OrderedDict()
        self._periods: dict[str, set[int]] = {}
        self._cells = 0
        self.catalogue: Catalogue | None = None
        self.register = Register(unit_id)
        self.upto = 0  # what the store holds before this version is the state; later is not

    @property
    def live_cells(self) -> int:
        return self._cells

    def table(self, code: str) -> Table:
        return self._in_force().table[code]

    def _in_force(self) -> Catalogue:
        if self.catalogue is None:
            raise LookupError("no catalogue is in force")
        return self.catalogue

    def reset(self, catalogue: Catalogue) -> None:
        """Take a new catalogue: blocks are read back on demand, so nothing may be busy."""
        self.catalogue = catalogue
        self._blocks.clear()
        self._cells = 0
        self._periods = {
            table.code: set(
                self._store.periods_of(
                    self._city, catalogue.source[table.source].id, self._item_ids(table), self.upto
                )
            )
            for table in catalogue.tables
        }

    def periods(self, table: str) -> set[int]:
        return self._periods.setdefault(table, set())

    def values(self, table: str, item: str, period: int) -> tuple[Amounts, Flags]:
        size = self.register.size(self.table(table).unit_kind)
        if period not in self.periods(table):
            return np.zeros(size, np.int64), np.zeros(size, bool)
        block = self.block(table, period)
        row = self.table(table).items.index(item)
        has = block.status[row] == REPORTED
        return np.where(has, block.value[row], 0), has

    def arrivals(self, table: str, period: int) -> Instants:
        if period not in self.periods(table):
            return np.full(self.register.size(self.table(table).unit_kind), NOT_YET, np.int64)
        return self.block(table, period).arrived

    def block(self, table: str, period: int) -> Block:
        """The block, paged in or made empty, wide enough for every registered unit."""
        key = (table, period)
        block = self._blocks.get(key)
        if block is None:
            self.ensure(table, [period])
            block = self._blocks[key]
        else:
            self._blocks.move_to_end(key)
        size = self.register.size(self.table(table).unit_kind)
        if block.value.shape[1] < size:
            self._widen(block, size)
        return block

    def ensure(self, table_code: str, periods: Iterable[int]) -> None:
        """Have these blocks in memory, with one read for all that the store holds."""
        table = self.table(table_code)
        lacking = [period for period in periods if (table_code, period) not in self._blocks]
        if not lacking:
            return
        size = self.register.size(table.unit_kind)
        for period in lacking:
            self._add(table_code, period, _empty(len(table.items), size))
        stored = sorted(set(lacking) & self.periods(table_code))
        if not stored:
            return
        source = self._in_force().source[table.source].id
        cells = self._store.cells(self._city, source, self._item_ids(table), stored, self.upto)
        self._fill(table, cells)
        period_of, unit, arrived = self._store.returns(self._city, table.id, stored, self.upto)
        at = self.register.index_of_any(table.unit_kind, unit)
        for period in np.unique(period_of):
            chosen = (period_of == period) & (at >= 0)
            self._blocks[table_code, int(period)].arrived[at[chosen]] = arrived[chosen]

    def put(
        self,
        table: Table,
        period: int,
        row: Index,
        unit: Index,
        value: Amounts,
        status: Statuses,
        version: int,
    ) -> Replaced:
        """Set cells (row of the table's items × unit index); distinct cells only."""
        block = self.block(table.code, period)
        self.periods(table.code).add(period)
        flat = row.astype(np.int64) * block.value.shape[1] + unit
        before = block.status.ravel()[flat]
        at = np.flatnonzero(before != ABSENT)
        there = flat[at]
        replaced = Replaced(
            at, block.value.ravel()[there], before[at], block.version.ravel()[there]
        )
        block.value.ravel()[flat] = value
        block.status.ravel()[flat] = status
        block.version.ravel()[flat] = np.uint64(version)
        return replaced

    def newly_complete(self, table: Table, period: int, units: Index, arrived_ms: int) -> Units:
        """Units among `units` whose mandatory items are complete now for the first time; noted.

        An estimate (缺报推算) stands in for a report and is none.
        """
        block = self.block(table.code, period)
        waiting: Units = units[block.arrived[units] == NOT_YET].astype(np.int64)
        if not len(waiting):
            return waiting
        complete = self._complete(table, block, waiting)
        block.arrived[complete] = arrived_ms
        return complete

    def late_completions(self, table: Table) -> Iterator[tuple[int, Units, Instants]]:
        """(period, units, arrived_ms) of returns that are complete and were not noted; noted now.

        Their instant is the arrival of the chunk that first answered the last of the mandatory
        items. Reads every block of the table.
        """
        items = [self._in_force().item[code].id for code in mandatory_items(table)]
        source = self._in_force().source[table.source].id
        known = sorted(self.periods(table.code))
        for start in range(0, len(known), _PERIODS_TOGETHER):
            self.ensure(table.code, known[start : start + _PERIODS_TOGETHER])
            complete = {
                period: units
                for period in known[start : start + _PERIODS_TOGETHER]
                if len(units := self._unnoted(table, period))
            }
            if not complete:
                continue
            answers = self._store.first_answers(
                self._city, source, items, sorted(complete), self.upto
            )
            in_log_order = np.argsort(answers.version, kind="stable")
            unit = self.register.index_of_any(table.unit_kind, answers.unit)
            for period, units in complete.items():
                block = self.block(table.code, period)
                here = in_log_order[((answers.period == period) & (unit >= 0))[in_log_order]]
                last = np.full(len(block.arrived), NOT_YET, np.int64)
                last[unit[here]] = answers.arrived_ms[here]  # the last of a unit's stands
                block.arrived[units] = last[units]
                yield period, units, last[units]

    def _unnoted(self, table: Table, period: int) -> Units:
        block = self.block(table.code, period)
        waiting: Units = np.flatnonzero(block.arrived == NOT_YET).astype(np.int64)
        return self._complete(table, block, waiting)

    def _complete(self, table: Table, block: Block, units: Units) -> Units:
        """Those of the units whose mandatory items are all answered."""
        rows = np.array([table.items.index(code) for code in mandatory_items(table)], np.int64)
        status = block.status[np.ix_(rows, units)]
        answered = (status == REPORTED) | (status == NOT_APPLICABLE)
        complete: Units = units[answered.all(axis=0)]
        return complete

    def stands(self, table: Table, period: int, row: Index, unit: Index) -> Flags:
        """(n,) whether a value (not an explicit missing, not a withdrawal) stands in each cell."""
        if period not in self.periods(table.code):
            return np.zeros(len(row), bool)
        status = self.block(table.code, period).status[row, unit]
        standing: Flags = (status != ABSENT) & (status != MISSING) & (status <= ESTIMATED)
        return standing

    def hold(self, keys: Iterable[tuple[str, int]]) -> None:
        """A drain has changed these blocks: keep them until `release`."""
        for key in keys:
            self._blocks[key].busy += 1

    def release(self, keys: Iterable[tuple[str, int]]) -> None:
        """The drain is stored; then evict what is over the limit, longest unused first."""
        for key in keys:
            if key in self._blocks:
                self._blocks[key].busy -= 1
        for key in list(self._blocks):
            if self._cells <= self._most_cells:
                break
            if self._blocks[key].busy == 0:
                self._cells -= self._blocks.pop(key).size

    def _add(self, table: str, period: int, block: Block) -> None:
        self._blocks[table, period] = block
        self._cells += block.size

    def _widen(self, block: Block, size: int) -> None:
        wider = _empty(block.value.shape[0], size)
        old = block.value.shape[1]
        for name in ("value", "status", "version"):
            getattr(wider, name)[:, :old] = getattr(block, name)
        wider.arrived[:old] = block.arrived
        self._cells += wider.size - block.size
        block.value, block.status, block.version = wider.value, wider.status, wider.version
        block.arrived = wider.arrived

    def _fill(self, table: Table, cells: StoredCells) -> None:
        ids = np.array(self._item_ids(table), np.uint32)
        order = np.argsort(ids)
        row = order[np.searchsorted(ids[order], cells.item)]
        unit = self.register.index_of_any(table.unit_kind, cells.unit)
        for period in np.unique(cells.period):
            block = self._blocks[table.code, int(period)]
            chosen = np.flatnonzero((cells.period == period) & (unit >= 0))
            place = row[chosen], unit[chosen]
            block.value[place] = cells.value[chosen]
            block.status[place] = cells.status[chosen]
            block.version[place] = cells.version[chosen]

    def _item_ids(self, table: Table) -> list[int]:
        return [self._in_force().item[code].id for code in table.items]


def _empty(items: int, units: int) -> Block:
    return Block(
        value=np.zeros((items, units), np.int64),
        status=np.full((items, units), ABSENT, np.int8),
        version=np.zeros((items, units), np.uint64),
        arrived=np.full(units, NOT_YET, np.int64),
    )
