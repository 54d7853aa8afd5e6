"""Rows of application files as text, with the place of every cell: CSV, YAML, JSON."""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from catalog.errors import Fault
from catalog.located import read_located
from ingest.checks.numbers import json_number


@dataclass(slots=True, eq=False)
class Row:
    """One application as written.

    lines: of cells that have one of their own; heading: line of the headings, 0 where there are
    none. `prefix` comes before a column where a file has no rows.
    """

    file: str
    line: int
    cells: dict[str, str]
    lines: dict[str, int] = field(default_factory=dict)
    heading: int = 0
    prefix: str = ""


def rows_of(path: Path) -> tuple[list[Row], list[Fault]]:
    """The file's rows and what is wrong with its form.

    By its ending: .yaml, .yml and .json hold one mapping or a list of them; anything else is CSV.

    Raises:
        OSError: the file cannot be read.
    """
    ending = path.suffix.lower()
    if ending in (".yaml", ".yml"):
        located = read_located(path)
        if located.faults:
            return [], list(located.faults)
        rows, faults = _mappings(path.name, located.content)
        for row in rows:
            base = (int(row.prefix.rstrip(".")),) if row.prefix else ()
            row.line = located.line(base)
            row.lines = {name: located.line((*base, name)) for name in row.cells}
        return rows, faults
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        return [], [
            Fault(
                path.name, 0, "", "the file is not UTF-8", "文件不是UTF-8编码,请另存为UTF-8后重试"
            )
        ]
    return _json(path.name, text) if ending == ".json" else _csv(path.name, text)


def _csv(file: str, text: str) -> tuple[list[Row], list[Fault]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[Row] = []
    faults: list[Fault] = []
    header: list[str] | None = None
    before = heading = 0
    try:
        for cells in reader:
            line, before = before + 1, reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if header is None:
                header, heading = [cell.strip() for cell in cells], line
                faults += _header_faults(file, line, header)
            elif len(cells) != len(header):
                found, wanted = len(cells), len(header)
                en = f"has {found} cells, the heading has {wanted}"
                faults.append(Fault(file, line, "", en, f"有{found}格,表头有{wanted}格"))
            else:
                named = zip(header, cells, strict=True)
                filled = {name: cell for name, cell in named if name}
                rows.append(Row(file, line, filled, heading=heading))
    except csv.Error as error:
        faults.append(Fault(file, reader.line_num, "", f"not CSV: {error}", "不是合法的CSV"))
    if header is None and not faults:
        faults.append(Fault(file, 0, "", "the file is empty", "文件为空"))
    return rows, faults


def _header_faults(file: str, line: int, header: Sequence[str]) -> Iterable[Fault]:
    for name, count in Counter(header).items():
        if name and count > 1:
            yield Fault(file, line, name, "this column is here twice", "列名重复")


def _json(file: str, text: str) -> tuple[list[Row], list[Fault]]:
    try:
        content = json.loads(
            text, parse_float=json_number, parse_int=json_number, object_pairs_hook=_once
        )
    except json.JSONDecodeError as error:
        return [], [Fault(file, error.lineno, "", f"not JSON: {error.msg}", "不是合法的JSON")]
    except RecursionError:
        return [], [Fault(file, 0, "", "not JSON: nested too deeply", "嵌套过深")]
    except KeyError as error:
        name = str(error.args[0])
        return [], [Fault(file, 0, name, "the key is here twice", "键重复")]
    return _mappings(file, content)


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise KeyError(name)
        found[name] = value
    return found


def _mappings(file: str, content: Any) -> tuple[list[Row], list[Fault]]:
    rows: list[Row] = []
    faults: list[Fault] = []
    listed = isinstance(content, list)
    for number, entry in enumerate(content if listed else [content]):
        prefix = f"{number}." if listed else ""
        if not isinstance(entry, dict):
            en = "an application is a mapping of names to values"
            faults.append(Fault(file, 0, prefix.rstrip("."), en, "申请应为键值对"))
            continue
        row = Row(file, 0, {}, prefix=prefix)
        for name, value in entry.items():
            if isinstance(value, list | dict):
                en = "must be one value"
                faults.append(Fault(file, 0, f"{prefix}{name}", en, "应为单个值"))
            else:
                row.cells[str(name)] = _text(value)
        rows.append(row)
    return rows, faults


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
