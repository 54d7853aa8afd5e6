"""Reads papers back: figures and their sources from HTML, visible text from HTML and DOCX."""

import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import docx

NUMBER = re.compile(r"-?\d+(?:\.\d+)?%?")
_HIDDEN = {"style", "title", "script"}


@dataclass
class Printed:
    """A number of the HTML paper: its text and the attributes of its element."""

    text: str
    attributes: dict[str, str]

    @property
    def rule(self) -> str:
        return self.attributes.get("data-rule", "")

    @property
    def sources(self) -> list[dict[str, str]]:
        if "data-of" in self.attributes:
            return list(json.loads(self.attributes["data-of"]))
        pairs = {name[5:].replace("-", "_"): value for name, value in self.attributes.items()}
        return [pairs]


@dataclass
class _Reader(HTMLParser):
    printed: list[Printed] = field(default_factory=list)
    words: list[str] = field(default_factory=list)  # all visible text
    bare: list[str] = field(default_factory=list)  # visible text outside every marked element
    tables: dict[str, list[list[str]]] = field(default_factory=dict)
    _open: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attributes}
        if tag == "br":
            self.handle_data("\n")
        if tag in ("meta", "img", "col", "link", "br"):
            return
        self._open.append((tag, known))
        if tag == "data":
            self.printed.append(Printed("", known))
        if tag == "section" and "data-table" in known:
            self._table = self.tables.setdefault(known["data-table"], [])
        if tag == "tr":
            self._table.append([])
        if tag in ("td", "th"):
            self._table[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass
        if tag in ("p", "td", "th", "h1", "h2", "h3", "figcaption"):
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        tags = [tag for tag, _ in self._open]
        if not _HIDDEN.isdisjoint(tags):
            return
        self.words.append(data)
        if "data" in tags:
            self.printed[-1].text += data
        elif not any(tag in ("time", "span") for tag in tags):
            self.bare.append(data)
        if "td" in tags or "th" in tags:
            self._table[-1][-1] += data


def read_html(text: str) -> _Reader:
    reader = _Reader()
    reader.feed(text)
    return reader


def numbers_of(text: str) -> list[str]:
    return NUMBER.findall(text)


def docx_text(path: Path) -> str:
    """Paragraphs and cells in reading order."""
    body = docx.Document(str(path))
    parts: list[str] = []
    for block in body.iter_inner_content():
        if hasattr(block, "rows"):
            parts += [cell.text for row in block.rows for cell in row.cells]
        else:
            parts.append(block.text)
    return "\n".join(parts)


def docx_tables(path: Path) -> list[list[list[str]]]:
    return [
        [[cell.text for cell in row.cells] for row in table.rows]
        for table in docx.Document(str(path)).tables
    ]


def rows_of(client: Any, query: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    values, columns = client.execute(query, parameters, with_column_types=True)
    return [dict(zip([name for name, _ in columns], row, strict=True)) for row in values]
