"""The catalogue of industrial functional zones: complete, fed, and no indicator of it is dead."""

import csv
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from catalog.loader import load
from catalog.register import read_register
from granary.demo.zones_city import LANDLESS, LEFT, LOSSMAKING, STOPPED, enterprises
from granary.demo.zones_sample import files
from indicators.arrays import Amounts, Flags, Instants
from indicators.catalogue import Catalogue
from indicators.checks.compiling import check_of
from indicators.figure_block import FigureBlock
from indicators.figures import Figures
from indicators.periods import Frequency, format_period, parse_period
from indicators.register import Register

ZONES = Path(__file__).parents[2] / "catalog" / "zones"
PAGE = Path(__file__).parents[2] / "docs" / "zones-catalogue.md"
OCTOBER = 202610
#: Newest period of each frequency in the sample.
NEWEST = {Frequency.MONTH: OCTOBER, Frequency.QUARTER: 202623, Frequency.YEAR: 202500}

Sheet = dict[tuple[str, str], dict[str, str]]


class SampleCells:
    """Cells of the sample's files, one file a table, as if they had been pushed."""

    def __init__(self, catalogue: Catalogue, register: Register) -> None:
        self._catalogue, self._register = catalogue, register
        self._cells: dict[tuple[str, str, int], dict[str, int]] = {}
        self._periods: dict[str, set[int]] = {}
        for table in catalogue.tables:
            for (unit, period), row in sheet(table.code).items():
                at = parse_period(period)
                self._periods.setdefault(table.code, set()).add(at)
                for item in table.items:
                    if row[item] not in table.tokens:
                        value = int(Decimal(row[item]) * 10**4)
                        self._cells.setdefault((table.code, item, at), {})[unit] = value

    def values(self, table: str, item: str, period: int) -> tuple[Amounts, Flags]:
        found = self._cells.get((table, item, period), {})
        codes = self._register.codes(self._catalogue.table[table].unit_kind)
        return (
            np.array([found.get(code, 0) for code in codes], np.int64),
            np.array([code in found for code in codes], bool),
        )

    def periods(self, table: str) -> set[int]:
        return self._periods.get(table, set())

    def arrivals(self, table: str, period: int) -> Instants:
        return np.zeros(self._register.size(self._catalogue.table[table].unit_kind), np.int64)


class NoCalendar:
    def due(self, table: str, period: int) -> int | None:
        return None

    def closed(self, table: str, period: int) -> bool:
        return False


def sheet(table: str) -> Sheet:
    """(unit, period) → item → text, of a file of the sample."""
    with (ZONES / "data" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return {(row["unit"], row["period"]): row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load(ZONES)


@pytest.fixture(scope="module")
def register(catalogue: Catalogue) -> Register:
    rows = read_register(ZONES, catalogue)
    units = sorted({(row.kind, row.code) for row in rows})
    register = Register()
    register.apply(rows, [units.index((row.kind, row.code)) + 1 for row in rows])
    return register


@pytest.fixture(scope="module")
def figures(catalogue: Catalogue, register: Register) -> Figures:
    return Figures(catalogue, register, SampleCells(catalogue, register), NoCalendar())


def newest(catalogue: Catalogue, code: str) -> int:
    return NEWEST[catalogue.table[catalogue.indicator[code].table].frequency]


def block(
    catalogue: Catalogue, figures: Figures, code: str, measure: str, level: str = "city"
) -> FigureBlock:
    blocks = figures.of(catalogue.indicator[code], newest(catalogue, code), measure, None)
    return next(one for one in blocks if (one.level, one.by_level) == (level, ""))


def city(catalogue: Catalogue, figures: Figures, code: str, measure: str) -> float:
    return float(block(catalogue, figures, code, measure).value[0])


def test_there_are_more_than_55_indicators_over_all_five_dimensions(catalogue: Catalogue) -> None:
    count: dict[str, int] = {}
    for one in catalogue.indicators:
        count[one.dimension] = count.get(one.dimension, 0) + 1
    assert len(catalogue.indicators) >= 55
    assert set(count) == {"investment_output", "innovation", "green", "construction", "operation"}
    assert min(count.values()) >= 9


def test_every_constraint_names_its_lines_as_examples_and_its_consequence(
    catalogue: Catalogue,
) -> None:
    constraints = [one for one in catalogue.indicators if one.role == "constraint"]
    assert len(constraints) >= 8
    for one in constraints:
        assert one.lines is not None
        assert one.lines.consequence.zh
        assert "示例" in one.lines.source


def test_department_tables_are_administrative_and_survey_forms_statistical(
    catalogue: Catalogue,
) -> None:
    for table in catalogue.tables:
        assert (table.purpose == "statistical") == (table.source == "district"), table.code
        assert "示例" in table.legal_basis


def test_every_table_has_a_reporter_and_every_table_is_in_the_sample(catalogue: Catalogue) -> None:
    reported = {table for reporter in catalogue.reporters for table in reporter.tables}
    assert reported == {*catalogue.table, *catalogue.register_table}
    assert {path.stem for path in (ZONES / "data").glob("*.csv")} == set(catalogue.table)


def test_the_committed_sample_is_what_its_generator_writes() -> None:
    for name, text in files().items():
        assert (ZONES / name).read_text(encoding="utf-8") == text, name


def test_every_indicator_has_a_figure_of_the_city_for_each_of_its_measures(
    catalogue: Catalogue, figures: Figures
) -> None:
    dead = [
        (one.code, measure, found.reason[0])
        for one in catalogue.indicators
        for measure in one.measures
        for found in [block(catalogue, figures, one.code, measure)]
        if np.isnan(found.value[0])
    ]
    assert dead == []


def test_every_longer_period_of_an_indicator_has_a_figure(
    catalogue: Catalogue, figures: Figures
) -> None:
    longer = {Frequency.QUARTER: 202523, Frequency.YEAR: 202500}
    for one in catalogue.indicators:
        for frequency in one.also:
            found = next(iter(figures.of(one, longer[frequency], one.measures[0], None)))
            assert not np.isnan(found.value[0]), (one.code, frequency)


def test_districts_add_to_the_city_and_a_unit_in_two_ecosystems_counts_once(
    catalogue: Catalogue, figures: Figures
) -> None:
    whole = block(catalogue, figures, "tax_paid", "ytd")
    districts = block(catalogue, figures, "tax_paid", "ytd", "district")
    ecosystems = block(catalogue, figures, "tax_paid", "ytd", "ecosystem")
    assert sum(map(int, districts.numerator)) == int(whole.numerator[0])
    assert ecosystems.subjects[-1] == "total"
    assert int(ecosystems.numerator[-1]) == int(whole.numerator[0])
    assert sum(map(int, ecosystems.numerator[:-1])) > int(whole.numerator[0])
    assert "overlap_units=1" in ecosystems.reason[-1]


def test_tax_per_mu_is_the_year_of_taxes_over_land_in_use(
    catalogue: Catalogue, figures: Figures
) -> None:
    months = [(2025, 11), (2025, 12), *((2026, month) for month in range(1, 11))]
    taxes, land = sheet("tax_monthly"), sheet("land_annual")
    tax = sum(
        (Fraction(taxes[firm.code, f"{year}-M{month:02d}"]["tax_paid"])
         for firm in enterprises() for year, month in months), Fraction(0)
    )  # fmt: skip
    square_metres = sum(
        (Fraction(row["land_own"]) + Fraction(row["land_rented_in"])
         - Fraction(row["land_rented_out"])
         for (_, period), row in land.items() if period == "2025"), Fraction(0)
    )  # fmt: skip
    found = block(catalogue, figures, "tax_per_mu", "rolling12")
    assert float(found.value[0]) == pytest.approx(float(tax / (square_metres * 3 / 2000)))
    assert f"zero_denominators=1:{enterprises()[LANDLESS].code}" in found.reason[0]


def test_growth_of_output_compares_with_what_firms_report_of_the_year_before(
    catalogue: Catalogue, figures: Figures
) -> None:
    rows = [row for (_, period), row in sheet("output_monthly").items()
            if period == "2026-M10" and row["output"] != "—"]  # fmt: skip
    now = sum(Fraction(row["output"]) for row in rows)
    before = sum(Fraction(row["output_prior"]) for row in rows)
    assert len(rows) == 39  # forty of industry, less the one that left the list
    assert city(catalogue, figures, "output", "ytd_yoy_same") == pytest.approx(
        float(now / before) - 1
    )


def test_the_fall_of_energy_per_value_added_is_at_constant_prices(
    catalogue: Catalogue, figures: Figures
) -> None:
    output = [row for (_, period), row in sheet("output_monthly").items()
              if period == "2026-M10" and row["output"] != "—"]  # fmt: skip
    energy = [row for (_, period), row in sheet("energy_monthly").items()
              if period == "2026-M10" and row["energy"] != "—"]  # fmt: skip
    index = Fraction(catalogue.deflator["ex_factory"].ytd["2026-M10"]) / 100

    def total(rows: list[dict[str, str]], item: str) -> Fraction:
        return sum((Fraction(row[item]) for row in rows), Fraction(0))

    energy_growth = total(energy, "energy") / total(energy, "energy_prior")
    real_growth = total(output, "value_added") / (total(output, "value_added_prior") * index)
    assert city(catalogue, figures, "energy_intensity", "ytd_yoy_same") == pytest.approx(
        float(energy_growth / real_growth) - 1
    )


def test_one_firm_in_59_makes_a_loss_and_one_in_39_has_stopped(
    catalogue: Catalogue, figures: Figures
) -> None:
    assert city(catalogue, figures, "loss_share", "ytd") == pytest.approx(100 / 59)
    assert city(catalogue, figures, "stopped_share", "current") == pytest.approx(100 / 39)
    firms = enterprises()
    assert Fraction(sheet("finance_monthly")[firms[LOSSMAKING].code, "2026-M10"]["profit"]) < 0
    assert Fraction(sheet("output_monthly")[firms[STOPPED].code, "2026-M10"]["output_month"]) == 0
    assert (firms[LEFT].code, "2026-M10") not in sheet("output_monthly")


def test_electricity_is_read_from_the_power_supplier_first(
    catalogue: Catalogue, figures: Figures
) -> None:
    assert catalogue.tables_with["enterprise", "electricity"] == ("power_monthly", "energy_monthly")
    firms = [firm.code for firm in enterprises() if firm.industrial and firm.at != LEFT]
    power, output = sheet("power_monthly"), sheet("output_monthly")
    kwh = sum(
        (Fraction(power[code, f"2026-M{month:02d}"]["electricity"])
         for code in firms for month in range(1, 11)), Fraction(0)
    )  # fmt: skip
    made = sum(Fraction(output[code, "2026-M10"]["output"]) for code in firms)
    assert city(catalogue, figures, "output_per_electricity", "ytd") == pytest.approx(
        float(made / kwh)
    )


def test_projects_and_idle_land_are_told_by_zone(catalogue: Catalogue, figures: Figures) -> None:
    started = block(catalogue, figures, "start_rate", "current", "zone")
    rows = [row for (unit, period), row in sheet("project_monthly").items()
            if unit.startswith("XZ01") and period == "2026-M10"]  # fmt: skip
    assert float(started.value[list(started.subjects).index("Z01")]) == pytest.approx(
        100 * sum(int(row["started"]) for row in rows) / len(rows)
    )
    idle = block(catalogue, figures, "idle_land_rate", "current", "zone")
    row = sheet("zone_quarterly")["Z06", "2026-Q3"]
    at = list(idle.subjects).index("Z06")
    assert float(idle.value[at]) == pytest.approx(
        float(100 * Fraction(row["idle_land"]) / Fraction(row["zone_built_land"]))
    )


def test_longquanyis_own_total_differs_from_the_sum_of_its_units(
    catalogue: Catalogue, figures: Figures
) -> None:
    ours = block(catalogue, figures, "output", "current", "district")
    (quoted,) = figures.quoted(catalogue.indicator["output"], OCTOBER)
    at = list(ours.subjects).index("longquanyi")
    assert float(quoted.value[at]) == pytest.approx(float(ours.value[at]) * 1.03, rel=1e-3)
    others: Mapping[str, tuple[float, float]] = {
        code: (float(ours.value[n]), float(quoted.value[n]))
        for n, code in enumerate(ours.subjects)
        if n != at and not np.isnan(quoted.value[n]) and not np.isnan(ours.value[n])
    }
    assert len(others) >= 5
    assert all(mine == pytest.approx(told) for mine, told in others.values())


def test_policy_has_an_index_for_each_type_of_zone_and_targets_of_all_six_kinds(
    catalogue: Catalogue,
) -> None:
    types = {member.code for member in catalogue.grouping["zone_type"].members}
    assert {index.zone_type for index in catalogue.indices} == types
    kinds = {"amount", "growth", "level", "ceiling", "reduction", "five_year"}
    assert {target.kind for target in catalogue.targets} == kinds
    policies = [*catalogue.indices, *catalogue.targets, *catalogue.assessments]
    assert all("示例" in policy.source for policy in policies)


def test_an_index_ranks_the_zones_that_the_register_says_are_of_its_type(
    catalogue: Catalogue, register: Register
) -> None:
    zones = register.units("zone")
    for index in catalogue.indices:
        of_type = {
            code
            for code, (_, attributes) in zones.items()
            if attributes["zone_type"] == index.zone_type and "listed_to" not in attributes
        }
        assert set(index.members) == of_type, index.code
    leads = {code: attributes["lead_district"] for code, (_, attributes) in zones.items()}
    for assessment in catalogue.assessments:
        for body in assessment.bodies:
            assert {leads[zone] for zone in body.subjects} == {body.code}


def test_there_are_twenty_checks_and_hard_ones_are_decided_by_the_file_alone(
    catalogue: Catalogue,
) -> None:
    assert len(catalogue.checks) >= 20
    hard = [rule for rule in catalogue.checks if rule.severity == "hard"]
    assert len(hard) >= 5
    assert all(check_of(catalogue, rule).within_return for rule in hard)
    read = {rule.table for rule in catalogue.checks}
    assert {"output_monthly", "finance_monthly", "rd_annual", "district_totals"} <= read


def page(catalogue: Catalogue) -> str:
    """The tables of docs/zones-catalogue.md, as the catalogue has them."""
    lines = ["| 维度 | 代码 | 指标 | Indicator | 单位 | 角色 | 报表 | 口径 |", "|" + "---|" * 8]
    lines += [
        f"| {one.dimension} | `{one.code}` | {one.name.zh} | {one.name.en} | {one.unit} |"
        f" {one.role} | `{one.table}` | {' '.join(one.measures)} |"
        for one in catalogue.indicators
    ]
    lines += ["", "| 报表代码 | 报表 | Table | 频率 | 单位类型 | 来源 | 用途 |", "|" + "---|" * 7]
    lines += [
        f"| `{one.code}` | {one.name.zh} | {one.name.en} | {one.frequency.value} |"
        f" {one.unit_kind} | {one.source} | {one.purpose} |"
        for one in catalogue.tables
    ]
    return "\n".join(lines) + "\n"


def test_the_page_lists_the_catalogue_as_it_is(catalogue: Catalogue) -> None:
    _, _, tables = PAGE.read_text(encoding="utf-8").partition("<!-- tables -->\n\n")
    assert tables == page(catalogue)


def test_every_period_of_the_sample_is_one_of_its_tables_frequency(catalogue: Catalogue) -> None:
    for table in catalogue.tables:
        for _, period in sheet(table.code):
            assert format_period(parse_period(period)) == period
            assert (len(period) == 4) == (table.frequency is Frequency.YEAR), table.code
