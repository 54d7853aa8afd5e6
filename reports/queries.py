"""How the reports read the store: one SELECT at a time, as it stands or as known by an instant."""

from collections.abc import Mapping
from typing import Any, Protocol


class Queries(Protocol):
    """Runs one SELECT and returns its rows; may block for the answer; a repeat is safe."""

    def execute(self, query: str, params: Mapping[str, Any] | None = None) -> list[Any]: ...


def known_by(at_ms: int | None) -> str:
    """The condition that a row was known by the parameter `at`; none where nothing is asked."""
    return "" if at_ms is None else " AND known_from <= fromUnixTimestamp64Milli(%(at)s)"


def latest_version(at_ms: int | None, *key: str) -> str:
    """For a history: of each key, the last version that the conditions before it leave."""
    return "" if at_ms is None else f" ORDER BY version DESC LIMIT 1 BY {', '.join(key)}"
