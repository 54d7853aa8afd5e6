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

from indicators.arrays import Counts, Flags
from indicators.membership import Positions
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
        subjects = np.flatnonzero((counts > 0) & told)
        if not len(subjects):
            continue
        texts = [f"{remark.label}={count}" for count in counts[subjects].tolist()]
        if remark.named or remark.held is not None:
            _add_units(texts, remark, place_of, counts, subjects, codes)
        for at, text in zip(subjects.tolist(), texts, strict=True):
            reasons[at] = f"{reasons[at]};{text}" if reasons[at] else text


def _add_units(
    texts: list[str],
    remark: Remark,
    place: Place,
    counts: Counts,
    subjects: Positions,
    codes: Sequence[str],
) -> None:
    """Add to each subject's text which units are meant, or the oldest period of their values."""
    flagged = place.members.flagged(remark.units)
    ends = np.cumsum(counts)[subjects]
    begins = ends - counts[subjects]
    spans = list(zip(begins.tolist(), ends.tolist(), strict=True))
    if remark.named:
        units, code_of = flagged.tolist(), codes.__getitem__
        for at, (begin, end) in enumerate(spans):
            named = units[begin : min(end, begin + _NAMED_UNITS)]
            texts[at] += ":" + ",".join(map(code_of, named))
    if remark.held is not None:
        held = remark.held[flagged]
        for at, (begin, end) in enumerate(spans):
            texts[at] += f":{format_period(_oldest(held[begin:end]))}"


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
