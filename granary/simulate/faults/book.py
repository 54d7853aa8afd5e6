"""The book of faults: what is planted where, put into sheets as they pass, with the truth noted."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from granary.simulate.faults.entries import SEEN_IN, Fault, reading_checks
from granary.simulate.sheets import Column, Sheet
from granary.simulate.writing import decimal_text
from indicators.catalogue import Catalogue
from indicators.periods import format_period

Row = dict[str, int]
#: A row's values by item and those of the period before, in the last place → the wrong ones.
Change = Callable[[Row, Row, Mapping[str, int]], Row]


@dataclass(frozen=True, slots=True)
class Planted:
    """One fault at one row. `change`: wrong cells; `drop`: no row; `late`: days; `to`: a reporter.

    Changes of `until` hold for every period from `period` up to it; the truth tells the first.
    """

    kind: str
    table: str
    period: int
    unit: int
    item: str = ""
    change: Change | None = None
    drop: bool = False
    late: int = 0
    to: str = ""
    until: int = 0
    needs_previous: int = 0  # the period whose row the change looks at
    facts: Mapping[str, Any] = field(default_factory=dict)


class Book:
    """Puts planted faults into sheets. `codes`: kind of unit → codes by position."""

    def __init__(
        self, catalogue: Catalogue, codes: Mapping[str, Sequence[str]], planted: Iterable[Planted]
    ) -> None:
        self._catalogue, self._codes = catalogue, codes
        self._at: dict[tuple[str, int], list[Planted]] = {}
        self._lasting: dict[str, list[Planted]] = {}
        self._wanted: dict[tuple[str, int], set[int]] = {}
        self._kept: dict[tuple[str, int, int], Row] = {}
        self.truth: list[Fault] = []
        self.late_files: dict[tuple[str, str, int], int] = {}
        for one in planted:
            self.add(one)

    def add(self, one: Planted) -> None:
        """Plant one more, before its sheet has passed."""
        if one.until:
            self._lasting.setdefault(one.table, []).append(one)
        else:
            self._at.setdefault((one.table, one.period), []).append(one)
        if one.needs_previous:
            self._wanted.setdefault((one.table, one.needs_previous), set()).add(one.unit)

    def apply(self, sheet: Sheet, points_to: Callable[[int], Mapping[str, str]]) -> Sheet:
        """The sheet with its faults. `points_to`: position of a unit → see `reading_checks`."""
        key = (sheet.table, sheet.period)
        here = [
            *self._at.get(key, ()),
            *(one for one in self._lasting.get(sheet.table, ())
              if one.period <= sheet.period <= one.until),
        ]  # fmt: skip
        wanted = self._wanted.get(key, set())
        if not here and not wanted:
            return sheet
        rows = self._rows(sheet, {one.unit for one in here} | wanted)
        for unit in wanted & set(rows):
            self._kept[(sheet.table, sheet.period, unit)] = _row(sheet, rows[unit])
        columns = {item: one.values.copy() for item, one in sheet.columns.items()}
        reporter, late = sheet.reporter.copy(), np.zeros(len(sheet.units), np.int64)
        keep = np.ones(len(sheet.units), bool)
        for one in here:
            if one.unit not in rows:
                continue
            at = rows[one.unit]
            fault = self._fault(one, sheet, at)
            if one.drop:
                keep[at] = False
                fault.cells = {item: (self._shown(sheet, item, at), "") for item in sheet.columns}
            if one.late:
                late[at] = one.late
                fault.facts["days_late"] = one.late
            if one.to:
                fault.facts["right_reporter"] = fault.reporter
                reporter[at] = list(sheet.reporters).index(one.to)
                fault.reporter = one.to
            if one.change is not None and not self._put(one, one.change, sheet, at, columns, fault):
                continue
            if sheet.period == one.period:
                self._tell(fault, one, points_to(one.unit))
        changed = Sheet(
            sheet.table, sheet.period, sheet.units, sheet.reporters, reporter,
            {item: Column(one, sheet.columns[item].decimals) for item, one in columns.items()},
            sheet.written, late,
        )  # fmt: skip
        return changed if keep.all() else changed.keep(keep)

    def lasting(
        self,
        kind: str,
        table: str,
        periods: tuple[int, int],
        unit: int,
        item: str,
        values: tuple[int, int] | None,
        facts: Mapping[str, Any],
        points_to: Mapping[str, str],
    ) -> Fault:
        """The truth of what is wrong from one period to another without a change of sheets.

        `values`: true and told, in the item's last place, of the first period. `points_to`: see
        `reading_checks`.
        """
        of, item_of = self._catalogue.table[table], self._catalogue.item[item]
        code = self._codes[of.unit_kind][unit]
        reporters = [
            one.code for one in self._catalogue.reporters
            if table in one.tables and one.member in (None, points_to["district"])
        ]  # fmt: skip
        fault = Fault(kind, of.unit_kind, code, table, format_period(periods[0]), of.source,
                      reporters[0], item, facts={**facts, "until": format_period(periods[1])},
                      seen_in=SEEN_IN[kind])  # fmt: skip
        if values is not None:
            true, wrong = (decimal_text(one, item_of.decimals) for one in values)
            fault.true_value, fault.wrong_value = true, wrong
            fault.cells[item] = (true, wrong)
        items = of.items if values is not None else [item]
        fault.checks = [
            place for one in items
            for place in reading_checks(self._catalogue, table, one, code, periods, points_to)
        ]  # fmt: skip
        return fault

    def _rows(self, sheet: Sheet, units: set[int]) -> dict[int, int]:
        found = np.flatnonzero(np.isin(sheet.units, np.array(sorted(units), np.int64)))
        return {int(sheet.units[at]): int(at) for at in found[::-1]}

    def _put(
        self,
        one: Planted,
        change: Change,
        sheet: Sheet,
        at: int,
        columns: dict[str, Any],
        to: Fault,
    ) -> bool:
        """Put the wrong cells in and note them; whether any differs."""
        places = {item: column.decimals for item, column in sheet.columns.items()}
        before = self._kept.get((sheet.table, one.needs_previous, one.unit), {})
        row = _row(sheet, at)
        for item, wrong in change(row, before, places).items():
            if item in row and wrong != row[item]:
                columns[item][at] = wrong
                shown = (decimal_text(row[item], places[item]), decimal_text(wrong, places[item]))
                to.cells[item] = shown
        return bool(to.cells)

    def _fault(self, one: Planted, sheet: Sheet, at: int) -> Fault:
        table = self._catalogue.table[sheet.table]
        return Fault(
            one.kind,
            table.unit_kind,
            self._codes[table.unit_kind][one.unit],
            sheet.table,
            format_period(sheet.period),
            table.source,
            sheet.reporters[int(sheet.reporter[at])],
            one.item,
            facts=dict(one.facts),
            seen_in=SEEN_IN[one.kind],
        )

    def _tell(self, fault: Fault, one: Planted, points_to: Mapping[str, str]) -> None:
        if one.until:
            fault.facts["until"] = format_period(one.until)
        if fault.cells and fault.item not in fault.cells:
            fault.item = next(iter(fault.cells))
        if fault.cells:
            fault.true_value, fault.wrong_value = fault.cells[fault.item]
        seen: dict[tuple[str, str, str], dict[str, str]] = {}
        for item in fault.cells or self._catalogue.table[one.table].items:
            for place in reading_checks(
                self._catalogue,
                one.table,
                item,
                fault.unit,
                (one.period, one.until or one.period),
                points_to,
            ):
                seen[(place["check"], place["unit"], place["from"])] = place
        fault.checks = [seen[key] for key in sorted(seen)] if not one.late else []
        self.truth.append(fault)

    def _shown(self, sheet: Sheet, item: str, at: int) -> str:
        column = sheet.columns[item]
        return decimal_text(int(column.values[at]), column.decimals)


def _row(sheet: Sheet, at: int) -> Row:
    return {item: int(column.values[at]) for item, column in sheet.columns.items()}
