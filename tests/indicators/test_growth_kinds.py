"""Growth of ratios, at constant prices and over two years; contributions by line; totals."""

import math
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from tests.indicators.cities import name, register, unit
from tests.indicators.several_tables import Given, block, city, indicator

NOW, BEFORE, EARLIER = 202603, 202503, 202403
CITY_DEFLATOR = {
    "code": "ppi", "name": name("价格"), "source": "示例", "current": {"2026-M03": "125"},
}  # fmt: skip


def test_growth_of_a_ratio_is_formed_once_from_four_sums() -> None:
    given = city([indicator(1, "r", {"profit": 1}, {"energy": 1}, measures=["yoy_same"])])
    cells: Given = {
        ("M", "profit", NOW): [30.0, 10.0, 7.0], ("M", "energy", NOW): [10.0, 10.0, 1.0],
        ("M", "profit", BEFORE): [10.0, 10.0, None], ("M", "energy", BEFORE): [5.0, 10.0, 1.0],
    }  # fmt: skip
    units = register(*(unit(code, "X") for code in "ABC"))
    found = block(given, units, cells, "r", NOW, "yoy_same")
    # (40/20) / (20/15) - 1; C has no base in every item of the formula
    assert found.value[0] == 0.5
    assert found.numerator.tolist() == [2 * 10**10]
    assert found.denominator.tolist() == [13_333_333_333]
    assert found.reason == ["units_without_base=1:C"]


def test_energy_per_value_added_falls_by_the_growth_of_both_at_constant_prices() -> None:
    given = city(
        [indicator(1, "rate", {"energy": 1}, {"profit": 1}, measures=["yoy_same"],
                   constant_prices={"profit": "ppi"})],
        deflators=[CITY_DEFLATOR],
    )  # fmt: skip
    cells: Given = {
        ("M", "energy", NOW): [99.0], ("M", "energy", BEFORE): [90.0],
        ("M", "profit", NOW): [150.0], ("M", "profit", BEFORE): [100.0],
    }  # fmt: skip
    found = block(given, register(unit("A", "X")), cells, "rate", NOW, "yoy_same")
    # energy +10 %; value added 150 against 100 × 1.25 = +20 % at constant prices
    assert math.isclose(found.value[0], 1.10 / 1.20 - 1, rel_tol=1e-12)


def test_units_take_the_price_index_of_their_industry_and_have_no_base_without_one() -> None:
    industries = {
        "id": 2, "code": "industry", "name": name("行业"), "partition": True,
        "members": [{"code": code, "name": name(code)} for code in ("P", "Q", "R")],
    }  # fmt: skip
    deflator = {
        "code": "by_industry", "name": name("价格"), "source": "示例", "by": "industry",
        "members": {"P": {"current": {"2026-M03": "110"}}, "Q": {"current": {"2026-M03": "80.5"}}},
    }  # fmt: skip
    base = city([])
    given = city(
        [indicator(1, "real", {"profit": 1}, measures=["yoy_same"], levels=["city"],
                   constant_prices={"profit": "by_industry"})],
        groupings=[base.groupings[0].model_dump(), industries],
        deflators=[deflator],
    )  # fmt: skip
    rows = [unit(code, "X") for code in "ABC"]
    for part, member in zip(rows, "PQR", strict=True):
        put = part[1]
        part.append(type(put)("put_membership", "enterprise", part[0].code,
                              grouping="industry", member=member))  # fmt: skip
    cells: Given = {
        ("M", "profit", NOW): [220.0, 161.0, 9.0],
        ("M", "profit", BEFORE): [100.0, 200.0, 9.0],
    }
    found = block(given, register(*rows), cells, "real", NOW, "yoy_same")
    assert found.numerator.tolist() == [381 * 10**10]
    assert found.denominator.tolist() == [(110 + 161) * 10**10]
    assert found.reason == ["units_without_base=1:C"]


def test_the_average_of_two_years_is_of_the_units_listed_now() -> None:
    given = city([indicator(1, "p", {"profit": 1}, measures=["two_year_same"])])
    cells: Given = {
        ("M", "profit", NOW): [144.0, 5.0], ("M", "profit", BEFORE): [1.0, 1.0],
        ("M", "profit", EARLIER): [100.0, None],
    }  # fmt: skip
    units = register(unit("A", "X"), unit("B", "X"))
    found = block(given, units, cells, "p", NOW, "two_year_same")
    assert math.isclose(found.value[0], 0.2, rel_tol=1e-12)
    assert found.reason == ["units_without_base=1:B"]


def test_the_average_of_two_years_is_exact_where_next_to_nothing_is_left() -> None:
    given = city([indicator(1, "p", {"profit": 1}, measures=["two_year_same"])])
    cells: Given = {
        ("M", "profit", NOW): [0.0001], ("M", "profit", BEFORE): [1.0],
        ("M", "profit", EARLIER): [7_000_000.0],
    }  # fmt: skip
    found = block(given, register(unit("A", "X")), cells, "p", NOW, "two_year_same")
    exact = float((Decimal("0.0001") / 7_000_000).sqrt() - 1)
    assert math.isclose(found.value[0], exact, rel_tol=1e-15)


def worked_example() -> tuple[Any, Given]:
    """The domain's A to E, of which D is in district Y with B."""
    units = register(
        unit("A", "X"),
        unit("B", "Y"),
        unit("C", "X", listed_to="2026-03-01"),
        unit("D", "Y", listed_from="2026-03-01"),
        unit("E", "X", listed_from="2026-03-01"),
    )
    cells: Given = {
        ("M", "profit", BEFORE): [100.0, 100.0, 50.0, 0.0, 18.0],
        ("M", "profit", NOW): [110.0, 0.0, None, 40.0, 24.0],
    }
    return units, cells


@pytest.mark.parametrize(
    ("kind", "whole", "lines", "base"),
    [
        # 同口径: A +10, B -100 stay; D +40 and E 24 - 18 enter
        ("contribution", -44, {"continuing": -90, "entries": 46, "exits": 0}, 218),
        # 名义: published 174 against 250; D and E enter whole, C leaves
        ("contribution_nominal", -76, {"continuing": -90, "entries": 64, "exits": -50}, 250),
    ],
)
def test_entries_and_exits_are_lines_of_their_own_that_add_up(
    kind: str, whole: int, lines: dict[str, int], base: int
) -> None:
    measures = [kind, *(f"{kind}_{line}" for line in lines)]
    given = city([indicator(1, "p", {"profit": 1}, measures=measures)])
    units, cells = worked_example()
    found = block(given, units, cells, "p", NOW, kind)
    assert found.numerator.tolist() == [whole * 10**10]
    assert found.denominator.tolist() == [base * 10**10]
    for level in ("city", "district"):
        total = np.zeros_like(block(given, units, cells, "p", NOW, kind, level).numerator)
        for line, points in lines.items():
            part = block(given, units, cells, "p", NOW, f"{kind}_{line}", level)
            assert int(part.numerator.sum()) == points * 10**10
            total = total + part.numerator
        whole_block = block(given, units, cells, "p", NOW, kind, level)
        assert total.tolist() == whole_block.numerator.tolist()


def test_kept_leavers_are_the_exits_of_same_unit_growth() -> None:
    given = city([indicator(1, "p", {"profit": 1}, exits="keep_base",
                            measures=["contribution", "contribution_exits"])])  # fmt: skip
    units, cells = worked_example()
    exits = block(given, units, cells, "p", NOW, "contribution_exits", "district")
    assert exits.numerator.tolist() == [-50 * 10**10, 0]
    assert exits.units.tolist() == [1, 0]
    assert set(exits.denominator.tolist()) == {268 * 10**10}


def test_the_total_of_an_overlapping_grouping_counts_each_unit_once() -> None:
    zones = {
        "id": 2, "code": "zone", "name": name("功能区"), "partition": False,
        "members": [{"code": code, "name": name(code)} for code in ("Z1", "Z2")],
    }  # fmt: skip
    given = city(
        [indicator(1, "p", {"profit": 1}, levels=["city", "zone"], measures=["current", "share"])],
        groupings=[city([]).groupings[0].model_dump(), zones],
    )
    rows = [unit(code, "X") for code in "ABC"]
    for part, members in zip(rows, (("Z1", "Z2"), ("Z1",), ()), strict=True):
        for member in members:
            part.append(type(part[1])("put_membership", "enterprise", part[0].code,
                                      grouping="zone", member=member))  # fmt: skip
    cells: Given = {("M", "profit", NOW): [10.0, 20.0, 70.0]}
    found = block(given, register(*rows), cells, "p", NOW, "current", "zone")
    assert list(found.subjects) == ["Z1", "Z2", "total"]
    assert found.value.tolist() == [30.0, 10.0, 30.0]
    assert found.reason == ["", "", "overlap_units=1"]
    share = block(given, register(*rows), cells, "p", NOW, "share", "zone")
    assert share.value.tolist() == [0.3, 0.1, 0.3]
