"""The demonstration's simulated city: what of its files is sent, and when."""

import csv
import io
import json
from collections import Counter
from pathlib import Path

import pytest

from catalog.loader import load
from catalog.register import read_register
from granary.demo import simulated
from granary.demo.script import AT_ONCE, Pace, Push, SetDue, Step

PACE = Pace(every=10.0, due=6.0)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    patch = pytest.MonkeyPatch()
    patch.setattr(simulated, "UNITS", 60)
    patch.setattr(simulated, "MONTHS", 14)
    with patch.context():
        return simulated.write_city(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def steps(city: Path) -> list[Step]:
    return simulated.steps(city, PACE)


def rows_of(body: bytes) -> Counter[str]:
    lines = list(csv.reader(io.StringIO(body.decode())))
    return Counter(f"{lines[0]}{row}" for row in lines[1:])


def test_the_folder_is_a_catalogue_and_a_register_and_is_written_once(city: Path) -> None:
    catalogue = load(city)
    assert read_register(city, catalogue)
    assert not catalogue.calendar
    before = (city / "truth.json").stat().st_mtime_ns
    assert simulated.write_city(city.parent) == city
    assert (city / "truth.json").stat().st_mtime_ns == before


def test_every_row_of_every_file_is_sent_once(city: Path, steps: list[Step]) -> None:
    manifest = json.loads((city / "data.json").read_text(encoding="utf-8"))
    files = [one["file"] for one in (*manifest["files"], *manifest["candidates"])]
    written = sum((rows_of((city / file).read_bytes()) for file in files), Counter())
    sent = sum((rows_of(step.body) for step in steps if isinstance(step, Push)), Counter())
    assert written.total() > 500
    assert sent == written
    keys = [step.key for step in steps]
    assert len(set(keys)) == len(keys)


def test_candidates_come_first_and_late_files_after_the_due_instant(
    city: Path, steps: list[Step]
) -> None:
    feeds = [step for step in steps if isinstance(step, Push) and "candidates/" in step.key]
    assert steps[: len(feeds)] == feeds
    assert [step for step in steps if step.at == AT_ONCE] == feeds
    assert {step.table for step in feeds} == {
        table.code for table in load(city).register_tables if table.holds == "candidates"
    }
    due = {
        (step.table, step.period): step.at + step.due_in
        for step in steps
        if isinstance(step, SetDue)
    }
    live = [step for step in steps if isinstance(step, Push) and step.period]
    assert {(step.table, step.period) for step in live} == set(due)
    manifest = json.loads((city / "data.json").read_text(encoding="utf-8"))
    late = {one["file"] for one in manifest["files"] if (one["arrives"] or 0) > 0}
    told = [step.key.removeprefix("demo:chengdu_sim:") for step in live]
    assert late & {*told}
    for step, file in zip(live, told, strict=True):
        assert (step.at > due[step.table, step.period]) == (file in late)
