"""Copies alerts from the control store to ClickHouse, where pages, boards and reports read them.

1. Take the queued copies in order. 2. Insert them as one block; the alert's revision is the row's
version, so that a repeat or a late copy changes nothing. 3. Mark them sent. A crash between 2 and
3 repeats the insert.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from granary.clock import Clock
from granary.failpoints import failpoint
from storage.control import outbox, schema


class RowStore(Protocol):
    """Stores columns of equal length in a table; durable when it returns; a repeat is safe.

    May block and retry while the store is busy; raises typed errors when it is refused.
    """

    def write(self, table: str, columns: Mapping[str, Sequence[Any]]) -> None: ...


def copy_alerts(control_url: str, store: RowStore, clock: Clock) -> int:
    """Bring every queued copy to the store; how many."""
    with schema.reading(control_url) as connection:
        queued = outbox.due(connection, outbox.CLICKHOUSE_ALERT, clock.now_ms(), limit=1_000)
    if not queued:
        return 0
    rows = [one.payload for one in queued]
    store.write(
        "alert",
        {
            "city": [row["city"] for row in rows],
            "id": [row["id"] for row in rows],
            "kind": [row["kind"] for row in rows],
            "level": [row["level"] for row in rows],
            "subject_level": [row["subject_level"] for row in rows],
            "subject": [row["subject"] for row in rows],
            "indicator": [row["indicator"] for row in rows],
            "period": [row["period"] for row in rows],
            "state": [row["state"] for row in rows],
            "opened_at": [row["opened_ms"] for row in rows],
            "closed_at": [row["closed_ms"] for row in rows],
            "evidence": [
                json.dumps(row["evidence"], ensure_ascii=False, sort_keys=True) for row in rows
            ],
            "revision": [row["revision"] for row in rows],
        },
    )
    failpoint("supervision.copied")
    with schema.engine(control_url).begin() as connection:
        outbox.mark_sent(connection, [one.id for one in queued])
    return len(queued)
