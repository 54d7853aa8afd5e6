"""Which observations a figure is made of, and by which factor each of them enters it.

Pure. Windows, bases of growth and list rules are the core's, never written here again: it is asked
for the sides of the figure with 1 in one cell of every unit and 0 in all the others. Sides are
linear in the values while it stays the same which cells are there, so the answer is that cell's
factor, and the sums of a trace are those of the figure itself.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

import numpy as np

from indicators.arrays import Amounts, Flags, Instants
from indicators.catalogue import Catalogue, Indicator
from indicators.formulas import Formulas
from indicators.measures import MeasureTerms, Side
from indicators.register import Register
from indicators.vocabulary import (
    CITY_LEVEL,
    CONTRIBUTION,
    SAME,
    SHARE,
    UNIT_LEVEL,
    split_measure,
)
from indicators.windows import Windows

#: Item code and period id: one column of cells.
Slot = tuple[str, int]
NUMERATOR, DENOMINATOR = "numerator", "denominator"
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
class HeldCells:
    """`Cells` of one table held in memory; `asked` fills with the slots that the core reads."""

    slots: Mapping[Slot, tuple[Amounts, Flags]]
    size: int
    asked: set[Slot] = field(default_factory=set)

    def values(self, table: str, item: str, period: int) -> tuple[Amounts, Flags]:
        self.asked.add((item, period))
        held = self.slots.get((item, period))
        return held or (np.zeros(self.size, np.int64), np.zeros(self.size, bool))

    def periods(self, table: str) -> set[int]:
        return {period for _, period in self.slots}

    def arrivals(self, table: str, period: int) -> Instants:
        return np.full(self.size, -1, np.int64)

    def only(self, slot: Slot) -> "HeldCells":
        """The same cells there, with 1 in those of the slot and 0 in all others."""
        nothing = np.zeros(self.size, np.int64)
        lit = {
            one: (there.astype(np.int64) if one == slot else nothing, there)
            for one, (_, there) in self.slots.items()
        }
        return HeldCells(lit, self.size)


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One side's share in the figure's numerator or denominator, over the units `among`."""

    into: str
    sign: int
    factors: Mapping[str, Fraction]
    side: Side
    among: Flags

    @property
    def enters(self) -> Flags:
        return self.side.enters & self.among


@dataclass(slots=True, eq=False)
class FigureSides:
    """The sides of one figure of a city; vectors are (units,) in the register's order."""

    catalogue: Catalogue
    register: Register
    indicator: Indicator
    asked: Asked
    _places: dict[tuple[int, bool], Flags] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return self.catalogue.table[self.indicator.table].unit_kind

    @property
    def size(self) -> int:
        return self.register.size(self.kind)

    def slots(self) -> set[Slot]:
        """The cells that the core reads for this figure."""
        cells = HeldCells({}, self.size)
        list(self.parts(cells))
        return cells.asked

    def factors(self, cells: HeldCells) -> dict[Slot, dict[str, Amounts]]:
        """slot → side → (units,) factor of the unit's cell, in 10^-6; only what enters."""
        found: dict[Slot, dict[str, Amounts]] = {}
        for slot in cells.slots:
            sums = {side: np.zeros(self.size, np.int64) for side in (NUMERATOR, DENOMINATOR)}
            for part in self.parts(cells.only(slot)):
                for code, factor in part.factors.items():
                    scaled = part.sign * int(factor * FACTOR_SCALE)
                    sums[part.into] += np.where(part.enters, part.side.items[code], 0) * scaled
            kept = {side: factor for side, factor in sums.items() if factor.any()}
            if kept:
                found[slot] = kept
        return found

    def parts(self, cells: HeldCells) -> Iterator[Part]:
        """What is added into the numerator and the denominator, as `indicators.figures` does it."""
        window, kind = split_measure(self.asked.measure)
        period = self.asked.period
        above, below = self.indicator.numerator, self.indicator.denominator
        windows = Windows(self.catalogue, self.register, cells)
        if self.asked.level == UNIT_LEVEL:
            formulas = Formulas(self.catalogue, self.register, windows)
            values = formulas.of(self.indicator, window, period)
            side = Side(values.items, values.qualifies, period)
            yield self._part(NUMERATOR, side, above)
            yield self._part(DENOMINATOR, side, below)
            return
        terms = MeasureTerms(self.catalogue, self.register, windows)
        if kind in ("", SHARE):
            side = terms.level(self.indicator, window, period)
            yield self._part(NUMERATOR, side, above)
            share = kind == SHARE
            yield self._part(DENOMINATOR, side, above if share else below, whole=share)
            return
        contributes = kind == CONTRIBUTION
        growth = terms.growth(self.indicator, window, SAME if contributes else kind, period)
        yield self._part(NUMERATOR, growth.current, above)
        for base in filter(None, (growth.base, growth.exits)):
            if contributes:
                yield self._part(NUMERATOR, base, above, sign=-1)
            yield self._part(DENOMINATOR, base, above, whole=contributes)

    def members(self, period: int, *, whole: bool = False) -> Flags:
        """(units,) the subject's units at a period; `whole`: those of what it is a part of."""
        key = (period, whole)
        if key not in self._places:
            self._places[key] = self._members(period, whole)
        return self._places[key]

    def _members(self, period: int, whole: bool) -> Flags:
        asked = self.asked
        if asked.level == UNIT_LEVEL:
            return np.array([code == asked.subject for code in self.register.codes(self.kind)])
        flags = np.ones(self.size, bool)
        if asked.level != CITY_LEVEL and not whole:
            flags &= self.register.in_member(self.kind, asked.level, asked.subject, period)
        if asked.by_level:
            flags &= self.register.in_member(self.kind, asked.by_level, asked.by_subject, period)
        return flags

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
