"""What the boards promise before any Grafana sees them."""

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from dashboards.boards import BOARDS
from dashboards.grafana.build import board_json, build
from dashboards.grafana.check import check, faults
from dashboards.grafana.errors import FaultyBoardError
from dashboards.grafana.sources import Connections
from dashboards.panels import Kind, Source
from granary.cli.main import make_app
from granary.metrics import METRICS

Board = dict[str, Any]
STORE_URL = "clickhouse://dashboard:s%40fe@10.0.0.5:9440/granary"


def boards() -> list[Board]:
    return [board_json(board) for board in BOARDS]


def test_no_board_breaks_a_rule_of_grafana() -> None:
    assert list(faults(boards())) == []


def _wrap(made: list[Board]) -> None:
    made[0] = {"uid": "a", "title": "a", "dashboard": made[0]}


def _first_sql(board: Board) -> Board:
    target: Board = board["panels"][0]["targets"][0]
    return target


def _series(board: Board) -> Board:
    panel: Board = next(p for p in board["panels"] if p["type"] == Kind.SERIES.value)
    return panel


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda m: m[1].update(uid=m[0]["uid"]), "2 boards have this uid"),
        (lambda m: m[1].update(title=m[0]["title"]), "2 boards have this title"),
        (_wrap, "not {dashboard"),
        (lambda m: m[0].update(uid="x" * 41), "1-40 letters"),
        (lambda m: m[0].update(id=7), "id must be null"),
        (lambda m: m[0].update(schemaVersion=41), "must be 42"),
        (lambda m: m[0].update(panels="none"), "panels must be a list"),
        (lambda m: m[0]["panels"][1].update(id=1), "panels have id 1"),
        (lambda m: m[0]["panels"][1].update(title=m[0]["panels"][0]["title"]), "are called"),
        (lambda m: m[0]["panels"][0].update(type="graph3d"), "no panel type"),
        (lambda m: m[0]["panels"][0].update(description=""), "no description"),
        (lambda m: m[0]["panels"][0].update(targets=[]), "asks nothing"),
        (lambda m: m[0]["panels"][1]["gridPos"].update(x=0, y=0), "overlap"),
        (lambda m: m[0]["panels"][0]["gridPos"].update(x=20), "leaves the grid"),
        (lambda m: _first_sql(m[0]).pop("editorType"), "editorType"),
        (lambda m: _first_sql(m[0]).update(format=0), "format must be"),
        (lambda m: _first_sql(m[0]).update(rawSql="SELECT 1 FORMAT JSON"), "refused for readers"),
        (lambda m: _first_sql(m[0]).update(rawSql="SELECT $city"), "which quotes it"),
        (lambda m: _first_sql(m[0]).update(rawSql="SELECT ${x:sqlstring}"), "no variable"),
        (
            lambda m: _series(m[0])["targets"][0].update(
                rawSql="SELECT 1 AS time ORDER BY time DESC"
            ),
            "ascending",
        ),
        (lambda m: m[0]["templating"]["list"].reverse(), "not chosen before it"),
    ],
)
def test_each_fault_that_grafana_takes_silently_is_found(
    spoil: Callable[[list[Board]], object], told: str
) -> None:
    made = copy.deepcopy(boards())
    spoil(made)
    with pytest.raises(FaultyBoardError, match=re.escape(told)):
        check(made)


def test_the_files_are_the_same_every_time_and_hold_no_password(tmp_path: Path) -> None:
    connections = Connections(STORE_URL, "http://prometheus:9090")
    texts = []
    for name in ("one", "two"):
        written = build(tmp_path / name, connections, path="/boards")
        texts.append({str(p.relative_to(tmp_path / name)): p.read_text("utf-8") for p in written})
    assert texts[0] == texts[1]
    assert sorted(texts[0]) == sorted(
        [f"dashboards/{board.uid}.json" for board in BOARDS]
        + ["provisioning/dashboards/granary.yaml", "provisioning/datasources/granary.yaml"]
    )
    assert not any("s@fe" in text for text in texts[0].values())
    sources = json.loads(texts[0]["provisioning/datasources/granary.yaml"])["datasources"]
    store = sources[0]
    assert store["type"] == "grafana-clickhouse-datasource"
    assert (store["jsonData"]["host"], store["jsonData"]["port"]) == ("10.0.0.5", 9440)
    assert store["jsonData"]["protocol"] == "native"
    assert store["jsonData"]["username"] == "dashboard"
    assert store["secureJsonData"]["password"] == "$GRANARY_DASHBOARD_PASSWORD"


def test_the_beginning_of_the_time_range_can_be_chosen_for_figures_only(tmp_path: Path) -> None:
    build(tmp_path, Connections(), since="2010-01-01T00:00:00Z")
    begins = {
        board.uid: json.loads((tmp_path / "dashboards" / f"{board.uid}.json").read_text("utf-8"))[
            "time"
        ]["from"]
        for board in BOARDS
    }
    assert begins.pop("granary-pipeline") == "now-1h"
    assert set(begins.values()) == {"2010-01-01T00:00:00Z"}


def test_every_metric_on_a_board_is_declared() -> None:
    asked = {
        name
        for board in BOARDS
        for panel in board.panels
        if panel.source is Source.METRICS and not isinstance(panel.query, str)
        for expression, _ in panel.query
        for name in re.findall(r"granary_\w+", expression)
    }
    assert asked
    known = set(METRICS) | {f"{name}_bucket" for name in METRICS}
    assert asked <= known


def test_each_panel_says_what_it_means_and_each_board_what_it_answers() -> None:
    assert all(board.question.endswith("？") for board in BOARDS)
    assert all(panel.meaning for board in BOARDS for panel in board.panels)


def test_the_command_writes_the_boards_for_a_given_reader(tmp_path: Path) -> None:
    out = tmp_path / "boards"
    found = CliRunner().invoke(
        make_app(),
        ["dashboards", "build", "--out", str(out), "--clickhouse", STORE_URL, "--json"],
    )
    assert found.exit_code == 0, found.output
    assert len(json.loads(found.output)["files"]) == len(BOARDS) + 2
    provider = json.loads((out / "provisioning/dashboards/granary.yaml").read_text("utf-8"))
    assert provider["providers"][0]["options"]["path"] == str(out / "dashboards")
