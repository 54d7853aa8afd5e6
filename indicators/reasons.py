"""Why a figure has no value, and what must be said beside one that it has: codes joined by `;`.

`no_units`, `zero_denominator`, `no_base`, `no_rate:<word>`, `not_quoted`; then remarks that count
units: `units_without_base=n:code,…`, `short_window=n`, `short_base=n`.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from indicators.amounts import Exact
from indicators.arrays import Flags
from indicators.places import Place

NOT_QUOTED = "not_quoted"
WITHOUT_BASE = "units_without_base"
SHORT_WINDOW = "short_window"
SHORT_BASE = "short_base"
_NAMED_UNITS = 5  # how many units without base a reason names; their count is always whole


def lack_of_value(
    behind: Flags, valid: Flags, numerator: Exact, denominator: Exact, *, growth: bool
) -> list[str]:
    """(subjects,) why there is no value; '' where there is one."""
    reasons = [""] * len(behind)
    for at in np.flatnonzero(~valid).tolist():
        if not behind[at]:
            reasons[at] = "no_units"
        elif growth:
            reasons[at] = _sign_word(int(numerator[at]), int(denominator[at]))
        else:
            reasons[at] = "zero_denominator"
    return reasons


def add_remarks(
    reasons: list[str],
    place: Place,
    remarks: Mapping[str, Flags | None],
    codes: Sequence[str],
    wanted: Flags,
) -> None:
    """Append to the reasons of the `wanted` subjects how many of their units a remark is about.

    `remarks`: label → (units,) flags; `codes`: of the units, by which those without base are named.
    """
    for label, flags in remarks.items():
        if flags is None:
            continue
        counts = place.count(flags)
        for at in np.flatnonzero((counts > 0) & wanted).tolist():
            text = f"{label}={counts[at]}"
            if label == WITHOUT_BASE:
                named = place.members.of(at, flags)[:_NAMED_UNITS].tolist()
                text += ":" + ",".join([codes[unit] for unit in named])
            reasons[at] = f"{reasons[at]};{text}" if reasons[at] else text


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
