"""By which factor each observation enters a figure, and which units are counted in it as one.

Pure. The core is asked for the sides of the figure with 1 in one cell of every unit and 0 in all
the others; conditions are judged by the values as they are. Then sides are linear in the values
while it stays the same which cells are there, so what a lit cell adds is its factor. What is there
with every cell dark is no value of a cell: units counted because a condition holds. So the sums of
a trace are those of the figure itself.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dashboards.console.held_cells import HeldCells, Slot
from dashboards.console.sides import SIDES, FigureSides, Part
from indicators.arrays import Amounts
from indicators.catalogue import Catalogue, Indicator
from indicators.periods import period_end
from indicators.windows import Windows

#: A unit counted is 1, in the scale of values.
_ONE = 10**4


@dataclass(frozen=True, slots=True, eq=False)
class Count:
    """Units that count as one in a side, by a derived value placed by `period`.

    factor: (units,) in 10^-6, 0 for units that do not. rests_on: (units,) position in `slots` of
    the cell that the condition was judged by (its last, where it is of several), -1 for none.
    """

    into: str
    code: str
    period: int
    factor: Amounts
    slots: list[Slot]
    rests_on: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Factors:
    """linear: slot → side → (units,) factor of the unit's cell, in 10^-6; only what enters."""

    linear: Mapping[Slot, Mapping[str, Amounts]]
    counts: list[Count]

    def of(self, slot: Slot, at: int) -> dict[str, int]:
        """side → factor of one unit's cell."""
        return {side: int(factor[at]) for side, factor in self.linear.get(slot, {}).items()}

    def counted(self, slot: Slot, at: int) -> list[Count]:
        """Counts that rest on one unit's cell."""
        return [
            one
            for one in self.counts
            if one.rests_on[at] >= 0 and one.slots[int(one.rests_on[at])] == slot
        ]

    def sums(self, cells: HeldCells) -> dict[str, int]:
        """Σ factor · value of each of `SIDES`, in 10^-10."""
        found = dict.fromkeys(SIDES, 0)
        for slot, by_side in self.linear.items():
            values = cells.slots[slot][0].astype(object)
            for side, factor in by_side.items():
                found[side] += int((values * factor.astype(object)).sum())
        for one in self.counts:
            found[one.into] += int(one.factor.astype(object).sum()) * _ONE
        return found


def factors_of(sides: FigureSides, cells: HeldCells) -> Factors:
    """How each of the cells enters the figure."""
    judged = sides.windows(cells)
    dark = list(sides.parts(cells.lit(None), judged))
    steady = [_by_code(part) for part in dark]
    linear: dict[Slot, dict[str, Amounts]] = {}
    for slot in cells.slots:
        sums: dict[str, Amounts] = {}
        for part, still in zip(sides.parts(cells.lit(slot), judged), steady, strict=True):
            for code, amounts in _by_code(part).items():
                moved = amounts - still[code]
                sums[part.into] = sums[part.into] + moved if part.into in sums else moved
        kept = {side: factor for side, factor in sums.items() if factor.any()}
        if kept:
            linear[slot] = kept
    counts = [
        (at, part, code, amounts // _ONE)
        for at, (part, still) in enumerate(zip(dark, steady, strict=True))
        for code, amounts in still.items()
        if amounts.any()
    ]
    slots = sorted(cells.slots, key=lambda slot: (period_end(slot[2]), slot))
    rests = {
        code: _rests_on(sides, cells, judged, code, slots)
        for code in dict.fromkeys(code for _, _, code, _ in counts)
    }
    return Factors(
        linear,
        [
            Count(
                part.into,
                code,
                part.side.period,
                factor,
                slots,
                np.where(factor != 0, rests[code][at], -1),
            )
            for at, part, code, factor in counts
        ],
    )


def _by_code(part: Part) -> dict[str, Amounts]:
    return {code: part.amounts(code) for code in part.factors}


def _rests_on(
    sides: FigureSides, cells: HeldCells, judged: Windows, code: str, slots: list[Slot]
) -> list[NDArray[np.int64]]:
    """For each part, (units,) the last of `slots` that the value judged is made of, -1 for none.

    The formula is asked with that value in place of everything else.
    """
    item = _judged_item(sides.catalogue, sides.indicator, code)
    found = [np.full(sides.size, -1, np.int64) for _ in sides.parts(cells, judged)]
    if item is None:
        return found
    formula = sides.indicator.model_copy(
        update={
            "numerator": {item: 1},
            "denominator": {item: 1} if sides.indicator.is_ratio else {},
            "constant_prices": {},
        }
    )
    for at, slot in enumerate(slots):
        for into, part in zip(found, sides.parts(cells.lit(slot), judged, formula), strict=True):
            for amounts in _by_code(part).values():
                into[amounts != 0] = at
    return found


def _judged_item(catalogue: Catalogue, indicator: Indicator, code: str) -> str | None:
    """The item by which a unit is counted; by an attribute alone, one that it has to have."""
    when = catalogue.derived_value[code].when
    if when is not None and when.item is not None:
        return when.item
    return next(_items(catalogue, indicator), None)


def _items(catalogue: Catalogue, indicator: Indicator) -> Iterator[str]:
    for code in indicator.items:
        derived = catalogue.derived_value.get(code)
        yield from [code] if derived is None else derived.items
