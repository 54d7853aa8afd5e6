"""v_check over a real store: what does not hold, with names, until it is corrected."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
import typer
from pydantic import SecretStr
from typer.testing import CliRunner

from granary.cli.checks import add_to
from granary.local import instance
from storage.clickhouse import connect
from storage.fold_reads import FoldReads
from storage.standing import Standing
from stream.recompute import checked
from stream.recovery import recover
from tests.indicators.cities import catalogue, name
from tests.storage.filled import FEBRUARY, JANUARY, begun, fold_into
from tests.stream.logs import Log

pytestmark = pytest.mark.integration

OUTPUT, TAX = 1, 3
RULE = {
    "id": 7,
    "code": "tax_within_output",
    "name": name("税收不高于产值"),
    "table": "T",
    "severity": "hard",
    "expression": "tax <= t",
    "influence": "t",
    "message": {"zh": "{unit}{period}税收{left}高于产值{right}", "en": "{left} above {right}"},
    "source": "示例",
}


def broken() -> Log:
    log = begun(given=catalogue(checks=[RULE]))
    log.submission("A", [("u0", OUTPUT, JANUARY, 10), ("u0", TAX, JANUARY, 12)])
    log.submission("B", [("u1", OUTPUT, FEBRUARY, 10), ("u1", TAX, FEBRUARY, 10)])
    return log


def differences(url: str) -> list[Any]:
    return checked(recover(FoldReads(url), 1, 0, 10**9), Standing(url)).differences


def test_a_finding_is_shown_with_names_and_both_figures_until_it_is_corrected(
    database: str,
) -> None:
    log = broken()
    fold_into(database, log)
    (row,) = connect(database).execute(
        "SELECT city, rule, name, severity, table_code, unit_kind, unit, unit_name, district,"
        " period, result, left_value, right_value, influence, tier, message_zh FROM v_check"
    )
    assert row == (
        "example", "tax_within_output", "税收不高于产值", "hard", "T", "enterprise", "u0", "u0",
        "X", "2026-M01", "FALSE", 12.0, 10.0, 200.0, 30, "u02026-M01税收12高于产值10",
    )  # fmt: skip
    assert differences(database) == []
    log.submission("C", [("u0", TAX, JANUARY, 9)])
    fold_into(database, log)
    assert connect(database).execute("SELECT count() FROM v_check") == [(0,)]
    assert differences(database) == []


def test_recomputation_sees_a_finding_that_is_missing_and_one_that_is_wrong(database: str) -> None:
    fold_into(database, broken())
    client = connect(database)
    for table in ("check_current", "check_history"):
        client.execute(
            f"ALTER TABLE {table} UPDATE left_value = 13 WHERE 1 SETTINGS mutations_sync=2"
        )
    assert [one.check for one in differences(database)] == ["check"]
    for table in ("check_current", "check_history"):
        client.execute(f"TRUNCATE TABLE {table}")
    assert [(one.check, one.found) for one in differences(database)] == [("check", "absent")]


def test_the_command_lists_findings_and_fails_while_a_hard_one_stands(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = broken()
    fold_into(database, log)
    settings = SimpleNamespace(clickhouse=SecretStr(database))
    monkeypatch.setattr(instance, "instance_settings", lambda _: settings)
    app = typer.Typer()
    app.callback()(lambda: None)
    add_to(app)
    shown = CliRunner().invoke(app, ["checks", "--city", "example"])
    assert shown.exit_code == 1
    assert "硬性  example X 2026-M01 tax_within_output  u02026-M01税收12高于产值10" in shown.stdout
    assert "差错影响度200.00‰(第30‰档)" in shown.stdout
    as_json = CliRunner().invoke(app, ["checks", "--period", "2026-M02", "--json"])
    assert (as_json.exit_code, json.loads(as_json.stdout)) == (0, [])
    log.submission("C", [("u0", TAX, JANUARY, 9)])
    fold_into(database, log)
    assert CliRunner().invoke(app, ["checks"]).exit_code == 0
