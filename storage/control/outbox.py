"""The outbox (待发): what must reach ClickHouse or a receiver of notices, and every attempt at it.

A row is `pending` until somebody tries it, `sending` while it is tried, then `sent`, `pending` once
more with a later instant, or `failed` for good. A row found `sending` by a new holder was cut off
by a crash: it is tried again under the same key, and its attempt without an end says that the
receiver may have it already.
"""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from storage.control.schema import outbox, webhook_attempt

CLICKHOUSE_ALERT: Final = "clickhouse.alert"
WEBHOOK: Final = "webhook"
#: Error of an attempt that certainly did not reach the receiver.
NOT_DELIVERED: Final = "not_delivered"


@dataclass(frozen=True, slots=True)
class Queued:
    """A row of the outbox. `key` is what the receiver tells repeats by."""

    id: int
    city: int
    topic: str
    key: str
    payload: dict[str, Any]
    attempts: int


def put(
    connection: Connection, city: int, topic: str, key: str, payload: dict[str, Any], now_ms: int
) -> bool:
    """Queue once a key; False if that key was queued before."""
    if connection.scalar(select(outbox.c.id).where(outbox.c.key == key)) is not None:
        return False
    try:
        with connection.begin_nested():
            connection.execute(
                insert(outbox).values(
                    city=city,
                    topic=topic,
                    key=key,
                    payload=payload,
                    state="pending",
                    attempts=0,
                    next_at_ms=now_ms,
                )
            )
    except IntegrityError:  # another process queued it meanwhile
        return False
    return True


def due(connection: Connection, topic: str, now_ms: int, limit: int = 100) -> list[Queued]:
    """Rows to be tried now, oldest first."""
    rows = connection.execute(
        select(outbox)
        .where(outbox.c.topic == topic, outbox.c.state == "pending", outbox.c.next_at_ms <= now_ms)
        .order_by(outbox.c.id)
        .limit(limit)
    )
    return [Queued(row.id, row.city, row.topic, row.key, row.payload, row.attempts) for row in rows]


def take_up(connection: Connection, topic: str, now_ms: int) -> int:
    """Make rows cut off while `sending` due again; how many. Only the holder of the duty may."""
    done = connection.execute(
        update(outbox)
        .where(outbox.c.topic == topic, outbox.c.state == "sending")
        .values(state="pending", next_at_ms=now_ms)
    )
    return int(done.rowcount)


def begin(connection: Connection, queued: Queued, now_ms: int) -> tuple[int, bool]:
    """Mark the row as being tried; (attempt id, whether the receiver may have it already)."""
    may_repeat = connection.scalar(
        select(func.count()).where(
            webhook_attempt.c.outbox_id == queued.id, webhook_attempt.c.error != NOT_DELIVERED
        )
    )
    connection.execute(
        update(outbox)
        .where(outbox.c.id == queued.id)
        .values(state="sending", attempts=outbox.c.attempts + 1)
    )
    attempt = connection.execute(
        insert(webhook_attempt).values(outbox_id=queued.id, key=queued.key, started_ms=now_ms)
    )
    return int(attempt.inserted_primary_key[0]), bool(may_repeat)  # type: ignore[index]


def end(
    connection: Connection,
    queued: Queued,
    attempt: int,
    now_ms: int,
    *,
    status: int | None,
    error: str,
    state: str,
    next_at_ms: int,
) -> None:
    """Record how an attempt ended and what becomes of the row."""
    connection.execute(
        update(webhook_attempt)
        .where(webhook_attempt.c.id == attempt)
        .values(ended_ms=now_ms, status=status, error=error)
    )
    connection.execute(
        update(outbox).where(outbox.c.id == queued.id).values(state=state, next_at_ms=next_at_ms)
    )


def mark_sent(connection: Connection, ids: list[int]) -> None:
    """Rows whose effect is durable where it was wanted."""
    connection.execute(
        update(outbox)
        .where(outbox.c.id.in_(ids))
        .values(state="sent", attempts=outbox.c.attempts + 1)
    )


def waiting(connection: Connection, topic: str) -> int:
    """Rows that have not arrived yet and are still tried."""
    return int(
        connection.scalar(
            select(func.count()).where(
                outbox.c.topic == topic, outbox.c.state.in_(("pending", "sending"))
            )
        )
        or 0
    )


def troubled(connection: Connection, city: int, topic: str, attempts: int) -> list[str]:
    """Keys of rows given up, or not arrived after that many attempts."""
    rows = connection.scalars(
        select(outbox.c.key)
        .where(outbox.c.city == city, outbox.c.topic == topic)
        .where(
            (outbox.c.state == "failed")
            | (outbox.c.state.in_(("pending", "sending")) & (outbox.c.attempts >= attempts))
        )
        .order_by(outbox.c.id)
    )
    return list(rows)
