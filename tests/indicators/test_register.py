"""The register as of any period, against a plain reading of its rows."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from granary.keys import unit_id
from granary.records import RegisterRow
from indicators.catalogue import Grouping
from indicators.periods import period_end
from indicators.register import KeysWithoutIdsError, Register, RegisterCollisionError
from tests.indicators.cities import name

GROUPING = Grouping.model_validate(
    {"id": 1, "code": "zone", "name": name("功能区"), "partition": False,
     "members": [{"code": code, "name": name(code)} for code in "PQR"]}
)  # fmt: skip
OTHER = GROUPING.model_copy(update={"code": "district"})
DAYS = st.dates(date(2025, 1, 1), date(2026, 12, 28))
MEMBERSHIP = st.tuples(st.integers(0, 4), st.sampled_from("PQR"), DAYS, st.none() | DAYS)


def put(unit: int, grouping: str, member: str, first: date, last: date | None) -> RegisterRow:
    return RegisterRow(
        "put_membership", "enterprise", f"u{unit}", grouping=grouping, member=member,
        valid_from=first.isoformat(), valid_to=last.isoformat() if last else "",
    )  # fmt: skip


def folded(rows: list[RegisterRow]) -> Register:
    register = Register()
    register.apply(rows, [unit_id(row.kind, row.code) for row in rows])
    return register


UNITS = [RegisterRow("put_unit", "enterprise", f"u{at}", f"u{at}") for at in range(5)]


@given(st.lists(MEMBERSHIP, max_size=12), st.integers(1, 12))
def test_memberships_of_a_period_equal_a_plain_loop(
    rows: list[tuple[int, str, date, date | None]], month: int
) -> None:
    period = 202500 + month
    register = folded([*UNITS, *(put(unit, "zone", *rest) for unit, *rest in rows)])
    found = register.membership("enterprise", GROUPING, period)
    latest = {(unit, member, first): last for unit, member, first, last in rows}
    end = period_end(period)
    for at, member in enumerate("PQR"):
        plain = {
            unit
            for (unit, of, first), last in latest.items()
            if of == member and first <= end and (last is None or end < last)
        }
        assert found.units[found.starts[at] : found.starts[at + 1]].tolist() == sorted(plain)


@given(st.lists(MEMBERSHIP, max_size=8), st.lists(MEMBERSHIP, max_size=8))
def test_a_cross_holds_the_units_of_both_members(
    zones: list[tuple[int, str, date, date | None]],
    districts: list[tuple[int, str, date, date | None]],
) -> None:
    rows = [put(unit, "zone", *rest) for unit, *rest in zones]
    rows += [put(unit, "district", *rest) for unit, *rest in districts]
    register = folded([*UNITS, *rows])
    crossed = register.crossed("enterprise", GROUPING, OTHER, 202512)
    one = register.membership("enterprise", GROUPING, 202512)
    two = register.membership("enterprise", OTHER, 202512)
    for first in range(4):
        for second in range(4):
            at = first * 4 + second
            left = one.units[one.starts[first] : one.starts[first + 1]].tolist()
            right = two.units[two.starts[second] : two.starts[second + 1]].tolist()
            plain = sorted(a for a in left for b in right if a == b)
            assert crossed.units[crossed.starts[at] : crossed.starts[at + 1]].tolist() == plain


def test_a_unit_is_listed_on_the_last_day_of_its_periods_and_a_part_never() -> None:
    register = folded(
        [
            RegisterRow("put_unit", "enterprise", "a", attributes=(("listed_from", "2026-03-31"),)),
            RegisterRow("put_unit", "enterprise", "b", attributes=(("listed_to", "2026-03-31"),)),
            RegisterRow("put_unit", "enterprise", "c", attributes=(("part_of", "a"),)),
        ]
    )
    assert register.listed("enterprise", 202602).tolist() == [False, True, False]
    assert register.listed("enterprise", 202603).tolist() == [True, False, False]


def test_a_dropped_unit_is_unknown_to_new_rows_but_keeps_its_place() -> None:
    register = folded([*UNITS, RegisterRow("drop_unit", "enterprise", "u2")])
    key = np.array([unit_id("enterprise", "u2")], np.uint64)
    assert register.index_of("enterprise", key).tolist() == [-1]
    assert register.index_of_any("enterprise", key).tolist() == [2]


def test_two_units_with_one_key_are_refused() -> None:
    with pytest.raises(RegisterCollisionError):
        Register().apply(UNITS[:2], [7, 7])


def test_a_cross_follows_the_order_in_which_a_catalogue_names_its_members() -> None:
    day = date(2025, 1, 1)
    rows = [*UNITS, put(0, "zone", "P", day, None), put(0, "district", "Q", day, None)]
    register = folded(rows)
    turned = GROUPING.model_copy(update={"members": GROUPING.members[::-1]})
    before = register.crossed("enterprise", GROUPING, OTHER, 202503)
    after = register.crossed("enterprise", turned, OTHER, 202503)
    assert np.flatnonzero(np.diff(before.starts)).tolist() == [
        0 * 4 + 1,
        0 * 4 + 3,
        3 * 4 + 1,
        3 * 4 + 3,
    ]
    assert np.flatnonzero(np.diff(after.starts)).tolist() == [
        2 * 4 + 1,
        2 * 4 + 3,
        3 * 4 + 1,
        3 * 4 + 3,
    ]


def key(scheme: str, unit: str, key: str, first: str = "", last: str = "") -> RegisterRow:
    return RegisterRow("put_membership", "enterprise", unit, "", f":key.{scheme}", key, first, last)


def test_a_department_s_key_belongs_to_a_unit_while_its_span_lasts() -> None:
    register = Register(unit_id)
    rows = [
        *UNITS,
        key("meter", "u0", "K1", "", "2026-02-15"),
        key("meter", "u1", "K1", "2026-02-15"),
        key("meter", "u2", "K2"),
        key("parcel", "u3", "K2"),
        key("meter", "u4", "K3"),
        RegisterRow("drop_unit", "enterprise", "u4"),
        key("meter", "u3", "K4"),
        RegisterRow("drop_membership", "enterprise", "u3", grouping=":key.meter", member="K4"),
    ]
    register.apply(rows, [unit_id(row.kind, row.code) for row in rows])
    asked = np.array([unit_id("meter", f"K{at}") for at in (2, 1, 3, 4, 5)], np.uint64)
    assert register.unit_of_keys("enterprise", "meter", asked, 202601).tolist() == [
        2,
        0,
        -1,
        -1,
        -1,
    ]
    assert register.unit_of_keys("enterprise", "meter", asked, 202602).tolist() == [
        2,
        1,
        -1,
        -1,
        -1,
    ]
    parcels = np.array([unit_id("parcel", "K2"), unit_id("meter", "K2")], np.uint64)
    assert register.unit_of_keys("enterprise", "parcel", parcels, 202601).tolist() == [3, -1]
    assert register.unit_of_keys("project", "meter", asked[:1], 202601).tolist() == [-1]


def test_keys_are_not_looked_up_in_a_register_that_was_not_told_how_they_are_numbered() -> None:
    with pytest.raises(KeysWithoutIdsError):
        folded(UNITS).unit_of_keys("enterprise", "meter", np.zeros(1, np.uint64), 202601)
