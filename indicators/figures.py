"""Figures (指标数值) of one state of a city: every measure at every level, from exact sums.

A figure is one subject × indicator × measure × period with numerator, denominator, units behind,
units expected, and a reason where there is no value. City, districts and crosses come from the same
vectors, so that a partition's members add to the city in every set. Pure: arrays in, arrays out.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from indicators.amounts import SIDE_SCALE, Exact, add, combine, quotient, subject_sums, times
from indicators.arrays import Counts, Flags, Ratios
from indicators.catalogue import CITY_LEVEL, UNIT_LEVEL, Catalogue, Grouping, Indicator, Standing
from indicators.cells import Calendar, Cells
from indicators.measures import MeasureTerms, Side
from indicators.periods import year_before
from indicators.register import Membership, Register
from indicators.vocabulary import CONTRIBUTION, NOMINAL, SAME, SHARE, split_measure
from indicators.windows import Windows

Level = str | tuple[str, str]
_NAMED_UNITS = 5  # how many units without base a reason names; their count is always whole


@dataclass(frozen=True, slots=True, eq=False)
class FigureBlock:
    """Figures of one indicator, period, measure and level; vectors are (subjects,).

    numerator and denominator in 10^-10 (a plain sum has denominator 1); value is
    NaN where there is none, and then `reason` says why. `emit` marks the subjects that the change
    at hand touched.
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
class _Place:
    """Subjects of a level at one period, and where each one's whole (for shares) is."""

    members: Membership
    whole: Membership
    whole_of: np.ndarray[tuple[int], np.dtype[np.intp]]


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
        self._windows = Windows(catalogue, register, cells)
        self._terms = MeasureTerms(catalogue, register, self._windows)
        self._sums: dict[tuple[int, Level, int, str], Exact] = {}
        self._keep: list[object] = []  # holds vectors whose id() is a key of `_sums`

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
            table = self._catalogue.table[quote.table]
            if period not in self._cells.periods(quote.table):
                continue
            value, has = self._cells.values(quote.table, quote.item, period)
            position = {code: at for at, code in enumerate(self._register.codes(table.unit_kind))}
            subjects = self._subjects(quote.level)[0]
            at = np.array([position.get(code, -1) for code in subjects], np.int64)
            known = at >= 0
            there = known & has[at] if len(has) else np.zeros(len(subjects), bool)
            numerator = times(np.where(there, value[at] if len(has) else 0, 0), SIDE_SCALE // 10**4)
            whole = np.full(len(subjects), SIDE_SCALE, np.int64)
            yield FigureBlock(
                indicator=indicator,
                period=period,
                measure="current",
                standing=table.standing,
                level=quote.level,
                by_level="",
                subjects=subjects,
                by_subjects=[""] * len(subjects),
                numerator=numerator,
                denominator=whole,
                value=quotient(numerator, whole, there),
                units=there.astype(np.int64),
                expected=there.astype(np.int64),
                reason=["" if found else "not_quoted" for found in there],
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
        place = self._place(table.unit_kind, level, period)
        scope = self._windows.scope(table, period)
        expected = place.members.count(scope if table.expected != "none" else scope & False)
        lacking: Flags | None = None
        short_base: Flags | None = None
        exits: Flags | None = None
        before = self._place(table.unit_kind, level, year_before(period)).members
        if kind in ("", SHARE):
            side = self._terms.level(indicator, window, period)
            units = place.members.count(side.enters)
            numerator = self._sum(indicator, side, level, indicator.numerator)
            if kind == SHARE:
                denominator = self._whole(indicator, side, level, place)
            elif indicator.is_ratio:
                denominator = self._sum(indicator, side, level, indicator.denominator)
            else:
                denominator = np.full(len(units), SIDE_SCALE, np.int64)
        else:
            terms = self._terms.growth(
                indicator, window, SAME if kind == CONTRIBUTION else kind, period
            )
            units = place.members.count(terms.current.enters)
            current = self._sum(indicator, terms.current, level, indicator.numerator)
            base = self._sum(indicator, terms.base, level, indicator.numerator)
            if terms.exits is not None:
                base = add(base, self._sum(indicator, terms.exits, level, indicator.numerator))
            lacking, short_base = terms.without_base, terms.short_base
            exits = terms.exits.enters if terms.exits is not None else None
            numerator, denominator = current, base
            if kind == CONTRIBUTION:
                numerator = add(current, -base)
                denominator = self._whole(indicator, terms.base, level, place)
                if terms.exits is not None:
                    left = self._whole(indicator, terms.exits, level, place)
                    denominator = add(denominator, left)
        growth = kind not in ("", SHARE, CONTRIBUTION)
        behind = units > 0 if exits is None else (units > 0) | (before.count(exits) > 0)
        valid = behind & np.asarray(denominator != 0 if kind == "" else denominator > 0, bool)
        if growth:
            valid &= np.asarray(numerator >= 0, bool)
        over = add(numerator, -denominator) if growth else numerator
        subjects, by_subjects = self._subjects(level)
        emit = np.ones(len(units), bool)
        if touched is not None and kind not in (SHARE, CONTRIBUTION):
            emit = place.members.touched(touched)
            if kind == NOMINAL or exits is not None:
                emit |= before.touched(touched)
        short = self._windows.formula(indicator, window, period).short & scope if window else None
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
            units=units,
            expected=expected,
            reason=self._reasons(
                table.unit_kind,
                place.members,
                behind,
                valid,
                numerator,
                denominator,
                growth,
                {"units_without_base": lacking, "short_window": short, "short_base": short_base},
            ),
            provisional=self._provisional(table.code, table.final_share, period, units, expected),
            emit=emit,
        )

    def _provisional(
        self, table: str, final_share: float, period: int, units: Counts, expected: Counts
    ) -> Flags:
        if self._calendar.closed(table, period):
            return np.zeros(len(units), bool)
        return units < final_share * expected

    def _reasons(
        self,
        kind: str,
        members: Membership,
        behind: Flags,
        valid: Flags,
        numerator: Exact,
        denominator: Exact,
        growth: bool,
        remarks: Mapping[str, Flags | None],
    ) -> list[str]:
        """Codes joined by ';'. Why there is no value; then how many units a remark is about."""
        reasons = [""] * len(behind)
        for at in np.flatnonzero(~valid).tolist():
            if not behind[at]:
                reasons[at] = "no_units"
            elif growth:
                reasons[at] = _sign_word(int(numerator[at]), int(denominator[at]))
            else:
                reasons[at] = "zero_denominator"
        for label, flags in remarks.items():
            if flags is None or not flags.any():
                continue
            counts = members.count(flags)
            for at in np.flatnonzero(counts).tolist():
                text = f"{label}={counts[at]}"
                if label == "units_without_base":
                    units = members.units[members.starts[at] : members.starts[at + 1]]
                    named = units[flags[units]][:_NAMED_UNITS]
                    text += ":" + ",".join(self._register.codes(kind)[unit] for unit in named)
                reasons[at] = f"{reasons[at]};{text}" if reasons[at] else text
        return reasons

    def _sum(
        self, indicator: Indicator, side: Side, level: Level, factors: dict[str, Fraction]
    ) -> Exact:
        place = self._place(self._catalogue.table[indicator.table].unit_kind, level, side.period)
        return self._summed(side, level, place.members, factors)

    def _whole(self, indicator: Indicator, side: Side, level: Level, place: _Place) -> Exact:
        """(subjects,) the sum of what each subject is a part of: the city, or the by_subject."""
        whole: Level = CITY_LEVEL if isinstance(level, str) else level[1]
        kind = self._catalogue.table[indicator.table].unit_kind
        members = self._place(kind, whole, side.period).members
        return self._summed(side, whole, members, indicator.numerator)[place.whole_of]

    def _summed(
        self, side: Side, level: Level, members: Membership, factors: dict[str, Fraction]
    ) -> Exact:
        sums: dict[str, Exact] = {}
        for code in factors:
            key = (id(side), level, side.period, code)
            found = self._sums.get(key)
            if found is None:
                found = self._sums[key] = subject_sums(side.items[code], side.enters, members)
                self._keep.append(side)
            sums[code] = found
        return combine(sums, factors, members.subjects)

    def _place(self, kind: str, level: Level, period: int) -> _Place:
        city = self._register.membership(kind, None, period)
        if isinstance(level, tuple):
            first, second = (self._catalogue.grouping[code] for code in level)
            members = self._register.crossed(kind, first, second, period)
            whole = self._register.membership(kind, second, period)
            whole_of = np.tile(np.arange(len(second.members)), len(first.members))
            return _Place(members, whole, whole_of)
        members = self._register.membership(kind, self._grouping(level), period)
        return _Place(members, city, np.zeros(members.subjects, np.intp))

    def _grouping(self, level: str) -> Grouping | None:
        return None if level == CITY_LEVEL else self._catalogue.grouping[level]

    def _subjects(self, level: Level) -> tuple[Sequence[str], Sequence[str]]:
        """(subjects, by_subjects) codes in the order of the level's vectors."""
        if isinstance(level, tuple):
            first, second = (self._catalogue.grouping[code].members for code in level)
            return (
                [one.code for one in first for _ in second],
                [other.code for _ in first for other in second],
            )
        grouping = self._grouping(level)
        if grouping is None:
            return [self._catalogue.city.code], [""]
        return [member.code for member in grouping.members], [""] * len(grouping.members)


def _sign_word(current: int, base: int) -> str:
    """Why a growth has no rate: no base, or a loss on one side (扭亏, 减亏, 增亏, 由盈转亏)."""
    if base == 0:
        return "no_base"
    if base > 0:
        return "no_rate:由盈转亏"
    if current > 0:
        return "no_rate:扭亏"
    if current == base:
        return "no_rate:持平"
    return "no_rate:减亏" if current > base else "no_rate:增亏"
