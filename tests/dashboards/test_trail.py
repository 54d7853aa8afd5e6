"""The trace of a figure: its rows, and sums that are the figure's numerator and denominator."""

from decimal import Decimal
from typing import Any

import pytest

from dashboards.console.cards import card
from dashboards.console.figures import ranking
from dashboards.console.sides import Asked
from dashboards.console.store import DriverStore
from dashboards.console.trail import behind
from storage.clickhouse import connect
from tests.dashboards.traced_city import CITY, NOW, Traced

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def store(traced: Traced) -> DriverStore:
    return DriverStore(lambda numpy: connect(traced.owner_url, numpy=numpy), connections=1)


def trace(
    store: DriverStore, indicator: str, level: str = "city", subject: str = CITY,
    measure: str = "current", standing: str = "", limit: int = 100,
) -> dict[str, Any]:  # fmt: skip
    asked = Asked(level, subject, "", "", NOW, measure)
    return behind(store, CITY, indicator, asked, standing=standing, limit=limit)


def rows(found: dict[str, Any]) -> dict[tuple[str, str, str], tuple[bool, str]]:
    """(unit, item, period) → whether it counts, and if not, why."""
    return {
        (row["unit"], row["item"], row["period"]): (row["counted"], row["why"])
        for row in found["rows"]
    }


def test_a_unit_whose_formula_is_not_whole_is_in_no_sum(store: DriverStore) -> None:
    found = trace(store, "tax_per_land", "district", "E")
    assert (found["numerator"], found["denominator"]) == (10, 2)
    assert (found["figure"]["value"], found["agrees"]) == (5.0, True)
    told = rows(found)
    assert told["X", "tax", "2026-M03"] == (True, "")
    assert told["Y", "tax", "2026-M03"] == (False, "incomplete")
    (lacking,) = [row["lacks"] for row in found["rows"] if row["unit"] == "Y"]
    assert lacking == ["land"]
    assert told["Xa", "tax", "2026-M03"] == (False, "part")


def test_a_table_that_expects_every_unit_asks_no_list(store: DriverStore) -> None:
    found = trace(store, "tax_per_land", "district", "W")
    assert rows(found)["Z", "tax", "2026-M03"] == (True, "")
    assert (found["numerator"], found["denominator"], found["agrees"]) == (5, 1, True)


def test_another_reporting_line_is_in_no_sum(store: DriverStore) -> None:
    found = trace(store, "tax_per_land")
    assert {row["source"] for row in found["rows"]} == {"own"}
    assert (found["numerator"], found["denominator"], found["agrees"]) == (15, 3, True)


def test_the_month_of_a_year_to_date_item_leads_to_both_reports(store: DriverStore) -> None:
    found = trace(store, "output")
    assert [(s["period"], s["factor"], s["value"]) for s in found["sums"]] == [
        ("2026-M02", "-1", 20), ("2026-M03", "1", 32),
    ]  # fmt: skip
    assert (found["numerator"], found["agrees"]) == (12, True)
    # Y has no February, so that its March is unknown; to date its report stands as it is.
    assert rows(found)["Y", "output", "2026-M03"] == (False, "incomplete")
    to_date = trace(store, "output", measure="ytd")
    assert (to_date["numerator"], to_date["agrees"]) == (41, True)


def test_growth_leads_to_both_sides_and_to_the_bases_as_reported_now(store: DriverStore) -> None:
    found = trace(store, "sales", measure="yoy_same")
    assert (found["numerator"], found["denominator"], found["agrees"]) == (110, 95, True)
    told = {(r["unit"], r["item"], r["period"]): r for r in found["rows"]}
    assert told["X", "sales_before", "2026-M03"]["denominator"] == "1"
    assert told["X", "sales", "2025-M03"]["why"] == "cancels"
    assert told["Y", "sales", "2025-M03"]["denominator"] == "1"
    assert told["Z", "sales", "2026-M03"]["why"] == "no_base"


def test_a_single_unit_is_traced_like_any_other_subject(store: DriverStore) -> None:
    found = trace(store, "tax_per_land", "unit", "Xa")
    assert (found["numerator"], found["denominator"], found["agrees"]) == (4, 1, True)
    assert {row["unit"] for row in found["rows"]} == {"Xa"}


def test_the_month_of_a_single_unit_is_that_of_the_view(store: DriverStore) -> None:
    found = trace(store, "output", "unit", "X")
    assert (found["numerator"], found["figure"]["value"], found["agrees"]) == (12, 12.0, True)


def test_a_published_figure_leads_to_the_row_it_was_entered_by(store: DriverStore) -> None:
    found = trace(store, "tax_per_land", standing="公布数")
    (row,) = found["rows"]
    assert (row["item"], row["value"], row["submission"]) == ("share", Decimal("5.25"), "S-3")
    assert (found["figure"]["standing"], found["agrees"]) == ("公布数", True)


def test_the_shown_rows_may_be_fewer_but_the_sums_are_of_all(store: DriverStore) -> None:
    found = trace(store, "tax_per_land", limit=1)
    assert (len(found["rows"]), found["total"]) == (1, 7)
    assert found["numerator"] == 15


def test_a_sheet_that_does_not_add_up_to_the_figure_says_so(
    store: DriverStore, traced: Traced
) -> None:
    with connect(traced.owner_url) as client:
        client.execute(
            "INSERT INTO figure_current SELECT * REPLACE (numerator + 1 AS numerator,"
            " version + 1 AS version) FROM figure_current FINAL"
            " WHERE indicator_code = 'sales' AND level = 'city' AND measure = 'current'"
        )
    found = trace(store, "sales")
    assert found["agrees"] is False
    assert found["numerator"] == 117


def test_a_figure_that_is_not_there_agrees_with_nothing(store: DriverStore) -> None:
    found = trace(store, "sales", "district", "E", standing="核定数")
    assert (found["figure"], found["agrees"]) == (None, None)


def test_a_verified_district_figure_leads_to_its_row_also_where_it_has_no_value(
    store: DriverStore,
) -> None:
    found = trace(store, "tax_per_land", "district", "E", standing="核定数")
    assert (found["numerator"], found["agrees"]) == (Decimal("6.5"), True)
    gone = trace(store, "tax_per_land", "district", "W", standing="核定数")
    assert [(row["counted"], row["why"]) for row in gone["rows"]] == [(False, "no_value")]
    assert (gone["figure"]["value"], gone["agrees"]) == (None, True)


def test_a_higher_standing_without_a_value_hides_no_other(store: DriverStore) -> None:
    one = card(store, CITY, "tax_per_land")
    shown = {
        row["subject"]: (row["standing"], row["value"], row["place"])
        for row in ranking(store, CITY, one, "district", "2026-M03", "current")
    }
    assert shown == {"E": ("核定数", 6.5, 1), "W": ("监测数", 5.0, 2)}
