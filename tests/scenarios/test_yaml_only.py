"""A statistician adds a table, an indicator and a check by editing YAML, and sees them live."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from granary.cli.main import make_app
from tests.faults.running import Running

pytestmark = [pytest.mark.integration, pytest.mark.slow]

EXAMPLE = Path(__file__).parents[2] / "catalog" / "growth-example"
CITY = "growth_example"
#: What the statistician writes: file → what is added to its end.
ADDED = {
    "sources.yaml": "- {id: 2, code: tax, name: {zh: 税务, en: Tax}}\n",
    "items.yaml": """
- {id: 3, code: tax, name: {zh: 税收, en: Tax}, unit: 万元, decimals: 2, kind: flow}
""",
    "tables.yaml": """
- id: 2
  code: tax_annual
  name: {zh: 税收年表(示例), en: Annual tax (example)}
  frequency: year
  source: tax
  items: [tax]
  expected: listed
  purpose: administrative
  legal_basis: 示例 (example)
""",
    "reporters.yaml": "- {code: taxes, name: {zh: 税务, en: Tax office}, tables: [tax_annual]}\n",
    "indicators.yaml": """
- id: 3
  code: tax_per_turnover
  name: {zh: 税收占营业收入比重, en: Tax per turnover}
  unit: "%"
  decimals: 2
  dimension: operation
  direction: higher
  table: turnover_annual
  numerator: {tax: 100}
  denominator: {turnover: 1}
  measures: [current]
  levels: [city, district]
""",
    "checks.yaml": """
- id: 1
  code: tax_bounds
  name: {zh: 税收与营业收入比例, en: Tax against turnover}
  table: tax_annual
  severity: soft
  expression: tax <= 0.3 * turnover
  message:
    zh: "{unit}{period}税收{left}超过营业收入的30%({right})"
    en: "{unit}, {period}: tax {left} is above 30 % of turnover ({right})"
  source: 示例值
""",
}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[tuple[Running, Path]]:
    folder = tmp_path / "catalog" / CITY
    shutil.copytree(EXAMPLE, folder)
    running = Running(tmp_path / "data", {})
    running.up(catalogues=[folder])
    yield running, folder
    running.down()


def edited(folder: Path) -> None:
    """Append what is added, and count the version up."""
    for name, text in ADDED.items():
        with (folder / name).open("a", encoding="utf-8") as file:
            file.write(text)
    city = folder / "city.yaml"
    text = city.read_text(encoding="utf-8")
    city.write_text(text.replace("version: 1", "version: 2"), encoding="utf-8")


def pushed(house: Running, reporter: str, table: str, file: Path) -> None:
    """`granary push` with the reporter's token, as its office would."""
    given = json.loads((house.data / "up.json").read_text(encoding="utf-8"))
    house.granary(
        "push", str(file), "--table", table, "--gateway", given["gateway"],
        "--token", given["tokens"][CITY][reporter],
    )  # fmt: skip


def test_a_table_an_indicator_and_a_check_are_live_after_check_and_load(
    house: tuple[Running, Path], tmp_path: Path
) -> None:
    running, folder = house
    pushed(running, "D1", "turnover_annual", folder / "data" / "2024.csv")
    pushed(running, "D1", "turnover_annual", folder / "data" / "2025.csv")
    before = tmp_path / "before"
    shutil.copytree(folder, before)
    edited(folder)
    said = CliRunner().invoke(make_app(), ["catalog", "diff", str(before), str(folder)])
    assert said.exit_code == 1
    for part in ("+ tables tax_annual", "+ indicators tax_per_turnover", "+ checks tax_bounds"):
        assert part in said.output
    running.granary("catalog", "check", str(folder))
    running.granary("catalog", "load", str(folder), "--yes", "--data", str(running.data))
    # The new reporter gets a token; the folder is in force already and changes nothing else.
    running.up(catalogues=[folder])
    taxes = tmp_path / "tax.csv"
    taxes.write_text("unit,period,tax\nA,2025,11\nD,2025,20\nE,2025,6\n", encoding="utf-8")
    pushed(running, "taxes", "tax_annual", taxes)
    query = (
        "SELECT round(value, 6), numerator, denominator, units FROM v_indicator"
        f" WHERE city = '{CITY}' AND indicator = 'tax_per_turnover' AND level = 'city'"
        " AND period = '2025' AND value IS NOT NULL"
    )
    running.wait(lambda: running.rows(query), 60, "the new indicator", "worker-1")
    # 11 + 20 + 6 over the turnover of the same three units, 110 + 40 + 24
    ((value, above, below, units),) = running.rows(query)
    assert (float(above), float(below), units) == (3700.0, 174.0, 3)
    assert value == pytest.approx(3700 / 174, abs=1e-6)
    found = running.rows(
        f"SELECT unit, result, message_zh FROM v_check WHERE city = '{CITY}' AND result = 'FALSE'"
    )
    assert [unit for unit, _, _ in found] == ["D"]
    assert "20" in found[0][2]
    assert "12" in found[0][2]
    proof = running.granary_json("recompute", "--check")
    assert proof["ok"], proof["differences"][:3]


@pytest.mark.parametrize(
    ("file", "old", "new", "place", "reason"),
    [
        ("indicators.yaml", "{tax: 100}", "{taxes: 100}", "indicators.yaml:", "no item 'taxes'"),
        ("checks.yaml", "0.3 * turnover", "0.3 * turnovr", "checks.yaml:", "turnovr"),
        ("checks.yaml", "tax <=", "__import__('os') <=", "checks.yaml:", ""),
        ("tables.yaml", "source: tax", "source: taxes", "tables.yaml:", "no source 'taxes'"),
    ],
)
def test_a_wrong_edit_is_refused_with_file_line_field_and_reason(
    tmp_path: Path, file: str, old: str, new: str, place: str, reason: str
) -> None:
    folder = tmp_path / CITY
    shutil.copytree(EXAMPLE, folder)
    edited(folder)
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    line = text[: text.index(old)].count("\n") + 1
    told = CliRunner().invoke(make_app(), ["catalog", "check", str(folder)])
    assert told.exit_code == 1
    (fault,) = [one for one in told.output.splitlines() if place in one]
    assert f"{place}{line}" in fault or f"{place} {line}" in fault, fault
    assert reason in fault
