"""units.csv: the units themselves."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from catalog.changes import RegisterRow
from catalog.credit_code import is_credit_code_shaped, wrong_check_digit
from catalog.register_attributes import check_attributes, typed_attributes
from catalog.register_reading import (
    CODE,
    CODE_RULE,
    Columns,
    Reading,
    filled,
    named_lines,
    no_date,
)
from indicators.correspondence import CANDIDATE

UNITS: Final = "units.csv"
_KEYS = ("kind", "code", "name")
#: Columns of units.csv that have a meaning; any other lower-case name is an attribute of its own.
UNIT_COLUMNS: Final = (
    *_KEYS,
    "credit_code",
    "sector",
    "class_code",
    "class_edition",
    "founded",
    "land_granted",
    "in_production",
    "listed_from",
    "listed_to",
    "list_reason",
    "part_of",
)
_DATES = ("founded", "land_granted", "in_production", "listed_from", "listed_to")
#: 成立, 供地, 投产, 入库 are apart; of them only this is sure, that nothing comes before founding.
_NOT_BEFORE_FOUNDED = ("land_granted", "in_production", "listed_from")
_CLASS = re.compile(r"\d{4}")
#: Editions of GB/T 4754 that a class may be of.
_EDITIONS = ("2011", "2017")
_BLANK: Final = -2


def read_units(content: bytes, to: Reading) -> None:
    """Add the units, and what is wrong with them."""
    parts: list[tuple[int, str, str, str]] = []  # line, kind, code, of
    schemes = to.catalogue.scheme
    typed = typed_attributes(to.catalogue)
    for line, row in named_lines(UNITS, content, Columns(_KEYS, UNIT_COLUMNS, own=True), to):
        kind, code = row["kind"], row["code"]
        unit = (kind, code)
        if not CODE.fullmatch(kind):
            to.find(UNITS, line, "kind", "must name a kind of unit", "须填写单位类型")
        elif kind == CANDIDATE or kind in schemes:
            en = f"units of kind {kind!r} come from departments, not from this file"
            to.find(UNITS, line, "kind", en, f"{kind!r}由部门报送,不在本文件中填写")
        _check_code(line, code, to)
        _check_credit_code(line, row["credit_code"], to)
        first = to.units.setdefault(unit, line)
        if first != line:
            en = f"unit {kind}:{code} is already on row {first}"
            to.find(UNITS, line, "code", en, f"单位{kind}:{code}与第{first}行重复")
        to.number.setdefault(unit, len(to.number))
        _check_dates(line, row, to)
        _check_class(line, row["class_code"], row["class_edition"], to)
        if kind in typed:
            check_attributes(UNITS, line, row, typed[kind], to)
        if row["part_of"]:
            parts.append((line, kind, code, row["part_of"]))
        if row["listed_from"] or row["listed_to"]:
            to.dated[unit] = line
        if row["founded"]:
            to.founded[unit] = row["founded"]
        to.rows.append(
            RegisterRow("put_unit", kind, code, row["name"], attributes=filled(row, _KEYS))
        )
    _check_parts(parts, to)


def _check_code(line: int, code: str, to: Reading) -> None:
    """A code of one's own is free; one that looks like a credit code must be one."""
    if not CODE.fullmatch(code):
        to.find(UNITS, line, "code", *CODE_RULE)
    elif is_credit_code_shaped(code):
        _check_digit(line, "code", code, to)


def _check_credit_code(line: int, code: str, to: Reading) -> None:
    if is_credit_code_shaped(code):
        _check_digit(line, "credit_code", code, to)
    elif code:
        en, zh = f"{code!r} is no credit code of 18 signs", f"{code!r}不是18位统一社会信用代码"
        to.find(UNITS, line, "credit_code", en, zh)


def _check_digit(line: int, column: str, code: str, to: Reading) -> None:
    if (right := wrong_check_digit(code)) is not None:
        en = f"{code}: the check digit of this credit code would be {right}"
        to.find(UNITS, line, column, en, f"{code}:统一社会信用代码校验位应为{right}")


def _check_dates(line: int, row: Mapping[str, str], to: Reading) -> None:
    days = {column: to.day(row[column], _BLANK) for column in _DATES if row[column]}
    for column, day in days.items():
        if day < 0:
            to.find(UNITS, line, column, *no_date(row[column]))
    if 0 <= days.get("listed_to", _BLANK) <= days.get("listed_from", _BLANK):
        en, zh = "listed_to must be after listed_from", "listed_to应晚于listed_from"
        to.find(UNITS, line, "listed_to", en, zh)
    for column in _NOT_BEFORE_FOUNDED:
        if 0 <= days.get(column, _BLANK) < days.get("founded", _BLANK):
            en = f"{column} is before founded, {row['founded']}"
            to.find(UNITS, line, column, en, f"{column}早于成立日期{row['founded']}")


def _check_class(line: int, code: str, edition: str, to: Reading) -> None:
    if code and not _CLASS.fullmatch(code):
        en = f"{code!r} is no class of GB/T 4754, which has four digits"
        to.find(UNITS, line, "class_code", en, f"{code!r}不是四位国民经济行业小类代码")
    if (code or edition) and edition not in _EDITIONS:
        known = ", ".join(_EDITIONS)
        en = f"the edition of GB/T 4754 is one of {known}"
        to.find(UNITS, line, "class_edition", en, f"GB/T 4754版本应为{known}之一")


def _check_parts(parts: Sequence[tuple[int, str, str, str]], to: Reading) -> None:
    whole_of = {(kind, code): (kind, whole) for _, kind, code, whole in parts}
    for line, kind, code, whole in parts:
        if (kind, whole) not in to.units:
            en, zh = f"no unit {kind}:{whole}", f"没有单位{kind}:{whole}"
            to.find(UNITS, line, "part_of", en, zh)
            continue
        at, seen = (kind, whole), set[tuple[str, str]]()
        while at in whole_of and at not in seen:
            seen.add(at)
            at = whole_of[at]
        if (kind, code) in seen:
            en, zh = "the unit is a part of itself", "单位不能是自身的其中项"
            to.find(UNITS, line, "part_of", en, zh)
