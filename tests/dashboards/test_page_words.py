"""The page's own words and rules, asked of its modules in Chromium."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.dashboards.browser import opened
from tests.dashboards.console_server import Console

pytestmark = [pytest.mark.browser, pytest.mark.integration]

#: Higher is better: past a line at it and below it.
CARD = {"direction": "higher", "yellow": 1.0, "red": 0.6}


@pytest.fixture(scope="module")
def page(console: Console, browser: Browser) -> Iterator[Page]:
    with opened(browser, f"{console.url}/#city=lishui") as one:
        yield one


def call(page: Page, module: str, function: str, *given: Any) -> Any:
    """What a function of one of the page's modules answers."""
    return page.evaluate(
        "async ([module, name, given]) =>"
        " (await import(`/static/js/${module}.js`))[name](...given)",
        [module, function, list(given)],
    )


def line(page: Page, value: float | None, **facts: Any) -> Any:
    card = {**CARD, **facts.pop("card", {})}
    return call(page, "lines", "lineOf", card, {"value": value, "provisional": False, **facts})


def test_a_figure_exactly_on_a_line_is_past_it(page: Page) -> None:
    assert [line(page, value) for value in (0.59, 0.6, 0.61, 1.0, 1.01)] == [
        "red", "red", "yellow", "yellow", "",
    ]  # fmt: skip
    lower = {"direction": "lower", "yellow": 1.0, "red": 2.0}
    assert [line(page, value, card=lower) for value in (0.99, 1.0, 2.0)] == ["", "yellow", "red"]


def test_a_provisional_figure_is_past_no_line_and_says_that_it_waits(page: Page) -> None:
    assert line(page, 0.5, provisional=True) == "wait"
    assert line(page, 1.5, provisional=True) == ""
    text = page.evaluate(
        "async () => (await import('/static/js/lines.js')).lineMark('wait').textContent"
    )
    assert text == "暂不判线"


def test_a_figure_without_a_value_or_without_lines_is_past_none(page: Page) -> None:
    assert line(page, None) == ""
    assert line(page, 0.1, card={"yellow": None, "red": None}) == ""


def test_growth_has_its_kind_in_its_name(page: Page) -> None:
    names = {
        measure: call(page, "format", "growthText", measure)
        for measure in (
            "yoy_same", "ytd_yoy_matched", "rolling12_yoy_nominal", "two_year_same", "mom", "ytd",
        )
    }  # fmt: skip
    assert names == {
        "yoy_same": "同比（同口径）",
        "ytd_yoy_matched": "同比（可比匹配）",
        "rolling12_yoy_nominal": "同比（名义）",
        "two_year_same": "两年平均同比（同口径）",
        "mom": "环比",
        "ytd": "",
    }


@pytest.mark.parametrize(
    ("period", "rolling", "to_date"),
    [
        ("2026-M03", "近12个月", "2026年1—3月"),
        ("2026-Q3", "近4个季度", "2026年1—3季度"),
        ("2026", "全年", "2026年"),
    ],
)
def test_a_rolling_year_has_as_many_periods_as_a_year(
    page: Page, period: str, rolling: str, to_date: str
) -> None:
    assert call(page, "format", "windowText", "rolling12", period) == rolling
    assert call(page, "format", "spanText", period, "ytd") == to_date


def test_the_page_shows_the_highest_standing_that_has_a_value(page: Page) -> None:
    rows = [{"standing": "监测数", "value": 1}, {"standing": "公布数", "value": None}]
    assert call(page, "format", "highest", rows) == rows[0]
    assert call(page, "format", "highest", [*rows, {"standing": "上报数", "value": 2}]) == {
        "standing": "上报数",
        "value": 2,
    }


@pytest.mark.parametrize(
    ("reason", "word"),
    [
        ("no_units;units_without_base=2:A,B", "缺报"),
        ("no_rate:由盈转亏;short_window=1", "由盈转亏"),
        ("no_rate:扭亏;units_without_base=2:A,B", "扭亏"),
        ("base_not_positive:减亏", "减亏"),
        ("zero_denominator", "分母为零"),
        ("no_base", "无基数"),
        ("units_without_base=1:A", "—"),
    ],
)
def test_a_figure_without_a_value_says_why_in_one_word(page: Page, reason: str, word: str) -> None:
    assert call(page, "format", "reason", reason) == word


def test_where_nobody_is_expected_nobody_is_said_to_be_silent(page: Page) -> None:
    assert call(page, "format", "reason", "no_units", 0) == "无应报"
    assert call(page, "format", "reason", "no_units", 2) == "缺报"
    assert call(page, "format", "reason", "no_units", None) == "缺报"
    assert call(page, "format", "reason", "zero_denominator", 0) == "分母为零"


def test_a_contribution_says_of_which_growth_and_of_which_units(page: Page) -> None:
    names = {
        measure: call(page, "format", "partText", measure)
        for measure in ("share", "contribution", "ytd_contribution_nominal",
                        "contribution_entries", "contribution_nominal_exits",
                        "contribution_continuing", "yoy_nominal")
    }  # fmt: skip
    assert names == {
        "share": "占比",
        "contribution": "拉动（同口径）",
        "ytd_contribution_nominal": "拉动（名义）",
        "contribution_entries": "新入库单位拉动（同口径）",
        "contribution_nominal_exits": "退库单位拉动（名义）",
        "contribution_continuing": "在库单位拉动（同口径）",
        "yoy_nominal": "",
    }


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("units_without_base=2:A,B;short_base=1", "2家无基数；1家的基数期间不全"),
        ("zero_denominator;zero_denominators=3:A,B,C", "3家分母为零"),
        ("held_stock=4:2024", "4家的时点数沿用前期，最早为2024年"),
        ("held_stock=4:2025-Q3", "4家的时点数沿用前期，最早为2025年三季度"),
        ("prior_adjustment=1;overlap_units=2", "1家含前期调整；2家属于多个成员，合计只计一次"),
        ("no_rate:扭亏;short_window=1", "1家只含其在库期间"),
        ("no_units", ""),
        ("", ""),
    ],
)
def test_what_must_be_said_beside_a_figure_is_said_in_words(
    page: Page, reason: str, words: str
) -> None:
    assert call(page, "format", "remarks", reason) == words


def test_months_quarters_and_years_are_chosen_apart_and_never_drawn_as_one_series(
    page: Page,
) -> None:
    groups = page.evaluate(
        """async () => (await import('/static/js/panels.js'))
            .periodChoice(['2026', '2026-M03', '2026-Q1', '2026-M02'])
            .map(group => [group.label, [...group.children].map(one => one.value)])"""
    )
    assert groups == [
        ["月度", ["2026-M03", "2026-M02"]],
        ["季度", ["2026-Q1"]],
        ["年度", ["2026"]],
    ]
    alone = page.evaluate(
        "async () => (await import('/static/js/panels.js')).periodChoice(['2026', '2025'])"
        ".map(one => [one.tagName, one.value])"
    )
    assert alone == [["OPTION", "2026"], ["OPTION", "2025"]]
    rows = [
        {"period": period, "measure": "current", "standing": "监测数", "value": 1}
        for period in ("2026-M02", "2026-M03", "2026-Q1", "2026")
    ]
    shown = call(page, "panels", "onePerPeriod", rows, "current", "month")
    assert [row["period"] for row in shown] == ["2026-M02", "2026-M03"]


def test_a_level_without_a_word_of_the_page_has_its_name_of_the_catalogue(page: Page) -> None:
    told = page.evaluate(
        """async () => {
            const f = await import('/static/js/format.js');
            f.useLevels({zone_type: '功能区类型(示例)', zone: '园'});
            return ['zone_type', 'zone', 'unknown'].map(f.levelText);
        }"""
    )
    assert told == ["功能区类型", "功能区", "unknown"]


def test_the_growth_of_a_ratio_is_told_by_four_sums(page: Page) -> None:
    sheets = [
        call(page, "trail", "sheetOf", measure, ratio)
        for measure, ratio in (
            ("yoy_same", True), ("two_year_same", False), ("current", True), ("ytd", False),
            ("share", False), ("contribution_entries", False),
        )
    ]  # fmt: skip
    assert sheets == ["ratioGrowth", "growth", "ratio", "level", "part", "contribution"]


def test_the_total_of_overlapping_members_is_set_apart_from_them(page: Page) -> None:
    def row(subject: str, value: float, place: int | None) -> dict[str, Any]:
        return {
            "subject": subject, "name": subject, "value": value, "place": place, "before": None,
            "units": 1, "expected_units": 1, "reason": "overlap_units=1", "provisional": False,
            "standing": "监测数", "growth": None,
        }  # fmt: skip

    card = {"name_zh": "产值", "unit": "万元", "decimals": 0, "direction": "higher",
            "lines_measure": "current", "yellow": None, "red": None}  # fmt: skip
    state = {"level": "zone", "measure": "current", "shownPeriod": "2026-M03", "at": "city"}
    rows = [row("p", 6, 1), row("q", 4, 2), row("total", 900, None)]
    shown = page.evaluate(
        """async ([rows, card, state]) => {
            (await import('/static/js/ranking.js')).draw(rows, null, card, state, {});
            return [...document.querySelectorAll('#ranking tbody tr')].map(line => ({
                id: line.dataset.testid, place: line.querySelector('.place').innerText,
                width: line.querySelector('.fill')?.style.width ?? '',
                title: line.lastElementChild.title,
            }));
        }""",
        [rows, card, state],
    )
    said = "1家属于多个成员，合计只计一次"
    assert shown == [
        {"id": "rank-total", "place": "", "width": "", "title": said},
        {"id": "rank-row", "place": "1", "width": "100%", "title": said},
        {"id": "rank-row", "place": "2", "width": "66.6667%", "title": said},
    ]


def test_a_rate_carries_its_sign_and_nothing_has_none(page: Page) -> None:
    shown = [call(page, "format", "percent", value) for value in (0.0213, -0.2018, -0.0001, 0)]
    assert shown == ["+2.1%", "−20.2%", "0.0%", "0.0%"]


def test_exact_numbers_never_pass_through_a_float(page: Page) -> None:
    shown = call(page, "format", "exact", "-12345678901234567890.1200")
    assert shown == "−12,345,678,901,234,567,890.12"


def test_instants_are_told_in_the_time_of_the_city(page: Page) -> None:
    # The catalogue's time zone, not that of the browser.
    assert call(page, "format", "stampText", "2026-04-06T16:00:00.000Z") == "4月7日 00:00"
