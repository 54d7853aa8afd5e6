"""What a run took: seconds, CPU seconds and memory of processes, as `granary bench` prints them."""

import os
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
