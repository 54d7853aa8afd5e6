"""The door's judgement (审核): which cells of a file are taken, and what is wrong with the others.

A pure function of the rows, the catalogue and the register. Vectors throughout: a good cell never
costs a Python step; a bad one costs a message as long as the receipt has room. Rows are judged in
`row_checks`, cells in `cell_checks`, keys of departments become units in `keys`, what must hold
between cells is judged in `rule_checks`, everything is counted in `tally`; here the whole file is.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indicators.catalogue import Catalogue, Reporter, Table
from indicators.correspondence import Correspondence
from ingest.checks.batches import Batch
from ingest.checks.cell_checks import BLANK, CellChecks
from ingest.checks.gathered import Numbers, ranked, repeats
from ingest.checks.judgement import Judgement
from ingest.checks.keys import FileKeys, KeyCells
from ingest.checks.locked import NO_LOCKS, LockNotices
from ingest.checks.rights import Rights
from ingest.checks.row_checks import RowChecks
from ingest.checks.rule_checks import FileCells, RuleChecks
from ingest.checks.tally import Ints, Tally

Places = NDArray[np.intp]


def judge(
    batches: Iterable[Batch],
    catalogue: Catalogue,
    rights: Rights,
    table: Table,
    reporter: Reporter,
    period: str,
    locks: LockNotices = NO_LOCKS,
    keys: Correspondence | None = None,
) -> Judgement:
    """Judge a whole file; `period` is the request's, '' for none; `locks` and `keys` the table's.

    Raises:
        UnreadableFileError: by the reader or here; nothing of the file is taken then.
    """
    judge = Judge(catalogue, rights, table, reporter, period, locks, keys)
    for batch in batches:
        judge.add(batch)
    return judge.finish()


class Judge:
    """Judges one file for one reporter and table."""

    def __init__(
        self,
        catalogue: Catalogue,
        rights: Rights,
        table: Table,
        reporter: Reporter,
        period: str,
        locks: LockNotices = NO_LOCKS,
        keys: Correspondence | None = None,
    ) -> None:
        self._table = table
        self._tally = Tally()
        self._keys = FileKeys(keys, catalogue, self._tally) if keys else None
        self._rows = RowChecks(rights, table, reporter, period, self._tally, locks, self._keys)
        self._cells = CellChecks(catalogue, table, self._tally)
        self._rules = RuleChecks(catalogue, table, self._tally)
        self._label: Numbers | None = None

    def add(self, batch: Batch) -> None:
        """Judge the next rows."""
        self._tally.take_note(batch)
        if not len(batch.rows):
            return
        unit, period = self._rows.units(batch), self._rows.periods(batch)
        columns = [(column, *self._cells.meaning(column)) for column in batch.columns]
        declared = sum(
            ((meaning != BLANK).astype(np.int64) for _, _, meaning in columns),
            np.zeros(len(batch.rows), np.int64),
        )
        self._tally.declare(period, declared)
        good = self._rows.judge(batch, unit, period, declared)
        for column, text, meaning in columns:
            at = np.flatnonzero(good & (meaning != BLANK))
            if len(at):
                self._cells.judge(batch, column, text, meaning, unit, period, at)

    def finish(self) -> Judgement:
        """Refuse what stands twice, apply the table's policy, bring the rest into log order."""
        cells, tally = self._joined(), self._tally
        order, key = cells.in_log_order()
        order = self._without_duplicates(order, key, cells)
        del key
        if self._keys is not None:
            order = self._figures_of_units(self._keys, order, cells)
        if self._rules and len(order):
            order = self._without_broken(order, cells)
        if self._table.mixed_file == "all_or_nothing" and tally.rejected and len(order):
            tally.refuse_all("all_or_nothing", cells.period[order])
            order = order[:0]
        unmatched: tuple[str, ...] = ()
        if self._keys is not None:
            unmatched = self._keys.tell_unmatched(order, cells.row)
        cells.row = cells.row[:0]  # it is large, and told of by now
        if not tally.declared and not tally.findings.listed:
            tally.findings.add("no_cells", cells=0)
        tally.findings.listed.sort(key=lambda finding: finding.row)
        return Judgement(
            unit=np.array(cells.unit_ids, np.uint64)[cells.unit[order]],
            item=np.array(cells.item_ids, np.uint32)[cells.item[order]],
            period=np.array(cells.period_ids, np.int32)[cells.period[order]],
            value=cells.value[order],
            status=cells.status[order],
            declared=dict(tally.declared),
            accepted={
                period: count - tally.rejected[period] for period, count in tally.declared.items()
            },
            rejected={period: tally.rejected[period] for period in tally.declared},
            findings=tally.findings,
            combined=dict(tally.combined),
            unmatched=unmatched,
        )

    def _joined(self) -> "_Cells":
        taken = self._cells.taken
        return _Cells(
            taken.join("unit", np.int32),
            taken.join("item", np.int32),
            taken.join("period", np.int32),
            taken.join("value", np.int64),
            taken.join("status", np.int8),
            taken.join("row", np.int64),
            self._rows.unit_ids,
            self._rows.unit_texts,
            self._cells.item_ids,
            self._tally.period_ids,
        )

    def _figures_of_units(self, keys: FileKeys, order: Places, cells: "_Cells") -> Places:
        """Make figures of units of the keys' cells; where these stand, in log order."""
        given = KeyCells(
            cells.unit,
            np.array(cells.item_ids, np.uint32)[cells.item],
            cells.period,
            cells.value,
            cells.status,
            cells.row,
            self._labels(),
            self._cells.labels.texts,
        )
        figures = keys.units(given, order)
        cells.unit = np.zeros(len(cells.unit), np.int32)
        cells.unit[figures.at] = figures.unit
        cells.unit_ids, cells.unit_texts = figures.unit_ids, figures.unit_texts
        return figures.at[cells.in_log_order(figures.at)[0]]

    def _without_broken(self, order: Places, cells: "_Cells") -> Places:
        """The cells but those that a broken hard rule of the catalogue names."""
        items = np.array(cells.item_ids, np.uint32)
        looked = np.flatnonzero(self._rules.look_at(items)[cells.item[order]])
        at = order[looked]
        judged = FileCells(
            cells.unit[at],
            cells.period[at],
            items[cells.item[at]],
            self._labels()[at],
            cells.row[at],
            cells.value[at],
            cells.status[at],
            cells.unit_ids,
            cells.period_ids,
            cells.unit_texts,
            self._cells.labels.texts,
        )
        return np.delete(order, looked[self._rules.judge(judged)])

    def _labels(self) -> Numbers:
        """(n,) numbers of the columns' labels; joined where they are needed, and once."""
        if self._label is None:
            self._label = self._cells.taken.join("label", np.int32)
        return self._label

    def _without_duplicates(self, order: Places, key: Ints, cells: "_Cells") -> Places:
        row = cells.row
        repeated, other = repeats(key, row[order])
        at = order[repeated]
        if len(at):
            label = self._labels()
            shown = np.argsort(row[at], kind="stable")
            self._tally.refuse(
                "duplicate",
                row[at][shown],
                lambda k: self._cells.labels.texts[label[at[k]]],
                cells.period[at][shown],
                np.ones(len(at), np.int64),
                shown,
                lambda k: {"other": int(other[k])},
            )
        return order[~repeated]


@dataclass(slots=True, eq=False)
class _Cells:
    """Good cells of a whole file, all (n,): numbers of unit, item and period; value; row.

    `unit_ids`, `item_ids`, `period_ids` are the stored ids of the numbers; several may be one.
    """

    unit: Numbers
    item: Numbers
    period: Numbers
    value: NDArray[np.int64]
    status: NDArray[np.int8]
    row: Ints
    unit_ids: list[int]
    unit_texts: list[str]
    item_ids: list[int]
    period_ids: list[int]

    def in_log_order(self, at: Places | None = None) -> tuple[Places, Ints]:
        """(order, key in that order) of the cells at these places, of all: item, period, unit."""
        key = np.zeros(len(self.item) if at is None else len(at), np.int64)
        for number, ids, kind in (
            (self.item, self.item_ids, np.uint32),
            (self.period, self.period_ids, np.int32),
            (self.unit, self.unit_ids, np.uint64),
        ):
            distinct, rank = ranked(ids, kind)
            key *= max(len(distinct), 1)
            key += rank[number if at is None else number[at]]
        order = np.argsort(key, kind="stable")
        return order, key[order]
