"""Reads a register file: its encoding, its header in either language, its rows by column."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Final, Literal

from indicators.register_tables import Held
from ingest.checks.encoding import UndecodableError, as_utf8
from ingest.findings import Findings

#: Likeness from which a further column is taken for a known one; 单位全称 is that like 单位名称.
_NEAR: Final = 0.75
_OWN: Final = re.compile(r"[a-z][a-z0-9_]*")
ACTION: Final = "action"
ACTION_REASON: Final = "action_reason"
_ACTIONS: Final = {"操作": ACTION, "撤销原因": ACTION_REASON}
#: Where no column of that name says something else, `reason` is that of a withdrawal.
_REASON: Final = {"reason": ACTION_REASON, "原因": ACTION_REASON}
_SPAN: Final = {"生效日期": "valid_from", "失效日期": "valid_to"}


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns of one kind of file; `aliases`: what else they are called.

    `own`: further columns are attributes of the sender's own, with names of lower-case letters as
    a register's attributes have, or with any.
    """

    needed: tuple[str, ...]
    known: tuple[str, ...]
    aliases: Mapping[str, str]
    own: Literal["none", "latin", "any"] = "none"

    def shown(self, name: str) -> str:
        """The column with the first of its Chinese names."""
        also = [alias for alias, meant in self.aliases.items() if meant == name != alias]
        return f"{name}({also[0]})" if also else name


COLUMNS: Final[Mapping[Held, Columns]] = {
    "units": Columns(
        ("code",),
        (
            "kind", "code", "name", "credit_code", "sector", "class_code", "class_edition",
            "founded", "land_granted", "in_production", "listed_from", "listed_to", "list_reason",
            "part_of", ACTION, ACTION_REASON,
        ),
        {
            "单位代码": "code", "代码": "code", "单位名称": "name", "名称": "name",
            "统一社会信用代码": "credit_code", "行业门类": "sector", "行业代码": "class_code",
            "行业版本": "class_edition", "成立日期": "founded", "供地日期": "land_granted",
            "投产日期": "in_production", "入库日期": "listed_from", "退库日期": "listed_to",
            "入库原因": "list_reason", "地址": "address", **_ACTIONS, **_REASON,
        },
        own="latin",
    ),
    "memberships": Columns(
        ("unit_code", "grouping", "member"),
        (
            "unit_kind", "unit_code", "grouping", "member", "valid_from", "valid_to", ACTION,
            ACTION_REASON,
        ),
        {"单位代码": "unit_code", "分组": "grouping", "成员": "member", **_SPAN, **_ACTIONS,
         **_REASON},
    ),
    "list_decisions": Columns(
        ("unit_code", "valid_from"),
        (
            "unit_kind", "unit_code", "valid_from", "valid_to", "reason", "document", "end_reason",
            "end_document", ACTION, ACTION_REASON,
        ),
        {
            "单位代码": "unit_code", "入库日期": "valid_from", "退库日期": "valid_to",
            "入库原因": "reason", "入库文号": "document", "退库原因": "end_reason",
            "退库文号": "end_document", **_ACTIONS,
        },
    ),
    "correspondences": Columns(
        ("key", "unit_code"),
        (
            "scheme", "key", "unit_kind", "unit_code", "valid_from", "valid_to", ACTION,
            ACTION_REASON,
        ),
        {"主键": "key", "户号": "key", "单位代码": "unit_code", **_SPAN, **_ACTIONS,
         **_REASON},
    ),
    "candidates": Columns(
        ("key", "name", "as_of"),
        (
            "key", "credit_code", "name", "address", "sector", "class_code", "district", "size",
            "as_of",
        ),
        {
            "主键": "key", "户号": "key", "统一社会信用代码": "credit_code", "单位名称": "name",
            "地址": "address", "行业门类": "sector", "行业代码": "class_code",
            "区市县": "district", "近12个月销售额": "size", "截至": "as_of",
        },
        own="any",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as a spreadsheet shows it, and column → text."""

    number: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


def read_rows(path: Path, holds: Held, findings: Findings) -> tuple[list[Row], int]:
    """(good rows, rows declared). What is wrong with the file, header or a row is a finding."""
    scratch = path.with_name(path.name + ".utf8")
    if not path.stat().st_size:
        findings.add("empty_file", cells=0)
        return [], 0
    try:
        text = as_utf8(path, scratch)[0].read_text(encoding="utf-8-sig")
    except UndecodableError as error:
        rule = "mixed_encoding" if error.mixed else "encoding"
        findings.add(rule, facts={"line": error.line})
        return [], 0
    finally:
        scratch.unlink(missing_ok=True)
    if "\0" in text:
        findings.add("not_text")
        return [], 0
    found = [(number, row) for number, row in _lines(text, findings) if any(map(str.strip, row))]
    if not found:
        findings.add("empty_file")
        return [], 0
    (_, names), body = found[0], found[1:]
    header = _header(names, COLUMNS[holds], findings)
    if header is None:
        for _ in body:
            findings.count("missing_column", 1, 0)
        return [], len(body)
    return list(_rows(header, body, findings)), len(body)


def _lines(text: str, findings: Findings) -> Iterator[tuple[int, list[str]]]:
    start = text[: text.find("\n")] if "\n" in text else text
    delimiter = max((",", "\t"), key=start.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    number = 0
    try:
        for row in reader:
            number += 1
            yield number, row
    except csv.Error as error:
        findings.add("not_a_table", row=number + 1, facts={"reason": str(error)})


def _header(names: list[str], columns: Columns, findings: Findings) -> list[str] | None:
    """The columns by their own names; None, with findings, where the header does not serve."""
    plain = [unicodedata.normalize("NFKC", name).strip() for name in names]
    header = [columns.aliases.get(name, name.lower()) for name in plain]
    good = True
    for name, told in zip(header, plain, strict=True):
        if header.count(name) > 1:
            findings.add("repeated_column", cells=0, facts={"text": told}, row=1, column=told)
            good = False
        if name not in columns.known and (wrong := _wrong(name, columns)):
            rule, facts = wrong
            findings.add(rule, cells=0, facts={"text": told, **facts}, row=1, column=told)
            good = False
    for name in columns.needed:
        if name not in header:
            facts = {"text_zh": columns.shown(name), "text_en": name}
            findings.add("missing_column", cells=0, facts=facts, row=1, column=name)
            good = False
    return header if good else None


def _wrong(name: str, columns: Columns) -> tuple[str, dict[str, str]] | None:
    """(rule, facts) of a further column that cannot be the sender's own; None where it can.

    One that is nearly a known one is a slip of the pen: kept as an attribute it would be missed.
    """
    if columns.own != "none":
        near = get_close_matches(name, [*columns.known, *columns.aliases], n=1, cutoff=_NEAR)
        if near:
            return "nearly_column", {"near": near[0]}
        if _OWN.fullmatch(name) or (columns.own == "any" and name):
            return None
    return "unknown_column", {
        "known_zh": "、".join(map(columns.shown, columns.known)),
        "known_en": ", ".join(columns.known),
    }


def _rows(
    header: list[str], body: list[tuple[int, list[str]]], findings: Findings
) -> Iterator[Row]:
    for number, texts in body:
        if len(texts) != len(header):
            facts = {"found": len(texts), "wanted": len(header)}
            findings.add("row_width", row=number, facts=facts)
            continue
        cells = {name: text.strip() for name, text in zip(header, texts, strict=True)}
        bad = [name for name, text in cells.items() if not text.isprintable()]
        if bad:
            findings.add("not_one_line", row=number, column=bad[0])
            continue
        yield Row(number, cells)
