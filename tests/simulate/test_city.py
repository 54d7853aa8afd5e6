"""A simulated city is whole, plausible, and by itself without a finding."""

import filecmp
from collections import defaultdict
from pathlib import Path

import pytest
from typer.testing import CliRunner

from catalog.credit_code import is_credit_code_shaped, wrong_check_digit
from granary.cli.main import make_app
from granary.simulate.activities import INDUSTRY
from granary.simulate.city import make_city
from granary.simulate.places import COUNTIES, DISTRICTS, ZONES_IN_FORCE, places
from granary.simulate.plan import Plan, SimulationError
from indicators.items import ItemKind
from indicators.periods import format_period, parse_period, shift
from tests.simulate.cities import PLAN
from tests.simulate.city_files import CityFiles

LAST = format_period(PLAN.last)


def below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_the_same_seed_writes_the_same_bytes_and_another_other_values(tmp_path: Path) -> None:
    small = {"units": 60, "months": 14, "last": 202605}
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        make_city(Plan(**small, seed=seed), tmp_path / name)
    files = below(tmp_path / "a")
    assert files == below(tmp_path / "b")
    same, other, _ = filecmp.cmpfiles(tmp_path / "a", tmp_path / "b", files, shallow=False)
    assert other == []
    assert len(same) == len(files) > 100
    assert not filecmp.cmp(tmp_path / "a/units.csv", tmp_path / "c/units.csv", shallow=False)


def test_a_city_without_faults_breaks_no_check_of_the_catalogue(clean: CityFiles) -> None:
    assert len(clean.catalogue.compiled_checks) > 20
    assert clean.findings == set()
    assert clean.truth["faults"] == []


def test_every_table_is_fed_and_every_item_has_values(clean: CityFiles) -> None:
    fed = {(table, item) for table, item, _ in clean.accepted}
    asked = {(table.code, item) for table in clean.catalogue.tables for item in table.items}
    assert asked - fed == set()


def test_every_unit_that_a_table_expects_has_a_return_and_no_other_has(clean: CityFiles) -> None:
    register, catalogue = clean.register, clean.catalogue
    for (table, _, period), cells in clean.accepted.items():
        of = catalogue.table[table]
        if of.expected == "none":
            continue
        codes = register.codes(of.unit_kind)
        expected = {codes[at] for at in register.scope(of, period).nonzero()[0]}
        assert set(cells) == expected, (table, period)


def test_cumulated_items_that_cannot_be_negative_do_not_fall_within_a_year(
    clean: CityFiles,
) -> None:
    items = clean.catalogue.item
    looked_at = 0
    for (table, item, period), now in clean.accepted.items():
        of = items[item]
        if of.reported != "year_to_date" or of.sign != "not_negative" or period % 100 <= 2:
            continue
        before = clean.accepted.get((table, item, shift(period, -1)), {})
        for unit in now.keys() & before.keys():
            looked_at += 1
            assert now[unit] >= before[unit], (unit, table, item, period)
    assert looked_at > 1000


def test_zones_are_58_in_force_of_three_types_one_merged_and_one_split(clean: CityFiles) -> None:
    members = clean.catalogue.grouping["zone"].members
    current = [one for one in members if one.valid_to is None]
    counts = {kind: sum(one.type == kind for one in current) for kind in ZONES_IN_FORCE}
    assert counts == ZONES_IN_FORCE
    gone = [one for one in members if one.valid_to is not None]
    assert sorted(len(one.successors) for one in gone) == [1, 2]
    spans = [zone for zone in places(PLAN).zones if len(zone.districts) > 1]
    assert len(spans) >= 6


def test_units_lie_in_the_districts_of_their_zones_and_in_a_county_of_their_district(
    clean: CityFiles,
) -> None:
    districts = {zone.code: set(zone.districts) for zone in places(PLAN).zones}
    counties = {one.code: set(one.counties) for one in DISTRICTS}
    inside = 0
    for kind, code in clean.units:
        if kind != "enterprise":
            continue
        for period in (format_period(PLAN.first), LAST):
            home = clean.member(kind, code, "district", period)
            assert clean.member(kind, code, "county", period) in counties[home]
            zone = clean.member(kind, code, "zone", period)
            assert not zone or home in districts[zone]
            inside += bool(zone)
    assert inside > PLAN.units // 2


def test_special_areas_overlap_counties(clean: CityFiles) -> None:
    of_county = defaultdict(set)
    for kind, code in clean.units:
        if kind == "enterprise":
            county = clean.member(kind, code, "county", LAST)
            of_county[county].add(clean.member(kind, code, "district", LAST))
    assert {one.code for one in COUNTIES} >= set(of_county)
    assert any({"gaoxin"} < bodies for bodies in of_county.values())


def test_credit_codes_are_valid_and_names_are_no_ones_twice(clean: CityFiles) -> None:
    firms = {code: row for (kind, code), row in clean.units.items() if kind == "enterprise"}
    assert len(firms) == PLAN.units
    assert all(is_credit_code_shaped(code) and not wrong_check_digit(code) for code in firms)
    assert len({row["name"] for row in firms.values()}) == len(firms)
    regions = {one.code for one in COUNTIES}
    assert {code[2:8] for code in firms} <= regions


def test_units_open_close_move_and_are_taken_on_and_off_the_list_with_reasons(
    clean: CityFiles,
) -> None:
    first = format_period(PLAN.first)
    moved = {
        code for kind, code in clean.units if kind == "enterprise"
        and len(clean.places[kind, code, "district"]) > 1
    }  # fmt: skip
    assert moved
    listed = [{code for code in clean.spans if clean.is_listed(code, one)} for one in (first, LAST)]
    assert listed[0] - listed[1]
    assert listed[1] - listed[0]
    assert any(len(spans) > 1 for spans in clean.spans.values()) or len(clean.spans) < 200


def test_industry_stands_still_about_the_new_year(clean: CityFiles) -> None:
    """The holiday takes from January and February what no other month loses."""
    year = PLAN.last // 100 - (PLAN.last % 100 < 4)
    industry = {code for (_, code), row in clean.units.items() if row["sector"] == INDUSTRY}

    def sold(month: int) -> int:
        cells = clean.accepted["tax_monthly", "declared_sales", year * 100 + month]
        return sum(cells[code] for code in industry)

    assert sold(1) + sold(2) < 0.9 * (sold(3) + sold(4))


def test_departments_differ_from_districts_within_tolerance(clean: CityFiles) -> None:
    own = clean.accepted["energy_monthly", "electricity", PLAN.last]
    bill = clean.accepted["power_monthly", "electricity", PLAN.last]
    shares = [abs(own[unit] - bill[unit]) / bill[unit] for unit in own if bill[unit]]
    assert 0 < max(shares) < 0.05


def test_what_is_let_is_what_is_rented(clean: CityFiles) -> None:
    for year in PLAN.years:
        rented, let = (
            sum(clean.accepted["land_annual", item, year * 100].values())
            for item in ("land_rented_in", "land_rented_out")
        )
        assert rented == let > 0


def test_several_accounts_of_an_enterprise_come_row_by_row(clean: CityFiles) -> None:
    of_unit = defaultdict(set)
    for line in clean.lines:
        if line.table == "power_monthly" and line.period == LAST:
            of_unit[clean.owner(line.unit, LAST)].add(line.unit)
    assert max(map(len, of_unit.values())) >= 2
    assert set(of_unit) == {code for kind, code in clean.units if kind == "enterprise"}


def test_the_manifest_lists_every_file_history_before_what_arrives_day_by_day(
    faulty: CityFiles,
) -> None:
    entries = faulty.manifest["files"]
    assert sorted(one["file"] for one in entries) == [
        name for name in below(faulty.folder) if name.startswith("data/")
    ]
    days = [one["day"] or "" for one in entries]
    assert days == sorted(days)
    counted = defaultdict(int)
    for line in faulty.lines:
        counted[line.file] += 1
    assert {one["file"]: one["rows"] for one in entries} == counted
    for one in entries:
        assert (one["period"] is None) == (one["day"] is None)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--units", "10"], "at least 60 units"),
        (["--rate", "rain=0.1"], "no kind of fault"),
        (["--rate", "late=often"], "KIND=SHARE"),
        (["--last", "yesterday"], "not a period"),
    ],
)
def test_a_city_that_cannot_be_is_refused_with_the_reason(
    tmp_path: Path, arguments: list[str], said: str
) -> None:
    command = ["simulate", "city", "--out", str(tmp_path / "city"), *arguments]
    result = CliRunner().invoke(make_app(), command)
    assert result.exit_code == 2
    assert said in result.output
    assert not (tmp_path / "city").exists()


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(SimulationError, match="not empty"):
        make_city(PLAN, tmp_path)
    assert below(tmp_path) == ["notes.txt"]


def test_stocks_are_there_from_the_first_month_on(clean: CityFiles) -> None:
    """Rolling figures of the first year rest on land of the year before."""
    stocks = {item.code for item in clean.catalogue.items if item.kind is ItemKind.STOCK}
    assert "land_own" in stocks
    years = {period for _, item, period in clean.accepted if item == "land_own"}
    assert min(years) < parse_period(format_period(PLAN.first))
