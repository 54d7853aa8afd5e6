"""A generated city folded live, chunk by chunk, stands as a recomputation of it gives it."""

from typing import Any

import pytest

from bench.chunks import catalogue_record, register_records, submission_records
from bench.generator import GeneratedCity
from stream.fold import CityFold, Outcome
from stream.recompute import compare, recomputed
from stream.records import LogMessage, decode
from tests.stream.memory_store import MemoryStore

CITY = GeneratedCity(units=40, months=14, districts=3, industries=5)
_KEYS = {
    "figure_current": (
        "indicator", "period", "measure", "level", "subject", "by_level", "by_subject", "standing",
    ),
    "completeness_current": ("table_id", "period", "level", "subject"),
}  # fmt: skip


def in_force(store: MemoryStore, table: str) -> dict[str, list[Any]]:
    """Columns of the table as its engine shows them: the last row of each key."""
    latest = {tuple(row[name] for name in _KEYS[table]): row for row in store.tables[table]}
    rows = list(latest.values())
    return {name: [row[name] for row in rows] for name in rows[0]}


@pytest.mark.parametrize("chunk", [97, 5_000], ids=["small chunks", "one chunk a month"])
def test_figures_and_counts_stand_as_recomputed_with_empty_subjects_and_corrections(
    chunk: int,
) -> None:
    records = [catalogue_record(1, CITY.catalogue), *register_records(1, CITY.register())]
    for number, submission in enumerate(CITY.feed(revised=0.3)):
        records += submission_records(1, f"s{number}", submission, chunk, 1_000)
    records += register_records(1, CITY.register_change(1), "change")
    store, fold = MemoryStore(), CityFold(1, 0, MemoryStore(), 10**9)
    for offset, record in enumerate(records):
        message = LogMessage(offset, 1_000, dict(record.headers), record.payload)
        outcome = Outcome()
        fold.apply(message, decode(message), outcome)
        fold.cube.release(outcome.held)
        store.keep(outcome.rows)
    found = compare(
        CITY.catalogue,
        recomputed(fold),
        in_force(store, "figure_current"),
        in_force(store, "completeness_current"),
    )
    assert not list(found)
