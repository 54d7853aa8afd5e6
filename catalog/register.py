"""A city's register (名录) as CSV: units.csv and memberships.csv.

CSV because a register may hold 100,000 units. Dates are ISO; `*_to` is the first day on which it no
longer holds. The format is described in docs/catalog.md.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from itertools import pairwise
from pathlib import Path
from typing import Final

from catalog.changes import RegisterRow
from catalog.credit_code import is_credit_code_shaped, wrong_check_digit
from catalog.errors import Fault, RegisterError
from indicators.catalogue import Catalogue

UNITS: Final = "units.csv"
MEMBERSHIPS: Final = "memberships.csv"
_UNIT_KEYS = ("kind", "code", "name")
#: Columns of units.csv that have a meaning; any other lower-case name is an attribute of its own.
UNIT_COLUMNS: Final = (
    *_UNIT_KEYS,
    "sector",
    "class_code",
    "class_edition",
    "founded",
    "in_production",
    "listed_from",
    "listed_to",
    "list_reason",
    "part_of",
)
MEMBERSHIP_COLUMNS: Final = (
    "unit_kind",
    "unit_code",
    "grouping",
    "member",
    "valid_from",
    "valid_to",
)
_DATES = ("founded", "in_production", "listed_from", "listed_to")
_COLUMN = re.compile(r"[a-z][a-z0-9_]*")
_CODE = re.compile(r"[^\s:/?#&]{1,64}")
_FOREVER = "9999-12-31"


@dataclass(slots=True)
class _Reading:
    """Rows so far, with the line each unit is on, and the faults."""

    rows: list[RegisterRow] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    units: dict[tuple[str, str], int] = field(default_factory=dict)
    parts: list[tuple[int, str, str, str]] = field(default_factory=list)  # line, kind, code, of

    def find(self, file: str, line: int, column: str, en: str, zh: str) -> None:
        self.faults.append(Fault(file, line, column, en, zh))


def read_register(directory: Path, catalogue: Catalogue) -> list[RegisterRow]:
    """The whole register as puts, units before memberships, in the order of the files.

    A folder without units.csv has an empty register.

    Raises:
        RegisterError: every fault, with file, row (line of the file) and column.
    """
    reading = _Reading()
    if (directory / UNITS).is_file():
        _read_units(directory / UNITS, reading)
    if (directory / MEMBERSHIPS).is_file():
        _read_memberships(directory / MEMBERSHIPS, reading, catalogue)
    if reading.faults:
        raise RegisterError(f"the register in {directory} has faults:", reading.faults)
    return reading.rows


def _read_units(path: Path, reading: _Reading) -> None:
    for line, row in _lines(path, _UNIT_KEYS, reading):
        kind, code = row["kind"], row["code"]
        if not _CODE.fullmatch(kind):
            reading.find(path.name, line, "kind", "must name a kind of unit", "须填写单位类型")
        if not _CODE.fullmatch(code):
            en = "a code has 1 to 64 signs, no space and none of : / ? # &"
            reading.find(path.name, line, "code", en, "代码为1至64个字符,不含空格和 : / ? # &")
        elif is_credit_code_shaped(code) and (right := wrong_check_digit(code)) is not None:
            reading.find(
                path.name,
                line,
                "code",
                f"{code}: the check digit of this credit code would be {right}",
                f"{code}:统一社会信用代码校验位应为{right}",
            )
        first = reading.units.setdefault((kind, code), line)
        if first != line:
            reading.find(
                path.name,
                line,
                "code",
                f"unit {kind}:{code} is already on row {first}",
                f"单位{kind}:{code}与第{first}行重复",
            )
        _check_dates(path.name, line, row, _DATES, reading)
        _check_order(path.name, line, row, "listed_from", "listed_to", reading)
        attributes = {k: v for k, v in row.items() if k not in _UNIT_KEYS and v}
        if "part_of" in attributes:
            reading.parts.append((line, kind, code, attributes["part_of"]))
        reading.rows.append(
            RegisterRow(
                "put_unit", kind, code, row["name"], attributes=tuple(sorted(attributes.items()))
            )
        )
    _check_parts(path.name, reading)


def _check_parts(file: str, reading: _Reading) -> None:
    whole_of = {(kind, code): (kind, whole) for _, kind, code, whole in reading.parts}
    for line, kind, code, whole in reading.parts:
        if (kind, whole) not in reading.units:
            reading.find(
                file, line, "part_of", f"no unit {kind}:{whole}", f"没有单位{kind}:{whole}"
            )
            continue
        at, steps = (kind, whole), 0
        while at in whole_of and at != (kind, code) and steps <= len(whole_of):
            at, steps = whole_of[at], steps + 1
        if at == (kind, code):
            reading.find(
                file, line, "part_of", "the unit is a part of itself", "单位不能是自身的其中项"
            )


def _read_memberships(path: Path, reading: _Reading, catalogue: Catalogue) -> None:
    members = {g.code: {member.code for member in g.members} for g in catalogue.groupings}
    stretches: dict[tuple[str, str, str], list[tuple[str, str, str, int]]] = {}
    for line, row in _lines(path, MEMBERSHIP_COLUMNS[:4], reading, exact=MEMBERSHIP_COLUMNS):
        kind, code, grouping, member = (row[name] for name in MEMBERSHIP_COLUMNS[:4])
        if (kind, code) not in reading.units:
            en, zh = f"no unit {kind}:{code} in {UNITS}", f"{UNITS}中没有单位{kind}:{code}"
            reading.find(path.name, line, "unit_code", en, zh)
        if grouping not in members:
            en, zh = f"no grouping {grouping!r}", f"没有分组{grouping!r}"
            reading.find(path.name, line, "grouping", en, zh)
        elif member not in members[grouping]:
            en, zh = f"no member {member!r} of {grouping!r}", f"分组{grouping!r}没有成员{member!r}"
            reading.find(path.name, line, "member", en, zh)
        elif kind not in catalogue.grouping[grouping].unit_kinds:
            wanted = ", ".join(map(repr, catalogue.grouping[grouping].unit_kinds))
            en = f"{grouping!r} groups units of kind {wanted}"
            reading.find(path.name, line, "unit_kind", en, f"{grouping!r}的单位类型为{wanted}")
        valid_from, valid_to = row.get("valid_from", ""), row.get("valid_to", "")
        if _check_dates(path.name, line, row, MEMBERSHIP_COLUMNS[4:], reading) and _check_order(
            path.name, line, row, "valid_from", "valid_to", reading
        ):
            stretch = (valid_from, valid_to or _FOREVER, member, line)
            stretches.setdefault((kind, code, grouping), []).append(stretch)
        reading.rows.append(
            RegisterRow(
                "put_membership",
                kind,
                code,
                grouping=grouping,
                member=member,
                valid_from=valid_from,
                valid_to=valid_to,
            )
        )
    partitions = {group.code for group in catalogue.groupings if group.partition}
    for (kind, code, grouping), found in stretches.items():
        # In an overlapping grouping a unit may be in several members, in one member once at a time.
        by_member: dict[str, list[tuple[str, str, str, int]]] = {}
        for stretch in found:
            by_member.setdefault("" if grouping in partitions else stretch[2], []).append(stretch)
        for one in by_member.values():
            for earlier, later in pairwise(sorted(one)):
                if later[0] < earlier[1]:
                    reading.find(
                        path.name,
                        later[3],
                        "valid_from",
                        f"{kind}:{code} is in {grouping!r} already by row {earlier[3]}",
                        f"{kind}:{code}在分组{grouping!r}中的有效期与第{earlier[3]}行重叠",
                    )


def _lines(
    path: Path, needed: Sequence[str], reading: _Reading, *, exact: Sequence[str] = ()
) -> Iterator[tuple[int, dict[str, str]]]:
    """(row in the file, column → text) of every good line; the header is row 1."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        en = f"the file is not UTF-8 (byte {error.start})"
        reading.find(path.name, 0, "", en, "文件不是UTF-8编码")
        return
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip() for name in next(rows, [])]
        if not _header_holds(path.name, header, needed, exact, reading):
            return
        for row in rows:
            if not any(row):
                continue
            if len(row) != len(header):
                en = f"{len(row)} values for {len(header)} columns"
                zh = f"应有{len(header)}列,实有{len(row)}列"
                reading.find(path.name, rows.line_num, "", en, zh)
                continue
            yield rows.line_num, {k: v.strip() for k, v in zip(header, row, strict=True)}
    except csv.Error as error:
        reading.find(path.name, rows.line_num, "", f"not CSV: {error}", "不是合法的CSV")


def _header_holds(
    file: str, header: Sequence[str], needed: Sequence[str], exact: Sequence[str], to: _Reading
) -> bool:
    before = len(to.faults)
    for name in needed:
        if name not in header:
            to.find(file, 1, name, "this column is missing", "缺少该列")
    for name in dict.fromkeys(header):
        if header.count(name) > 1:
            to.find(file, 1, name, "the column is here twice", "列名重复")
        if exact:
            if name not in exact:
                columns = ", ".join(exact)
                to.find(file, 1, name, f"no such column; there are {columns}", "没有这一列")
        elif name not in UNIT_COLUMNS:
            near = get_close_matches(name, UNIT_COLUMNS, n=1, cutoff=0.8)
            if near:
                to.find(file, 1, name, f"no such column; is it {near[0]}?", f"应为{near[0]}?")
            elif not _COLUMN.fullmatch(name):
                en = "a column of your own is named in lower-case letters, digits and _"
                to.find(file, 1, name, en, "自设列名须由小写字母、数字和下划线组成")
    return len(to.faults) == before


def _check_dates(
    file: str, line: int, row: Mapping[str, str], columns: Iterable[str], reading: _Reading
) -> bool:
    good = True
    for column in columns:
        text = row.get(column, "")
        if text and not _is_date(text):
            en, zh = f"{text!r} is not a date such as 2026-03-01", f"{text!r}不是日期,如2026-03-01"
            reading.find(file, line, column, en, zh)
            good = False
    return good


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _check_order(
    file: str, line: int, row: Mapping[str, str], first: str, last: str, reading: _Reading
) -> bool:
    start, end = row.get(first, ""), row.get(last, "")
    if start and end and _is_date(start) and _is_date(end) and end <= start:
        en, zh = f"{last} must be after {first}", f"{last}应晚于{first}"
        reading.find(file, line, last, en, zh)
        return False
    return True
