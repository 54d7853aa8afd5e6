"""Every figure is what the second computation says: exact sums and counts, equal reasons."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.indicators.oracle.compared import differences
from tests.indicators.oracle.computing import Oracle
from tests.indicators.oracle.random_cities import figure_periods, random_city
from tests.indicators.oracle.rich_catalogue import rich

CODES = [indicator.code for indicator in rich().indicators]


@pytest.mark.parametrize("code", CODES)
@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10**9), units=st.integers(2, 12))
def test_figures_of_a_random_city_are_those_of_the_second_computation(
    code: str, seed: int, units: int
) -> None:
    logs = random_city(seed, units)
    core, oracle = logs.core(), Oracle(logs.oracle())
    indicator = logs.catalogue.indicator[code]
    drawn = random.Random(seed)
    found = [
        line
        for measure in drawn.sample(indicator.measures, 4)
        for line in differences(
            core.of(indicator, drawn.choice(figure_periods(logs, indicator)), measure, None), oracle
        )
    ]
    assert found == []
