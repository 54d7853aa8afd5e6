"""The sides of a figure: what the statistical core adds into its numerator and denominator.

Pure. Windows, bases of growth, tables, prices and list rules are the core's, never written here
again: it is asked for its sides, and which of them goes where is as `indicators.figures` does it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

import numpy as np

from dashboards.console.held_cells import HeldCells, Slot
from indicators.arrays import Amounts, Flags
from indicators.catalogue import Catalogue, Indicator
from indicators.formulas import Formulas
from indicators.measures import MeasureTerms, Side
from indicators.places import Level, Places, whole_level
from indicators.rates import rounded_ratio
from indicators.register import Register
from indicators.vocabulary import CONTRIBUTIONS, GROWTHS, SHARE, UNIT_LEVEL, split_measure
from indicators.windows import Windows

NUMERATOR, DENOMINATOR = "numerator", "denominator"
#: Of the growth of a ratio: what its numerator, the ratio now, and its denominator, the ratio
#: before, are each divided by.
NUMERATOR_BELOW, DENOMINATOR_BELOW = "numerator_below", "denominator_below"
SIDES: Final = (NUMERATOR, NUMERATOR_BELOW, DENOMINATOR, DENOMINATOR_BELOW)
#: Factors of a formula have at most six decimals.
FACTOR_SCALE: Final = 10**6


@dataclass(frozen=True, slots=True)
class Asked:
    """Which figure: the key of a row of v_indicator. by_level and by_subject '' unless crossed."""

    level: str
    subject: str
    by_level: str
    by_subject: str
    period: int
    measure: str


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One side's share in `into`, one of `SIDES`, over the units `among`."""

    into: str
    sign: int
    factors: Mapping[str, Fraction]
    side: Side
    among: Flags

    @property
    def enters(self) -> Flags:
        return self.side.enters & self.among

    def amounts(self, code: str) -> Amounts:
        """(units,) what an item or derived value adds to the side, in 10^-6 of its cells' own."""
        total = np.zeros(len(self.among), np.int64)
        for part in self.side.parts(code):
            factor = self.sign * int(self.factors[code] * part.factor * FACTOR_SCALE)
            total += np.where(self.among, part.values, 0) * factor
        return total


@dataclass(slots=True, eq=False)
class FigureSides:
    """The sides of one figure of a city; vectors are (units,) in the register's order."""

    catalogue: Catalogue
    register: Register
    indicator: Indicator
    asked: Asked
    _places: Places = field(init=False)
    _members: dict[tuple[int, bool], Flags] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._places = Places(self.catalogue, self.register)

    @property
    def kind(self) -> str:
        return self.catalogue.table[self.indicator.table].unit_kind

    @property
    def size(self) -> int:
        return self.register.size(self.kind)

    @property
    def grows(self) -> bool:
        """Whether the figure compares with a base."""
        kind = split_measure(self.asked.measure)[1]
        return kind in GROWTHS or kind in CONTRIBUTIONS

    def slots(self, known: Mapping[str, frozenset[int]] | None = None) -> set[Slot]:
        """The cells that the core reads for this figure; `known` as in `HeldCells`."""
        cells = HeldCells({}, self.size, known or {})
        list(self.parts(cells))
        return cells.asked

    def windows(self, cells: HeldCells) -> Windows:
        return Windows(self.catalogue, self.register, cells)

    def parts(
        self,
        cells: HeldCells,
        judged: Windows | None = None,
        formula: Indicator | None = None,
    ) -> Iterator[Part]:
        """What is added, as `indicators.figures` does it, always in the same order.

        judged: the values by which conditions are judged; None: those of the cells. formula:
        another one, in place of the indicator's.
        """
        window, kind = split_measure(self.asked.measure)
        period, indicator = self.asked.period, formula or self.indicator
        above, below = indicator.numerator, indicator.denominator
        windows = self.windows(cells)
        if self.asked.level == UNIT_LEVEL:
            values = Formulas(self.catalogue, self.register, windows, judged).of(
                indicator, window, period
            )
            side = Side(values.items, values.qualifies, period)
            yield self._part(NUMERATOR, side, above)
            yield self._part(DENOMINATOR, side, below)
            return
        terms = MeasureTerms(self.catalogue, self.register, windows, judged)
        if kind in ("", SHARE):
            side, share = terms.level(indicator, window, period), kind == SHARE
            yield self._part(NUMERATOR, side, above)
            yield self._part(DENOMINATOR, side, above if share else below, whole=share)
        elif kind in CONTRIBUTIONS:
            growth, line = CONTRIBUTIONS[kind]
            own = terms.line(indicator, window, growth, line, period)
            yield self._part(NUMERATOR, own.current, above)
            for base in filter(None, (own.base, own.exits)):
                yield self._part(NUMERATOR, base, above, sign=-1)
            whole = terms.growth(indicator, window, growth, period)
            for base in filter(None, (whole.base, whole.exits)):
                yield self._part(DENOMINATOR, base, above, whole=True)
        else:
            found = terms.growth(indicator, window, kind, period)
            yield self._part(NUMERATOR, found.current, above)
            yield self._part(NUMERATOR_BELOW, found.current, below)
            for base in filter(None, (found.base, found.exits)):
                yield self._part(DENOMINATOR, base, above)
                yield self._part(DENOMINATOR_BELOW, base, below)

    def of_sums(self, sums: Mapping[str, int]) -> tuple[int, int]:
        """The figure's numerator and denominator in 10^-10, out of the sums of its `SIDES`."""
        if not (self.indicator.is_ratio and split_measure(self.asked.measure)[1] in GROWTHS):
            return sums.get(NUMERATOR, 0), sums.get(DENOMINATOR, 0)
        now, now_below, base, base_below = (
            np.array([sums.get(side, 0)], dtype=object) for side in SIDES
        )
        return int(rounded_ratio(now, now_below)[0]), int(rounded_ratio(base, base_below)[0])

    def members(self, period: int, *, whole: bool = False) -> Flags:
        """(units,) the subject's units at a period; `whole`: those of what it is a part of."""
        key = (period, whole)
        if key not in self._members:
            self._members[key] = self._units(period, whole)
        return self._members[key]

    def _units(self, period: int, whole: bool) -> Flags:
        asked = self.asked
        if asked.level == UNIT_LEVEL:
            return np.array([code == asked.subject for code in self.register.codes(self.kind)])
        level: Level = (asked.level, asked.by_level) if asked.by_level else asked.level
        flags = np.zeros(self.size, bool)
        at = self._position(level)
        if at is None:
            return flags
        place = self._places.at(self.kind, level, period)
        members = place.members
        if whole:
            at = int(place.whole_of[at])
            members = self._places.at(self.kind, whole_level(level), period).members
        flags[members.units[members.starts[at] : members.starts[at + 1]]] = True
        return flags

    def _position(self, level: Level) -> int | None:
        """Where the subject stands in the level's vectors; None for one the catalogue lacks."""
        subjects, by_subjects = self._places.subjects(level)
        if len(subjects) == 1 and not self.asked.subject:
            return 0  # the city, asked without its code
        wanted = (self.asked.subject, self.asked.by_subject)
        pairs = list(zip(subjects, by_subjects, strict=True))
        return pairs.index(wanted) if wanted in pairs else None

    def _part(
        self,
        into: str,
        side: Side,
        factors: Mapping[str, Fraction],
        *,
        whole: bool = False,
        sign: int = 1,
    ) -> Part:
        return Part(into, sign, factors, side, self.members(side.period, whole=whole))
