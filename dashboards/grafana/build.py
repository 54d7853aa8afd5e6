"""Grafana's JSON from boards: deterministic, the same text for the same boards.

Field names and defaults are those Grafana 12 writes itself (schemaVersion 42).
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from dashboards.boards import BOARDS
from dashboards.grafana.check import check
from dashboards.grafana.panel_json import Json, laid_out
from dashboards.grafana.sources import FOLDER_TITLE, SOURCE_TYPES, Connections, data_sources
from dashboards.panels import Board, Source, Variable

SCHEMA_VERSION: Final = 42
#: Due instants and arrivals are told in city time, and the country has one.
TIME_ZONE: Final = "Asia/Shanghai"


def board_json(board: Board) -> Json:
    """One dashboard as Grafana stores it; `id` null, so that a push finds it by its uid."""
    return {
        "annotations": {"list": []},
        "description": board.question,
        "editable": False,
        "fiscalYearStartMonth": 0,
        "graphTooltip": 1,
        "id": None,
        "links": [_link(other) for other in BOARDS if other.uid != board.uid],
        "liveNow": False,
        "panels": list(laid_out(board.panels)),
        "refresh": board.refresh,
        "schemaVersion": SCHEMA_VERSION,
        "tags": list(board.tags),
        "templating": {"list": [_variable(variable) for variable in board.variables]},
        "time": {"from": board.since, "to": "now"},
        "timepicker": {"refresh_intervals": ["5s", "10s", "30s", "1m", "5m"]},
        "timezone": TIME_ZONE,
        "title": board.title,
        "uid": board.uid,
        "version": 1,
        "weekStart": "monday",
    }


def build(
    out: Path,
    connections: Connections,
    boards: Sequence[Board] = BOARDS,
    *,
    since: str = "",
    path: str = "",
) -> list[Path]:
    """Write boards and provisioning files; returns what was written, in order.

    `out/dashboards/<uid>.json`, `out/provisioning/{datasources,dashboards}/granary.yaml`. `since`
    replaces the beginning of the time range of boards about figures; `path` is where Grafana will
    find the boards' files, by default where they are written.

    Raises:
        FaultyBoardError: the boards break one of Grafana's rules.
    """
    made = [dated(board_json(board), since) for board in boards]
    check(made)
    written = [_write(out / "dashboards" / f"{one['uid']}.json", _text(one)) for one in made]
    sources = {"apiVersion": 1, "datasources": data_sources(connections)}
    provider = {
        "apiVersion": 1,
        "providers": [
            {
                "name": "granary",
                "orgId": 1,
                "folder": FOLDER_TITLE,
                "folderUid": "granary",
                "type": "file",
                "disableDeletion": False,
                "allowUiUpdates": False,
                "updateIntervalSeconds": 30,
                "options": {
                    "path": path or str((out / "dashboards").resolve()),
                    "foldersFromFilesStructure": False,
                },
            }
        ],
    }
    # JSON is YAML, and it needs no writer that orders or quotes in its own way.
    for name, content in (("datasources", sources), ("dashboards", provider)):
        written.append(_write(out / "provisioning" / name / "granary.yaml", _text(content)))
    return written


def dated(board: Json, since: str) -> Json:
    """The board with another beginning of its time range, where it is about figures."""
    if since and board["time"]["from"] != "now-1h":
        return {**board, "time": {**board["time"], "from": since}}
    return board


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def _text(content: Json) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _variable(variable: Variable) -> Json:
    made: Json = {
        "hide": 0,
        "includeAll": False,
        "label": variable.label,
        "multi": False,
        "name": variable.name,
        "skipUrlSync": False,
    }
    if variable.options:
        options = [
            {"selected": at == 0, "text": text, "value": value}
            for at, (value, text) in enumerate(variable.options)
        ]
        query = ", ".join(f"{text} : {value}" for value, text in variable.options)
        current = {"text": variable.options[0][1], "value": variable.options[0][0]}
        return {**made, "type": "custom", "query": query, "options": options, "current": current}
    source = {"type": SOURCE_TYPES[Source.STORE], "uid": Source.STORE.value}
    return {
        **made,
        "current": {},
        "datasource": source,
        "definition": variable.query,
        "options": [],
        "query": variable.query,
        "refresh": 2,
        "regex": "",
        "sort": 0,
        "type": "query",
    }


def _link(board: Board) -> Json:
    return {
        "asDropdown": False, "icon": "dashboard", "includeVars": True, "keepTime": False,
        "tags": [], "targetBlank": False, "title": board.title, "tooltip": board.question,
        "type": "link", "url": f"/d/{board.uid}",
    }  # fmt: skip
