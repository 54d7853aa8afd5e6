"""A catalogue reloaded: what it opens has figures, what it leaves out is retired."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from granary.records import Record, RegisterRow
from stream.recovery import recover
from stream.retirement import keys_of
from tests.indicators.cities import unit
from tests.stream.catalogues import (
    CHANGES,
    calendar,
    changed,
    indicator,
    rich,
    table,
    without_indicator,
    without_member,
)
from tests.stream.folded import COUNT_ROW, FIGURE_ROW, begun, differences, fold, standing
from tests.stream.logs import Log
from tests.stream.memory_store import MemoryStore

NAME = ("class", "id", "level", "code")
FAMILY = ("city_code", "indicator_code", "measure", "level", "by_level", "standing")
AREAS = [RegisterRow("put_unit", "area", code, code) for code in ("example", "X", "Y")]


def reported() -> Log:
    """Two months of the six units, in two industries, and a published total."""
    log = begun(rich())
    log.register(
        [
            *AREAS,
            *(
                RegisterRow(
                    "put_membership", "enterprise", f"u{at}", grouping="industry",
                    member=("13", "14")[at % 2],
                )
                for at in range(6)
            ),
        ],
        "register:2",
    )  # fmt: skip
    cells = [(f"u{at}", item, 202601, 10 * at + item) for at in range(6) for item in (1, 3, 4)]
    log.submission("a", cells)
    log.submission("p", [("example", 9, 202601, 160), ("X", 9, 202601, 60)], table="P", kind="area")
    return log


def reloaded(*changes: Any) -> tuple[Log, MemoryStore]:
    log, store = reported(), MemoryStore()
    log.catalogue(changed(*changes), "catalogue:2")
    fold(log, store)
    return log, store


def found(store: MemoryStore, **wanted: Any) -> list[dict[str, Any]]:
    """Figures that stand and have these values."""
    rows = standing(store, "figure_current", FIGURE_ROW)
    return [row for row in rows if all(row[name] == value for name, value in wanted.items())]


def named(store: MemoryStore, kind: str) -> set[str]:
    return {row["code"] for row in standing(store, "dimension", NAME) if row["class"] == kind}


@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES.keys())
def test_after_a_reload_what_stands_is_what_recomputation_gives(changes: Any) -> None:
    log, store = reloaded(*changes)
    assert differences(log, store) == []


def test_a_due_instant_opens_its_period_for_indicators_that_did_not_change() -> None:
    _, store = reloaded(calendar(202602, 202603))
    (figure,) = found(
        store, indicator_code="output", period=202603, measure="current", level="city"
    )
    assert (figure["reason"], int(figure["expected_units"])) == ("no_units", 6)


def test_a_due_instant_taken_back_leaves_no_figure_where_nothing_was_reported() -> None:
    _, store = reloaded(calendar())
    assert not found(store, period=202602)
    assert found(store, period=202601)
    counts = standing(store, "completeness_current", COUNT_ROW)
    assert {row["period"] for row in counts} == {202601}


def test_figures_of_what_a_catalogue_leaves_out_are_retired_and_their_history_says_when() -> None:
    log, store = reloaded(
        indicator("output", measures=["current"]), without_member("district", "Y")
    )
    assert {row["measure"] for row in found(store, indicator_code="output")} == {"current"}
    assert not found(store, subject="Y")
    ended = [row for row in store.tables["figure_history"] if row["retired"]]
    last = len(log.messages) - 1
    assert {(int(row["version"]), int(row["known_from"]), row["reason"]) for row in ended} == {
        (last, 60_000 * last, "retired")
    }


def test_names_of_what_a_catalogue_leaves_out_are_retired() -> None:
    _, store = reloaded(without_indicator("tax_per_mu"), without_member("district", "Y"))
    assert named(store, "indicator") == {"output"}
    assert named(store, "subject") == {"example", "X", "13", "14"}
    assert named(store, "unit") == {"example", "X", "Y", *(f"u{at}" for at in range(6))}


def test_what_comes_back_stands_again() -> None:
    log, store = reported(), MemoryStore()
    log.catalogue(changed(without_indicator("tax_per_mu")), "catalogue:2")
    log.catalogue(changed(), "catalogue:3")
    fold(log, store)
    assert found(store, indicator_code="tax_per_mu", level="city", period=202601)
    assert named(store, "indicator") == {"output", "tax_per_mu"}
    assert differences(log, store) == []


def test_a_return_that_lacks_nothing_under_relaxed_rules_is_received_when_it_would_have_been() -> (
    None
):
    rules = changed(table("T", mandatory=["t", "tax"]), calendar(202601))
    log, store = begun(rules), MemoryStore()
    log.submission("a", [("u0", 1, 202601, 1), ("u1", 1, 202601, 1)], arrived_ms=1_000)
    log.submission("b", [("u0", 1, 202601, 2), ("u2", 3, 202601, 1)], arrived_ms=2_000)
    log.catalogue(changed(table("T", mandatory=["t"]), base=rules), "catalogue:2")
    log.submission("c", [("u3", 1, 202601, 2)], arrived_ms=3_000)
    fold(log, store)
    rows = [(int(row["arrived_ms"]), int(row["version"])) for row in store.tables["unit_return"]]
    assert sorted(rows) == [(1_000, 6), (1_000, 6), (3_000, 7)]
    counts = standing(store, "completeness_current", COUNT_ROW)
    (city,) = [row for row in counts if row["level"] == "city" and row["table_code"] == "T"]
    assert (int(city["received"]), int(city["missing"])) == (3, 3)
    assert differences(log, store) == []


def test_a_deadline_of_a_return_that_no_calendar_has_leaves_nothing() -> None:
    log, store = reported(), MemoryStore()
    log.control(Record("d", "deadline", {"table": "T", "period": 202607, "due_ms": 5}))
    fold(log, store)
    assert not [row for row in store.tables["completeness_current"] if row["period"] == 202607]
    assert differences(log, store) == []


def test_a_due_instant_told_before_the_first_catalogue_counts_as_after_a_restart() -> None:
    log, store = Log(), MemoryStore()
    log.control(Record("c", "calendar", {"table": "T", "period": 202605, "report_by_ms": 5}))
    log.messages += [
        type(message)(message.offset + 1, message.known_ms, message.headers, message.payload)
        for message in begun().messages
    ]
    fold(log, store)
    assert found(store, period=202605)
    assert differences(log, store) == []


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(sorted(CHANGES)), min_size=1, max_size=4), st.data())
def test_a_restart_between_reloads_retires_the_very_same_rows(
    names: list[str], data: st.DataObject
) -> None:
    log = eventful(names)
    whole, parted = MemoryStore(), MemoryStore()
    fold(log, whole)
    stop = data.draw(st.integers(2, len(log.messages)))
    first = Log()
    first.messages = log.messages[:stop]
    fold(first, parted)
    fold(log, parted, at=recover(parted, log.city, 0, 10**9))
    for name, rows in whole.tables.items():
        assert list(map(str, parted.tables[name])) == list(map(str, rows)), name
    assert differences(log, whole) == []


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(sorted(CHANGES)), max_size=4))
def test_the_keys_that_stand_are_those_of_the_state(names: list[str]) -> None:
    log, store = eventful(names), MemoryStore()
    city = fold(log, store)
    keys = keys_of(city)
    figures = {
        (*(row[name] for name in FAMILY), row["period"], row["subject"], row["by_subject"])
        for row in standing(store, "figure_current", FIGURE_ROW)
    }
    assert figures == {
        (*family, period, *subject)
        for family, by_period in keys.figures.items()
        for period, subjects in by_period.items()
        for subject in subjects
    }


def eventful(names: list[str]) -> Log:
    """Reloads with submissions, registrations and due instants between them."""
    log, drawn = reported(), random.Random(" ".join(names))
    for number, name in enumerate(names, 2):
        log.catalogue(changed(*CHANGES[name]), f"catalogue:{number}")
        cells = [(f"u{at}", drawn.choice([1, 3]), 202602 + number % 2, at) for at in range(4)]
        log.submission(f"s{number}", cells, arrived_ms=number)
        log.register(unit(f"u{number}", drawn.choice("XY")), f"register:{number + 1}")
        body = {"table": "T", "period": 202603 + number, "report_by_ms": 5}
        log.control(Record(f"c{number}", "calendar", body))
    return log
