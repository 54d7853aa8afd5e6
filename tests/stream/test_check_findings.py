"""Findings of checks stand while the rule is broken, and are what recomputation gives."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from granary.records import RegisterRow
from indicators.catalogue import Catalogue
from tests.indicators.cities import catalogue, name
from tests.stream.catalogues import changed
from tests.stream.folded import begun, differences, fold, standing
from tests.stream.logs import Log
from tests.stream.memory_store import MemoryStore

OUTPUT, PRIOR, TAX = 1, 2, 3
JANUARY, FEBRUARY, MARCH, YEAR_AGO = 202601, 202602, 202603, 202503
KEY = ("rule", "period", "unit")


def rule(number: int, code: str, expression: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": number,
        "code": code,
        "name": name(code),
        "table": "T",
        "expression": expression,
        "message": {"zh": "{unit}{period}:{left}与{right}", "en": "{unit}: {left}, {right}"},
        "source": "示例",
        **changes,
    }


def checked(*rules: dict[str, Any]) -> Catalogue:
    return catalogue(checks=list(rules))


TAX_WITHIN = rule(1, "tax_within_output", "tax <= t", influence="t")
AS_BEFORE = rule(2, "not_fallen", "t >= previous(t)")
PRIOR_STORED = rule(3, "prior_as_stored", "tp == year_ago(t)")


def found(store: MemoryStore) -> list[tuple[str, int, float, float]]:
    """(rule, period, left, right) of what stands."""
    rows = standing(store, "check_current", KEY)
    told = [(r["rule_code"], int(r["period"]), r["left_value"], r["right_value"]) for r in rows]
    return sorted(told)


def folded(log: Log) -> MemoryStore:
    store = MemoryStore()
    fold(log, store)
    assert differences(log, store) == []
    return store


def test_a_finding_stands_until_the_value_is_corrected() -> None:
    log = begun(checked(TAX_WITHIN))
    log.submission("first", [("u0", OUTPUT, MARCH, 5), ("u0", TAX, MARCH, 6)])
    store = folded(log)
    assert found(store) == [("tax_within_output", MARCH, 6.0, 5.0)]
    (row,) = standing(store, "check_current", KEY)
    assert (row["district"], row["influence"], row["tier"]) == ("X", 200.0, 30)
    assert row["message_zh"] == "{unit}2026-M03:6与5"
    log.submission("second", [("u0", TAX, MARCH, 4)])
    store = folded(log)
    assert found(store) == []
    assert [row["retired"] for row in store.tables["check_history"]] == [0, 1]


def test_a_correction_of_a_month_judges_the_month_after_it_anew() -> None:
    log = begun(checked(AS_BEFORE))
    log.submission("months", [("u0", OUTPUT, FEBRUARY, 10), ("u0", OUTPUT, MARCH, 11)])
    assert found(folded(log)) == []
    log.submission("february", [("u0", OUTPUT, FEBRUARY, 12)])
    assert found(folded(log)) == [("not_fallen", MARCH, 11.0, 12.0)]


def test_last_years_value_coming_late_is_held_against_the_reported_prior() -> None:
    log = begun(checked(PRIOR_STORED))
    log.submission("now", [("u0", PRIOR, MARCH, 10)])
    assert found(folded(log)) == []
    log.submission("late", [("u0", OUTPUT, YEAR_AGO, 9)])
    assert found(folded(log)) == [("prior_as_stored", MARCH, 10.0, 9.0)]


def test_another_units_return_changes_how_much_an_error_weighs() -> None:
    log = begun(checked(TAX_WITHIN))
    log.submission("one", [("u0", OUTPUT, MARCH, 5), ("u0", TAX, MARCH, 6)])
    log.submission("other", [("u2", OUTPUT, MARCH, 95)])
    (row,) = standing(folded(log), "check_current", KEY)
    assert (row["influence"], row["tier"]) == (10.0, 10)


def test_a_finding_that_stays_as_it_is_is_not_written_again() -> None:
    log = begun(checked(TAX_WITHIN))
    log.submission("one", [("u0", OUTPUT, MARCH, 5), ("u0", TAX, MARCH, 6)])
    log.submission("two", [("u1", OUTPUT, MARCH, 5)])  # of the other district
    log.submission("three", [("u0", OUTPUT, JANUARY, 5)])
    assert len(folded(log).tables["check_history"]) == 1


def test_a_unit_that_moves_takes_its_finding_to_its_new_district() -> None:
    log = begun(checked(TAX_WITHIN))
    log.submission("one", [("u0", OUTPUT, MARCH, 5), ("u0", TAX, MARCH, 6)])
    log.register(
        [
            RegisterRow("drop_membership", "enterprise", "u0", grouping="district", member="X"),
            RegisterRow("put_membership", "enterprise", "u0", grouping="district", member="Y"),
        ],
        "register:2",
    )
    (row,) = standing(folded(log), "check_current", KEY)
    assert row["district"] == "Y"


def test_a_unit_that_leaves_or_joins_a_district_changes_how_much_its_errors_weigh() -> None:
    log = begun(checked(TAX_WITHIN))
    log.submission("one", [("u0", OUTPUT, MARCH, 5), ("u0", TAX, MARCH, 6)])
    log.submission("two", [("u2", OUTPUT, MARCH, 95), ("u1", OUTPUT, MARCH, 20)])
    log.register(
        [RegisterRow("drop_membership", "enterprise", "u2", grouping="district", member="X")],
        "register:2",
    )
    (row,) = standing(folded(log), "check_current", KEY)
    assert row["influence"] == 200.0
    log.register(
        [
            RegisterRow("drop_membership", "enterprise", "u1", grouping="district", member="Y"),
            RegisterRow("put_membership", "enterprise", "u1", grouping="district", member="X"),
        ],
        "register:3",
    )
    (row,) = standing(folded(log), "check_current", KEY)
    assert row["influence"] == 40.0


def test_a_rule_added_later_finds_what_is_already_there_and_one_removed_leaves_nothing() -> None:
    plain = catalogue()
    log = begun(plain)
    log.submission("one", [("u0", OUTPUT, MARCH, 5), ("u0", TAX, MARCH, 6)])
    log.catalogue(changed(lambda one: one.update(checks=[TAX_WITHIN]), base=plain), "catalogue:2")
    assert found(folded(log)) == [("tax_within_output", MARCH, 6.0, 5.0)]
    log.catalogue(changed(base=changed(base=plain)), "catalogue:3")
    assert found(folded(log)) == []


def test_a_rule_said_otherwise_says_its_findings_anew() -> None:
    first = checked(TAX_WITHIN)
    log = begun(first)
    log.submission("one", [("u0", OUTPUT, MARCH, 5), ("u0", TAX, MARCH, 6)])
    hard = TAX_WITHIN | {"severity": "hard", "name": name("另名")}
    log.catalogue(changed(lambda one: one.update(checks=[hard]), base=first), "catalogue:2")
    (row,) = standing(folded(log), "check_current", KEY)
    assert (row["severity"], row["name_zh"]) == ("hard", "另名")


CELLS = st.lists(
    st.tuples(
        st.sampled_from(["u0", "u1", "u2"]),
        st.sampled_from([OUTPUT, PRIOR, TAX]),
        st.sampled_from([202502, YEAR_AGO, FEBRUARY, MARCH]),
        st.integers(0, 4),
    ),
    max_size=8,
    unique_by=lambda row: row[:3],
)


MOVES = st.tuples(
    st.sampled_from(["put_membership", "drop_membership", "drop_unit", "put_unit"]),
    st.sampled_from(["u0", "u1", "u2", "new"]),
    st.sampled_from("XY"),
    st.sampled_from(["", "u1"]),
)


def moved(action: str, code: str, district: str, part_of: str) -> list[RegisterRow]:
    """Rows of one change; who enters a district leaves the other, as districts do not overlap."""
    if action.endswith("membership"):
        leaving = "XY".replace(district, "") if action == "put_membership" else ""
        return [
            *(RegisterRow("drop_membership", "enterprise", code, grouping="district", member=other)
              for other in leaving),
            RegisterRow(action, "enterprise", code, grouping="district", member=district),
        ]  # fmt: skip
    attributes = (("part_of", part_of),) if part_of and part_of != code else ()
    return [RegisterRow(action, "enterprise", code, code, attributes=attributes)]


@settings(max_examples=80, deadline=None)
@given(records=st.lists(CELLS | MOVES, min_size=1, max_size=6))
def test_whatever_comes_in_whatever_order_stands_as_recomputation_gives_it(
    records: list[Any],
) -> None:
    log = begun(checked(TAX_WITHIN, AS_BEFORE, PRIOR_STORED))
    for number, record in enumerate(records):
        if isinstance(record, tuple):
            log.register(moved(*record), f"register:m{number}")
        elif record:
            log.submission(f"s{number}", record)
    folded(log)
