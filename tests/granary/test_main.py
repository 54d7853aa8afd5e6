"""The command's exit codes: a finding is 1, and nothing else ever is."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from granary.local.instance import hold_lock
from granary.local.ports import free_port
from tests.conftest import HOST, run_granary


@pytest.fixture
def stopped(tmp_path: Path) -> Path:
    """A data folder whose store answers nobody, as a stopped instance leaves it."""
    port = free_port(HOST, set())
    store = f"clickhouse://granary:secret@{HOST}:{port}/granary"
    up = {
        "kafka": f"{HOST}:{free_port(HOST, {port})}",
        "clickhouse_native": store,
        "clickhouse_reader": store.replace("granary:", "dashboard:"),
        "control": f"sqlite:///{tmp_path}/nothing/control.sqlite",
        "state": "ready",
        "parts": {
            "clickhouse": {"pid": 1, "restarts": 0, "probe": store},
            "worker-1": {"pid": 1, "restarts": 3, "probe": f"http://{HOST}:{port}/readyz"},
        },
    }
    (tmp_path / "up.json").write_text(json.dumps(up), encoding="utf-8")
    return tmp_path


@pytest.fixture
def headless(stopped: Path) -> Iterator[Path]:
    """The same of an instance that runs, and whose store and broker are dead."""
    held = hold_lock(stopped)
    assert held is not None
    yield stopped
    os.close(held)


COMMANDS = [["audit"], ["recompute", "--check"], ["recompute"], ["migrate", "--status"]]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_stopped_instance_is_one_clear_line_and_no_finding(
    stopped: Path, command: list[str]
) -> None:
    result = run_granary(*command, "--data", str(stopped), timeout_s=30)
    assert (result.returncode, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith("not_running: ")
    assert "granary up" in line


@pytest.mark.parametrize("command", [["audit"], ["migrate", "--status"]], ids=" ".join)
def test_a_store_that_is_away_is_one_clear_line_and_no_finding(
    headless: Path, command: list[str]
) -> None:
    result = run_granary(*command, "--data", str(headless), timeout_s=30)
    assert (result.returncode, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith("store_away: ")
    assert "refused" in line


def test_status_of_a_headless_instance_comes_soon_and_says_null(headless: Path) -> None:
    result = run_granary("status", "--json", "--data", str(headless), timeout_s=30)
    found = json.loads(result.stdout)
    assert (found["lag"], found["counts"]) == (None, None)
    assert found["parts"]["worker-1"] == {
        "pid": 1,
        "ready": False,
        "restarts": 3,
        "last_progress_s": None,
    }
    assert (result.returncode, result.stderr) == (1, "")


def test_a_file_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    result = run_granary("replay", "--yes", "--data", str(tmp_path / "nothing"))
    assert result.returncode == 2
    assert "nothing" in result.stdout + result.stderr
    assert "Traceback" not in result.stderr


def test_what_a_library_logs_is_not_on_stdout() -> None:
    program = (
        "import sys, structlog; from granary.cli import main\n"
        "main.make_app = lambda: lambda: structlog.get_logger('x').warning('store_busy')\n"
        "main.main()"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert (result.stdout, b"store_busy" in result.stderr) == (b"", True)
