"""Reading a register's CSV files: lines, dates, faults. What each file says is read beside this."""

import csv
import io
import re
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from sys import intern
from typing import Final

import numpy as np
from numpy.typing import NDArray

from catalog.changes import RegisterRow
from catalog.errors import Fault
from indicators.catalogue import Catalogue

CODE: Final = re.compile(r"[^\s:/?#&]{1,64}")
CODE_RULE: Final = (
    "a code has 1 to 64 signs, no space and none of : / ? # &",
    "代码为1至64个字符,不含空格和 : / ? # &",
)
_COLUMN = re.compile(r"[a-z][a-z0-9_]*")
#: Days before and after all that can be written.
OPEN_START: Final = 0
OPEN_END: Final = date.max.toordinal() + 1
_NO_DATE: Final = -1

Texts = Sequence[str]


@dataclass(slots=True)
class Reading:
    """Rows so far, with the line each unit is on, and the faults."""

    catalogue: Catalogue
    rows: list[RegisterRow] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    units: dict[tuple[str, str], int] = field(default_factory=dict)  # → row in units.csv
    number: dict[tuple[str, str], int] = field(default_factory=dict)  # → position, from 0
    #: Units with dates of their own on the list, → row in units.csv.
    dated: dict[tuple[str, str], int] = field(default_factory=dict)
    founded: dict[tuple[str, str], str] = field(default_factory=dict)
    _ordinals: dict[str, int] = field(default_factory=dict)

    def find(self, file: str, line: int, column: str, en: str, zh: str) -> None:
        self.faults.append(Fault(file, line, column, en, zh))

    def put(
        self,
        unit: tuple[str, str],
        grouping: str,
        member: str,
        days: tuple[str, str],
        attributes: tuple[tuple[str, str], ...] = (),
    ) -> None:
        """Add a membership from the first day to the second, which it no longer holds."""
        first, last = map(intern, days)  # a million rows have a few thousand dates
        row = RegisterRow("put_membership", *unit, "", grouping, member, first, last, attributes)
        self.rows.append(row)

    def day(self, text: str, open_day: int) -> int:
        """Ordinal of an ISO date, `open_day` for '', below 0 for anything else."""
        if not text:
            return open_day
        found = self._ordinals.get(text)
        if found is None:
            found = self._ordinals[text] = _ordinal(text)
        return found

    def span(self, file: str, line: int, first: str, last: str) -> tuple[int, int] | None:
        """Days of valid_from and valid_to; None, and a fault, where they are no span."""
        start, end = self.day(first, OPEN_START), self.day(last, OPEN_END)
        for column, text, day in (("valid_from", first, start), ("valid_to", last, end)):
            if day < 0:
                self.find(file, line, column, *no_date(text))
        if start < 0 or end < 0:
            return None
        if end <= start:
            en, zh = "valid_to must be after valid_from", "valid_to应晚于valid_from"
            self.find(file, line, "valid_to", en, zh)
            return None
        return start, end

    def unit_number(self, file: str, line: int, unit: tuple[str, str]) -> int:
        """Position of the unit in units.csv; below 0, and a fault, where it is not there."""
        found = self.number.get(unit, -1)
        if found < 0:
            kind, code = unit
            en, zh = f"no unit {kind}:{code} in units.csv", f"units.csv中没有单位{kind}:{code}"
            self.find(file, line, "unit_code", en, zh)
        return found


def _ordinal(text: str) -> int:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return _NO_DATE
    return found.toordinal() if found.isoformat() == text else _NO_DATE


def no_date(text: str) -> tuple[str, str]:
    return f"{text!r} is not a date such as 2026-03-01", f"{text!r}不是日期,如2026-03-01"


class Stretches:
    """Days of many spans as arrays, to find those that overlap among spans of one key."""

    def __init__(self) -> None:
        self.key = array("q")
        self.first = array("i")
        self.last = array("i")
        self.line = array("i")

    def add(self, key: int, span: tuple[int, int], line: int) -> None:
        self.key.append(key)
        self.first.append(span[0])
        self.last.append(span[1])
        self.line.append(line)

    def vectors(self) -> tuple[NDArray[np.int64], ...]:
        """key, first, last, line: (spans,) each."""
        columns = (self.key, self.first, self.last, self.line)
        return tuple(np.array(column, np.int64) for column in columns)

    def overlaps(self) -> list[tuple[int, int]]:
        """(position, line of a span of the key that began before and lasts into it)."""
        key, first, last, line = self.vectors()
        if not len(key):
            return []
        order = np.lexsort((line, first, key))
        key, first, last, line = (column[order] for column in (key, first, last, line))
        # Raised by key, the furthest end so far never comes from another key's spans.
        group = np.cumsum(np.concatenate([[0], np.diff(key) != 0])) * (OPEN_END + 1)
        ends = last + group
        furthest = np.maximum.accumulate(ends)
        at = np.flatnonzero(first[1:] + group[1:] < furthest[:-1]) + 1
        lasting = np.searchsorted(furthest, furthest[at - 1], side="left")
        return list(zip(order[at].tolist(), line[lasting].tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns a file must have and may have; `own` allows any further lower-case name."""

    needed: Texts
    known: Texts
    own: bool = False


def lines(file: str, content: bytes, columns: Columns, to: Reading) -> Iterator[tuple[int, Texts]]:
    """(row in the file, texts in the order of `columns.known`) of every good line; the header is
    row 1. A column that is not there is ''; further ones follow as the header has them."""
    for line, texts, _ in _rows(file, content, columns, to):
        yield line, texts


def named_lines(
    file: str, content: bytes, columns: Columns, to: Reading
) -> Iterator[tuple[int, Mapping[str, str]]]:
    """(row in the file, column → text) of every good line."""
    for line, texts, names in _rows(file, content, columns, to):
        yield line, dict(zip(names, texts, strict=True))


def _rows(
    file: str, content: bytes, columns: Columns, to: Reading
) -> Iterator[tuple[int, Texts, Texts]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        to.find(file, 0, "", f"the file is not UTF-8 (byte {error.start})", "文件不是UTF-8编码")
        return
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip() for name in next(rows, [])]
        if not _header_holds(file, header, columns, to):
            return
        names = [*columns.known, *(name for name in header if name not in columns.known)]
        arranged = _arranged(header, names)
        width = len(header)
        for row in rows:
            if not any(row):
                continue
            if len(row) != width:
                en = f"{len(row)} values for {width} columns"
                to.find(file, rows.line_num, "", en, f"应有{width}列,实有{len(row)}列")
                continue
            yield rows.line_num, arranged([cell.strip() for cell in row]), names
    except csv.Error as error:
        to.find(file, rows.line_num, "", f"not CSV: {error}", "不是合法的CSV")


def _arranged(header: Texts, names: Texts) -> Callable[[list[str]], Texts]:
    if list(header) == list(names):
        return lambda cells: cells
    places = [header.index(name) if name in header else len(header) for name in names]

    def arranged(cells: list[str]) -> Texts:
        cells.append("")
        return [cells[place] for place in places]

    return arranged


def _header_holds(file: str, header: Texts, columns: Columns, to: Reading) -> bool:
    before = len(to.faults)
    for name in columns.needed:
        if name not in header:
            to.find(file, 1, name, "this column is missing", "缺少该列")
    for name in dict.fromkeys(header):
        if header.count(name) > 1:
            to.find(file, 1, name, "the column is here twice", "列名重复")
        if name in columns.known:
            continue
        if not columns.own:
            known = ", ".join(columns.known)
            to.find(file, 1, name, f"no such column; there are {known}", "没有这一列")
        elif near := get_close_matches(name, columns.known, n=1, cutoff=0.8):
            to.find(file, 1, name, f"no such column; is it {near[0]}?", f"应为{near[0]}?")
        elif not _COLUMN.fullmatch(name):
            en = "a column of your own is named in lower-case letters, digits and _"
            to.find(file, 1, name, en, "自设列名须由小写字母、数字和下划线组成")
    return len(to.faults) == before


def filled(texts: Mapping[str, str], but: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """What is written, by column, less the columns of `but`: attributes of a row."""
    left_out = set(but)
    return tuple(sorted((k, v) for k, v in texts.items() if v and k not in left_out))
