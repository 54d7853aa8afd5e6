"""Both example cities folded into one database, and their papers."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from granary.clock import ManualClock
from indicators.periods import parse_period
from reports.document import Document
from reports.meeting import compose_meeting, write_meeting
from storage.clickhouse import connect
from storage.migrations import migrate
from tests.dashboards import joined_city
from tests.folded_city import CATALOG, START_MS, Cell, FoldedCity, begin_from, lishui, retail_city

NOW_MS = START_MS + 10 * 24 * 3_600_000


class Sealed:
    """A log whose every record is folded."""

    def log_end(self, city: str) -> int:
        return 0

    def ledger_next(self, city: str) -> int:
        return 0


@dataclass(frozen=True)
class Paper:
    document: Document
    html: str
    docx: Path


def example_cells(year: int) -> list[Cell]:
    """The rows of a file of catalog/growth-example/data."""
    with (CATALOG / f"growth-example/data/{year}.csv").open(encoding="utf-8") as file:
        return [
            (row["unit"], row["item"], parse_period(row["period"]), Decimal(row["value"]))
            for row in csv.DictReader(file)
        ]


@pytest.fixture(scope="session")
def papers_url(clickhouse: str) -> Iterator[str]:
    """A database with 丽水 2019, the retail months of 2017 and 2018, the growth example, and the
    city of several tables."""
    owner = connect(clickhouse)
    owner.execute("CREATE DATABASE papers")
    url = clickhouse.rpartition("/")[0] + "/papers"
    migrate(url)
    lishui(url, 1)
    retail_city(url, 2, first=201701)
    example = FoldedCity(url, 3)
    begin_from(example, "growth-example")
    for year in (2024, 2025):
        example.submit(f"S{year}", "D1", "turnover_annual", example_cells(year))
    joined_city.fill(url, 4)
    yield url
    owner.execute("DROP DATABASE papers")
    owner.disconnect()


def write(url: str, period: str, folder: Path, **options: Any) -> Paper:
    chosen = {"city": None, "as_of_ms": None, **options}
    with connect(url) as client:
        clock = ManualClock(NOW_MS)
        document = compose_meeting(client, parse_period(period), clock, Sealed(), **chosen)
    html, docx = write_meeting(document, folder, ["html", "docx"])
    return Paper(document, html.read_text(encoding="utf-8"), docx)


@pytest.fixture(
    scope="session",
    params=[
        pytest.param({"period": "2019"}, id="lishui"),
        pytest.param({"period": "2018-M12"}, id="retail"),
        pytest.param({"period": "2025", "city": "growth_example"}, id="growth example"),
        pytest.param({"period": "2026-M03", "city": "joined"}, id="several tables"),
        pytest.param({"period": "2019", "as_of_ms": START_MS + 8_500}, id="lishui as of"),
    ],
)
def paper(
    request: pytest.FixtureRequest, papers_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Paper:
    """The paper of each city, and one as of an instant."""
    return write(papers_url, folder=tmp_path_factory.mktemp("papers"), **request.param)
