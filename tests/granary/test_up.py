"""`granary up`, `status` and `down` on a whole instance."""

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from granary.local.instance import is_running
from tests.conftest import run_granary

pytestmark = [pytest.mark.integration, pytest.mark.slow]

Json = dict[str, Any]


def status_of(data: str) -> Json:
    found: Json = json.loads(run_granary("status", "--json", "--data", data).stdout)
    return found


def wait(what: Callable[[], bool], timeout_s: float = 120) -> None:
    deadline = time.monotonic() + timeout_s
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_what_up_prints_is_all_a_client_needs(system: Json) -> None:
    assert {
        "gateway",
        "console",
        "kafka",
        "clickhouse_native",
        "clickhouse_http",
        "tokens",
        "pids",
        "data",
    } <= set(system)
    assert system["gateway"].startswith("http://127.0.0.1:")
    assert system["clickhouse_native"].startswith("clickhouse://granary:")
    assert system["clickhouse_http"] is None
    parts = {"kafka", "clickhouse", "gateway", "worker-1", "supervision", "console", "supervisor"}
    assert parts <= set(system["pids"])


def test_every_city_has_a_token_for_each_reporter_and_one_that_reads(system: Json) -> None:
    from catalog.loader import load

    for folder in Path("catalog").glob("*/city.yaml"):
        catalogue = load(folder.parent)
        held = system["tokens"][catalogue.city.code]
        assert set(held) == {"city", *(reporter.code for reporter in catalogue.reporters)}
    every = [token for held in system["tokens"].values() for token in held.values()]
    assert len(set(every)) == len(every)


def test_status_tells_parts_lag_and_counts(system: Json) -> None:
    found = status_of(system["data"])
    assert found["state"] == "ready"
    for part in found["parts"].values():
        assert set(part) == {"pid", "ready", "restarts", "last_progress_s"}
    assert set(found["lag"]) == set(system["tokens"])
    assert {"accepted", "stored", "superseded", "quarantined", "dead", "pending"} <= set(
        found["counts"]
    )


def test_nothing_of_an_instance_lies_outside_its_folder(system: Json) -> None:
    assert (Path(system["data"]) / "faust").is_dir()
    assert not Path("granary-stream-v1-data").exists()


def test_a_second_up_on_a_running_instance_prints_the_same(system: Json) -> None:
    again = run_granary("up", "--data", system["data"], "--detach", "--json")
    assert again.returncode == 0
    printed = json.loads(again.stdout)
    for name in ("gateway", "console", "kafka", "clickhouse_native", "tokens", "data"):
        assert printed[name] == system[name]


def test_two_instances_live_side_by_side_and_a_stopped_one_resumes_as_it_was(
    system: Json, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    arguments = ("up", "--data", str(data), "--detach", "--json")
    first = run_granary(*arguments, "--catalog", "catalog/growth-example")
    try:
        assert first.returncode == 0, first.stderr
        one = json.loads(first.stdout)
        for name in ("gateway", "console", "kafka", "clickhouse_native"):
            assert one[name] != system[name]

        # Every part dies at once; the supervisor brings all back as other processes, ready.
        before = status_of(str(data))["parts"]
        for part in before.values():
            os.kill(part["pid"], signal.SIGKILL)

        def are_back() -> bool:
            now = status_of(str(data))["parts"]
            return all(
                part["ready"] and part["pid"] != before[name]["pid"] for name, part in now.items()
            )

        wait(are_back)
        after = status_of(str(data))["parts"]
        assert all(after[name]["restarts"] > before[name]["restarts"] for name in before)

        assert run_granary("down", "--data", str(data)).returncode == 0
        assert not is_running(data)
        second = run_granary(*arguments)
        assert second.returncode == 0, second.stderr
        two = json.loads(second.stdout)
        assert two["tokens"] == one["tokens"]
        wait(lambda: set((status_of(str(data))["lag"] or {"": 1}).values()) == {0})
    finally:
        run_granary("down", "--data", str(data))


def test_a_faulty_catalogue_fails_the_start_with_its_faults(tmp_path: Path) -> None:
    city = tmp_path / "city"
    city.mkdir()
    (city / "city.yaml").write_text("code: x\nname: {zh: 某市, en: X}\nversoin: 1\n")
    result = run_granary("up", "--data", str(tmp_path / "data"), "--detach", "--catalog", str(city))
    assert result.returncode == 2
    assert "city.yaml" in result.stderr
    assert not is_running(tmp_path / "data")


def test_fresh_refuses_a_folder_that_is_not_granarys(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("ten years")
    result = run_granary("up", "--data", str(tmp_path), "--detach", "--fresh")
    assert result.returncode == 2
    assert (tmp_path / "thesis.txt").exists()


def test_down_of_nothing_is_no_error(tmp_path: Path) -> None:
    assert run_granary("down", "--data", str(tmp_path)).returncode == 0
