"""What a run took: seconds, CPU seconds and memory of processes, as `granary bench` prints them."""

import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Run:
    """One measured run; `parts` names the CPU seconds and peak memory (bytes) of each process."""

    name: str
    rows: int
    seconds: float
    cpu_s: float
    rss: int
    parts: dict[str, dict[str, float]] = field(default_factory=dict)

    @property
    def rows_per_s(self) -> float:
        return self.rows / self.seconds

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "rows": self.rows,
            "seconds": round(self.seconds, 3),
            "rows_per_s": round(self.rows_per_s),
            "cpu_s": round(self.cpu_s, 3),
            "rss": self.rss,
            "parts": self.parts,
        }


def total(name: str, runs: list[Run]) -> Run:
    """Several runs as one: times added, the most memory of any."""
    return Run(
        name,
        sum(each.rows for each in runs),
        sum(each.seconds for each in runs),
        sum(each.cpu_s for each in runs),
        max(each.rss for each in runs),
    )


class Meter:
    """CPU of some processes from now on, and their memory."""

    def __init__(self, pids: dict[str, int]) -> None:
        self._pids = pids
        self._before = {name: cpu_seconds(pid) for name, pid in pids.items()}

    def read(self) -> dict[str, dict[str, float]]:
        """Per process: CPU seconds since the start, resident bytes now."""
        return {
            name: {
                "cpu_s": round(cpu_seconds(pid) - self._before[name], 3),
                "rss": resident_bytes(pid),
            }
            for name, pid in self._pids.items()
        }


def cpu_seconds(pid: int) -> float:
    """User and system time the process has used, its threads included."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def resident_bytes(pid: int) -> int:
    """Resident memory of the process."""
    for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


class Clock:
    """Seconds, CPU seconds of every thread, and the most memory resident since it was made."""

    def __init__(self) -> None:
        _forget_peak()
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def run(self, name: str, rows: int, **facts: float) -> Run:
        seconds, cpu = time.perf_counter() - self._wall, time.process_time() - self._cpu
        return Run(name, rows, seconds, cpu, _peak(), {"facts": facts} if facts else {})


def _forget_peak() -> None:
    """Let the peak begin anew; where the kernel refuses, it is that of the whole process."""
    try:
        Path("/proc/self/clear_refs").write_text("5", "ascii")
    except OSError:
        return


def _peak() -> int:
    """The most memory that was resident, in bytes."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0
