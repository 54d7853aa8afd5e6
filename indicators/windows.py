"""Values of units over a window of periods: the month, the year to date, a rolling year; and what
growth compares them with.

Only flows cumulate. A flow reported year-to-date gives the month as YTD(m) - YTD(m-1), and no month
where YTD(m-1) is missing. The base of a growth over a window is summed over the very months in
which the unit is listed now, so that both sides are of one length. Source: domain rules on periods
and growth; SDMX reference periods.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from indicators.arrays import Amounts, Flags
from indicators.catalogue import Catalogue, Indicator, Table
from indicators.cells import Cells
from indicators.items import Item, ItemKind
from indicators.periods import (
    Frequency,
    frequency_of,
    rolling,
    shift,
    year_before,
    year_length,
    year_to_date,
)
from indicators.register import Register

CURRENT, YTD, ROLLING = "", "ytd", "rolling12"


@dataclass(frozen=True, slots=True, eq=False)
class WindowValues:
    """Values of one item over a window, (units,) each.

    `has`: every period of the window in which the unit was listed is reported. `short`: some period
    of the window lies outside the unit's time on the list.
    """

    value: Amounts
    has: Flags
    short: Flags


@dataclass(frozen=True, slots=True, eq=False)
class FormulaValues:
    """All items of an indicator over a window; `qualifies` where every one of them is there."""

    items: Mapping[str, Amounts]
    qualifies: Flags
    short: Flags


class Windows:
    """Window values of one state of the city, each computed once while the state lasts."""

    def __init__(self, catalogue: Catalogue, register: Register, cells: Cells) -> None:
        self._catalogue = catalogue
        self._register = register
        self._cells = cells
        self._items: dict[tuple[str, str, str, int], WindowValues] = {}
        self._formulas: dict[tuple[str, str, int], FormulaValues] = {}
        self._bases: dict[tuple[str, str, str, int, bool], WindowValues] = {}

    def scope(self, table: Table, period: int) -> Flags:
        """(units,) units that the period's totals hold: 在库, or all where no list rules."""
        if table.expected == "listed":
            return self._register.listed(table.unit_kind, period)
        return self._register.counted(table.unit_kind)

    def formula(self, indicator: Indicator, window: str, period: int) -> FormulaValues:
        """Values of every item of the indicator's formula."""
        key = (indicator.code, window, period)
        found = self._formulas.get(key)
        if found is None:
            found = self._formulas[key] = _whole(
                {code: self.item(indicator.table, code, window, period) for code in indicator.items}
            )
        return found

    def base(
        self, indicator: Indicator, window: str, period: int, *, reported: bool
    ) -> FormulaValues:
        """Values a year before every period of the window in which the unit is listed now.

        reported: 同口径, by what the units report now as 上年同期, else by what is stored;
        otherwise 可比匹配, only by what is stored of units that were on the list then.
        """
        return _whole(
            {
                code: self._base(indicator.table, code, window, period, reported)
                for code in indicator.items
            }
        )

    def item(self, table: str, code: str, window: str, period: int) -> WindowValues:
        """Values of one item over a window ending with the period."""
        key = (table, code, window, period)
        found = self._items.get(key)
        if found is None:
            found = self._items[key] = self._window(table, code, window, period)
        return found

    def _window(self, table: str, code: str, window: str, period: int) -> WindowValues:
        item = self._catalogue.item[code]
        if periods := _summed_periods(item, window, period):
            return self._summed(
                table, periods, {month: self.item(table, code, CURRENT, month) for month in periods}
            )
        if window == YTD and item.reported == "year_to_date":
            return self._as_reported(table, item, period)
        return self._current(table, item, period)

    def _base(
        self, table: str, code: str, window: str, period: int, reported: bool
    ) -> WindowValues:
        key = (table, code, window, period, reported)
        found = self._bases.get(key)
        if found is None:
            if periods := _summed_periods(self._catalogue.item[code], window, period):
                months = {
                    month: self._base(table, code, CURRENT, month, reported) for month in periods
                }
                found = self._summed(table, periods, months)
            else:
                found = self._year_ago(table, code, window, period, reported)
            self._bases[key] = found
        return found

    def _year_ago(
        self, table: str, code: str, window: str, period: int, reported: bool
    ) -> WindowValues:
        """The base where one stored or reported value is the whole of it."""
        before = year_before(period)
        held = self.item(table, code, window, before)
        if not reported:
            has = held.has & self.scope(self._catalogue.table[table], before)
            return WindowValues(np.where(has, held.value, 0), has, held.short)
        prior = self._catalogue.item[code].prior
        if prior is None:
            return held
        told = self.item(table, prior, window, period)
        value = np.where(told.has, told.value, held.value)
        return WindowValues(value, told.has | held.has, held.short)

    def _as_reported(self, table: str, item: Item, period: int) -> WindowValues:
        value, has = self._cells.values(table, item.code, period)
        return WindowValues(value, has, np.zeros(len(has), bool))

    def _current(self, table: str, item: Item, period: int) -> WindowValues:
        if item.reported == "current" or period % 100 in (0, 1, 21):
            return self._as_reported(table, item, period)
        value, has = self._cells.values(table, item.code, period)
        before, had = self._cells.values(table, item.code, shift(period, -1))
        both = has & had
        return WindowValues(np.where(both, value - before, 0), both, np.zeros(len(has), bool))

    def _summed(
        self, table: str, periods: Sequence[int], months: Mapping[int, WindowValues]
    ) -> WindowValues:
        """The sum over the periods in which the unit is listed; `months` has each one's values."""
        scopes = self._catalogue.table[table]
        size = self._register.size(scopes.unit_kind)
        total, whole, short = np.zeros(size, np.int64), np.ones(size, bool), np.zeros(size, bool)
        for period in periods:
            part, listed = months[period], self.scope(scopes, period)
            total += np.where(listed, part.value, 0)
            whole &= part.has | ~listed
            short |= ~listed
        # The window is for its last period: a unit without a value there has no window.
        whole &= months[periods[-1]].has
        return WindowValues(np.where(whole, total, 0), whole, short)


def _summed_periods(item: Item, window: str, period: int) -> Sequence[int]:
    """The periods whose values a window adds; none where one value stands for the window."""
    if window == CURRENT or item.kind is not ItemKind.FLOW:
        return ()
    if frequency_of(period) is Frequency.YEAR:
        return ()
    if window == ROLLING:
        return rolling(period, year_length(period))
    return () if item.reported == "year_to_date" else year_to_date(period)


def _whole(parts: Mapping[str, WindowValues]) -> FormulaValues:
    """Items by code, and the units of which every one is there."""
    has = [part.has for part in parts.values()]
    short = [part.short for part in parts.values()]
    return FormulaValues(
        {code: part.value for code, part in parts.items()},
        np.logical_and.reduce(has),
        np.logical_or.reduce(short),
    )
