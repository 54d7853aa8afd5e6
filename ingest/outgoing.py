"""The messages of one submission, spooled before it is registered.

A file of length-prefixed frames: the manifest record first, then each chunk's payload. Whoever
finishes the submission later, by whatever program, sends exactly these bytes; nothing is judged or
cut a second time.
"""

import os
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np

from granary.records import Manifest, ManifestChunk, decode_record, encode_record
from granary.wire import (
    ChunkHeader,
    Headers,
    chunk_headers,
    content_hash,
    encode_observations,
    observations_of,
    record_headers,
)
from ingest.checks.judgement import Judgement
from ingest.errors import SpoolLostError

#: Observations of a chunk at most, whatever the settings say: 29 bytes each at worst, so that a
#: message stays under the broker's 8 MiB.
LARGEST_CHUNK: Final = 200_000
_LENGTH: Final = struct.Struct("<I")


def content_of(judgement: Judgement) -> str:
    """Hash of the accepted observations, for comparing with the head."""
    return content_hash(
        judgement.unit, judgement.item, judgement.period, judgement.value, judgement.status
    )


def write_outgoing(
    path: Path,
    submission: str,
    reporter: str,
    table: str,
    arrived_ms: int,
    judgement: Judgement,
    chunk_observations: int,
) -> int:
    """Write and fsync the file; the number of chunks."""
    size = max(1, min(chunk_observations, LARGEST_CHUNK))
    cuts = [
        slice(start, min(start + size, len(judgement.value)))
        for start in range(0, len(judgement.value), size)
    ]
    manifest = Manifest(
        submission=submission,
        reporter=reporter,
        table=table,
        arrived_ms=arrived_ms,
        declared=judgement.declared,
        accepted=judgement.accepted,
        rejected=judgement.rejected,
        chunks=[_manifest_chunk(number, judgement, cut) for number, cut in enumerate(cuts, 1)],
    )
    write_messages(path, manifest, (_payload(judgement, cut) for cut in cuts))
    return len(cuts)


def write_messages(path: Path, manifest: Manifest, payloads: Iterable[bytes]) -> None:
    """Write and fsync the file: the manifest and the payload of each of its chunks."""
    with path.open("wb") as file:
        _write_frame(file, encode_record(manifest.record()))
        for payload in payloads:
            _write_frame(file, payload)
        file.flush()
        os.fsync(file.fileno())
    fsync_folder(path.parent)


def _payload(judgement: Judgement, cut: slice) -> bytes:
    return encode_observations(
        observations_of(
            judgement.unit[cut],
            judgement.item[cut],
            judgement.period[cut],
            judgement.value[cut],
            judgement.status[cut],
        )
    )


def _manifest_chunk(number: int, judgement: Judgement, cut: slice) -> ManifestChunk:
    periods, counts = np.unique(judgement.period[cut], return_counts=True)
    digest = content_hash(
        judgement.unit[cut],
        judgement.item[cut],
        judgement.period[cut],
        judgement.value[cut],
        judgement.status[cut],
    )
    return ManifestChunk(number, digest, dict(zip(periods.tolist(), counts.tolist(), strict=True)))


def read_outgoing(path: Path, city: int) -> Iterator[tuple[Headers, bytes]]:
    """(headers, payload) of each message in the order to be sent: the chunks, then the manifest.

    Raises:
        SpoolLostError: the file is gone or cut short.
    """
    if not path.exists():
        raise SpoolLostError(f"{path.name} is gone.")
    with path.open("rb") as file:
        record = _read_frame(file)
        manifest = Manifest.of(decode_record(record))
        for chunk in manifest.chunks:
            header = ChunkHeader(
                city=city,
                submission=manifest.submission,
                reporter=manifest.reporter,
                table=manifest.table,
                chunk=chunk.chunk,
                chunks=len(manifest.chunks),
                hash=chunk.hash,
                arrived_ms=manifest.arrived_ms,
            )
            yield chunk_headers(header), _read_frame(file)
    yield record_headers("manifest", city), record


def fsync_folder(folder: Path) -> None:
    """Make the folder's entries themselves durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_frame(file: BinaryIO, payload: bytes) -> None:
    file.write(_LENGTH.pack(len(payload)))
    file.write(payload)


def _read_frame(file: BinaryIO) -> bytes:
    head = file.read(_LENGTH.size)
    payload = file.read(_LENGTH.unpack(head)[0]) if len(head) == _LENGTH.size else b""
    if len(head) < _LENGTH.size or len(payload) < _LENGTH.unpack(head)[0]:
        raise SpoolLostError(f"{Path(file.name).name} is cut short.")
    return payload
