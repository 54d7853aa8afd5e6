"""`granary unmatched`: the work list of keys without a unit, and giving a key its unit."""

import json
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from granary.cli.unmatched import add_to
from granary.keys import unit_id
from granary.loads import submit_catalogue
from granary.records import RegisterRow, decode_register, encode_register
from granary.settings import read_settings
from indicators.register import Register
from storage.control import cities, intents
from storage.control.schema import create, engine, reading
from tests.storage.filled import FEBRUARY, JANUARY, UNITS, begun, fold_into
from tests.storage.test_unmatched_view import by_meter, by_meters, link

RUNNER = CliRunner()
WHO = ["--city", "example", "--by", "张三", "--reason", "供电公司核对"]
KEYS = [
    RegisterRow("put_unit", "meter", "7", "7"),
    RegisterRow("put_unit", "meter", "8", "锦江机械制造有限公司"),
    RegisterRow("put_unit", "enterprise", "u3", "锦江机械制造公司"),
    RegisterRow(
        "put_unit", "candidate", "power.7", "乙厂",
        attributes=(("credit_code", "u2"), ("feed", "power"), ("key", "7")),
    ),
]  # fmt: skip


@pytest.fixture
def running(tmp_path: Path) -> Path:
    """An instance whose register has two meters without a unit; its store is away."""
    folder = tmp_path / "data"
    folder.mkdir()
    control = read_settings(data=folder).control_url
    create(control)
    with engine(control).begin() as connection:
        cities.assign(connection, "example")
    submit_catalogue(control, 1, by_meters())
    with engine(control).begin() as connection:
        for record, rows in (("register:1", UNITS), ("keys:1", KEYS)):
            intents.submit(connection, 1, "register", record, encode_register(record, rows))
    with_store(folder, "clickhouse://nobody@localhost:1/none")
    return folder


def with_store(folder: Path, url: str) -> None:
    control = read_settings(data=folder).control_url
    up = {"kafka": "localhost:1", "clickhouse_native": url, "control": control}
    (folder / "up.json").write_text(json.dumps(up), encoding="utf-8")


def run(running: Path, *arguments: str) -> Result:
    app = typer.Typer()
    app.callback()(lambda: None)
    add_to(app)
    return RUNNER.invoke(app, ["unmatched", *arguments, "--data", str(running)])


@pytest.mark.integration
def test_the_list_tells_cells_periods_and_who_may_be_meant(running: Path, database: str) -> None:
    log = begun(given=by_meters())
    log.register(KEYS, "keys:1")
    by_meter(log, "A", ("7", JANUARY, 5), ("7", FEBRUARY, 6), ("8", JANUARY, 9))
    fold_into(database, log)
    with_store(running, database)
    found = run(running, "list", "--json")
    assert found.exit_code == 1
    seven, eight = json.loads(found.stdout)
    assert (seven["key"], seven["cells"], seven["periods"]) == ("7", 2, ["2026-M01", "2026-M02"])
    assert seven["proposals"] == [{"code": "u2", "name": "u2", "alike": 100}]
    assert eight["name"] == "锦江机械制造有限公司"
    assert [one["code"] for one in eight["proposals"]] == ["u3"]
    told = run(running, "list", "--city", "example").stdout.splitlines()
    assert told[0].startswith("example meter 7  2个数据  2026-M01至2026-M02共2期  1970-01-01起")
    assert told[0].endswith("可能是:u2 u2(100)")
    assert told[-1] == "2 keys, 3 cells"
    assert run(running, "changed").stdout == "0 units, 0 figures\n"
    log.submission("B", [("u1", 1, JANUARY, 5)], reporter="grid", table="W")
    log.register([link("5", "u1", "2026-01-01")], "link:1")
    fold_into(database, log)
    changed = run(running, "changed")
    assert (changed.exit_code, changed.stdout.splitlines()[0]) == (
        1, "example W u1(u1)  2026-M01  增加5  请部门重新报送",
    )  # fmt: skip


def test_a_link_is_a_span_of_the_register_with_who_and_why_and_is_asked_for_once(
    running: Path,
) -> None:
    first = run(running, "link", "7", "u2", "--from", "2026-01-01", *WHO)
    assert (first.exit_code, first.stdout.split(";")[0]) == (0, "Asked for")
    assert "so already" in run(running, "link", "7", "u2", "--from", "2026-01-01", *WHO).stdout
    with reading(read_settings(data=running).control_url) as connection:
        rows = intents.register_rows(connection, 1)
        (*_, asked) = intents.pending(connection)
    (row,) = decode_register(asked.payload)[1]
    assert row.attributes == (("by", "张三"), ("reason", "供电公司核对"))
    register = Register(unit_id)
    register.apply(rows, [unit_id(row.kind, row.code) for row in rows])
    (span,) = register.spans("enterprise", ":key.meter")
    assert (span.code, span.member, span.valid_from) == ("u2", "7", "2026-01-01")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["9", "u2", "--from", "2026-01-01"], "nobody reported a key '9'"),
        (["7", "nobody", "--from", "2026-01-01"], "no enterprise 'nobody'"),
        (["7", "u2", "--from", "2026-13-01"], "'2026-13-01' is no date"),
        (["7", "u2", "--from", "2026-02-01", "--to", "2026-01-01"], "is not after"),
        (["7", "u2", "--from", "2026-01-01", "--scheme", "parcel"], "no scheme of keys 'parcel'"),
        (["7", "u2", "--from", "2026-01-01", "--by", " "], "by: one line"),
    ],
)
def test_a_link_that_cannot_be_is_refused(running: Path, arguments: list[str], said: str) -> None:
    found = run(running, "link", *WHO, *arguments)
    assert (found.exit_code, said in found.output) == (2, True), found.output


def test_a_key_is_one_units_at_a_time(running: Path) -> None:
    run(running, "link", "7", "u2", "--from", "2026-01-01", "--to", "2026-06-01", *WHO)
    refused = run(running, "link", "7", "u1", "--from", "2026-05-31", *WHO)
    assert "'7' is 'u2''s from 2026-01-01 to 2026-06-01" in refused.output
    assert run(running, "link", "7", "u1", "--from", "2026-06-01", *WHO).exit_code == 0
