"""Figures out of several tables: merged January, longer periods, held stocks, derived values."""

from typing import Any

import numpy as np
import pytest

from indicators.register import Register
from tests.indicators.cities import register, unit
from tests.indicators.several_tables import Given, block, city, indicator

CUM = [indicator(1, "cum", {"cum": 1}, measures=["current", "ytd", "rolling12"],
                 also=["quarter", "year"])]  # fmt: skip
OUT = [indicator(1, "out", {"out": 1}, measures=["current", "ytd", "rolling12"],
                 also=["quarter", "year"])]  # fmt: skip


def one() -> Register:
    return register(unit("A", "X"))


def value(found: Any, at: int = 0) -> float | None:
    return None if np.isnan(found.value[at]) else float(found.value[at])


CUMULATED: Given = {("M", "cum", 202500 + month): [float(10 * month)] for month in range(2, 13)} | {
    ("M", "cum", 202602): [24.0],
    ("M", "cum", 202603): [39.0],
}
MONTHLY: Given = {("M", "out", 202502): [20.0]} | {
    ("M", "out", 202500 + month): [10.0] for month in range(3, 13)
}


@pytest.mark.parametrize(
    ("period", "measure", "expected"),
    [
        (202601, "current", None), (202602, "current", None), (202603, "current", 15.0),
        (202602, "ytd", 24.0), (202601, "ytd", None), (202503, "current", 10.0),
        # of 12 months: 2025-M04 to M12 are 90, January and February 24, March 15
        (202603, "rolling12", 129.0), (202602, "rolling12", 124.0), (202601, "rolling12", None),
        (202521, "current", 30.0), (202522, "current", 30.0), (202621, "ytd", 39.0),
        (202500, "current", 120.0), (202600, "current", None),
    ],
)  # fmt: skip
def test_a_year_to_date_item_with_merged_january_gives_what_can_be_known(
    period: int, measure: str, expected: float | None
) -> None:
    assert value(block(city(CUM), one(), CUMULATED, "cum", period, measure)) == expected


@pytest.mark.parametrize(
    ("period", "measure", "expected"),
    [
        (202502, "current", None), (202503, "current", 10.0), (202502, "ytd", 20.0),
        (202503, "ytd", 30.0), (202512, "rolling12", 120.0), (202521, "current", 30.0),
        (202522, "current", 30.0), (202524, "ytd", 120.0), (202500, "current", 120.0),
    ],
)  # fmt: skip
def test_a_monthly_item_with_merged_january_is_summed_from_february(
    period: int, measure: str, expected: float | None
) -> None:
    assert value(block(city(OUT), one(), MONTHLY, "out", period, measure)) == expected


def test_a_year_that_lacks_a_month_has_no_sum() -> None:
    lacking = {key: cell for key, cell in MONTHLY.items() if key[2] != 202507}
    found = block(city(OUT), one(), lacking, "out", 202500, "current")
    assert value(found) is None
    assert found.reason == ["no_units"]


def test_a_month_told_beside_the_year_to_date_shows_what_was_adjusted_before() -> None:
    cells: Given = {
        ("M", "cum", 202603): [30.0, 30.0],
        ("M", "cum", 202604): [45.0, 45.0],
        ("M", "month", 202604): [15.0, 12.0],
    }
    units = register(unit("A", "X"), unit("B", "X"))
    found = block(city(CUM), units, cells, "cum", 202604, "current")
    assert (value(found), found.reason) == (30.0, ["prior_adjustment=1"])


PER_AREA = [indicator(1, "per_area", {"profit": 1}, {"area": "3/2000"}, measures=["current"])]


def test_a_yearly_stock_holds_until_it_is_replaced_and_its_age_is_told() -> None:
    cells: Given = {
        ("M", "profit", 202603): [10.0, 30.0],
        ("Y", "area", 202400): [2000.0, 2000.0],
        ("Y", "area", 202500): [None, 4000.0],
        ("Y", "area", 202600): [9999.0, 9999.0],
    }
    units = register(unit("A", "X"), unit("B", "X"))
    found = block(city(PER_AREA), units, cells, "per_area", 202603, "current")
    assert found.value[0] == 40 / 9
    assert found.reason == ["held_stock=2:2024"]
    early = block(city(PER_AREA), units, {**cells, ("M", "profit", 202412): [1.0, 1.0]},
                  "per_area", 202412, "current")  # fmt: skip
    assert early.reason == ["held_stock=2:2024"]


def test_a_unit_without_land_is_in_neither_side() -> None:
    cells: Given = {
        ("M", "profit", 202603): [10.0, 30.0],
        ("Y", "area", 202500): [2000.0 * 2 / 3, None],
    }
    units = register(unit("X1", "X"), unit("Y1", "X"))
    found = block(city(PER_AREA), units, cells, "per_area", 202603, "current")
    assert found.units.tolist() == [1]
    assert round(found.value[0], 4) == 5.0


POWER = [indicator(1, "power", {"power": 1}, own="D", measures=["current"])]
POWER_OF_M = [indicator(1, "power", {"power": 1}, measures=["current", "yoy_same"])]


def test_an_item_of_the_own_table_is_read_from_it_alone() -> None:
    cells: Given = {("D", "power", 202603): [1.0, None], ("X", "power", 202603): [5.0, 5.0]}
    units = register(unit("A", "X"), unit("B", "X"))
    found = block(city(POWER), units, cells, "power", 202603, "current")
    assert (value(found), found.units.tolist()) == (1.0, [1])


def test_of_several_sources_the_first_in_precedence_that_reports_is_read() -> None:
    cells: Given = {("D", "power", 202603): [1.0, 2.0], ("X", "power", 202603): [5.0, None]}
    units = register(unit("A", "X"), unit("B", "X"))
    assert value(block(city(POWER_OF_M), units, cells, "power", 202603, "current")) == 7.0


def test_growth_never_compares_one_source_with_another() -> None:
    cells: Given = {
        ("X", "power", 202603): [6.0, None], ("D", "power", 202603): [1.0, 3.0],
        ("D", "power", 202503): [1.0, 2.0],
    }  # fmt: skip
    units = register(unit("A", "X"), unit("B", "X"))
    found = block(city(POWER_OF_M), units, cells, "power", 202603, "yoy_same")
    assert (value(found), found.reason) == (0.5, ["units_without_base=1:A"])


def test_firms_with_a_loss_are_counted_over_the_window() -> None:
    derived = [
        {"code": "lossmaking", "name": {"zh": "亏损", "en": "l"},
         "when": {"item": "profit", "below": "0"}},
        {"code": "firms", "name": {"zh": "企业", "en": "f"}, "when": {"item": "profit",
         "above": "-100000"}},
    ]  # fmt: skip
    share = [indicator(1, "loss", {"lossmaking": 100}, {"firms": 1}, measures=["current", "ytd"])]
    cells: Given = {
        ("M", "profit", 202601): [-5.0, 3.0, 1.0, None],
        ("M", "profit", 202602): [9.0, -1.0, 0.0, -3.0],
    }
    units = register(*(unit(code, "X") for code in "ABCD"))
    given = city(share, derived=derived)
    # in February B and D; in the year to date none of A, B and C (D lacks January)
    assert value(block(given, units, cells, "loss", 202602, "current")) == 50.0
    found = block(given, units, cells, "loss", 202602, "ytd")
    assert (value(found), found.units.tolist()) == (0.0, [3])


def test_an_item_of_units_with_an_attribute_is_a_part_of_the_whole() -> None:
    derived = [{"code": "high_tech", "name": {"zh": "高技术", "en": "h"}, "item": "energy",
                "when": {"attribute": "class_code", "starts_with": ["27", "39"]}}]  # fmt: skip
    share = [indicator(1, "share", {"high_tech": 1}, {"energy": 1})]
    units = register(
        unit("A", "X", class_code="2710"), unit("B", "X", class_code="1320"), unit("C", "X")
    )
    cells: Given = {("M", "energy", 202603): [30.0, 50.0, 20.0]}
    found = block(city(share, derived=derived), units, cells, "share", 202603, "current")
    assert value(found) == 0.3
