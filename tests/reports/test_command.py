"""`granary report meeting` and `granary alerts list`, as a user types them."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from granary.cli.main import make_app
from storage.control import alerts, cities, schema
from storage.control.alerts import NewAlert

pytestmark = pytest.mark.integration


def run(monkeypatch: pytest.MonkeyPatch, url: str, folder: Path, *arguments: str) -> Result:
    monkeypatch.setenv("GRANARY_CLICKHOUSE", url)
    monkeypatch.setenv("GRANARY_CONTROL", f"sqlite:///{folder}/control.sqlite")
    return CliRunner().invoke(make_app(), list(arguments))


@pytest.mark.slow
def test_the_report_is_written_in_both_formats_for_the_one_city_that_has_the_period(
    papers_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ["report", "meeting", "--period", "2019", "--out", str(tmp_path), "--json"]
    done = run(monkeypatch, papers_url, tmp_path, *command)
    assert done.exit_code == 0, done.output
    told = json.loads(done.output)
    assert told["city"] == "lishui"
    assert [Path(one).name for one in told["files"]] == [
        "meeting-lishui-2019.html", "meeting-lishui-2019.docx",
    ]  # fmt: skip
    assert all(Path(one).stat().st_size > 10_000 for one in told["files"])


@pytest.mark.slow
def test_a_period_without_figures_is_a_finding_and_a_bad_instant_is_usage(
    papers_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    common = ["report", "meeting", "--out", str(tmp_path), "--city", "lishui"]
    empty = run(monkeypatch, papers_url, tmp_path, *common, "--period", "2031")
    assert empty.exit_code == 1
    assert "nothing_to_report" in empty.output
    bad = [*common, "--period", "2019", "--as-of", "yesterday"]
    assert run(monkeypatch, papers_url, tmp_path, *bad).exit_code == 2


def test_alerts_are_listed_from_the_control_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path}/control.sqlite"
    schema.create(url)
    with schema.engine(url).begin() as connection:
        city = cities.assign(connection, "river").id
        new = NewAlert(
            "overdue", "红线", "district", "east", "", "2026-M03", "e", {"text_zh": "逾期"}, "n"
        )
        opened = alerts.open_episode(connection, city, new, 5)
        assert opened is not None
        gone = alerts.open_episode(connection, city, replace(new, episode="f"), 6)
        assert gone is not None
        alerts.change(connection, gone, 7, state=alerts.RESOLVED, closed_ms=7)
    store = "clickhouse://nobody@127.0.0.1:9/none"
    shown = json.loads(run(monkeypatch, store, tmp_path, "alerts", "list", "--json").output)
    assert [(one["id"], one["city"], one["state"]) for one in shown] == [
        (opened.id, "river", "open")
    ]
    whole = run(monkeypatch, store, tmp_path, "alerts", "list", "--json", "--all")
    assert len(json.loads(whole.output)) == 2
