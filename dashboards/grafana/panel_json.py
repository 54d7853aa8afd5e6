"""Panels as Grafana stores them: place, query, how values are shown."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from dashboards.grafana.sources import SOURCE_TYPES
from dashboards.panels import Column, Kind, Panel, Source, Word

PLUGIN_VERSION: Final = "4.14.1"
_GRID: Final = 24
_TIME_SERIES, _TABLE = 0, 1

Json = dict[str, Any]


def laid_out(panels: Sequence[Panel]) -> Iterable[Json]:
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
        "noValue": panel.none,
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
