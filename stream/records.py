"""A record of a city's log, decoded: one shape for each kind, and what cannot be read.

Decoding happens here, inside the agent, so that bytes nobody can read reach the dead-letter topic
with their origin instead of stopping the flow. Control, register and manifest records that cannot
be read are no dead letters: judging on without them would be wrong, so they halt the city.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from granary.records import Manifest, Record, RegisterRow, decode_record, decode_register
from granary.wire import (
    ChunkHeader,
    Observations,
    UnreadableMessageError,
    content_hash,
    decode_observations,
    in_log_order,
    kind_of,
    read_chunk_header,
)
from stream.errors import UnreadableRecordError


@dataclass(frozen=True, slots=True)
class LogMessage:
    """Raw bytes of one record with where and when the broker put it."""

    offset: int
    known_ms: int  # LogAppendTime
    headers: Mapping[str, bytes]
    payload: bytes


@dataclass(frozen=True, slots=True, eq=False)
class ChunkRecord:
    header: ChunkHeader
    observations: Observations


@dataclass(frozen=True, slots=True)
class RegisterRecord:
    id: str
    rows: list[RegisterRow]


@dataclass(frozen=True, slots=True)
class ControlRecord:
    record: Record


@dataclass(frozen=True, slots=True)
class ManifestRecord:
    manifest: Manifest


@dataclass(frozen=True, slots=True)
class DeadRecord:
    """Bytes that are no chunk; `header` as far as it could be read."""

    reason: str
    header: ChunkHeader | None


Decoded = ChunkRecord | RegisterRecord | ControlRecord | ManifestRecord | DeadRecord


def decode(message: LogMessage) -> Decoded:
    """What the record says.

    Raises:
        UnreadableRecordError: a control, register or manifest record that cannot be read.
        granary.wire.UnknownSchemaError: written by a newer program.
    """
    try:
        kind = kind_of(message.headers)
    except UnreadableMessageError as error:
        return DeadRecord(str(error), None)
    if kind == "observations":
        return _chunk(message)
    try:
        if kind == "register":
            return RegisterRecord(*decode_register(message.payload))
        record = decode_record(message.payload)
        if kind == "manifest":
            return ManifestRecord(Manifest.of(record))
        if kind == "control":
            return ControlRecord(record)
    except UnreadableMessageError as error:
        raise UnreadableRecordError(
            f"{kind} record at offset {message.offset}: {error}.", offset=message.offset
        ) from error
    return DeadRecord(f"unknown kind {kind!r}", None)


def _chunk(message: LogMessage) -> ChunkRecord | DeadRecord:
    header: ChunkHeader | None = None
    try:
        header = read_chunk_header(message.headers)
        observations = decode_observations(message.payload)
    except UnreadableMessageError as error:
        return DeadRecord(str(error), header)
    found = _hash(observations)
    if found != header.hash:
        return DeadRecord(f"content hash is {found}", header)
    return ChunkRecord(header, observations)


def _hash(observations: Observations) -> str:
    unit, item, period = observations.unit, observations.item, observations.period
    value, status = observations.value, observations.status
    order = in_log_order(unit, item, period)
    return content_hash(unit[order], item[order], period[order], value[order], status[order])
