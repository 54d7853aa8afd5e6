"""Bad register files and bad members of groupings: each refused, with the row and column named."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from catalog.errors import CatalogueError, RegisterError
from catalog.loader import load
from catalog.register import register_of
from indicators.catalogue import Catalogue
from tests.indicators.cities import name

EXAMPLE = Path(__file__).parents[2] / "catalog" / "growth-example"
HEADERS = {
    "units.csv": "kind,code,name,class_code,class_edition,founded,in_production,listed_from,"
                 "part_of,credit_code",
    "memberships.csv": "unit_kind,unit_code,grouping,member,valid_from,valid_to",
    "list_decisions.csv": "unit_kind,unit_code,valid_from,valid_to,reason,document,end_reason,"
                          "end_document",
    "correspondences.csv": "scheme,key,unit_kind,unit_code,valid_from,valid_to",
}  # fmt: skip
UNITS, MEMBERSHIPS, DECISIONS, KEYS = HEADERS
TWO = ["enterprise,A,甲,,,2020-05-01,,,,", "enterprise,B,乙,,,,,,,91350100M000100Y43"]


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """Districts; zones of which Z1 was merged into Z2; a park in Z1; chains, which may overlap."""
    given = load(EXAMPLE).model_dump(mode="json")

    def grouping(id_: int, code: str, *members: dict[str, object], **more: object) -> object:
        named = [{"name": name(str(member["code"])), **member} for member in members]
        own = {"id": id_, "code": code, "name": name(code), "partition": True, "members": named}
        return own | more

    given["groupings"] = [
        grouping(1, "district", {"code": "D1"}, {"code": "D2"}),
        grouping(
            2, "zone",
            {"code": "Z1", "valid_to": "2026-01-01", "successors": ["Z2"], "lead": "D1"},
            {"code": "Z2", "valid_from": "2024-01-01"}, {"code": "Z3"},
        ),
        grouping(3, "park", {"code": "P1", "within": "Z1"}, {"code": "P3"}, within="zone"),
        grouping(4, "chain", {"code": "c"}, {"code": "d"}, partition=False),
    ]  # fmt: skip
    given["correspondences"] = [{"code": "meter", "name": name("户号"), "source": "example"}]
    return Catalogue.model_validate(given)


def found(catalogue: Catalogue, rows: Mapping[str, list[str]]) -> list[tuple[str, int, str, str]]:
    """(file, row, column, what is said in English) of every fault."""
    contents = {
        file: "\n".join([HEADERS[file], *lines]).encode()
        for file, lines in ({UNITS: TWO} | dict(rows)).items()
    }
    try:
        register_of(contents, catalogue)
    except RegisterError as error:
        assert all(fault.zh for fault in error.faults)
        return [(fault.file, fault.line, fault.field, fault.en) for fault in error.faults]
    return []


GOOD = {
    UNITS: [*TWO, "enterprise,C,丙,3311,2017,2020-01-01,2020-01-01,,A,"],
    MEMBERSHIPS: [
        "enterprise,A,district,D1,,2025-01-01", "enterprise,A,district,D2,2025-01-01,",
        "enterprise,A,zone,Z1,2021-01-01,2026-01-01", "enterprise,A,zone,Z2,2026-01-01,",
        "enterprise,A,park,P1,2022-01-01,", "enterprise,B,park,P1,,", "enterprise,B,chain,c,,",
        "enterprise,B,chain,d,,",
    ],
    DECISIONS: [
        "enterprise,A,2021-01-01,2023-01-01,年度升规,统字1号,规下,统字2号",
        "enterprise,A,2024-01-01,,月度新建入库,,,",
    ],
    KEYS: ["meter,K,enterprise,A,,2025-01-01", "meter,K,enterprise,B,2025-01-01,"],
}  # fmt: skip


def test_a_park_follows_its_zone_into_the_successor_and_a_key_changes_hands(
    catalogue: Catalogue,
) -> None:
    assert found(catalogue, GOOD) == []


@pytest.mark.parametrize(
    ("file", "rows", "line", "column", "said"),
    [
        (UNITS, [*TWO, "enterprise,C,丙,,,,,,D,"], 4, "part_of", "no unit enterprise:D"),
        (UNITS, [*TWO, "meter,K,户号,,,,,,,"], 4, "kind", "come from departments"),
        (UNITS, [*TWO, "candidate,K,候选,,,,,,,"], 4, "kind", "come from departments"),
        (UNITS, [*TWO, "enterprise,C,丙,331,2017,,,,,"], 4, "class_code", "four digits"),
        (UNITS, [*TWO, "enterprise,C,丙,3311,2002,,,,,"], 4, "class_edition", "one of 2011, 2017"),
        (UNITS, [*TWO, "enterprise,C,丙,3311,,,,,,"], 4, "class_edition", "one of 2011, 2017"),
        (UNITS, [*TWO, "enterprise,C,丙,,,2020-01-02,2020-01-01,,,"], 4, "in_production", "before"),
        (UNITS, [*TWO, "enterprise,C,丙,,,,,,,91350100M000100Y53"], 4, "credit_code", "would be"),
        (UNITS, [*TWO, "enterprise,C,丙,,,,,,,9135"], 4, "credit_code", "no credit code"),
        (UNITS, [*TWO, "enterprise,91350100M000100Y53,丙,,,,,,,"], 4, "code", "would be"),
        (MEMBERSHIPS, ["enterprise,A,district,D1,,", "enterprise,A,district,D2,,"],
         3, "valid_from", "in 'district' already by row 2"),
        (MEMBERSHIPS, ["enterprise,A,district,D1,,",
                       "enterprise,A,district,D1,2020-01-01,2020-02-01",
                       "enterprise,B,district,D2,,"], 3, "valid_from", "already by row 2"),
        (MEMBERSHIPS, ["enterprise,A,chain,c,,", "enterprise,A,chain,c,2020-01-01,"],
         3, "valid_from", "in 'chain' already by row 2"),
        (MEMBERSHIPS, ["enterprise,A,zone,Z1,,"],
         2, "valid_to", "ended on 2026-01-01; its successors: Z2"),
        (MEMBERSHIPS, ["enterprise,A,zone,Z2,2023-12-31,"],
         2, "valid_from", "exists from 2024-01-01"),
        (MEMBERSHIPS, ["enterprise,A,zone,Z2,2024-02-30,"], 2, "valid_from", "is not a date"),
        (MEMBERSHIPS, ["enterprise,A,zone,Z3,,", "enterprise,A,park,P1,,"],
         3, "member", "'P1' lies in 'Z1', enterprise:A is in 'Z3' by row 2"),
        (MEMBERSHIPS, ["enterprise,C,zone,Z3,,"], 2, "unit_code", "no unit enterprise:C"),
        (DECISIONS, ["enterprise,A,2021-01-01,2023-01-01,年度升规,,规下,",
                     "enterprise,A,2022-12-31,,年度升规,,,"], 3, "valid_from", "already by row 2"),
        (DECISIONS, ["enterprise,A,2021-01-01,,升规,,,"], 2, "reason", "must be one of"),
        (DECISIONS, ["enterprise,A,2021-01-01,2022-01-01,年度升规,,,"],
         2, "end_reason", "must be one of"),
        (DECISIONS, ["enterprise,A,2021-01-01,,年度升规,,规下,"],
         2, "end_reason", "still on the list"),
        (DECISIONS, ["enterprise,A,2020-01-01,,年度升规,,,"],
         2, "valid_from", "before the unit was founded"),
        (DECISIONS, ["enterprise,C,2020-01-01,,年度升规,,,"],
         2, "unit_code", "no unit enterprise:C"),
        (KEYS, ["meter,K,enterprise,A,,", "meter,K,enterprise,B,2025-01-01,"],
         3, "valid_from", "belongs to a unit already by row 2"),
        (KEYS, ["meter,K K,enterprise,A,,"], 2, "key", "no space"),
        (KEYS, ["parcel,K,enterprise,A,,"], 2, "scheme", "no scheme of keys 'parcel'"),
        (KEYS, ["meter,K,project,A,,"], 2, "unit_kind", "keys of units of kind 'enterprise'"),
    ],
)  # fmt: skip
def test_a_bad_row_is_named(
    catalogue: Catalogue, file: str, rows: list[str], line: int, column: str, said: str
) -> None:
    faults = found(catalogue, {file: rows})
    assert {fault[:2] for fault in faults} == {(file, line)}
    assert [fault[2] for fault in faults if said in fault[3]] == [column]


def test_every_row_that_a_long_span_lasts_into_is_named(catalogue: Catalogue) -> None:
    rows = ["enterprise,A,district,D1,2020-01-01,2025-01-01"]
    rows += [f"enterprise,A,district,D2,202{year}-02-01,202{year}-03-01" for year in (3, 1, 2)]
    faults = found(catalogue, {MEMBERSHIPS: rows})
    assert [(line, "row 2" in said) for _, line, _, said in faults] == [
        (3, True), (4, True), (5, True),
    ]  # fmt: skip


def test_a_list_decision_leaves_no_dates_of_the_list_in_the_units(catalogue: Catalogue) -> None:
    units = ["enterprise,A,甲,,,,,2021-01-01,,"]
    rows = {UNITS: units, DECISIONS: ["enterprise,A,2021-01-01,,年度升规,,,"]}
    ((file, line, column, said),) = found(catalogue, rows)
    assert (file, line, column) == (UNITS, 2, "listed_from")
    assert "list_decisions.csv, row 2" in said


def test_parts_of_one_another_are_all_named(catalogue: Catalogue) -> None:
    units = ["enterprise,A,甲,,,,,,B,", "enterprise,B,乙,,,,,,C,", "enterprise,C,丙,,,,,,A,",
             "enterprise,D,丁,,,,,,A,"]  # fmt: skip
    assert [(line, column) for _, line, column, _ in found(catalogue, {UNITS: units})] == [
        (2, "part_of"), (3, "part_of"), (4, "part_of"),
    ]  # fmt: skip


def test_a_unit_of_several_overlapping_zones_may_be_in_a_park_of_one_of_them(
    catalogue: Catalogue,
) -> None:
    zone = catalogue.grouping["zone"].model_copy(update={"partition": False})
    fields = {one: getattr(catalogue, one) for one in Catalogue.model_fields}
    groupings = [zone if one.code == "zone" else one for one in catalogue.groupings]
    wider = Catalogue(**{**fields, "groupings": groupings})
    rows = ["enterprise,A,zone,Z3,,", "enterprise,A,zone,Z2,2024-01-01,",
            "enterprise,A,park,P1,2024-01-01,"]  # fmt: skip
    assert found(wider, {MEMBERSHIPS: rows}) == []
    rows[2] = "enterprise,A,park,P1,2023-12-31,"
    ((_, line, column, _),) = found(wider, {MEMBERSHIPS: rows})
    assert (line, column) == (4, "member")


MEMBERS = """- id: 1
  code: district
  name: {zh: 区, en: District}
  partition: true
  members:
    - {code: D1, name: {zh: 区, en: D1}}
- id: 2
  code: zone
  name: {zh: 功能区, en: Zone}
  partition: true
  within: WITHIN
  members:
    - {code: Z1, name: {zh: 一区, en: Z1}, FIRST}
    - {code: Z2, name: {zh: 二区, en: Z2}, SECOND}
"""


@pytest.mark.parametrize(
    ("first", "second", "within", "line", "place", "said"),
    [
        ("lead: D9", "type: a", "~", 13, "1.members.0.lead", "no member 'D9' of 'district'"),
        ("valid_to: 2026-01-01, successors: [Z9]", "type: a", "~", 13, "1.members.0.successors",
         "no member 'Z9' of this grouping"),
        ("successors: [Z2]", "type: a", "~", 13, "1.members.0.valid_to", "says when it ended"),
        ("valid_from: 2026-01-01, valid_to: 2025-01-01", "type: a", "~", 13,
         "1.members.0.valid_to", "must be after"),
        ("valid_to: 2026-01-01, successors: [Z2]", "valid_to: 2025-01-01", "~", 13,
         "1.members.0.successors", "'Z2' ended on 2025-01-01"),
        ("valid_to: 2026-01-01, successors: [Z2]", "valid_to: 2027-01-01, successors: [Z1]", "~",
         13, "1.members.0.successors", "an earlier one of 'Z1'"),
        ("valid_from: 20260101", "type: a", "~", 13, "1.members.0.valid_from", "a date such as"),
        ("within: D1", "type: a", "~", 13, "1.members.0.within", "does not say in which grouping"),
        ("within: D9", "type: a", "district", 13, "1.members.0.within", "no member 'D9'"),
        ("type: b", "type: a", "county", 11, "1.within", "no grouping 'county'"),
        ("type: b", "type: a", "zone", 11, "1.within", "does not lie in itself"),
    ],
)  # fmt: skip
def test_a_bad_member_is_named_with_its_line(
    tmp_path: Path, first: str, second: str, within: str, line: int, place: str, said: str
) -> None:
    folder = Path(shutil.copytree(EXAMPLE, tmp_path / "city"))
    text = MEMBERS.replace("FIRST", first).replace("SECOND", second).replace("WITHIN", within)
    (folder / "groupings.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueError) as raised:
        load(folder)
    fault = raised.value.faults[0]
    assert (fault.file, fault.line, fault.field) == ("groupings.yaml", line, place)
    assert said in fault.en
    assert fault.zh != "填写有误"


def test_an_index_of_one_zone_type_ranks_no_zone_of_another(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(EXAMPLE.parent / "zones", tmp_path / "city"))
    path = folder / "groupings.yaml"
    text = path.read_text(encoding="utf-8")
    zone = next(line for line in text.splitlines() if "{code: Z04," in line)
    other = zone.replace("type: modern_services", "type: urban_agriculture")
    path.write_text(text.replace(zone, other), encoding="utf-8")
    with pytest.raises(CatalogueError) as raised:
        load(folder)
    said = [fault.en for fault in raised.value.faults if fault.file == "indices.yaml"]
    assert said == ["'Z04' is of type 'urban_agriculture', the index is of 'modern_services'"]
