"""`granary register load` tells what changes and which figures that touches, before anything is."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from catalog.loader import load as load_catalogue
from catalog.register import read_register
from granary.cli import register
from granary.loads import submit_catalogue, submit_register
from granary.lock_records import Decision
from granary.records import Record, RegisterRow, encode_record, encode_register
from granary.settings import read_settings
from storage.control import cities, intents, submissions
from storage.control.schema import create, engine
from tests.storage.control.test_control_submissions import one

EXAMPLE = Path(__file__).parents[2] / "catalog" / "growth-example"
RUNNER = CliRunner()
SCHEMES = "- {code: meter, name: {zh: 户号, en: Meter}, source: example}\n"
#: A joins and leaves, B turns out to have been on the list for two years, E is renamed.
UNITS = """kind,code,name,listed_from,listed_to
enterprise,A,A企业,,
enterprise,B,B企业(停产仍在库),,
enterprise,D,D企业(新投产),2025-01-01,
enterprise,E,E企业(改名),,
"""
MEMBERSHIPS = "unit_kind,unit_code,grouping,member\n" + "".join(
    f"enterprise,{code},district,D1\n" for code in "ABDE"
)
DECISIONS = """unit_kind,unit_code,valid_from,valid_to,reason,document,end_reason,end_document
enterprise,B,2023-01-01,2025-01-01,年度升规,某统字1号,规下,某统字2号
enterprise,E,2025-01-01,,年度升规,,,
"""


@pytest.fixture
def app() -> typer.Typer:
    made = typer.Typer()
    register.add_to(made)
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = Path(shutil.copytree(EXAMPLE, tmp_path / "city"))
    (made / "correspondences.yaml").write_text(SCHEMES, encoding="utf-8")
    return made


@pytest.fixture
def control(tmp_path: Path, folder: Path) -> str:
    """A city with a return of 2025, two earlier years due, of which 2024 is locked, and what
    departments brought."""
    (tmp_path / "data").mkdir()
    url = read_settings(data=tmp_path / "data").control_url
    create(url)
    up = {"kafka": "localhost:1", "clickhouse_native": "clickhouse://localhost:1/", "control": url}
    (tmp_path / "data" / "up.json").write_text(json.dumps(up), encoding="utf-8")
    with engine(url).begin() as connection:
        city = cities.assign(connection, "growth_example")
        filed = replace(one(city, "a", periods=(202500,)), table="turnover_annual")
        submissions.register(connection, filed, "", 6)
        submissions.finish(connection, filed, 7)
    catalogue = load_catalogue(folder)
    submit_catalogue(url, 1, catalogue)
    submit_register(url, 1, read_register(EXAMPLE, catalogue))
    brought = [
        RegisterRow("put_unit", "candidate", "tax.91", "候选企业"),
        RegisterRow("put_unit", "meter", "K9", "无主户号"),
        RegisterRow("put_membership", "enterprise", "A", "", ":key.meter", "K1"),
    ]
    with engine(url).begin() as connection:
        intents.submit(connection, 1, "register", "feed:1", encode_register("feed:1", brought))
        for year in (2023, 2024):
            due = {"table": "turnover_annual", "period": 100 * year, "report_by_ms": 1}
            record = Record(f"calendar:{year}", "calendar", due)
            intents.submit(connection, 1, "control", record.id, encode_record(record))
        lock = Decision("lock", "turnover_annual", 202400, "核定", "张三", "", 1).record("lock:1")
        intents.submit(connection, 1, "control", lock.id, encode_record(lock))
    return url


def run(app: typer.Typer, folder: Path, *more: str) -> str:
    data = folder.parent / "data"
    result = RUNNER.invoke(app, ["register", "load", str(folder), "--data", str(data), *more])
    assert result.exit_code == 0, result.output
    return result.output


def write(folder: Path) -> None:
    for name, text in (
        ("units.csv", UNITS), ("memberships.csv", MEMBERSHIPS), ("list_decisions.csv", DECISIONS)
    ):  # fmt: skip
        (folder / name).write_text(text, encoding="utf-8")


@pytest.mark.usefixtures("control")
def test_what_departments_brought_is_no_difference_of_a_folder_that_says_nothing_of_it(
    app: typer.Typer, folder: Path
) -> None:
    assert json.loads(run(app, folder, "--json"))["changes"] == 0
    (folder / "correspondences.csv").write_text(
        "scheme,key,unit_kind,unit_code\nmeter,K1,enterprise,B\n", encoding="utf-8"
    )
    body = json.loads(run(app, folder, "--json"))
    (key,) = body["differences"]
    assert (key["part"], key["what"], key["code"]) == ("keys", "moved", "K1")
    assert (key["was"], key["becomes"]) == ("enterprise:A […, …)", "enterprise:B […, …)")
    assert (body["tables"], body["indicators"]) == ({}, {})


def test_a_load_tells_units_decisions_and_the_figures_they_touch_and_asks_for_nothing_before(
    app: typer.Typer, folder: Path, control: str
) -> None:
    write(folder)
    body = json.loads(run(app, folder, "--json"))
    assert body["counts"] == {
        "units_removed": 1, "units_changed": 4, "memberships_ended": 1, "listings_added": 2,
    }  # fmt: skip
    b, _ = [one for one in body["differences"] if one["part"] == "listings"]
    assert b["becomes"] == "[2023-01-01, 2025-01-01) 年度升规 某统字1号 规下 某统字2号"
    # B was listed without dates, so its exit alone touches figures: 2025, and C's in 2023 and 2024.
    assert body["tables"] == {"turnover_annual": {"restated": ["2023", "2025"], "locked": ["2024"]}}
    assert body["indicators"]["turnover"] == {"restated": ["2023", "2025"], "locked": ["2024"]}
    with engine(control).connect() as connection:
        before = len(intents.pending(connection))
    shown = run(app, folder, "--yes")
    assert "在库决定 list decisions: 新增 added 2" in shown
    assert (
        "指标 indicator turnover 营业收入: 2023, 2025; 已锁定,保留原数 locked, kept: 2024" in shown
    )
    with engine(control).connect() as connection:
        assert len(intents.pending(connection)) == before + 1
    assert "nothing to do" in run(app, folder)


def test_one_bad_row_and_nothing_is_asked_for(app: typer.Typer, folder: Path, control: str) -> None:
    write(folder)
    twice = MEMBERSHIPS + "enterprise,A,district,D1\n"
    (folder / "memberships.csv").write_text(twice, encoding="utf-8")
    with engine(control).connect() as connection:
        before = intents.pending(connection)
    data = str(folder.parent / "data")
    result = RUNNER.invoke(app, ["register", "load", str(folder), "--data", data, "--yes"])
    assert result.exit_code == 1
    assert "memberships.csv:6: valid_from: enterprise:A is in 'district' already" in result.output
    with engine(control).connect() as connection:
        assert intents.pending(connection) == before
