"""Arrivals (到达): requests whose submissions are not registered yet.

Timeliness is the arrival of the request, but a submission is registered only once its body has
come, is judged, and its lane is free. In between its arrival stands here, so that nobody takes a
reporter for silent whose file is on its way.
"""

from typing import Final

from sqlalchemy import ColumnElement, Connection, delete, func, insert, or_, select

from storage.control.schema import arrival, submission

#: Milliseconds after which a request is no longer waited for: longer than the largest body takes
#: over a slow line. Whoever noted an older one is dead, or its sender is in no hurry.
LONGEST_MS: Final = 10 * 60_000


def note(
    connection: Connection, city: int, reporter: str, table: str, owner: str, arrived_ms: int
) -> int:
    """A request for that table has arrived at the gateway `owner`; the note's id."""
    done = connection.execute(
        insert(arrival).values(
            city=city, reporter=reporter, table_code=table, owner=owner, arrived_ms=arrived_ms
        )
    )
    return int(done.inserted_primary_key[0])  # type: ignore[index]


def forget(connection: Connection, note_id: int) -> None:
    """The request is registered, or will never be."""
    connection.execute(delete(arrival).where(arrival.c.id == note_id))


def sweep(connection: Connection, owner: str, now_ms: int) -> int:
    """Forget what an earlier run of this gateway noted, and all that is too old; how many."""
    gone = or_(arrival.c.owner == owner, arrival.c.arrived_ms <= now_ms - LONGEST_MS)
    return int(connection.execute(delete(arrival).where(gone)).rowcount)


def on_their_way(connection: Connection, city: int, table: str, before_ms: int, now_ms: int) -> int:
    """Requests and submissions of the table that arrived before that instant and that the log does
    not have yet.

    One statement: a request that is being registered is seen as the one or the other.
    """
    wanted: list[ColumnElement[int]] = [
        select(func.count())
        .where(
            submission.c.city == city,
            submission.c.table_code == table,
            submission.c.status == "receiving",
            submission.c.arrived_ms < before_ms,
        )
        .scalar_subquery(),
        select(func.count())
        .where(
            arrival.c.city == city,
            arrival.c.table_code == table,
            arrival.c.arrived_ms < before_ms,
            arrival.c.arrived_ms > now_ms - LONGEST_MS,
        )
        .scalar_subquery(),
    ]
    return int(connection.scalar(select(wanted[0] + wanted[1])) or 0)
