"""What changed, as messages of `granary.figures.v1`: Arrow with the columns of v_indicator."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa

from granary.keys import GENERATION_SPAN
from granary.wire import SCHEMA_VERSION, Headers
from indicators.periods import format_period, period_end

Published = tuple[bytes, Headers]
#: Rows a message at most: about 2 MB, well under the broker's limit.
_MOST_ROWS: Final = 20_000

_SCHEMA = pa.schema(
    [
        ("city", pa.string()),
        ("level", pa.string()),
        ("subject", pa.string()),
        ("by_level", pa.string()),
        ("by_subject", pa.string()),
        ("indicator", pa.string()),
        ("period", pa.string()),
        ("period_end", pa.date32()),
        ("measure", pa.string()),
        ("scope", pa.string()),
        ("value", pa.float64()),
        ("numerator", pa.decimal128(38, 10)),
        ("denominator", pa.decimal128(38, 10)),
        ("units", pa.int64()),
        ("expected_units", pa.int64()),
        ("reason", pa.string()),
        ("provisional", pa.bool_()),
        ("standing", pa.string()),
        ("known_from", pa.timestamp("ms", tz="UTC")),
        ("catalogue_version", pa.int32()),
    ]
)
#: Column of the message → column of `figure_history`, where the name or form differs.
_STORED = {"city": "city_code", "indicator": "indicator_code"}


def figure_messages(rows: Mapping[str, Any]) -> Iterator[Published]:
    """Messages of each consistent set (one a log record), in order.

    `rows`: columns of `figure_history` in log order, as a drain stores them; figures that the
    record retired come last of its set and are not published. A set of such alone is a message
    without rows: what a reader shows must be read anew. Headers: set_id = the version of the
    record, its offset in the log, part of n.
    """
    versions = np.asarray(rows["version"])
    starts = np.flatnonzero(np.concatenate([[True], versions[1:] != versions[:-1]]))
    ends = [*starts[1:].tolist(), len(versions)]
    retired = np.asarray(rows.get("retired", np.zeros(len(versions))))
    for first, end in zip(starts.tolist(), ends, strict=True):
        last = end - int(np.count_nonzero(retired[first:end]))
        parts = range(first, max(last, first + 1), _MOST_ROWS)
        for number, start in enumerate(parts, 1):
            batch = _batch(rows, start, min(start + _MOST_ROWS, last))
            version = int(versions[first])
            headers: Headers = [
                ("schema", str(SCHEMA_VERSION).encode()),
                ("city", str(rows["city_code"][first]).encode()),
                ("set_id", str(version).encode()),
                ("offset", str(version % GENERATION_SPAN).encode()),
                ("part", f"{number}/{len(parts)}".encode()),
                ("catalogue_version", str(int(rows["catalogue_version"][first])).encode()),
            ]
            yield _encode(batch), headers


def _encode(batch: pa.RecordBatch) -> bytes:
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    with pa.ipc.new_stream(sink, _SCHEMA, options=options) as writer:
        writer.write_batch(batch)
    return bytes(sink.getvalue())


def _batch(rows: Mapping[str, Any], start: int, end: int) -> pa.RecordBatch:
    periods = np.asarray(rows["period"][start:end])
    known, place = np.unique(periods, return_inverse=True)
    derived: dict[str, Any] = {
        "period": pa.array([format_period(int(p)) for p in known]).take(pa.array(place)),
        "period_end": pa.array([period_end(int(p)) for p in known]).take(pa.array(place)),
        "numerator": _decimals(rows["numerator"][start:end]),
        "denominator": _decimals(rows["denominator"][start:end]),
        "provisional": np.asarray(rows["provisional"][start:end]).astype(bool),
    }
    arrays = []
    for field in _SCHEMA:
        column = derived.get(field.name)
        if column is None:
            column = rows[_STORED.get(field.name, field.name)][start:end]
        if not isinstance(column, pa.Array):
            column = pa.array(column, from_pandas=field.name == "value")
        arrays.append(column.cast(field.type))
    return pa.RecordBatch.from_arrays(arrays, schema=_SCHEMA)


def _decimals(raw: Sequence[int]) -> pa.Array:
    """Exact decimals of 10 places from integers in 10^-10, by their 128-bit little-endian bytes."""
    try:
        low = np.fromiter(raw, np.int64, len(raw))
        words = np.stack([low, low >> 63], axis=1).astype("<i8").tobytes()
    except OverflowError:
        words = b"".join(value.to_bytes(16, "little", signed=True) for value in raw)
    return pa.Array.from_buffers(pa.decimal128(38, 10), len(raw), [None, pa.py_buffer(words)])
