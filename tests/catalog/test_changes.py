"""Differences of registers and catalogues: applied to the old they give the new."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from catalog.changes import RegisterRow, difference
from catalog.differences import catalogue_differences, reused_ids
from catalog.loader import load
from indicators.register import Register

CATALOGUES = Path(__file__).parents[2] / "catalog"
CODES = st.sampled_from("ABCD")
DATES = st.sampled_from(["", "2024-01-01", "2025-01-01"])
PUT_UNIT = st.builds(
    lambda code, name, listed: RegisterRow(
        "put_unit", "k", code, name, attributes=(("listed_from", listed),) if listed else ()
    ),
    CODES,
    st.sampled_from(["x", "y"]),
    DATES,
)
DROP_UNIT = st.builds(lambda code: RegisterRow("drop_unit", "k", code), CODES)
PUT_MEMBERSHIP = st.builds(
    lambda code, member, valid_from, valid_to: RegisterRow(
        "put_membership", "k", code, "", "g", member, valid_from, valid_to
    ),
    CODES,
    st.sampled_from(["m", "n"]),
    DATES,
    DATES,
)
DROP_MEMBERSHIP = st.builds(
    lambda code, member, valid_from: RegisterRow(
        "drop_membership", "k", code, "", "g", member, valid_from
    ),
    CODES,
    st.sampled_from(["m", "n"]),
    DATES,
)
HISTORIES = st.lists(st.one_of(PUT_UNIT, DROP_UNIT, PUT_MEMBERSHIP, DROP_MEMBERSHIP), max_size=20)


def folded(rows: list[RegisterRow]) -> tuple[object, object]:
    """What the stream's own fold makes of the rows: active units, and all memberships."""
    register = Register()
    register.apply(rows, [ord(row.code) for row in rows])
    return register.units("k"), register.memberships("k")


def flat(changes: list[list[RegisterRow]]) -> list[RegisterRow]:
    return [row for unit in changes for row in unit]


@given(HISTORIES, HISTORIES)
def test_the_difference_applied_to_the_old_register_gives_the_new_one(
    old: list[RegisterRow], new: list[RegisterRow]
) -> None:
    assert folded(old + flat(difference(old, new))) == folded(new)


@given(HISTORIES)
def test_a_register_does_not_differ_from_itself(rows: list[RegisterRow]) -> None:
    assert difference(rows, rows) == []


@given(HISTORIES, HISTORIES)
def test_the_rows_of_a_unit_stay_together(old: list[RegisterRow], new: list[RegisterRow]) -> None:
    units = [{row.code for row in unit} for unit in difference(old, new)]
    assert all(len(codes) == 1 for codes in units)
    assert len({codes.copy().pop() for codes in units}) == len(units)


def test_a_move_leaves_one_member_and_enters_the_other_together() -> None:
    was = RegisterRow("put_membership", "k", "A", "", "g", "m")
    unit = RegisterRow("put_unit", "k", "A", "x")
    moved = RegisterRow("put_membership", "k", "A", "", "g", "n")
    (changes,) = difference([unit, was], [unit, moved])
    assert [row.action for row in changes] == ["drop_membership", "put_membership"]


def test_catalogue_differences_name_entry_and_fields() -> None:
    old = load(CATALOGUES / "retail")
    changed = old.indicators[0].model_copy(update={"decimals": 2})
    new = old.model_copy(update={"indicators": [changed], "anomalies": []})
    assert [str(one) for one in catalogue_differences(old, new)] == [
        "~ indicators turnover: decimals 1 → 2",
        "- anomalies retail_monthly turnover",
    ]
    assert catalogue_differences(old, old) == []
    assert all(one.kind == "added" for one in catalogue_differences(None, old))


def test_an_id_or_code_of_any_earlier_version_is_never_given_another_meaning() -> None:
    first = load(CATALOGUES / "growth-example")
    turnover, prior = first.items
    second = first.model_copy(update={"items": [turnover]})
    assert reused_ids([first], second) == []
    other = prior.model_copy(update={"code": "tax"})
    third = first.model_copy(update={"items": [turnover, other]})
    assert reused_ids([first, second], third) == [
        "items: id 2 is 'turnover_prior', it cannot be 'tax'"
    ]
    renumbered = prior.model_copy(update={"id": 7})
    fourth = first.model_copy(update={"items": [turnover, renumbered]})
    assert reused_ids([first, second], fourth) == [
        "items: 'turnover_prior' has id 2, it cannot get 7"
    ]
