"""The fold: the log decides, whatever the chunks, the order in a file, repeats and restarts."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from granary.records import Record, RegisterRow
from granary.wire import record_headers
from stream.errors import UnreadableRecordError
from stream.records import LogMessage
from stream.recovery import recover
from tests.indicators.cities import unit
from tests.stream.folded import begun, differences, figures, fold, in_force
from tests.stream.logs import Log, Row
from tests.stream.memory_store import MemoryStore


def feed(seed: int) -> list[Row]:
    drawn = random.Random(seed)
    return [
        (f"u{at}", item, period, None if drawn.random() < 0.1 else drawn.randint(0, 500))
        for at in range(6)
        for item in (1, 3, 4)
        for period in (202501, 202502, 202601, 202602)
        if drawn.random() < 0.8
    ]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 9))
def test_shuffled_rows_other_chunks_and_a_second_push_give_the_same_figures(
    seed: int, per_chunk: int
) -> None:
    rows = feed(seed)
    plain, other = begun(), begun()
    plain.submission("one", rows)
    shuffled = rows.copy()
    random.Random(seed).shuffle(shuffled)
    other.submission("one", shuffled, per_chunk=per_chunk)
    other.submission("two", rows, per_chunk=per_chunk + 1)
    one, two = MemoryStore(), MemoryStore()
    fold(plain, one)
    fold(other, two)
    assert figures(one) == figures(two)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.data())
def test_a_restart_at_any_record_gives_the_very_same_rows(seed: int, data: st.DataObject) -> None:
    log = begun()
    log.submission("one", feed(seed), per_chunk=7)
    log.control(Record("c", "calendar", {"table": "T", "period": 202603, "report_by_ms": 5}))
    log.submission("two", feed(seed + 1), per_chunk=11)
    log.register(unit("u0", "Y"), "register:2")
    log.submission("three", feed(seed + 2))
    whole, parted = MemoryStore(), MemoryStore()
    fold(log, whole)
    stop = data.draw(st.integers(2, len(log.messages)))
    first = Log()
    first.messages = log.messages[:stop]
    fold(first, parted)
    fold(log, parted, at=recover(parted, log.city, 0, 10**9))
    assert parted.tables == whole.tables or strings(parted) == strings(whole)


def strings(store: MemoryStore) -> dict[str, list[str]]:
    return {
        table: [str({k: str(v) for k, v in row.items()}) for row in rows]
        for table, rows in store.tables.items()
    }


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_recomputation_from_the_store_equals_what_stands(seed: int) -> None:
    log = begun()
    log.submission("one", feed(seed), per_chunk=5)
    log.register([*unit("u1", "X"), *unit("new", "Y", listed_from="2026-02-01")], "register:2")
    log.submission("two", feed(seed + 1))
    log.control(Record("d", "deadline", {"table": "T", "period": 202602, "due_ms": 5}))
    store = MemoryStore()
    fold(log, store)
    assert differences(log, store) == []


def test_a_then_b_then_a_again_leaves_a_in_force_and_every_cell_counted_once() -> None:
    log, store = begun(), MemoryStore()
    for name, value in (("a", 1), ("b", 2), ("a again", 1)):
        log.submission(name, [("u0", 1, 202601, value)])
    city = fold(log, store)
    values, has = city.cube.values("T", "t", 202601)
    assert (values[0], has[0]) == (10_000, True)
    superseded = {
        int(row["superseded_version"]): row["rows"] for row in store.tables["supersession"]
    }
    assert superseded == {2: 1, 4: 1}


def test_the_same_chunk_again_is_a_repeat_and_another_content_is_dead() -> None:
    log, store = begun(), MemoryStore()
    log.submission("a", [("u0", 1, 202601, 1)], manifest=False)
    log.submission("a", [("u0", 1, 202601, 1)], manifest=False)
    log.submission("a", [("u0", 1, 202601, 9)], manifest=False)
    city = fold(log, store)
    assert [row["kind"] for row in store.tables["ledger"]][2:] == ["observations", "repeat", "dead"]
    assert city.cube.values("T", "t", 202601)[0][0] == 10_000


def test_rows_are_judged_by_what_stands_in_the_log_before_them() -> None:
    log, store = begun(), MemoryStore()
    log.submission("a", [("u0", 1, 202601, 1), ("nobody", 1, 202601, 1), ("u1", 9, 202601, 1)])
    log.submission("b", [("u0", 1, 202601, None), ("u1", 1, 202601, None)])
    log.submission("c", [("u1", 1, 202601, 3), ("u0", 1, 202601, 3)], reporter="onlyX")
    log.submission("d", [("u0", 1, 202600, 3)])
    log.register([RegisterRow("drop_unit", "enterprise", "u2")], "register:2")
    log.submission("e", [("u2", 1, 202601, 3)])
    fold(log, store)
    reasons = [row["reason"] for row in store.tables["quarantine"]]
    assert sorted(reasons) == [
        "missing_over_value", "no_right_on_unit", "unknown_item", "unknown_unit", "unknown_unit",
        "wrong_period",
    ]  # fmt: skip


def test_bytes_nobody_can_read_are_dead_and_do_not_block() -> None:
    log, store = begun(), MemoryStore()
    log.submission("a", [("u0", 1, 202601, 1)], manifest=False)
    broken = log.messages[-1]
    log.messages[-1] = LogMessage(broken.offset, broken.known_ms, broken.headers, b"not arrow")
    log.submission("b", [("u0", 1, 202601, 2)])
    city = fold(log, store)
    assert [row["kind"] for row in store.tables["ledger"]][2:] == [
        "dead",
        "observations",
        "manifest",
    ]
    assert city.cube.values("T", "t", 202601)[0][0] == 20_000


def test_a_control_record_nobody_can_read_halts_the_city() -> None:
    log = begun()
    log.put(record_headers("control", 1), b"{")
    with pytest.raises(UnreadableRecordError):
        fold(log)


def test_a_repeated_record_id_has_no_effect() -> None:
    log, store = begun(), MemoryStore()
    log.register([RegisterRow("drop_unit", "enterprise", "u0")], "register:1")
    city = fold(log, store)
    assert city.cube.register.counted("enterprise").all()
    assert store.tables["ledger"][-1]["kind"] == "repeat"


def test_figures_stop_being_provisional_when_the_log_says_the_due_instant_is_past() -> None:
    log, store = begun(), MemoryStore()
    log.control(Record("c", "calendar", {"table": "T", "period": 202601, "report_by_ms": 2_000}))
    log.submission("a", [("u0", 1, 202601, 1)], arrived_ms=1_999)
    log.submission("b", [("u1", 1, 202601, 1)], arrived_ms=2_000)
    fold(log, store)
    key = (1, 202601, "current", "city", "example", "")
    assert figures(store)[key]["provisional"] == "1"
    log.control(Record("d", "deadline", {"table": "T", "period": 202601, "due_ms": 2_000}))
    later = MemoryStore()
    fold(log, later)
    assert figures(later)[key]["provisional"] == "0"
    counts = in_force(later, "completeness_current")
    at = counts["level"].index("city")
    told = ("expected", "received", "on_time", "late", "missing")
    assert [int(counts[name][at]) for name in told] == [6, 2, 1, 1, 4]
