"""The count of a file's cells by period, and the list of what is wrong with them."""

from collections import Counter
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from ingest.checks.batches import Batch
from ingest.checks.gathered import Numbers
from ingest.checks.judgement import NO_PERIOD
from ingest.findings import Findings

Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]
Facts = Callable[[int], Mapping[str, object]]  # of the row or cell a finding is about


class Tally:
    """Cells declared and refused by period id, and the findings. `combined`: see `combine`.

    `period_ids` is the id of each period number that rows are given; the rows' checks fill it.
    """

    def __init__(self) -> None:
        self.declared: Counter[int] = Counter()
        self.rejected: Counter[int] = Counter()
        self.combined: Counter[int] = Counter()
        self.findings = Findings()
        self.period_ids: list[int] = []
        self._periods_told: set[tuple[str, int]] = set()

    def take_note(self, batch: Batch) -> None:
        """Columns the reader left out, rows it could not read."""
        for name in batch.ignored_columns:
            self.findings.add("ignored_column", column=name, cells=0, facts={"text": name})
        for bad in batch.bad_rows:
            self.declared[NO_PERIOD] += bad.cells
            self.rejected[NO_PERIOD] += bad.cells
            self.findings.add(bad.rule, row=bad.row, cells=bad.cells, facts=bad.facts)

    def declare(self, period: Numbers, cells: Ints) -> None:
        """Count the cells rows declare."""
        self._count(self.declared, period, cells)

    def combine(self, period: Numbers, more: Ints) -> None:
        """Count observations made of several cells as one each; `more` than one it had.

        So that declared = accepted + rejected holds in observations, and cells = declared +
        combined.
        """
        self._count(self.combined, period, more)
        self._count(self.declared, period, -more)

    def refuse(
        self,
        rule: str,
        rows: Ints,
        column: Callable[[int], str],
        period: Numbers,
        cells: Ints,
        keys: NDArray[np.intp],
        facts: Facts,
    ) -> None:
        """Count the cells refused, and list as many findings as there is room for.

        `keys` are what `column` and `facts` are asked about, one for each of the rows.
        """
        self._count(self.rejected, period, cells)
        listed = 0
        while listed < len(rows) and not self.findings.full:
            key = int(keys[listed])
            self.findings.add(
                rule,
                row=int(rows[listed]),
                column=column(key),
                cells=int(cells[listed]),
                facts=facts(key),
            )
            listed += 1
        self.findings.count(rule, int(cells[listed:].sum()), len(rows) - listed)

    def refuse_period(
        self, rule: str, period: int, cells: int, facts: Mapping[str, object]
    ) -> None:
        """Refuse cells for their period's sake; one finding about the file for each period id."""
        self.rejected[period] += cells
        if (rule, period) in self._periods_told:
            self.findings.count(rule, cells, 0)
        else:
            self._periods_told.add((rule, period))
            self.findings.add(rule, column="period", cells=cells, facts=facts)

    def refuse_all(self, rule: str, period: Numbers) -> None:
        """Refuse good cells for the sake of the others; one finding about the file."""
        self._count(self.rejected, period, np.ones(len(period), np.int64))
        self.findings.add(rule, cells=len(period), facts={"cells": len(period)})

    def _count(self, counter: Counter[int], period: Numbers, cells: Ints) -> None:
        totals = np.zeros(len(self.period_ids), np.int64)
        np.add.at(totals, period, cells)
        for number, total in zip(self.period_ids, totals.tolist(), strict=True):
            if total:
                counter[number] += total
