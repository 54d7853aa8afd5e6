"""No total of the ten districts' ratios is shown: in no view, no answer, no page, no paper."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser

from granary.clock import ManualClock
from reports.meeting import compose_meeting, write_meeting
from storage.clickhouse import connect
from tests.dashboards.browser import opened
from tests.dashboards.console_server import Console
from tests.dashboards.two_cities import NOW_MS, Cities
from tests.ratio_totals import forbidden_totals, numbers_in, printed_totals
from tests.reports.conftest import Sealed
from tests.reports.reading import docx_text, read_html

pytestmark = pytest.mark.integration
TOTALS = {total for totals in forbidden_totals().values() for total in totals}


def numbers(told: Any) -> Iterator[float]:
    """Every number in rows of a view or in an answer."""
    if isinstance(told, dict):
        told = list(told.values())
    if isinstance(told, list | tuple):
        for one in told:
            yield from numbers(one)
    elif isinstance(told, int | float | Decimal) and not isinstance(told, bool):
        yield float(told)


def is_total(number: float) -> bool:
    return any(abs(number - total) <= 1e-6 * total for total in TOTALS)


def test_the_totals_looked_for_are_those_of_the_dashboard_that_printed_one() -> None:
    assert any(abs(total - 209.58) < 1e-9 for total in forbidden_totals()["tax_per_mu"])
    assert "209.58" in printed_totals()


def test_no_view_has_a_total_of_ratios(cities: Cities) -> None:
    with connect(cities.owner_url) as client:
        views = [name for (name,) in client.execute("SHOW TABLES LIKE 'v\\_%'")]
        rows = {
            view: client.execute(f"SELECT * FROM {view} WHERE city = 'lishui'") for view in views
        }
    assert {"v_indicator", "v_observation", "v_indicator_history"} <= rows.keys()
    assert [(view, n) for view, told in rows.items() for n in numbers(told) if is_total(n)] == []


def test_no_answer_of_the_read_api_has_a_total_of_ratios(console: Console) -> None:
    paths = ["headline", *(f"indicators/{item}/ranking" for item in forbidden_totals())]
    with httpx.Client(base_url=f"{console.url}/v1", timeout=60) as api:
        for path in paths:
            asked = {"city": "lishui", "period": "2019", "level": "district"}
            answer = api.get(f"/{path}", params=asked if path != "headline" else {"city": "lishui"})
            assert answer.status_code == 200, answer.text
            told = list(numbers(answer.json()))
            assert told and not [number for number in told if is_total(number)], path


@pytest.mark.parametrize("indicator", list(forbidden_totals()))
def test_no_page_shows_a_total_of_ratios(
    console: Console, browser: Browser, indicator: str
) -> None:
    url = f"{console.url}/#city=lishui&indicator={indicator}&measure=current"
    with opened(browser, url) as page:
        page.wait_for_selector("[data-testid=rank-row]")
        shown = numbers_in(page.locator("body").inner_text())
    assert len(shown) > 10
    assert shown & printed_totals() == set()


def test_no_paper_prints_a_total_of_ratios(cities: Cities, tmp_path: Path) -> None:
    with connect(cities.owner_url) as client:
        document = compose_meeting(
            client, 201900, ManualClock(NOW_MS), Sealed(), city="lishui", as_of_ms=None
        )
    html, word = write_meeting(document, tmp_path, ["html", "docx"])
    for text in ("".join(read_html(html.read_text(encoding="utf-8")).words), docx_text(word)):
        shown = numbers_in(text)
        assert len(shown) > 40
        assert shown & printed_totals() == set()
