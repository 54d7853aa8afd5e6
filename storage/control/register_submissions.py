"""Submitted register files (名录报送): what was answered, and the records that carry each.

Written in the transaction that asks for the records, so that a submission is there whole or not at
all; the relay brings the records into the log afterwards.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from storage.control.schema import hold
from storage.control.schema import register_submission as table


@dataclass(frozen=True, slots=True)
class RegisterSubmission:
    """One submitted register file. `key` is '' where the sender gave none."""

    id: str
    city: int
    reporter: str
    table: str
    key: str
    body_sha256: str  # of raw body and query
    records: tuple[str, ...]
    receipt: dict[str, Any]
    arrived_ms: int


def lock_city(connection: Connection, city: int) -> None:
    """Keep others from changing the city's register until this transaction ends."""
    hold(connection, f"register:{city}")


def register(connection: Connection, new: RegisterSubmission) -> None:
    """Write it.

    Raises:
        sqlalchemy.exc.IntegrityError: the id or the reporter's key is taken.
    """
    connection.execute(
        insert(table).values(
            id=new.id,
            city=new.city,
            reporter=new.reporter,
            table_code=new.table,
            key=new.key or None,
            body_sha256=new.body_sha256,
            records=list(new.records),
            receipt=new.receipt,
            arrived_ms=new.arrived_ms,
        )
    )


def find(connection: Connection, submission_id: str) -> RegisterSubmission | None:
    """The submission of that id."""
    row = connection.execute(select(table).where(table.c.id == submission_id)).first()
    return None if row is None else _of(row)


def by_key(connection: Connection, city: int, reporter: str, key: str) -> RegisterSubmission | None:
    """What the reporter's key stands for."""
    row = connection.execute(
        select(table).where(table.c.city == city, table.c.reporter == reporter, table.c.key == key)
    ).first()
    return None if row is None else _of(row)


def _of(row: Row[Any]) -> RegisterSubmission:
    return RegisterSubmission(
        id=row.id,
        city=row.city,
        reporter=row.reporter,
        table=row.table_code,
        key=row.key or "",
        body_sha256=row.body_sha256,
        records=tuple(row.records),
        receipt=row.receipt,
        arrived_ms=row.arrived_ms,
    )
