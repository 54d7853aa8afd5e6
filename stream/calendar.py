"""Due instants in force (报送日历), and which of them the log has said are past."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from indicators.catalogue import Catalogue
from indicators.periods import parse_period


class DueCalendar:
    """The `Calendar` of the statistical core. Records of the log override the catalogue."""

    def __init__(self) -> None:
        self._planned: dict[tuple[str, int], int] = {}
        self._set: dict[tuple[str, int], int] = {}
        self._closed: set[tuple[str, int]] = set()

    def plan(self, catalogue: Catalogue) -> None:
        """Take the instants of a catalogue's calendar, in the city's time."""
        zone = ZoneInfo(catalogue.city.time_zone)
        self._planned = {
            (due.table, parse_period(due.period)): instant(due.report_by, zone)
            for due in catalogue.calendar
        }

    def fix(self, table: str, period: int, due_ms: int) -> None:
        self._set[table, period] = due_ms

    def close(self, table: str, period: int) -> None:
        self._closed.add((table, period))

    def due(self, table: str, period: int) -> int | None:
        return self._set.get((table, period), self._planned.get((table, period)))

    def closed(self, table: str, period: int) -> bool:
        return (table, period) in self._closed

    def planned(self) -> set[tuple[str, int]]:
        """Every (table, period) with a due instant."""
        return set(self._planned) | set(self._set)


def instant(text: str, zone: ZoneInfo) -> int:
    """UTC ms of `2026-04-06T24:00` in the zone; 24:00 ends the day it names."""
    day, _, clock = text.partition("T")
    midnight = clock.startswith("24:00")
    local = datetime.fromisoformat(f"{day}T00:00" if midnight else text).replace(tzinfo=zone)
    if midnight:
        local += timedelta(days=1)
    return int(local.timestamp() * 1000)
