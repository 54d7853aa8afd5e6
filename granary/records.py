"""Records of the log that are no chunk: register rows, control records, manifests.

A record has an id, and a repeated id has no effect. A leaf, as `granary.wire` is.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from granary.keys import unit_id
from granary.wire import UnreadableMessageError


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
    identity is (kind, code, grouping, member, valid_from); a put replaces the one in force, its
    attributes too. Groupings that begin with ':' are no catalogue's: `:list`, member `on_list`, is
    a decision on the survey list (attributes reason, document, end_reason, end_document), and
    `:key.<scheme>` says which unit the key `member` of a department belongs to.
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

    @classmethod
    def stored(cls, *columns: str) -> "RegisterRow":
        """The row of these columns, in the order of the fields; attributes as stored JSON."""
        action, kind, code, name, grouping, member, valid_from, valid_to, attributes = columns
        kept = () if attributes == "{}" else tuple(sorted(json.loads(attributes).items()))
        return cls(action, kind, code, name, grouping, member, valid_from, valid_to, kept)

    @property
    def attributes_text(self) -> str:
        """The attributes as canonical JSON, as they travel and are stored."""
        if not self.attributes:  # of nearly every membership
            return "{}"
        return json.dumps(dict(self.attributes), ensure_ascii=False, sort_keys=True)


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


_ROW_COLUMNS = (
    "action", "kind", "code", "name", "grouping", "member", "valid_from", "valid_to"
)  # fmt: skip


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
        [row.attributes_text for row in rows],
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
        columns = [_texts(table, name) for name in _ROW_COLUMNS]
        told = _texts(table, "attributes")
        known = {text: tuple(sorted(json.loads(text).items())) for text in set(told)}
        rows = [
            RegisterRow(action, kind, code, name, grouping, member, first, last, known[text])
            for (action, kind, code, name, grouping, member, first, last), text in zip(
                zip(*columns, strict=True), told, strict=True
            )
        ]
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnreadableMessageError(f"register: {error}") from error
    return record_id, rows


def _texts(table: pa.Table, column: str) -> list[str]:
    """The column's texts, equal ones as one object: a register repeats its codes and dates."""
    encoded = table.column(column).combine_chunks().dictionary_encode()
    words: list[str] = encoded.dictionary.to_pylist()
    return [words[at] for at in encoded.indices.to_pylist()]
