"""Rows of the store as they stand or as known by an instant: one SELECT at a time.

One layer for papers and revisions alike. An instant must be sealed before it is asked for
(`reports.sealing`), or what was known by then may still be on its way.
"""

from collections.abc import Mapping
from typing import Any, Protocol


class Queries(Protocol):
    """Runs one SELECT and returns its rows; may block for the answer; a repeat is safe."""

    def execute(self, query: str, params: Mapping[str, Any] | None = None) -> list[Any]: ...


def known_by(at_ms: int | None) -> str:
    """The condition that a row was known by the parameter `at`; none where nothing is asked."""
    return "" if at_ms is None else " AND known_from <= fromUnixTimestamp64Milli(%(at)s)"


def stood(kind: str, condition: str, at_ms: int | None, *key: str) -> str:
    """Rows of `<kind>_current`, or those of `<kind>_history` that stood at the parameter `at`.

    `condition` narrows both; `key` names a row. What a catalogue had retired by then is not there.
    """
    if at_ms is None:
        return f"(SELECT * FROM {kind}_current FINAL WHERE {condition})"
    return (
        f"(SELECT * FROM (SELECT * FROM {kind}_history WHERE {condition}{known_by(at_ms)}"
        f" ORDER BY version DESC, retired LIMIT 1 BY {', '.join(key)}) WHERE NOT retired)"
    )
