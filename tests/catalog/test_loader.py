"""Every fault of a catalogue is told with its file, line and field, in two languages."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.errors import CatalogueError, Fault
from catalog.loader import load
from catalog.register import read_register
from indicators.catalogue import Catalogue

CATALOGUES = Path(__file__).parents[2] / "catalog"
FOLDERS = ("retail", "lishui", "growth-example")

Edit = Callable[[str, str, str], None]


@pytest.fixture
def city(tmp_path: Path) -> Path:
    """A copy of the retail folder, to be spoilt."""
    folder = tmp_path / "city"
    shutil.copytree(CATALOGUES / "retail", folder)
    return folder


@pytest.fixture
def edit(city: Path) -> Edit:
    def replace(file: str, old: str, new: str) -> None:
        path = city / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return replace


def faults_of(folder: Path) -> list[Fault]:
    with pytest.raises(CatalogueError) as raised:
        load(folder)
    return list(raised.value.faults)


def line_of(folder: Path, file: str, text: str) -> int:
    lines = (folder / file).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if text in line)


@pytest.mark.parametrize("name", FOLDERS)
def test_each_example_catalogue_and_its_register_has_no_fault(name: str) -> None:
    catalogue = load(CATALOGUES / name)
    assert read_register(CATALOGUES / name, catalogue)


@pytest.mark.parametrize("name", FOLDERS)
def test_a_catalogue_is_the_same_after_its_way_through_the_log(name: str) -> None:
    catalogue = load(CATALOGUES / name)
    assert Catalogue.model_validate(catalogue.model_dump(mode="json")) == catalogue


def test_a_wrong_value_is_told_with_its_file_line_and_field(city: Path, edit: Edit) -> None:
    edit("items.yaml", "decimals: 1", "decimals: many")
    (fault,) = faults_of(city)
    assert (fault.file, fault.field) == ("items.yaml", "0.decimals")
    assert fault.line == line_of(city, "items.yaml", "decimals: many")
    assert (fault.en, fault.zh) == ("must be a whole number", "应为整数")


@pytest.mark.parametrize(
    ("file", "old", "new", "field", "sentence"),
    [
        ("items.yaml", "  kind: flow\n", "", "0.kind", "missing"),
        ("items.yaml", "kind: flow", "kind: sum", "0.kind", "must be one of"),
        ("items.yaml", "unit: 百万澳元", "units: 百万澳元", "0.units", "no such field"),
        ("items.yaml", "decimals: 1", "decimals: 5", "0.decimals", "4 or less"),
        ("city.yaml", "version: 1", "version: 0", "version", "1 or more"),
        ("city.yaml", "Asia/Shanghai", "Asia/Chengdu", "time_zone", "no time zone"),
        ("city.yaml", "- [district, industry]", "- [district]", "crosses.0.1", "missing"),
        ("city.yaml", "[district, industry]", "[district, zone]", "crosses.0", "no grouping"),
        ("tables.yaml", "source: state", "source: tax", "0.source", "no source 'tax'"),
        ("tables.yaml", "items: [turnover]", "items: [sales]", "0.items", "no item 'sales'"),
        ("tables.yaml", "frequency: month", "frequency: week", "0.frequency", "must be one of"),
        ("reporters.yaml", "member: QLD", "member: QL", "2.member", "is no member"),
        ("reporters.yaml", "code: NSW", "code: city", "0.code", "reading token"),
        ("groupings.yaml", "code: NSW", "code: VIC", "0.members.0.code", "more than once"),
        ("indicators.yaml", "{turnover: 1}", "{sales: 1}", "0.numerator", "has no item"),
        ("indicators.yaml", "{turnover: 1}", "{turnover: x}", "0.numerator.turnover", "a number"),
        ("indicators.yaml", "{turnover: 1}", '{turnover: "1/3"}', "0.numerator", "6 decimals"),
        ("indicators.yaml", "- mom", "- yoy", "0.measures", "no measure 'yoy'"),
        ("indicators.yaml", "- [district, industry]", "- [a, b]", "0.levels", "crosses"),
        ("indicators.yaml", "role: monitor", "role: constraint", "0.lines", "red line"),
        ("indicators.yaml", "role: monitor", "role: incentive", "0.reward", "reward"),
        ("anomalies.yaml", "history: 24", "history: 3", "0.history", "24 or more"),
    ],
)
def test_each_kind_of_fault_is_found_where_it_is(
    city: Path, edit: Edit, file: str, old: str, new: str, field: str, sentence: str
) -> None:
    edit(file, old, new)
    found = [fault for fault in faults_of(city) if fault.field == field]
    assert [fault.file for fault in found] == [file]
    assert sentence in found[0].en
    assert found[0].zh
    if new:
        assert found[0].line <= line_of(city, file, new)


def test_every_fault_of_every_file_is_listed_at_once(city: Path, edit: Edit) -> None:
    edit("items.yaml", "decimals: 1", "decimals: many")
    edit("tables.yaml", "source: state", "source: tax")
    edit("reporters.yaml", "member: NSW", "member: NS")
    edit("indicators.yaml", "- mom", "- yoy")
    assert [(fault.file, fault.field) for fault in faults_of(city)] == [
        ("indicators.yaml", "0.measures"),
        ("items.yaml", "0.decimals"),
        ("reporters.yaml", "0.member"),
        ("tables.yaml", "0.source"),
    ]


def test_the_fault_of_a_later_entry_has_that_entrys_line_though_an_earlier_one_is_faulty(
    city: Path, edit: Edit
) -> None:
    edit("reporters.yaml", "tables: [retail_monthly]", "tables: 7")
    edit("reporters.yaml", "member: ACT", "member: AC")
    first, second = faults_of(city)
    assert (first.field, second.field) == ("0.tables", "7.member")
    assert second.line == line_of(city, "reporters.yaml", "member: AC")


def test_a_key_written_twice_is_refused_and_both_lines_are_told(city: Path, edit: Edit) -> None:
    edit("items.yaml", "  decimals: 1\n", "  decimals: 1\n  decimals: 2\n")
    (fault,) = faults_of(city)
    assert fault.line == line_of(city, "items.yaml", "decimals: 2")
    assert f"line {fault.line - 1}" in fault.en


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("- id: [1\n", "not YAML"),
        ("- id: !!python/object/apply:os.system [ls]\n", "not allowed"),
        ("- &a {id: 1}\n- *a\n", "alias"),
        ("id: 1\n", "must be a list"),
        ("- just words\n", "mapping"),
    ],
)
def test_a_file_that_is_no_plain_list_of_entries_is_told_apart(
    city: Path, text: str, sentence: str
) -> None:
    (city / "sources.yaml").write_text(text, encoding="utf-8")
    assert any(f.file == "sources.yaml" and sentence in f.en for f in faults_of(city))


def test_bytes_that_are_no_utf_8_are_told_with_their_line(city: Path) -> None:
    (city / "sources.yaml").write_bytes("- id: 1\n  code: 州\n".encode("gb18030"))
    fault = faults_of(city)[0]
    assert (fault.file, fault.line) == ("sources.yaml", 2)


def test_a_missing_file_and_a_misspelt_one_are_both_told(city: Path) -> None:
    (city / "tables.yaml").rename(city / "table.yaml")
    assert {fault.file for fault in faults_of(city)} == {"table.yaml", "tables.yaml"}


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    (fault,) = faults_of(tmp_path / "nowhere")
    assert fault.en == "no such folder"


def test_codes_that_look_like_other_things_stay_codes(city: Path, edit: Edit) -> None:
    edit("groupings.yaml", "code: NSW", "code: NO")
    edit("reporters.yaml", "member: NSW", "member: NO")
    assert load(city).groupings[0].members[0].code == "NO"


def test_a_factor_with_decimals_is_exact(city: Path, edit: Edit) -> None:
    edit("indicators.yaml", "{turnover: 1}", "{turnover: 0.0015}")
    assert load(city).indicators[0].numerator["turnover"] * 2000 == 3


def calendar(*entries: str) -> str:
    return "".join(f"- {{table: retail_monthly, {entry}}}\n" for entry in entries)


def test_a_due_time_of_24_hours_is_a_time(city: Path) -> None:
    text = calendar('period: "2019-M01", report_by: "2019-02-06T24:00"')
    (city / "calendar.yaml").write_text(text, encoding="utf-8")
    assert load(city).calendar[0].report_by == "2019-02-06T24:00"


@pytest.mark.parametrize(
    ("entries", "field"),
    [
        (['period: "2019-M01", report_by: "2019-02-06 24:00"'], "0.report_by"),
        (['period: "2019-M01", report_by: "2019-02-30T12:00"'], "0.report_by"),
        (['period: "2019-M01", report_by: "2019-02-06T24:01"'], "0.report_by"),
        (['period: "2019-Q1", report_by: "2019-04-06T24:00"'], "0.period"),
        (['period: "soon", report_by: "2019-04-06T24:00"'], "0.period"),
        (
            ['period: "2019-M01", report_by: "2019-02-06T24:00", accept_by: "2019-02-06T12:00"'],
            "0.accept_by",
        ),
        (['period: "2019-M01", report_by: "2019-02-06T24:00"'] * 2, "1.period"),
    ],
)
def test_a_due_time_that_is_none_is_refused(city: Path, entries: list[str], field: str) -> None:
    (city / "calendar.yaml").write_text(calendar(*entries), encoding="utf-8")
    assert [fault.field for fault in faults_of(city)] == [field]
