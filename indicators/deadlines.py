"""Due instants (时限): the calendar in force, which instants have passed, and the words for it.

Pure: instants in, decisions out. On time is strictly before the instant; 24:00 belongs to the day
that ends. Catalogue entries are the plan; `calendar` records of the log replace single instants;
`deadline` records say that an instant has passed.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from indicators.catalogue import Catalogue
from indicators.periods import parse_period

#: A return of one table for one period: (table code, period id).
Return = tuple[str, int]


class DueState(StrEnum):
    """Where a subject's return stands (报送状态)."""

    NOT_DUE = "未到期"
    SOON = "临期"
    ON_TIME = "按时"
    LATE = "迟报"
    OVERDUE = "逾期未报"
    EXEMPT = "免报"
    NO_INSTANT = "未定时限"


@dataclass(frozen=True, slots=True)
class Passed:
    """An instant that has passed and of which the log does not know yet."""

    table: str
    period: int
    due_ms: int


def instant(text: str, zone: ZoneInfo) -> int:
    """UTC ms of `2026-04-06T24:00` in the zone; 24:00 ends the day it names.

    Raises:
        ValueError: not an ISO date with a time.
    """
    day, _, clock = text.partition("T")
    midnight = clock.startswith("24:00")
    local = datetime.fromisoformat(f"{day}T00:00" if midnight else text).replace(tzinfo=zone)
    if midnight:
        local += timedelta(days=1)
    return int(local.timestamp() * 1000)


def planned(catalogue: Catalogue) -> dict[Return, int]:
    """Due instants (上报) of the catalogue's calendar, UTC ms."""
    zone = ZoneInfo(catalogue.city.time_zone)
    return {
        (due.table, parse_period(due.period)): instant(due.report_by, zone)
        for due in catalogue.calendar
    }


def passed(
    due: Mapping[Return, int], known_passed: Collection[Return], now_ms: int
) -> list[Passed]:
    """Instants at or before `now_ms` that no `deadline` record tells of, earliest first."""
    found = [
        Passed(table, period, at)
        for (table, period), at in due.items()
        if at <= now_ms and (table, period) not in known_passed
    ]
    return sorted(found, key=lambda one: (one.due_ms, one.table, one.period))


def due_state(
    *, expected: int, received: int, late: int, due_ms: int | None, now_ms: int, soon_ms: int = 0
) -> DueState:
    """The word for a subject with so many units expected, received, and received late.

    A return made up late is never 按时 again. `soon_ms` is how long before the instant a return
    not yet complete is 临期.
    """
    if expected == 0:
        return DueState.EXEMPT
    if due_ms is None:
        return DueState.NO_INSTANT
    if received >= expected:
        return DueState.LATE if late else DueState.ON_TIME
    if now_ms >= due_ms:
        return DueState.OVERDUE
    return DueState.SOON if now_ms >= due_ms - soon_ms else DueState.NOT_DUE


def responsible(catalogue: Catalogue, table: str) -> dict[tuple[str, str], list[str]]:
    """Who answers for a table: (level, subject) → codes of its reporters.

    Reporters with a member of their own answer for it; only where none has one does the city as a
    whole answer.
    """
    members: dict[tuple[str, str], list[str]] = {}
    whole: list[str] = []
    for reporter in catalogue.reporters:
        if table not in reporter.tables:
            continue
        if reporter.grouping is not None and reporter.member is not None:
            members.setdefault((reporter.grouping, reporter.member), []).append(reporter.code)
        else:
            whole.append(reporter.code)
    if members or not whole:
        return members
    return {("city", catalogue.city.code): whole}


class DueCalendar:
    """Due instants in force (报送日历), and which of them the log has said are past.

    Records of the log override the catalogue, whichever comes first.
    """

    def __init__(self) -> None:
        self._planned: dict[Return, int] = {}
        self._fixed: dict[Return, int] = {}
        self._closed: set[Return] = set()

    def plan(self, catalogue: Catalogue) -> None:
        """Take the instants of a catalogue's calendar."""
        self._planned = planned(catalogue)

    def fix(self, table: str, period: int, due_ms: int) -> None:
        """Set the instant of one return, whatever the catalogue says."""
        self._fixed[table, period] = due_ms

    def close(self, table: str, period: int) -> None:
        """Note that the log has said the instant is past."""
        self._closed.add((table, period))

    def due(self, table: str, period: int) -> int | None:
        return self._fixed.get((table, period), self._planned.get((table, period)))

    def closed(self, table: str, period: int) -> bool:
        return (table, period) in self._closed

    def planned(self) -> set[Return]:
        """Every (table, period) with a due instant."""
        return set(self._planned) | set(self._fixed)

    def instants(self) -> dict[Return, int]:
        """The due instant of each of them, UTC ms."""
        return {**self._planned, **self._fixed}

    def passed(self) -> frozenset[Return]:
        """Those the log has said are past, whether or not they still have an instant."""
        return frozenset(self._closed)
