"""A control store with one city, and a recorder that holds the lease."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from granary.clock import ManualClock
from storage.control import cities, schema
from supervision.recording import Recorder
from tests.supervision.receiver import Receiver


@pytest.fixture
def control_url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path}/control.sqlite"
    schema.create(url)
    with schema.engine(url).begin() as connection:
        assert cities.assign(connection, "river").id == 1
    return url


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(2_000_000)


@pytest.fixture
def recorder(control_url: str, clock: ManualClock) -> Recorder:
    made = Recorder(control_url, "first", clock, notices=True)
    assert made.hold()
    return made


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running
