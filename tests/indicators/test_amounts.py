"""Exact amounts: quotients are the nearest floats, however large the integers."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.amounts import SIDE_SCALE, quotient
from indicators.rates import ratio_growth, rounded_ratio

_INT64 = st.integers(-(2**63) + 1, 2**63 - 1)
_SIDES = st.lists(st.tuples(_INT64, _INT64.filter(bool)), min_size=1, max_size=20)


@given(_SIDES)
def test_a_quotient_of_any_int64_is_the_float_nearest_to_it(pairs: list[tuple[int, int]]) -> None:
    above, below = (np.array(side, np.int64) for side in zip(*pairs, strict=True))
    found = quotient(above, below, np.ones(len(pairs), bool))
    assert found.tolist() == [float(Fraction(*pair)) for pair in pairs]


@pytest.mark.parametrize("step", [-1, 0, 1])
@pytest.mark.parametrize("power", [0, 1, 5, 9])
def test_a_quotient_beside_the_middle_of_two_floats_is_not_rounded_twice(
    step: int, power: int
) -> None:
    # 2^53 + 1 lies in the middle of two floats; a step of 1 in 2^63 decides, and is lost at first.
    above = ((2**53 + 1) << 9) + step
    numerator, denominator = np.array([above, -above]), np.array([1 << power, 1 << power])
    found = quotient(numerator, denominator, np.ones(2, bool))
    exact = float(Fraction(above, 1 << power))
    assert found.tolist() == [exact, -exact]


@given(_SIDES)
def test_a_printed_ratio_is_rounded_half_to_even(pairs: list[tuple[int, int]]) -> None:
    above, below = (np.array(side, np.int64) for side in zip(*pairs, strict=True))
    expected = [round(Fraction(*pair) * SIDE_SCALE) for pair in pairs]
    assert rounded_ratio(above, below).tolist() == expected


@given(st.lists(st.tuples(*[st.integers(-4, 4) | _INT64] * 4), min_size=1, max_size=20))
def test_growth_of_a_ratio_is_formed_once_from_its_four_sums(
    sums: list[tuple[int, int, int, int]],
) -> None:
    sides = [np.array(side, object) for side in zip(*sums, strict=True)]
    behind = np.ones(len(sums), bool)
    values, reasons = ratio_growth((sides[0], sides[1]), (sides[2], sides[3]), behind)
    for (above, below, above_base, below_base), value, reason in zip(
        sums, values.tolist(), reasons, strict=True
    ):
        if below == 0 or below_base == 0:
            assert reason == "zero_denominator"
            continue
        current, base = Fraction(above, below), Fraction(above_base, below_base)
        if base > 0 and current >= 0:
            change = current / base - 1
            assert (value, reason) == (change.numerator / change.denominator, "")
        else:
            assert reason.startswith("no_") and np.isnan(value)
