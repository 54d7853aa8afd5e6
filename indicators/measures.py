"""Measures (指标取值方式): which units enter a figure, on which sides, and what each kind means.

同口径 `yoy_same`: this period's list; base = those units' reported 上年同期, else the value stored
a year ago. 可比匹配 `yoy_matched`: on the list in both periods, stored values in each. 名义
`yoy_nominal`: published totals. Source: the domain's worked example 174/218, 110/200, 174/250.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from indicators.amounts import largest
from indicators.arrays import Amounts, Flags
from indicators.catalogue import Catalogue, Indicator, Table
from indicators.periods import shift, year_before
from indicators.register import Register
from indicators.vocabulary import MATCHED, MONTH, NOMINAL, SAME
from indicators.windows import Windows


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One side of a figure: items (units,) and the units that enter it, placed by `period`.

    short: units listed in the period but not in all of the window; None where there is no window.
    """

    items: Mapping[str, Amounts]
    enters: Flags
    period: int
    short: Flags | None = None
    _entering: dict[str, tuple[Amounts, int]] = field(default_factory=dict)

    def entering(self, code: str) -> tuple[Amounts, int]:
        """(units,) the item's values, 0 for units that do not enter; and their largest size."""
        found = self._entering.get(code)
        if found is None:
            values = np.where(self.enters, self.items[code], 0)
            found = self._entering[code] = (values, largest(values))
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """What a growth needs: units on both sides, and units that ought to have a base but do not.

    short_base: units of a published base that covers fewer periods than the window has.
    """

    current: Side
    base: Side
    exits: Side | None  # 退库留基数: base of units that left the list
    without_base: Flags | None
    short_base: Flags | None


@dataclass(slots=True)
class MeasureTerms:
    """Terms of the measures of one state of the city."""

    catalogue: Catalogue
    register: Register
    windows: Windows
    _growth: dict[tuple[str, str, str, int], Terms] = field(default_factory=dict)
    _levels: dict[tuple[str, str, int], Side] = field(default_factory=dict)

    def level(self, indicator: Indicator, window: str, period: int) -> Side:
        """The units behind a plain figure: in scope, every item of the formula there."""
        key = (indicator.code, window, period)
        found = self._levels.get(key)
        if found is None:
            values = self.windows.formula(indicator, window, period)
            scope = self.windows.scope(self._table(indicator), period)
            found = self._levels[key] = Side(
                values.items,
                scope & values.qualifies,
                period,
                scope & values.short if window else None,
            )
        return found

    def growth(self, indicator: Indicator, window: str, kind: str, period: int) -> Terms:
        """Sides of a growth; cached, since contributions use those of `yoy_same`."""
        key = (indicator.code, window, kind, period)
        found = self._growth.get(key)
        if found is None:
            found = self._growth[key] = self._growth_terms(indicator, window, kind, period)
        return found

    def _growth_terms(self, indicator: Indicator, window: str, kind: str, period: int) -> Terms:
        table = self._table(indicator)
        before = shift(period, -1) if kind == MONTH else year_before(period)
        now = self.windows.formula(indicator, window, period)
        stored = self.windows.formula(indicator, window, before)
        scope, scope_before = self.windows.scope(table, period), self.windows.scope(table, before)
        current = scope & now.qualifies
        short = scope & now.short if window else None
        if kind == NOMINAL:
            published = scope_before & stored.qualifies
            return Terms(
                Side(now.items, current, period, short),
                Side(stored.items, published, before),
                None,
                without_base=None,
                short_base=published & stored.short,
            )
        if kind == MATCHED:
            base = self.windows.base(indicator, window, period, reported=False)
        elif kind == SAME:
            base = self.windows.base(indicator, window, period, reported=True)
        else:
            base = stored
        both = current & base.qualifies
        exits = None
        if kind == SAME and indicator.exits == "keep_base":
            left = scope_before & ~scope & stored.qualifies
            exits = Side(stored.items, left, before)
        return Terms(
            Side(now.items, both, period, short),
            Side(base.items, both, period),
            exits,
            without_base=current & ~both,
            short_base=None,
        )

    def _table(self, indicator: Indicator) -> Table:
        return self.catalogue.table[indicator.table]
