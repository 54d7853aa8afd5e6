"""NDJSON: one object a line, long or wide, read line by line.

Number literals are kept as the text they were written in; no float is ever made of them.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from indicators.catalogue import Table
from ingest.checks.batches import BadRow, Batch, Column, UnreadableFileError, strings
from ingest.checks.layout import roles_of
from ingest.checks.numbers import json_number
from ingest.checks.width import plain

#: Cells gathered before they are judged as one batch.
_BATCH: Final = 50_000
#: Bytes of one line; a longer one is no line of figures.
_LINE: Final = 4 << 20
_BAD_ROWS: Final = 50_000


class _Number(str):
    """A number's literal, told apart from a text."""

    __slots__ = ()


class _Cells:
    """Cells of many lines as parallel lists; wide and long lines alike."""

    def __init__(self) -> None:
        self.rows: list[int] = []
        self.units: list[str] = []
        self.periods: list[str | None] = []
        self.items: list[str] = []
        self.values: list[str] = []
        self.bad: list[BadRow] = []

    def batch(self, label: str) -> Batch:
        with_period = any(period is not None for period in self.periods)
        return Batch(
            np.array(self.rows, np.int64),
            strings(self.units),
            strings([period or "" for period in self.periods]) if with_period else None,
            [Column(label, strings(self.items), strings(self.values))],
            self.bad,
        )


def read_ndjson(path: Path, skip_bytes: int, table: Table) -> Iterator[Batch]:
    """Batches of a UTF-8 file, `skip_bytes` of BOM left out; rows are lines from 1.

    Raises:
        UnreadableFileError: empty, or not lines of objects.
    """
    roles = roles_of(table)
    decoder = json.JSONDecoder(
        object_pairs_hook=_Pairs, parse_float=_Number, parse_int=_Number, parse_constant=str
    )
    cells, bad, lines = _Cells(), 0, 0
    with path.open("rb") as file:
        file.seek(skip_bytes)
        for number, line in enumerate(iter(lambda: file.readline(_LINE), b""), start=1):
            text = line.strip()
            if not text:
                continue
            lines += 1
            if len(line) >= _LINE or not _read_line(text, number, decoder, roles, cells):
                bad += 1
                if bad > _BAD_ROWS:
                    raise UnreadableFileError("too_many_bad_rows", limit=_BAD_ROWS)
                cells.bad.append(BadRow(number, "not_an_object", 1, {}))
            if len(cells.values) >= _BATCH:
                yield cells.batch("")
                cells = _Cells()
    if not lines:
        raise UnreadableFileError("empty_file")
    yield cells.batch("")


class _Pairs(list[tuple[str, Any]]):
    """An object's members as written, repeated names included."""


def _read_line(
    text: bytes, number: int, decoder: json.JSONDecoder, roles: dict[str, str], cells: _Cells
) -> bool:
    try:
        found = decoder.decode(text.decode())
    except (ValueError, RecursionError):
        return False
    if not isinstance(found, _Pairs):
        return False
    unit, period, item, value = "", None, None, None
    others: list[tuple[str, str]] = []
    for name, given in found:
        written = _text(given)
        role = roles.get(plain(name).lower())
        if role == "unit":
            unit = written
        elif role == "period":
            period = written
        elif role == "item":
            item = written
        elif role == "value":
            value = written
        else:
            others.append((name, written))
    entries = [(item, value)] if item is not None and value is not None else others
    for code, written in entries:
        cells.rows.append(number)
        cells.units.append(unit)
        cells.periods.append(period)
        cells.items.append(code)
        cells.values.append(written)
    return True


def _text(value: object) -> str:
    if isinstance(value, _Number):
        return json_number(value)
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else "{…}"
