"""Projects, zones and land of the zones' catalogue: each finding planted in the sample is found."""

from typing import Any

import numpy as np
import pytest

from catalog.errors import RegisterError
from catalog.loader import load
from catalog.register import read_register, register_of
from granary.demo import zones_land, zones_projects, zones_stages, zones_tasks
from granary.demo.zones_city import enterprises
from granary.keys import unit_id
from granary.records import RegisterRow
from indicators.catalogue import Catalogue
from indicators.checks.findings import findings
from indicators.checks.operands import CheckCells
from indicators.figures import Figures
from indicators.periods import format_period, parse_period
from indicators.register import Register
from tests.catalog.test_zones import ZONES, NoCalendar, SampleCells
from tests.indicators.cities import Told, ToldCells

CODES = [firm.code for firm in enterprises()]
LESSOR, TENANT, OWNER = (
    CODES[at]
    for at in (zones_land.LET_TOO_MUCH, zones_land.RENTED_UNTOLD, zones_land.OWNED_TOO_MUCH)
)


def months(first: int, last: int) -> list[str]:
    return [f"2026-M{month:02d}" for month in range(first, last + 1)]


ALWAYS = [f"{y}-M{m:02d}" for y, first, last in ((2024, 9, 12), (2025, 1, 12), (2026, 1, 10))
          for m in range(first, last + 1)]  # fmt: skip
#: rule → unit → periods: what the generator plants, and nothing beside it
PLANTED: dict[str, dict[str, list[str]]] = {
    "project_stage_order": {zones_projects.OUT_OF_ORDER[0]: [zones_projects.OUT_OF_ORDER[1]]},
    "project_dates_order": {zones_projects.SIGNED_AFTER: ALWAYS},
    "project_date_after_period": {zones_projects.DATED_LATER: months(7, 10)},
    "project_date_not_reported": {zones_projects.UNTOLD: months(9, 10)},
    "project_stalled": {zones_projects.STALLED: months(3, 10)},
    "project_output_late": {zones_projects.OUTPUT_LATE: months(4, 6)},
    "zone_idle_within": {"Z03": ["2025-Q1"]},
    "zone_tasks_due": {"Z04": ["2026-Q3"]},
    "zone_tasks_done": {"Z06": ["2026-Q2"]},
    "task_due_flag": {zones_tasks.DUE_EARLY: ["2026-Q3"]},
    "task_overdue": {zones_tasks.LATE: ["2026-Q2"], zones_tasks.OVERDUE: ["2026-Q3"]},
    "lease_two_sides": {zones_land.TWO_SIDES: ["2025"]},
    "lease_two_parties": {zones_land.TO_ITSELF: ["2025"]},
    "share_by_floor": {zones_land.share_code(*zones_land.TOO_MUCH_FLOOR): ["2025"]},
    "parcel_owned": {zones_land.TOO_LARGE: ["2025"]},
    # Where lessor and tenant differ, the parcel is not wholly used.
    "parcel_used": {zones_land.TOO_LARGE: ["2025"], "LZ011": ["2025"]},
    "parcel_overdue_flag": {zones_land.OVERDUE_UNTOLD: ["2024"]},
    "land_owned": {OWNER: ["2025"]},
    "land_let": {LESSOR: ["2025"]},
    "land_rented": {TENANT: ["2025"]},
    # What is told wrongly of owning or renting is told wrongly of use.
    "land_in_use_parcels": {code: ["2025"] for code in (OWNER, LESSOR, TENANT)},
    "stage_missed": {
        zones_stages.MISSED: ["2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3"],
        zones_stages.LATE: ["2025-Q4"],
        zones_stages.LOW_TAX: ["2026-Q3"],
    },
    "stage_reached_late": {zones_stages.LATE: ["2026-Q1"]},
}
#: Of what the earlier rules find, the same generator plants a district's own total (龙泉驿区).
EARLIER = 22


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load(ZONES)


@pytest.fixture(scope="module")
def register(catalogue: Catalogue) -> Register:
    return registered(read_register(ZONES, catalogue))


def registered(rows: list[Any]) -> Register:
    found = Register()
    found.apply(rows, [unit_id(row.kind, row.code) for row in rows])
    return found


@pytest.fixture(scope="module")
def messages(catalogue: Catalogue, register: Register) -> dict[tuple[str, str, str], str]:
    """(rule, unit, period) → Chinese message, of every finding in the sample."""
    sample = SampleCells(catalogue, register)
    told = {}
    for check in catalogue.compiled_checks:
        for period in sample.periods(check.rule.table):
            found = findings(CheckCells(catalogue, register, sample), check, period)
            units = register.codes(check.unit_kind)
            for number, at in enumerate(found.units.tolist()):
                key = check.rule.code, units[at], format_period(period)
                told[key] = found.message(number)[0]
    return told


def test_the_sample_has_the_planted_findings_and_no_others(
    messages: dict[tuple[str, str, str], str],
) -> None:
    planted = {(rule, unit, period) for rule, units in PLANTED.items()
               for unit, periods in units.items() for period in periods}  # fmt: skip
    longquanyi = {key for key in messages if key[:2] == ("district_total", "longquanyi")}
    assert set(messages) - longquanyi == planted
    assert len(longquanyi) == 24


def test_every_soft_rule_of_construction_has_a_planted_case(catalogue: Catalogue) -> None:
    soft = {rule.code for rule in catalogue.checks if rule.severity == "soft" and rule.id > EARLIER}
    assert soft == set(PLANTED)


def test_a_difference_between_lessor_and_tenant_names_both_and_both_figures(
    messages: dict[tuple[str, str, str], str],
) -> None:
    assert messages["lease_two_sides", "RLZ011-1", "2025"].endswith(
        "地块LZ011:出租方示例电子01号公司报租出5,462.1平方米,承租方示例电子02号公司报租入5,412.1平方米,"
        "相差50平方米"
    )


@pytest.mark.parametrize(
    ("rule", "unit", "period", "parts"),
    [
        ("stage_missed", "GLZ021-1", "2026-Q3",
         ["2025-12-31", "逾期273天", "投资6,000/约定8,000", "税收1,400/约定600"]),
        ("stage_missed", "GLZ031-1", "2025-Q4",
         ["示例医药21号公司(地块LZ031)", "投资7,000/约定8,000"]),
        ("stage_reached_late", "GLZ031-1", "2026-Q1",
         ["2025-12-31", "最多迟90天", "投资9,000/约定8,000"]),
        ("project_stalled", "XZ061", "2026-M10", ["2026-03-15", "逾期230天", "示例投资方XZ061"]),
        ("task_overdue", "TZ05-7", "2026-Q3",
         ["责任单位青白江区", "2026-09-15", "逾期15天", "进度80%"]),
        ("land_let", LESSOR, "2025", ["租赁合计2,783.2平方米", "承租方:示例汽车12号公司"]),
        ("share_by_floor", "SLZ032-25", "2025",
         ["示例医药25号公司", "地块LZ032", "占180,751.2平方米"]),
    ],
)  # fmt: skip
def test_a_finding_carries_its_evidence(
    messages: dict[tuple[str, str, str], str], rule: str, unit: str, period: str, parts: list[str]
) -> None:
    told = messages[rule, unit, period]
    assert [part for part in parts if part not in told] == [], told


def rate(
    catalogue: Catalogue, indicator: str, told: Told, period: str, *units: RegisterRow,
    level: str = "city", measure: str = "current", subject: str = "",
) -> float:  # fmt: skip
    """A figure of units that report `told` in one period."""
    here, at = registered(list(units)), parse_period(period)
    figures = Figures(catalogue, here, ToldCells(catalogue, here, told, at), NoCalendar())
    blocks = figures.of(catalogue.indicator[indicator], at, measure, None)
    block = next(one for one in blocks if (one.level, one.by_level) == (level, ""))
    return float(block.value[list(block.subjects).index(subject) if subject else 0])


@pytest.mark.parametrize(
    ("column", "text", "chinese"),
    [
        ("due", "2026-9-30", "不是日期"),
        ("due", "2026-02-29", "不是日期"),
        ("agreed_tax", "1,200", "不是最多4位小数的数字"),
        ("agreed_tax", "600万元", "不是最多4位小数的数字"),
    ],
)
def test_a_date_or_amount_that_checks_cannot_read_is_refused_with_row_and_column(
    catalogue: Catalogue, column: str, text: str, chinese: str
) -> None:
    header = "kind,code,name,due,agreed_tax"
    good = {"due": "2026-09-30", "agreed_tax": "600.5"}
    row = ",".join(f'"{one}"' for one in (good | {column: text}).values())
    content = f"{header}\nland_stage,G1,甲,2026-09-30,600.5\nland_stage,G2,乙,{row}\n".encode()
    with pytest.raises(RegisterError) as refused:
        register_of({"units.csv": content}, catalogue)
    (fault,) = refused.value.faults
    assert (fault.file, fault.line, fault.field) == ("units.csv", 3, column)
    assert chinese in fault.zh


FLAGS = ("signed", "land_obtained", "started", "completed", "producing", "at_capacity")


def projects(*reached: int) -> tuple[Told, list[RegisterRow]]:
    """As many projects as the first number, of which so many reached each further stage.

    The first 20 are in Z01 and pidu, the others in Z02 and longquanyi.
    """
    cells: dict[str, dict[str, float]] = {}
    rows = []
    for at in range(reached[0]):
        code = f"P{at}"
        flags = {flag: int(at < count) for flag, count in zip(FLAGS, reached, strict=True)}
        cells[code] = {"total_investment": 1, "year_plan": 40, "invested": 10 + at % 2, **flags}
        rows.append(RegisterRow("put_unit", "project", code, code))
        for grouping, members in (("zone", ("Z01", "Z02")), ("district", ("pidu", "longquanyi"))):
            member = members[at >= 20]
            rows.append(
                RegisterRow("put_membership", "project", code, grouping=grouping, member=member)
            )
    return {"project_monthly": cells}, rows


def test_of_63_projects_47_started_which_is_74_6_percent(catalogue: Catalogue) -> None:
    told, rows = projects(63, 55, 47, 30, 23, 9)
    of = {
        code: rate(catalogue, code, told, "2026-M10", *rows)
        for code in (
            "start_rate",
            "signed_to_land",
            "production_rate",
            "completion_rate",
            "capacity_rate",
        )
    }
    assert {code: round(value, 1) for code, value in of.items()} == {
        "start_rate": 74.6,  # 47/63
        "signed_to_land": 87.3,  # 55/63
        "production_rate": 48.9,  # 23/47
        "completion_rate": 63.8,  # 30/47
        "capacity_rate": 39.1,  # 9/23
    }  # fmt: skip


def test_the_rate_of_started_projects_is_told_by_zone_and_by_district(catalogue: Catalogue) -> None:
    told, rows = projects(63, 55, 47, 30, 23, 9)
    for level, first, second in (("zone", "Z01", "Z02"), ("district", "pidu", "longquanyi")):
        assert (
            rate(catalogue, "start_rate", told, "2026-M10", *rows, level=level, subject=first)
            == 100
        )
        other = rate(catalogue, "start_rate", told, "2026-M10", *rows, level=level, subject=second)
        assert other == pytest.approx(100 * 27 / 43)


def test_investment_of_the_year_is_held_against_the_whole_years_plan(catalogue: Catalogue) -> None:
    told, rows = projects(4, 4, 4, 0, 0, 0)
    found = rate(catalogue, "year_investment_rate", told, "2026-M06", *rows, measure="ytd")
    assert found == pytest.approx(100 * (10 + 11 + 10 + 11) / (4 * 40))


def test_idle_land_is_a_share_of_built_land_and_an_area_in_mu(catalogue: Catalogue) -> None:
    area = {"zone_built_land": 4_000_000, "idle_land": 100_000}
    told = {"zone_quarterly": {"Z01": area, "Z02": {**area, "idle_land": 20_000}}}
    rows = [row for code, district in (("Z01", "gaoxin"), ("Z02", "longquanyi")) for row in (
        RegisterRow("put_unit", "zone", code, code, attributes=(("listed_from", "2020-01-01"),)),
        RegisterRow("put_membership", "zone", code, grouping="zone", member=code),
        RegisterRow("put_membership", "zone", code, grouping="district", member=district),
    )]  # fmt: skip
    assert rate(catalogue, "idle_land_rate", told, "2026-Q3", *rows) == 1.5  # 120,000 / 8,000,000
    assert rate(catalogue, "idle_land_area", told, "2026-Q3", *rows) == 180  # 1 m² = 0.0015 亩
    of_z01 = {"level": "zone", "subject": "Z01"}
    assert rate(catalogue, "idle_land_rate", told, "2026-Q3", *rows, **of_z01) == 2.5


def test_tasks_done_are_counted_among_those_due_alone(
    catalogue: Catalogue, register: Register
) -> None:
    figures = Figures(catalogue, register, SampleCells(catalogue, register), NoCalendar())
    blocks = list(figures.of(catalogue.indicator["task_done_rate"], 202623, "current", None))
    zone = next(one for one in blocks if (one.level, one.by_level) == ("zone", ""))
    found = dict(zip(zone.subjects, zone.value.tolist(), strict=True))
    # Seven due, of Z05 one not done; of Z01 an eighth is told as due.
    assert found["Z02"] == 100
    assert found["Z05"] == pytest.approx(100 * 6 / 7)
    assert found["Z01"] == pytest.approx(100 * 7 / 8)
    early = next(one for one in figures.of(catalogue.indicator["task_done_rate"], 202622, "current",
                                           None) if one.level == "city")  # fmt: skip
    # TZ06-7 is done before it is due, and counts on neither side; TZ02-6 is not.
    assert (float(early.value[0]), int(early.units[0])) == (pytest.approx(100 * 35 / 36), 48)


def test_parcels_are_wholly_owned_and_used_to_the_last_square_centimetre(
    catalogue: Catalogue, register: Register
) -> None:
    cells = SampleCells(catalogue, register)
    area, _ = cells.values("parcel_annual", "parcel_area", 202400)
    owned, _ = cells.values("land_share_annual", "share_owned", 202400)
    used, _ = cells.values("land_share_annual", "share_used", 202400)
    own, _ = cells.values("land_annual", "land_own", 202400)
    assert int(np.sum(area)) == int(np.sum(owned)) == int(np.sum(used)) == int(np.sum(own))
