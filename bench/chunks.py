"""A generated city's log as gateways would write it: register, catalogue, chunks, manifests.

The pipeline bench produces these to a broker before the clock starts, so that the gateway's work is
not measured with the stream's.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bench.generator import Columns, Submission
from granary.records import (
    Manifest,
    ManifestChunk,
    Record,
    RegisterRow,
    encode_record,
    encode_register,
)
from granary.wire import (
    ChunkHeader,
    Headers,
    chunk_headers,
    content_hash,
    encode_observations,
    observations_of,
    record_headers,
)
from indicators.catalogue import Catalogue

#: Register rows a record at most, as the register loader cuts them.
_REGISTER_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class LogRecord:
    """Headers and bytes of one message; `rows` observations in it, 0 for what is no chunk."""

    headers: Headers
    payload: bytes
    rows: int = 0


def catalogue_record(city: int, catalogue: Catalogue) -> LogRecord:
    """The control record that puts the catalogue in force."""
    body = {"catalogue": catalogue.model_dump(mode="json")}
    record = Record(f"catalogue:{catalogue.version}", "catalogue", body)
    return LogRecord(record_headers("control", city), encode_record(record))


def register_records(
    city: int, rows: list[RegisterRow], name: str = "register"
) -> Iterator[LogRecord]:
    """Register rows in records of a bounded size."""
    for number, start in enumerate(range(0, len(rows), _REGISTER_ROWS), 1):
        part = rows[start : start + _REGISTER_ROWS]
        yield LogRecord(record_headers("register", city), encode_register(f"{name}:{number}", part))


def submission_records(
    city: int, name: str, submission: Submission, chunk_rows: int, arrived_ms: int
) -> Iterator[LogRecord]:
    """The chunks of a submission and its manifest."""
    columns = submission.columns
    starts = range(0, len(columns), chunk_rows)
    manifest: list[ManifestChunk] = []
    for number, start in enumerate(starts, 1):
        part = columns.take(slice(start, start + chunk_rows))
        digest = content_hash(part.unit, part.item, part.period, part.value, part.status)
        manifest.append(ManifestChunk(number, digest, rows_by_period(part)))
        header = ChunkHeader(
            city, name, submission.reporter, submission.table, number, len(starts), digest,
            arrived_ms,
        )  # fmt: skip
        encoded = encode_observations(
            observations_of(part.unit, part.item, part.period, part.value, part.status)
        )
        yield LogRecord(chunk_headers(header), encoded, len(part))
    counts = rows_by_period(columns)
    record = Manifest(
        submission=name,
        reporter=submission.reporter,
        table=submission.table,
        arrived_ms=arrived_ms,
        declared=counts,
        accepted=counts,
        rejected=dict.fromkeys(counts, 0),
        chunks=manifest,
    ).record()
    yield LogRecord(record_headers("manifest", city), encode_record(record))


def rows_by_period(columns: Columns) -> dict[int, int]:
    """Period id → observations."""
    periods, counts = np.unique(columns.period, return_counts=True)
    return dict(zip(periods.tolist(), counts.tolist(), strict=True))
