"""Rates (比率): quotients of exact sums, and the reason where a pair of sums has none.

Every function takes vectors of sums in 10^-10, (subjects,), and `behind`, whether any unit stands
behind the subject; it gives (values, reasons), NaN and a reason where there is no value. Rules 12
to 18 of docs/statistics.md.
"""

import math
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
    return _averaged(quotient(add(current, -base), base, valid), years), reasons


def ratio_growth(
    now: tuple[Exact, Exact], base: tuple[Exact, Exact], behind: Flags, *, years: int = 1
) -> Rates:
    """Growth of a ratio: (N₁/D₁)/(N₀/D₀) - 1, formed once from the four sums."""
    size = len(behind)
    values, valid, words = np.full(size, np.nan), np.zeros(size, bool), [""] * size
    for at in np.flatnonzero(behind).tolist():
        above, below, above_base, below_base = (int(side[at]) for side in (*now, *base))
        if below == 0 or below_base == 0:
            words[at] = ZERO_DENOMINATOR
            continue
        current, before = Fraction(above, below), Fraction(above_base, below_base)
        if before <= 0 or current < 0:
            words[at] = sign_word(current, before)
            continue
        valid[at], change = True, current / before - 1
        values[at] = change.numerator / change.denominator
    return _averaged(values, years), _reasons(behind, valid, words.__getitem__)


def rounded_ratio(numerator: Exact, denominator: Exact) -> Exact:
    """(subjects,) the quotients in 10^-10, half to even; 0 where the denominator is 0."""
    pairs = zip(numerator.tolist(), denominator.tolist(), strict=True)
    rounded = [round(Fraction(above, below) * SIDE_SCALE) if below else 0 for above, below in pairs]
    return np.array(rounded, object)


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


def _averaged(rates: Ratios, years: int) -> Ratios:
    """The average rate of two years: r / (√(1 + r) + 1), which loses nothing where r is small."""
    if years == 1:
        return rates
    return np.array([rate / (math.sqrt(1 + rate) + 1) for rate in rates.tolist()])
