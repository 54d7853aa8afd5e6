"""The door's judgement (审核): which cells of a file are taken, and what is wrong with the others.

A pure function of the rows, the catalogue and the register. Vectors throughout: a good cell never
costs a Python step; a bad one costs a message as long as the receipt has room. Rows are judged in
`row_checks`, cells in `cell_checks`, what must hold between cells in `rule_checks`, everything is
counted in `tally`; here the whole file is.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from indicators.catalogue import Catalogue, Reporter, Table
from ingest.checks.batches import Batch
from ingest.checks.cell_checks import BLANK, CellChecks
from ingest.checks.gathered import Numbers, ranked, repeats
from ingest.checks.judgement import Judgement
from ingest.checks.locked import NO_LOCKS, LockNotices
from ingest.checks.rights import Rights
from ingest.checks.row_checks import RowChecks
from ingest.checks.rule_checks import FileCells, RuleChecks
from ingest.checks.tally import Ints, Tally


def judge(
    batches: Iterable[Batch],
    catalogue: Catalogue,
    rights: Rights,
    table: Table,
    reporter: Reporter,
    period: str,
    locks: LockNotices = NO_LOCKS,
) -> Judgement:
    """Judge a whole file; `period` is the request's, '' for none; `locks` are the table's.

    Raises:
        UnreadableFileError: by the reader or here; nothing of the file is taken then.
    """
    judge = Judge(catalogue, rights, table, reporter, period, locks)
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
    ) -> None:
        self._table = table
        self._tally = Tally()
        self._rows = RowChecks(rights, table, reporter, period, self._tally, locks)
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
        taken, tally = self._cells.taken, self._tally
        unit_no, item_no, period_no = (
            taken.join(name, np.int32) for name in ("unit", "item", "period")
        )
        value, status = taken.join("value", np.int64), taken.join("status", np.int8)
        unit_ids, unit_rank = ranked(self._rows.unit_ids, np.uint64)
        item_ids, item_rank = ranked(self._cells.item_ids, np.uint32)
        period_ids, period_rank = ranked(tally.period_ids, np.int32)
        key = item_rank[item_no]
        for ids, rank, number in (
            (period_ids, period_rank, period_no),
            (unit_ids, unit_rank, unit_no),
        ):
            key *= max(len(ids), 1)
            key += rank[number]
        order = np.argsort(key, kind="stable")
        key = key[order]
        row = taken.join("row", np.int64)
        order = self._without_duplicates(order, key, period_no, row)
        del key
        if self._rules and len(order):
            looked = np.flatnonzero(self._rules.look_at(item_ids)[item_rank][item_no[order]])
            at = order[looked]
            cells = FileCells(
                unit_no[at],
                period_no[at],
                item_ids[item_rank][item_no[at]],
                self._labels()[at],
                row[at],
                value[at],
                status[at],
                self._rows.unit_ids,
                tally.period_ids,
                self._rows.unit_texts,
                self._cells.labels.texts,
            )
            order = np.delete(order, looked[self._rules.judge(cells)])
            del cells, at, looked
        del row
        if self._table.mixed_file == "all_or_nothing" and tally.rejected and len(order):
            tally.refuse_all("all_or_nothing", period_no[order])
            order = order[:0]
        if not tally.declared and not tally.findings.listed:
            tally.findings.add("no_cells", cells=0)
        tally.findings.listed.sort(key=lambda finding: finding.row)
        return Judgement(
            unit=unit_ids[unit_rank[unit_no[order]]],
            item=item_ids[item_rank[item_no[order]]],
            period=period_ids[period_rank[period_no[order]]],
            value=value[order],
            status=status[order],
            declared=dict(tally.declared),
            accepted={
                period: cells - tally.rejected[period] for period, cells in tally.declared.items()
            },
            rejected={period: tally.rejected[period] for period in tally.declared},
            findings=tally.findings,
        )

    def _labels(self) -> Numbers:
        """(n,) numbers of the columns' labels; joined where they are needed, and once."""
        if self._label is None:
            self._label = self._cells.taken.join("label", np.int32)
        return self._label

    def _without_duplicates(
        self, order: NDArray[np.intp], key: Ints, period: Numbers, row: Ints
    ) -> NDArray[np.intp]:
        repeated, other = repeats(key, row[order])
        at = order[repeated]
        if len(at):
            label = self._labels()
            shown = np.argsort(row[at], kind="stable")
            self._tally.refuse(
                "duplicate",
                row[at][shown],
                lambda k: self._cells.labels.texts[label[at[k]]],
                period[at][shown],
                np.ones(len(at), np.int64),
                shown,
                lambda k: {"other": int(other[k])},
            )
        return order[~repeated]
