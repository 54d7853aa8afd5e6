"""Figures (指标数值) of one state of a city: every measure at every level, from exact sums.

A figure is one subject × indicator × measure × period with numerator, denominator, units behind,
units expected, and a reason where there is no value. City, districts and crosses come from the same
vectors, so that a partition's members add to the city in every set. Pure: arrays in, arrays out.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from indicators.amounts import SIDE_SCALE, Exact, add, combine, quotient, times
from indicators.arrays import Counts, Flags, Ratios
from indicators.catalogue import Catalogue, Indicator, Quoted, Table
from indicators.cells import Calendar, Cells
from indicators.measures import MeasureTerms, Side, Terms
from indicators.membership import subject_sums
from indicators.modelling import Standing
from indicators.periods import year_before
from indicators.places import Level, Place, Places, whole_level
from indicators.reasons import (
    NOT_QUOTED,
    SHORT_BASE,
    SHORT_WINDOW,
    WITHOUT_BASE,
    add_remarks,
    lack_of_value,
)
from indicators.register import Register
from indicators.vocabulary import (
    CONTRIBUTION,
    NOMINAL,
    PARTS,
    SAME,
    SHARE,
    UNIT_LEVEL,
    split_measure,
)
from indicators.windows import Windows


@dataclass(frozen=True, slots=True, eq=False)
class FigureBlock:
    """Figures of one indicator, period, measure and level; vectors are (subjects,).

    numerator and denominator in 10^-10 (a plain sum has denominator 1); value is
    NaN where there is none, and then `reason` says why. `emit` marks the subjects that the change
    at hand touched; the remarks in `reason` are only there for these.
    """

    indicator: Indicator
    period: int
    measure: str
    standing: Standing
    level: str
    by_level: str
    subjects: Sequence[str]
    by_subjects: Sequence[str]
    numerator: Exact
    denominator: Exact
    value: Ratios
    units: Counts
    expected: Counts
    reason: list[str]
    provisional: Flags
    emit: Flags


@dataclass(frozen=True, slots=True, eq=False)
class _Sides:
    """Both sides of a block's figures, who is behind them, and what must be said of units."""

    numerator: Exact
    denominator: Exact
    units: Counts
    behind: Flags
    remarks: Mapping[str, Flags | None]
    exits: Flags | None = None  # (units,) leavers whose base is kept; they count where they were


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
        self._nobody: dict[int, Flags] = {}

    def of(
        self, indicator: Indicator, period: int, measure: str, touched: Flags | None
    ) -> Iterator[FigureBlock]:
        """One block a level. `touched` (units,) limits `emit` to their subjects; None: all."""
        for level in indicator.levels:
            if level != UNIT_LEVEL:
                yield self._block(indicator, period, measure, level, touched)

    def quoted(self, indicator: Indicator, period: int) -> Iterator[FigureBlock]:
        """Figures entered from elsewhere (公布数, 核定数, …), with the standing of their table."""
        for quote in indicator.quoted:
            if period in self._cells.periods(quote.table):
                yield self._quoted(indicator, quote, period)

    def _quoted(self, indicator: Indicator, quote: Quoted, period: int) -> FigureBlock:
        table = self._catalogue.table[quote.table]
        value, has = self._cells.values(quote.table, quote.item, period)
        position = {code: at for at, code in enumerate(self._register.codes(table.unit_kind))}
        subjects, by_subjects = self._places.subjects(quote.level)
        at = np.array([position.get(code, -1) for code in subjects], np.int64)
        known = at >= 0
        there = known & has[at] if len(has) else np.zeros(len(subjects), bool)
        numerator = times(np.where(there, value[at] if len(has) else 0, 0), SIDE_SCALE // 10**4)
        whole = np.full(len(subjects), SIDE_SCALE, np.int64)
        return FigureBlock(
            indicator=indicator,
            period=period,
            measure="current",
            standing=table.standing,
            level=quote.level,
            by_level="",
            subjects=subjects,
            by_subjects=by_subjects,
            numerator=numerator,
            denominator=whole,
            value=quotient(numerator, whole, there),
            units=there.astype(np.int64),
            expected=there.astype(np.int64),
            reason=["" if found else NOT_QUOTED for found in there],
            provisional=np.zeros(len(subjects), bool),
            # A quote that is withdrawn must say so, or the old one would stand for ever.
            emit=known,
        )

    def _block(
        self,
        indicator: Indicator,
        period: int,
        measure: str,
        level: Level,
        touched: Flags | None,
    ) -> FigureBlock:
        window, kind = split_measure(measure)
        table = self._catalogue.table[indicator.table]
        place = self._places.at(table.unit_kind, level, period)
        expected = place.count(self._expected(table, period))
        if kind in ("", SHARE):
            sides = self._level(indicator, window, kind, period, level, place)
        else:
            sides = self._change(indicator, window, kind, period, level, place)
        growth = bool(kind) and kind not in PARTS
        numerator, denominator = sides.numerator, sides.denominator
        sound = denominator > 0 if kind else denominator != 0
        valid = sides.behind & np.asarray(sound, bool)
        if growth:
            valid &= np.asarray(numerator >= 0, bool)
        over = add(numerator, -denominator) if growth else numerator
        emit = np.ones(len(valid), bool)
        if touched is not None and kind not in PARTS:
            emit = place.touched(touched)
            if kind == NOMINAL or sides.exits is not None:
                emit |= self._before(table, level, period).touched(touched)
        reason = lack_of_value(sides.behind, valid, numerator, denominator, growth=growth)
        codes = self._register.codes(table.unit_kind)
        add_remarks(reason, place, sides.remarks, codes, emit)
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
            numerator=numerator,
            denominator=denominator,
            value=quotient(over, denominator, valid),
            units=sides.units,
            expected=expected,
            reason=reason,
            provisional=self._provisional(table, period, sides.units, expected),
            emit=emit,
        )

    def _level(
        self, indicator: Indicator, window: str, kind: str, period: int, level: Level, place: Place
    ) -> _Sides:
        """A plain figure, or its share of the whole."""
        side = self._terms.level(indicator, window, period)
        units = place.count(side.enters)
        if kind == SHARE:
            denominator = self._whole(indicator, side, level, place)
        elif indicator.is_ratio:
            denominator = self._sum(indicator, side, level, indicator.denominator)
        else:
            denominator = np.full(len(units), SIDE_SCALE, np.int64)
        return _Sides(
            self._sum(indicator, side, level, indicator.numerator),
            denominator,
            units,
            units > 0,
            {SHORT_WINDOW: side.short},
        )

    def _change(
        self, indicator: Indicator, window: str, kind: str, period: int, level: Level, place: Place
    ) -> _Sides:
        """A growth: current over base; or what a subject contributes to it."""
        terms = self._terms.growth(
            indicator, window, SAME if kind == CONTRIBUTION else kind, period
        )
        units = place.count(terms.current.enters)
        behind, exits = units > 0, None
        numerator = self._sum(indicator, terms.current, level, indicator.numerator)
        denominator = self._sum(indicator, terms.base, level, indicator.numerator)
        if terms.exits is not None:
            exits = terms.exits.enters
            table = self._catalogue.table[indicator.table]
            behind = behind | self._before(table, level, period).touched(exits)
            left = self._sum(indicator, terms.exits, level, indicator.numerator)
            denominator = add(denominator, left)
        if kind == CONTRIBUTION:
            numerator = add(numerator, -denominator)
            denominator = self._whole_base(indicator, terms, level, place)
        remarks = {
            WITHOUT_BASE: terms.without_base,
            SHORT_WINDOW: terms.current.short,
            SHORT_BASE: terms.short_base,
        }
        return _Sides(numerator, denominator, units, behind, remarks, exits)

    def _whole_base(self, indicator: Indicator, terms: Terms, level: Level, place: Place) -> Exact:
        """(subjects,) the base of what each subject is a part of, kept leavers included."""
        base = self._whole(indicator, terms.base, level, place)
        if terms.exits is None:
            return base
        return add(base, self._whole(indicator, terms.exits, level, place))

    def _expected(self, table: Table, period: int) -> Flags:
        """(units,) units that ought to be behind a figure of the table."""
        scope = self._windows.scope(table, period)
        if table.expected != "none":
            return scope
        return self._nobody.setdefault(len(scope), np.zeros(len(scope), bool))

    def _before(self, table: Table, level: Level, period: int) -> Place:
        return self._places.at(table.unit_kind, level, year_before(period))

    def _provisional(self, table: Table, period: int, units: Counts, expected: Counts) -> Flags:
        if self._calendar.closed(table.code, period):
            return np.zeros(len(units), bool)
        return units < table.final_share * expected

    def _sum(
        self, indicator: Indicator, side: Side, level: Level, factors: Mapping[str, Fraction]
    ) -> Exact:
        """(subjects,) one side of the formula in 10^-10, each item's sum made once."""
        kind = self._catalogue.table[indicator.table].unit_kind
        members = self._places.at(kind, level, side.period).members
        sums: dict[str, Exact] = {}
        for code in factors:
            key = (id(side), level, code)
            found = self._sums.get(key)
            if found is None:  # the side is kept, so that its id stays its own
                values, largest = side.entering(code)
                found = self._sums[key] = (side, subject_sums(values, largest, members))
            sums[code] = found[1]
        return combine(sums, factors)

    def _whole(self, indicator: Indicator, side: Side, level: Level, place: Place) -> Exact:
        """(subjects,) the sum of what each subject is a part of."""
        whole = self._sum(indicator, side, whole_level(level), indicator.numerator)
        return whole[place.whole_of]
