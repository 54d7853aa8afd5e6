"""The Native format: finding where a block ends without decoding its values.

A block on the wire is a block info followed by exactly what the engine calls format `Native`, so
blocks travel between client and engine as they are. Only the widths of types must be known.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Protocol

from storage.embedded import faults
from storage.embedded.bytesource import ByteSource, Chunk, MemorySource
from storage.embedded.faults import ProtocolError

BLOCK_INFO: Final = b"\x01\x00\x02\xff\xff\xff\xff\x00"  # no overflow, bucket -1

_MAX_COLUMNS: Final = 100_000
_MAX_ROWS: Final = 1 << 30

#: Bytes of a value, by type name.
_WIDTHS: Final[Mapping[str, int]] = {
    name: width
    for width, names in {
        1: "Int8 UInt8 Bool Nothing Enum8",
        2: "Int16 UInt16 BFloat16 Date Enum16",
        4: "Int32 UInt32 Float32 Date32 DateTime Time IPv4 Decimal32",
        8: "Int64 UInt64 Float64 DateTime64 Time64 Decimal64",
        16: "Int128 UInt128 UUID IPv6 Decimal128",
        32: "Int256 UInt256 Decimal256",
    }.items()
    for name in names.split()
}


class Skipper(Protocol):
    """Passes a column's bytes of one type."""

    def prefix(self, source: ByteSource) -> None:
        """Pass what precedes the values of the whole column."""

    def values(self, source: ByteSource, rows: int) -> None:
        """Pass the values of `rows` rows; none is no bytes."""


@dataclass(frozen=True, slots=True)
class _Fixed:
    width: int

    def prefix(self, source: ByteSource) -> None:
        pass

    def values(self, source: ByteSource, rows: int) -> None:
        source.skip(self.width * rows)


class _Text:
    def prefix(self, source: ByteSource) -> None:
        pass

    def values(self, source: ByteSource, rows: int) -> None:
        source.skip_texts(rows)


@dataclass(frozen=True, slots=True)
class _Nullable:
    inner: Skipper

    def prefix(self, source: ByteSource) -> None:
        self.inner.prefix(source)

    def values(self, source: ByteSource, rows: int) -> None:
        source.skip(rows)
        self.inner.values(source, rows)


@dataclass(frozen=True, slots=True)
class _Array:
    inner: Skipper

    def prefix(self, source: ByteSource) -> None:
        self.inner.prefix(source)

    def values(self, source: ByteSource, rows: int) -> None:
        if not rows:
            return
        source.skip(8 * (rows - 1))
        elements = source.u64()  # the last offset
        if elements > _MAX_ROWS:
            raise ProtocolError(faults.CANNOT_PARSE, f"DB::Exception: {elements} array elements")
        self.inner.values(source, elements)


@dataclass(frozen=True, slots=True)
class _Tuple:
    elements: tuple[Skipper, ...]

    def prefix(self, source: ByteSource) -> None:
        for element in self.elements:
            element.prefix(source)

    def values(self, source: ByteSource, rows: int) -> None:
        for element in self.elements:
            element.values(source, rows)


@dataclass(frozen=True, slots=True)
class _LowCardinality:
    keys: Skipper

    def prefix(self, source: ByteSource) -> None:
        source.skip(8)  # version of the keys

    def values(self, source: ByteSource, rows: int) -> None:
        if not rows:
            return
        flags = source.u64()
        if flags & 0x100 or (flags & 0xFF) > 3:
            raise ProtocolError(
                faults.NOT_IMPLEMENTED, "DB::Exception: global dictionaries are not offered"
            )
        self.keys.values(source, source.u64())
        source.skip(source.u64() * (1 << (flags & 0xFF)))


@lru_cache(maxsize=4096)
def skipper(type_name: str) -> Skipper:
    """How to pass values of a ClickHouse type.

    Raises:
        ProtocolError: its width in the Native format is not known here (JSON, Variant, Dynamic,
            AggregateFunction), or it is no type; the stream cannot be followed past it.
    """
    try:
        return _skipper(type_name)
    except (ValueError, IndexError, RecursionError) as error:
        raise ProtocolError(
            faults.CANNOT_PARSE, f"DB::Exception: Type {type_name[:100]!r}"
        ) from error


def _skipper(type_name: str) -> Skipper:
    name, arguments = _split(type_name)
    if name in _WIDTHS or name.startswith("Interval"):
        return _Fixed(_WIDTHS.get(name, 8))
    match name:
        case "String":
            return _Text()
        case "FixedString":
            return _Fixed(int(arguments[0]))
        case "Decimal":
            digits = int(arguments[0])
            return _Fixed(4 if digits < 10 else 8 if digits < 19 else 16 if digits < 39 else 32)
        case "Nullable":
            return _Nullable(_skipper(arguments[0]))
        case "Array":
            return _Array(_skipper(arguments[0]))
        case "Tuple":
            return _Tuple(tuple(_skipper(_unnamed(element)) for element in arguments))
        case "Map":
            return _Array(_Tuple((_skipper(arguments[0]), _skipper(arguments[1]))))
        case "Nested":
            return _Array(_Tuple(tuple(_skipper(_unnamed(element)) for element in arguments)))
        case "LowCardinality":
            inner, inner_arguments = _split(arguments[0])
            return _LowCardinality(
                skipper(inner_arguments[0] if inner == "Nullable" else arguments[0])
            )
        case "SimpleAggregateFunction":
            return _skipper(arguments[1])
        case "Point":
            return _Tuple((_Fixed(8), _Fixed(8)))
        case _:
            raise ProtocolError(
                faults.NOT_IMPLEMENTED, f"DB::Exception: Blocks of type {type_name} are not offered"
            )


@dataclass(frozen=True, slots=True)
class Block:
    """A block undecoded: `native` in pieces is format Native; no columns end a series of blocks."""

    names: tuple[str, ...]
    types: tuple[str, ...]
    rows: int
    native: list[Chunk]


def read_block(source: ByteSource) -> Block:
    """Read a block info and pass the block after it, keeping its bytes.

    Raises:
        ProtocolError: lengths out of bounds, or a type of unknown width.
    """
    while field := source.varint():
        source.skip(1 if field == 1 else 4)
    return read_native(source)


def read_native(source: ByteSource) -> Block:
    """As `read_block` without the block info."""
    source.record()
    columns, rows = source.varint(), source.varint()
    if columns > _MAX_COLUMNS or rows > _MAX_ROWS:
        raise ProtocolError(
            faults.CANNOT_PARSE, f"DB::Exception: a block of {columns} columns, {rows} rows"
        )
    names, types = [], []
    for _ in range(columns):
        names.append(source.text())
        types.append(source.text())
        if rows:
            column = skipper(types[-1])
            column.prefix(source)
            column.values(source, rows)
    return Block(tuple(names), tuple(types), rows, source.recorded())


def rows_at_head(native: bytes) -> int:
    """Rows of the first block in `native`."""
    source = MemorySource(native[:20])
    source.varint()
    return source.varint()


def split_blocks(native: bytes) -> list[bytes]:
    """The blocks that stand one after another in `native`."""
    source, blocks = MemorySource(native), []
    while source.position < len(native):
        start = source.position
        read_native(source)
        blocks.append(native[start : source.position])
    return blocks


def empty_block(header: Sequence[tuple[str, str]]) -> bytes:
    """A block of no rows that tells names and types."""
    parts = [varint(len(header)), varint(0)]
    for name, type_name in header:
        parts += [text(name), text(type_name)]
    return b"".join(parts)


def header_of(native: bytes) -> list[tuple[str, str]]:
    """Names and types of the first block in `native`.

    Raises:
        ProtocolError: a type of unknown width hides the columns behind it.
    """
    source, header = MemorySource(native), []
    columns, rows = source.varint(), source.varint()
    for index in range(columns):
        header.append((source.text(), source.text()))
        if rows and index < columns - 1:
            column = skipper(header[-1][1])
            column.prefix(source)
            column.values(source, rows)
    return header


def retyped(native: bytes, types: Mapping[str, str]) -> bytes:
    """One block with the type names of `types` by column; the values stay as they are."""
    source, parts, done = MemorySource(native), [], 0
    columns, rows = source.varint(), source.varint()
    for index in range(columns):
        name = source.text()
        before = source.position
        type_name = source.text()
        if types.get(name, type_name) != type_name:
            parts += [native[done:before], text(types[name])]
            done = source.position
        if rows and index < columns - 1:
            column = skipper(type_name)
            column.prefix(source)
            column.values(source, rows)
    return b"".join([*parts, native[done:]])


def varint(value: int) -> bytes:
    """`value` in ClickHouse's variable-length encoding."""
    parts = bytearray()
    while value >= 0x80:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    parts.append(value)
    return bytes(parts)


def text(value: str) -> bytes:
    """`value` as UTF-8 with its length."""
    data = value.encode()
    return varint(len(data)) + data


_NAME = re.compile(r"\s*(\w+)\s*(?:\((.*)\))?\s*\Z", re.DOTALL)


@lru_cache(maxsize=4096)
def _split(type_name: str) -> tuple[str, tuple[str, ...]]:
    """A type's name and its arguments as they are written."""
    found = _NAME.match(type_name)
    if found is None:
        raise ProtocolError(faults.CANNOT_PARSE, f"DB::Exception: Type {type_name[:100]!r}")
    arguments, depth, start, quote, inside = [], 0, 0, "", found[2] or ""
    position = 0
    while position < len(inside):
        sign = inside[position]
        if quote:
            if sign == "\\":
                position += 1
            elif sign == quote:
                quote = ""
        elif sign in "'`\"":
            quote = sign
        elif sign in "()":
            depth += 1 if sign == "(" else -1
        elif sign == "," and depth == 0:
            arguments.append(inside[start:position].strip())
            start = position + 1
        position += 1
    if inside.strip():
        arguments.append(inside[start:].strip())
    return found[1], tuple(arguments)


_NAMED = re.compile(r"(?:`(?:[^`\\]|\\.)*`|\w+)\s+(?=\w)")


def _unnamed(element: str) -> str:
    """A tuple element's type without the element's name."""
    found = _NAMED.match(element)
    return element[found.end() :] if found else element
