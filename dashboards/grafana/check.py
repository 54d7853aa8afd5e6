"""What Grafana accepts with 200 and then shows broken, found before it is written or pushed.

The API takes bad panel types, repeated panel ids and text for panels; two provisioned files with
one uid, or with one title in a folder, freeze the whole provider.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from dashboards.grafana.errors import FaultyBoardError
from dashboards.grafana.sources import SOURCE_TYPES
from dashboards.panels import Kind, Source

_UID: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")
_VARIABLE: Final = re.compile(r"\$\{(\w+)(?::(\w+))?\}|\$(\w+)")
_ASCENDING: Final = re.compile(r"ORDER BY time(?:,| ASC|$)")
#: Names that Grafana itself fills in.
_BUILT_IN: Final = "__"


def check(boards: Sequence[Mapping[str, Any]]) -> None:
    """Nothing if all is well.

    Raises:
        FaultyBoardError: with every fault, one a line.
    """
    found = list(faults(boards))
    if found:
        raise FaultyBoardError("\n".join(found), faults=len(found))


def faults(boards: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    """`board: sentence` for every fault."""
    for field in ("uid", "title"):
        counts = Counter(str(board.get(field)) for board in boards)
        for value, times in counts.items():
            if times > 1:
                yield f"{value}: {times} boards have this {field}"
    for board in boards:
        name = board.get("uid", "?")
        for fault in _board_faults(board):
            yield f"{name}: {fault}"


def _board_faults(board: Mapping[str, Any]) -> Iterable[str]:
    if "dashboard" in board:
        yield "a file holds the board itself, not {dashboard: …}"
        return
    if not _UID.fullmatch(str(board.get("uid", ""))):
        yield f"uid {board.get('uid')!r} is not 1-40 letters, digits, - or _"
    if board.get("id") is not None:
        yield "id must be null, else Grafana answers 404"
    if board.get("schemaVersion") != 42:
        yield "schemaVersion must be 42"
    panels = board.get("panels")
    if not isinstance(panels, list) or not panels:
        yield "panels must be a list that is not empty"
        return
    ids = Counter(panel.get("id") for panel in panels)
    yield from (f"{times} panels have id {one}" for one, times in ids.items() if times > 1)
    titles = Counter(panel.get("title") for panel in panels)
    yield from (f"{times} panels are called {one}" for one, times in titles.items() if times > 1)
    known = {variable["name"] for variable in board["templating"]["list"]}
    for panel in panels:
        for fault in _panel_faults(panel, known):
            yield f"panel {panel.get('title')!r}: {fault}"
    yield from _overlaps(panels)
    earlier: set[str] = set()
    for variable in board["templating"]["list"]:
        query = variable["query"] if variable["type"] == "query" else ""
        for name in _variables(query) - earlier:
            yield f"variable {variable['name']}: ${{{name}}} is not chosen before it"
        earlier.add(variable["name"])


def _panel_faults(panel: Mapping[str, Any], known: set[str]) -> Iterable[str]:
    if panel.get("type") not in set(Kind):
        yield f"no panel type {panel.get('type')!r}"
    if not panel.get("description"):
        yield "it has no description"
    if not panel.get("targets"):
        yield "it asks nothing"
    place = panel["gridPos"]
    if place["x"] + place["w"] > 24 or place["w"] < 1 or place["h"] < 1:
        yield "it leaves the grid of 24 columns"
    references = Counter(target["refId"] for target in panel.get("targets", []))
    yield from (f"{times} targets are {one}" for one, times in references.items() if times > 1)
    for target in panel.get("targets", []):
        if target["datasource"]["type"] == SOURCE_TYPES[Source.STORE]:
            yield from _sql_faults(panel, target, known)
        elif not target.get("expr"):
            yield "a Prometheus target needs an expr"


def _sql_faults(
    panel: Mapping[str, Any], target: Mapping[str, Any], known: set[str]
) -> Iterable[str]:
    sql = target.get("rawSql")
    if target.get("editorType") != "sql" or not isinstance(sql, str) or not sql:
        yield 'a ClickHouse target needs editorType "sql" and rawSql'
        return
    over_time = panel["type"] in (Kind.SERIES.value, Kind.STATUS.value)
    if target.get("format") != (0 if over_time else 1):
        yield "format must be 0 for a panel over time and 1 for any other"
    if over_time and not _ASCENDING.search(sql):
        yield "its SQL must end in ORDER BY time, ascending"
    if re.search(r"\bFORMAT\b|\bSETTINGS\b", sql):
        yield "FORMAT and SETTINGS clauses are refused for readers"
    for name in _variables(sql) - known:
        yield f"${{{name}}} is no variable of the board"
    for match in _VARIABLE.finditer(sql):
        name = match[1] or match[3]
        if not name.startswith(_BUILT_IN) and match[2] != "sqlstring":
            yield f"{match[0]} must be written ${{{name}:sqlstring}}, which quotes it"


def _variables(text: str) -> set[str]:
    found = {match[1] or match[3] for match in _VARIABLE.finditer(text)}
    return {name for name in found if not name.startswith(_BUILT_IN)}


def _overlaps(panels: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    taken: dict[tuple[int, int], str] = {}
    for panel in panels:
        place = panel["gridPos"]
        cells = [
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        ]
        others = {taken[cell] for cell in cells if cell in taken}
        yield from (f"panels {other!r} and {panel['title']!r} overlap" for other in sorted(others))
        taken.update(dict.fromkeys(cells, str(panel["title"])))
