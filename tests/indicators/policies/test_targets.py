"""Targets of all six kinds, by the worked figures of the domain."""

from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import ValidationError

from indicators.policies.models import Target
from indicators.policies.targets import State, periods_read, target_standing


def target(**changes: Any) -> Target:
    base = {"subject": "example", "indicator": "sales", "year": 2026, "kind": "amount",
            "value": 1000, "source": "示例"}  # fmt: skip
    return Target.model_validate({**base, **changes})


def standing(
    given: Target, period: int, figures: Mapping[int, float], *, lower: bool = False
) -> Any:
    assert figures.keys() <= periods_read(given, period)
    return target_standing(given, period, figures.get, lower_is_better=lower)


@pytest.mark.parametrize(
    ("percent", "period", "ahead"),
    [(43.2, 202604, 9.9), (37.8, 202604, 4.5), (85.1, 202610, 1.8)],
)
def test_completion_is_held_against_the_time_that_has_passed(
    percent: float, period: int, ahead: float
) -> None:
    found = standing(target(), period, {period: 10 * percent})
    assert round(found.gap, 1) == ahead
    assert found.state is State.ON_TRACK


def test_the_worked_target_stands_as_the_domain_says() -> None:
    figures = {202608: 760.0, 202508: 710.0, 202512: 1100.0}
    found = standing(target(value=1200), 202608, figures)
    assert round(found.attainment * 100, 1) == 63.3
    assert round(found.gap, 1) == -3.3
    assert (found.remaining, found.per_period) == (440.0, 110.0)
    assert round(found.growth_needed * 100, 1) == 12.8
    seasonal = standing(target(value=1200, progress="seasonal"), 202608, figures)
    assert round(seasonal.gap, 1) == -1.2


@pytest.mark.parametrize(
    ("actual", "state"),
    [(500.0, State.ON_TRACK), (450.0, State.ON_TRACK), (449.9, State.BEHIND),
     (400.0, State.BEHIND), (399.9, State.FAR_BEHIND)],
)  # fmt: skip
def test_a_gap_beyond_the_tolerance_is_behind_and_beyond_twice_of_it_far_behind(
    actual: float, state: State
) -> None:
    assert standing(target(), 202606, {202606: actual}).state is state


def test_a_ceiling_is_used_up_too_fast() -> None:
    found = standing(target(kind="ceiling"), 202606, {202606: 620.0})
    assert round(found.gap, 1) == -12.0
    assert found.state is State.FAR_BEHIND


def test_growth_and_reduction_differ_by_percentage_points() -> None:
    growth = target(kind="growth", value="0.08", measure="ytd_yoy_same", tolerance=1)
    assert round(standing(growth, 202606, {202606: 0.065}).gap, 6) == -1.5
    fall = target(kind="reduction", value="-0.03", measure="yoy_same", tolerance=1)
    assert round(standing(fall, 202606, {202606: -0.025}).gap, 6) == -0.5
    assert standing(fall, 202606, {202606: -0.005}).state is State.FAR_BEHIND


def test_a_level_knows_its_better_side() -> None:
    level = target(kind="level", value=20, measure="rolling12")
    assert round(standing(level, 202606, {202606: 22.0}).gap, 6) == 10.0
    assert standing(level, 202606, {202606: 22.0}, lower=True).state is State.BEHIND


def test_a_five_year_target_adds_the_closed_years() -> None:
    plan = target(kind="five_year", value=5000, since=2025, ends=2030, year=2027)
    found = standing(plan, 202706, {202706: 450.0, 202612: 1000.0})
    assert found.actual == 1450.0
    assert round(found.time_progress, 4) == 0.3
    assert round(found.gap, 6) == -1.0
    assert standing(plan, 202706, {202706: 450.0}).state is State.UNKNOWN


def test_without_a_figure_nothing_is_known() -> None:
    assert standing(target(), 202606, {}).state is State.UNKNOWN
    seasonal = standing(target(progress="seasonal"), 202606, {202606: 1.0})
    assert (seasonal.state, seasonal.gap) == (State.UNKNOWN, None)


def test_a_target_of_nothing_and_a_plan_without_years_are_refused() -> None:
    for wrong in ({"value": 0}, {"kind": "five_year"}, {"since": 2025, "ends": 2030}):
        with pytest.raises(ValidationError):
            target(**wrong)
