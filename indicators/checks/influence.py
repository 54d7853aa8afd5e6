"""差错影响度: how much an error weighs, per mille of the district's total of an item.

Source: the practice of data quality inspections (统计数据质量检查): |error| / district total,
in tiers of 5, 10, 20 and 30 per mille.
"""

from fractions import Fraction
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from indicators.amounts import Exact
from indicators.arrays import Flags, Ratios
from indicators.checks.numbers import (
    VALUE_SCALE,
    Numbers,
    absolute,
    constant,
    divided,
    multiplied,
    negative,
    total,
)

#: Lower bounds in per mille; below the first there is no tier (0).
TIERS: Final = (5, 10, 20, 30)
_PER_MILLE: Final = Fraction(1000)


def influence(left: Numbers, right: Numbers, totals: Exact, there: Flags, units: int) -> Ratios:
    """(units,) |left - right| in per mille of |total|, NaN where there is none or it is zero.

    totals: (units,) in 10^-4 of the unit of both sides; there: (units,) whether there is one.
    """
    error = absolute(total(left, negative(right)))
    whole = absolute(Numbers(totals, VALUE_SCALE, there))
    return divided(multiplied(error, constant(_PER_MILLE)), whole).floats(units)


def tier(per_mille: Ratios) -> NDArray[Any]:
    """(units,) the highest of `TIERS` that is reached, 0 for none."""
    bounds = np.array([0, *TIERS], np.int64)
    reached = np.searchsorted(bounds[1:], np.nan_to_num(per_mille, nan=0.0), side="right")
    return bounds[reached]
