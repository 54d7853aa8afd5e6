"""An access policy that would go quietly wrong, or may not be applied, is refused at its place."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.access_faults import access_problems
from catalog.access_ties import tie_problems
from catalog.differences import catalogue_differences
from catalog.errors import CatalogueError
from catalog.loader import load
from indicators.access.models import Access
from indicators.access.scopes import AmbiguousRuleError, Standpoint, held
from indicators.catalogue import Catalogue
from tests.indicators.access.policies import TYPE_OF, line, name, policy

CATALOGUES = Path(__file__).parents[2] / "catalog"


def table(number: int, code: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": number, "code": code, "name": name(code), "frequency": "year",
        "unit_kind": "project", "source": "tax", "items": ["tax"],
        "purpose": "administrative", "legal_basis": "示例",
    } | changes  # fmt: skip


CATALOGUE = Catalogue.model_validate(
    {
        "version": 1,
        "city": {"code": "c", "name": name("市")},
        "sources": [{"id": n, "code": code, "name": name(code)}
                    for n, code in enumerate(("tax", "survey", "other", "months"), start=1)],
        "groupings": [{
            "id": 1, "code": "zone", "name": name("功能区"), "partition": True,
            "members": [{"code": code, "name": name(code), "type": kind}
                        for code, kind in TYPE_OF.items()],
        }],
        "items": [{"id": 1, "code": "tax", "name": name("税"), "unit": "万元", "decimals": 2,
                   "kind": "flow"}],
        "tables": [
            table(1, "tax_yearly"),
            table(2, "survey_yearly", source="survey", purpose="statistical"),
            table(3, "firms", source="other", unit_kind="enterprise"),
            table(4, "tax_monthly", source="months", frequency="month"),
        ],
        "reporters": [],
        "indicators": [],
    }
)  # fmt: skip


def problems(*given: Access) -> list[str]:
    """The English sentences, each behind its place."""
    catalogue = CATALOGUE.model_copy(update={"access": [*given]})
    return [f"{'.'.join(map(str, at))}: {en}" for at, en, zh in access_problems(catalogue) if zh]


def with_lines(*lines: dict[str, Any]) -> Access:
    return policy(standards=[policy().standards[0].model_dump() | {"lines": [*lines]}])


def with_input(**changes: Any) -> Access:
    one = {"code": "tax", "name": name("税收"), "unit": "万元"} | changes
    return policy(inputs=[*(given.model_dump() for given in policy().inputs), one])


def with_rule(*when: dict[str, Any], **changes: Any) -> Access:
    rule = {"id": "N9", "kind": "land", "name": name("规则"), "basis": "示例", "when": [*when]}
    return policy(negative=[rule | changes])


def with_directory(**changes: Any) -> Access:
    return policy(directories=[policy().directories[0].model_dump() | changes])


def test_a_sound_policy_has_no_fault() -> None:
    assert problems(policy()) == []
    assert problems(with_input(table="tax_yearly", item="tax")) == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (with_input(table="survey_yearly", item="tax"), "survey data may not serve screening"),
        (with_input(table="firms", item="tax"), "is about 'enterprise', not 'project'"),
        (with_input(table="tax_monthly", item="tax"), "told for less than a year"),
        (with_input(table="tax_yearly", item="gone"), "table 'tax_yearly' has no item 'gone'"),
        (with_input(table="gone", item="tax"), "no table 'gone'"),
        (with_input(table="tax_yearly"), "table and item go together"),
        (with_input(unit="元", table="tax_yearly", item="tax"), "which is no unit of this input"),
        (with_input(columns=["投资"]), "a column '投资' would mean 'invested 万元' as well"),
        (with_input(kind="choice"), "choices go with kind choice"),
        (with_input(code="land"), "'land' is used more than once"),
        (with_lines(line("S1", at=None)), "standards.0.lines.0.at: a line has a value"),
        (with_lines(line("S1", exempt=True)), "a line has a value in `at`, or is exempt"),
        (with_lines(line("S1", basis=" ")), "a rule says what it is based on"),
        (with_lines(line("S1", zones=["Z9"])), "no member 'Z9' of 'zone'"),
        (with_lines(line("S1", zone_types=["old"])), "no zone type 'old'"),
        (with_lines(line("S1", sectors=["steel"])), "no sector 'steel'"),
        (with_lines(line("S1", classes=["C39"])), "'C39' is no class"),
        (with_lines(line("S1", zones=["Z1"], zone_types=["making"])), "zones or zone types, not"),
        (with_lines(line("S1"), line("D1")), "rule id 'D1' is used more than once"),
        (with_directory(barred=["39"]), "class '39' is in the directory twice"),
        (with_directory(encouraged=[], allowed=[], barred=[]), "lists at least one class"),
        (with_rule({"input": "plan", "holds": False}, kind="gone"), "no kind 'gone'"),
        (with_rule({"input": "plan", "one_of": ["是"]}), "of a flag say holds"),
        (with_rule({"input": "guidance", "one_of": ["好"]}), "of a choice say one_of"),
        (with_rule({"input": "land", "holds": True}), "no flag or choice 'land'"),
        (with_rule({"numerator": {"land": 1}}), "a figure has one bound, above or below"),
        (with_rule({"numerator": {"plan": 1}, "above": 1}), "no number 'plan' among the inputs"),
        (with_rule({"classes": ["39"], "input": "plan", "holds": True}), "is about classes, an"),
        (with_rule({"numerator": {"tax": 1}, "denominator": {"land": -1}, "above": 1}),
         "a denominator is made of positive parts"),
    ],
)  # fmt: skip
def test_what_would_go_quietly_wrong_is_refused(given: Access, said: str) -> None:
    found = problems(given)
    assert any(said in one for one in found), found


def test_a_year_has_one_policy() -> None:
    assert problems(policy(), policy(year=2027)) == []
    twice = problems(policy(), policy(code="other"))
    assert twice[0] == "access.0.year: there is more than one access policy of 2026"


def test_two_lines_that_hold_alike_are_a_fault_and_a_third_where_they_meet_mends_it() -> None:
    two = (line("A", zone_types=["making"]), line("B", sectors=["glass"]))
    (found,) = problems(with_lines(*two))
    assert found == (
        "access.0.standards.0.lines: two of them hold alike for zone type making, sector glass;"
        " say more in one of them"
    )
    assert problems(with_lines(*two, line("C", zone_types=["making"], sectors=["glass"]))) == []
    # Glass is made of class 305 alone, so these two never meet.
    assert problems(with_lines(line("A", classes=["39"]), line("B", sectors=["glass"]))) == []


_LISTS = {
    "place": st.sampled_from(
        [{}, {"zone_types": ["making"]}, {"zone_types": ["services"]}, {"zones": ["Z1"]},
         {"zones": ["Z2", "Z3"]}]
    ),
    "sectors": st.sampled_from([[], ["glass"], ["other"]]),
    "classes": st.sampled_from([[], ["39"], ["391", "305"], ["3912"]]),
}  # fmt: skip


#: Sector → classes that may be told of it: those that glass lists are of glass.
_CLASSES = {"glass": ("3051", "3054"), "other": ("3912", "3919", "3973", "2614")}


@given(st.lists(st.fixed_dictionaries(_LISTS), min_size=1, max_size=4))
@settings(max_examples=80)
def test_a_policy_without_a_tie_decides_every_project_alone(drawn: list[dict[str, Any]]) -> None:
    """Every place × sector × class is tried here; the loader tries the kinds that rules tell."""
    made = with_lines(
        *(
            line(f"L{at}", sectors=one["sectors"], classes=one["classes"], **one["place"])
            for at, one in enumerate(drawn)
        )
    )
    lines = made.standards[0].lines
    tied = bool(list(tie_problems(CATALOGUE, made, ("access", 0))))
    undecided = False
    for zone, kind in [*TYPE_OF.items(), ("Z0", "making"), ("Z0", "services")]:
        for sector, classes in _CLASSES.items():
            for class_code in classes:
                known = Standpoint(zone, kind, sector, class_code)
                try:
                    held(lines, known, TYPE_OF)
                except AmbiguousRuleError:
                    undecided = True
    assert undecided == tied
    if not tied:  # less known never makes a tie of what has none
        for place in ((None, "making"), (None, None), ("Z1", "making")):
            for told in (("glass", None), ("other", None), (None, "3973"), (None, None)):
                held(lines, Standpoint(*place, *told), TYPE_OF)


def test_what_changes_in_a_policy_is_told_by_the_ids_of_its_rules() -> None:
    before, after = (
        CATALOGUE.model_copy(update={"access": [with_lines(line("S0"), line("S1", at=at))]})
        for at in ("150", "160")
    )
    (found,) = catalogue_differences(before, after)
    assert str(found) == "~ access test 2026: standards.intensity.lines.S1.at 150 → 160"


def test_a_policy_on_survey_data_is_refused_with_file_and_line(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(CATALOGUES / "zones", tmp_path / "zones"))
    path = folder / "access.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("table: project_monthly", "table: rd_annual").replace(
            "item: total_investment\n", "item: rd_expense\n"
        ),
        encoding="utf-8",
    )
    with pytest.raises(CatalogueError) as raised:
        load(folder)
    at = 1 + text.splitlines().index("      table: project_monthly")
    found = [one for one in raised.value.faults if "survey data" in one.en]
    assert [(one.file, one.line, one.field) for one in found] == [
        ("access.yaml", at, "0.inputs.1.table")
    ]
    assert "统计调查资料不得用于准入审查" in found[0].zh
