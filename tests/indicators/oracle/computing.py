"""Every figure a second time: slowly, unit by unit, in fractions, from docs/statistics.md alone."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from indicators.catalogue import Indicator
from indicators.periods import format_period
from indicators.vocabulary import CONTRIBUTIONS, split_measure
from tests.indicators.oracle.city import OracleCity
from tests.indicators.oracle.sides import Entry, Formula
from tests.indicators.oracle.spans import Span, span

Entries = dict[str, Entry]


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a figure is about; `by` of a cross."""

    level: str
    code: str
    by_level: str = ""
    by: str = ""


@dataclass(slots=True)
class Expected:
    """What a figure must be."""

    numerator: Fraction
    denominator: Fraction
    value: Fraction | float | None
    units: int
    expected_units: int
    reason: str = ""
    remarks: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Two:
    """Both sides of a growth: units now, and units in the base, each with where it is placed."""

    now: Entries
    base: Entries
    base_placed: Span
    without_base: list[str]
    exits: Entries = field(default_factory=dict)
    nominal: bool = False


class Oracle:
    """Figures of one city as it stands."""

    def __init__(self, city: OracleCity) -> None:
        self.city = city

    def figure(self, indicator: Indicator, measure: str, period: int, who: Subject) -> Expected:
        window, kind = split_measure(measure)
        at = span(period)
        scope = [u for u in self.city.active if self.city.in_scope(indicator, u, at)]
        expects = self.city.catalogue.table[indicator.table].expected != "none"
        expected = len(self._of(who, scope, at)) if expects else 0
        if kind in ("", "share"):
            found = self._plain(indicator, window, kind, at, who)
        elif kind in CONTRIBUTIONS:
            found = self._contribution(indicator, window, CONTRIBUTIONS[kind], at, who)
        else:
            found = self._growth(indicator, window, kind, at, who)
        found.expected_units = expected
        return found

    def _each(self, entry: Callable[[Formula], Entry | None], indicator: Indicator) -> Entries:
        found = {u: entry(Formula(self.city, indicator, u)) for u in self.city.active}
        return {unit: one for unit, one in found.items() if one is not None}

    def _of(self, who: Subject, units: Iterable[str], at: Span) -> list[str]:
        return [
            unit
            for unit in units
            if self.city.belongs(who.level, who.code, unit, at)
            and (not who.by_level or self.city.belongs(who.by_level, who.by, unit, at))
        ]

    def _whole(self, who: Subject, units: Iterable[str], at: Span) -> list[str]:
        """Those of the whole that the subject is part of: the city, or `by` of a cross."""
        return self._of(Subject(who.by_level or "city", who.by), units, at)

    def _plain(
        self, indicator: Indicator, window: str, kind: str, at: Span, who: Subject
    ) -> Expected:
        entries = self._each(lambda formula: formula.current(window, at), indicator)
        mine = self._of(who, entries, at)
        top, bottom = _sums(entries, mine)
        if kind == "share":
            bottom = _sums(entries, self._whole(who, entries, at))[0]
        elif not indicator.is_ratio:
            bottom = Fraction(1)
        found = Expected(top, bottom, None, len(mine), 0)
        if not mine:
            found.reason = "no_units"
        elif bottom == 0 or (kind == "share" and bottom < 0):
            found.reason = "zero_denominator"
        else:
            found.value = top / bottom
        found.remarks = self._remarks(entries, mine, who, at)
        if indicator.is_ratio:
            zero = [unit for unit in mine if entries[unit].denominator == 0]
            found.remarks |= _named("zero_denominators", zero)
        return found

    def _growth(
        self, indicator: Indicator, window: str, kind: str, at: Span, who: Subject
    ) -> Expected:
        two = self._two(indicator, window, kind, at)
        now, base = self._of(who, two.now, at), self._of(who, two.base, two.base_placed)
        exits = self._of(who, two.exits, at.years_back(1))
        n1, d1 = _sums(two.now, now)
        n0, d0 = (
            a + b for a, b in zip(_sums(two.base, base), _sums(two.exits, exits), strict=True)
        )
        found = Expected(n1, n0, None, len(now), 0)
        if not now and not exits:
            found.reason = "no_units"
        elif indicator.is_ratio and 0 in (d1, d0):
            found.reason = "zero_denominator"
        if indicator.is_ratio:
            found.numerator = n1 / d1 if d1 else Fraction(0)
            found.denominator = n0 / d0 if d0 else Fraction(0)
        if not found.reason:
            found.value, found.reason = rate(found.numerator, found.denominator)
            if kind == "two_year_same" and found.value is not None:
                found.value = math.sqrt(found.value + 1) - 1
        found.remarks = self._growth_remarks(two, who, at)
        return found

    def _growth_remarks(self, two: Two, who: Subject, at: Span) -> dict[str, str]:
        found = self._remarks(two.now, self._of(who, two.now, at), who, at)
        found |= _named("units_without_base", self._of(who, two.without_base, at))
        if two.nominal:
            base = self._of(who, two.base, two.base_placed)
            found |= _counted("short_base", sum(two.base[unit].short for unit in base))
        return found

    def _contribution(
        self, indicator: Indicator, window: str, part: tuple[str, str], at: Span, who: Subject
    ) -> Expected:
        growth, line = part
        two = self._two(indicator, window, growth, at)
        ago = at.years_back(1)

        def on_line(unit: str) -> bool:
            now = self.city.in_scope(indicator, unit, at)
            then = self.city.in_scope(indicator, unit, ago)
            lines = {"continuing": now and then, "entries": now and not then,
                     "exits": then and not now}  # fmt: skip
            return not line or lines[line]

        now = [u for u in self._of(who, two.now, at) if on_line(u)]
        base = [u for u in self._of(who, two.base, two.base_placed) if on_line(u)]
        exits = [u for u in self._of(who, two.exits, ago) if on_line(u)]
        whole = (
            _sums(two.base, self._whole(who, two.base, two.base_placed))[0]
            + _sums(two.exits, self._whole(who, two.exits, ago))[0]
        )
        change = _sums(two.now, now)[0] - _sums(two.base, base)[0] - _sums(two.exits, exits)[0]
        left = [u for u in base if u not in two.now] + exits
        found = Expected(change, whole, None, len(now) + len(left), 0)
        anybody = (
            self._of(who, two.now, at)
            or self._of(who, two.base, two.base_placed)
            or self._of(who, two.exits, ago)
        )
        if not anybody:
            found.reason = "no_units"
        elif whole > 0:
            found.value = change / whole
        else:
            found.reason = "zero_denominator"
        found.remarks = self._overlap(now, who, at) if line else self._growth_remarks(two, who, at)
        return found

    def _two(self, indicator: Indicator, window: str, kind: str, at: Span) -> Two:
        ago = at.years_back(1)
        now = self._each(lambda formula: formula.current(window, at), indicator)
        if kind == "yoy_nominal":
            base = self._each(lambda formula: formula.published(window, ago, at), indicator)
            return Two(now, base, ago, [], nominal=True)
        base = self._each(lambda formula: formula.base(kind, window, at), indicator)
        if kind == "yoy_matched":
            base = {u: one for u, one in base.items() if self.city.in_scope(indicator, u, ago)}
        both = [unit for unit in now if unit in base]
        exits: Entries = {}
        if kind == "yoy_same" and indicator.exits == "keep_base":
            then = self._each(lambda formula: formula.published(window, ago, at), indicator)
            exits = {u: e for u, e in then.items() if not self.city.in_scope(indicator, u, at)}
        return Two(
            {unit: now[unit] for unit in both},
            {unit: base[unit] for unit in both},
            at,
            [unit for unit in now if unit not in base],
            exits,
        )

    def _remarks(self, entries: Entries, mine: list[str], who: Subject, at: Span) -> dict[str, str]:
        found = _counted("short_window", sum(entries[unit].short for unit in mine))
        found |= _counted("prior_adjustment", sum(entries[unit].adjusted for unit in mine))
        held = [unit for unit in mine if entries[unit].held]
        if held:
            oldest = min(
                (one for unit in held for one in entries[unit].held),
                key=lambda one: (one.last_day, one.period),
            )
            found["held_stock"] = f"{len(held)}:{format_period(oldest.period)}"
        return found | self._overlap(mine, who, at)

    def _overlap(self, mine: list[str], who: Subject, at: Span) -> dict[str, str]:
        """Of a total, how many of its units are in more than one member."""
        if who.by_level or not self.city.is_total(who.level, who.code):
            return {}
        grouping = self.city.catalogue.grouping[who.level]
        shared = [unit for unit in mine if len(self.city.members(grouping, unit, at)) > 1]
        return _counted("overlap_units", len(shared))


def rate(now: Fraction, base: Fraction) -> tuple[Fraction | None, str]:
    """(rate, ''), or (None, why there is none), by the signs of both sides (rule 14)."""
    if base == 0:
        return None, "no_base"
    if base > 0 and now >= 0:
        return now / base - 1, ""
    if base > 0:
        return None, "no_rate:由盈转亏"
    if now > 0:
        return None, "no_rate:扭亏"
    if now == base:
        return None, "no_rate:持平"
    return None, "no_rate:减亏" if now > base else "no_rate:增亏"


def _sums(entries: Entries, units: Iterable[str]) -> tuple[Fraction, Fraction]:
    top, bottom = Fraction(0), Fraction(0)
    for unit in units:
        top += entries[unit].numerator
        bottom += entries[unit].denominator
    return top, bottom


def _counted(label: str, count: int) -> dict[str, str]:
    return {label: str(count)} if count else {}


def _named(label: str, units: list[str]) -> dict[str, str]:
    """A remark that names the first five units, in the order of the register."""
    return {label: f"{len(units)}:{','.join(units[:5])}"} if units else {}
