"""A paper as of an instant: its lines and names are those that were known then."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from granary.records import Record
from indicators.catalogue import Catalogue
from storage.clickhouse import connect
from storage.migrations import migrate
from tests.folded_city import lishui
from tests.reports.conftest import write
from tests.reports.reading import read_html

pytestmark = [pytest.mark.integration, pytest.mark.slow]

ENERGY = "value_added_per_energy"


def stricter(catalogue: Catalogue) -> Catalogue:
    """Version two: another red line, consequence and name, and a district under a new name."""
    said = catalogue.model_dump(mode="json")
    said["version"] = 2
    (indicator,) = [one for one in said["indicators"] if one["code"] == ENERGY]
    indicator["name"]["zh"] = "能耗强度"
    indicator["lines"] |= {"red": 1.0, "yellow": 1.2}
    indicator["lines"]["consequence"]["zh"] = "挂牌督办"
    members = said["groupings"][0]["members"]
    next(one for one in members if one["code"] == "jinyun")["name"]["zh"] = "新缙云"
    return Catalogue.model_validate(said)


@dataclass
class Then:
    url: str
    before_ms: int  # the last instant of version one


@pytest.fixture(scope="module")
def changed(clickhouse: str) -> Iterator[Then]:
    """丽水 2019, and then a catalogue that judges it by other lines."""
    owner = connect(clickhouse)
    owner.execute("CREATE DATABASE changed")
    url = clickhouse.rpartition("/")[0] + "/changed"
    migrate(url)
    city = lishui(url, 1)
    before_ms = city.now_ms
    body = {"catalogue": stricter(city.catalogue).model_dump(mode="json")}
    city.control(Record("catalogue:2", "catalogue", body))
    yield Then(url, before_ms)
    owner.execute("DROP DATABASE changed")
    owner.disconnect()


def test_figures_are_judged_by_the_lines_known_then_and_called_by_the_names_known_then(
    changed: Then, tmp_path: Path
) -> None:
    then = write(changed.url, "2019", tmp_path / "then", as_of_ms=changed.before_ms)
    rows = read_html(then.html).tables["behind"]
    assert [row[1:3] for row in rows if "红线" in row[1]] == [
        ["【红线】单位能耗工业增加值触及红线（0.60万元/吨标准煤）", "缙云县"]
    ]
    assert "约谈" in then.html
    assert "挂牌督办" not in then.html
    assert dict(then.document.meta)["catalogue_version"] == "1"

    now = write(changed.url, "2019", tmp_path / "now")
    rows = read_html(now.html).tables["behind"]
    assert [row[2] for row in rows if "红线" in row[1]] == ["新缙云、云和县、庆元县"]
    assert "挂牌督办" in now.html
    assert "能耗强度" in now.html
    assert dict(now.document.meta)["catalogue_version"] == "2"
