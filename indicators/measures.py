"""Measures (指标取值方式): which units enter a figure, on which sides, and what each kind means.

同口径 `yoy_same`: this period's list; base = those units' reported 上年同期, else the value stored
a year ago. 可比匹配 `yoy_matched`: on the list in both periods, stored values in each. 名义
`yoy_nominal`: published totals. Source: the domain's worked example 174/218, 110/200, 174/250;
rules 11 to 17 of docs/statistics.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from indicators.amounts import largest
from indicators.arrays import Amounts, Flags
from indicators.catalogue import Catalogue, Indicator, Table
from indicators.constant_prices import Scales, priced, scales_of
from indicators.formulas import Formulas, FormulaValues
from indicators.periods import year_before
from indicators.register import Register
from indicators.vocabulary import CONTINUING, ENTRIES, MATCHED, MONTH, NOMINAL, SAME, TWO_YEAR
from indicators.windows import Base, Windows

_BASES = {SAME: Base.REPORTED, MATCHED: Base.STORED, TWO_YEAR: Base.TWO_YEARS, MONTH: Base.PREVIOUS}


@dataclass(frozen=True, slots=True)
class Part:
    """Values of an item, (units,), that are added with one factor; `largest` is their size."""

    values: Amounts
    largest: int
    factor: Fraction


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One side of a figure: items (units,) and the units that enter it, placed by `period`.

    short: units that enter but were not listed in all of the window. held, adjusted: see
    `indicators.windows.WindowValues`. scales: price indices of the items that have them.
    """

    items: Mapping[str, Amounts]
    enters: Flags
    period: int
    short: Flags | None = None
    held: NDArray[np.int32] | None = None
    adjusted: Flags | None = None
    scales: Mapping[str, Scales] = field(default_factory=dict)
    _parts: dict[str, Sequence[Part]] = field(default_factory=dict)

    def parts(self, code: str) -> Sequence[Part]:
        """The item's values, 0 for units that do not enter: one part for each factor."""
        found = self._parts.get(code)
        if found is None:
            scales = self.scales.get(code)
            groups = [(Fraction(1), self.enters)] if scales is None else [
                (factor, self.enters & units) for factor, units in scales
            ]  # fmt: skip
            parts = []
            for factor, units in groups:
                values = np.where(units, self.items[code], 0)
                parts.append(Part(values, largest(values), factor))
            found = self._parts[code] = parts
        return found

    def only(self, units: Flags) -> "Side":
        """The side of those of its units alone."""
        return replace(self, enters=self.enters & units, _parts={})


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """What a growth needs: units on both sides, and units that ought to have a base but do not.

    exits: 退库留基数, base of units that left the list. short_base: units of a published base that
    covers fewer periods than the window has. stays: (units,) in scope now and a year before.
    """

    current: Side
    base: Side
    exits: Side | None
    without_base: Flags | None
    short_base: Flags | None
    stays: Flags


@dataclass(slots=True)
class MeasureTerms:
    """Terms of the measures of one state of the city. judged: see `Formulas`."""

    catalogue: Catalogue
    register: Register
    windows: Windows
    judged: Windows | None = None
    formulas: Formulas = field(init=False)
    _growth: dict[tuple[str, str, str, int], Terms] = field(default_factory=dict)
    _lines: dict[tuple[str, str, str, str, int], Terms] = field(default_factory=dict)
    _levels: dict[tuple[str, str, int], Side] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.formulas = Formulas(self.catalogue, self.register, self.windows, self.judged)

    def level(self, indicator: Indicator, window: str, period: int) -> Side:
        """The units behind a plain figure: in scope, every item of the formula there."""
        key = (indicator.code, window, period)
        found = self._levels.get(key)
        if found is None:
            values = self.formulas.of(indicator, window, period)
            scope = self.windows.scope(self._table(indicator), period)
            found = self._levels[key] = _side(values, scope & values.qualifies, period)
        return found

    def growth(self, indicator: Indicator, window: str, kind: str, period: int) -> Terms:
        """Sides of a growth; cached, since contributions use those of their growth."""
        key = (indicator.code, window, kind, period)
        found = self._growth.get(key)
        if found is None:
            terms = self._nominal if kind == NOMINAL else self._of_same_units
            found = self._growth[key] = terms(indicator, window, kind, period)
        return found

    def line(self, indicator: Indicator, window: str, kind: str, line: str, period: int) -> Terms:
        """Sides of one line of a growth's contributions: units that stay, entries, or exits.

        The three lines hold each unit of the growth once. '' is the growth whole.
        """
        key = (indicator.code, window, kind, line, period)
        found = self._lines.get(key)
        if found is None:
            found = self._lines[key] = self._line(
                self.growth(indicator, window, kind, period), indicator, line, period
            )
        return found

    def _line(self, terms: Terms, indicator: Indicator, line: str, period: int) -> Terms:
        if not line:
            return terms
        scope = self.windows.scope(self._table(indicator), period)
        nobody = np.zeros(len(scope), bool)
        now, before, exits = {
            CONTINUING: (terms.stays, terms.stays, False),
            ENTRIES: (scope & ~terms.stays, scope & ~terms.stays, False),
        }.get(line, (nobody, ~scope, True))
        return replace(
            terms,
            current=terms.current.only(now),
            base=terms.base.only(before),
            exits=terms.exits if exits else None,
            without_base=None,
            short_base=None,
        )

    def _of_same_units(self, indicator: Indicator, window: str, kind: str, period: int) -> Terms:
        """Growth of units that have both a current value and a base."""
        table, before = self._table(indicator), year_before(period)
        scope, scope_before = self.windows.scope(table, period), self.windows.scope(table, before)
        now = self.formulas.of(indicator, window, period)
        base = self.formulas.base(indicator, window, period, _BASES[kind])
        scales = scales_of(self.catalogue, self.register, indicator, window, period, period)
        current = scope & now.qualifies
        both = current & base.qualifies
        prices = priced(scales)
        if prices is not None:
            both = both & prices
        exits = None
        if kind == SAME and indicator.exits == "keep_base":
            exits = self._published(indicator, window, period, scope_before & ~scope)
        return Terms(
            _side(now, both, period),
            Side(base.items, both, period, scales=scales),
            exits,
            without_base=current & ~both,
            short_base=None,
            stays=scope & scope_before,
        )

    def _nominal(self, indicator: Indicator, window: str, _: str, period: int) -> Terms:
        """Growth of published totals."""
        table, before = self._table(indicator), year_before(period)
        scope, scope_before = self.windows.scope(table, period), self.windows.scope(table, before)
        now = self.formulas.of(indicator, window, period)
        base = self._published(indicator, window, period, scope_before)
        return Terms(
            _side(now, scope & now.qualifies, period),
            base,
            None,
            without_base=None,
            short_base=None if base.short is None else base.enters & base.short,
            stays=scope & scope_before,
        )

    def _published(self, indicator: Indicator, window: str, period: int, units: Flags) -> Side:
        """What was stored a year before of these units, placed where they were then."""
        before = year_before(period)
        stored = self.formulas.of(indicator, window, before)
        scales = scales_of(self.catalogue, self.register, indicator, window, period, before)
        enters, prices = units & stored.qualifies, priced(scales)
        if prices is not None:
            enters = enters & prices
        return Side(stored.items, enters, before, stored.short, scales=scales)

    def _table(self, indicator: Indicator) -> Table:
        return self.catalogue.table[indicator.table]


def _side(values: FormulaValues, enters: Flags, period: int) -> Side:
    """The current side, with what must be said of its units."""
    return Side(
        values.items,
        enters,
        period,
        None if values.short is None else enters & values.short,
        values.held,
        None if values.adjusted is None else enters & values.adjusted,
    )
