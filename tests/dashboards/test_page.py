"""The page in Chromium: what it shows is what the view says, and it changes without a reload."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.dashboards.browser import PATIENCE_MS, attributes, boxes, number, opened
from tests.dashboards.console_server import Console, running
from tests.dashboards.two_cities import SILENT, Cities

pytestmark = [pytest.mark.browser, pytest.mark.integration]
LATEST = "2018-M12"


@pytest.fixture(scope="module")
def retail(console: Console, browser: Browser) -> Iterator[Page]:
    with opened(browser, f"{console.url}/#city=aus_retail") as page:
        page.wait_for_selector("[data-testid=rank-row]")
        page.wait_for_selector("[data-testid=returns-cell]")
        yield page


@pytest.fixture(scope="module")
def lishui(console: Console, browser: Browser) -> Iterator[Page]:
    chosen = "city=lishui&indicator=value_added_per_energy&measure=current"
    with opened(browser, f"{console.url}/#{chosen}") as page:
        page.wait_for_selector("[data-testid=rank-row]")
        page.wait_for_selector("[data-testid=profile-row]")
        yield page


def view(cities: Cities, city: str, level: str = "city") -> list[dict[str, Any]]:
    return cities.store().query(
        "SELECT * FROM v_indicator WHERE city = %(city)s AND level = %(level)s AND by_level = ''",
        {"city": city, "level": level},
    )


def check_headline(page: Page, cities: Cities, city: str) -> list[dict[str, str]]:
    told = {
        (row["indicator"], row["measure"], row["period"], row["standing"]): row
        for row in view(cities, city)
    }
    shown = boxes(page)
    for box in shown:
        row = told[box["indicator"], box["measure"], box["period"], box["standing"]]
        assert number(box["value"]) == row["value"]
        assert (box["units"], box["expected"]) == (str(row["units"]), str(row["expected_units"]))
        assert box["provisional"] == str(int(row["provisional"]))
        for part in ("value", "unit", "period", "coverage", "standing"):
            assert box[f"{part}Text"], (box["indicator"], part)
        assert box["standingText"] == row["standing"]
        # What is read is the value rounded to the card's decimals, with separators.
        text = box["valueText"].replace(",", "")
        places = len(text.partition(".")[2])
        assert text == f"{Decimal(repr(row['value'])):.{places}f}"
    return shown


def test_each_headline_of_the_sums_is_the_view_with_period_unit_coverage_and_standing(
    retail: Page, cities: Cities
) -> None:
    shown = check_headline(retail, cities, "aus_retail")
    assert [box["measure"] for box in shown] == ["current", "ytd", "rolling12"]
    assert shown[0]["coverageText"].startswith("覆盖 ")
    assert {box["unitText"] for box in shown} == {"百万澳元"}
    growth = next(
        row for row in view(cities, "aus_retail")
        if row["measure"] == "yoy_same" and row["period"] == LATEST
    )  # fmt: skip
    assert number(shown[0]["growth"]) == growth["value"]
    assert f"{growth['value']:+.1%}" in shown[0]["text"]


def test_each_headline_of_the_ratios_is_the_published_figure(lishui: Page, cities: Cities) -> None:
    shown = check_headline(lishui, cities, "lishui")
    assert len(shown) == 7
    assert {box["standingText"] for box in shown} == {"公布数"}
    assert {box["coverageText"] for box in shown} == {"直接引用"}


def test_districts_are_ranked_by_the_view_and_silence_reads_missing(
    retail: Page, cities: Cities
) -> None:
    told = {
        row["subject"]: row["value"]
        for row in view(cities, "aus_retail", "district")
        if row["measure"] == "current" and row["period"] == LATEST
    }
    shown = attributes(retail, "rank-row")
    assert {row["subject"]: number(row["value"]) for row in shown} == told
    silent = [code for code in SILENT if told[code] is None]
    for code in silent:
        text = retail.locator(f"[data-testid=rank-row][data-subject={code}]").inner_text()
        assert "缺报" in text


def test_the_lines_are_drawn_with_words_and_consequence(lishui: Page) -> None:
    row = lishui.locator("[data-testid=rank-row][data-subject=jinyun]")
    assert "触红线" in row.inner_text()
    assert "触黄线" in lishui.locator("[data-subject=yunhe][data-testid=rank-row]").inner_text()
    assert "约谈" in lishui.locator("#ranking").inner_text()
    assert lishui.locator("[data-testid=rank-city]").inner_text().count("公布数") == 1


def test_a_missing_ratio_reads_missing(console: Console, browser: Browser) -> None:
    chosen = "city=lishui&indicator=value_added_per_discharge&measure=current"
    with opened(browser, f"{console.url}/#{chosen}") as page:
        row = page.locator("[data-testid=rank-row][data-subject=jinyun]")
        expect(row).to_contain_text("缺报", timeout=PATIENCE_MS)
        assert number(attributes(page, "rank-row")[-1]["value"]) is None


def test_completeness_is_the_view_and_says_each_state_in_words(
    retail: Page, cities: Cities
) -> None:
    told = {
        (row["subject"], row["period"]): row
        for row in cities.store().query("SELECT * FROM v_completeness WHERE city = 'aus_retail'")
    }
    cells = attributes(retail, "returns-cell")
    assert len(cells) == 9 * 5
    for cell in cells:
        row = told[cell["subject"], cell["period"]]
        for name in ("expected", "received", "onTime", "late", "missing"):
            column = "on_time" if name == "onTime" else name
            assert cell[name] == str(row[column])
    text = retail.locator("#returns").inner_text()
    assert "未到期" in text or "按时" in text


def test_a_click_on_a_figure_leads_to_rows_that_add_up(retail: Page, cities: Cities) -> None:
    retail.locator("[data-testid=rank-row][data-subject=NSW] .num").click()
    retail.wait_for_selector("[data-testid=trail-row]")
    (one,) = attributes(retail, "trail-sum")
    exact = next(
        row["numerator"] for row in view(cities, "aus_retail", "district")
        if (row["subject"], row["measure"], row["period"]) == ("NSW", "current", LATEST)
    )  # fmt: skip
    assert Decimal(one["value"]) == exact
    retail.keyboard.press("Escape")
    expect(retail.locator("#drawer")).to_be_hidden()


def test_the_card_tells_unit_formula_role_and_lines(lishui: Page) -> None:
    box = lishui.locator("[data-testid=headline][data-indicator=value_added_per_energy]")
    box.locator("[data-testid=card-button]").click()
    text = lishui.locator("[data-testid=card]").inner_text()
    for part in ("万元/吨标准煤", "约束性", "黄线", "红线", "示例值"):
        assert part in text
    lishui.keyboard.press("Escape")


def test_a_clicked_district_has_its_series_and_profile(lishui: Page) -> None:
    lishui.locator("[data-testid=rank-row][data-subject=jinyun] .link").first.click()
    expect(lishui.locator("#series-title")).to_contain_text("缙云县")
    row = lishui.locator("[data-testid=profile-row][data-indicator=value_added_per_energy]")
    expect(row).to_contain_text("10/10")


def test_alerts_and_newest_submissions_are_listed(retail: Page, lishui: Page) -> None:
    assert [row["level"] for row in attributes(lishui, "alert")] == ["红线"]
    assert "低于红线" in lishui.locator("[data-testid=alert]").inner_text()
    assert "已解除" in retail.locator("[data-testid=alert]").inner_text()
    assert len(attributes(retail, "submission")) == 12


@pytest.mark.parametrize("city", ["aus_retail", "lishui"])
def test_on_a_phone_nothing_runs_out_of_the_page(
    console: Console, browser: Browser, city: str
) -> None:
    with opened(browser, f"{console.url}/#city={city}", 390, 844) as page:
        page.wait_for_selector("[data-testid=rank-row]")
        page.wait_for_selector("[data-testid=returns-cell]")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_published_set_changes_the_page_without_a_reload(
    cities: Cities, browser: Browser
) -> None:
    with running(cities) as console, opened(browser, f"{console.url}/#city=aus_retail") as page:
        page.evaluate("window.sameDocument = true")
        before = Decimal(boxes(page)[0]["value"])
        # A correction by the state that the other tests do not look at: six units, one more each.
        cities.report("ACT", "S-ACT-corrected", more=Decimal(1))
        console.publish_newest()
        box = page.locator("[data-testid=headline]").first
        expect(box).to_have_attribute("data-value", str(before + 6), timeout=PATIENCE_MS)
        expect(page.locator("[data-testid=submission]").first).to_have_attribute(
            "data-submission", "S-ACT-corrected", timeout=PATIENCE_MS
        )
        told = cities.store().query(
            "SELECT value FROM v_indicator WHERE city = 'aus_retail' AND indicator = 'turnover'"
            f" AND level = 'district' AND subject = 'ACT' AND measure = 'current'"
            f" AND period = '{LATEST}'"
        )
        row = page.locator("[data-testid=rank-row][data-subject=ACT]")
        expect(row).to_have_attribute("data-value", str(told[0]["value"]), timeout=PATIENCE_MS)
        assert page.evaluate("window.sameDocument") is True
        check_headline(page, cities, "aus_retail")


def test_growth_is_called_by_its_kind_wherever_it_stands(retail: Page) -> None:
    assert "同比（同口径）" in retail.locator("[data-testid=headline]").first.inner_text()
    assert retail.locator("#ranking .growth-head").inner_text() == "同比（同口径）"
    views = retail.locator("[data-testid=view]")
    assert views.all_inner_texts() == ["水平", "同口径", "可比匹配", "名义"]
    retail.locator("[data-view=yoy_matched]").click()
    expect(retail.locator("#series-title")).to_contain_text("同比（可比匹配）")
    retail.locator("[data-view=level]").click()
    expect(retail.locator("#series-title")).not_to_contain_text("同比")


def test_a_click_on_a_growth_leads_to_both_its_sides(retail: Page, cities: Cities) -> None:
    retail.locator("[data-testid=rank-row][data-subject=NSW] .rate").click()
    retail.wait_for_selector("[data-testid=trail-row]")
    sums = {one["into"]: Decimal(one["value"]) for one in attributes(retail, "trail-sum")}
    told = next(
        row for row in view(cities, "aus_retail", "district")
        if (row["subject"], row["measure"], row["period"]) == ("NSW", "yoy_same", LATEST)
    )  # fmt: skip
    assert sums == {"numerator": told["numerator"], "denominator": told["denominator"]}
    assert attributes(retail, "verdict") == [{"testid": "verdict", "agrees": "true"}]
    retail.keyboard.press("Escape")


def test_a_sheet_that_does_not_add_up_to_the_figure_says_so(retail: Page) -> None:
    def spoil(route: Route) -> None:
        found = route.fetch().json()
        route.fulfill(json={**found, "agrees": False, "numerator": "1.0000000000"})

    retail.route("**/rows?*", spoil)
    retail.locator("[data-testid=rank-row][data-subject=NSW] .num").click()
    text = retail.locator("[data-testid=verdict]")
    expect(text).to_contain_text("✕ 与指标数不一致：下列数据合计1，指标数为")
    retail.unroute("**/rows?*")
    retail.keyboard.press("Escape")


def test_a_published_figure_leads_to_the_row_it_was_entered_by(lishui: Page) -> None:
    box = lishui.locator("[data-testid=headline][data-indicator=value_added_per_energy]")
    box.locator("[data-testid=value]").click()
    lishui.wait_for_selector("[data-testid=trail-row]")
    assert "按发布原样引用" in lishui.locator("#drawer").inner_text()
    assert "S-lishui" in lishui.locator("[data-testid=trail-row]").inner_text()
    lishui.keyboard.press("Escape")


def test_findings_that_are_corrected_are_told_apart_from_open_ones(lishui: Page) -> None:
    shown = [(one["unit"], one["state"]) for one in attributes(lishui, "finding")]
    assert shown == [("yunhe", "open"), ("jinyun", "corrected")]
    texts = lishui.locator("[data-testid=finding]").all_inner_texts()
    assert ["待核实" in texts[0], "已更正" in texts[1]] == [True, True]
    assert "待核实1条" in lishui.locator("#watch-key").inner_text()


def test_a_submission_leads_to_where_each_of_its_observations_is(retail: Page) -> None:
    retail.locator("[data-testid=submission] .link").first.click()
    text = retail.locator("[data-testid=submission-facts]").inner_text()
    assert "现行" in text
    assert "在途0" in text
    retail.keyboard.press("Escape")


def test_an_alert_leads_to_its_subject_and_figure(lishui: Page) -> None:
    lishui.locator("[data-testid=alert][data-id=A-1] .link").click()
    expect(lishui.locator("#series-title")).to_contain_text("缙云县 · 单位能耗工业增加值")
