"""Inserts: exact, repeatable, patient while the store is away, loud when it refuses."""

import contextlib
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from granary.local.instance import Instance
from granary.local.ports import free_port
from storage.clickhouse import connect
from storage.migrations import migrate
from storage.server_errors import RowsRejectedError, StoreHaltedError
from storage.writer import Writer
from tests.conftest import HOST, end_process, start_process

pytestmark = pytest.mark.integration


def observations(rows: int, version: int = 1) -> dict[str, Any]:
    return {
        "city": np.full(rows, 1),
        "source": np.full(rows, 1),
        "item": np.arange(rows) % 5,
        "period": np.full(rows, 202601),
        "unit": np.arange(rows, dtype=np.uint64) + np.uint64(2**63),
        "value": np.arange(rows) - rows // 2,
        "status": np.zeros(rows, np.int8),
        "version": np.full(rows, version, np.uint64),
    }


def figures(**changes: Any) -> dict[str, Any]:
    texts = {
        "city_code": "c", "indicator_code": "i", "measure": "current", "scope": "all",
        "standing": "监测数", "level": "city", "subject": "c", "by_level": "", "by_subject": "",
        "reason": "",
    }  # fmt: skip
    numbers = {"city": 1, "indicator": 1, "period": 202601, "units": 1, "expected_units": 1,
               "provisional": 1, "version": 1, "known_from": 1_700_000_000_123,
               "catalogue_version": 1}  # fmt: skip
    return {
        **{name: [text] for name, text in texts.items()},
        **{name: np.array([number]) for name, number in numbers.items()},
        "value": np.array([1.5]),
        "numerator": [0],
        "denominator": [10**10],
        **changes,
    }


def one(url: str, query: str) -> Any:
    ((answer,),) = connect(url).execute(query)
    return answer


def test_integers_arrive_exactly_at_both_ends_of_their_range(database: str) -> None:
    columns = observations(3)
    columns["value"] = np.array([-(2**63), 2**63 - 1, 0])
    columns["unit"] = np.array([0, 2**64 - 1, 1], np.uint64)
    Writer(database).write("observation_current", columns)
    found = connect(database).execute(
        "SELECT unit, value FROM observation_current ORDER BY unit, item"
    )
    assert found == [(0, -(2**63)), (1, 0), (2**64 - 1, 2**63 - 1)]


@pytest.mark.parametrize("numerator", [10**37, -(10**37), 2**64 + 1, -1, 0])
def test_sums_beyond_64_bits_are_read_back_as_exact_decimals(database: str, numerator: int) -> None:
    Writer(database).write("figure_current", figures(numerator=[numerator]))
    text = one(database, "SELECT toString(numerator * 1) FROM v_indicator")
    whole, _, places = text.partition(".")
    assert int(whole + places.ljust(10, "0")) == numerator


def test_a_figure_that_is_not_a_number_is_null_for_readers(database: str) -> None:
    Writer(database).write("figure_current", figures(value=np.array([np.nan])))
    assert one(database, "SELECT value FROM v_indicator") is None


def test_instants_are_milliseconds_of_utc(database: str) -> None:
    Writer(database).write("figure_current", figures())
    text = one(database, "SELECT toString(known_from) FROM v_indicator")
    assert text == "2023-11-14 22:13:20.123"


def test_a_repeated_insert_changes_nothing(database: str) -> None:
    writer = Writer(database)
    writer.write("observation_current", observations(1000))
    writer.write("observation_current", observations(1000))
    assert one(database, "SELECT count() FROM observation_current FINAL") == 1000


def test_the_later_version_is_in_force_whichever_came_first(database: str) -> None:
    writer = Writer(database)
    writer.write("observation_current", observations(10, version=2))
    writer.write("observation_current", observations(10, version=1))
    found = one(database, "SELECT groupUniqArray(version) FROM observation_current FINAL")
    assert found == [2]


def test_threads_write_at_once_each_over_its_own_connection(database: str) -> None:
    writer = Writer(database)
    threads = [
        threading.Thread(
            target=writer.write,
            args=("observation_current", {**observations(500), "period": np.full(500, 202601 + n)}),
        )
        for n in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert one(database, "SELECT count() FROM observation_current FINAL") == 3000


def test_a_missing_table_halts_instead_of_being_tried_again(database: str) -> None:
    tries: list[int] = []
    writer = Writer(database, on_busy=lambda _table, _error, attempt: tries.append(attempt))
    with pytest.raises(StoreHaltedError):
        writer.write("no_such_table", {"city": np.array([1])})
    assert tries == []


def test_rows_that_break_a_constraint_are_rejected(database: str) -> None:
    connect(database).execute(
        "ALTER TABLE observation_current ADD CONSTRAINT small CHECK value < 100"
    )
    with pytest.raises(RowsRejectedError) as caught:
        Writer(database).write("observation_current", {**observations(3), "value": [1, 2, 300]})
    assert caught.value.facts["table"] == "observation_current"
    assert one(database, "SELECT count() FROM observation_current") == 0


@contextlib.contextmanager
def store(folder: Path, port: int, secrets: Instance) -> Iterator[Any]:
    """A store's process on that port; waits until nothing is left of it."""
    env = {
        "GRANARY_DATA": str(folder),
        "GRANARY_CLICKHOUSE": secrets.store_url(HOST, port),
        "GRANARY_CLICKHOUSE_PORT": str(port),
        "GRANARY_DASHBOARD_PASSWORD": secrets.reader_password,
    }
    assert os.environ.get("GRANARY_CLICKHOUSE") is None
    command = [sys.executable, "-m", "granary.cli.parts", "clickhouse"]
    process = start_process(command, folder / "clickhouse.log", env)
    try:
        yield process
    finally:
        end_process(process)


@pytest.mark.fault
def test_an_insert_waits_while_the_store_is_killed_and_started_again(tmp_path: Path) -> None:
    port, secrets = free_port(HOST, set()), Instance()
    url = secrets.store_url(HOST, port)
    away = threading.Event()
    writer = Writer(url, on_busy=lambda _table, _error, _attempt: away.set())
    done: list[int] = []
    failed: list[BaseException] = []

    def write_all() -> None:
        try:
            while not away.is_set():
                columns = {**observations(20_000), "period": np.full(20_000, len(done))}
                writer.write("observation_current", columns)
                done.append(1)
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=write_all)
    with store(tmp_path, port, secrets) as process:
        wait_until(lambda: answers(url))
        migrate(url)
        thread.start()
        wait_until(lambda: len(done) >= 1)
        process.kill()
        process.wait(10)
    assert away.wait(30)
    with store(tmp_path, port, secrets):
        thread.join(120)
        assert failed == []
        assert one(url, "SELECT count() FROM observation_current FINAL") == len(done) * 20_000


def answers(url: str) -> bool:
    try:
        return bool(one(url, "SELECT 1"))
    except Exception:
        return False


def wait_until(condition: Any, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
