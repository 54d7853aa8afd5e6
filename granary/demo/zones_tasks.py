"""Action plans (行动计划) in the zones' sample: eight tasks a zone, one due in each quarter.

Planted: TZ02-6 is done a quarter late, TZ05-7 is overdue, TZ01-8 is told as due a quarter early.
Z04 tells one task due more than its list has in the newest quarter, Z06 one done less in the
quarter before. TZ06-7 is done early, which is no fault.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from granary.demo.zones_city import QUARTERS, ZONES, csv_text

LATE, OVERDUE, DUE_EARLY, DONE_EARLY = "TZ02-6", "TZ05-7", "TZ01-8", "TZ06-7"
_TASKS: Final = 8
_DUE_DAYS: Final = ("03-15", "06-15", "09-15", "12-15")
_NAMES: Final = (
    "编制规划",
    "土地整理",
    "道路建设",
    "管网配套",
    "厂房建设",
    "招商签约",
    "人才公寓",
    "竣工验收",
)


def _tasks() -> Iterator[tuple[str, str, int]]:
    """(code, zone, place of the quarter in which it is due)."""
    for zone, *_ in ZONES:
        for number in range(_TASKS):
            yield f"T{zone}-{number + 1}", zone, number


def task_units() -> Iterator[tuple[str, str, str, Mapping[str, str]]]:
    """(kind, code, name, attributes) of the tasks."""
    districts = {zone: of for zone, _, of, *_ in ZONES}
    for code, zone, number in _tasks():
        body = districts[zone][number % len(districts[zone])]
        due = f"{2025 + number // 4}-{_DUE_DAYS[number % 4]}"
        told = {"zone": zone, "body": body, "due": due, "listed_from": "2025-01-01"}
        yield "task", code, f"示例任务{zone}:{_NAMES[number]}", told


def _state(code: str, number: int, at: int) -> tuple[int, int, int]:
    """(progress in %, due, done) of the task at the end of the quarter at this place."""
    due = at >= number or (code == DUE_EARLY and at == len(QUARTERS) - 1)
    done = at >= number + (code == LATE) - (code == DONE_EARLY) and code != OVERDUE
    progress = 100 if done else max(0, 100 - 25 * max(number - at, 0)) - 20 * (at >= number)
    return progress, int(due), int(done)


def counts(zone: str, at: int) -> tuple[int, int]:
    """Tasks due, and those of them that are done, as the zone tells them."""
    states = [_state(code, number, at) for code, of, number in _tasks() if of == zone]
    due = sum(one for _, one, _ in states)
    done = sum(one for _, is_due, one in states if is_due)
    newest = len(QUARTERS) - 1
    return due + ((zone, at) == ("Z04", newest)), done - ((zone, at) == ("Z06", newest - 1))


def task_files() -> dict[str, str]:
    """Table → text of its file."""
    rows: list[Sequence[object]] = []
    for at, (year, quarter) in enumerate(QUARTERS):
        for code, _, number in _tasks():
            progress, due, done = _state(code, number, at)
            rows.append((code, f"{year}-Q{quarter}", f"{progress}.0", due, done))
    return {
        "task_quarterly": csv_text(
            ("unit", "period", "task_progress", "task_due", "task_done"), rows
        )
    }
