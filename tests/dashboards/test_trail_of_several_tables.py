"""Traces, rankings and choices of a stored city of several tables, quarters and overlaps."""

from typing import Any

import pytest

from dashboards.console.cards import card, names
from dashboards.console.figures import headline, profile, ranking
from dashboards.console.periods_shown import periods
from dashboards.console.sides import Asked
from dashboards.console.store import DriverStore
from dashboards.console.trail import behind
from indicators.catalogue import Catalogue
from storage.clickhouse import connect
from tests.dashboards.joined_city import CITY, NOW, catalogue
from tests.dashboards.traced_city import Traced

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def store(traced: Traced) -> DriverStore:
    return DriverStore(lambda numpy: connect(traced.owner_url, numpy=numpy), connections=1)


def trace(store: DriverStore, indicator: str, measure: str = "current", **key: Any) -> Any:
    asked = Asked(**{"level": "city", "subject": CITY, "by_level": "", "by_subject": "",
                     "period": NOW, "measure": measure, **key})  # fmt: skip
    return behind(store, CITY, indicator, asked, standing="", limit=100)


def told(found: Any) -> dict[tuple[str, str, str, str], Any]:
    return {(r["unit"], r["item"], r["source"], r["period"]): r for r in found["rows"]}


def every(known: Catalogue) -> list[tuple[str, str, str, str]]:
    subjects = {"city": [CITY], "district": ["E", "W"], "zone": ["P", "Q", "total"]}
    return [
        (one.code, measure, str(level), subject)
        for one in known.indicators
        for measure in one.measures
        for level in one.levels
        for subject in subjects[str(level)]
    ]


def test_every_stored_figure_agrees_with_its_rows(store: DriverStore) -> None:
    for code, measure, level, subject in every(catalogue()):
        found = trace(store, code, measure, level=level, subject=subject)
        assert found["figure"] is not None
        assert found["agrees"] is True, (code, measure, level, subject)


def test_a_quarter_and_a_year_lead_to_their_months(store: DriverStore) -> None:
    for period, months in ((202621, ["2026-M01", "2026-M02", "2026-M03"]), (202600, None)):
        found = trace(store, "output", period=period)
        assert found["agrees"] is True
        if months:
            assert [one["period"] for one in found["sums"]] == months
            assert found["numerator"] == 3 * 71


def test_the_source_that_goes_first_is_counted_and_the_other_says_why_not(
    store: DriverStore,
) -> None:
    rows = told(trace(store, "intensity"))
    assert rows["A", "power", "tax", "2026-M03"]["counted"] is True
    assert rows["A", "power", "own", "2026-M03"]["why"] == "other_table"
    assert rows["B", "power", "own", "2026-M03"]["counted"] is True


def test_the_growth_of_a_ratio_shows_the_rows_of_both_ratios(store: DriverStore) -> None:
    found = trace(store, "intensity", "yoy_same")
    assert {one["into"] for one in found["sums"]} == {
        "numerator", "numerator_below", "denominator", "denominator_below",
    }  # fmt: skip
    assert found["numerator"] == found["figure"]["numerator"]


def test_a_held_stock_is_shown_by_the_year_it_rests_on(store: DriverStore) -> None:
    found = trace(store, "per_area")
    rows = told(found)
    assert rows["A", "area", "own", "2025"]["counted"] is True
    assert rows["A", "area", "own", "2024"]["why"] == "replaced"
    assert rows["C", "area", "own", "2024"]["counted"] is True
    assert found["figure"]["reason"] == "held_stock=4:2024"


def test_a_count_is_explained_by_the_rows_that_it_is_judged_by(store: DriverStore) -> None:
    found = trace(store, "losers")
    assert found["numerator"] == 2
    (one,) = found["sums"]
    assert (one["item"], one["name"], one["units"]) == ("losing", "亏损单位数", 2)
    rows = told(found)
    assert [one["factor"] for one in rows["A", "profit", "own", "2026-M03"]["counts"]] == ["1"]
    assert rows["B", "profit", "own", "2026-M03"]["why"] == "condition"


def test_units_counted_by_the_register_alone_are_rows_themselves(store: DriverStore) -> None:
    found = trace(store, "makers")
    assert [(row["unit"], row["status"], row["counted"]) for row in found["rows"]] == [
        ("A", "registered", True), ("C", "registered", True),
    ]  # fmt: skip
    assert (found["total"], found["numerator"], found["agrees"]) == (2, 2, True)


def test_the_total_of_zones_has_each_unit_once_and_no_place(store: DriverStore) -> None:
    found = trace(store, "output", level="zone", subject="total")
    assert (found["numerator"], found["agrees"]) == (12 + 21 + 8, True)
    one = card(store, CITY, "output")
    ranked = ranking(store, CITY, one, "zone", "2026-M03", "current")
    assert [(row["subject"], row["place"]) for row in ranked] == [
        ("P", 1), ("Q", 2), ("total", None),
    ]  # fmt: skip
    by_indicator = {row["indicator"]: row for row in profile(store, CITY, "zone", "P", "2026-M03")}
    assert (by_indicator["output"]["place"], by_indicator["output"]["of"]) == (1, 2)


def test_levels_are_named_as_the_catalogue_names_them(store: DriverStore) -> None:
    assert names(store, CITY, "level") == {"district": "区县", "zone": "功能区"}


def test_months_are_shown_unless_a_longer_period_is_chosen(store: DriverStore) -> None:
    known = {row["period"] for row in periods(store, CITY)}
    assert {"2026-M03", "2026-Q1"} <= known
    assert "2026" not in known  # the year is not whole

    def shown(period: str) -> dict[str, str]:
        return {entry["indicator"]: entry["period"] for entry in headline(store, CITY, period)}

    assert shown("")["output"] == "2026-M03"
    assert shown("2026-M02")["output"] == "2026-M02"
    assert shown("2026-Q1")["output"] == "2026-Q1"
    assert shown("2026-Q1")["intensity"] == "2026-M03"
    assert shown("2026")["output"] == "2026-M03"


def test_an_indicator_without_current_figures_is_shown_by_its_window(store: DriverStore) -> None:
    (entry,) = [one for one in headline(store, CITY) if one["indicator"] == "so_far"]
    assert (entry["measure"], entry["period"], entry["value"]) == ("ytd", "2026-M03", 213 / 12)
    (month,) = [one for one in periods(store, CITY) if one["period"] == "2026-M03"]
    assert "so_far" in month["indicators"]
