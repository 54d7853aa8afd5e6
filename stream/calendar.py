"""Due instants in force (报送日历), and which of them the log has said are past."""

from indicators.catalogue import Catalogue
from indicators.deadlines import Return, planned


class DueCalendar:
    """The `Calendar` of the statistical core. Records of the log override the catalogue."""

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
