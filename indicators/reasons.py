"""Why a figure has no value, and what must be said beside one that it has: codes joined by `;`.

`no_units`, `zero_denominator`, `no_base`, `no_rate:<word>`, `not_quoted`; then remarks that count
units: `units_without_base=n:code,…`, `zero_denominators=n:code,…`, `short_window=n`,
`short_base=n`, `overlap_units=n`, `prior_adjustment=n`, `held_stock=n:oldest period`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from indicators.arrays import Flags
from indicators.periods import format_period, period_end
from indicators.places import Place

NO_UNITS = "no_units"
ZERO_DENOMINATOR = "zero_denominator"
NOT_QUOTED = "not_quoted"
WITHOUT_BASE = "units_without_base"
ZERO_DENOMINATORS = "zero_denominators"
SHORT_WINDOW = "short_window"
SHORT_BASE = "short_base"
OVERLAP = "overlap_units"
PRIOR_ADJUSTMENT = "prior_adjustment"
HELD_STOCK = "held_stock"
_NAMED_UNITS = 5  # how many units a reason names; their count is always whole


@dataclass(frozen=True, slots=True, eq=False)
class Remark:
    """What is said of the flagged units, (units,).

    named: their codes are told. held: (units,) the periods that their values are of; the oldest is
    told. subjects: (subjects,) those of which the remark is made, None for every one. place: where
    the units are counted, None where the figure's are.
    """

    label: str
    units: Flags
    named: bool = False
    held: NDArray[np.int32] | None = None
    subjects: Flags | None = None
    place: Place | None = None


def add_remarks(
    reasons: list[str],
    place: Place,
    remarks: Iterable[Remark],
    codes: Sequence[str],
    wanted: Flags,
) -> None:
    """Append to the reasons of the `wanted` subjects how many of their units a remark is about.

    `codes`: of the units, by which some remarks name them.
    """
    for remark in remarks:
        told = wanted if remark.subjects is None else wanted & remark.subjects
        place_of = remark.place or place
        counts = place_of.count(remark.units)
        for at in np.flatnonzero((counts > 0) & told).tolist():
            text = f"{remark.label}={counts[at]}"
            if remark.named:
                named = place_of.members.of(at, remark.units)[:_NAMED_UNITS].tolist()
                text += ":" + ",".join([codes[unit] for unit in named])
            if remark.held is not None:
                units = place_of.members.of(at, remark.units)
                text += f":{format_period(_oldest(remark.held[units]))}"
            reasons[at] = f"{reasons[at]};{text}" if reasons[at] else text


def _oldest(periods: NDArray[np.int32]) -> int:
    """The period that ended first: stocks of one figure may be of tables of several frequencies."""
    different: list[int] = np.unique(periods).tolist()
    return min(different, key=lambda period: (period_end(period), period))


def sign_word(current: int | Fraction, base: int | Fraction) -> str:
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
