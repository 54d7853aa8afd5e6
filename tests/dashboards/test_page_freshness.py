"""What the page says of its own freshness is true, and it catches up by itself."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.dashboards.browser import PATIENCE_MS, boxes, opened
from tests.dashboards.console_server import Console, running
from tests.dashboards.two_cities import Cities

pytestmark = [pytest.mark.browser, pytest.mark.integration]


@pytest.fixture(scope="module")
def console(cities: Cities) -> Iterator[Console]:
    """One of its own: what its source says of the log must disturb no other page."""
    with running(cities) as served:
        yield served


@pytest.fixture
def page(console: Console, browser: Browser) -> Iterator[Page]:
    with opened(browser, f"{console.url}/#city=aus_retail") as one:
        one.wait_for_selector("[data-testid=rank-row]")
        yield one


def state(page: Page, wanted: str) -> str:
    line = page.locator("[data-testid=live]")
    expect(line).to_have_attribute("data-state", wanted, timeout=PATIENCE_MS)
    return line.inner_text()


def test_a_set_that_was_stored_but_never_published_is_shown_all_the_same(
    page: Page, cities: Cities
) -> None:
    page.evaluate("window.sameDocument = true")
    before = Decimal(boxes(page)[0]["value"])
    cities.report("ACT", "S-ACT-unpublished", more=Decimal(2))
    told = cities.store().query(
        "SELECT value FROM v_indicator WHERE city = 'aus_retail' AND indicator = 'turnover'"
        " AND level = 'city' AND measure = 'current' AND period = '2018-M12'"
    )[0]["value"]
    assert Decimal(str(told)) != before
    box = page.locator("[data-testid=headline]").first
    expect(box).to_have_attribute("data-value", str(told), timeout=PATIENCE_MS)
    assert page.evaluate("window.sameDocument") is True


def test_records_that_wait_for_a_worker_are_told_as_not_updated(
    page: Page, console: Console, cities: Cities
) -> None:
    assert state(page, "live").startswith("实时 · 数据截至")
    (newest,) = cities.store().query("SELECT max(version) AS v FROM ledger WHERE city = 2")
    console.source.ends = {1: int(newest["v"]) + 8}
    try:
        assert "数据未更新：7条记录待入库 · 数据截至" in state(page, "behind")
    finally:
        console.source.ends = {}
    assert state(page, "live").startswith("实时")


def test_a_console_that_does_not_answer_is_told_and_met_again(page: Page) -> None:
    page.route("**/v1/state*", lambda route: route.abort())
    assert "监测台没有应答。稍后自动重试" in state(page, "trouble")
    page.unroute("**/v1/state*")
    state(page, "live")
