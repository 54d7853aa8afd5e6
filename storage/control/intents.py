"""Intents (意向): register and control records a room wants in a city's log.

Any room submits; one gateway's relay produces what it finds in order of id and notes the offset.
The whole history stays, so that every room can fold it: "in force" means folded from the intents
so far. What the log has is told in the log's order: where several write at once, an id is handed
out before its row can be seen, so a lower id may come later.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from granary.clock import Clock, SystemClock
from granary.records import Record, RegisterRow, decode_record, decode_register
from storage.control.errors import IntentConflictError
from storage.control.schema import intent as intents

Kind = Literal["register", "control"]
#: Before the first offset of a log.
NOTHING: Final = -1


@dataclass(frozen=True, slots=True)
class Intent:
    """One wanted record. `produced_offset` is None until the log has it."""

    id: int
    city: int
    kind: str
    type: str
    record_id: str
    payload: bytes
    produced_offset: int | None


def submit(
    connection: Connection,
    city: int,
    kind: Kind,
    record_id: str,
    payload: bytes,
    clock: Clock | None = None,
) -> bool:
    """Ask for a record; False if that record id was asked for before with the same payload.

    `payload` is `encode_register(record_id, rows)` or `encode_record(record)` of `granary.records`.

    Raises:
        IntentConflictError: the record id is taken by another payload.
        granary.wire.UnreadableMessageError: the payload is not of that kind.
    """
    known = _payload_of(connection, city, record_id)
    if known is None:
        type_ = decode_record(payload).type if kind == "control" else ""
        if kind == "register":
            decode_register(payload)
        try:
            with connection.begin_nested():
                connection.execute(
                    insert(intents).values(
                        city=city,
                        kind=kind,
                        type=type_,
                        record_id=record_id,
                        payload=payload,
                        produced_offset=None,
                        created_ms=(clock or SystemClock()).now_ms(),
                    )
                )
        except IntegrityError:  # another process asked for it meanwhile
            known = _payload_of(connection, city, record_id)
            if known is None:  # the city does not exist
                raise
        else:
            return True
    if known != payload:
        raise IntentConflictError(f"{record_id!r} is another record already.", record_id=record_id)
    return False


def _payload_of(connection: Connection, city: int, record_id: str) -> bytes | None:
    return connection.scalar(
        select(intents.c.payload).where(intents.c.city == city, intents.c.record_id == record_id)
    )


def pending(connection: Connection, limit: int = 100) -> list[Intent]:
    """Intents not yet known to be in the log, in order of id."""
    return list(_read(connection, intents.c.produced_offset.is_(None), limit=limit))


def count_pending(connection: Connection) -> int:
    """How many intents are not yet known to be in the log."""
    return int(
        connection.scalar(select(func.count()).where(intents.c.produced_offset.is_(None))) or 0
    )


def mark_produced(connection: Connection, intent_id: int, offset: int) -> None:
    """Note that the log has it; a second marking keeps the first offset."""
    connection.execute(
        update(intents)
        .where(intents.c.id == intent_id, intents.c.produced_offset.is_(None))
        .values(produced_offset=offset)
    )


def is_produced(connection: Connection, city: int, record_id: str) -> bool:
    """Whether the log has the record."""
    wanted = (intents.c.city == city, intents.c.record_id == record_id)
    return connection.scalar(select(intents.c.produced_offset).where(*wanted)) is not None


def are_produced(connection: Connection, city: int, record_ids: Iterable[str]) -> bool:
    """Whether the log has all these records."""
    return all(is_produced(connection, city, record_id) for record_id in record_ids)


def history(connection: Connection, city: int, *, after: int = NOTHING) -> list[Intent]:
    """The city's intents in the log behind that offset, in the log's order."""
    wanted = (intents.c.city == city, intents.c.produced_offset > after)
    return list(_read(connection, *wanted, order=intents.c.produced_offset))


def last_produced(connection: Connection, city: int) -> int:
    """Offset of the city's last intent in the log; `NOTHING` if there is none."""
    found = connection.scalar(
        select(func.max(intents.c.produced_offset)).where(intents.c.city == city)
    )
    return NOTHING if found is None else int(found)


def in_force(connection: Connection, city: int, *types: str) -> list[Record]:
    """Control records of these types, submitted or produced, oldest first."""
    wanted = (intents.c.city == city, intents.c.kind == "control", intents.c.type.in_(types))
    return [decode_record(found.payload) for found in _read(connection, *wanted)]


def latest_catalogue(connection: Connection, city: int) -> dict[str, Any] | None:
    """The newest catalogue asked for, as `Catalogue.model_dump(mode="json")` wrote it."""
    payload = connection.scalar(
        select(intents.c.payload)
        .where(intents.c.city == city, intents.c.kind == "control", intents.c.type == "catalogue")
        .order_by(intents.c.id.desc())
        .limit(1)
    )
    return None if payload is None else dict(decode_record(payload).body["catalogue"])


def register_rows(connection: Connection, city: int) -> list[RegisterRow]:
    """Every change of the register asked for, oldest first; `Register.apply` folds them."""
    wanted = (intents.c.city == city, intents.c.kind == "register")
    return [
        row for found in _read(connection, *wanted) for row in decode_register(found.payload)[1]
    ]


def register_asked(connection: Connection, city: int, *, after: int = 0) -> list[Intent]:
    """Register records asked for with a higher id than that, in order of id."""
    wanted = (intents.c.city == city, intents.c.kind == "register", intents.c.id > after)
    return list(_read(connection, *wanted))


def count_register(connection: Connection, city: int, up_to: int) -> int:
    """How many register records were asked for up to that id.

    It may grow where several write at once: an id is handed out before its row can be seen.
    """
    wanted = (intents.c.city == city, intents.c.kind == "register", intents.c.id <= up_to)
    return int(connection.scalar(select(func.count()).where(*wanted)) or 0)


def _read(
    connection: Connection, *wanted: Any, order: Any = intents.c.id, limit: int | None = None
) -> Iterator[Intent]:
    for row in connection.execute(select(intents).where(*wanted).order_by(order).limit(limit)):
        yield Intent(
            row.id, row.city, row.kind, row.type, row.record_id, row.payload, row.produced_offset
        )


def loaded_at(connection: Connection, city: int) -> int | None:
    """Offset of the city's last catalogue or register record; `NOTHING` if none was asked for, None
    while one that was is not in the log."""
    loads = (intents.c.city == city) & (
        (intents.c.kind == "register") | (intents.c.type == "catalogue")
    )
    waiting = select(func.count()).where(loads, intents.c.produced_offset.is_(None))
    if connection.scalar(waiting):
        return None
    last = connection.scalar(select(func.max(intents.c.produced_offset)).where(loads))
    return NOTHING if last is None else int(last)
