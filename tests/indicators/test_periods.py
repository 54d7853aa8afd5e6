"""Periods: the field's spellings, order, and steps across years."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.effects import affected_periods
from indicators.errors import PeriodError
from indicators.periods import (
    PeriodOutsideError,
    format_period,
    is_period,
    parse_period,
    period_end,
    rolling,
    shift,
    year_to_date,
)  # fmt: skip

MONTHS = st.builds(
    lambda year, month: year * 100 + month, st.integers(1970, 2100), st.integers(1, 12)
)


@pytest.mark.parametrize(
    ("text", "period"),
    [("2026", 202600), ("2026-M03", 202603), ("2026M3", None), ("2026-03", 202603),
     ("2026-Q1", 202621), ("2026Q4", 202624), ("2026年3月", 202603), ("2026年一季度", 202621),
     ("2026年", 202600), ("2026-M13", None), ("2026-Q5", None), ("March", None), ("", None)],
)  # fmt: skip
def test_usual_spellings_are_read_and_others_refused(text: str, period: int | None) -> None:
    if period is None:
        with pytest.raises(PeriodError):
            parse_period(text)
    else:
        assert parse_period(text) == period


@pytest.mark.parametrize(
    "text", ["1969", "1969-M12", "2149", "2149-Q1", "2149年1月", "9999", "0000"]
)
def test_a_year_whose_days_the_store_cannot_write_is_told_apart(text: str) -> None:
    with pytest.raises(PeriodOutsideError, match="1970"):
        parse_period(text)


@pytest.mark.parametrize("text", ["1970", "1970-M01", "2148-Q4", "2148-M12", "2148"])
def test_the_first_and_last_day_stored_fit_sixteen_bits(text: str) -> None:
    period = parse_period(text)
    assert is_period(period)
    assert 0 <= (period_end(period) - date(1970, 1, 1)).days < 2**16


@given(MONTHS, st.integers(-40, 40))
def test_a_step_forth_and_back_returns_and_keeps_order(period: int, by: int) -> None:
    assert shift(shift(period, by), -by) == period
    assert (shift(period, by) > period) == (by > 0)


@given(MONTHS)
def test_text_and_id_are_one_to_one(period: int) -> None:
    assert parse_period(format_period(period)) == period


def test_the_last_day_of_february_and_of_the_year() -> None:
    assert str(period_end(202402)) == "2024-02-29"
    assert str(period_end(202600)) == str(period_end(202624)) == "2026-12-31"


@given(MONTHS, MONTHS)
def test_a_figure_named_by_no_effect_has_no_window_that_holds_the_month(
    one: int, other: int
) -> None:
    reached = affected_periods("ytd_yoy_same", one, cumulative=False)
    held = set(year_to_date(other)) | set(year_to_date(other - 100))
    assert (one in held) == (other in reached)
    twelve = affected_periods("rolling12", one, cumulative=False)
    assert (one in rolling(other)) == (other in twelve)
