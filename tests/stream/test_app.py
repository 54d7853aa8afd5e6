"""The worker: what ends the process, and what halts one city of it."""

import asyncio
import os
from typing import Any

import pytest

from granary.settings import read_settings
from storage.control.cities import City
from stream.app import Worker
from stream.errors import CityHaltedError, DeadLetterLimitError, OffsetGapError

CITY = City(1, "example", 0, 0, "")


class Failing:
    """A city's task whose work fails at once."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def run(self) -> None:
        raise self.error


class ProcessEndedError(Exception):
    """Stands for the end of the process."""


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Worker:
    def end(code: int) -> None:
        raise ProcessEndedError(code)

    monkeypatch.setattr(os, "_exit", end)
    monkeypatch.setenv("GRANARY_DATA", str(tmp_path))
    return Worker(read_settings())


@pytest.mark.parametrize("error", [CityHaltedError("x"), DeadLetterLimitError("y")])
def test_a_city_that_an_operator_must_look_at_halts_alone(worker: Worker, error: Exception) -> None:
    asyncio.run(worker._run(CITY, Failing(error)))  # type: ignore[arg-type]
    assert worker.halted == {CITY.partition: str(error)}
    ready, facts = worker.ready()
    assert (ready, facts["halted"]) == (False, worker.halted)


def test_any_other_failure_ends_the_process(worker: Worker) -> None:
    with pytest.raises(ProcessEndedError):
        asyncio.run(worker._run(CITY, Failing(OffsetGapError("x"))))  # type: ignore[arg-type]
