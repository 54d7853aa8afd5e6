"""A register that changes: every figure that read it is stated anew, and no other."""

import random
import time

from hypothesis import given, settings
from hypothesis import strategies as st

from granary.records import RegisterRow
from indicators.catalogue import Catalogue
from indicators.register_effects import touched_by_register
from stream.fold import CityFold
from stream.register_pictures import register_pictures
from tests.indicators.cities import unit
from tests.stream.catalogues import calendar, changed, rich, table
from tests.stream.folded import FIGURE_ROW, begun, differences, fold, standing
from tests.stream.logs import Log
from tests.stream.memory_store import MemoryStore
from tests.stream.test_locks import lock


def on_list(code: str, valid_from: str, valid_to: str = "") -> RegisterRow:
    """A decision that the unit is on the survey list."""
    told = (("reason", "年度升规"),)
    return RegisterRow(
        "put_membership", "enterprise", code, "", ":list", "on_list", valid_from, valid_to, told
    )


def test_a_list_corrected_before_the_first_month_with_data_restates_the_year_to_date() -> None:
    log, store = begun(), MemoryStore()
    log.register([*unit("new", "X", listed_from="2026-01-01")], "register:2")
    log.submission("a", [("new", 1, 202603, 7)])
    log.register([*unit("new", "X", listed_from="2026-03-01")], "register:3")
    fold(log, store)
    (ytd,) = [
        row
        for row in standing(store, "figure_current", FIGURE_ROW)
        if (row["indicator_code"], row["measure"], row["subject"]) == ("output", "ytd", "X")
    ]
    assert (int(ytd["units"]), ytd["numerator"]) == (1, 7 * 10**10)
    assert differences(log, store) == []


def test_a_change_that_no_figure_reads_states_nothing_anew() -> None:
    log, store = begun(), MemoryStore()
    log.submission("a", [("u0", 1, 202603, 7)])
    log.register([*unit("u0", "X", telephone="1")], "register:2")
    fold(log, store)
    last = len(log.messages) - 1
    assert not [row for row in store.tables["figure_current"] if row["version"] == last]


def test_a_unit_that_can_now_be_quoted_is_said_to_be_quoted_or_not() -> None:
    log, store = begun(changed(table("P", expected="listed"))), MemoryStore()
    log.register([RegisterRow("put_unit", "area", "example", "example")], "register:2")
    log.submission("p", [("example", 9, 202601, 160)], table="P", kind="area")
    late = (("listed_from", "2027-01-01"),)
    log.register([RegisterRow("put_unit", "area", "X", "X", attributes=late)], "register:3")
    fold(log, store)
    (quoted,) = [
        row
        for row in standing(store, "figure_current", FIGURE_ROW)
        if (row["standing"], row["subject"]) == ("公布数", "X")
    ]
    assert quoted["reason"] == "not_quoted"
    assert differences(log, store) == []


def test_a_backdated_list_decision_restates_and_a_figure_known_before_stays_in_history() -> None:
    log, store = begun(), MemoryStore()
    log.submission("a", [("u0", 1, 202603, 7), ("u2", 1, 202603, 5)])
    log.register([on_list("u0", "2026-01-01", "2026-03-15")], "register:2")
    fold(log, store)
    figures = [
        (int(row["version"]), row["numerator"], int(row["units"]))
        for row in store.tables["figure_history"]
        if (row["indicator_code"], row["measure"], row["subject"], row["period"])
        == ("output", "current", "X", 202603)
    ]
    assert figures[-2:] == [(2, 12 * 10**10, 2), (4, 5 * 10**10, 1)]
    assert differences(log, store) == []


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_after_any_changes_of_the_list_and_members_what_stands_is_recomputed(seed: int) -> None:
    log, drawn, store = begun(rich()), random.Random(seed), MemoryStore()
    months = [f"202{year}-{month:02d}-01" for year in (4, 5, 6) for month in range(1, 13)]
    for number in range(6):
        code = f"u{drawn.randrange(8)}"
        listed = {"listed_from": drawn.choice(months), "listed_to": drawn.choice(["", *months])}
        kept = {name: text for name, text in listed.items() if text}
        decided = [
            RegisterRow(drawn.choice(["put_membership", "put_membership", "drop_membership"]),
                        "enterprise", f"u{drawn.randrange(6)}", "", ":list", "on_list",
                        drawn.choice(months), drawn.choice(["", *months]))
            for _ in range(drawn.randrange(3))
        ]  # fmt: skip
        rows = [*unit(code, drawn.choice("XY"), **kept), *decided]
        log.register(rows, f"register:{number + 2}")
        cells = [
            (f"u{at}", item, drawn.choice([202503, 202603, 202604]), drawn.randrange(99))
            for at in range(6)
            for item in (1, 3)
        ]
        distinct = {cell[:3]: cell for cell in cells}
        log.submission(f"s{number}", list(distinct.values()))
    fold(log, store)
    assert differences(log, store) == []


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_what_a_change_is_said_to_touch_is_what_the_fold_then_states_anew(seed: int) -> None:
    log, drawn, store = begun(rich()), random.Random(seed), MemoryStore()
    months = [202503, 202603, 202604]
    cells = [(f"u{at}", item, month, at + item) for at in range(6) for item in (1, 3)
             for month in months]  # fmt: skip
    log.submission("a", cells)
    lock(log, drawn.choice(months))
    city = fold(log, store)
    catalogue = city.require_catalogue()
    opened = {one.code: set(city.opened(one)) for one in catalogue.tables}
    before = register_pictures(city)
    first, last = sorted(drawn.sample(["2025-03-15", "2026-01-01", "2026-04-01", "2026-07-01"], 2))
    changes = drawn.choice(
        [
            [on_list("u1", first, last)],
            unit("u2", drawn.choice("XY"), listed_from=first),
            unit("new", "X", listed_from=last),
            unit("u0", "X", telephone="1"),
        ]
    )
    log.register(changes, "register:9")
    fold(log, store, at=city)
    touched = touched_by_register(catalogue, before, register_pictures(city), opened, city.locks)
    version = city.register_at
    for history, key, said in (
        ("figure_history", "indicator_code", touched.indicators),
        ("completeness_history", "table_code", touched.tables),
    ):
        stated = {
            (row[key], int(row["period"]))
            for row in store.tables[history]
            if int(row["version"]) == version
        }
        assert stated == {(code, period) for code, one in said.items() for period in one.anew}
        assert not stated & {(code, period) for code, one in said.items() for period in one.kept}


def test_pictures_of_ten_thousand_units_over_three_years_take_well_under_a_second() -> None:
    planned: Catalogue = changed(calendar(*(100 * year + m for year in (2024, 2025, 2026)
                                            for m in range(1, 13))))  # fmt: skip
    log = Log()
    log.catalogue(planned)
    city: CityFold = fold(log)
    rows = [
        row
        for at in range(10_000)
        for row in (
            *unit(f"u{at}", "XY"[at % 2], listed_from=f"20{10 + at % 16}-{1 + at % 12:02d}-01"),
            RegisterRow("put_membership", "enterprise", f"u{at}", grouping="industry",
                        member=("13", "14")[at % 2], valid_from=f"202{at % 6}-0{1 + at % 9}-01"),
        )
    ]  # fmt: skip
    city.register.apply(rows, range(1, len(rows) + 1))
    started = time.process_time()
    first = register_pictures(city)
    built = time.process_time()
    again = register_pictures(city)
    assert len(first) == 36 + 24
    assert first == again
    assert time.process_time() - built < 0.5
    assert built - started < 2
