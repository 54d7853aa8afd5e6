"""Rates (比率): quotients of exact sums, and the reason where a pair of sums has none.

Every function takes vectors of sums in 10^-10, (subjects,), and `behind`, whether any unit stands
behind the subject; it gives (values, reasons), NaN and a reason where there is no value. Rules 12
to 18 of docs/statistics.md.
"""

from collections.abc import Callable
from fractions import Fraction

import numpy as np

from indicators.amounts import SIDE_SCALE, Exact, add, quotient
from indicators.arrays import Flags, Ratios
from indicators.reasons import NO_UNITS, ZERO_DENOMINATOR, sign_word

Rates = tuple[Ratios, list[str]]


def plain(numerator: Exact, denominator: Exact, behind: Flags) -> Rates:
    """A sum over 1, or a ratio of sums."""
    return _where(numerator, denominator, behind, np.asarray(denominator != 0, bool))


def part(numerator: Exact, whole: Exact, behind: Flags) -> Rates:
    """A share or a contribution: of a whole that is above zero."""
    return _where(numerator, whole, behind, np.asarray(whole > 0, bool))


def growth(current: Exact, base: Exact, behind: Flags, *, years: int = 1) -> Rates:
    """current / base - 1; over two years the average of the two, √(current / base) - 1."""
    valid = behind & np.asarray(base > 0, bool) & np.asarray(current >= 0, bool)
    reasons = _reasons(behind, valid, lambda at: sign_word(int(current[at]), int(base[at])))
    change = quotient(add(current, -base), base, valid)
    return (change if years == 1 else _averaged(change, quotient(current, base, valid))), reasons


def ratio_growth(
    now: tuple[Exact, Exact], base: tuple[Exact, Exact], behind: Flags, *, years: int = 1
) -> Rates:
    """Growth of a ratio: (N₁/D₁)/(N₀/D₀) - 1, formed once from the four sums."""
    sides = (*now, *base)
    there = [np.asarray(side != 0, bool) for side in sides]
    below_zero = [np.asarray(side < 0, bool) for side in sides]
    defined = there[1] & there[3]
    falls_below = there[0] & (below_zero[0] ^ below_zero[1])
    base_above = there[2] & ~(below_zero[2] ^ below_zero[3])
    valid = behind & defined & base_above & ~falls_below
    values, left = np.full(len(behind), np.nan), np.full(len(behind), np.nan)
    picked = list(zip(*(side[valid].tolist() for side in sides), strict=True))
    values[valid] = [_change(*sums) for sums in picked]
    if years > 1:
        left[valid] = [_kept(*sums) for sums in picked]
        values = _averaged(values, left)

    def why(at: int) -> str:
        if not defined[at]:
            return ZERO_DENOMINATOR
        above, below, above_base, below_base = (int(side[at]) for side in sides)
        return sign_word(Fraction(above, below), Fraction(above_base, below_base))

    return values, _reasons(behind, valid, why)


def _change(above: int, below: int, above_base: int, below_base: int) -> float:
    """(above / below) / (above_base / below_base) - 1, rounded once: integers divide so."""
    whole = above_base * below
    return (above * below_base - whole) / whole


def _kept(above: int, below: int, above_base: int, below_base: int) -> float:
    """(above / below) / (above_base / below_base), rounded once."""
    return (above * below_base) / (above_base * below)


def rounded_ratio(numerator: Exact, denominator: Exact) -> Exact:
    """(subjects,) the quotients in 10^-10, half to even; 0 where the denominator is 0."""
    pairs = zip(numerator.tolist(), denominator.tolist(), strict=True)
    return np.array([_rounded(above * SIDE_SCALE, below) for above, below in pairs], object)


def _rounded(above: int, below: int) -> int:
    """above / below, half to even; 0 where below is 0."""
    if below == 0:
        return 0
    if below < 0:
        above, below = -above, -below
    whole, rest = divmod(above, below)
    return whole + (2 * rest > below or (2 * rest == below and whole % 2 == 1))


def _where(numerator: Exact, denominator: Exact, behind: Flags, sound: Flags) -> Rates:
    valid = behind & sound
    return (
        quotient(numerator, denominator, valid),
        _reasons(behind, valid, lambda _: ZERO_DENOMINATOR),
    )


def _reasons(behind: Flags, valid: Flags, why: Callable[[int], str]) -> list[str]:
    """(subjects,) why there is no value; '' where there is one."""
    reasons = [""] * len(behind)
    for at in np.flatnonzero(~valid).tolist():
        reasons[at] = why(at) if behind[at] else NO_UNITS
    return reasons


def _averaged(change: Ratios, left: Ratios) -> Ratios:
    """The average rate of two years: (left - 1) / (√left + 1), left = current / base.

    change: left - 1, rounded by itself, so that nothing is lost where it is small; nor, by `left`,
    where next to nothing is left.
    """
    averaged: Ratios = change / (np.sqrt(left) + 1)
    return averaged
