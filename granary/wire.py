"""What travels through Kafka: chunk codec, headers, register rows, control records.

A leaf used by ingest (writes the log), stream (reads it) and console (reads figures). Readers
accept schema version n and n-1.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pyarrow as pa
import xxhash
from numpy.typing import NDArray

SCHEMA_VERSION: Final = 1
LOG_TOPIC: Final = "granary.log.v1"
FIGURES_TOPIC: Final = "granary.figures.v1"
DEAD_TOPIC: Final = "granary.dead.v1"

#: A version is generation * GENERATION_SPAN + offset in the city's log.
GENERATION_SPAN: Final = 1 << 48

# Observation statuses on the wire and in the store.
REPORTED, MISSING, NOT_APPLICABLE, ESTIMATED, WITHDRAWN = range(5)

Headers = list[tuple[str, bytes]]


class UnreadableMessageError(ValueError):
    """The bytes are not what their headers say; the reader dead-letters or halts."""


class UnknownSchemaError(ValueError):
    """A schema version this program does not know; the worker must stop, not dead-letter."""


def unit_id(kind: str, code: str) -> int:
    """The stored key of a unit: xxHash64(kind ':' code), seed 0, as ClickHouse's `xxHash64()`."""
    return xxhash.xxh64_intdigest(f"{kind}:{code}".encode(), seed=0)


def version_of(generation: int, offset: int) -> int:
    """Version of what the record at `offset` of log `generation` wrote."""
    return generation * GENERATION_SPAN + offset


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


@dataclass(frozen=True, slots=True)
class Record:
    """A control or manifest message: {id, type, version, body}. A repeated id has no effect."""

    id: str
    type: str
    body: dict[str, Any]
    version: int = 1


def encode_record(record: Record) -> bytes:
    """Canonical JSON (sorted keys, UTF-8)."""
    return json.dumps(
        {"id": record.id, "type": record.type, "version": record.version, "body": record.body},
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    ).encode()


def decode_record(payload: bytes) -> Record:
    """Parse `encode_record` back.

    Raises:
        UnreadableMessageError: not such a JSON object.
    """
    try:
        found = json.loads(payload)
        return Record(
            id=str(found["id"]),
            type=str(found["type"]),
            body=dict(found["body"]),
            version=int(found["version"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableMessageError(f"record: {error}") from error


@dataclass(frozen=True, slots=True)
class ManifestChunk:
    """What the manifest says of one chunk: its hash and observations by period id."""

    chunk: int
    hash: str
    periods: dict[int, int]


@dataclass(frozen=True, slots=True)
class Manifest:
    """The end of a submission: counts of cells by period id, and every chunk. Body of a record."""

    submission: str
    reporter: str
    table: str
    arrived_ms: int
    declared: dict[int, int]
    accepted: dict[int, int]
    rejected: dict[int, int]
    chunks: list[ManifestChunk] = field(default_factory=list)

    def record(self) -> Record:
        body = {
            "submission": self.submission,
            "reporter": self.reporter,
            "table": self.table,
            "arrived_ms": self.arrived_ms,
            "periods": {
                str(period): {
                    "declared": self.declared[period],
                    "accepted": self.accepted.get(period, 0),
                    "rejected": self.rejected.get(period, 0),
                }
                for period in sorted(self.declared)
            },
            "chunks": [
                {
                    "chunk": c.chunk,
                    "hash": c.hash,
                    "periods": {str(p): n for p, n in c.periods.items()},
                }
                for c in self.chunks
            ],
        }
        return Record(id=f"manifest:{self.submission}", type="manifest", body=body)

    @classmethod
    def of(cls, record: Record) -> "Manifest":
        """Raises UnreadableMessageError when the record is not a manifest."""
        body = record.body
        try:
            periods = {int(period): counts for period, counts in body["periods"].items()}
            return cls(
                submission=body["submission"],
                reporter=body["reporter"],
                table=body["table"],
                arrived_ms=int(body["arrived_ms"]),
                declared={p: int(c["declared"]) for p, c in periods.items()},
                accepted={p: int(c["accepted"]) for p, c in periods.items()},
                rejected={p: int(c["rejected"]) for p, c in periods.items()},
                chunks=[
                    ManifestChunk(
                        int(c["chunk"]),
                        str(c["hash"]),
                        {int(p): int(n) for p, n in c["periods"].items()},
                    )
                    for c in body["chunks"]
                ],
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise UnreadableMessageError(f"manifest: {error}") from error


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One change of the register. `action`: put_unit, drop_unit, put_membership, drop_membership.

    put_unit: name and attributes (flat text to text: sector, listed_from, listed_to, part_of, …).
    put_membership: grouping, member, valid_from, valid_to (exclusive), ISO dates, '' = open. Its
    identity is (kind, code, grouping, member, valid_from); a put replaces the one in force.
    """

    action: str
    kind: str
    code: str
    name: str = ""
    grouping: str = ""
    member: str = ""
    valid_from: str = ""
    valid_to: str = ""
    attributes: tuple[tuple[str, str], ...] = ()


_REGISTER_SCHEMA = pa.schema(
    [
        ("unit_id", pa.uint64()),
        ("kind", pa.string()),
        ("code", pa.string()),
        ("name", pa.string()),
        ("grouping", pa.string()),
        ("member", pa.string()),
        ("valid_from", pa.string()),
        ("valid_to", pa.string()),
        ("action", pa.string()),
        ("attributes", pa.string()),
    ]
)


def encode_register(record_id: str, rows: Sequence[RegisterRow]) -> bytes:
    """Arrow IPC stream; the record's id (a repeat has no effect) is in the schema's metadata."""
    columns: list[list[Any]] = [
        [unit_id(row.kind, row.code) for row in rows],
        [row.kind for row in rows],
        [row.code for row in rows],
        [row.name for row in rows],
        [row.grouping for row in rows],
        [row.member for row in rows],
        [row.valid_from for row in rows],
        [row.valid_to for row in rows],
        [row.action for row in rows],
        [json.dumps(dict(row.attributes), ensure_ascii=False, sort_keys=True) for row in rows],
    ]
    schema = _REGISTER_SCHEMA.with_metadata({b"id": record_id.encode()})
    arrays = [pa.array(column, kind.type) for column, kind in zip(columns, schema, strict=True)]
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    with pa.ipc.new_stream(sink, schema, options=options) as writer:
        writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=schema))
    return bytes(sink.getvalue())


def decode_register(payload: bytes) -> tuple[str, list[RegisterRow]]:
    """(record id, rows).

    Raises:
        UnreadableMessageError: not such an Arrow stream.
    """
    try:
        with pa.ipc.open_stream(payload) as reader:
            table = reader.read_all()
        record_id = (table.schema.metadata or {})[b"id"].decode()
        columns = table.to_pydict()
        rows = [
            RegisterRow(
                action=columns["action"][at],
                kind=columns["kind"][at],
                code=columns["code"][at],
                name=columns["name"][at],
                grouping=columns["grouping"][at],
                member=columns["member"][at],
                valid_from=columns["valid_from"][at],
                valid_to=columns["valid_to"][at],
                attributes=tuple(sorted(json.loads(columns["attributes"][at]).items())),
            )
            for at in range(table.num_rows)
        ]
    except (pa.ArrowException, OSError, ValueError, KeyError, AttributeError) as error:
        raise UnreadableMessageError(f"register: {error}") from error
    return record_id, rows
