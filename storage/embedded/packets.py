"""Packets of ClickHouse's native protocol: what clients send parsed, what servers send built.

The revision offered is 54453: from 54454 every column carries a serialization byte, from 54458 the
hello has an addendum; clients negotiate down to it.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from storage.embedded import faults
from storage.embedded.bytesource import ByteSource, frame
from storage.embedded.faults import ProtocolError, ServerError
from storage.embedded.nativeblocks import BLOCK_INFO, text, varint

REVISION: Final = 54453
OLDEST_REVISION: Final = 54429  # settings as texts; older clients write them by type

_SERVER_TIMEZONE: Final = 54058
_DISPLAY_NAME: Final = 54372
_VERSION_PATCH: Final = 54401
_INTERSERVER_SECRET: Final = 54441
_OPENTELEMETRY: Final = 54442
_DISTRIBUTED_DEPTH: Final = 54448
_START_TIME: Final = 54449
_PARALLEL_REPLICAS: Final = 54453

_SHORT: Final = 1 << 16  # bytes; names, settings, identifiers
_INTERFACE_TCP: Final = 1


class FromClient(IntEnum):
    HELLO = 0
    QUERY = 1
    DATA = 2
    CANCEL = 3
    PING = 4


class FromServer(IntEnum):
    HELLO = 0
    DATA = 1
    EXCEPTION = 2
    PONG = 4
    END_OF_STREAM = 5


@dataclass(frozen=True, slots=True)
class Hello:
    client: str
    revision: int  # the lower of both sides
    database: str
    user: str
    password: str


@dataclass(frozen=True, slots=True)
class Setting:
    name: str
    value: str
    important: bool  # unknown and important is an error; unknown alone is passed over


@dataclass(frozen=True, slots=True)
class Query:
    query_id: str
    client: str
    settings: tuple[Setting, ...]
    compressed: bool
    sql: str


def read_hello(source: ByteSource) -> Hello:
    """Read the first packet of a connection.

    Raises:
        ProtocolError: it is no hello (an HTTP request, say), or of a client too old.
    """
    kind = source.byte()
    if kind != FromClient.HELLO:
        raise ProtocolError(
            217 if kind in b"GPHO" else faults.UNEXPECTED_PACKET,
            "DB::Exception: This port speaks ClickHouse's native protocol.",
        )
    client = source.text(_SHORT)
    source.varint(), source.varint()
    revision = source.varint()
    hello = Hello(
        client, min(revision, REVISION), source.text(_SHORT), source.text(_SHORT),
        source.text(_SHORT),
    )  # fmt: skip
    if revision < OLDEST_REVISION:
        raise ProtocolError(
            faults.NOT_IMPLEMENTED,
            f"DB::Exception: Client revision {revision} is older than {OLDEST_REVISION}.",
        )
    return hello


def read_query(source: ByteSource, revision: int) -> Query:
    """Read a query packet after its kind."""
    query_id = source.text(_SHORT)
    client = _read_client_info(source, revision)
    settings = []
    while name := source.text(_SHORT):
        flags = source.varint()
        settings.append(Setting(name, source.text(_SHORT), bool(flags & 1)))
    if revision >= _INTERSERVER_SECRET:
        source.text(_SHORT)
    source.varint()  # stage: always complete here
    compressed = source.varint() == 1
    return Query(query_id, client, tuple(settings), compressed, source.text())


def _read_client_info(source: ByteSource, revision: int) -> str:
    if source.byte() == 0:
        return ""
    for _ in range(3):  # initial user, query id, address
        source.text(_SHORT)
    if revision >= _START_TIME:
        source.take(8)
    if source.byte() != _INTERFACE_TCP:
        raise ProtocolError(faults.NOT_IMPLEMENTED, "DB::Exception: Only queries of TCP clients")
    source.text(_SHORT), source.text(_SHORT)
    client = source.text(_SHORT)
    for _ in range(3):  # version, revision
        source.varint()
    source.text(_SHORT)  # quota key
    if revision >= _DISTRIBUTED_DEPTH:
        source.varint()
    source.varint()  # version patch
    if revision >= _OPENTELEMETRY and source.byte():
        source.take(24)
        source.text(_SHORT)
        source.byte()
    if revision >= _PARALLEL_REPLICAS:
        for _ in range(3):
            source.varint()
    return client


def server_hello(revision: int, version: str, timezone: str, display_name: str) -> bytes:
    """The answer to a hello whose user and database are good."""
    major, minor, patch = (int(part) for part in version.split(".")[:3])
    packet = varint(FromServer.HELLO) + text("ClickHouse") + varint(major) + varint(minor)
    packet += varint(REVISION)
    if revision >= _SERVER_TIMEZONE:
        packet += text(timezone)
    if revision >= _DISPLAY_NAME:
        packet += text(display_name)
    if revision >= _VERSION_PATCH:
        packet += varint(patch)
    return packet


_DATA_HEAD: Final = varint(FromServer.DATA) + text("")
PONG: Final = varint(FromServer.PONG)
END_OF_STREAM: Final = varint(FromServer.END_OF_STREAM)


def data(native: bytes, *, compressed: bool) -> bytes:
    """One block, given in format Native, as a data packet."""
    if compressed:
        return _DATA_HEAD + frame(BLOCK_INFO + native)
    return b"".join((_DATA_HEAD, BLOCK_INFO, native))


def exception(fault: ServerError) -> bytes:
    """The end of a query that failed."""
    name = fault.message.split(":", 1)[0] if fault.message.startswith("DB::") else "DB::Exception"
    return (
        varint(FromServer.EXCEPTION)
        + fault.number.to_bytes(4, "little", signed=True)
        + text(name)
        + text(fault.message)
        + text("")  # no stack trace
        + b"\x00"  # no nested exception
    )
