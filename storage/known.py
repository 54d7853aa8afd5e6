"""Rows of the store as they stand or as known by an instant: one SELECT at a time.

One layer for papers and revisions alike. An instant must be sealed before it is asked for
(`reports.sealing`), or what was known by then may still be on its way.
"""

import json
from collections.abc import Mapping
from typing import Any, Protocol

from indicators.catalogue import Catalogue


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


def catalogue_known(queries: Queries, number: int, as_of_ms: int | None) -> Catalogue | None:
    """The city's catalogue, as known by the instant; None where the log had none."""
    rows = queries.execute(
        "SELECT body FROM control_event FINAL WHERE city = %(number)s AND type = 'catalogue'"
        " AND version IN (SELECT version FROM ledger WHERE city = %(number)s)"
        f"{known_by(as_of_ms)} ORDER BY version DESC LIMIT 1",
        {"number": number, "at": as_of_ms},
    )
    return Catalogue.model_validate(json.loads(rows[0][0])["catalogue"]) if rows else None
