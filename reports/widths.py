"""How wide the columns of a table are (列宽), for every format alike.

Numbers and short words never break over lines; what is left goes to the columns of text. Measured
in half-width signs: a Chinese sign is two of them.
"""

import re
import unicodedata
from typing import Final

from reports.document import Column, Table, plain

#: Half-width signs of 5号 that fit the type area of 156 mm.
LINE: Final = 84.0
#: Space at the sides of a cell.
_PADDING: Final = 1.15
#: Digits and Latin letters are wider than half a Chinese sign where the named font is missing.
_LATIN: Final = 1.06
_BOLD: Final = 1.06
#: A line of a title that is wider may be broken once more.
_TITLE: Final = 10.0
#: A text that is no wider stands in one line.
_SHORT_TEXT: Final = 12.0
_RUN: Final = re.compile(r"[!-~]+")


def widths(table: Table) -> list[float]:
    """Shares of the columns, adding to 1."""
    columns = list(enumerate(table.columns))
    found = [_least(table, at, column) for at, column in columns]
    room = LINE - sum(found)
    lacking = [
        max(0.0, _whole(table, at, column) - least)
        for (at, column), least in zip(columns, found, strict=True)
    ]
    if room > 0 and sum(lacking) > 0:
        part = min(1.0, room / sum(lacking))
        found = [least + lack * part for least, lack in zip(found, lacking, strict=True)]
    spare = max(0.0, LINE - sum(found)) / len(found)
    whole = sum(found) + spare * len(found)
    return [(one + spare) / whole for one in found]


def _least(table: Table, at: int, column: Column) -> float:
    """What the column needs so that nothing breaks that must not."""
    cells = _cells(table, at)
    title = plain(column.title)
    body = max(cells, default=0.0)
    if column.align == "left":
        runs = [_width(run) for row in table.rows for run in _RUN.findall(plain(row.cells[at]))]
        body = min(body, max([_SHORT_TEXT, *runs]))
    lines = [min(_width(line), max(_TITLE, _width(line) / 2)) for line in title.splitlines()]
    head = max([*lines, *map(_width, _RUN.findall(title))])
    return max(body, head) + _PADDING


def _whole(table: Table, at: int, column: Column) -> float:
    """What the column would take if every cell stood in one line."""
    return max([*_cells(table, at), *map(_width, plain(column.title).splitlines())]) + _PADDING


def _cells(table: Table, at: int) -> list[float]:
    return [
        max(map(_width, plain(row.cells[at]).splitlines()), default=0.0)
        * (_BOLD if row.total else 1.0)
        for row in table.rows
    ]


def _width(text: str) -> float:
    return sum(2.0 if unicodedata.east_asian_width(sign) in "WF" else _LATIN for sign in text)
