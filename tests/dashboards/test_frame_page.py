"""The frame's work list in Chromium: what a clerk sees, chooses and is told to do."""

import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
import typer.main
from playwright.sync_api import Browser, Page, expect

from granary.cli.main import make_app
from tests.dashboards.browser import attributes, opened
from tests.dashboards.console_server import Console
from tests.dashboards.frame_rows import CITY, DIGITS, FORMULA

pytestmark = [pytest.mark.browser, pytest.mark.integration]


@pytest.fixture(scope="module")
def page(framed: Console, browser: Browser) -> Iterator[Page]:
    with opened(browser, f"{framed.url}/frame#city={CITY}", drawn="[data-testid=case]") as one:
        yield one


def shown(page: Page) -> list[str]:
    return [row["case"] for row in attributes(page, "case")]


def _parsed(given: list[str]) -> None:
    """Fails where the command line has no such command or option."""
    command: Any = typer.main.get_command(make_app())
    while given and given[0] in getattr(command, "commands", {}):
        command = command.commands[given.pop(0)]
    with command.make_context("granary", given):
        pass


def _checked(text: str) -> None:
    """Fails where the command that the page shows is none; <…> stands for what is filled in."""
    _, *given = shlex.split(text.replace("<", "'<").replace(">", ">'"))
    _parsed(given)


def test_coverage_is_told_with_both_sides_and_not_rounded_up_to_all(page: Page) -> None:
    box = page.locator("[data-testid=coverage-count]")
    expect(box).to_contain_text("97.5%")
    expect(box).to_contain_text("在库 39 家 /（在库 39 + 确认应统未统 1）")
    sizes = page.locator("[data-testid=coverage-size]")
    expect(sizes).to_contain_text("在库 300,000 万元 /（在库 300,000 + 确认应统未统 3,000）")
    expect(sizes).to_contain_text("2家在库单位没有来源销售额")
    told = page.evaluate(
        "async () => { const f = await import('/static/js/format.js');"
        " return [f.share(0.99999), f.share(1), f.share(null)]; }"
    )
    assert told == ["99.9%", "100.0%", "—"]


def test_response_stands_in_a_column_of_its_own(page: Page) -> None:
    complete = page.locator("[data-testid=frame-district][data-district=NT]")
    expect(complete).to_contain_text("100.0% 7/7")
    expect(complete.locator("td.apart")).to_have_text("0.0% 0/7")


def test_districts_are_ordered_by_any_column_and_choose_the_cases(page: Page) -> None:
    codes = [row["district"] for row in attributes(page, "frame-district")]
    # The least covered first; without a value last.
    assert (codes[0], set(codes[-3:])) == ("NSW", {"ACT", "QLD", ":none"})
    page.click("[data-testid=order-sales]")
    assert [row["district"] for row in attributes(page, "frame-district")][:3] == [
        "NSW", "VIC", ":none",
    ]  # fmt: skip
    page.click("[data-testid=frame-district][data-district=':none'] button")
    expect(page.locator("[data-testid=case]")).to_have_count(1)
    assert shown(page) == ["power.78"]
    page.click("[data-testid=frame-city] button")
    expect(page.locator("[data-testid=case]")).to_have_count(4)


def test_overdue_is_said_in_words_with_the_days(page: Page) -> None:
    page.click("[data-testid=tally-overdue] button")
    expect(page.locator("[data-testid=case]")).to_have_count(2)
    assert sorted(shown(page)) == [DIGITS, "power.77"]
    expect(page.locator(f"[data-case='{DIGITS}']")).to_contain_text("已逾期 5 天")
    page.click("[data-testid=list][data-list=open]")
    expect(page.locator("[data-testid=case]")).to_have_count(4)


def test_the_search_narrows_the_list_and_the_download(page: Page) -> None:
    page.fill("[data-testid=search]", "steel")
    expect(page.locator("[data-testid=case]")).to_have_count(1)
    assert "text=steel" in (page.get_attribute("[data-testid=download]", "href") or "")
    with page.expect_download() as waited:
        page.click("[data-testid=download]")
    lines = waited.value.path().read_text("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines] == ["单位名称", "南威Steel有限公司"]
    page.fill("[data-testid=search]", "nobody")
    expect(page.locator("[data-testid=no-cases]")).to_contain_text("没有符合条件的线索")
    page.click("[data-testid=no-cases] button")
    expect(page.locator("[data-testid=case]")).to_have_count(4)
    assert page.input_value("[data-testid=search]") == ""


def test_a_case_opens_with_evidence_history_and_the_command_to_decide(page: Page) -> None:
    page.click(f"[data-case='{DIGITS}'] button")
    sheet = page.locator("[data-testid=drawer]")
    expect(sheet.locator("[data-testid=evidence]")).to_have_count(3)
    expect(sheet.locator("[data-testid=sheet-state]")).to_contain_text("○ 待核实")
    expect(sheet).to_contain_text("4.50倍")
    expect(sheet).to_contain_text("已撤回")
    expect(sheet.locator("[data-testid=sheet-alike]")).to_contain_text(
        "仅供人工核对，系统不会自动合并"
    )
    expect(sheet.locator("[data-testid=proposal]")).to_contain_text("南威锅炉有限公司")
    commands = sheet.locator("[data-testid=command]").all_inner_texts()
    assert commands[0] == (
        f"granary frame decide {DIGITS} --city {CITY} --state to_declare --by '<姓名>'"
        " --document '<文号>'"
    )
    for text in commands:
        _, *given = shlex.split(text)
        _parsed(given)
    assert f"case={DIGITS}" in page.url
    page.click("[data-testid=drawer] .close")
    expect(page).not_to_have_url(re.compile("case="))
    page.click("[data-testid=case][data-case='91510100MA6000002X'] button")
    steps = sheet.locator("[data-testid=history]")
    expect(steps).to_have_count(2)
    expect(steps.last).to_contain_text("2023-10-09 10:00 张统决定；文件：统函3号")
    page.click("[data-testid=drawer] .close")


def test_what_a_feed_wrote_is_text_on_the_page(page: Page) -> None:
    expect(page.locator("[data-case='power.77'] th")).to_have_text(FORMULA)


def test_nothing_is_cut_off_at_any_width(framed: Console, browser: Browser) -> None:
    with opened(browser, f"{framed.url}/frame#city={CITY}", drawn="[data-testid=case]") as page:
        for width in (390, 768, 1920):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            expect(page.locator(f"[data-case='{DIGITS}'] .mark.red")).to_be_visible()


def test_a_city_without_feeds_is_told_how_they_come(framed: Console, browser: Browser) -> None:
    with opened(browser, f"{framed.url}/frame#city=lishui", drawn="[data-testid=no-frame]") as page:
        told = page.locator("[data-testid=no-frame]")
        expect(told).to_contain_text("没有应统未统线索：尚未收到候选名单")
        expect(told.locator("li")).to_have_count(4)
        expect(told).to_contain_text("granary catalog load")
        _checked(told.locator("code").all_inner_texts()[-1].replace("<名单.csv>", __file__))
        # With feeds in the catalogue, the command of each is written out.
        shown = page.evaluate(
            "async (frame) => { const page = await import('/static/js/frame/empty.js');"
            " return page.nothingYet(frame).textContent; }",
            {
                "feeds": [
                    {"name": "税务申报", "table": "candidates_tax", "reporters": {"t": "税务局"}},
                    {"name": "用电户", "table": "", "reporters": {}},
                ]
            },
        )
        assert "税务申报（税务局）granary push <名单.csv> --table candidates_tax " in shown
        assert "用电户" not in shown
        assert "granary catalog load" not in shown
        expect(page.locator("#cases-panel")).to_be_hidden()


def test_the_city_page_says_the_coverage_and_leads_to_the_list(
    framed: Console, browser: Browser
) -> None:
    told = "入统覆盖率 97.5%（1家确认应统未统，3家待核实）✕ 2家已逾期"
    with opened(browser, f"{framed.url}/#city={CITY}") as page:
        line = page.locator("[data-testid=frame-line]")
        expect(line).to_have_text(told)
        page.click("[data-testid=city][data-city=lishui]")
        expect(line).to_be_hidden()
        page.click(f"[data-testid=city][data-city={CITY}]")
        expect(line).to_be_visible()
        line.locator("a").click()
        page.wait_for_selector("[data-testid=case]")
        assert page.get_attribute("#home", "href") == f"/#city={CITY}"


def test_keys_without_a_unit_are_listed_with_what_is_to_be_done(page: Page) -> None:
    row = {
        "scheme_name": "户号", "key": "K1", "name": "", "reporter_name": "供电公司",
        "table_name": "用电", "first": "2026-M01", "last": "2026-M02", "cells": 4, "linked": 1,
        "units": ["U1"], "since": "2026-03-01T00:00:00.000Z",
    }  # fmt: skip
    page.evaluate(
        "async (found) => (await import('/static/js/frame/unmatched.js')).draw(found)",
        {"keys": 1, "cells": 4, "rows": [row]},
    )
    told = page.locator("[data-testid=unmatched-key-row]")
    expect(told).to_contain_text("2026年1月至2026年2月")
    expect(told).to_contain_text("○ 待对应 已对应 U1")
    for text in page.locator("#unmatched code").all_inner_texts():
        _checked(text)
