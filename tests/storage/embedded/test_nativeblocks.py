"""Blocks are passed undecoded: their ends are found, and broken ones end cleanly."""

import random
import socket
import threading
from functools import lru_cache
from typing import Any

import chdb
import pytest
from clickhouse_driver import Client
from clickhouse_driver.varint import write_varint
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.embedded.bytesource import BUFFER, ClientGone, FrameSource, MemorySource, SocketSource
from storage.embedded.bytesource import frame as framed
from storage.embedded.faults import ProtocolError
from storage.embedded.nativeblocks import (
    BLOCK_INFO,
    empty_block,
    header_of,
    read_block,
    read_native,
    retyped,
    rows_at_head,
    split_blocks,
    varint,
)
from tests.storage.embedded.server_process import ServerProcess

_EVERY_TYPE = """
SELECT toUInt8(number) AS a, toInt256(number) AS b, toString(number * 1000000) AS c,
  repeat('x', number * 50) AS d, toFixedString('abc', 3) AS e, toDecimal32(1, 2) AS f,
  toDecimal256(1, 2) AS g, toNullable(toString(number)) AS h, range(number % 5) AS i,
  arrayMap(x -> [toString(x)], range(number % 3)) AS j, map('k', [number]) AS k,
  tuple(number, 'x', [tuple(1, toNullable(2))]) AS l, toLowCardinality(toString(number % 3)) AS m,
  [toLowCardinality(toNullable('q'))] AS n, toUUID('61f0c404-5cb3-11e7-907b-a6006ad3dba0') AS o,
  toIPv6('::1') AS p, now64(3) AS q, toDate32('2026-01-01') AS r, true AS s, NULL AS t,
  CAST(tuple(1, 'x'), 'Tuple(`a b` Int8, c Enum8(\\'(x\\' = 1, \\'x\\' = 2))') AS u,
  toIntervalDay(3) AS v, emptyArrayString() AS w,
  CAST(map(), 'Map(LowCardinality(String), Int8)') AS x
FROM numbers({rows})
"""


@lru_cache
def native(sql: str) -> bytes:
    result: Any = chdb.query(sql, "Native")  # type: ignore[no-untyped-call]
    data: bytes = result.bytes()
    return data


@pytest.fixture(scope="module")
def block() -> bytes:
    return native(_EVERY_TYPE.format(rows=500))


def test_a_block_of_every_type_is_passed_to_its_last_byte(block: bytes) -> None:
    source = MemorySource(block + b"next")
    found = read_native(source)
    assert (found.rows, len(found.names)) == (500, 24)
    assert b"".join(found.native) == block
    assert source.pending() == b"next"
    assert header_of(block) == list(zip(found.names, found.types, strict=True))
    assert rows_at_head(block) == 500


def test_blocks_one_after_another_are_told_apart(block: bytes) -> None:
    empty = empty_block([("a", "UInt8")])
    assert split_blocks(block + empty + block) == [block, empty, block]


def test_types_are_renamed_without_touching_values() -> None:
    data = native(
        "SELECT toDateTime(number, 'Asia/Shanghai') AS at, 'DateTime' AS t FROM numbers(3)"
    )
    renamed = retyped(data, {"at": "DateTime('Asia/Shanghai')"})
    assert header_of(renamed) == [("at", "DateTime('Asia/Shanghai')"), ("t", "String")]
    assert renamed.replace(b"\x19DateTime('Asia/Shanghai')", b"\x08DateTime", 1) == data


@pytest.mark.parametrize("cut", [1, 7, 1000, BUFFER - 3, BUFFER * 3])
@pytest.mark.parametrize("compressed", [False, True])
def test_a_block_arrives_whole_however_the_network_cuts_it(cut: int, compressed: bool) -> None:
    small = native(_EVERY_TYPE.format(rows=20))
    large = native("SELECT number, toString(number) FROM numbers(60000)")
    blocks = [small, large, small] if cut > 7 else [small, small]
    wire = b"".join(
        framed(BLOCK_INFO + block) if compressed else BLOCK_INFO + block for block in blocks
    )
    ours, theirs = socket.socketpair()

    def send() -> None:
        with theirs:
            for start in range(0, len(wire), cut):
                theirs.sendall(wire[start : start + cut])

    sending = threading.Thread(target=send)
    sending.start()
    with ours:
        socket_source = SocketSource(ours)
        source = FrameSource(socket_source) if compressed else socket_source
        for expected in blocks:
            assert b"".join(read_block(source).native) == expected
        with pytest.raises(ClientGone):
            source.byte()
    sending.join()


@given(st.integers(0, 2**64 - 1))
def test_numbers_of_variable_length_read_back(value: int) -> None:
    assert MemorySource(varint(value)).varint() == value


@given(st.data())
@settings(deadline=None)
def test_a_damaged_block_is_a_protocol_error_or_another_block(data: st.DataObject) -> None:
    whole = native("SELECT number, [toString(number)], toLowCardinality('x') FROM numbers(4)")
    damaged = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(whole) - 1))
        damaged[at] = data.draw(st.integers(0, 255))
    try:
        read_native(MemorySource(bytes(damaged[: data.draw(st.integers(0, len(whole)))])))
    except ProtocolError:
        return


def test_a_damaged_frame_is_found_by_its_checksum() -> None:
    frame = bytearray(framed(BLOCK_INFO + empty_block([("a", "UInt8")])))
    frame[-1] ^= 1
    with pytest.raises(ProtocolError) as failure:
        read_block(FrameSource(MemorySource(bytes(frame))))
    assert failure.value.number == 40


def test_malformed_packets_end_their_connection_only(server: ServerProcess, owner: Client) -> None:
    chance = random.Random(7)
    for _ in range(60):
        with server.client() as broken:
            broken.connection.force_connect()
            broken.connection.socket.settimeout(5)
            if chance.random() < 0.5:
                broken.connection.send_query("INSERT INTO FUNCTION null('a UInt8') VALUES")
                write_varint(2, broken.connection.fout)
                broken.connection.fout.flush()
            broken.connection.socket.sendall(chance.randbytes(chance.randrange(1, 400)))
            broken.connection.socket.shutdown(socket.SHUT_WR)
            while broken.connection.socket.recv(4096):
                pass
    assert owner.execute("SELECT 1") == [(1,)]
