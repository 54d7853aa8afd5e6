"""Rows that keep what the log said, record by record: ledger, manifests, changes, names."""

import json
from collections.abc import Iterable, Sequence

import numpy as np

from granary.records import Manifest, Record, RegisterRow
from stream.dimensions import COLUMNS, Dimension
from stream.outcome import Entry
from stream.state import CityState


def add_ledger(
    state: CityState,
    entry: Entry,
    kind: str,
    *,
    rows_count: int = 0,
    reason: str = "",
    submission: str = "",
    reporter: str = "",
    table_code: str = "",
    chunk: int = 0,
    chunks: int = 0,
    hash: str = "",
    arrived_at: int = 0,
) -> None:
    """The ledger row of the record; it names the records by which it was judged."""
    entry.rows.add(
        "ledger",
        1,
        city=state.city,
        version=np.array([entry.version], np.uint64),
        kind=kind,
        submission=submission,
        reporter=reporter,
        table_code=table_code,
        chunk=chunk,
        chunks=chunks,
        hash=hash,
        rows=rows_count,
        arrived_at=arrived_at or entry.known_ms,
        known_from=entry.known_ms,
        catalogue_at=np.array([state.catalogue_at], np.uint64),
        register_at=np.array([state.register_at], np.uint64),
        reason=reason,
    )


def add_manifest(state: CityState, entry: Entry, manifest: Manifest) -> None:
    """What a submission declared, and the chunks it was sent in."""
    version = np.array([entry.version], np.uint64)
    for period, declared in manifest.declared.items():
        entry.rows.add(
            "manifest",
            1,
            city=state.city,
            version=version,
            submission=manifest.submission,
            reporter=manifest.reporter,
            table_code=manifest.table,
            period=period,
            declared=declared,
            accepted=manifest.accepted[period],
            rejected=manifest.rejected[period],
            arrived_at=manifest.arrived_ms,
        )
    for chunk in manifest.chunks:
        for period, count in chunk.periods.items():
            entry.rows.add(
                "manifest_chunk",
                1,
                city=state.city,
                version=version,
                submission=manifest.submission,
                chunk=chunk.chunk,
                period=period,
                rows=count,
                hash=chunk.hash,
            )


def add_control_event(state: CityState, entry: Entry, record: Record) -> None:
    """The control record itself, for recovery."""
    entry.rows.add(
        "control_event",
        1,
        city=state.city,
        version=np.array([entry.version], np.uint64),
        id=record.id,
        type=record.type,
        body=json.dumps(record.body, ensure_ascii=False, sort_keys=True),
        known_from=entry.known_ms,
    )


def add_register_events(
    state: CityState, entry: Entry, rows: Sequence[RegisterRow], keys: Sequence[int]
) -> None:
    """The rows of a register record, for recovery; `keys` are the units' stored keys."""
    entry.rows.add(
        "register_event",
        len(rows),
        city=state.city,
        version=np.full(len(rows), entry.version, np.uint64),
        ordinal=np.arange(len(rows)),
        action=[row.action for row in rows],
        kind=[row.kind for row in rows],
        code=[row.code for row in rows],
        unit=np.array(keys, np.uint64),
        name=[row.name for row in rows],
        grouping=[row.grouping for row in rows],
        member=[row.member for row in rows],
        valid_from=[row.valid_from for row in rows],
        valid_to=[row.valid_to for row in rows],
        attributes=[row.attributes_text for row in rows],
    )


def add_dimensions(
    state: CityState, entry: Entry, dimensions: Iterable[Dimension], *, retired: bool = False
) -> None:
    """Codes and names behind the stored integers; retired: the catalogue has them no more."""
    rows = list(dimensions)
    if rows:
        columns = {
            name: list(values)
            for name, values in zip(COLUMNS, zip(*rows, strict=True), strict=True)
        }
        columns["id"] = np.array(columns["id"], np.uint64)  # type: ignore[assignment]
        entry.rows.add(
            "dimension", len(rows), city=state.city, **columns,
            version=np.full(len(rows), entry.version, np.uint64), retired=int(retired),
        )  # fmt: skip
