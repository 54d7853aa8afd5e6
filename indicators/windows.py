"""Values of units over a window of periods, and what growth compares them with.

A window is the period itself, the year to date, or a rolling year: rules 4 to 9 and 13 of
docs/statistics.md.

Only flows cumulate. A window is summed over the periods of the table that reports the item, those
in which the unit is listed; the base of a growth over the very same periods, so that both sides are
of one length. A stock of a slower table holds until it is replaced. Source: domain rules on periods
and growth; SDMX reference periods.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from indicators.arrays import Amounts, Flags
from indicators.catalogue import Catalogue, Table
from indicators.cells import Cells
from indicators.items import Item, ItemKind
from indicators.periods import (
    Frequency,
    frequency_of,
    period_end,
    rolling,
    shift,
    within,
    year_length,
    year_to_date,
)
from indicators.register import Register
from indicators.vocabulary import CURRENT, YTD


class Base(Enum):
    """What a growth compares with, and how many years before."""

    REPORTED = 1  # 同口径: 上年同期 as reported now, else what is stored
    STORED = 2  # 可比匹配: stored, of units in scope a year before
    TWO_YEARS = 3  # as REPORTED, of two years before
    PREVIOUS = 4  # 环比: the period before, stored


@dataclass(frozen=True, slots=True, eq=False)
class WindowValues:
    """Values of one item over a window, (units,) each.

    `has`: every period of the window in which the unit was listed is reported. `short`: some period
    of the window lies outside the unit's time on the list. `held`: period id of the stock that
    holds, 0 where the value is of the period itself. `adjusted`: the value holds corrections of
    earlier periods (含前期调整). `chosen`: which of several tables the value is from.
    """

    value: Amounts
    has: Flags
    short: Flags | None = None
    held: NDArray[np.int32] | None = None
    adjusted: Flags | None = None
    chosen: NDArray[np.int8] | None = None


class Windows:
    """Window values of one state of the city, each computed once while the state lasts."""

    def __init__(self, catalogue: Catalogue, register: Register, cells: Cells) -> None:
        self._catalogue = catalogue
        self._register = register
        self._cells = cells
        self._items: dict[tuple[str, str, str, int], WindowValues] = {}
        self._bases: dict[tuple[str, str, str, int, Base], WindowValues] = {}
        self._windows: dict[tuple[str, str, str, str, int], WindowValues] = {}
        self._currents: dict[tuple[str, str, int], WindowValues] = {}

    def scope(self, table: Table, period: int) -> Flags:
        """(units,) units that the period's totals hold."""
        return self._register.scope(table, period)

    def item(self, own: str, code: str, window: str, period: int) -> WindowValues:
        """Values of one item over a window ending with the period, as the table `own` reads it."""
        key = (own, code, window, period)
        found = self._items.get(key)
        if found is None:
            table, item = self._catalogue.table[own], self._catalogue.item[code]
            parts = [
                self._window(table, other, item, window, period)
                for other in self._tables(table, code)
            ]
            found = self._items[key] = parts[0] if len(parts) == 1 else _first_there(parts)
        return found

    def base(self, own: str, code: str, window: str, period: int, base: Base) -> WindowValues:
        """Values that growth compares those of `item` with, from the table each of them is from."""
        key = (own, code, window, period, base)
        found = self._bases.get(key)
        if found is None:
            table, item = self._catalogue.table[own], self._catalogue.item[code]
            tables = self._tables(table, code)
            parts = [self._base(table, other, item, window, period, base) for other in tables]
            if len(parts) > 1:
                chosen = self.item(own, code, window, period).chosen
                parts = [
                    WindowValues(np.where(chosen == at, part.value, 0), part.has & (chosen == at))
                    for at, part in enumerate(parts)
                ]
            found = self._bases[key] = parts[0] if len(parts) == 1 else _first_there(parts)
        return found

    def _tables(self, own: Table, code: str) -> Sequence[Table]:
        """The tables an item is read from, the first in precedence first."""
        if code in own.items:
            return (own,)
        codes = self._catalogue.tables_with[own.unit_kind, code]
        return [self._catalogue.table[other] for other in codes]

    def _window(
        self, own: Table, table: Table, item: Item, window: str, period: int
    ) -> WindowValues:
        key = (own.code, table.code, item.code, window, period)
        found = self._windows.get(key)
        if found is None:
            found = self._windows[key] = self._windowed(own, table, item, window, period)
        return found

    def _windowed(
        self, own: Table, table: Table, item: Item, window: str, period: int
    ) -> WindowValues:
        periods = _periods_of(table, item, window, period)
        if not periods:
            return self._none(table)
        if item.kind is not ItemKind.FLOW:
            return self._last(table, item, period)
        if _as_reported(item, periods):
            return self._cell(table, item, periods[-1])
        if window == CURRENT and item.reported == "year_to_date":
            return self._difference(table, item, periods)
        if window == CURRENT and len(periods) == 1:
            return self._current(table, item, periods[0])
        return self._summed(own, periods, lambda part: self._current(table, item, part))

    def _base(
        self, own: Table, table: Table, item: Item, window: str, period: int, base: Base
    ) -> WindowValues:
        if base is Base.PREVIOUS:
            return self._previous(own, table, item, shift(period, -1))
        periods = _periods_of(table, item, window, period)
        if not periods:
            return self._none(table)
        one_value = item.kind is not ItemKind.FLOW or _as_reported(item, periods)
        if one_value or (
            window == CURRENT and (len(periods) == 1 or item.reported == "year_to_date")
        ):

            def whole(one: Item, at: int) -> WindowValues:
                return self._window(own, table, one, window, at)

            return self._years_before(own, item, period, base, whole)

        def part(one: Item, at: int) -> WindowValues:
            return self._current(table, one, at)

        return self._summed(own, periods, lambda at: self._years_before(own, item, at, base, part))

    def _previous(self, own: Table, table: Table, item: Item, before: int) -> WindowValues:
        """The whole of the period before, of a unit that came on the list in the middle as well.

        A period of less than its length would make growth out of the part that lacks.
        """
        periods = _periods_of(table, item, CURRENT, before)
        if item.kind is not ItemKind.FLOW or item.reported != "current" or len(periods) < 2:
            return self._window(own, table, item, CURRENT, before)
        everybody = np.ones(self._register.size(own.unit_kind), bool)
        return self._summed(
            own, periods, lambda part: self._current(table, item, part), listed=everybody
        )

    def _years_before(
        self,
        own: Table,
        item: Item,
        period: int,
        base: Base,
        read: Callable[[Item, int], WindowValues],
    ) -> WindowValues:
        """The base where one stored or reported value is the whole of it."""
        told_at = period - 100 if base is Base.TWO_YEARS else period
        before = told_at - 100
        stored = read(item, before)
        if base is Base.STORED:
            has = stored.has & self.scope(own, before)
            return WindowValues(np.where(has, stored.value, 0), has)
        if item.prior is None:
            return WindowValues(stored.value, stored.has)
        told = read(self._catalogue.item[item.prior], told_at)
        return WindowValues(np.where(told.has, told.value, stored.value), told.has | stored.has)

    def _last(self, table: Table, item: Item, period: int) -> WindowValues:
        """A stock, an average or a reported ratio: the value of the last period."""
        frequency = frequency_of(period)
        if not frequency.finer(table.frequency):
            return self._cell(table, item, within(period, table.frequency)[-1])
        end = period_end(period)
        found = self._none(table)
        value, has = found.value, found.has
        held = np.zeros(len(value), np.int32)
        known = (one for one in self._cells.periods(table.code) if period_end(one) <= end)
        for one in sorted(known, reverse=True):
            cell = self._cell(table, item, one)
            fresh = cell.has & ~has
            value, has = np.where(fresh, cell.value, value), has | fresh
            held[fresh] = one
        return WindowValues(value, has, held=held)

    def _difference(self, table: Table, item: Item, periods: Sequence[int]) -> WindowValues:
        """What year-to-date values say of a stretch of a year that does not begin it."""
        last = self._cell(table, item, periods[-1])
        before = self._cell(table, item, shift(periods[0], -1))
        both = last.has & before.has
        value = np.where(both, last.value - before.value, 0)
        return WindowValues(value, both, adjusted=self._adjusted(table, item, periods, value, both))

    def _adjusted(
        self, table: Table, item: Item, periods: Sequence[int], value: Amounts, has: Flags
    ) -> Flags | None:
        """(units,) whether the month reported beside the year-to-date value differs from it."""
        if item.month_item is None or item.month_item not in table.items or len(periods) > 1:
            return None
        told, there = self._cells.values(table.code, item.month_item, periods[0])
        adjusted: Flags = has & there & (told != value)
        return adjusted

    def _current(self, table: Table, item: Item, period: int) -> WindowValues:
        """Of a flow, what one period of its table adds to a sum."""
        key = (table.code, item.code, period)
        found = self._currents.get(key)
        if found is None:
            if item.reported == "current" or _first_of_year(item, period):
                found = self._cell(table, item, period)
            else:
                found = self._difference(table, item, [period])
            self._currents[key] = found
        return found

    def _cell(self, table: Table, item: Item, period: int) -> WindowValues:
        return WindowValues(*self._cells.values(table.code, item.code, period))

    def _summed(
        self,
        own: Table,
        periods: Sequence[int],
        part_of: Callable[[int], WindowValues],
        listed: Flags | None = None,
    ) -> WindowValues:
        """The sum over the periods in which the unit is listed; `listed` says otherwise who is."""
        size = self._register.size(own.unit_kind)
        total, whole, short = np.zeros(size, np.int64), np.ones(size, bool), np.zeros(size, bool)
        part = self._none(own)
        for period in periods:
            part = part_of(period)
            counts = self.scope(own, period) if listed is None else listed
            total += np.where(counts, part.value, 0)
            whole &= part.has | ~counts
            short |= ~counts
        # The window is for its last period: a unit without a value there has no window.
        whole &= part.has
        return WindowValues(np.where(whole, total, 0), whole, short)

    def _none(self, table: Table) -> WindowValues:
        size = self._register.size(table.unit_kind)
        return WindowValues(np.zeros(size, np.int64), np.zeros(size, bool))


def window_periods(window: str, period: int) -> Sequence[int]:
    """The periods, of the period's own frequency, that a window ending with it holds."""
    if window == CURRENT or frequency_of(period) is Frequency.YEAR:
        return [period]
    return year_to_date(period) if window == YTD else rolling(period, year_length(period))


def _periods_of(table: Table, item: Item, window: str, period: int) -> Sequence[int]:
    """The table's periods that a window reads; [] where the table has no value for it.

    January and February reported together are one period, February.
    """
    if item.kind is not ItemKind.FLOW:
        lacks = item.kind is not ItemKind.STOCK and table.frequency is not frequency_of(period)
        return [] if lacks else [period]
    if frequency_of(period).finer(table.frequency):
        return []
    periods = [
        part for one in window_periods(window, period) for part in within(one, table.frequency)
    ]
    if item.january == "reported" or table.frequency is not Frequency.MONTH:
        return periods
    if periods[-1] % 100 == 1 or periods[0] % 100 == 2:
        return []
    return [part for part in periods if part % 100 != 1]


def _as_reported(item: Item, periods: Sequence[int]) -> bool:
    """Whether one year-to-date value is the window: it begins a year and stays in it."""
    begins = _first_of_year(item, periods[0]) and periods[0] // 100 == periods[-1] // 100
    return item.reported == "year_to_date" and begins


def _first_of_year(item: Item, period: int) -> bool:
    return period % 100 in (0, 1, 21) or (item.january == "merged" and period % 100 == 2)


def _first_there(parts: Sequence[WindowValues]) -> WindowValues:
    """Per unit the first of several tables' values that is there."""
    size = len(parts[0].value)
    value, has = np.zeros(size, np.int64), np.zeros(size, bool)
    short, adjusted = np.zeros(size, bool), np.zeros(size, bool)
    held, chosen = np.zeros(size, np.int32), np.full(size, -1, np.int8)
    for at, part in enumerate(parts):
        fresh = part.has & ~has
        value, has = np.where(fresh, part.value, value), has | fresh
        chosen[fresh] = at
        for into, given in ((short, part.short), (held, part.held), (adjusted, part.adjusted)):
            if given is not None:
                into[fresh] = given[fresh]
    for part in parts:
        if part.short is not None:
            short |= part.short & ~has
    return WindowValues(value, has, short, held, adjusted, chosen)
