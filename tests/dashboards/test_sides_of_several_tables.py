"""A trace adds up to its figure where the core reads several tables, prices and conditions."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboards.console.factors import Factors, factors_of
from dashboards.console.held_cells import HeldCells
from dashboards.console.reasons import Reasons
from dashboards.console.sides import DENOMINATOR, NUMERATOR, NUMERATOR_BELOW, Asked, FigureSides
from granary.keys import REPORTED
from granary.records import RegisterRow
from indicators.amounts import SIDE_SCALE
from indicators.catalogue import Catalogue
from indicators.figures import Figures
from indicators.periods import format_period
from indicators.register import Register
from indicators.vocabulary import CONTRIBUTIONS, TOTAL, split_measure
from tests.dashboards.test_sides import subjects
from tests.indicators.cities import NoCalendar, name, register, unit
from tests.indicators.several_tables import Given, TableCells, city, indicator

NOW, QUARTER, YEAR = 202603, 202601 + 20, 202600
MONTHS = [
    *range(202301, 202313),
    *range(202401, 202413),
    *range(202501, 202513),
    *range(202601, 202604),
]
YEARS = [202200, 202300, 202400, 202500]
GROWS = ["yoy_same", "yoy_matched", "yoy_nominal", "two_year_same", "mom"]
PLAIN = ["current", "ytd", "rolling12"]
LEVELS = ["city", "district", "chain", ["chain", "district"]]
INDEX = {format_period(period): "102.5" for period in (*MONTHS, 202521, QUARTER)}


def rich_city() -> Catalogue:
    """Every way in which a figure comes out of more than one linear item of one table."""
    ratio = ["current", "ytd", *GROWS, "ytd_yoy_same"]
    longer: dict[str, Any] = {"levels": LEVELS, "also": ["quarter", "year"]}
    members = {"X": {"current": INDEX, "ytd": INDEX}, "Y": {"current": INDEX}}
    return city(
        [
            indicator(1, "output", {"out": 1}, exits="keep_base", **longer,
                      measures=[*PLAIN, *GROWS, "ytd_yoy_same", "share", *CONTRIBUTIONS]),
            indicator(2, "sales", {"cum": 1}, measures=[*PLAIN, *GROWS, "share"], **longer),
            indicator(3, "per_area", {"out": 1}, {"area": "3/2000"}, measures=ratio, **longer),
            indicator(4, "intensity", {"power": 1}, {"out": 2}, measures=ratio, **longer),
            indicator(5, "losers", {"losing": 1}, {"all": 1}, measures=ratio, **longer),
            indicator(6, "losses", {"loss": -1}, measures=[*PLAIN, *GROWS], **longer),
            indicator(7, "many", {"losing": 1}, levels=LEVELS,
                      measures=["current", "ytd", "yoy_same", "share", *CONTRIBUTIONS]),
            indicator(8, "real", {"out": 1}, levels=LEVELS, constant_prices={"out": "price"},
                      measures=["current", "yoy_same", "yoy_nominal", "ytd_yoy_same",
                                *CONTRIBUTIONS]),
            indicator(9, "saving", {"energy": 1}, {"out": 1}, levels=LEVELS,
                      constant_prices={"out": "price"}, measures=["current", "yoy_same"]),
            indicator(10, "makers", {"making": 1}, levels=LEVELS, measures=["current", "yoy_same"]),
            indicator(11, "making_out", {"made": 1, "power": "1/2"}, levels=LEVELS,
                      measures=["current", "ytd", "yoy_matched", "mom"]),
        ],
        groupings=[
            {"id": 1, "code": "district", "name": name("区县"), "partition": True,
             "members": [{"code": code, "name": name(code)} for code in "XY"]},
            {"id": 2, "code": "chain", "name": name("产业链"), "partition": False,
             "members": [{"code": code, "name": name(code)} for code in "PQ"]},
        ],
        crosses=[["chain", "district"]],
        derived=[
            {"code": "losing", "name": name("亏损家数"), "when": {"item": "profit", "below": 0}},
            {"code": "loss", "name": name("亏损额"), "item": "profit",
             "when": {"item": "profit", "below": 0}},
            {"code": "all", "name": name("家数")},
            {"code": "making", "name": name("制造业家数"),
             "when": {"attribute": "industry", "starts_with": ["13"]}},
            {"code": "made", "name": name("制造业产值"), "item": "out",
             "when": {"attribute": "industry", "starts_with": ["13"]}},
        ],
        deflators=[{"code": "price", "name": name("价格"), "by": "district", "members": members,
                    "source": "example"}],
    )  # fmt: skip


def units() -> Register:
    """A in both chains, one that left, one that came, and one in a chain the catalogue lacks."""

    def of(code: str, district: str, *chains: str, **facts: str) -> list[RegisterRow]:
        return [
            *unit(code, district, **facts),
            *(RegisterRow("put_membership", "enterprise", code, grouping="chain", member=chain)
              for chain in chains),
        ]  # fmt: skip

    return register(
        of("A", "X", "P", "Q", industry="1310"),
        of("B", "Y", "P", industry="2010"),
        of("C", "X", "Q", listed_to="2026-02-01", industry="1320"),
        of("D", "Y", "gone", listed_from="2025-12-01", industry="1330"),
        of("E", "X", "P", "gone", listed_from="2025-05-01"),
        of("A1", "X", "P", part_of="A"),
    )


CITY, UNITS, SIZE = rich_city(), units(), 6
COLUMNS = [
    (table.code, item, period)
    for table in CITY.tables
    for item in table.items
    for period in (YEARS if table.code == "Y" else MONTHS)
]
VALUE = st.one_of(st.none(), st.integers(-9, 99))
COLUMN = st.one_of(st.just([7, 5, 3, 2, -1, 4]), st.lists(VALUE, min_size=SIZE, max_size=SIZE))


def held(given: Given) -> HeldCells:
    cells = TableCells(given, SIZE)
    return HeldCells({slot: cells.values(*slot) for slot in given}, SIZE)


def traced(code: str, measure: str, period: int, given: Given) -> Iterator[tuple[Any, ...]]:
    """(what was asked, factors, numerator, denominator, those of the figure)"""
    one, cells = CITY.indicator[code], held(given)
    figures = Figures(CITY, UNITS, TableCells(given, SIZE), NoCalendar())
    for block in figures.of(one, period, measure, None):
        for at, asked in subjects(block):
            sides = FigureSides(CITY, UNITS, one, asked)
            slots = sides.slots({"Y": frozenset(YEARS)})
            read = HeldCells({s: v for s, v in cells.slots.items() if s in slots}, SIZE)
            factors = factors_of(sides, read)
            above, below = sides.of_sums(factors.sums(read))
            if split_measure(measure)[1] == "" and not one.is_ratio:
                below = SIDE_SCALE
            told = (int(block.numerator[at]), int(block.denominator[at]))
            yield asked, factors, (above, below), told


@pytest.mark.parametrize("code", [one.code for one in CITY.indicators])
@given(data=st.data())
@settings(max_examples=2, deadline=None)
def test_the_traced_rows_add_up_to_every_figure(code: str, data: st.DataObject) -> None:
    given: Given = {slot: data.draw(COLUMN) for slot in COLUMNS}
    one = CITY.indicator[code]
    periods = [NOW, *([QUARTER, YEAR] if one.also else [])]
    for measure in one.measures:
        for period in periods:
            for asked, factors, found, told in traced(code, measure, period, given):
                assert found == told, asked
                for count in factors.counts if code != "makers" else ():
                    # Every unit that is counted has a row that says so.
                    assert ((count.rests_on >= 0) == (count.factor != 0)).all(), asked


def whole(code: str, given: Given, measure: str = "current", **key: Any) -> tuple[Any, Factors]:
    asked = Asked(**{"level": "city", "subject": "", "by_level": "", "by_subject": "",
                     "period": NOW, "measure": measure, **key})  # fmt: skip
    sides = FigureSides(CITY, UNITS, CITY.indicator[code], asked)
    return sides, factors_of(sides, held(given))


def test_a_counted_unit_leads_to_the_value_it_is_counted_by() -> None:
    given: Given = {("M", "profit", NOW): [-3, 4, None, -1, 0, -9]}
    _, factors = whole("many", given)
    assert factors.linear == {}
    (count,) = factors.counts
    assert (count.into, count.code) == (NUMERATOR, "losing")
    assert count.factor.tolist() == [1_000_000, 0, 0, 1_000_000, 0, 0]
    assert factors.counted(("M", "profit", NOW), 0) == [count]
    assert factors.counted(("M", "profit", NOW), 1) == []


def test_a_count_over_months_rests_on_the_last_of_them() -> None:
    given: Given = {("M", "profit", month): [-3] * SIZE for month in (202601, 202602, NOW)}
    _, factors = whole("many", given, "ytd")
    assert factors.counted(("M", "profit", NOW), 0) != []
    assert factors.counted(("M", "profit", 202602), 0) == []


def test_only_the_source_that_goes_first_enters_and_the_other_row_says_so() -> None:
    given: Given = {
        ("M", "out", NOW): [10] * SIZE,
        ("D", "power", NOW): [5, 5, 5, 5, None, 5],
        ("X", "power", NOW): [6, None, None, 6, None, 6],
    }
    sides, factors = whole("intensity", given)
    assert factors.linear["X", "power", NOW][NUMERATOR].tolist() == [1e6, 0, 0, 1e6, 0, 0]
    assert factors.linear["D", "power", NOW][NUMERATOR].tolist() == [0, 1e6, 0, 0, 0, 0]
    reasons = Reasons(sides, held(given), factors)
    assert reasons.of(("D", "power", NOW), 0, REPORTED) == ("other_table", [])
    assert reasons.of(("M", "out", NOW), 4, REPORTED) == ("incomplete", ["power"])
    assert reasons.of(("M", "out", NOW), 2, REPORTED) == ("not_listed", [])


def test_a_held_stock_leads_to_the_year_it_rests_on() -> None:
    given: Given = {
        ("M", "out", NOW): [10] * SIZE,
        ("Y", "area", 202400): [20] * SIZE,
        ("Y", "area", 202500): [30, None, 30, 30, 30, 30],
    }
    sides, factors = whole("per_area", given)
    assert factors.linear["Y", "area", 202500][DENOMINATOR].tolist() == [1500, 0, 0, 1500, 1500, 0]
    assert factors.linear["Y", "area", 202400][DENOMINATOR].tolist() == [0, 1500, 0, 0, 0, 0]
    reasons = Reasons(sides, held(given), factors)
    assert reasons.of(("Y", "area", 202400), 0, REPORTED) == ("replaced", [])


def test_a_base_at_constant_prices_enters_by_its_index() -> None:
    given: Given = {("M", "out", month): [10] * SIZE for month in (NOW, NOW - 100)}
    _, factors = whole("real", given, "yoy_same")
    assert factors.linear["M", "out", NOW - 100][DENOMINATOR][0] == 1_025_000
    assert factors.linear["M", "out", NOW][NUMERATOR][0] == 1_000_000


def test_growth_of_a_ratio_leads_to_all_four_sums() -> None:
    given: Given = {
        (table, item, month): [10] * SIZE
        for table, item in (("M", "out"), ("D", "power"))
        for month in (NOW, NOW - 100)
    }
    _, factors = whole("intensity", given, "yoy_same")
    into = {side for by_side in factors.linear.values() for side in by_side}
    assert into == {NUMERATOR, NUMERATOR_BELOW, DENOMINATOR, "denominator_below"}


def test_a_value_outside_the_condition_says_so() -> None:
    given: Given = {("M", "profit", NOW): [-3, 4, None, -1, 0, -9]}
    sides, factors = whole("losses", given)
    assert Reasons(sides, held(given), factors).of(("M", "profit", NOW), 1, REPORTED) == (
        "condition", [],
    )  # fmt: skip


def test_a_month_reported_beside_its_year_to_date_is_only_compared_with() -> None:
    given: Given = {
        ("M", "cum", 202602): [4] * SIZE,
        ("M", "cum", NOW): [9] * SIZE,
        ("M", "month", NOW): [6] * SIZE,
    }
    sides, factors = whole("sales", given)
    assert set(factors.linear) == {("M", "cum", 202602), ("M", "cum", NOW)}
    reasons = Reasons(sides, held(given), factors)
    assert reasons.of(("M", "month", NOW), 0, REPORTED) == ("beside", [])


def test_a_total_has_the_members_units_once_and_those_of_unknown_members_never() -> None:
    asked = Asked("chain", TOTAL, "", "", NOW, "current")
    sides = FigureSides(CITY, UNITS, CITY.indicator["output"], asked)
    assert np.flatnonzero(sides.members(NOW)).tolist() == [0, 1, 2, 4, 5]
