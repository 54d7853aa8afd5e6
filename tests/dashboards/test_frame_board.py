"""The panels of frame coverage, asked as the user that only reads."""

from collections.abc import Iterator

import pytest
from clickhouse_driver import Client

from dashboards.boards import RETURNS_BOARD
from storage.clickhouse import connect
from tests.dashboards.choices import Answer, ask, choose
from tests.dashboards.console_server import Console
from tests.dashboards.frame_rows import CITY

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def reader(framed: Console) -> Iterator[Client]:
    with connect(framed.cities.reader_url, read_only=True) as client:
        yield client


def run(reader: Client, title: str, city: str = CITY) -> Answer:
    panel = next(panel for panel in RETURNS_BOARD.panels if panel.title == title)
    assert isinstance(panel.query, str)
    return ask(reader, panel.query, choose(reader, RETURNS_BOARD, city=city))


def test_the_city_stands_first_then_the_least_covered_district(reader: Client) -> None:
    rows = run(reader, "应统未统与入统覆盖（分区市县）").records()
    told = [(row["名称"], row["覆盖率（家数）"], row["拟申报"], row["待核实"]) for row in rows]
    assert told[1:] == [
        ("新南威尔士州", 0.9, 1, 1), ("维多利亚州", 1.0, 0, 1), ("北领地", 1.0, 0, 0),
        ("首都领地", None, 0, 0),
    ]  # fmt: skip
    assert told[0][1:] == (0.975, 1, 3)
    assert (rows[0]["名单截至"], str(rows[1]["最早办理时限"])) == ("2023年6月", "2023-11-10")


def test_coverage_by_count_and_by_size_are_two_numbers(reader: Client) -> None:
    assert run(reader, "入统覆盖率（全市）").rows == [(0.975,)]
    assert run(reader, "入统覆盖率（全市，按销售额）").rows == [(300 / 303,)]


def test_a_city_without_a_frame_has_no_coverage(reader: Client) -> None:
    assert run(reader, "入统覆盖率（全市）", city="lishui").rows == []
