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
        for measure in ("yoy_same", "ytd_yoy_matched", "rolling12_yoy_nominal", "mom", "ytd")
    }
    assert names == {
        "yoy_same": "同比（同口径）",
        "ytd_yoy_matched": "同比（可比匹配）",
        "rolling12_yoy_nominal": "同比（名义）",
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


def test_a_rate_carries_its_sign_and_nothing_has_none(page: Page) -> None:
    shown = [call(page, "format", "percent", value) for value in (0.0213, -0.2018, -0.0001, 0)]
    assert shown == ["+2.1%", "−20.2%", "0.0%", "0.0%"]


def test_exact_numbers_never_pass_through_a_float(page: Page) -> None:
    shown = call(page, "format", "exact", "-12345678901234567890.1200")
    assert shown == "−12,345,678,901,234,567,890.12"


def test_instants_are_told_in_the_time_of_the_city(page: Page) -> None:
    # The catalogue's time zone, not that of the browser.
    assert call(page, "format", "stampText", "2026-04-06T16:00:00.000Z") == "4月7日 00:00"
