"""Faults of schemes of keys, of rules between sources, and of what survey data may serve."""

import shutil
from pathlib import Path

import pytest

from catalog.errors import CatalogueError, Fault
from catalog.loader import load

RETAIL = Path(__file__).parents[2] / "catalog" / "retail"
SCHEME = "- {code: meter, name: {zh: 户号, en: Meter}, unit_kind: series, source: state}\n"


@pytest.fixture
def city(tmp_path: Path) -> Path:
    """A copy of the retail folder whose table names units by meters."""
    folder = tmp_path / "city"
    shutil.copytree(RETAIL, folder)
    (folder / "correspondences.yaml").write_text(SCHEME, encoding="utf-8")
    edit(folder, "tables.yaml", "  source: state\n", "  source: state\n  keys: meter\n")
    return folder


def edit(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def faults_of(folder: Path) -> list[Fault]:
    with pytest.raises(CatalogueError) as raised:
        load(folder)
    return list(raised.value.faults)


def test_a_table_may_name_units_by_a_scheme_of_keys(city: Path) -> None:
    catalogue = load(city)
    assert catalogue.table["retail_monthly"].keys == "meter"
    assert catalogue.scheme["meter"].unit_kind == "series"


@pytest.mark.parametrize(
    ("old", "new", "place", "en", "zh"),
    [
        ("source: state", "source: grid", "correspondences.yaml:1: 0.source", "no source 'grid'",
         "没有来源'grid'"),
        ("code: meter", "code: series", "correspondences.yaml:1: 0.code",
         "'series' is a kind of unit already", "'series'已是单位类型"),
        ("code: meter", "code: candidate", "correspondences.yaml:1: 0.code",
         "'candidate' is a kind of unit already", "'candidate'已是单位类型"),
        ("code: meter", "code: parcel_no", "tables.yaml:7: 0.keys",
         "no scheme of keys 'meter'", "correspondences.yaml中没有部门主键'meter'"),
        ("unit_kind: series", "unit_kind: shop", "tables.yaml:7: 0.keys",
         "keys of 'meter' are those of 'shop', the table is about 'series'",
         "部门主键'meter'对应的单位类型为'shop',报表的单位类型为'series'"),
        (SCHEME, SCHEME + SCHEME, "correspondences.yaml:1: 0.code",
         "'meter' is used more than once", "'meter'重复使用"),
    ],
)  # fmt: skip
def test_each_fault_of_a_scheme_is_told_where_it_is(
    city: Path, old: str, new: str, place: str, en: str, zh: str
) -> None:
    edit(city, "correspondences.yaml", old, new)
    found = faults_of(city)
    told = [f"{fault.file}:{fault.line}: {fault.field}" for fault in found]
    assert place in told
    fault = found[told.index(place)]
    assert (fault.en, fault.zh) == (en, zh)


def test_survey_data_evaluate_no_single_unit(city: Path) -> None:
    edit(city, "indicators.yaml", "role: monitor", "role: incentive\n  reward: {zh: 奖, en: Prize}")
    (fault,) = faults_of(city)
    assert (fault.field, fault.zh) == (
        "0.levels", "报表'retail_monthly'为统计调查,其数据不得用于对单个调查对象的评价",
    )  # fmt: skip
    edit(city, "tables.yaml", "purpose: statistical", "purpose: administrative")
    load(city)


def test_a_rule_may_not_take_the_code_or_the_id_of_rules_between_sources(city: Path) -> None:
    (city / "checks.yaml").write_text(
        "- {id: 2147483648, code: sources.turnover, name: {zh: 一, en: a}, table: retail_monthly,\n"
        "   expression: turnover >= 0, message: {zh: 一, en: a}, source: 示例}\n",
        encoding="utf-8",
    )
    assert [fault.field for fault in faults_of(city)] == ["0.code", "0.id"]
