"""Leases: at most one holder of a duty at a time, found again by others once it falls silent."""

from sqlalchemy import Connection, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from storage.control.schema import lease


def acquire(connection: Connection, name: str, holder: str, now_ms: int, ttl_ms: int) -> bool:
    """Take or renew the lease until now + ttl; False while another holder's has not run out."""
    changed = connection.execute(
        update(lease)
        .where(lease.c.name == name, or_(lease.c.holder == holder, lease.c.until_ms <= now_ms))
        .values(holder=holder, until_ms=now_ms + ttl_ms)
    )
    if changed.rowcount:
        return True
    if holder_of(connection, name, now_ms) is not None:
        return False
    try:
        with connection.begin_nested():
            connection.execute(
                insert(lease).values(name=name, holder=holder, until_ms=now_ms + ttl_ms)
            )
    except IntegrityError:
        return False
    return True


def release(connection: Connection, name: str, holder: str) -> None:
    """Give the lease back, if it is still this holder's."""
    connection.execute(delete(lease).where(lease.c.name == name, lease.c.holder == holder))


def holder_of(connection: Connection, name: str, now_ms: int) -> str | None:
    """Who holds the lease now."""
    return connection.scalar(
        select(lease.c.holder).where(lease.c.name == name, lease.c.until_ms > now_ms)
    )
