"""Memory follows the cells taken, about a hundred bytes each, not the bytes of the file."""

import subprocess
import sys
from pathlib import Path

import pytest

#: In a process of its own, as the peak is that of a whole process.
PROGRAM = """
import sys
from pathlib import Path
from ingest.checks.files import judge_file
from tests.ingest.test_any_bytes import CATALOGUE, RIGHTS

def peak():
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024

def judged(path):
    table, reporter = CATALOGUE.table["monthly"], CATALOGUE.reporter["north"]
    found = judge_file(Path(path), "csv", CATALOGUE, RIGHTS, table, reporter, "2026-M01")
    return sum(found.declared.values())

judged(sys.argv[1])
before = peak()
print(judged(sys.argv[2]), peak() - before)
"""


def judged(folder: Path, name: str, lines: bytes) -> tuple[int, int]:
    """(cells, bytes of memory on top) of judging a file in a fresh process."""
    small, large = folder / "small.csv", folder / f"{name}.csv"
    small.write_bytes(b"unit,turnover,note\nA,1,x\n")
    large.write_bytes(b"unit,turnover,note\n" + lines)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, small, large],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    cells, grown = done.stdout.split()
    return int(cells), int(grown)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads Linux's /proc")
def test_a_large_file_of_few_cells_needs_little_memory(tmp_path: Path) -> None:
    cells, grown = judged(tmp_path, "notes", (b"A,1," + b"n" * 2_000 + b"\n") * 100_000)
    assert cells == 100_000
    print("GROWN", grown)
    assert grown < 120_000_000  # of 200 MB: some forty blocks under way, and the cells


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads Linux's /proc")
def test_memory_grows_by_the_cell(tmp_path: Path) -> None:
    cells, grown = judged(tmp_path, "cells", b"A,1,\n" * 1_000_000)
    assert cells == 1_000_000
    print("GROWN", grown)
    assert grown < 60_000_000 + 200 * cells
