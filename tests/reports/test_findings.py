"""Findings of a paper are those nobody has answered: neither another source nor the future does."""

from collections.abc import Iterator
from dataclasses import astuple, dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from catalog.loader import load
from catalog.register import read_register
from granary.demo import retail
from granary.records import RegisterRow
from indicators.anomalies import FindingKind
from indicators.catalogue import Catalogue
from reports.quality import ANOMALIES
from storage.clickhouse import connect
from storage.migrations import migrate
from tests.folded_city import CATALOG, Cell, FoldedCity
from tests.reports.conftest import write
from tests.reports.reading import read_html

PERIOD = "2018-M12"


def with_tax_office(catalogue: Catalogue) -> Catalogue:
    """The retail city, whose tax office reports the same item of the same units."""
    said = catalogue.model_dump(mode="json")
    said["sources"].append({"id": 2, "code": "tax", "name": {"zh": "税务局", "en": "Tax office"}})
    table = {**said["tables"][0], "id": 2, "code": "tax_monthly", "source": "tax"}
    said["tables"].append({**table, "name": {"zh": "税务月报", "en": "Tax office, monthly"}})
    office = {"code": "tax", "name": {"zh": "税务局", "en": "Tax"}, "tables": ["tax_monthly"]}
    said["reporters"].append(office)
    return Catalogue.model_validate(said)


@dataclass
class Told:
    """Instants after which: a finding was there, the tax office had spoken, it was answered."""

    url: str
    found_ms: int
    other_ms: int
    answered_ms: int


@pytest.fixture(scope="module")
def told(clickhouse: str) -> Iterator[Told]:
    owner = connect(clickhouse)
    owner.execute("CREATE DATABASE found")
    url = clickhouse.rpartition("/")[0] + "/found"
    migrate(url)
    city = FoldedCity(url, 1)
    catalogue = load(CATALOG / "retail")
    rows = read_register(CATALOG / "retail", catalogue)
    city.begin(with_tax_office(catalogue), [RegisterRow(*astuple(row)) for row in rows])
    months = [
        one for one in retail.observations() if one.state == "NT" and 201601 <= one.period <= 201812
    ]
    cells: list[Cell] = [(one.unit, retail.ITEM, one.period, one.value) for one in months]
    unit, item, period, value = next(cell for cell in cells if cell[2] == 201812)
    assert value is not None
    city.submit("S1", "NT", retail.TABLE, cells)
    city.submit("S2", "NT", retail.TABLE, [(unit, item, period, value * 1_000)])
    found_ms = city.now_ms
    city.submit("S3", "tax", "tax_monthly", [(unit, item, period, value + Decimal("0.1"))])
    other_ms = city.now_ms
    city.submit("S4", "NT", retail.TABLE, [(unit, item, period, value)])
    yield Told(url, found_ms, other_ms, city.now_ms)
    owner.execute("DROP DATABASE found")
    owner.disconnect()


def findings(told: Told, folder: Path, at_ms: int | None) -> list[list[str]]:
    html = write(told.url, PERIOD, folder, as_of_ms=at_ms).html
    return read_html(html).tables.get("findings", [])[1:]


def test_every_kind_of_finding_has_its_word() -> None:
    assert set(ANOMALIES) == set(FindingKind)


@pytest.mark.integration
@pytest.mark.slow
def test_a_finding_is_listed_by_its_word_until_its_own_source_answers_it(
    told: Told, tmp_path: Path
) -> None:
    (found,) = findings(told, tmp_path / "found", told.found_ms)
    assert found[1:3] == ["零售额", "偏离自身历史水平"]
    assert "此前 35 期中位数" in found[3]
    assert "疑似单位错误" in found[3]
    assert findings(told, tmp_path / "other", told.other_ms) == [found]
    assert findings(told, tmp_path / "answered", told.answered_ms) == []
    assert findings(told, tmp_path / "now", None) == []
