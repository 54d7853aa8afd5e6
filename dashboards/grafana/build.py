"""Grafana's JSON from boards: deterministic, the same text for the same boards.

Field names and defaults are those Grafana 12 writes itself (schemaVersion 42).
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from dashboards.boards import BOARDS
from dashboards.grafana.check import check
from dashboards.grafana.sources import FOLDER_TITLE, SOURCE_TYPES, Connections, data_sources
from dashboards.panels import Board, Column, Kind, Panel, Source, Variable, Word

SCHEMA_VERSION: Final = 42
PLUGIN_VERSION: Final = "4.14.1"
_GRID: Final = 24
_TIME_SERIES, _TABLE = 0, 1

Json = dict[str, Any]


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
        "panels": list(_panels(board.panels)),
        "refresh": board.refresh,
        "schemaVersion": SCHEMA_VERSION,
        "tags": list(board.tags),
        "templating": {"list": [_variable(variable) for variable in board.variables]},
        "time": {"from": board.since, "to": "now"},
        "timepicker": {"refresh_intervals": ["5s", "10s", "30s", "1m", "5m"]},
        "timezone": "browser",
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


def _panels(panels: Sequence[Panel]) -> Iterable[Json]:
    """Panels placed left to right; a row is as high as its highest panel."""
    x = y = row_height = 0
    for number, panel in enumerate(panels, 1):
        if x + panel.width > _GRID:
            x, y, row_height = 0, y + row_height, 0
        place = {"h": panel.height, "w": panel.width, "x": x, "y": y}
        yield _panel(number, panel, place)
        x += panel.width
        row_height = max(row_height, panel.height)


def _panel(number: int, panel: Panel, place: Json) -> Json:
    source = {"type": SOURCE_TYPES[panel.source], "uid": panel.source.value}
    return {
        "datasource": source,
        "description": panel.meaning,
        "fieldConfig": {"defaults": _defaults(panel), "overrides": list(_overrides(panel))},
        "gridPos": place,
        "id": number,
        "options": _options(panel),
        "targets": list(_targets(panel, source)),
        "title": panel.title,
        "type": panel.kind.value,
    }


def _targets(panel: Panel, source: Json) -> Iterable[Json]:
    if isinstance(panel.query, str):
        yield {
            "datasource": source,
            "editorType": "sql",
            "format": _TIME_SERIES if panel.is_time else _TABLE,
            "pluginVersion": PLUGIN_VERSION,
            "queryType": "timeseries" if panel.is_time else "table",
            "rawSql": panel.query,
            "refId": "A",
        }
        return
    for at, (expression, legend) in enumerate(panel.query):
        yield {
            "datasource": source,
            "editorMode": "code",
            "expr": expression,
            "instant": panel.kind is Kind.STAT,
            "legendFormat": legend,
            "range": panel.kind is not Kind.STAT,
            "refId": chr(ord("A") + at),
        }


def _defaults(panel: Panel) -> Json:
    steps: list[Json] = [{"color": panel.colours[0] if panel.colours else "text", "value": None}]
    if panel.steps:
        steps = [{"color": colour, "value": value} for value, colour in panel.steps]
    fields: Json = {
        "color": {"mode": "thresholds"},
        "custom": _custom(panel),
        "mappings": [_mapping(panel.words)] if panel.words else [],
        "noValue": "—",
        "thresholds": {"mode": "absolute", "steps": steps},
    }
    if panel.kind is Kind.SERIES:
        fixed = len(panel.colours) == 1
        fields["color"] = (
            {"mode": "fixed", "fixedColor": panel.colours[0]}
            if fixed
            else {"mode": "palette-classic"}
        )
    if panel.unit:
        fields["unit"] = panel.unit
    if panel.decimals is not None:
        fields["decimals"] = panel.decimals
    if panel.label:
        fields["displayName"] = f"${{__field.labels.{panel.label}}}"
    return fields


def _custom(panel: Panel) -> Json:
    if panel.kind is Kind.SERIES:
        return {
            "drawStyle": "line", "fillOpacity": 0, "lineInterpolation": "linear", "lineWidth": 2,
            "showPoints": "auto", "spanNulls": False, "stacking": {"mode": "none", "group": "A"},
            "axisSoftMin": None, "scaleDistribution": {"type": "linear"},
        }  # fmt: skip
    if panel.kind is Kind.STATUS:
        return {"fillOpacity": 80, "lineWidth": 1}
    if panel.kind is Kind.TABLE:
        return {"align": "auto", "cellOptions": {"type": "auto"}, "inspect": False}
    return {}


def _overrides(panel: Panel) -> Iterable[Json]:
    for column in panel.columns:
        yield {
            "matcher": {"id": "byName", "options": column.name},
            "properties": list(_properties(column)),
        }
    if panel.kind is Kind.SERIES and panel.label and len(panel.colours) > 1:
        # Two lines of one thing: this year dark, the year before lighter and dashed.
        yield {
            "matcher": {"id": "byName", "options": "本期"},
            "properties": [_fixed(panel.colours[0])],
        }
        yield {
            "matcher": {"id": "byName", "options": "上年同期"},
            "properties": [
                _fixed(panel.colours[1]),
                {"id": "custom.lineStyle", "value": {"dash": [6, 4], "fill": "dash"}},
                {"id": "custom.lineWidth", "value": 1},
            ],
        }


def _fixed(colour: str) -> Json:
    return {"id": "color", "value": {"mode": "fixed", "fixedColor": colour}}


def _properties(column: Column) -> Iterable[Json]:
    if column.unit:
        yield {"id": "unit", "value": column.unit}
    if column.decimals is not None:
        yield {"id": "decimals", "value": column.decimals}
    if column.width:
        yield {"id": "custom.width", "value": column.width}
    if column.hidden:
        yield {"id": "custom.hidden", "value": True}
    if column.words:
        yield {"id": "mappings", "value": [_mapping(column.words)]}
        yield {"id": "custom.cellOptions", "value": {"type": "color-text"}}


def _mapping(words: Sequence[Word]) -> Json:
    return {
        "type": "value",
        "options": {
            word.value: {"text": word.text, "color": word.colour, "index": at}
            for at, word in enumerate(words)
        },
    }


def _options(panel: Panel) -> Json:
    reduce = {"calcs": ["lastNotNull"], "fields": "", "values": False}
    if panel.kind is Kind.STAT:
        if panel.source is Source.STORE:
            # A text is a value like another: without this a stat shows numbers only.
            reduce = {**reduce, "fields": "/.*/"}
        return {
            "colorMode": "value", "graphMode": "none", "justifyMode": "auto",
            "orientation": "auto", "reduceOptions": reduce, "showPercentChange": False,
            "textMode": "auto", "wideLayout": True,
        }  # fmt: skip
    if panel.kind is Kind.BARS:
        return {
            "displayMode": "basic", "legend": {"showLegend": False}, "maxVizHeight": 28,
            "minVizHeight": 14, "minVizWidth": 8, "namePlacement": "left",
            "orientation": "horizontal", "reduceOptions": {**reduce, "values": True, "limit": 60},
            "showUnfilled": False, "sizing": "auto", "valueMode": "text",
        }  # fmt: skip
    if panel.kind is Kind.TABLE:
        return {"cellHeight": "sm", "showHeader": True, "footer": {"show": False, "reducer": []}}
    legend = {"calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": True}
    if panel.kind is Kind.STATUS:
        return {
            "colWidth": 0.9, "legend": legend, "rowHeight": 0.85, "showValue": "never",
            "tooltip": {"mode": "single", "sort": "none"},
        }  # fmt: skip
    return {"legend": legend, "tooltip": {"mode": "multi", "sort": "desc"}}


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
