"""Indices, targets and assessments over a real store: views, commands, recomputation."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner, Result

from granary.cli.main import make_app
from granary.local import instance
from storage.clickhouse import connect
from storage.fold_reads import FoldReads
from storage.standing import Standing
from stream.recompute import checked
from stream.recovery import recover
from tests.storage.filled import fold_into
from tests.stream.test_appraisal import begun, with_policies

pytestmark = pytest.mark.integration


@pytest.fixture
def filled(database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A store with policies told, and the commands pointed at it."""
    fold_into(database, begun(with_policies()))
    settings = SimpleNamespace(clickhouse=SecretStr(database))
    monkeypatch.setattr(instance, "instance_settings", lambda _: settings)
    return database


def asked(*command: str) -> Result:
    return CliRunner().invoke(make_app(), command)


def differences(url: str) -> list[Any]:
    return checked(recover(FoldReads(url), 1, 0, 10**9), Standing(url)).differences


def test_the_views_tell_scores_their_parts_targets_and_results(filled: str) -> None:
    client = connect(filled)
    score = 70 * 0.66 + 30 * (60 + 40 * 0.1 / 0.3) / 100 - 8
    ((value, rank, past, capped),) = client.execute(
        "SELECT score, rank, past_red_line, rank_capped FROM v_index"
        " WHERE index_code = 'zones' AND period = '2026-M03' AND subject = 'X'"
    )
    assert (value, rank, past, capped) == (pytest.approx(score), 2, False, False)
    parts = client.execute(
        "SELECT indicator_code, measure, points, reason FROM v_index_component WHERE"
        " index_code = 'zones' AND period = '2026-M03' AND subject = 'X' ORDER BY points DESC"
    )
    assert sum(points for _, _, points, _ in parts) == pytest.approx(score)
    assert parts[-1] == ("use", "current", -8.0, "yellow_line")
    ((actual, target, gap, state),) = client.execute(
        "SELECT actual, target, gap, state FROM v_target"
        " WHERE subject = 'X' AND period = '2026-M03'"
    )
    assert (actual, target, state) == (66.0, 600.0, "far_behind")
    assert gap == pytest.approx(100 * (66 / 600 - 0.25))
    ((body, parts_told),) = client.execute(
        "SELECT body_name, parts FROM v_assessment WHERE period = '2026-M03'"
    )
    assert body == "东"
    assert [part["part"] for part in json.loads(parts_told)] == ["zones", "profit"]
    assert differences(filled) == []


def test_the_commands_list_the_latest_period_and_say_who_is_behind(filled: str) -> None:
    listed = json.loads(asked("index", "--json").output)
    assert {(row["period"], row["subject"]) for row in listed} == {
        ("2026-M03", "X"), ("2026-M03", "Y"),
    }  # fmt: skip
    assert "触红线" not in asked("index", "--city", "example").output
    assert "yellow_line" in asked("index", "--components").output
    late = asked("targets", "--behind")
    assert late.exit_code == 1
    assert "严重滞后" in late.output
    assert asked("targets", "--period", "2025-M01").exit_code == 0
    assert "东" in asked("assessments").output
    assert asked("index", "--period", "third").exit_code == 2


def test_recomputation_sees_a_score_that_is_wrong(filled: str) -> None:
    client = connect(filled)
    for table in ("index_score_current", "index_score_history"):
        client.execute(
            f"ALTER TABLE {table} UPDATE score = 1 WHERE index_code = 'zones' AND subject = 'X'"
            " AND period = 202603 SETTINGS mutations_sync=2"
        )
    assert [one.check for one in differences(filled)] == ["index_score"]
