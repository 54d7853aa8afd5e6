"""The demonstration against a gateway of the test's own: order, times, repeats, resuming."""

from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import httpx
import pytest

from granary.clock import ManualClock
from granary.demo import lishui
from granary.demo.errors import DemoRefusedError, DemoStateError
from granary.demo.feeder import Feeder, set_due
from granary.demo.script import LATE_STATE, SILENT_STATE, Pace, Push, SetDue, Step, script
from granary.demo.sender import Sender, Target
from granary.demo.state import STATE_FILE, DemoState
from indicators.periods import parse_period
from storage.control import cities, intents
from storage.control.schema import create, engine

pytest.importorskip("tsdata", reason="the extra `demo` is not installed")

PACE = Pace(history_to=201712)
STEPS = script(PACE)
START_MS = 1_000_000


@dataclass
class Gateway:
    """Answers with a receipt, unless `answers` has something else for the next request."""

    clock: ManualClock
    answers: list[httpx.Response | Exception] = field(default_factory=list)
    requests: list[httpx.Request] = field(default_factory=list)
    times: list[int] = field(default_factory=list)
    asked: int = 0
    settled_after: int = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            self.asked += 1
            status = "settled" if self.asked > self.settled_after else "accepted"
            return httpx.Response(200, json={"status": status})
        self.requests.append(request)
        self.times.append(self.clock.now_ms())
        if self.answers:
            answer = self.answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer
        return httpx.Response(202, json={"submission": "s1", "accepted": 1, "rejected": 0})

    @property
    def keys(self) -> list[str]:
        return [request.headers["Idempotency-Key"] for request in self.requests]


@dataclass
class Waiting:
    """Waiting moves the clock; after `stop_after` waits the end is asked for."""

    clock: ManualClock
    stop_after: int | None = None
    waits: list[float] = field(default_factory=list)

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        self.clock.advance(round(max(seconds, 0) * 1000))
        return self.stop_after is not None and len(self.waits) > self.stop_after


@dataclass
class Stage:
    """One run of the demonstration and what it met."""

    data: Path
    clock: ManualClock = field(default_factory=lambda: ManualClock(START_MS))
    due: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.gateway = Gateway(self.clock)
        self.waiting = Waiting(self.clock)

    def run(self, steps: list[Step], *, fast: bool = False) -> bool:
        tokens = {
            city: {reporter: f"token-of-{reporter}" for reporter in reporters}
            for city, reporters in _reporters(steps).items()
        }
        with httpx.Client(transport=httpx.MockTransport(self.gateway)) as client:
            sender = Sender(client, lambda: Target("http://gateway", tokens), self.waiting)
            return Feeder(
                steps,
                DemoState(self.data),
                sender,
                self._set_due,
                self.clock,
                self.waiting,
                fast=fast,
            ).run()

    def _set_due(self, city: str, table: str, period: str, due_ms: int) -> None:
        self.due[period] = due_ms


def _reporters(steps: list[Step]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for step in steps:
        if isinstance(step, Push):
            found.setdefault(step.city, set()).add(step.reporter)
    return found


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def live(steps: list[Step]) -> list[Push]:
    return [step for step in steps if isinstance(step, Push) and step.at >= 0]


def test_the_script_is_the_same_every_time_and_each_step_has_a_key_of_its_own() -> None:
    assert script(PACE) == STEPS
    assert len({step.key for step in STEPS}) == len(STEPS)
    assert all(step.key.isascii() for step in STEPS)


def test_every_value_of_the_data_is_pushed_once() -> None:
    retail = [step for step in STEPS if isinstance(step, Push) and step.city == "aus_retail"]
    assert sum(step.body.count(b"\n") - 1 for step in retail) == 64_532


def test_a_month_is_released_before_its_returns_and_the_punctual_are_in_time() -> None:
    releases = {step.period: step for step in STEPS if isinstance(step, SetDue)}
    assert len(releases) == 12
    for push in live(STEPS):
        release = releases[push.period]
        assert STEPS.index(release) < STEPS.index(push)
        if push.reporter not in (LATE_STATE, SILENT_STATE):
            assert push.at < release.at + release.due_in


def test_one_state_is_late_now_and_then_and_one_is_silent_once_until_two_releases_later() -> None:
    releases = {step.period: step.at for step in STEPS if isinstance(step, SetDue)}
    behind = {
        reporter: [
            push.at - releases[push.period]
            for push in live(STEPS)
            if push.reporter == reporter and push.at - releases[push.period] >= PACE.due
        ]
        for reporter in (LATE_STATE, SILENT_STATE)
    }
    assert 0 < len(behind[LATE_STATE]) < 12
    assert all(delay < 2 * PACE.every for delay in behind[LATE_STATE])
    assert len(behind[SILENT_STATE]) == 1
    assert behind[SILENT_STATE][0] > 2 * PACE.every


def test_each_file_goes_with_its_reporters_own_token_and_its_steps_key(stage: Stage) -> None:
    assert stage.run(STEPS, fast=True)
    pushes = [step for step in STEPS if isinstance(step, Push)]
    assert stage.gateway.keys == [push.key for push in pushes]
    for push, request in zip(pushes, stage.gateway.requests, strict=True):
        assert request.headers["Authorization"] == f"Bearer token-of-{push.reporter}"
        assert request.url.params["table"] == push.table
        assert request.url.params.get("period", "") == push.period
        assert request.content == push.body


def test_live_months_keep_their_distances_after_the_history(stage: Stage) -> None:
    stage.gateway.answers = [httpx.Response(503, headers={"Retry-After": "100"})]
    assert stage.run(STEPS)
    began = stage.due["2018-M01"] - int(PACE.due * 1000)
    assert began >= START_MS + 100_000
    times = dict(zip(stage.gateway.keys, stage.gateway.times, strict=True))
    for push in live(STEPS):
        assert times[push.key] == pytest.approx(began + push.at * 1000, abs=len(STEPS))
    for number, due_ms in enumerate(stage.due.values()):
        expected = began + (number * PACE.every + PACE.due) * 1000
        assert due_ms == pytest.approx(expected, abs=len(STEPS))


@pytest.mark.parametrize("stop_after", [0, 1, 5, 50])
def test_a_resumed_run_does_what_is_left_and_nothing_twice(tmp_path: Path, stop_after: int) -> None:
    first = Stage(tmp_path)
    first.waiting.stop_after = stop_after
    assert not first.run(STEPS)
    second = Stage(tmp_path)
    assert second.run(STEPS)
    assert first.gateway.keys + second.gateway.keys == [
        step.key for step in STEPS if isinstance(step, Push)
    ]
    assert first.due.keys() | second.due.keys() == {f"2018-M{month:02d}" for month in range(1, 13)}
    third = Stage(tmp_path)
    assert third.run(STEPS)
    assert third.gateway.requests == []


def test_live_months_begin_when_the_store_has_the_history(stage: Stage) -> None:
    stage.gateway.settled_after = 10
    assert stage.run(STEPS)
    assert stage.due["2018-M01"] == START_MS + 10 * 500 + int(PACE.due * 1000)


def test_a_run_that_was_held_up_keeps_its_pace_afterwards(stage: Stage) -> None:
    at_once = sum(1 for step in STEPS if step.at < 0)
    stage.gateway.answers = [httpx.Response(202, json={"submission": "s1"})] * (at_once + 3)
    stage.gateway.answers.append(httpx.Response(503, headers={"Retry-After": "1000"}))
    assert stage.run(STEPS)
    gaps = [later - earlier for earlier, later in pairwise(stage.due.values())]
    assert max(gaps) >= 1_000_000
    assert sorted(gaps)[:-1] == [pytest.approx(PACE.every * 1000, abs=len(STEPS))] * 10


def test_a_resumed_run_goes_on_at_once(tmp_path: Path) -> None:
    first = Stage(tmp_path)
    first.waiting.stop_after = 20
    first.run(STEPS)
    second = Stage(tmp_path, clock=ManualClock(START_MS + 10**9))
    second.run(STEPS)
    assert second.waiting.waits[0] == 0


def test_a_step_killed_before_it_was_noted_is_repeated_under_the_same_key(tmp_path: Path) -> None:
    first = Stage(tmp_path)
    first.run(STEPS[:3], fast=True)
    (tmp_path / STATE_FILE).unlink()
    second = Stage(tmp_path)
    second.run(STEPS[:3], fast=True)
    assert [request.content for request in first.gateway.requests] == [
        request.content for request in second.gateway.requests
    ]
    assert first.gateway.keys == second.gateway.keys


@pytest.mark.parametrize(
    "trouble",
    [
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        httpx.Response(503, headers={"Retry-After": "7"}),
        httpx.Response(429),
        httpx.Response(500),
        httpx.Response(401),
    ],
)
def test_a_gateway_that_is_away_or_busy_is_asked_again_with_the_same_key(
    stage: Stage, trouble: httpx.Response | Exception
) -> None:
    stage.gateway.answers = [trouble, trouble]
    assert stage.run(STEPS[:1])
    assert stage.gateway.keys == [STEPS[0].key] * 3
    if isinstance(trouble, httpx.Response) and trouble.status_code == 503:
        assert stage.waiting.waits == [7.0, 7.0]


@pytest.mark.parametrize(("status", "attempts"), [(403, 1), (422, 1), (401, 5)])
def test_a_refusal_for_good_ends_the_demonstration_loudly(
    stage: Stage, status: int, attempts: int
) -> None:
    stage.gateway.answers = [httpx.Response(status) for _ in range(10)]
    with pytest.raises(DemoRefusedError):
        stage.run(STEPS[:1])
    assert len(stage.gateway.requests) == attempts
    assert DemoState(stage.data).left([STEPS[0].key])


def test_a_state_file_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / STATE_FILE).write_text("[]", encoding="utf-8")
    with pytest.raises(DemoStateError):
        DemoState(tmp_path)


@pytest.fixture
def control(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'control.sqlite'}"
    create(url)
    with engine(url).begin() as connection:
        cities.assign(connection, "aus_retail")
    return url


def test_a_months_due_instant_is_asked_for_once_and_then_stays(control: str) -> None:
    for due_ms in (5_000, 5_000, 9_000):
        set_due(control, "aus_retail", "retail_monthly", "2018-M01", due_ms)
    with engine(control).connect() as connection:
        (record,) = intents.in_force(connection, 1, "calendar")
    assert record.body == {
        "table": "retail_monthly",
        "period": parse_period("2018-M01"),
        "report_by_ms": 5_000,
        "accept_by_ms": 5_000,
    }


def test_lishuis_reporters_send_their_own_row_as_the_source_writes_it() -> None:
    found = {one.reporter: one for one in lishui.returns()}
    assert len(found) == 11
    header, row = found["jinyun"].body.decode().splitlines()
    assert header.split(",")[:2] == ["unit", "tax_per_mu"]
    assert row == "jinyun,36.91,101.58,0.51,/,1.28,19.28,147"
    publisher = found["publisher"]
    assert publisher.table == "per_mu_published"
    assert publisher.body.decode().splitlines()[1].startswith("lishui,18.9,73.71,")
    assert {one.table for one in found.values() if one is not publisher} == {"per_mu_districts"}
