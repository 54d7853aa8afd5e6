"""Values of units over a window of periods: the month, the year to date, twelve months rolling.

Only flows cumulate. A flow reported year-to-date gives the month as YTD(m) - YTD(m-1), and no month
where YTD(m-1) is missing. Source: domain rules on periods; SDMX reference periods.
"""

from dataclasses import dataclass

import numpy as np

from indicators.arrays import Amounts, Flags
from indicators.catalogue import Catalogue, Indicator, Item, ItemKind, Table
from indicators.cells import Cells
from indicators.periods import Frequency, frequency_of, rolling, shift, year_to_date
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

    items: dict[str, Amounts]
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
            parts = {
                code: self.item(indicator.table, code, window, period) for code in indicator.items
            }
            size = self._register.size(self._catalogue.table[indicator.table].unit_kind)
            qualifies, short = np.ones(size, bool), np.zeros(size, bool)
            for part in parts.values():
                qualifies &= part.has
                short |= part.short
            found = self._formulas[key] = FormulaValues(
                {code: part.value for code, part in parts.items()}, qualifies, short
            )
        return found

    def item(self, table: str, code: str, window: str, period: int) -> WindowValues:
        """Values of one item over a window ending with the period."""
        key = (table, code, window, period)
        found = self._items.get(key)
        if found is None:
            found = self._items[key] = self._window(table, code, window, period)
        return found

    def _window(self, table: str, code: str, window: str, period: int) -> WindowValues:
        item = self._catalogue.item[code]
        if window == CURRENT or item.kind is not ItemKind.FLOW:
            return self._current(table, item, period)
        if frequency_of(period) is Frequency.YEAR:
            return self._current(table, item, period)
        if window == YTD and item.reported == "year_to_date":
            return self._as_reported(table, item, period)
        periods = year_to_date(period) if window == YTD else rolling(period)
        return self._summed(table, item, periods)

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

    def _summed(self, table: str, item: Item, periods: list[int]) -> WindowValues:
        scopes = self._catalogue.table[table]
        size = self._register.size(scopes.unit_kind)
        total, whole, short = np.zeros(size, np.int64), np.ones(size, bool), np.zeros(size, bool)
        for period in periods:
            part = self.item(table, item.code, CURRENT, period)
            listed = self.scope(scopes, period)
            total += np.where(listed, part.value, 0)
            whole &= part.has | ~listed
            short |= ~listed
        # The window is for its last period: a unit without a value there has no window.
        whole &= self.item(table, item.code, CURRENT, periods[-1]).has
        return WindowValues(np.where(whole, total, 0), whole, short)
