"""Tables of the control store, their creation, and connections to it.

SQLite runs in WAL with synchronous=FULL: what is committed survives a power cut. Its transactions
begin IMMEDIATE, so that reading and then writing never meets a lock halfway; a connection with the
execution option `read_only=True` begins deferred and never waits for a writer.
"""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Connection,
    Engine,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    create_engine,
    event,
    insert,
    inspect,
    make_url,
    select,
    text,
)

from storage.control.errors import ControlSchemaError

#: Seconds a writer waits for another before it gives up; far above the longest transaction.
BUSY_TIMEOUT_SECONDS: Final = 30
#: Any fixed number: the PostgreSQL advisory lock under which the schema is created.
_SCHEMA_LOCK: Final = 7_240_531

metadata = MetaData()
_Key = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers only INTEGER keys by itself


def _instant(name: str, *, nullable: bool = False) -> Column[Any]:
    """A column of UTC milliseconds."""
    return Column(name, BigInteger, nullable=nullable)


schema_version = Table("schema_version", metadata, Column("version", Integer, primary_key=True))

city = Table(
    "city",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("code", String(64), nullable=False, unique=True),
    Column("partition", Integer, nullable=False, unique=True),
    Column("generation", Integer, nullable=False),
    Column("catalogue", Text, nullable=False),  # name of the folder it was loaded from
)

token = Table(
    "token",
    metadata,
    Column("id", _Key, primary_key=True),
    Column("hash", String(64), nullable=False, unique=True),
    Column("city", ForeignKey("city.id"), nullable=False),
    Column("reporter", String(64), nullable=False),
    _instant("created_ms"),
    _instant("revoked_ms", nullable=True),
)

submission = Table(
    "submission",
    metadata,
    Column("sequence", _Key, primary_key=True),
    Column("id", String(64), nullable=False, unique=True),
    Column("city", ForeignKey("city.id"), nullable=False),
    Column("reporter", String(64), nullable=False),
    Column("table_code", String(64), nullable=False),
    Column("body_sha256", String(64), nullable=False),
    Column("period_asked", String(64), nullable=False),  # '' where the request named none
    Column("spool", Text, nullable=False),  # file of its messages, relative to the data folder
    Column("judged_at", BigInteger, nullable=False),  # offset of the last intent it was judged by
    Column("content_hash", String(64), nullable=False),
    Column("periods", JSON, nullable=False),  # ids of periods with accepted cells
    Column("declared", BigInteger, nullable=False),
    Column("accepted", BigInteger, nullable=False),
    Column("rejected", BigInteger, nullable=False),
    Column("chunks", Integer, nullable=False),
    Column("status", String(16), nullable=False),  # receiving | accepted | refused
    Column("owner", String(128), nullable=False),  # gateway that produces it
    Column("receipt", JSON, nullable=False),
    _instant("arrived_ms"),
    _instant("finished_ms", nullable=True),
    Index("submission_lane", "city", "reporter", "table_code", "status"),
)

arrival = Table(
    "arrival",
    metadata,
    Column("id", _Key, primary_key=True),
    Column("city", ForeignKey("city.id"), nullable=False),
    Column("reporter", String(64), nullable=False),
    Column("table_code", String(64), nullable=False),
    Column("owner", String(128), nullable=False),  # gateway that takes the request
    _instant("arrived_ms"),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("city", ForeignKey("city.id"), primary_key=True),
    Column("reporter", String(64), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("body_sha256", String(64), nullable=False),  # of raw body and query
    Column("submission", ForeignKey("submission.id"), nullable=False),
    Column("repeated", Integer, nullable=False),  # 1: the answer is another submission's receipt
    _instant("created_ms"),
)

head = Table(
    "head",
    metadata,
    Column("city", ForeignKey("city.id"), primary_key=True),
    Column("reporter", String(64), primary_key=True),
    Column("table_code", String(64), primary_key=True),
    Column("period", Integer, primary_key=True, autoincrement=False),
    Column("submission", ForeignKey("submission.id"), nullable=False),
)

intent = Table(
    "intent",
    metadata,
    Column("id", _Key, primary_key=True),
    Column("city", ForeignKey("city.id"), nullable=False),
    Column("kind", String(16), nullable=False),  # register | control
    Column("type", String(32), nullable=False),  # of a control record; '' of a register one
    Column("record_id", String(255), nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("produced_offset", BigInteger),
    _instant("created_ms"),
    UniqueConstraint("city", "record_id"),
    Index("intent_pending", "produced_offset", "id"),
    Index("intent_type", "city", "type", "id"),
    sqlite_autoincrement=True,
)

lease = Table(
    "lease",
    metadata,
    Column("name", String(128), primary_key=True),
    Column("holder", String(128), nullable=False),
    _instant("until_ms"),
)

alert = Table(
    "alert",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("city", ForeignKey("city.id"), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("level", String(16), nullable=False),
    Column("subject_level", String(64), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("indicator", String(64), nullable=False),
    Column("period", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    _instant("opened_ms"),
    _instant("closed_ms", nullable=True),
    Column("evidence", JSON, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("episode", String(255), nullable=False, unique=True),
    Index("alert_state", "city", "state"),
)

alert_event = Table(
    "alert_event",
    metadata,
    Column("id", _Key, primary_key=True),
    Column("alert_id", ForeignKey("alert.id"), nullable=False, index=True),
    _instant("at_ms"),
    Column("author", String(64), nullable=False),
    Column("from_state", String(16), nullable=False),
    Column("to_state", String(16), nullable=False),
    Column("note", Text, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", _Key, primary_key=True),
    Column("city", ForeignKey("city.id"), nullable=False),
    Column("topic", String(32), nullable=False),  # clickhouse.alert | webhook
    Column("key", String(255), nullable=False, unique=True),
    Column("payload", JSON, nullable=False),
    Column("state", String(16), nullable=False),  # pending | sending | sent | failed
    Column("attempts", Integer, nullable=False, server_default="0"),
    _instant("next_at_ms"),
    Index("outbox_due", "state", "next_at_ms"),
)

webhook_attempt = Table(
    "webhook_attempt",
    metadata,
    Column("id", _Key, primary_key=True),
    Column("outbox_id", ForeignKey("outbox.id"), nullable=False, index=True),
    Column("key", String(255), nullable=False),
    _instant("started_ms"),
    _instant("ended_ms", nullable=True),
    Column("status", Integer),  # of the HTTP answer
    Column("error", Text, nullable=False, server_default=""),
)


register_submission = Table(
    "register_submission",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("city", ForeignKey("city.id"), nullable=False),
    Column("reporter", String(64), nullable=False),
    Column("table_code", String(64), nullable=False),
    Column("key", String(255)),  # idempotency key; null where the sender gave none
    Column("body_sha256", String(64), nullable=False),
    Column("records", JSON, nullable=False),  # ids of the intents that carry it
    Column("receipt", JSON, nullable=False),
    _instant("arrived_ms"),
    UniqueConstraint("city", "reporter", "key"),
)


def _first_tables(connection: Connection) -> None:
    metadata.create_all(connection)


def _arrivals(connection: Connection) -> None:
    arrival.create(connection, checkfirst=True)  # an empty store has it from the first step


def _register_submissions(connection: Connection) -> None:
    register_submission.create(connection, checkfirst=True)  # as above


#: Step n brings the schema from version n to n + 1; steps are never changed, only added.
_STEPS: tuple[Callable[[Connection], None], ...] = (
    _first_tables,
    _arrivals,
    _register_submissions,
)


def create(url: str) -> None:
    """Create or bring up to date the tables at `url`; safe to repeat and to run twice at once.

    Raises:
        ControlSchemaError: the store was written by a newer program.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    with engine(url).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _SCHEMA_LOCK})
        schema_version.create(connection, checkfirst=True)
        found = version(connection)
        if found > len(_STEPS):
            raise ControlSchemaError(
                f"the control store has schema {found}, this program knows {len(_STEPS)}.",
                found=found,
            )
        for number in range(found, len(_STEPS)):
            _STEPS[number](connection)
            connection.execute(insert(schema_version).values(version=number + 1))


def version(connection: Connection) -> int:
    """Version of the schema; 0 where nothing was created yet."""
    if not inspect(connection).has_table("schema_version"):
        return 0
    return max(connection.scalars(select(schema_version.c.version)), default=0)


@cache
def engine(url: str) -> Engine:
    """The process's engine for `url`: one pool, shared by its threads."""
    parsed = make_url(url)
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    sqlite = parsed.get_backend_name() == "sqlite"
    made = create_engine(
        parsed,
        json_serializer=lambda value: json.dumps(value, ensure_ascii=False, sort_keys=True),
        connect_args={"timeout": BUSY_TIMEOUT_SECONDS} if sqlite else {},
        pool_pre_ping=not sqlite,
        pool_size=16,
        max_overflow=32,
    )
    if sqlite:
        event.listen(made, "connect", _prepare_sqlite)
        event.listen(made, "begin", _begin_sqlite)
    return made


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver opens no transactions of its own
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get("read_only", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def hold(connection: Connection, name: str) -> None:
    """Keep other processes from what the name stands for until this transaction ends.

    SQLite's transactions are one after the other already.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name}
        )


def reading(url: str) -> Connection:
    """A connection for reading only, to be used as a context manager."""
    return engine(url).connect().execution_options(read_only=True)
