"""Figures do not depend on how the work is shared, cut, ordered or repeated."""

from collections.abc import Iterator
from typing import Any

import pytest

from bench.generator import Columns, GeneratedCity
from tests.faults.running import Running

pytestmark = [pytest.mark.fault, pytest.mark.integration, pytest.mark.slow]

PLAIN = GeneratedCity(units=200, months=13, districts=3, industries=4, code="plain")
CITIES = [PLAIN.share(PLAIN.units, code) for code in ("plain", "second", "third", "fourth")]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = Running.start(tmp_path_factory.mktemp("workers"), CITIES)
    yield running
    running.down()


def months() -> list[Columns]:
    """The feed: every month, and a correction of each."""
    feed = [PLAIN.observations(period) for period in PLAIN.periods]
    return [*feed, *(PLAIN.observations(period, 1) for period in PLAIN.periods)]


def figures(house: Running, code: str) -> list[Any]:
    """Every figure and completeness count of the city, by everything but city and time."""
    indicators = house.rows(
        "SELECT level, if(level = 'city', '', subject), by_level, by_subject, indicator, period,"
        " measure, value, numerator, denominator, units, expected_units, reason, provisional"
        f" FROM v_indicator WHERE city = '{code}'"
    )
    returns = house.rows(
        "SELECT level, if(level = 'city', '', subject), table_code, period, expected, received,"
        f" on_time, late, missing, value_expected FROM v_completeness WHERE city = '{code}'"
    )
    return sorted(map(repr, [*indicators, *returns]))


def test_one_worker_or_three_whole_or_shuffled_small_chunks_or_large_once_or_twice(
    house: Running,
) -> None:
    for columns in months():
        house.push("plain", "bureau", columns)
    house.settle()
    house.prove()
    expected = figures(house, "plain")
    assert expected
    house.down()
    house.environment["GRANARY_CHUNK_OBSERVATIONS"] = "700"
    house.up(workers=3)
    pushes = []
    for seed, columns in enumerate(months()):
        for code in ("second", "third"):
            house.push(code, "bureau", house.shuffled(columns, seed))
        if seed % 4 == 0:
            # The second of two equal files is a repeat of the head: no submission of its own.
            again = house.push("second", "bureau", columns)
            pushes.append(again)
            house.receipts.pop()
        house.push("fourth", "bureau", columns)
    house.settle()
    house.prove()
    assert all(again["repeated"] for again in pushes)
    for code in ("second", "third", "fourth"):
        assert figures(house, code) == expected, code
