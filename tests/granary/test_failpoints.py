"""A fail point kills its process at the passage asked for, and notes that it was passed."""

import ast
import signal
import subprocess
import sys
from pathlib import Path

from granary.failpoints import FAILPOINTS

ROOT = Path(__file__).resolve().parents[2]
ROOMS = (
    "catalog",
    "granary",
    "indicators",
    "ingest",
    "reports",
    "storage",
    "stream",
    "supervision",
)


def passes(times: int, armed: str, log: Path) -> "subprocess.CompletedProcess[str]":
    """A process that passes one point so many times, telling each on stdout."""
    program = (
        "from granary.failpoints import failpoint\n"
        f"for n in range({times}):\n"
        "    print(n, flush=True)\n"
        "    failpoint('worker.drained')\n"
    )
    return subprocess.run(
        [sys.executable, "-c", program],
        env={"GRANARY_FAILPOINTS": armed, "GRANARY_FAILPOINT_LOG": str(log)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_process_dies_by_sigkill_at_the_passage_asked_for(tmp_path: Path) -> None:
    result = passes(5, "worker.drained:3", tmp_path / "log")
    assert result.returncode == -signal.SIGKILL
    assert result.stdout.split() == ["0", "1", "2"]


def test_another_point_armed_kills_nothing(tmp_path: Path) -> None:
    result = passes(3, "worker.applied", tmp_path / "log")
    assert (result.returncode, result.stdout.split()) == (0, ["0", "1", "2"])


def test_a_point_passed_often_is_noted_once_even_if_it_kills(tmp_path: Path) -> None:
    log = tmp_path / "log"
    passes(3, "worker.drained:2", log)
    assert log.read_text() == "worker.drained\n"


def test_every_point_in_the_code_is_declared_and_every_declared_one_is_in_the_code() -> None:
    passed, mentioned = set(), set()
    for room in ROOMS:
        for file in (ROOT / room).rglob("*.py"):
            if file == ROOT / "granary" / "failpoints.py":
                continue
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                mentioned |= _texts(node)
                if isinstance(node, ast.Call) and _name(node.func).endswith("failpoint"):
                    passed |= {text for argument in node.args for text in _texts(argument)}
    assert passed <= set(FAILPOINTS)
    # Some are passed through a variable or a table of steps, so a mention is enough here; that
    # each is really passed is what the fault harness shows.
    assert set(FAILPOINTS) <= mentioned


def _texts(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return {node.value}
    return set()


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
