"""The example cities say what their data and their READMEs say."""

import csv
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from catalog.loader import load
from catalog.register import read_register
from indicators.arrays import Amounts, Flags, Instants
from indicators.figures import Figures
from indicators.periods import parse_period
from indicators.register import Register

CATALOGUES = Path(__file__).parents[2] / "catalog"


class PushedCells:
    """Cells of CSV files, long form, as if they had been pushed and nothing else."""

    def __init__(self, register: Register, *files: Path) -> None:
        self._register = register
        self._cells: dict[tuple[str, str, int], int] = {}
        for file in files:
            for row in csv.DictReader(file.open(encoding="utf-8", newline="")):
                key = row["unit"], row["item"], parse_period(row["period"])
                self._cells[key] = int(Decimal(row["value"]) * 10**4)

    def values(self, table: str, item: str, period: int) -> tuple[Amounts, Flags]:
        codes = self._register.codes("enterprise")
        found = [self._cells.get((code, item, period)) for code in codes]
        return (
            np.array([value or 0 for value in found], np.int64),
            np.array([value is not None for value in found], bool),
        )

    def periods(self, table: str) -> set[int]:
        return {period for _, _, period in self._cells}

    def arrivals(self, table: str, period: int) -> Instants:
        return np.zeros(self._register.size("enterprise"), np.int64)


class NoCalendar:
    def due(self, table: str, period: int) -> int | None:
        return None

    def closed(self, table: str, period: int) -> bool:
        return False


@pytest.fixture(scope="module")
def growth() -> Mapping[tuple[str, str, str], float]:
    """(indicator, measure, level) → value of 2025 in the growth example."""
    folder = CATALOGUES / "growth-example"
    catalogue = load(folder)
    rows = read_register(folder, catalogue)
    register = Register()
    register.apply(rows, [ord(row.code) for row in rows])
    cells = PushedCells(register, folder / "data" / "2024.csv", folder / "data" / "2025.csv")
    figures = Figures(catalogue, register, cells, NoCalendar())
    return {
        (indicator.code, measure, block.level): float(block.value[0])
        for indicator in catalogue.indicators
        for measure in indicator.measures
        for block in figures.of(indicator, 202500, measure, None)
    }


@pytest.mark.parametrize("level", ["city", "district"])
@pytest.mark.parametrize(
    ("indicator", "measure", "value"),
    [
        ("turnover", "current", 174.0),
        ("turnover", "yoy_nominal", 174 / 250 - 1),
        ("turnover", "yoy_same", 174 / 218 - 1),
        ("turnover", "yoy_matched", 110 / 200 - 1),
        ("turnover_keep_base", "yoy_same", 174 / 268 - 1),
    ],
)
def test_the_three_kinds_of_growth_are_those_of_the_example(
    growth: Mapping[tuple[str, str, str], float],
    indicator: str,
    measure: str,
    level: str,
    value: float,
) -> None:
    assert growth[indicator, measure, level] == pytest.approx(value, abs=1e-12)


def test_the_retail_register_has_152_units_of_which_102_are_parts() -> None:
    folder = CATALOGUES / "retail"
    rows = read_register(folder, load(folder))
    units = [dict(row.attributes) for row in rows if row.action == "put_unit"]
    assert len(units) == 152
    assert Counter("part_of" in unit for unit in units) == {True: 102, False: 50}
    assert sum("listed_to" in unit for unit in units) == 4


def test_every_part_is_in_district_and_industry_of_its_whole() -> None:
    folder = CATALOGUES / "retail"
    rows = read_register(folder, load(folder))
    places: dict[str, set[tuple[str, str]]] = {}
    for row in rows:
        if row.action == "put_membership":
            places.setdefault(row.code, set()).add((row.grouping, row.member))
    for row in rows:
        whole = dict(row.attributes).get("part_of")
        if row.action == "put_unit" and whole:
            assert places[row.code] == places[whole]


def test_lishuis_districts_have_every_item_of_the_table_and_slashes_are_missing() -> None:
    folder = CATALOGUES / "lishui"
    catalogue = load(folder)
    file = folder / "data" / "districts-2019.csv"
    rows = list(csv.DictReader(file.open(encoding="utf-8", newline="")))
    assert list(rows[0])[2:] == catalogue.table["per_mu_districts"].items
    tokens = catalogue.table["per_mu_districts"].tokens
    empty = [value for row in rows for value in row.values() if value in tokens]
    assert empty == ["/"] * 3
    assert tokens["/"] == "missing"
    *districts, published = rows
    firms = [int(row["firms_above_scale"]) for row in districts]
    assert sum(firms) == int(published["firms_above_scale"]) == 942


def test_no_total_of_lishuis_ratios_can_be_asked_for() -> None:
    catalogue = load(CATALOGUES / "lishui")
    summed = {one.code for one in catalogue.indicators if "city" in one.levels}
    assert summed == {"firms_above_scale"}
    assert all(one.quoted for one in catalogue.indicators)
