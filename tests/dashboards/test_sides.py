"""The factors of a trace: what they add up to is the figure of the core, for every measure."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboards.console.factors import factors_of
from dashboards.console.held_cells import HeldCells
from dashboards.console.sides import DENOMINATOR, NUMERATOR, Asked, FigureSides
from granary.records import RegisterRow
from indicators.amounts import SIDE_SCALE
from indicators.catalogue import Catalogue, Indicator
from indicators.figure_block import FigureBlock
from indicators.figures import Figures
from indicators.register import Register
from tests.indicators.cities import GivenCells, NoCalendar, catalogue, name, register, unit

NOW = 202603
MONTHS = [*range(202401, 202413), *range(202501, 202513), *range(202601, 202604)]
MEASURES = [
    "current", "ytd", "rolling12", "mom", "yoy_same", "yoy_matched", "yoy_nominal",
    "ytd_yoy_same", "ytd_yoy_matched", "ytd_yoy_nominal", "share", "contribution",
]  # fmt: skip


def item(number: int, code: str, **facts: Any) -> dict[str, Any]:
    return {"id": number, "code": code, "name": name(code), "unit": "万元", "decimals": 4,
            "kind": "flow", **facts}  # fmt: skip


def a_city(**changes: Any) -> Catalogue:
    """Month values with a reported 上年同期, a year-to-date item, a stock, and three indicators."""
    one = {"dimension": "operation", "table": "T", "unit": "万元", "decimals": 1}
    levels = ["city", "district", ["district", "industry"]]
    members = [{"code": code, "name": name(code)} for code in "XY"]
    industries = [{"code": code, "name": name(code)} for code in "PQ"]
    return catalogue(
        groupings=[
            {"id": 1, "code": "district", "name": name("区县"), "partition": True,
             "members": members},
            {"id": 2, "code": "industry", "name": name("行业"), "partition": False,
             "members": industries},
        ],
        crosses=[["district", "industry"]],
        items=[
            item(1, "t", prior="tp"), item(2, "tp"), item(3, "cum", reported="year_to_date"),
            item(4, "land", kind="stock", unit="m²"),
        ],
        tables=[
            {"id": 1, "code": "T", "name": name("表"), "frequency": "month", "source": "district",
             "items": ["t", "tp", "cum", "land"], "mandatory": ["t"], "purpose": "statistical",
             "legal_basis": "example"}
        ],
        indicators=[
            {"id": 1, "code": "output", "name": name("产值"), "numerator": {"t": 1},
             "measures": MEASURES, "levels": levels, "exits": "keep_base", **one},
            {"id": 2, "code": "revenue", "name": name("营收"), "numerator": {"cum": 1},
             "measures": MEASURES, "levels": levels, **one},
            {"id": 3, "code": "per_mu", "name": name("亩均"), "numerator": {"cum": 1, "t": -2},
             "denominator": {"land": "3/2000"}, "measures": ["current", "ytd", "rolling12"],
             "levels": levels, **one},
        ],
        **changes,
    )  # fmt: skip


def units() -> Register:
    """Two ordinary units, one that left, a new one, and a part of the first."""
    made = [
        [*unit("A", "X"), *_in("A", "P"), *_in("A", "Q")],
        [*unit("B", "Y"), *_in("B", "P")],
        [*unit("C", "X", listed_to="2026-02-01"), *_in("C", "Q")],
        [*unit("D", "Y", listed_from="2025-12-01"), *_in("D", "Q")],
        [*unit("A1", "X", part_of="A"), *_in("A1", "P")],
    ]
    return register(*made)


def _in(code: str, industry: str) -> list[RegisterRow]:
    return [RegisterRow("put_membership", "enterprise", code, grouping="industry", member=industry)]


def held(found: GivenCells, codes: list[str], months: list[int], size: int) -> HeldCells:
    slots = {
        ("T", code, month): found.values("T", code, month) for code, month in product(codes, months)
    }
    return HeldCells(slots, size)


def subjects(block: FigureBlock) -> Iterator[tuple[int, Asked]]:
    for at, (one, other) in enumerate(zip(block.subjects, block.by_subjects, strict=True)):
        yield at, Asked(block.level, one, block.by_level, other, block.period, block.measure)


def check(city: Catalogue, indicator: Indicator, measure: str, given: GivenCells) -> None:
    listed = units()
    size = listed.size("enterprise")
    cells = held(given, [one.code for one in city.items], MONTHS, size)
    figures = Figures(city, listed, given, NoCalendar())
    for block in figures.of(indicator, NOW, measure, None):
        for at, asked in subjects(block):
            sides = FigureSides(city, listed, indicator, asked)
            factors = factors_of(sides, cells)
            above, below = sides.of_sums(factors.sums(cells))
            if measure in ("current", "ytd", "rolling12") and not indicator.is_ratio:
                below = SIDE_SCALE
            assert above == int(block.numerator[at]), asked
            assert below == int(block.denominator[at]), asked
            assert sides.slots() >= set(factors.linear)


CITY = a_city()
AMOUNTS = st.lists(st.one_of(st.none(), st.integers(-9, 99)), min_size=5, max_size=5)
COLUMN = st.one_of(st.just([7, 5, 3, 2, 1]), AMOUNTS)


@pytest.mark.parametrize("indicator", CITY.indicators, ids=lambda one: one.code)
@given(data=st.data())
@settings(max_examples=3, deadline=None)
def test_the_factors_add_up_to_the_figure_whatever_is_reported(
    indicator: Indicator, data: st.DataObject
) -> None:
    given = {month: {one.code: data.draw(COLUMN) for one in CITY.items} for month in MONTHS}
    for measure in indicator.measures:
        check(CITY, indicator, measure, GivenCells(given, 5))


def test_a_unit_counts_only_if_every_item_of_the_formula_is_reported() -> None:
    city = catalogue()
    both = register(unit("X1", "X"), unit("Y1", "Y"))
    cells = HeldCells(
        {
            ("T", "tax", NOW): (np.array([100_000, 300_000]), np.array([True, True])),
            ("T", "land", NOW): (np.array([20_000, 0]), np.array([True, False])),
        },
        2,
    )
    asked = Asked("city", "example", "", "", NOW, "current")
    factors = factors_of(FigureSides(city, both, city.indicator["tax_per_mu"], asked), cells).linear
    assert factors["T", "tax", NOW][NUMERATOR].tolist() == [1_000_000, 0]
    assert factors["T", "land", NOW][DENOMINATOR].tolist() == [1_500, 0]


def test_the_month_of_a_year_to_date_item_is_this_one_less_the_one_before() -> None:
    there = np.ones(5, bool)
    slots = {("T", "cum", month): (np.full(5, month), there) for month in (202602, NOW)}
    asked = Asked("district", "Y", "", "", NOW, "current")
    sides = FigureSides(CITY, units(), CITY.indicator["revenue"], asked)
    factors = factors_of(sides, HeldCells(slots, 5)).linear
    assert factors["T", "cum", NOW][NUMERATOR].tolist() == [0, 1_000_000, 0, 1_000_000, 0]
    assert factors["T", "cum", 202602][NUMERATOR].tolist() == [0, -1_000_000, 0, -1_000_000, 0]


def test_a_reported_base_takes_the_place_of_the_stored_one() -> None:
    year_ago = NOW - 100
    slots = {
        ("T", "t", NOW): (np.full(5, 9), np.ones(5, bool)),
        ("T", "t", year_ago): (np.full(5, 5), np.ones(5, bool)),
        ("T", "tp", NOW): (np.full(5, 6), np.array([True, False, False, False, False])),
    }
    asked = Asked("city", "example", "", "", NOW, "yoy_same")
    sides = FigureSides(CITY, units(), CITY.indicator["output"], asked)
    factors = factors_of(sides, HeldCells(slots, 5)).linear
    # A reports its own base; B's and D's stand as stored; C left and keeps its base; A1 is a part.
    assert factors["T", "tp", NOW][DENOMINATOR].tolist() == [1_000_000, 0, 0, 0, 0]
    assert factors["T", "t", year_ago][DENOMINATOR].tolist() == [
        0,
        1_000_000,
        1_000_000,
        1_000_000,
        0,
    ]


def test_the_cells_to_read_are_those_that_the_core_reads() -> None:
    asked = Asked("city", "example", "", "", NOW, "ytd")
    sides = FigureSides(CITY, units(), CITY.indicator["output"], asked)
    assert sides.slots() == {("T", "t", month) for month in (202601, 202602, 202603)}
