"""What changed, as messages of `granary.figures.v1`: Arrow with the columns of v_indicator."""

from collections.abc import Iterator, Sequence
from typing import Final

import pyarrow as pa

from granary.wire import SCHEMA_VERSION, Headers
from indicators.figures import FigureBlock
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


def figure_messages(
    blocks: Sequence[tuple[int, int, FigureBlock]], city: str, generation_span: int, catalogue: int
) -> Iterator[Published]:
    """Messages of each consistent set (one a log record), in order.

    `blocks`: (version, LogAppendTime in ms, block). Headers: set_id = version, offset, part of n.
    """
    sets: dict[int, list[tuple[int, FigureBlock]]] = {}
    for version, known_ms, block in blocks:
        sets.setdefault(version, []).append((known_ms, block))
    for version, members in sets.items():
        rows = pa.Table.from_batches(
            [_batch(block, city, known_ms, catalogue) for known_ms, block in members], _SCHEMA
        )
        parts = range(0, rows.num_rows, _MOST_ROWS)
        for number, start in enumerate(parts, 1):
            headers: Headers = [
                ("schema", str(SCHEMA_VERSION).encode()),
                ("city", city.encode()),
                ("set_id", str(version).encode()),
                ("offset", str(version % generation_span).encode()),
                ("part", f"{number}/{len(parts)}".encode()),
                ("catalogue_version", str(catalogue).encode()),
            ]
            yield _encode(rows.slice(start, _MOST_ROWS)), headers


def _encode(rows: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(
        sink, _SCHEMA, options=pa.ipc.IpcWriteOptions(compression="lz4")
    ) as writer:
        writer.write_table(rows)
    return bytes(sink.getvalue())


def _batch(block: FigureBlock, city: str, known_ms: int, catalogue: int) -> pa.RecordBatch:
    at = block.emit.nonzero()[0].tolist()
    count = len(at)
    columns = [
        [city] * count,
        [block.level] * count,
        [block.subjects[i] for i in at],
        [block.by_level] * count,
        [block.by_subjects[i] for i in at],
        [block.indicator.code] * count,
        [format_period(block.period)] * count,
        [period_end(block.period)] * count,
        [block.measure] * count,
        ["all"] * count,
        block.value[at],
        _decimals([int(block.numerator[i]) for i in at]),
        _decimals([int(block.denominator[i]) for i in at]),
        block.units[at],
        block.expected[at],
        [block.reason[i] for i in at],
        block.provisional[at],
        [block.standing.value] * count,
        [known_ms] * count,
        [catalogue] * count,
    ]
    arrays = [
        column
        if isinstance(column, pa.Array)
        else pa.array(column, field.type, from_pandas=field.name == "value")
        for column, field in zip(columns, _SCHEMA, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=_SCHEMA)


def _decimals(raw: list[int]) -> pa.Array:
    """Exact decimals of 10 places from integers in 10^-10, by their 128-bit little-endian bytes."""
    words = b"".join(value.to_bytes(16, "little", signed=True) for value in raw)
    return pa.Array.from_buffers(pa.decimal128(38, 10), len(raw), [None, pa.py_buffer(words)])
