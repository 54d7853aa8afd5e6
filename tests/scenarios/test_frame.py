"""应统尽统 on a running instance: what feeds know is held against the list; nobody is missed."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from granary.demo.script import Pace, Push
from granary.demo.simulated import steps
from granary.simulate.city import make_city
from granary.simulate.plan import Plan
from tests.faults.running import Running

pytestmark = [pytest.mark.integration, pytest.mark.fault, pytest.mark.slow]

PLAN = Plan(90, 14, 5, rates={"uncounted": 0.12, "nearly": 0.06, "decoy": 0.06}, code="frame_city")
STATES = "SELECT case, state FROM v_frame_case WHERE kind = 'case'"


class House:
    """A running city, what was planted in it, and its door."""

    def __init__(self, running: Running, folder: Path) -> None:
        self.running = running
        self.truth: dict[str, Any] = json.loads((folder / "truth.json").read_text())["frame"]
        up = json.loads((running.data / "up.json").read_text())
        self._gateway, self._tokens = up["gateway"], up["tokens"][PLAN.code]
        self.feeds = [
            step for step in steps(folder, Pace()) if isinstance(step, Push)
            and step.table.startswith("candidates_")
        ]  # fmt: skip

    def send(self, reporter: str, table: str, body: bytes, **query: Any) -> httpx.Response:
        return httpx.post(
            f"{self._gateway}/v1/submissions",
            params={"table": table, **query},
            content=body,
            headers={
                "Authorization": f"Bearer {self._tokens[reporter]}",
                "Content-Type": "text/csv",
            },
            timeout=60,
        )

    def status(self, reporter: str, submission: str) -> str:
        answer = httpx.get(
            f"{self._gateway}/v1/submissions/{submission}",
            headers={"Authorization": f"Bearer {self._tokens[reporter]}"},
            timeout=60,
        )
        return str(answer.json()["status"])

    def told(self, part: str) -> set[str]:
        return {one["case"] for one in self.truth[part]}

    def states(self) -> dict[str, str]:
        return dict(self.running.rows(STATES))

    def coverage(self) -> tuple[int, int, int]:
        """(on list, candidates, confirmed) of the city."""
        asked = "SELECT on_list, candidates, confirmed FROM v_frame WHERE level = 'city'"
        [row] = self.running.rows(asked)
        return row[0], row[1], row[2]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("frame")
    make_city(PLAN, folder / "city")
    (folder / "city" / "calendar.yaml").unlink()  # nobody is to be late for months long past
    running = Running(folder / "data", {})
    running.up(catalogues=[folder / "city"])
    yield House(running, folder / "city")
    running.down()


def written(header: str, *rows: list[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header.split(","), *rows])
    return text.getvalue().encode()


def test_every_planted_unit_is_found_and_none_invented_though_the_worker_is_killed(
    house: House,
) -> None:
    planted = house.told("cases") | house.told("to_refuse")
    assert len(house.told("cases")) >= 5
    assert house.told("to_refuse")
    assert house.told("near")
    assert house.told("decoys")
    for number, feed in enumerate(house.feeds):
        answer = house.send(feed.reporter, feed.table, feed.body)
        assert answer.status_code == 202, answer.text
        if number == 0:
            dead = house.running.kill("worker-1")
    house.running.wait_back("worker-1", dead)
    house.running.wait(lambda: len(house.states()) >= len(planted), 180, "the cases", "worker-1")
    house.running.wait(
        lambda: house.status(feed.reporter, answer.json()["submission"]) == "settled",
        60, "the last feed", "gateway",
    )  # fmt: skip
    assert house.states().keys() == planted
    assert set(house.states().values()) == {"to_verify"}
    near = house.running.rows("SELECT case FROM v_frame_case WHERE kind = 'near'")
    assert {case for (case,) in near} == house.told("near")
    on_list, candidates, confirmed = house.coverage()
    assert (candidates, confirmed) == (len(planted), 0)
    assert on_list > len(planted)
    assert not house.running.rows("SELECT 1 FROM v_completeness WHERE received > 0")


def test_a_confirmed_unit_lowers_coverage_until_its_district_lists_it(house: House) -> None:
    found = next(one for one in house.truth["cases"] if one["in_register"])
    case, district = found["case"], found["district"]
    on_list, candidates, _ = house.coverage()
    house.running.granary(
        "frame", "decide", case, "--state", "to_declare", "--by", "张三", "--city", PLAN.code,
        "--remark", "已核实", "--data", str(house.running.data),
    )  # fmt: skip
    house.running.wait(lambda: house.states()[case] == "to_declare", 60, "the decision")
    assert house.coverage() == (on_list, candidates, 1)
    other = next(one["district"] for one in house.truth["cases"] if one["district"] != district)
    listing = written("单位代码,入库日期,入库原因", [case, "2026-10-01", "月度新建入库"])
    refused = house.send(f"stat-{other}", "register_list", listing)
    assert refused.status_code == 422
    assert set(refused.json()["findings_by_rule"]) & {"no_right_on_unit"}
    tried = house.send(f"stat-{district}", "register_list", listing, dry_run=True)
    assert tried.json()["changes"]["counts"] == {"listings_added": 1, "units_changed": 1}, (
        tried.text
    )
    assert house.states()[case] == "to_declare"
    entered = house.send(f"stat-{district}", "register_list", listing)
    assert entered.status_code == 202, entered.text
    house.running.wait(lambda: house.states().get(case) == "listed", 60, "the listing")
    assert house.coverage() == (on_list + 1, candidates - 1, 0)
    months = f"SELECT list_month FROM v_frame_case WHERE case = '{case}'"
    assert house.running.rows(months) == [("2026-M10",)]
    house.running.settle()
    house.running.prove()
