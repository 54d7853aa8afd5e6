"""The fold read back: as the ledger vouches for it, blind to what a killed run left behind."""

import json
from typing import Any

import numpy as np
import pytest

from granary.keys import GENERATION_SPAN, unit_id, version_of
from storage.clickhouse import connect
from storage.fold_reads import FoldReads
from storage.stored_cells import StoredCells
from storage.writer import Writer
from tests.storage.filled import FEBRUARY, JANUARY, begun, fold_into

pytestmark = pytest.mark.integration

U0, U1 = unit_id("enterprise", "u0"), unit_id("enterprise", "u1")
LATER = 1 << 40  # beyond every version of these logs


def plain(cells: StoredCells) -> dict[tuple[int, int, int], tuple[int, int, int]]:
    """(item, period, unit) → (value in whole units, status, version)."""
    columns = (cells.item, cells.period, cells.unit, cells.value, cells.status, cells.version)
    return {
        row[:3]: (row[3] // 10_000, row[4], row[5])
        for row in zip(*(column.tolist() for column in columns), strict=True)
    }


def ledger(url: str, versions: list[int], city: int = 1) -> None:
    rows = len(versions)
    texts = ("submission", "reporter", "table_code", "hash", "reason")
    numbers = ("chunk", "chunks", "rows", "arrived_at", "known_from", "catalogue_at", "register_at")
    Writer(url).write(
        "ledger",
        {
            "city": np.full(rows, city),
            "version": np.array(versions, np.uint64),
            "kind": ["control"] * rows,
            **{name: [""] * rows for name in texts},
            **{name: np.zeros(rows, np.int64) for name in numbers},
        },
    )


@pytest.mark.parametrize(
    ("offsets", "following"),
    [([], 0), ([0, 1, 2], 3), ([0, 1, 3, 4], 2), ([1, 2], 0), ([0, 0, 1], 2)],
    ids=["nothing", "all", "a gap", "no beginning", "a repeat"],
)
def test_the_next_offset_follows_the_contiguous_prefix(
    database: str, offsets: list[int], following: int
) -> None:
    if offsets:
        ledger(database, offsets)
    ledger(database, [0, 1, 2, 3, 4, 5], city=2)
    assert FoldReads(database).next_offset(1, 0) == following


def test_offsets_of_another_generation_do_not_count(database: str) -> None:
    ledger(database, [0, 1, 2, GENERATION_SPAN, GENERATION_SPAN + 1])
    reads = FoldReads(database)
    assert (reads.next_offset(1, 0), reads.next_offset(1, 1), reads.next_offset(1, 2)) == (3, 2, 0)


def test_the_kinds_of_the_last_records_come_in_log_order(database: str) -> None:
    log = begun()
    log.submission("A", [("u0", 1, JANUARY, 10)])
    log.put({"schema": b"1", "kind": b"observations"}, b"not arrow")
    fold_into(database, log)
    reads = FoldReads(database)
    assert reads.latest_kinds(1, LATER, 3) == ["observations", "manifest", "dead"]
    assert reads.latest_kinds(1, 4, 100) == ["control", "register", "observations", "manifest"]


def test_cells_in_force_are_the_latest_with_all_their_parts(database: str) -> None:
    log = begun()
    log.submission("A", [("u0", 1, JANUARY, 10), ("u1", 1, JANUARY, None), ("u0", 3, JANUARY, 4)])
    log.submission("B", [("u0", 1, JANUARY, 11)])
    fold_into(database, log)
    cells = FoldReads(database).cells(1, 1, [1], [JANUARY, FEBRUARY], LATER)
    assert plain(cells) == {(1, JANUARY, U0): (11, 0, 4), (1, JANUARY, U1): (0, 1, 2)}
    kinds = [getattr(cells, name).dtype.str for name in ("item", "period", "unit", "value")]
    assert kinds == ["<u4", "<i4", "<u8", "<i8"]


@pytest.mark.parametrize(
    "cut_off",
    [
        pytest.param({"ledger"}, id="all but the ledger"),
        pytest.param({"observation_current", "ledger"}, id="superseded rows only"),
    ],
)
def test_a_record_the_ledger_does_not_vouch_for_is_invisible(
    database: str, cut_off: set[str]
) -> None:
    log = begun()
    log.submission("A", [("u0", 1, JANUARY, 10), ("u1", 1, JANUARY, 20)])
    log.submission("B", [("u0", 1, JANUARY, 11), ("u0", 1, FEBRUARY, 12)], manifest=False)
    fold_into(database, log, cut_off=cut_off)
    connect(database).execute("OPTIMIZE TABLE observation_current FINAL")
    reads = FoldReads(database)
    upto = version_of(0, reads.next_offset(1, 0))
    assert upto == 4
    assert plain(reads.cells(1, 1, [1], [JANUARY, FEBRUARY], upto)) == {
        (1, JANUARY, U0): (10, 0, 2),
        (1, JANUARY, U1): (20, 0, 2),
    }
    assert reads.periods_of(1, 1, [1], upto) == [JANUARY]
    assert reads.returns(1, 1, [JANUARY, FEBRUARY], upto)[0].tolist() == [JANUARY, JANUARY]
    assert reads.chunks_seen(1, upto).keys() == {("A", 1)}


def test_first_answers_are_those_of_the_first_report_whatever_came_later(database: str) -> None:
    log = begun()
    log.submission("A", [("u0", 1, JANUARY, None), ("u1", 1, JANUARY, 1)], arrived_ms=1_000)
    log.submission("B", [("u0", 1, JANUARY, 5), ("u1", 1, JANUARY, 2)], arrived_ms=2_000)
    log.submission("C", [("u0", 1, JANUARY, 6), ("u0", 1, FEBRUARY, 6)], arrived_ms=3_000)
    fold_into(database, log)
    reads = FoldReads(database)

    def told(upto: int) -> set[tuple[int, ...]]:
        answers = reads.first_answers(1, 1, [1], [JANUARY], upto)
        columns = (answers.period, answers.unit, answers.version, answers.arrived_ms)
        return set(zip(*(column.tolist() for column in columns), strict=True))

    assert told(LATER) == {(JANUARY, U0, 4, 2_000), (JANUARY, U1, 2, 1_000)}
    assert told(4) == {(JANUARY, U1, 2, 1_000)}
    assert told(2) == set()


def test_a_cell_overwritten_twice_by_a_killed_run_shows_what_stood_before(database: str) -> None:
    log = begun()
    log.submission("A", [("u0", 1, JANUARY, 10)])
    log.submission("B", [("u0", 1, JANUARY, 11)])
    log.submission("C", [("u0", 1, JANUARY, 12)])
    fold_into(database, log)
    cells = plain(FoldReads(database).cells(1, 1, [1], [JANUARY], 4))
    assert cells == {(1, JANUARY, U0): (10, 0, 2)}


def test_nothing_stored_reads_as_empty_columns(database: str) -> None:
    reads = FoldReads(database)
    assert len(reads.cells(1, 1, [1], [JANUARY], LATER).item) == 0
    assert [len(column) for column in reads.returns(1, 1, [JANUARY], LATER)] == [0, 0, 0]
    assert reads.periods_of(1, 1, [1], LATER) == []
    assert (reads.chunks_seen(1, LATER), reads.manifests_seen(1, LATER)) == ({}, [])


def test_two_cities_with_equal_ids_and_versions_do_not_see_each_other(database: str) -> None:
    for city, value in ((1, 10), (2, 20)):
        log = begun(city, f"city{city}")
        log.submission("A", [("u0", 1, JANUARY, value)])
        fold_into(database, log)
    reads = FoldReads(database)
    for city, value in ((1, 10), (2, 20)):
        cells = plain(reads.cells(city, 1, [1], [JANUARY], LATER))
        assert cells == {(1, JANUARY, U0): (value, 0, 2)}


def test_register_and_control_records_come_back_in_log_order(database: str) -> None:
    log = begun()
    fold_into(database, log)
    reads = FoldReads(database)
    ((version, record_id, kind, body),) = reads.control_events(1, LATER)
    assert (version, record_id, kind) == (0, "catalogue:1", "catalogue")
    assert json.loads(body)["catalogue"]["city"]["code"] == "example"
    events: list[Any] = reads.register_events(1, LATER)
    assert {(event[0], event[1]) for event in events} == {(1, "register:1")}
    assert [(event[2], event[4]) for event in events[:3]] == [
        ("put_unit", "u0"), ("put_membership", "u0"), ("put_unit", "u1"),
    ]  # fmt: skip
    assert reads.register_events(1, 1) == []


def test_a_fold_taken_up_again_writes_what_the_whole_fold_writes(database: str) -> None:
    log = begun()
    log.submission("A", [("u0", 1, JANUARY, 10), ("u1", 1, JANUARY, 20)])
    log.submission("B", [("u0", 1, JANUARY, 11)])
    fold_into(database, log, cut_off={"ledger"})
    before = views(database)
    fold_into(database, log)
    assert views(database) == before


def views(url: str) -> list[Any]:
    return [
        connect(url).execute(f"SELECT * FROM {view} ORDER BY ALL")
        for view in ("v_indicator", "v_completeness", "v_subject")
    ]
