"""Figures (指标数值) of one state of a city: every measure at every level, from exact sums.

A figure is one subject × indicator × measure × period with numerator, denominator, units behind,
units expected, and a reason where there is no value. City, districts and crosses come from the same
vectors, so that a partition's members add to the city in every set. Pure: arrays in, arrays out.
docs/statistics.md has the rules.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from indicators import rates
from indicators.amounts import SIDE_SCALE, Exact, add, combine, scaled
from indicators.arrays import Counts, Flags
from indicators.catalogue import Catalogue, Indicator, Table
from indicators.cells import Calendar, Cells
from indicators.figure_block import FigureBlock
from indicators.measures import MeasureTerms, Side, Terms
from indicators.membership import subject_sums
from indicators.periods import within, year_before
from indicators.places import Level, Place, Places, whole_level
from indicators.quoted import quoted_block
from indicators.reasons import (
    HELD_STOCK,
    OVERLAP,
    PRIOR_ADJUSTMENT,
    SHORT_BASE,
    SHORT_WINDOW,
    WITHOUT_BASE,
    ZERO_DENOMINATORS,
    Remark,
    add_remarks,
)
from indicators.register import Register
from indicators.vocabulary import (
    CONTRIBUTIONS,
    NOMINAL,
    PARTS,
    SHARE,
    TWO_YEAR,
    UNIT_LEVEL,
    split_measure,
)
from indicators.windows import Windows


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """Figures of a block's subjects, the side that their units are on, and what must be said."""

    numerator: Exact
    denominator: Exact
    rates: rates.Rates
    current: Side
    remarks: Sequence[Remark] = ()
    left: Flags | None = None  # (units,) units of a year ago; they count where they were


class Figures:
    """Computes figures from the catalogue, register, cells and calendar it was given.

    One object describes one state: make a new one after every change.
    """

    def __init__(
        self, catalogue: Catalogue, register: Register, cells: Cells, calendar: Calendar
    ) -> None:
        self._catalogue = catalogue
        self._register = register
        self._cells = cells
        self._calendar = calendar
        self._places = Places(catalogue, register)
        self._windows = Windows(catalogue, register, cells)
        self._terms = MeasureTerms(catalogue, register, self._windows)
        self._sums: dict[tuple[int, Level, str], tuple[Side, Exact]] = {}
        self._zeros: dict[int, tuple[Side, Flags]] = {}
        self._nobody: dict[int, Flags] = {}

    def of(
        self, indicator: Indicator, period: int, measure: str, touched: Flags | None
    ) -> Iterator[FigureBlock]:
        """One block a level. `touched` (units,) limits `emit` to their subjects; None: all."""
        for level in indicator.levels:
            if level != UNIT_LEVEL:
                yield self.block(indicator, period, measure, level, touched)

    def quoted(
        self, indicator: Indicator, period: int, besides: Collection[str] = ()
    ) -> Iterator[FigureBlock]:
        """Figures entered from elsewhere (公布数, 核定数, …), with the standing of their table.

        Quotes from the tables `besides` are left out.
        """
        for quote in indicator.quoted:
            if quote.table not in besides and period in self._cells.periods(quote.table):
                yield quoted_block(
                    self._catalogue,
                    self._places,
                    self._register,
                    self._cells,
                    indicator,
                    quote,
                    period,
                )

    def block(
        self, indicator: Indicator, period: int, measure: str, level: Level, touched: Flags | None
    ) -> FigureBlock:
        """The block of one level; `touched` as in `of`."""
        window, kind = split_measure(measure)
        table = self._catalogue.table[indicator.table]
        place = self._places.at(table.unit_kind, level, period)
        if kind in ("", SHARE):
            found = self._plain(indicator, window, kind, period, level, place)
        elif kind in CONTRIBUTIONS:
            found = self._contribution(indicator, window, kind, period, level, place)
        else:
            found = self._growth(indicator, window, kind, period, level, place)
        units = place.count(found.current.enters)
        if kind in CONTRIBUTIONS and found.left is not None:
            units = units + self._before(table, level, period).count(found.left)
        expected = place.count(self._expected(table, period))
        emit = np.ones(len(units), bool)
        if touched is not None and kind not in PARTS:
            emit = place.touched(touched)
            if kind == NOMINAL or found.left is not None:
                emit |= self._before(table, level, period).touched(touched)
        value, reason = found.rates
        codes = self._register.codes(table.unit_kind)
        add_remarks(reason, place, [*found.remarks, *_overlap(found, place)], codes, emit)
        subjects, by_subjects = self._places.subjects(level)
        return FigureBlock(
            indicator=indicator,
            period=period,
            measure=measure,
            standing=table.standing,
            level=level if isinstance(level, str) else level[0],
            by_level="" if isinstance(level, str) else level[1],
            subjects=subjects,
            by_subjects=by_subjects,
            numerator=found.numerator,
            denominator=found.denominator,
            value=value,
            units=units,
            expected=expected,
            reason=reason,
            provisional=self._provisional(table, period, units, expected),
            emit=emit,
        )

    def _plain(
        self, indicator: Indicator, window: str, kind: str, period: int, level: Level, place: Place
    ) -> _Found:
        """A sum, a ratio of sums, or a subject's share of the whole."""
        side = self._terms.level(indicator, window, period)
        behind = place.touched(side.enters)
        numerator = self._sum(indicator, side, level, indicator.numerator)
        remarks = _remarks(side)
        if kind == SHARE:
            denominator = self._whole(indicator, side, level, place)
            return _Found(
                numerator, denominator, rates.part(numerator, denominator, behind), side, remarks
            )
        denominator = _ones(len(behind))
        if indicator.is_ratio:
            denominator = self._sum(indicator, side, level, indicator.denominator)
            zeros = self._zero_denominators(indicator, side)
            remarks.append(Remark(ZERO_DENOMINATORS, zeros, named=True))
        return _Found(
            numerator, denominator, rates.plain(numerator, denominator, behind), side, remarks
        )

    def _growth(
        self, indicator: Indicator, window: str, kind: str, period: int, level: Level, place: Place
    ) -> _Found:
        terms = self._terms.growth(indicator, window, kind, period)
        before = self._before(self._catalogue.table[indicator.table], level, period)
        behind, left = place.touched(terms.current.enters), None
        if terms.exits is not None:
            left = terms.exits.enters
            behind = behind | before.touched(left)
        years = 2 if kind == TWO_YEAR else 1
        now = self._sum(indicator, terms.current, level, indicator.numerator)
        base = self._based(indicator, terms, level, indicator.numerator)
        if not indicator.is_ratio:
            result = rates.growth(now, base, behind, years=years)
            return _Found(now, base, result, terms.current, _growth_remarks(terms, before), left)
        below = self._sum(indicator, terms.current, level, indicator.denominator)
        below_base = self._based(indicator, terms, level, indicator.denominator)
        return _Found(
            rates.rounded_ratio(now, below),
            rates.rounded_ratio(base, below_base),
            rates.ratio_growth((now, below), (base, below_base), behind, years=years),
            terms.current,
            _growth_remarks(terms, before),
            left,
        )

    def _contribution(
        self, indicator: Indicator, window: str, kind: str, period: int, level: Level, place: Place
    ) -> _Found:
        """What a subject, or one line of it, contributes to the growth of the whole."""
        growth, line = CONTRIBUTIONS[kind]
        whole = self._terms.growth(indicator, window, growth, period)
        terms = self._terms.line(indicator, window, growth, line, period)
        table = self._catalogue.table[indicator.table]
        before = self._before(table, level, period)
        behind = place.touched(whole.current.enters)
        if growth == NOMINAL:
            behind = behind | before.touched(whole.base.enters)
        if whole.exits is not None:
            behind = behind | before.touched(whole.exits.enters)
        now = self._sum(indicator, terms.current, level, indicator.numerator)
        points = add(now, -self._based(indicator, terms, level, indicator.numerator))
        bases = [self._whole(indicator, whole.base, level, place)]
        if whole.exits is not None:
            bases.append(self._whole(indicator, whole.exits, level, place))
        base = bases[0] if len(bases) == 1 else add(*bases)
        left = None
        if growth == NOMINAL:
            left = terms.base.enters & ~terms.current.enters
        elif terms.exits is not None:
            left = terms.exits.enters
        remarks = [] if line else _growth_remarks(terms, before)
        return _Found(points, base, rates.part(points, base, behind), terms.current, remarks, left)

    def _based(
        self, indicator: Indicator, terms: Terms, level: Level, factors: Mapping[str, Fraction]
    ) -> Exact:
        """(subjects,) the base of each subject, kept leavers included."""
        base = self._sum(indicator, terms.base, level, factors)
        if terms.exits is None:
            return base
        return add(base, self._sum(indicator, terms.exits, level, factors))

    def _expected(self, table: Table, period: int) -> Flags:
        """(units,) units that ought to be behind a figure of the table."""
        scope = self._windows.scope(table, period)
        if table.expected != "none":
            return scope
        return self._nobody.setdefault(len(scope), np.zeros(len(scope), bool))

    def _before(self, table: Table, level: Level, period: int) -> Place:
        return self._places.at(table.unit_kind, level, year_before(period))

    def _provisional(self, table: Table, period: int, units: Counts, expected: Counts) -> Flags:
        if self._calendar.closed(table.code, within(period, table.frequency)[-1]):
            return np.zeros(len(units), bool)
        return units < table.final_share * expected

    def _sum(
        self, indicator: Indicator, side: Side, level: Level, factors: Mapping[str, Fraction]
    ) -> Exact:
        """(subjects,) one side of the formula in 10^-10, each item's sum made once."""
        if any(code in side.scales for code in factors):
            return self._priced(indicator, side, level, factors)
        place = self._places.at(
            self._catalogue.table[indicator.table].unit_kind, level, side.period
        )
        return combine({code: self._summed(side, level, place, code) for code in factors}, factors)

    def _summed(self, side: Side, level: Level, place: Place, code: str) -> Exact:
        """(subjects,) one item's sums in 10^-4, those of a finer level added where that is all."""
        key = (id(side), level, code)
        found = self._sums.get(key)
        if found is None:  # the side is kept, so that its id stays its own
            margin = place.margin
            if margin is not None:
                sums = margin.of(self._summed(side, margin.level, margin.place, code))
            else:
                (part,) = side.parts(code)
                sums = subject_sums(part.values, part.largest, place.members)
            found = self._sums[key] = (side, sums)
        return found[1]

    def _priced(
        self, indicator: Indicator, side: Side, level: Level, factors: Mapping[str, Fraction]
    ) -> Exact:
        """(subjects,) as `_sum`, each item's values at the prices of the figure's period."""
        kind = self._catalogue.table[indicator.table].unit_kind
        members = self._places.at(kind, level, side.period).members
        total: Exact = np.zeros(members.subjects, np.int64)
        for code, factor in factors.items():
            for part in side.parts(code):
                summed = subject_sums(part.values, part.largest, members)
                total = add(total, scaled(summed, factor * part.factor))
        return total

    def _whole(self, indicator: Indicator, side: Side, level: Level, place: Place) -> Exact:
        """(subjects,) the sum of what each subject is a part of."""
        whole = self._sum(indicator, side, whole_level(level), indicator.numerator)
        return whole[place.whole_of]

    def _zero_denominators(self, indicator: Indicator, side: Side) -> Flags:
        """(units,) units of the figure that reported a denominator of zero."""
        found = self._zeros.get(id(side))
        if found is None:  # the side is kept, so that its id stays its own
            codes = indicator.denominator
            below = combine({code: side.items[code] for code in codes}, codes)
            found = self._zeros[id(side)] = (side, side.enters & np.asarray(below == 0, bool))
        return found[1]


def _ones(size: int) -> Exact:
    return np.full(size, SIDE_SCALE, np.int64)


def _remarks(side: Side) -> list[Remark]:
    """What must be said of units of the current side."""
    found = []
    if side.short is not None:
        found.append(Remark(SHORT_WINDOW, side.short))
    if side.adjusted is not None:
        found.append(Remark(PRIOR_ADJUSTMENT, side.adjusted))
    if side.held is not None:
        found.append(Remark(HELD_STOCK, side.enters & (side.held > 0), held=side.held))
    return found


def _growth_remarks(terms: Terms, before: Place) -> list[Remark]:
    found = []
    if terms.without_base is not None:
        found.append(Remark(WITHOUT_BASE, terms.without_base, named=True))
    found += _remarks(terms.current)
    if terms.short_base is not None:
        found.append(Remark(SHORT_BASE, terms.short_base, place=before))
    return found


def _overlap(found: _Found, place: Place) -> list[Remark]:
    """That a total holds units which more than one member holds."""
    shared = place.shared()
    if shared is None:
        return []
    return [Remark(OVERLAP, found.current.enters & shared, subjects=place.totals)]
