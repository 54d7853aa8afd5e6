"""Printed parts add up to the printed whole."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.rounding import largest_remainder

PARTS = st.lists(st.decimals(-50, 50, places=6), max_size=12)


def half_up(number: Decimal, decimals: int) -> Decimal:
    return number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


@given(PARTS, st.integers(0, 4))
def test_printed_parts_add_up_and_none_moves_by_a_whole_step(
    parts: list[Decimal], decimals: int
) -> None:
    step = Decimal(1).scaleb(-decimals)
    printed = largest_remainder(parts, decimals)
    assert sum(printed, Decimal(0)) == half_up(sum(parts, Decimal(0)), decimals)
    for shown, part in zip(printed, parts, strict=True):
        assert abs(shown - part) < step
        assert abs(shown - half_up(part, decimals)) <= step


@pytest.mark.parametrize(
    ("parts", "printed"),
    [
        (["0.333", "0.333", "0.334"], ["0.33", "0.33", "0.34"]),
        (["0.005", "0.005"], ["0.01", "0.00"]),
        (["-0.004", "0.014"], ["0.00", "0.01"]),
        ([], []),
    ],
)
def test_the_largest_remainders_are_rounded_up_the_first_of_equal_ones(
    parts: list[str], printed: list[str]
) -> None:
    assert [str(one) for one in largest_remainder([*map(Decimal, parts)], 2)] == printed


def test_parts_add_up_to_a_whole_that_was_rounded_by_itself() -> None:
    parts = [Decimal("0.0049"), Decimal("0.0049")]
    assert sum(largest_remainder(parts, 2, Decimal("0.01"))) == Decimal("0.01")
