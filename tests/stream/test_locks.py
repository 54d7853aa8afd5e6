"""Locked periods: refused observations, figures that stay, and everything anew once reopened."""

import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from granary.lock_records import Decision
from granary.records import Record, RegisterRow
from stream.errors import UnreadableRecordError
from stream.recovery import recover
from tests.indicators.cities import catalogue, unit
from tests.stream.catalogues import (
    CHANGES,
    calendar,
    changed,
    indicator,
    rich,
    without_indicator,
    without_member,
)
from tests.stream.folded import begun, differences, figures, fold, in_force
from tests.stream.logs import Log
from tests.stream.memory_store import MemoryStore
from tests.stream.test_several_tables import drawn_log, drawn_unit
from tests.stream.test_several_tables import rich as several

JANUARY, FEBRUARY, MARCH = 202601, 202602, 202603
YEAR = [202600 + month for month in range(1, 13)]


def decide(log: Log, type_: str, period: int, table: str = "T", record_id: str = "") -> None:
    decision = Decision(type_, table, period, "国家反馈核定", "张三", "", 1_000)
    log.control(decision.record(record_id or f"{type_}:{len(log.messages)}"))


def lock(log: Log, *periods: int, table: str = "T") -> None:
    for period in periods:
        decide(log, "lock", period, table)


def reopen(log: Log, *periods: int, table: str = "T") -> None:
    for period in periods:
        decide(log, "reopen", period, table)


def of_period(store: MemoryStore, period: int, table: str = "figure_current") -> list[Any]:
    """Rows in force of one period, with what names the record that wrote them."""
    columns = in_force(store, table)
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return sorted(repr(row) for row in rows if row["period"] == period)


def everything(store: MemoryStore) -> dict[str, list[str]]:
    """Every row of every table."""
    return {table: sorted(map(repr, rows)) for table, rows in store.tables.items()}


def three_months(log: Log, name: str = "a", factor: int = 1) -> None:
    cells = [
        (f"u{at}", item, period, factor * (10 * at + item + period % 100))
        for at in range(6)
        for item in (1, 3, 4)
        for period in (JANUARY, FEBRUARY, MARCH)
    ]
    log.submission(name, cells)


def moved(log: Log) -> None:
    """A unit turns out to have belonged to Y since January, another to be listed from March."""
    left = RegisterRow("drop_membership", "enterprise", "u0", grouping="district", member="X")
    rows = [left, *unit("u0", "Y"), *unit("u1", "Y", listed_from="2026-03-01")]
    log.register(rows, f"register:{len(log.messages)}")


def delisted(log: Log) -> None:
    """A unit turns out to have left the list in December, by a decision entered late."""
    entered = ("put_membership", "enterprise", "u0", "", ":list", "on_list")
    log.register([RegisterRow(*entered, "", "2025-12-01")], f"register:{len(log.messages)}")


def test_observations_of_a_locked_period_are_quarantined_and_the_rest_of_the_chunk_is_taken() -> (
    None
):
    log, store = begun(), MemoryStore()
    three_months(log)
    lock(log, FEBRUARY)
    three_months(log, "b", factor=2)
    fold(log, store)
    aside = store.tables["quarantine"]
    assert {(row["period"], row["reason"]) for row in aside} == {(FEBRUARY, "period_locked")}
    assert len(aside) == 18
    told = {row["period"]: row for row in store.tables["ledger_period"][-3:]}
    assert {period: row["quarantined"] for period, row in told.items()} == {
        JANUARY: 0, FEBRUARY: 18, MARCH: 0,
    }  # fmt: skip
    assert [row["rows"] for row in told.values()] == [18, 18, 18]
    assert differences(log, store) == []


def test_an_explicit_missing_of_a_locked_period_is_quarantined_too() -> None:
    log, store = begun(), MemoryStore()
    lock(log, MARCH)
    log.submission("a", [("u0", 1, MARCH, None)])
    fold(log, store)
    assert [row["reason"] for row in store.tables["quarantine"]] == ["period_locked"]


@pytest.mark.parametrize("change", [moved, delisted])
def test_a_backdated_register_change_restates_open_periods_and_leaves_locked_ones(
    change: Callable[[Log], None],
) -> None:
    log, store = begun(), MemoryStore()
    three_months(log)
    lock(log, FEBRUARY)
    city = fold(log, store)
    before = {period: of_period(store, period) for period in (JANUARY, FEBRUARY, MARCH)}
    counts = of_period(store, FEBRUARY, "completeness_current")
    change(log)
    fold(log, store, at=city)
    after = {period: of_period(store, period) for period in before}
    assert {period: after[period] == before[period] for period in before} == {
        JANUARY: False, FEBRUARY: True, MARCH: False,
    }  # fmt: skip
    assert of_period(store, FEBRUARY, "completeness_current") == counts
    assert differences(log, store) == []


def test_a_reopened_period_is_what_it_would_be_had_it_never_been_locked() -> None:
    plain, held = begun(), begun()
    for log in (plain, held):
        three_months(log)
    lock(held, FEBRUARY)
    for log in (plain, held):
        moved(log)
    reopen(held, FEBRUARY)
    plain_store, held_store = MemoryStore(), MemoryStore()
    fold(plain, plain_store)
    fold(held, held_store)
    assert figures(held_store) == figures(plain_store)
    version = len(held.messages) - 1
    restated = [row for row in held_store.tables["figure_history"] if row["version"] == version]
    assert {row["period"] for row in restated} == {FEBRUARY}
    assert differences(held, held_store) == []


def test_observations_are_taken_again_after_the_reopening() -> None:
    log, store = begun(), MemoryStore()
    three_months(log)
    lock(log, FEBRUARY)
    reopen(log, FEBRUARY)
    three_months(log, "b", factor=2)
    fold(log, store)
    assert "quarantine" not in store.tables
    assert differences(log, store) == []


@pytest.mark.parametrize("name", list(CHANGES))
def test_whatever_a_catalogue_changes_a_locked_period_keeps_its_figures(name: str) -> None:
    log, store = begun(rich()), MemoryStore()
    three_months(log)
    lock(log, FEBRUARY)
    city = fold(log, store)
    before = of_period(store, FEBRUARY)
    log.catalogue(changed(*CHANGES[name]), "catalogue:2")
    fold(log, store, at=city)
    assert of_period(store, FEBRUARY) == before
    assert differences(log, store) == []


@pytest.mark.parametrize("name", list(CHANGES))
def test_reopened_under_another_catalogue_nothing_of_the_old_one_is_left(name: str) -> None:
    log, store = begun(rich()), MemoryStore()
    three_months(log)
    log.register([RegisterRow("put_unit", "area", "example", "example")], "register:2")
    log.submission("p", [("example", 9, FEBRUARY, 160)], table="P", kind="area")
    lock(log, FEBRUARY)
    lock(log, FEBRUARY, table="P")
    log.catalogue(changed(*CHANGES[name]), "catalogue:2")
    reopen(log, FEBRUARY)
    reopen(log, FEBRUARY, table="P")
    fold(log, store)
    assert differences(log, store) == []
    assert list(recover(store, 1, 0, 10**9).locks.holding()) == []


def test_an_indicator_added_later_gets_figures_of_a_locked_period_and_the_others_stay() -> None:
    log, store = begun(changed(without_indicator("tax_per_mu"), base=catalogue())), MemoryStore()
    three_months(log)
    lock(log, FEBRUARY)
    city = fold(log, store)
    before = of_period(store, FEBRUARY)
    log.catalogue(catalogue(version=3), "catalogue:3")
    fold(log, store, at=city)
    new = [row for row in of_period(store, FEBRUARY) if "'tax_per_mu'" in row]
    assert new
    assert sorted(set(of_period(store, FEBRUARY)) - set(new)) == before
    assert differences(log, store) == []


def test_a_deadline_and_a_new_due_instant_do_not_touch_a_locked_period() -> None:
    log, store = begun(rich()), MemoryStore()
    log.submission("a", [("u0", 1, FEBRUARY, 5)])
    lock(log, FEBRUARY)
    city = fold(log, store)
    before = of_period(store, FEBRUARY), of_period(store, FEBRUARY, "completeness_current")
    assert 1 in set(map(int, in_force(store, "figure_current")["provisional"]))
    log.control(Record("d", "deadline", {"table": "T", "period": FEBRUARY, "due_ms": 5}))
    body = {"table": "T", "period": FEBRUARY, "report_by_ms": 9}
    log.control(Record("c", "calendar", body))
    fold(log, store, at=city)
    after = of_period(store, FEBRUARY), of_period(store, FEBRUARY, "completeness_current")
    assert after == before
    assert differences(log, store) == []
    reopen(log, FEBRUARY)
    fold(log, store, at=city)
    assert of_period(store, FEBRUARY) != before[0]
    assert differences(log, store) == []


def test_a_year_stays_when_all_its_months_are_locked_and_follows_again_with_one_reopened() -> None:
    given = changed(indicator("output", also=["year"]), base=catalogue())
    log, store = begun(given), MemoryStore()
    log.submission("a", [(f"u{at}", 1, period, at + period % 7) for at in range(6)
                         for period in YEAR])  # fmt: skip
    lock(log, *YEAR[:-1])
    city = fold(log, store)
    open_year = of_period(store, 202600)
    moved(log)
    fold(log, store, at=city)
    locked_year = of_period(store, 202600)
    assert locked_year != open_year
    lock(log, YEAR[-1])
    log.register(unit("u2", "Y", listed_from="2026-02-01"), "register:9")
    fold(log, store, at=city)
    assert of_period(store, 202600) == locked_year
    assert differences(log, store) == []
    reopen(log, YEAR[4])
    fold(log, store, at=city)
    assert of_period(store, 202600) != locked_year
    assert differences(log, store) == []


def test_a_quote_that_comes_after_the_lock_of_the_figures_own_table_is_told() -> None:
    log, store = begun(rich()), MemoryStore()
    log.register([RegisterRow("put_unit", "area", "example", "example")], "register:2")
    three_months(log)
    lock(log, FEBRUARY)
    log.submission("p", [("example", 9, FEBRUARY, 160)], table="P", kind="area")
    lock(log, FEBRUARY, table="P")
    log.submission("q", [("example", 9, FEBRUARY, 170)], table="P", kind="area")
    fold(log, store)
    quoted = [row for row in of_period(store, FEBRUARY) if "'公布数'" in row and "'city'" in row]
    assert len(quoted) == 1
    assert str(160 * 10**10) in quoted[0]
    assert differences(log, store) == []


def test_a_later_report_in_another_table_does_not_touch_a_locked_figure() -> None:
    log, store = drawn_log(random.Random(3), several()), MemoryStore()
    lock(log, MARCH, table="M")
    city = fold(log, store)
    before = of_period(store, MARCH)
    log.submission("later", [(f"u{at}", 5, MARCH, 7_000 + at) for at in range(5)], table="X")
    fold(log, store, at=city)
    assert of_period(store, MARCH) == before
    assert differences(log, store) == []
    reopen(log, MARCH, table="M")
    fold(log, store, at=city)
    assert of_period(store, MARCH) != before
    assert differences(log, store) == []


def test_a_repeated_decision_is_noted_and_has_no_effect() -> None:
    log, store = begun(), MemoryStore()
    three_months(log)
    decide(log, "lock", FEBRUARY, record_id="lock:1")
    decide(log, "reopen", FEBRUARY, record_id="reopen:1")
    decide(log, "lock", FEBRUARY, record_id="lock:1")
    city = fold(log, store)
    assert not city.locks.locked("T", FEBRUARY)
    assert [row["kind"] for row in store.tables["ledger"][-3:]] == ["control", "control", "repeat"]


def test_a_decision_without_its_reason_halts_the_city() -> None:
    log = begun()
    log.control(Record("lock:1", "lock", {"table": "T", "period": FEBRUARY, "by": "张三"}))
    with pytest.raises(UnreadableRecordError):
        fold(log)


def test_the_recovered_fold_goes_on_as_one_that_never_stopped() -> None:
    log, store = begun(rich()), MemoryStore()
    three_months(log)
    lock(log, JANUARY, FEBRUARY)
    log.catalogue(changed(without_member("district", "Y")), "catalogue:2")
    moved(log)
    three_months(log, "b", factor=3)
    reopen(log, JANUARY)
    log.catalogue(changed(calendar(202602, 202603)), "catalogue:3")
    moved(log)
    reopen(log, FEBRUARY)
    fold(log, store)
    whole = everything(store)
    for stop in range(1, len(log.messages)):
        crashed, part = MemoryStore(), Log()
        part.messages = log.messages[:stop]
        fold(part, crashed)
        fold(log, crashed, at=recover(crashed, 1, 0, 10**9))
        assert everything(crashed) == whole, stop


def changes(drawn: random.Random, log: Log, tables: Sequence[str]) -> None:
    """One thing that happens to a city whose periods are locked and reopened."""
    number = len(log.messages)
    table, period = drawn.choice(tables), drawn.choice([202512, *YEAR[:4]])
    what = drawn.randrange(5)
    if what == 0:
        lock(log, period, table=table)
    elif what == 1:
        reopen(log, period, table=table)
    elif what == 2:
        log.register(drawn_unit(drawn, f"u{drawn.randrange(6)}"), f"register:{number}")
    elif what == 3:
        items = {"M": [1, 2, 4, 7], "X": [5]}[table]
        cells = {(f"u{drawn.randrange(5)}", drawn.choice(items), period) for _ in range(4)}
        log.submission(f"s{number}", [(*cell, drawn.randrange(99)) for cell in cells], table=table)
    else:
        kept = [one for one in several().indicators if drawn.random() < 0.8]
        log.catalogue(several(version=number, indicators=kept), f"catalogue:{number}")


@settings(max_examples=2, deadline=None)
@given(st.integers(0, 10**6))
def test_whatever_happens_locked_figures_stay_and_the_rest_is_recomputed(seed: int) -> None:
    drawn = random.Random(seed)
    log, store = drawn_log(drawn, several()), MemoryStore()
    lock(log, *YEAR[:3], table="M")
    city = fold(log, store)
    for _ in range(8):
        held = {lock.period: sorted(lock.own) for lock in city.locks.holding()}
        before = {period: of_ids(store, period, ids) for period, ids in held.items()}
        changes(drawn, log, ["M", "X"])
        fold(log, store, at=city)
        still = {lock.period for lock in city.locks.holding()} & held.keys()
        for period in still:
            assert of_ids(store, period, held[period]) == before[period]
    assert differences(log, store) == []
    again = MemoryStore()
    fold(log, again)
    assert everything(again) == everything(store)


def of_ids(store: MemoryStore, period: int, indicators: Sequence[int]) -> list[str]:
    told = tuple(f"'indicator': {number}," for number in indicators)
    return [
        row
        for row in of_period(store, period)
        if any(part in row.replace("np.int64(", "").replace(")", "") for part in told)
    ]
