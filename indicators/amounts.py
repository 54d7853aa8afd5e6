"""Exact amounts: sums in integers of any size, quotients formed once.

Values are int64 in 10^-4. A side of a formula (分子, 分母) is Σ factor · Σ item, kept in 10^-10 so
that exact conversions (1亩 = 2000/3 m²) stay exact. Arrays are int64 while they fit and Python
integers (dtype object) beyond, so no sum ever wraps.
"""

from collections.abc import Mapping
from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indicators.arrays import Flags, Ratios

#: Exact integers: int64, or object holding Python int where int64 could overflow.
Exact = NDArray[Any]

SIDE_SCALE = 10**10
_SIDE_PER_VALUE = 10**6
_INT64 = 2**63
_FLOAT_EXACT = 2**53
#: Whether the machine has a float that holds every int64.
_EXTENDED = np.finfo(np.longdouble).nmant >= 63


def combine(sums: Mapping[str, Exact], factors: Mapping[str, Fraction]) -> Exact:
    """(subjects,) Σ factor · sum in 10^-10, of one item or more; factors have up to 6 decimals."""
    return reduce(add, (scaled(sums[code], factor) for code, factor in factors.items()))


def scaled(values: Exact, factor: Fraction) -> Exact:
    """Values in 10^-4 times a factor of up to 6 decimals, in 10^-10."""
    return times(values, int(factor * _SIDE_PER_VALUE))


def times(values: Exact, factor: int) -> Exact:
    """values · factor without wrapping."""
    if values.dtype != object and largest(values) * abs(factor) >= _INT64:
        values = values.astype(object)
    product: Exact = values * factor
    return product


def add(left: Exact, right: Exact) -> Exact:
    """left + right without wrapping."""
    if left.dtype != object and right.dtype != object:
        if largest(left) + largest(right) < _INT64:
            return left + right
        left = left.astype(object)
    return left + right


def largest(values: Exact) -> int:
    """Largest magnitude; 0 for none."""
    if not len(values):
        return 0
    return max(int(values.max()), -int(values.min()))


def quotient(numerator: Exact, denominator: Exact, valid: Flags) -> Ratios:
    """numerator / denominator where valid, else NaN: the float64 nearest to the exact quotient.

    Where both sides are below 2^53 one float division is correctly rounded; beyond that a longer
    float's is but for rare middles, and Python's integer division always.
    """
    result = np.full(len(numerator), np.nan)
    if largest(numerator) < _FLOAT_EXACT and largest(denominator) < _FLOAT_EXACT:
        np.divide(
            numerator.astype(np.float64),
            denominator.astype(np.float64),
            out=result,
            where=valid,
        )
        return result
    left = valid
    if _EXTENDED and numerator.dtype != object and denominator.dtype != object:
        found, doubtful = _extended(numerator, denominator, valid)
        result[valid], left = found[valid], doubtful & valid
    for at in np.flatnonzero(left):
        result[at] = int(numerator[at]) / int(denominator[at])
    return result


def _extended(numerator: Exact, denominator: Exact, valid: Flags) -> tuple[Ratios, Flags]:
    """Quotients of int64 by way of a longer float, and where that may have rounded twice.

    The longer float holds every int64. Rounded to it and then to float64, a quotient is the nearest
    one unless the first rounding ended on the middle between two float64.
    """
    longer = np.zeros(len(numerator), np.longdouble)
    np.divide(
        numerator.astype(np.longdouble), denominator.astype(np.longdouble), out=longer, where=valid
    )
    found = longer.astype(np.float64)
    away = np.abs(longer - found)
    step = np.spacing(np.abs(found)).astype(np.longdouble)
    # Below a power of two the step is half as long.
    return found, (away * 2 == step) | (away * 4 == step)
