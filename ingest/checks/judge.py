"""The door's judgement (审核): which cells of a file are taken, and what is wrong with the others.

A pure function of the rows, the catalogue and the register. Vectors throughout: a good cell never
costs a Python step; a bad one costs a message as long as the receipt has room.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from granary.wire import MISSING, NOT_APPLICABLE, REPORTED, unit_id
from indicators.catalogue import Catalogue, Reporter, Table
from indicators.errors import PeriodError
from indicators.periods import (
    FIRST_YEAR,
    LAST_YEAR,
    PeriodOutsideError,
    format_period,
    frequency_of,
    parse_period,
)
from ingest.checks.batches import Batch, Column, UnreadableFileError
from ingest.checks.gathered import Gathered, Names, ranked, repeats
from ingest.checks.layout import item_names
from ingest.checks.numbers import FINER, HUGE, NOT_A_NUMBER, hint, parse_numbers, rounded
from ingest.checks.rights import Rights
from ingest.checks.width import plain
from ingest.findings import Findings

Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]
Facts = Callable[[int], Mapping[str, object]]  # of the row or cell a finding is about
#: Where cells are counted whose period cannot be read.
NO_PERIOD: Final = 0
_STATUS: Final = {"missing": MISSING, "not_applicable": NOT_APPLICABLE}
_BLANK: Final = -1


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """Accepted cells in log order (item, period, unit), all (n,), and counts of cells by period id.

    declared = accepted + rejected for every period; cells of no readable period count under 0.
    """

    unit: NDArray[np.uint64]
    item: NDArray[np.uint32]
    period: NDArray[np.int32]
    value: Ints
    status: NDArray[np.int8]
    declared: dict[int, int]
    accepted: dict[int, int]
    rejected: dict[int, int]
    findings: Findings


class Judge:
    """Judges one file for one reporter and table; `period` is the request's, '' for none."""

    def __init__(
        self, catalogue: Catalogue, rights: Rights, table: Table, reporter: Reporter, period: str
    ) -> None:
        self._table = table
        self._reporter = reporter
        self._rights = rights
        self._catalogue = catalogue
        self._asked = period
        self._units, self._items, self._periods = Names(), Names(), Names()
        self._labels = Names()
        self._unit_ids: list[int] = []
        self._unit_index = np.zeros(0, np.int32)
        self._item_ids: list[int] = []
        self._item_rules = np.zeros((3, 0), np.int64)  # step, limit in 10^-4, lowest value
        self._period_ids: list[int] = []
        self._period_rules: list[str] = []
        self._names = item_names(catalogue, table)
        self._taken = Gathered()
        self._declared: Counter[int] = Counter()
        self._rejected: Counter[int] = Counter()
        self.findings = Findings()
        tokens = {"": "blank"} | dict(table.tokens)
        self._tokens = pa.array(list(tokens), pa.string())
        self._token_status = np.array([_STATUS.get(m, _BLANK) for m in tokens.values()], np.int8)

    def add(self, batch: Batch) -> None:
        """Judge the next rows."""
        for name in batch.ignored_columns:
            self.findings.add("ignored_column", column=name, cells=0, facts={"text": name})
        for bad in batch.bad_rows:
            self._declared[NO_PERIOD] += bad.cells
            self._rejected[NO_PERIOD] += bad.cells
            self.findings.add(bad.rule, row=bad.row, cells=bad.cells, facts=bad.facts)
        if not len(batch.rows):
            return
        unit = self._units_of(batch)
        period = self._periods_of(batch)
        columns = [(column, *self._meaning(column)) for column in batch.columns]
        declared = sum(
            ((meaning != _BLANK).astype(np.int64) for _, _, meaning in columns),
            np.zeros(len(batch.rows), np.int64),
        )
        self._count(self._declared, period, declared)
        good = self._judge_rows(batch, unit, period, declared)
        for column, text, meaning in columns:
            at = np.flatnonzero(good & (meaning != _BLANK))
            if len(at):
                self._judge_cells(batch, column, text, meaning, unit, period, at)

    # Rows: unit, period, right.

    def _units_of(self, batch: Batch) -> NDArray[np.int32]:
        known = len(self._units.texts)
        unit = self._units.of(batch.units)
        new = self._units.texts[known:]
        if new:
            ids = [unit_id(self._table.unit_kind, code.strip()) for code in new]
            index = self._rights.index_of(np.array(ids, np.uint64))
            for at in np.flatnonzero(index < 0):  # perhaps typed in full-width letters
                folded = unit_id(self._table.unit_kind, plain(new[at]))
                found = self._rights.index_of(np.array([folded], np.uint64))[0]
                if found >= 0:
                    ids[at], index[at] = folded, found
            self._unit_ids += ids
            self._unit_index = np.concatenate([self._unit_index, index])
        return unit

    def _periods_of(self, batch: Batch) -> NDArray[np.int32]:
        if batch.periods is not None:
            texts = batch.periods
            if self._asked:
                texts = pc.if_else(pc.equal(pc.utf8_trim_whitespace(texts), ""), self._asked, texts)
            period = self._periods.of(texts)
        elif self._asked:
            number = self._periods.number(self._asked)
            period = np.full(len(batch.rows), number, np.int32)
        else:
            raise UnreadableFileError("no_period")
        for text in self._periods.texts[len(self._period_ids) :]:
            number, rule = self._read_period(text)
            self._period_ids.append(number)
            self._period_rules.append(rule)
        return period

    def _read_period(self, text: str) -> tuple[int, str]:
        try:
            number = parse_period(plain(text))
        except PeriodOutsideError:
            return NO_PERIOD, "period_outside"
        except PeriodError:
            return NO_PERIOD, "unknown_period"
        if frequency_of(number) is not self._table.frequency:
            return number, "wrong_frequency"
        if self._asked and self._asked != text:
            try:
                if parse_period(plain(self._asked)) != number:
                    return number, "period_differs"
            except PeriodError:
                pass
        return number, ""

    def _judge_rows(
        self, batch: Batch, unit: NDArray[np.int32], period: NDArray[np.int32], declared: Ints
    ) -> Flags:
        """(rows,) whether unit, period and right hold; refuses the others with all their cells."""
        good = declared > 0

        def refuse(rule: str, bad: Flags, column: str, facts: Facts) -> None:
            at = np.flatnonzero(bad & good)
            if len(at):
                self._refuse(
                    rule, batch.rows[at], lambda _: column, period[at], declared[at], at, facts
                )
                good[at] = False

        index = self._unit_index[unit]
        refuse("unknown_unit", index < 0, "unit", lambda at: {"text": self._units.texts[unit[at]]})
        rules = np.array(self._period_rules, object)
        for rule in ("unknown_period", "period_outside", "wrong_frequency", "period_differs"):
            refuse(
                rule,
                (rules == rule)[period],
                "period",
                lambda at: {
                    "text": self._periods.texts[period[at]],
                    "table": self._table.code,
                    "frequency": self._table.frequency.value,
                    "wanted": self._asked,
                    "first": FIRST_YEAR,
                    "last": LAST_YEAR,
                },
            )
        ids = np.array(self._period_ids, np.int32)[period]
        refuse(
            "no_right_on_unit",
            ~self._rights.allowed(index, ids, good),
            "unit",
            lambda at: {
                "text": self._units.texts[unit[at]],
                "period": format_period(int(ids[at])),
                "reporter": self._reporter.code,
            },
        )
        return good

    # Cells: item, number, sign.

    def _meaning(self, column: Column) -> tuple[Any, NDArray[np.int8]]:
        """(trimmed texts, per row: blank, status of an empty-like token, else reported)."""
        text = pc.utf8_trim_whitespace(column.values)
        token = pc.fill_null(pc.index_in(text, self._tokens), -1).to_numpy(zero_copy_only=False)
        status = np.where(token >= 0, self._token_status[token], np.int8(REPORTED))
        return text, status.astype(np.int8)

    def _judge_cells(
        self,
        batch: Batch,
        column: Column,
        text: Any,
        meaning: NDArray[np.int8],
        unit: NDArray[np.int32],
        period: NDArray[np.int32],
        at: NDArray[np.intp],
    ) -> None:
        if isinstance(column.items, str):
            item = np.full(len(at), self._items.number(column.items), np.int32)
        else:
            item = self._items.of(column.items.take(pa.array(at)))
        self._learn_items()
        status = meaning[at]
        if len(at) < len(text):
            text = text.take(pa.array(at))
        numbers = status == REPORTED
        parsed = parse_numbers(text if numbers.all() else pc.if_else(pa.array(numbers), text, "0"))
        value, kind = parsed.value, parsed.kind
        step, limit, lowest = self._item_rules[:, item]
        good = np.ones(len(at), bool)

        def name(k: int) -> str:
            return self._items.texts[int(item[k])]

        def refuse(rule: str, bad: Flags, facts: Facts, label: str = "") -> None:
            which = np.flatnonzero(bad & good)
            if len(which):
                ones = np.ones(len(which), np.int64)
                places = at[which]
                self._refuse(
                    rule,
                    batch.rows[places],
                    lambda k: label or column.label or name(k),
                    period[places],
                    ones,
                    which,
                    facts,
                )
                good[which] = False

        refuse(
            "unknown_item",
            step == 0,
            lambda k: {"text": name(k), "table": self._table.code},
            "item" if column.label == "value" else "",
        )
        refuse("not_a_number", kind == NOT_A_NUMBER, lambda k: _hinted(text[k].as_py()))
        refuse(
            "too_many_decimals",
            (kind == FINER) | ((kind == 0) & (value % np.maximum(step, 1) != 0)),
            lambda k: self._rounding(text[k].as_py(), name(k)),
        )
        refuse(
            "beyond_limit",
            (kind == HUGE) | (np.abs(value) > limit),
            lambda k: {"text": text[k].as_py(), "limit": f"{limit[k] // 10**4:,}"},
        )
        refuse("negative", value < lowest, lambda k: {"text": text[k].as_py(), "item": name(k)})
        places = at[good]
        taken = self._taken
        taken.unit.append(unit[places])
        taken.period.append(period[places])
        taken.item.append(item[good])
        taken.value.append(value[good])
        taken.status.append(status[good])
        taken.row.append(batch.rows[places])
        if column.label:
            taken.label.append(np.full(len(places), self._labels.number(column.label), np.int32))
        else:  # a cell is called by its item
            known = np.array([self._labels.number(text) for text in self._items.texts], np.int32)
            taken.label.append(known[item[good]])

    def _learn_items(self) -> None:
        for text in self._items.texts[len(self._item_ids) :]:
            code = self._names.get(plain(text))
            if code is None:
                self._item_ids.append(0)
                rules = [0, 2**62, -(2**62)]
            else:
                item = self._catalogue.item[code]
                self._item_ids.append(item.id)
                lowest = 0 if item.sign == "not_negative" else -(2**62)
                rules = [10 ** (4 - item.decimals), item.limit * 10**4, lowest]
            self._item_rules = np.column_stack([self._item_rules, np.array(rules, np.int64)])

    def _rounding(self, text: str, item: str) -> dict[str, object]:
        decimals = self._catalogue.item[self._names[plain(item)]].decimals
        return {"text": text, "decimals": decimals, "rounded": rounded(text, decimals)}

    # Counting.

    def _refuse(
        self,
        rule: str,
        rows: Ints,
        column: Callable[[int], str],
        period: NDArray[np.int32],
        cells: Ints,
        keys: NDArray[np.intp],
        facts: Facts,
    ) -> None:
        """Count the cells refused, and list as many findings as there is room for."""
        self._count(self._rejected, period, cells)
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

    def _count(self, counter: Counter[int], period: NDArray[np.int32], cells: Ints) -> None:
        totals = np.zeros(len(self._period_ids), np.int64)
        np.add.at(totals, period, cells)
        for number, total in zip(self._period_ids, totals.tolist(), strict=True):
            if total:
                counter[number] += total

    # The whole file.

    def finish(self) -> Judgement:
        """Refuse what stands twice, apply the table's policy, bring the rest into log order."""
        taken = self._taken
        unit_no, item_no, period_no = (
            taken.joined(name, np.int32) for name in ("unit", "item", "period")
        )
        value, status = taken.joined("value", np.int64), taken.joined("status", np.int8)
        unit_ids, unit_rank = ranked(self._unit_ids, np.uint64)
        item_ids, item_rank = ranked(self._item_ids, np.uint32)
        period_ids, period_rank = ranked(self._period_ids, np.int32)
        key = item_rank[item_no].astype(np.int64) * max(len(period_ids), 1)
        key = (key + period_rank[period_no]) * max(len(unit_ids), 1) + unit_rank[unit_no]
        order = np.argsort(key, kind="stable")
        order = self._without_duplicates(order, key[order], period_no)
        if self._table.mixed_file == "all_or_nothing" and self._rejected and len(order):
            self.findings.add("all_or_nothing", cells=len(order), facts={"cells": len(order)})
            numbers = np.array(self._period_ids, np.int32)[period_no[order]]
            for number, cells in zip(*np.unique(numbers, return_counts=True), strict=True):
                self._rejected[int(number)] += int(cells)
            order = order[:0]
        if not self._declared and not self.findings.listed:
            self.findings.add("no_cells", cells=0)
        self.findings.listed.sort(key=lambda finding: finding.row)
        return Judgement(
            unit=unit_ids[unit_rank[unit_no[order]]],
            item=item_ids[item_rank[item_no[order]]],
            period=period_ids[period_rank[period_no[order]]],
            value=value[order],
            status=status[order],
            declared=dict(self._declared),
            accepted={
                period: cells - self._rejected[period] for period, cells in self._declared.items()
            },
            rejected={period: self._rejected[period] for period in self._declared},
            findings=self.findings,
        )

    def _without_duplicates(
        self, order: NDArray[np.intp], key: Ints, period: NDArray[np.int32]
    ) -> NDArray[np.intp]:
        row = self._taken.joined("row", np.int64)
        repeated, other = repeats(key, row[order])
        at = order[repeated]
        if len(at):
            label = self._taken.joined("label", np.int32)
            shown = np.argsort(row[at], kind="stable")
            self._refuse(
                "duplicate",
                row[at][shown],
                lambda k: self._labels.texts[label[at[k]]],
                period[at][shown],
                np.ones(len(at), np.int64),
                shown,
                lambda k: {"other": int(other[k])},
            )
        return order[~repeated]


def _hinted(text: str) -> dict[str, object]:
    chinese, english = hint(text)
    return {"text": text, "hint_zh": chinese, "hint_en": english}


def judge(
    batches: Iterable[Batch],
    catalogue: Catalogue,
    rights: Rights,
    table: Table,
    reporter: Reporter,
    period: str,
) -> Judgement:
    """Judge a whole file.

    Raises:
        UnreadableFileError: by the reader or here; nothing of the file is taken then.
    """
    judge = Judge(catalogue, rights, table, reporter, period)
    for batch in batches:
        judge.add(batch)
    return judge.finish()


def nothing_of(rule: str, facts: Mapping[str, object]) -> Judgement:
    """The judgement of a file that cannot be read at all: one finding, no cells."""
    findings = Findings()
    findings.add(rule, cells=0, facts=facts)
    return Judgement(
        unit=np.zeros(0, np.uint64),
        item=np.zeros(0, np.uint32),
        period=np.zeros(0, np.int32),
        value=np.zeros(0, np.int64),
        status=np.zeros(0, np.int8),
        declared={},
        accepted={},
        rejected={},
        findings=findings,
    )
