"""A due instant is told once everything that arrived before it is in the log."""

from pathlib import Path

import pytest

from granary.clock import ManualClock
from indicators.deadlines import Passed
from storage.control import arrivals, cities, intents, schema
from supervision.telling import LONGEST_WAIT_MS, tell_passed

DUE = 1_000_000
ONE = Passed(table="monthly", period=202603, due_ms=DUE)


@pytest.fixture
def control(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'control.sqlite'}"
    schema.create(url)
    with schema.engine(url).begin() as connection:
        cities.assign(connection, "river")
    return url


def told(control: str, now_ms: int) -> bool:
    with schema.engine(control).begin() as connection:
        tell_passed(connection, 1, ONE, ManualClock(now_ms))
        return bool(intents.in_force(connection, 1, "deadline"))


def test_an_upload_that_began_in_time_is_waited_for(control: str) -> None:
    with schema.engine(control).begin() as connection:
        noted = arrivals.note(connection, 1, "north", "monthly", "g:1", DUE - 20_000)
    assert not told(control, DUE + 10_000)
    with schema.engine(control).begin() as connection:
        arrivals.forget(connection, noted)
    assert told(control, DUE + 11_000)


def test_an_upload_that_began_at_the_instant_is_not(control: str) -> None:
    with schema.engine(control).begin() as connection:
        arrivals.note(connection, 1, "north", "monthly", "g:1", DUE)
    assert told(control, DUE + 10_000)


def test_an_upload_that_never_ends_keeps_silence_from_being_seen_for_two_minutes(
    control: str,
) -> None:
    with schema.engine(control).begin() as connection:
        arrivals.note(connection, 1, "north", "monthly", "g:1", DUE - 1)
    assert not told(control, DUE + LONGEST_WAIT_MS - 1)
    assert told(control, DUE + LONGEST_WAIT_MS)
