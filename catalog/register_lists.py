"""list_decisions.csv (在库决定) and correspondences.csv (部门主键对应表)."""

from collections.abc import Mapping
from typing import Final

from catalog.register_reading import (
    CODE,
    CODE_RULE,
    Columns,
    Reading,
    Stretches,
    filled,
    lines,
    named_lines,
)
from catalog.register_units import UNITS
from indicators.register import KEY_PREFIX, LIST_GROUPING, LIST_MEMBER

LIST_DECISIONS: Final = "list_decisions.csv"
CORRESPONDENCES: Final = "correspondences.csv"
LIST_COLUMNS: Final = (
    "unit_kind",
    "unit_code",
    "valid_from",
    "valid_to",
    "reason",
    "document",
    "end_reason",
    "end_document",
)
CORRESPONDENCE_COLUMNS: Final = (
    "scheme",
    "key",
    "unit_kind",
    "unit_code",
    "valid_from",
    "valid_to",
)
ENTRY_REASONS: Final = ("月度新建入库", "年度升规", "拆分", "合并")
EXIT_REASONS: Final = ("规下", "停产", "注销", "迁出", "转行业", "拆分", "合并")


def read_list_decisions(content: bytes, to: Reading) -> None:
    """Add who is on the survey list from when to when, and what is wrong with it."""
    stretches, units = Stretches(), list(to.number)
    columns = Columns(("unit_kind", "unit_code", "valid_from", "reason"), LIST_COLUMNS)
    for line, row in named_lines(LIST_DECISIONS, content, columns, to):
        unit = (row["unit_kind"], row["unit_code"])
        number = to.unit_number(LIST_DECISIONS, line, unit)
        span = to.span(LIST_DECISIONS, line, row["valid_from"], row["valid_to"])
        _check_reasons(line, row, to)
        if (dated := to.dated.pop(unit, None)) is not None:
            en = (
                f"the unit's list status is decided in {LIST_DECISIONS}, row {line}: leave it blank"
            )
            zh = f"该单位的在库状态见{LIST_DECISIONS}第{line}行,此处应留空"
            to.find(UNITS, dated, "listed_from", en, zh)
        founded = to.founded.get(unit, "")
        if row["valid_from"] and row["valid_from"] < founded:
            en = f"the decision is before the unit was founded, {founded}"
            to.find(LIST_DECISIONS, line, "valid_from", en, f"入库早于成立日期{founded}")
        if span is None or number < 0:
            continue
        stretches.add(number, span, line)
        days = (row["valid_from"], row["valid_to"])
        told = filled(row, LIST_COLUMNS[:4])
        to.put(units[number], LIST_GROUPING, LIST_MEMBER, days, told)
    for at, earlier in stretches.overlaps():
        en = f"the unit is on the list already by row {earlier}"
        to.find(
            LIST_DECISIONS, stretches.line[at], "valid_from", en, f"与第{earlier}行的在库期间重叠"
        )


def _check_reasons(line: int, row: Mapping[str, str], to: Reading) -> None:
    if row["reason"] not in ENTRY_REASONS:
        to.find(LIST_DECISIONS, line, "reason", *_one_of(ENTRY_REASONS))
    if not row["valid_to"]:
        for column in ("end_reason", "end_document"):
            if row[column]:
                en, zh = "a unit that is still on the list has no end", "仍在库的单位不填写退库信息"
                to.find(LIST_DECISIONS, line, column, en, zh)
    elif row["end_reason"] not in EXIT_REASONS:
        to.find(LIST_DECISIONS, line, "end_reason", *_one_of(EXIT_REASONS))


def _one_of(words: tuple[str, ...]) -> tuple[str, str]:
    return f"must be one of {', '.join(words)}", f"只能是以下之一:{'、'.join(words)}"


def read_correspondences(content: bytes, to: Reading) -> None:
    """Add whose keys of departments are which units', and what is wrong with them."""
    stretches, units = Stretches(), list(to.number)
    keys: dict[tuple[str, str], int] = {}
    schemes = to.catalogue.scheme
    groupings = {code: KEY_PREFIX + code for code in schemes}
    columns = Columns(CORRESPONDENCE_COLUMNS[:4], CORRESPONDENCE_COLUMNS)
    for line, texts in lines(CORRESPONDENCES, content, columns, to):
        code, key, kind, unit, valid_from, valid_to = texts
        scheme = schemes.get(code)
        if scheme is None:
            en, zh = f"no scheme of keys {code!r}", f"correspondences.yaml中没有部门主键{code!r}"
            to.find(CORRESPONDENCES, line, "scheme", en, zh)
        elif scheme.unit_kind != kind:
            en = f"{code!r} has keys of units of kind {scheme.unit_kind!r}"
            zh = f"{code!r}对应的单位类型为{scheme.unit_kind!r}"
            to.find(CORRESPONDENCES, line, "unit_kind", en, zh)
        if not CODE.fullmatch(key):
            to.find(CORRESPONDENCES, line, "key", *CODE_RULE)
        number = to.unit_number(CORRESPONDENCES, line, (kind, unit))
        span = to.span(CORRESPONDENCES, line, valid_from, valid_to)
        if span is None or number < 0 or scheme is None:
            continue
        stretches.add(keys.setdefault((code, key), len(keys)), span, line)
        to.put(units[number], groupings[code], key, (valid_from, valid_to))
    for at, earlier in stretches.overlaps():
        en = f"the key belongs to a unit already by row {earlier}"
        to.find(
            CORRESPONDENCES,
            stretches.line[at],
            "valid_from",
            en,
            f"该主键与第{earlier}行的有效期重叠",
        )
