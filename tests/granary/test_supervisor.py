"""The supervisor keeps its parts alive, in order, and ends them all."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from granary.local.instance import Instance, is_running
from granary.local.parts import Part, Plan
from granary.local.ports import free_port

SLEEPER = (sys.executable, "-c", "import time; time.sleep(600)")


class Supervised:
    """A supervisor process over a plan, and what its up.json says."""

    def __init__(self, data: Path, *parts: Part) -> None:
        self.data = data
        data.mkdir(exist_ok=True)
        Instance().save(data)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "granary.local.supervisor"],
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        plan = Plan(str(data), {"data": str(data)}, parts)
        assert self.process.stdin is not None
        with self.process.stdin as plan_input:
            plan_input.write(plan.to_json().encode())

    @property
    def up(self) -> dict[str, Any]:
        try:
            found: dict[str, Any] = json.loads((self.data / "up.json").read_bytes())
        except FileNotFoundError:
            return {"pids": {}, "state": "", "parts": {}, "steps": {}, "failure": ""}
        return found

    def pid(self, name: str) -> int | None:
        found: int | None = self.up["pids"].get(name)
        return found

    def has_another(self, name: str, before: int) -> bool:
        """Whether that part runs as another process than before."""
        return self.pid(name) not in (None, before)

    def wait(self, what: Callable[[], object], timeout_s: float = 30) -> float:
        """Seconds until `what()` is true."""
        started = time.monotonic()
        while not what():
            assert time.monotonic() - started < timeout_s, self.up
            time.sleep(0.01)
        return time.monotonic() - started

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)


Start = Callable[..., Supervised]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started: list[Supervised] = []

    def begin(*parts: Part, folder: str = "data") -> Supervised:
        started.append(Supervised(tmp_path / folder, *parts))
        return started[-1]

    yield begin
    for supervised in started:
        supervised.end()


def lives(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def test_a_killed_part_is_back_within_a_second_and_counted(start: Start) -> None:
    supervised = start(Part("room", SLEEPER))
    supervised.wait(lambda: supervised.up["state"] == "ready")
    for restarts in (1, 2, 3):
        before = supervised.pid("room")
        assert before is not None
        os.kill(before, signal.SIGKILL)
        assert supervised.wait(partial(supervised.has_another, "room", before)) < 1.0
        assert supervised.up["parts"]["room"]["restarts"] == restarts


def test_parts_start_after_what_they_need_is_done(start: Start, tmp_path: Path) -> None:
    order = tmp_path / "order"
    note = "import sys; open(sys.argv[1], 'a').write(sys.argv[2])"
    supervised = start(
        Part("second", (sys.executable, "-c", note, str(order), "2"), after=("first",), once=True),
        Part("first", (sys.executable, "-c", note, str(order), "1"), once=True),
    )
    supervised.wait(lambda: supervised.up["state"] == "ready")
    assert order.read_text() == "12"


def test_stopping_ends_every_part_and_says_so(start: Start) -> None:
    supervised = start(Part("a", SLEEPER), Part("b", SLEEPER, stop_rank=1))
    supervised.wait(lambda: supervised.up["state"] == "ready")
    pids = [supervised.pid(name) for name in ("a", "b")]
    supervised.end()
    assert supervised.process.returncode == 0
    assert supervised.up["state"] == "stopped"
    assert not any(lives(pid) for pid in pids if pid)
    assert not is_running(supervised.data)


def test_a_killed_supervisor_leaves_no_orphans(start: Start) -> None:
    supervised = start(Part("room", SLEEPER))
    supervised.wait(lambda: supervised.up["state"] == "ready")
    pid = supervised.pid("room")
    assert pid is not None
    supervised.process.kill()
    supervised.process.wait()
    supervised.wait(lambda: not lives(pid))


def test_a_part_that_cannot_be_right_fails_the_start_at_once(start: Start) -> None:
    usage = (sys.executable, "-c", "import sys; sys.exit(2)")
    supervised = start(Part("prepare", usage, once=True), Part("room", SLEEPER, after=("prepare",)))
    assert supervised.process.wait(30) == 1
    assert supervised.up["state"] == "failed"
    assert "prepare" in supervised.up["failure"]


def test_an_optional_part_may_end_or_fail_without_taking_the_rest_along(start: Start) -> None:
    usage = (sys.executable, "-c", "import sys; sys.exit(2)")
    supervised = start(Part("room", SLEEPER), Part("demo", usage, once=True, optional=True))
    supervised.wait(lambda: supervised.up["state"] == "ready")
    assert supervised.up["parts"]["room"]["pid"]


#: Tells what it was armed with; the second argument says what becomes of it.
TELL = """
import os, sys, time
print(os.environ.get("GRANARY_FAILPOINTS", "-"), file=open(sys.argv[1], "a"), flush=True)
log = os.environ.get("GRANARY_FAILPOINT_LOG")
point = os.environ.get("GRANARY_FAILPOINTS", "").partition(":")[0]
if sys.argv[2] == "passes" and point:
    print(point, file=open(log, "a"), flush=True)
    sys.exit(1)
if sys.argv[2] == "dies twice" and len(open(sys.argv[1]).readlines()) <= 2:
    sys.exit(1)
time.sleep(600)
"""


def armed(tmp_path: Path) -> Path:
    (tmp_path / "data" / "failpoints").mkdir(parents=True)
    file = tmp_path / "data" / "failpoints" / "room.env"
    file.write_text("GRANARY_FAILPOINTS=worker.applied:2\n")
    return file


def told_by(told: Path) -> list[str]:
    return told.read_text().split() if told.exists() else []


def test_variables_for_one_start_are_gone_at_the_next(start: Start, tmp_path: Path) -> None:
    told, file = tmp_path / "told", armed(tmp_path)
    supervised = start(Part("room", (sys.executable, "-c", TELL, str(told), "lives")))
    supervised.wait(lambda: not file.exists())
    supervised.wait(lambda: told_by(told) == ["worker.applied:2"])
    pid = supervised.pid("room")
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    supervised.wait(lambda: told_by(told) == ["worker.applied:2", "-"])


def never_ready() -> str:
    """A probe that fails: nobody listens there."""
    return f"http://127.0.0.1:{free_port('127.0.0.1', set())}/readyz"


def test_a_start_that_died_before_it_was_ready_is_armed_again(start: Start, tmp_path: Path) -> None:
    told, file = tmp_path / "told", armed(tmp_path)
    tell = (sys.executable, "-c", TELL, str(told), "dies twice")
    supervised = start(Part("room", tell, probe=never_ready()))
    supervised.wait(lambda: told_by(told) == ["worker.applied:2"] * 3)
    assert file.exists()


def test_a_start_that_died_at_its_point_is_not_armed_again(start: Start, tmp_path: Path) -> None:
    told, file = tmp_path / "told", armed(tmp_path)
    tell = (sys.executable, "-c", TELL, str(told), "passes")
    supervised = start(Part("room", tell, probe=never_ready()))
    supervised.wait(lambda: told_by(told) == ["worker.applied:2", "-"])
    assert not file.exists()


def test_what_is_armed_anew_meanwhile_is_for_the_next_start(start: Start, tmp_path: Path) -> None:
    told, file = tmp_path / "told", armed(tmp_path)
    tell = (sys.executable, "-c", TELL, str(told), "lives")
    supervised = start(Part("room", tell, probe=never_ready()))
    supervised.wait(lambda: told_by(told))
    file.write_text("GRANARY_FAILPOINTS=worker.published\n")
    pid = supervised.pid("room")
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    supervised.wait(lambda: told_by(told) == ["worker.applied:2", "worker.published"])


def test_a_folder_has_one_supervisor_and_two_folders_two(start: Start) -> None:
    first = start(Part("room", SLEEPER))
    first.wait(lambda: first.up["state"] == "ready")
    other = start(Part("room", SLEEPER), folder="other")
    other.wait(lambda: other.up["state"] == "ready")
    again = Supervised(first.data, Part("room", SLEEPER))
    assert again.process.wait(30) == 3
    assert first.pid("room") != other.pid("room")
    assert first.up["state"] == "ready"


def test_what_the_instance_tells_of_itself_is_its_owners_alone(start: Start) -> None:
    supervised = start(Part("room", SLEEPER))
    supervised.wait(lambda: supervised.up["state"] == "ready")
    for name in ("up.json", "instance.json"):
        assert (supervised.data / name).stat().st_mode & 0o077 == 0
