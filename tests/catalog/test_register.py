"""Reading a register: every fault with file, row and column."""

from pathlib import Path

import pytest

from catalog.changes import RegisterRow
from catalog.credit_code import is_credit_code_shaped, wrong_check_digit
from catalog.errors import Fault, RegisterError
from catalog.loader import load
from catalog.register import read_register
from indicators.catalogue import Catalogue

CATALOGUES = Path(__file__).parents[2] / "catalog"
UNITS = "kind,code,name,listed_from,listed_to,part_of\n"
MEMBERSHIPS = "unit_kind,unit_code,grouping,member,valid_from,valid_to\n"
TWO = UNITS + "enterprise,A,甲,,,\nenterprise,B,乙,,,\n"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load(CATALOGUES / "growth-example")


def read(
    folder: Path, catalogue: Catalogue, units: str, memberships: str = ""
) -> list[RegisterRow]:
    (folder / "units.csv").write_text(units, encoding="utf-8")
    if memberships:
        (folder / "memberships.csv").write_text(memberships, encoding="utf-8")
    return read_register(folder, catalogue)


def faults(folder: Path, catalogue: Catalogue, units: str, memberships: str = "") -> list[Fault]:
    with pytest.raises(RegisterError) as raised:
        read(folder, catalogue, units, memberships)
    return list(raised.value.faults)


def test_columns_of_ones_own_become_attributes_and_empty_ones_are_left_out(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    text = "kind,code,name,sector,telephone\nenterprise,A,甲,工业,\nenterprise,B,乙,,123\n"
    assert read(tmp_path, catalogue, text) == [
        RegisterRow("put_unit", "enterprise", "A", "甲", attributes=(("sector", "工业"),)),
        RegisterRow("put_unit", "enterprise", "B", "乙", attributes=(("telephone", "123"),)),
    ]


def test_a_folder_without_files_has_an_empty_register(tmp_path: Path, catalogue: Catalogue) -> None:
    assert read_register(tmp_path, catalogue) == []


def test_a_mark_at_the_start_and_line_ends_of_other_systems_are_no_fault(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    text = '\ufeffkind,code,name\r\nenterprise,A,"甲\r\n乙"\r\n'
    assert [row.code for row in read(tmp_path, catalogue, text)] == ["A"]


@pytest.mark.parametrize(
    ("units", "line", "column", "sentence"),
    [
        (UNITS + "enterprise,A,甲,,,\nenterprise,A,乙,,,\n", 3, "code", "already on row 2"),
        (UNITS + "enterprise,A,甲,2024-02-30,,\n", 2, "listed_from", "not a date"),
        (UNITS + "enterprise,A,甲,20240201,,\n", 2, "listed_from", "not a date"),
        (UNITS + "enterprise,A,甲,2024-02-01,2024-02-01,\n", 2, "listed_to", "after"),
        (UNITS + "enterprise,A,甲,,,B\n", 2, "part_of", "no unit enterprise:B"),
        (UNITS + "enterprise,A,甲,,,A\n", 2, "part_of", "part of itself"),
        (UNITS + "enterprise,,甲,,,\n", 2, "code", "a code has"),
        (UNITS + "enterprise,A,甲,,\n", 2, "", "5 values for 6 columns"),
        (UNITS + "enterprise,91350100M000100Y44,甲,,,\n", 2, "code", "would be 3"),
        ("kind,code\nenterprise,A\n", 1, "name", "missing"),
        ("kind,code,name,listed_form\n", 1, "listed_form", "is it listed_from?"),
        ("kind,code,name,电话\n", 1, "电话", "lower-case"),
        ("kind,code,name,name\n", 1, "name", "twice"),
        ('kind,code,name\nenterprise,A,"甲"乙\n', 2, "", "not CSV"),
    ],
)
def test_each_fault_of_a_unit_is_told_with_its_row_and_column(
    tmp_path: Path, catalogue: Catalogue, units: str, line: int, column: str, sentence: str
) -> None:
    (fault,) = faults(tmp_path, catalogue, units)
    assert (fault.file, fault.line, fault.field) == ("units.csv", line, column)
    assert sentence in fault.en
    assert fault.zh


@pytest.mark.parametrize(
    ("rows", "line", "column", "sentence"),
    [
        ("enterprise,C,district,D1,,\n", 2, "unit_code", "no unit enterprise:C"),
        ("enterprise,A,zone,D1,,\n", 2, "grouping", "no grouping 'zone'"),
        ("enterprise,A,district,D2,,\n", 2, "member", "no member 'D2'"),
        ("enterprise,A,district,D1,,2024\n", 2, "valid_to", "not a date"),
        ("enterprise,A,district,D1,2024-01-01,2023-01-01\n", 2, "valid_to", "after"),
        (
            "enterprise,A,district,D1,,2024-02-01\nenterprise,A,district,D1,2024-01-01,\n",
            3,
            "valid_from",
            "already by row 2",
        ),
    ],
)
def test_each_fault_of_a_membership_is_told_with_its_row_and_column(
    tmp_path: Path, catalogue: Catalogue, rows: str, line: int, column: str, sentence: str
) -> None:
    (fault,) = faults(tmp_path, catalogue, TWO, MEMBERSHIPS + rows)
    assert (fault.file, fault.line, fault.field) == ("memberships.csv", line, column)
    assert sentence in fault.en


def test_a_column_that_memberships_do_not_have_is_refused(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    header = MEMBERSHIPS.rstrip() + ",remark\n"
    (fault,) = faults(tmp_path, catalogue, TWO, header + "enterprise,A,district,D1,,,x\n")
    assert (fault.line, fault.field) == (1, "remark")


def test_one_membership_may_begin_on_the_day_another_ends(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    rows = "enterprise,A,district,D1,,2024-02-01\nenterprise,A,district,D1,2024-02-01,\n"
    assert len(read(tmp_path, catalogue, TWO, MEMBERSHIPS + rows)) == 4


def test_every_fault_is_listed_at_once(tmp_path: Path, catalogue: Catalogue) -> None:
    found = faults(
        tmp_path,
        catalogue,
        UNITS + "enterprise,A,甲,x,y,\n",
        MEMBERSHIPS + "enterprise,B,zone,D1,,\n",
    )
    assert [(fault.file, fault.field) for fault in found] == [
        ("memberships.csv", "grouping"),
        ("memberships.csv", "unit_code"),
        ("units.csv", "listed_from"),
        ("units.csv", "listed_to"),
    ]


@pytest.mark.parametrize("code", ["91350100M000100Y43", "913702816143139252", "91370200797522673R"])
def test_the_check_digits_of_real_codes_are_right(code: str) -> None:
    assert is_credit_code_shaped(code)
    assert wrong_check_digit(code) is None


def test_one_wrong_sign_is_seen() -> None:
    assert wrong_check_digit("91350100M000100Y53") is not None
    assert not is_credit_code_shaped("A3349398A")


def test_a_grouping_takes_units_of_its_further_kinds_and_of_no_other(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    district = catalogue.groupings[0].model_copy(update={"also_kinds": ["project"]})
    fields = {name: getattr(catalogue, name) for name in Catalogue.model_fields}
    wider = Catalogue(**{**fields, "groupings": [district]})
    member = district.members[0].code
    units = UNITS + "project,P,项目,,,\nzone,Z,功能区,,,\n"
    memberships = MEMBERSHIPS + f"project,P,{district.code},{member},,\n"
    rows = read(tmp_path, wider, units, memberships)
    assert rows[-1].kind == "project"
    (fault,) = faults(tmp_path, wider, units, memberships + f"zone,Z,{district.code},{member},,\n")
    assert (fault.line, fault.field) == (3, "unit_kind")
