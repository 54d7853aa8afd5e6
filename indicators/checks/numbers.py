"""Exact numbers of many units: a numerator over a positive denominator each, never a float.

Arrays hold one number per unit, or one for all (length 1). Int64 while nothing can wrap, Python
integers beyond. A denominator that all share is one Python integer.
"""

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from indicators.amounts import Exact, add, largest, quotient
from indicators.arrays import Flags, Ratios

#: Values are kept in 10^-4.
VALUE_SCALE: Final = 10**4
_INT64: Final = 2**63
Factor = Exact | int


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """over / under where `has`; elsewhere any number over one that is not zero."""

    over: Exact
    under: Factor
    has: Flags

    def at(self, place: int) -> Fraction | None:
        """One unit's number; None where there is none."""
        if not _one(self.has, place):
            return None
        under = self.under if isinstance(self.under, int) else _one(self.under, place)
        return Fraction(int(_one(self.over, place)), int(under))

    def floats(self, units: int) -> Ratios:
        """(units,) the floats nearest to the numbers; NaN where there is none."""
        arrays = np.broadcast_arrays(self.over, _whole(self.under), self.has)
        return np.broadcast_to(quotient(*arrays), (units,))


def _one(values: NDArray[Any], place: int) -> Any:
    return values[place if len(values) != 1 else 0]


def constant(value: Fraction) -> Numbers:
    """The same number for every unit."""
    kind = np.int64 if abs(value.numerator) < _INT64 else object
    return Numbers(np.array([value.numerator], kind), value.denominator, np.ones(1, bool))


def nothing() -> Numbers:
    """No number for any unit."""
    return Numbers(np.zeros(1, np.int64), 1, np.zeros(1, bool))


def _times(left: Factor, right: Factor) -> Factor:
    """left · right without wrapping."""
    if isinstance(left, int) and isinstance(right, int):
        return left * right
    sizes = [abs(one) if isinstance(one, int) else largest(one) for one in (left, right)]
    if sizes[0] * sizes[1] >= _INT64 or max(sizes) >= _INT64:
        left, right = _widened(left), _widened(right)
    product: Any = left * right
    return product if isinstance(product, int) else np.asarray(product)


def _widened(values: Factor) -> Factor:
    return values if isinstance(values, int) else values.astype(object)


def _product(left: Exact, right: Factor) -> Exact:
    found = _times(left, right)
    assert not isinstance(found, int)
    return found


def negative(of: Numbers) -> Numbers:
    return Numbers(_product(of.over, -1), of.under, of.has)


def absolute(of: Numbers) -> Numbers:
    over = of.over if largest(of.over) < _INT64 else of.over.astype(object)
    return Numbers(abs(over), of.under, of.has)


def _alike(left: Numbers, right: Numbers) -> tuple[Exact, Exact, Factor]:
    """(numerators over one denominator, that denominator)."""
    if isinstance(left.under, int) and isinstance(right.under, int):
        under = math.lcm(left.under, right.under)
        return (
            _product(left.over, under // left.under),
            _product(right.over, under // right.under),
            under,
        )
    return (
        _product(left.over, right.under),
        _product(right.over, left.under),
        _times(left.under, right.under),
    )


def total(left: Numbers, right: Numbers) -> Numbers:
    one, other, under = _alike(left, right)
    return Numbers(add(one, other), under, left.has & right.has)


def multiplied(left: Numbers, right: Numbers) -> Numbers:
    over, under = _product(left.over, right.over), _times(left.under, right.under)
    return Numbers(over, under, left.has & right.has)


def divided(left: Numbers, right: Numbers) -> Numbers:
    """left / right; there is none where right is zero."""
    one, other = left.under, right.under
    if isinstance(one, int) and isinstance(other, int):
        common = math.gcd(one, other)
        one, other = one // common, other // common
    over, under = _product(left.over, other), _product(right.over, one)
    under = np.where(under == 0, 1, under)
    flip = np.where(under < 0, -1, 1)
    over, under = _product(over, flip), _product(under, flip)
    return Numbers(over, under, left.has & right.has & (right.over != 0))


def compared(left: Numbers, right: Numbers) -> tuple[Exact, Exact]:
    """Two vectors of integers that compare as the numbers do."""
    one, other, _ = _alike(left, right)
    return one, other


def chosen(first: Flags, one: Numbers, other: Numbers) -> Numbers:
    """`one` where `first`, else `other`."""
    under: Factor
    shared = other.under if isinstance(other.under, int) else None
    if isinstance(one.under, int) and one.under == shared:
        under = one.under
    else:
        under = np.where(first, _whole(one.under), _whole(other.under))
    over = np.where(first, one.over, other.over)
    return Numbers(over, under, np.where(first, one.has, other.has))


def _whole(under: Factor) -> Exact:
    if isinstance(under, int):
        return np.array([under], np.int64 if under < _INT64 else object)
    return under
