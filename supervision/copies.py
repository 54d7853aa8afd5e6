"""Copies alerts from the control store to ClickHouse, where pages, boards and reports read them.

1. Take the queued copies in order. 2. Insert them as one block; the alert's revision is the row's
version, so that a repeat or a late copy changes nothing. 3. Mark them sent. A crash between 2 and
3 repeats the insert. A store that was emptied gets every alert anew (`restore_copies`).
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Protocol

from granary.clock import Clock, utc
from granary.failpoints import failpoint
from storage.control import alerts, cities, outbox, schema

_COLUMNS = (
    "city", "id", "kind", "level", "subject_level", "subject", "indicator", "period", "state",
    "opened_at", "closed_at", "evidence", "revision",
)  # fmt: skip


class AlertRows(Protocol):
    """Stores rows of one table; durable when it returns.

    May block for the store's answer; raises the driver's errors; a repeat is safe.
    """

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None: ...


class AlertTable(AlertRows, Protocol):
    """Reads as well."""

    def execute(
        self, query: str, params: dict[str, Any] | None = None
    ) -> list[tuple[Any, ...]]: ...


def copy_alerts(control_url: str, store: AlertRows, clock: Clock) -> int:
    """Bring every queued copy to the store; how many."""
    with schema.reading(control_url) as connection:
        queued = outbox.due(connection, outbox.CLICKHOUSE_ALERT, clock.now_ms(), limit=1_000)
        codes = {city.id: city.code for city in cities.every(connection)} if queued else {}
    if not queued:
        return 0
    store.insert("alert", _COLUMNS, [_row(one.payload, codes[one.city]) for one in queued])
    failpoint("supervision.copied")
    with schema.engine(control_url).begin() as connection:
        outbox.mark_sent(connection, [one.id for one in queued])
    return len(queued)


def restore_copies(control_url: str, store: AlertTable) -> int:
    """Bring the store every alert of which it lacks the last revision; how many.

    After a replay the store begins empty, while every queued copy was sent long ago.
    """
    with schema.reading(control_url) as connection:
        known = alerts.every(connection)
        codes = {city.id: city.code for city in cities.every(connection)} if known else {}
    if not known:
        return 0
    there = dict(store.execute("SELECT id, max(revision) FROM alert GROUP BY id"))
    lacking = [asdict(one) for one in known if there.get(one.id, -1) < one.revision]
    if lacking:
        store.insert("alert", _COLUMNS, [_row(one, codes[one["city"]]) for one in lacking])
    return len(lacking)


def _row(alert: dict[str, Any], city: str) -> list[Any]:
    closed = alert["closed_ms"]
    return [
        city,
        *(alert[name] for name in _COLUMNS[1:9]),
        utc(alert["opened_ms"]),
        None if closed is None else utc(closed),
        json.dumps(alert["evidence"], ensure_ascii=False, sort_keys=True),
        alert["revision"],
    ]
