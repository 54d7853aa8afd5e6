"""`granary up`, `status` and `down` on a whole instance."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from granary.local.instance import is_running
from storage.clickhouse import connect
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


def test_a_registered_project_is_screened_by_the_catalogue_in_force(system: Json) -> None:
    units = Path("catalog/zones/units.csv").read_text("utf-8").splitlines()
    code = next(row.split(",")[1] for row in units if row.startswith("project,"))
    found = run_granary(
        "screen", "--project", code, "--city", "zones", "--data", system["data"], "--json"
    )
    assert found.returncode == 1, found.stderr  # nothing is pushed, so its figures are missing
    (one,) = json.loads(found.stdout)["applications"]
    assert (one["project"], one["verdict"]) == (code, "incomplete")
    assert one["zone"].startswith("Z")


def test_a_second_up_on_a_running_instance_prints_the_same(system: Json) -> None:
    again = run_granary("up", "--data", system["data"], "--detach", "--json")
    assert again.returncode == 0
    printed = json.loads(again.stdout)
    for name in ("gateway", "console", "kafka", "clickhouse_native", "tokens", "data"):
        assert printed[name] == system[name]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalogue folder of this module's own."""
    return city_like_the_example(tmp_path_factory.mktemp("catalog"), "example")


@pytest.fixture(scope="module")
def other(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Json]:
    """A second instance, with one city."""
    data = tmp_path_factory.mktemp("other") / "data"
    result = run_granary("up", "--data", str(data), "--detach", "--json", "--catalog", str(folder))
    try:
        assert result.returncode == 0, result.stderr
        yield json.loads(result.stdout)
    finally:
        run_granary("down", "--data", str(data))


def city_like_the_example(parent: Path, code: str) -> Path:
    folder = Path(shutil.copytree("catalog/growth-example", parent / code))
    city = folder / "city.yaml"
    city.write_text(city.read_text("utf-8").replace("growth_example", code), "utf-8")
    return folder


def up_again(instance: Json, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return run_granary("up", "--data", instance["data"], "--detach", "--json", *arguments)


def test_two_instances_live_side_by_side(system: Json, other: Json) -> None:
    for name in ("gateway", "console", "kafka", "clickhouse_native"):
        assert other[name] != system[name]


def test_every_part_may_die_at_once_and_comes_back(other: Json) -> None:
    before = status_of(other["data"])["parts"]
    for part in before.values():
        os.kill(part["pid"], signal.SIGKILL)

    def are_back() -> bool:
        now = status_of(other["data"])["parts"]
        return all(
            part["ready"] and part["pid"] != before[name]["pid"] for name, part in now.items()
        )

    wait(are_back)
    after = status_of(other["data"])["parts"]
    assert all(after[name]["restarts"] > before[name]["restarts"] for name in before)


def test_a_city_is_added_to_a_running_instance_and_takes_returns(
    other: Json, tmp_path: Path
) -> None:
    added = up_again(other, "--catalog", str(city_like_the_example(tmp_path, "added")))
    assert added.returncode == 0, added.stderr
    found = json.loads(added.stdout)
    assert set(found["tokens"]) == {"example", "added"}
    assert found["pids"] == json.loads(up_again(other).stdout)["pids"]
    first = tmp_path / "first.csv"
    first.write_text("unit,item,period,value\nA,turnover,2025,110\n", "utf-8")
    pushed = run_granary(
        "push", str(first), "--table", "turnover_annual",
        "--gateway", found["gateway"], "--token", found["tokens"]["added"]["D1"],
    )  # fmt: skip
    assert pushed.returncode == 0, pushed.stderr

    def folded() -> bool:
        with connect(found["clickhouse_native"]) as store:
            rows = store.execute("SELECT count() FROM v_observation WHERE city = 'added'")
        return bool(rows[0][0] == 1)

    wait(folded)


def test_two_starts_at_once_are_one_instance_with_the_cities_of_both(tmp_path: Path) -> None:
    data = tmp_path / "data"

    def start(code: str) -> "subprocess.CompletedProcess[str]":
        folder = city_like_the_example(tmp_path, code)
        return run_granary(
            "up", "--data", str(data), "--detach", "--json", "--catalog", str(folder)
        )

    try:
        with ThreadPoolExecutor(2) as both:
            results = list(both.map(start, ("left", "right")))
        assert [result.returncode for result in results] == [0, 0], results
        one, two = (json.loads(result.stdout) for result in results)
        assert one["pids"]["supervisor"] == two["pids"]["supervisor"]
        assert set(status_of(str(data))["lag"]) == {"left", "right"}
    finally:
        run_granary("down", "--data", str(data))


def test_a_faulty_folder_changes_nothing_on_a_running_instance(other: Json, tmp_path: Path) -> None:
    faulty = city_like_the_example(tmp_path, "faulty")
    (faulty / "items.yaml").write_text("- id: one\n", "utf-8")
    result = up_again(other, "--catalog", str(faulty))
    assert (result.returncode, result.stdout) == (2, "")
    assert "items.yaml" in result.stderr
    assert "faulty" not in json.loads(up_again(other).stdout)["tokens"]


@pytest.mark.parametrize("wish", [["--workers", "3"], ["--demo"]], ids=" ".join)
def test_what_would_need_a_new_start_is_refused_in_one_sentence(
    other: Json, wish: list[str]
) -> None:
    result = up_again(other, *wish)
    assert (result.returncode, result.stdout) == (2, "")
    (line,) = [line for line in result.stderr.splitlines() if "already running" not in line]
    assert line.startswith("not_while_running: ")
    assert status_of(other["data"])["state"] == "ready"


def test_a_restart_with_an_older_folder_keeps_the_newer_catalogue_and_warns(
    other: Json, folder: Path, tmp_path: Path
) -> None:
    second = Path(shutil.copytree(folder, tmp_path / "second"))
    replace_in(second / "city.yaml", "version: 1", "version: 2")
    loaded = run_granary("catalog", "load", str(second), "--yes", "--data", other["data"])
    assert loaded.returncode == 0, loaded.stderr
    replace_in(folder / "units.csv", "A企业", "A集团")
    assert run_granary("down", "--data", other["data"]).returncode == 0
    assert not is_running(Path(other["data"]))
    result = up_again(other, "--catalog", str(folder))
    assert result.returncode == 0, result.stderr
    assert "warning: " in result.stderr
    assert "version 2 stays in force" in " ".join(result.stderr.split())
    # It resumes as it was, with the cities added meanwhile.
    tokens = json.loads(result.stdout)["tokens"]
    assert tokens["example"] == other["tokens"]["example"]
    wait(lambda: set((status_of(other["data"])["lag"] or {"": 1}).values()) == {0})


def replace_in(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


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


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("GRANARY_CONTROL", "postgresql://granary@db/granary"),
        ("GRANARY_KAFKA", "broker:9092"),
        ("GRANARY_CLICKHOUSE", "clickhouse://u:p@store:9000/granary"),
    ],
)
def test_fresh_refuses_where_a_store_would_outlive_the_folder(
    other: Json, monkeypatch: pytest.MonkeyPatch, setting: str, value: str
) -> None:
    monkeypatch.setenv(setting, value)
    result = up_again(other, "--fresh")
    assert (result.returncode, result.stdout) == (2, "")
    assert setting in result.stderr
    assert is_running(Path(other["data"]))


def test_down_of_nothing_is_no_error(tmp_path: Path) -> None:
    assert run_granary("down", "--data", str(tmp_path)).returncode == 0
