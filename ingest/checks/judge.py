"""The door's judgement (审核): which cells of a file are taken, and what is wrong with the others.

A pure function of the rows, the catalogue and the register. Vectors throughout: a good cell never
costs a Python step; a bad one costs a message as long as the receipt has room. Rows are judged in
`row_checks`, cells in `cell_checks`, keys of departments become units in `keys`, what must hold
between cells is judged in `rule_checks`, everything is counted in `tally`; here the whole file is.
"""

from collections.abc import Iterable

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
        taken, tally = self._cells.taken, self._tally
        unit_no, item_no, period_no = (
            taken.join(name, np.int32) for name in ("unit", "item", "period")
        )
        value, status = taken.join("value", np.int64), taken.join("status", np.int8)
        item_ids, item_rank = ranked(self._cells.item_ids, np.uint32)
        period_ids, period_rank = ranked(tally.period_ids, np.int32)
        row = taken.join("row", np.int64)
        units, unit_texts = self._rows.unit_ids, self._rows.unit_texts

        def sorted_keys(at: NDArray[np.intp] | None) -> tuple[NDArray[np.intp], Ints]:
            """(order of log, sort key) of the cells at these places, of all for None."""
            key = item_rank[item_no if at is None else item_no[at]]
            for (ids, rank), number in (
                ((period_ids, period_rank), period_no),
                (ranked(units, np.uint64), unit_no),
            ):
                key *= max(len(ids), 1)
                key += rank[number if at is None else number[at]]
            order = np.argsort(key, kind="stable")
            return order, key[order]

        order, key = sorted_keys(None)
        order = self._without_duplicates(order, key, period_no, row)
        del key
        cells = None
        if self._keys is not None:
            cells = KeyCells(
                unit_no, item_ids[item_rank][item_no], period_no, value, status, row,
                self._labels(), self._cells.labels.texts,
            )  # fmt: skip
            figures = self._keys.units(cells, order)
            units, unit_texts = figures.unit_ids, figures.unit_texts
            unit_no = np.zeros(len(unit_no), np.int32)
            unit_no[figures.at] = figures.unit
            order = figures.at[sorted_keys(figures.at)[0]]
        if self._rules and len(order):
            looked = np.flatnonzero(self._rules.look_at(item_ids)[item_rank][item_no[order]])
            at = order[looked]
            judged = FileCells(
                unit_no[at],
                period_no[at],
                item_ids[item_rank][item_no[at]],
                self._labels()[at],
                row[at],
                value[at],
                status[at],
                units,
                tally.period_ids,
                unit_texts,
                self._cells.labels.texts,
            )
            order = np.delete(order, looked[self._rules.judge(judged)])
            del judged, at, looked
        del row
        if self._table.mixed_file == "all_or_nothing" and tally.rejected and len(order):
            tally.refuse_all("all_or_nothing", period_no[order])
            order = order[:0]
        unmatched: tuple[str, ...] = ()
        if self._keys is not None and cells is not None:
            unmatched = self._keys.unmatched(cells, order[figures.lone[unit_no[order]]])
        if not tally.declared and not tally.findings.listed:
            tally.findings.add("no_cells", cells=0)
        tally.findings.listed.sort(key=lambda finding: finding.row)
        unit_ids, unit_rank = ranked(units, np.uint64)
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
            combined=dict(tally.combined),
            unmatched=unmatched,
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
