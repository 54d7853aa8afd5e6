"""The chunk: observations as they travel in the log, and every message's headers.

A leaf used by ingest (writes the log) and stream (reads it). Readers accept schema version n and
n-1.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

SCHEMA_VERSION: Final = 1
Headers = list[tuple[str, bytes]]


class UnreadableMessageError(ValueError):
    """The bytes are not what their headers say; the reader dead-letters or halts."""


class UnknownSchemaError(ValueError):
    """A schema version this program does not know; the worker must stop, not dead-letter."""


@dataclass(frozen=True, slots=True)
class ChunkHeader:
    """What the headers of an `observations` message say."""

    city: int
    submission: str
    reporter: str
    table: str
    chunk: int  # 1-based
    chunks: int
    hash: str  # content_hash of the chunk
    arrived_ms: int  # arrival of the request at the gateway, UTC ms
    traceparent: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Observations:
    """Columns of n observations, dictionary-encoded keys.

    units uint64 (distinct ids), items uint32 (catalogue ids), periods int32 (period ids);
    `*_index` int32 (n,) into them; value int64 (n,) in 10^-4; status int8 (n,).
    """

    units: NDArray[np.uint64]
    unit_index: NDArray[np.int32]
    items: NDArray[np.uint32]
    item_index: NDArray[np.int32]
    periods: NDArray[np.int32]
    period_index: NDArray[np.int32]
    value: NDArray[np.int64]
    status: NDArray[np.int8]

    def __len__(self) -> int:
        return int(self.value.shape[0])

    @property
    def unit(self) -> NDArray[np.uint64]:
        return self.units[self.unit_index]

    @property
    def item(self) -> NDArray[np.uint32]:
        return self.items[self.item_index]

    @property
    def period(self) -> NDArray[np.int32]:
        return self.periods[self.period_index]


def observations_of(
    unit: NDArray[np.uint64],
    item: NDArray[np.uint32],
    period: NDArray[np.int32],
    value: NDArray[np.int64],
    status: NDArray[np.int8],
) -> Observations:
    """Dictionary-encode plain columns of one length, keeping their order."""
    units, unit_index = np.unique(unit, return_inverse=True)
    items, item_index = np.unique(item, return_inverse=True)
    periods, period_index = np.unique(period, return_inverse=True)
    return Observations(
        units.astype(np.uint64),
        unit_index.astype(np.int32),
        items.astype(np.uint32),
        item_index.astype(np.int32),
        periods.astype(np.int32),
        period_index.astype(np.int32),
        value.astype(np.int64, copy=False),
        status.astype(np.int8, copy=False),
    )


def in_log_order(
    unit: NDArray[np.uint64], item: NDArray[np.uint32], period: NDArray[np.int32]
) -> NDArray[np.intp]:
    """The order of rows in chunks, as ClickHouse keeps them: item, period, unit."""
    return np.lexsort((unit, period, item))


def content_hash(
    unit: NDArray[np.uint64],
    item: NDArray[np.uint32],
    period: NDArray[np.int32],
    value: NDArray[np.int64],
    status: NDArray[np.int8],
) -> str:
    """SHA-256 over the plain columns, in the order given (chunks: log order), little-endian."""
    digest = hashlib.sha256()
    for column, kind in (
        (unit, "<u8"),
        (item, "<u4"),
        (period, "<i4"),
        (value, "<i8"),
        (status, "i1"),
    ):
        digest.update(np.ascontiguousarray(column, dtype=np.dtype(kind)).data)
    return digest.hexdigest()


_CHUNK_SCHEMA = pa.schema(
    [
        ("unit", pa.dictionary(pa.int32(), pa.uint64())),
        ("item", pa.dictionary(pa.int32(), pa.uint32())),
        ("period", pa.dictionary(pa.int32(), pa.int32())),
        ("value", pa.int64()),
        ("status", pa.int8()),
    ]
)


def encode_observations(observations: Observations) -> bytes:
    """Arrow IPC stream, lz4, one batch."""
    columns = [
        pa.DictionaryArray.from_arrays(pa.array(index), pa.array(values))
        for index, values in (
            (observations.unit_index, observations.units),
            (observations.item_index, observations.items),
            (observations.period_index, observations.periods),
        )
    ]
    columns += [pa.array(observations.value), pa.array(observations.status)]
    batch = pa.RecordBatch.from_arrays(columns, schema=_CHUNK_SCHEMA)
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    with pa.ipc.new_stream(sink, _CHUNK_SCHEMA, options=options) as writer:
        writer.write_batch(batch)
    return bytes(sink.getvalue())


def decode_observations(payload: bytes) -> Observations:
    """The columns of a chunk.

    Raises:
        UnreadableMessageError: not an Arrow stream of the chunk schema, nulls, stray indices.
    """
    try:
        with pa.ipc.open_stream(payload) as reader:
            table = reader.read_all()
        if table.schema != _CHUNK_SCHEMA:
            raise UnreadableMessageError(f"chunk schema is {table.schema}")
        table = table.combine_chunks()
        if any(column.null_count for column in table.columns):
            raise UnreadableMessageError("a chunk has no nulls")
        parts: list[NDArray[Any]] = []
        for name in ("unit", "item", "period"):
            column = table.column(name)
            array = column.chunk(0) if column.num_chunks else pa.array([], column.type)
            array.validate(full=True)
            parts += [array.dictionary.to_numpy(), array.indices.to_numpy()]
        value = table.column("value").to_numpy()
        status = table.column("status").to_numpy()
    except UnreadableMessageError:
        raise
    except (pa.ArrowException, OSError, ValueError, KeyError) as error:
        raise UnreadableMessageError(str(error)) from error
    unit, unit_index, item, item_index, period, period_index = parts
    return Observations(unit, unit_index, item, item_index, period, period_index, value, status)


def chunk_headers(header: ChunkHeader) -> Headers:
    """Kafka headers of an `observations` message."""
    return [
        ("schema", str(SCHEMA_VERSION).encode()),
        ("kind", b"observations"),
        ("city", str(header.city).encode()),
        ("submission", header.submission.encode()),
        ("reporter", header.reporter.encode()),
        ("table", header.table.encode()),
        ("chunk", f"{header.chunk}/{header.chunks}".encode()),
        ("hash", header.hash.encode()),
        ("arrived", str(header.arrived_ms).encode()),
        ("traceparent", header.traceparent.encode()),
    ]


def record_headers(kind: str, city: int) -> Headers:
    """Kafka headers of a `register`, `control` or `manifest` message."""
    return [
        ("schema", str(SCHEMA_VERSION).encode()),
        ("kind", kind.encode()),
        ("city", str(city).encode()),
    ]


def kind_of(headers: Mapping[str, bytes]) -> str:
    """The message's kind.

    Raises:
        UnknownSchemaError: a schema version that is neither current nor the one before.
        UnreadableMessageError: no schema or kind header.
    """
    try:
        schema, kind = int(headers["schema"]), headers["kind"].decode()
    except (KeyError, ValueError) as error:
        raise UnreadableMessageError("schema or kind header missing") from error
    if schema not in (SCHEMA_VERSION, SCHEMA_VERSION - 1):
        raise UnknownSchemaError(f"schema {schema}; this program reads {SCHEMA_VERSION}")
    return kind


def read_chunk_header(headers: Mapping[str, bytes]) -> ChunkHeader:
    """Parse `chunk_headers` back.

    Raises:
        UnreadableMessageError: a header is missing or malformed.
    """
    try:
        chunk, _, chunks = headers["chunk"].decode().partition("/")
        return ChunkHeader(
            city=int(headers["city"]),
            submission=headers["submission"].decode(),
            reporter=headers["reporter"].decode(),
            table=headers["table"].decode(),
            chunk=int(chunk),
            chunks=int(chunks),
            hash=headers["hash"].decode(),
            arrived_ms=int(headers["arrived"]),
            traceparent=headers.get("traceparent", b"").decode(),
        )
    except (KeyError, ValueError) as error:
        raise UnreadableMessageError(f"chunk headers: {error}") from error
