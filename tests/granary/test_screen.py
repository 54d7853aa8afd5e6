"""`granary screen` as a district uses it: files in, a verdict with every rule out."""

import csv
import io
import json
import re
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from catalog.errors import ApplicationError
from catalog.loader import load
from granary.applications import applications_of
from granary.cli import screen
from granary.registered_projects import registered
from granary.screenings import exact, rounded
from indicators.access.policies import policy_of
from indicators.access.results import Outcome, Verdict
from indicators.access.screening import screen as judge
from indicators.access.zones import zone_types
from indicators.catalogue import Catalogue

ROOT = Path(__file__).parents[2]
ZONES = ROOT / "catalog" / "zones"
DOCS = ROOT / "docs" / "access.md"
RUNNER = CliRunner()
_CSV = re.compile(r"^```csv\n(.*?)^```", re.MULTILINE | re.DOTALL)
_ROW = re.compile(r"^\| ([SCN]-\S+) \| (\S+) \| ([≥≤] \S+) \| .* \| (\S+) \|$", re.MULTILINE)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load(ZONES)


@pytest.fixture(scope="module")
def worked() -> str:
    """The application of docs/access.md."""
    (found,) = _CSV.findall(DOCS.read_text(encoding="utf-8"))
    return str(found)


@pytest.fixture
def app(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> typer.Typer:
    """The command; the folder, which takes a second to read, is read once for all tests."""
    monkeypatch.setattr("catalog.loader.load", lambda _: catalogue)
    made = typer.Typer()
    made.callback()(lambda: None)
    screen.add_to(made)
    return made


def run(app: typer.Typer, tmp_path: Path, text: str, *more: str, name: str = "a.csv") -> Any:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return RUNNER.invoke(app, ["screen", str(path), "--catalog", str(ZONES), *more])


def body(result: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_the_worked_application_comes_out_as_computed_by_hand(
    app: typer.Typer, tmp_path: Path, worked: str
) -> None:
    result = run(app, tmp_path, worked, "--json")
    assert result.exit_code == 1
    (one,) = body(result)["applications"]
    assert one["verdict_name"] == "不予准入"
    by_hand = _ROW.findall(DOCS.read_text(encoding="utf-8"))
    told = {rule["rule"]: rule for rule in one["rules"]}
    assert len(by_hand) == 11
    for rule, value, line, outcome in by_hand:
        found = told[rule]
        assert (found["value"], f"{found['relation']} {found['line']}") == (value, line), rule
        assert found["outcome_name"] == outcome, rule
    assert told["S-INV-M"]["comparison"] == "14999.99 < 150 × 100 = 15000"
    assert told["S-INV-M"]["explanation"]["zh"] == "固定资产投资至少还需 0.01 万元"
    others = {rule["outcome"] for name, rule in told.items() if name != "S-INV-M"}
    assert others == {"pass"}


def test_the_same_application_with_what_it_lacked_passes_with_exit_code_0(
    app: typer.Typer, tmp_path: Path, worked: str
) -> None:
    result = run(app, tmp_path, worked.replace("14999.99", "15000"))
    assert result.exit_code == 0, result.output
    assert "SQ02 示例汽车零部件项目  通过" in result.stdout


def test_yaml_json_and_csv_hold_the_same_application(
    app: typer.Typer, tmp_path: Path, worked: str
) -> None:
    (row,) = csv.DictReader(io.StringIO(worked))
    yaml = "\n".join(f'"{name}": "{value}"' for name, value in row.items())
    numbers = {
        name: json.loads(value) if re.fullmatch(r"[0-9.]+", value) and name != "行业代码" else value
        for name, value in row.items()
    }
    told = [
        body(run(app, tmp_path, text, "--json", name=name))["applications"]
        for name, text in (
            ("a.csv", worked), ("a.yaml", yaml), ("a.json", json.dumps([numbers])),
        )
    ]  # fmt: skip
    assert told[0] == told[1] == told[2]


def test_land_in_mu_and_the_same_land_in_square_metres_are_judged_alike(
    app: typer.Typer, tmp_path: Path, worked: str
) -> None:
    """90 亩 are exactly 60,000 m²."""
    in_mu = worked.replace(",3670,100,", ",3670,90,")
    in_metres = worked.replace("用地面积(亩)", "land").replace(",3670,100,", ",3670,60000.00,")
    assert body(run(app, tmp_path, in_mu, "--json")) == body(
        run(app, tmp_path, in_metres, "--json")
    )


def test_what_is_not_told_is_named_and_the_application_incomplete(
    app: typer.Typer, tmp_path: Path, worked: str
) -> None:
    text = worked.replace("14999.99", "/").replace(",850,", ",,")
    (one,) = body(run(app, tmp_path, text, "--json"))["applications"]
    assert one["verdict"] == "incomplete"
    told = {rule["rule"]: rule for rule in one["rules"] if rule["outcome"] == "missing"}
    assert {name: rule["missing"] for name, rule in told.items()} == {
        "S-INV-M": ["fixed_investment"], "S-TAX-M": ["tax"],
    }  # fmt: skip
    assert told["S-TAX-M"]["explanation"]["zh"] == "缺:达产年税收"


@pytest.mark.parametrize(
    ("head", "cells", "said"),
    [
        ("功能区", "Z99", "a.csv:3: 功能区: no zone 'Z99'"),
        ("用地面积(亩)", "1.23456", "用地面积(亩): 1.23456 has more than 4 decimals"),
        ("用地面积", "-1", "用地面积: -1 is below zero"),
        ("总投资", "3亿", "总投资: '3亿' is no number in 万元. Leave out '亿'"),
        ("固定资产投姿", "3", "a.csv:1: 固定资产投姿: no such column; is it '固定资产投资'?"),
        ("用地面积,land(亩)", "10,10", "the column '用地面积' says it too"),
        ("行业代码", "367", "行业代码: '367' is no class: four digits"),
        ("行业代码,产业类别", "3670,食品饮料", "3670 is not of sector '食品饮料' but of 装备制造"),
        ("行业代码,产业类别", "3670,其他", "3670 is not of sector '其他' but of 装备制造"),
        ("功能区,功能区类型", "Z02,现代服务", "功能区类型: the zone 'Z02' is of type"),
        ("符合国土空间规划", "也许", "符合国土空间规划: '也许': write 是 or 否"),
        ("产业结构调整类别", "好", "产业结构调整类别: '好' is none of 鼓励类"),
        ("项目名称,项目名称", "a,b", "项目名称: this column is here twice"),
        ("项目名称", "a,b", "a.csv:3: has 3 cells, the heading has 2"),
    ],
)  # fmt: skip
def test_bad_input_is_told_with_row_and_column_and_nothing_is_screened(
    app: typer.Typer, tmp_path: Path, head: str, cells: str, said: str
) -> None:
    # A blank line counts, as a spreadsheet counts it.
    result = run(app, tmp_path, f"项目代码,{head}\n\nSQ1,{cells}\n")
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""


def test_a_project_twice_in_the_files_is_refused(app: typer.Typer, tmp_path: Path) -> None:
    result = run(app, tmp_path, "项目代码\nSQ1\nSQ1\n")
    assert result.exit_code == 2
    assert "a.csv:3: project: 'SQ1' is at a.csv:2 already" in result.stderr


def test_the_zone_of_the_call_is_that_of_applications_that_name_none(
    app: typer.Typer, tmp_path: Path
) -> None:
    text = "项目代码,功能区\nSQ1,\nSQ2,Z04\n"
    told = body(run(app, tmp_path, text, "--json", "--zone", "示例汽车功能区"))["applications"]
    assert [one["zone"] for one in told] == ["Z02", "Z04"]


def test_nothing_is_screened_into_a_zone_that_is_no_more(
    app: typer.Typer, tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    zone = catalogue.grouping["zone"]
    closed = {"valid_to": "2026-01-01", "successors": ["Z02"]}
    members = [one.model_copy(update=closed if one.code == "Z07" else {}) for one in zone.members]
    groupings = [
        one.model_copy(update={"members": members}) if one is zone else one
        for one in catalogue.groupings
    ]
    later = catalogue.model_copy(update={"groupings": groupings})
    later.__dict__.pop("grouping", None)  # read from the lists again
    monkeypatch.setattr("catalog.loader.load", lambda _: later)
    result = run(app, tmp_path, "项目代码,功能区\nSQ1,Z07\n")
    assert result.exit_code == 2
    assert "a.csv:2: 功能区: zone 'Z07' is not there in 2026; its successors: Z02" in result.stderr


def test_a_year_without_a_policy_is_no_pass(app: typer.Typer, tmp_path: Path, worked: str) -> None:
    result = run(app, tmp_path, worked, "--year", "2031")
    assert result.exit_code == 2
    assert "no access policy of 2031; there is 2026" in result.stderr


def test_the_table_is_safe_in_a_spreadsheet_and_the_page_in_a_browser(
    app: typer.Typer, tmp_path: Path, worked: str
) -> None:
    nasty = worked.replace("示例汽车零部件项目", '"=HYPERLINK(""x"")<script>"')
    table, page = tmp_path / "r.csv", tmp_path / "r.html"
    for path in (table, page):
        run(app, tmp_path, nasty, "--out", str(path))
    rows = list(csv.DictReader(io.StringIO(table.read_text(encoding="utf-8-sig"))))
    assert {row["项目名称"] for row in rows} == {'\'=HYPERLINK("x")<script>'}
    assert [row["距标准"] for row in rows if row["规则"] == "S-INV-M"] == ["-0.0001"]
    assert "<script>" not in page.read_text(encoding="utf-8")
    assert "&lt;script&gt;" in page.read_text(encoding="utf-8")


def test_numbers_are_shown_rounded_half_up_and_exactly_beside() -> None:
    from fractions import Fraction

    assert [rounded(Fraction(n, 8), 2) for n in (1, 3, -1)] == ["0.13", "0.38", "-0.13"]
    assert rounded(Fraction(-1, 1000), 2) == "0.00"
    assert (exact(Fraction(3, 8)), exact(Fraction(2000, 3))) == ("0.375", "2000/3")


def row_of(action: str, **changes: Any) -> SimpleNamespace:
    given = {
        "kind": "project",
        "code": "XZ021",
        "name": "示例项目",
        "attributes": (),
        "grouping": "",
    }
    return SimpleNamespace(**{**given, "action": action, **changes})


def seen(period: str, value: str, source: str = "investment") -> dict[str, Any]:
    return {"source": source, "item": "total_investment", "period": period, "value": value}


def member(zone: str, start: str, end: str) -> SimpleNamespace:
    return row_of("put_membership", grouping="zone", member=zone, valid_from=start, valid_to=end)


def test_a_registered_project_is_screened_by_what_departments_reported_last(
    catalogue: Catalogue,
) -> None:
    policy = policy_of(catalogue, None)
    changes = [
        member("Z01", "", "2026-01-01"),
        member("Z02", "2026-01-01", ""),
        row_of("put_unit", attributes=(("class_code", "3670"), ("sector", "工业"))),
    ]
    observations = [
        seen("2026-M09", "9999.0"),
        seen("2026-M10", "10000.0"),
        seen("2026-M10", "1", "tax"),
    ]
    found = registered(catalogue, policy, "XZ021", changes, observations, date(2026, 11, 1))
    (application,) = applications_of([found.row], catalogue, policy).applications
    assert (application.at.zone, application.at.sector) == ("Z02", "equipment")
    told = judge(policy, application, zone_types(catalogue, policy))
    by_rule = {one.rule: one.outcome for one in told.results}
    assert by_rule["S-TOT-Z02"] is Outcome.PASS
    assert by_rule["S-INV-M"] is Outcome.MISSING
    assert told.verdict is Verdict.INCOMPLETE
    assert found.notes == ("XZ021 总投资:报表project_monthly,2026-M10",)
    with pytest.raises(ApplicationError, match="no project 'XZ021' is registered"):
        registered(
            catalogue, policy, "XZ021", [*changes, row_of("drop_unit")], [], date(2026, 11, 1)
        )
