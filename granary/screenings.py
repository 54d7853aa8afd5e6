"""What a screening says, as rows for people and programs: figures, exact comparisons, sentences.

Figures are rounded half up for show; the comparison beside them is the exact one, as the verdict
was formed.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any, Final

from granary.spreadsheets import as_text
from indicators.access.models import Access
from indicators.access.results import (
    Comparison,
    Outcome,
    Part,
    RuleResult,
    Screening,
    Verdict,
)
from indicators.modelling import Name

_PARTS: Final = {Part.STANDARD: "标准", Part.DIRECTORY: "产业目录", Part.NEGATIVE: "负面清单"}
_PLACING: Final = {
    "zone": Name(zh="功能区", en="zone"),
    "zone_type": Name(zh="功能区类型", en="zone type"),
    "sector": Name(zh="产业类别", en="sector"),
    "class_code": Name(zh="行业代码", en="class code"),
}
_VERDICTS: Final = {
    Verdict.ADMITTED: "admitted",
    Verdict.REFUSED: "refused",
    Verdict.INCOMPLETE: "incomplete",
}
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
#: Decimals beyond which no figure is told from its line; the exact comparison stands beside it.
_FINEST: Final = 12
_WIDE: Final = Context(prec=80)


def rounded(value: Fraction, decimals: int) -> str:
    """The number rounded half up, as text."""
    scaled = value * 10**decimals
    whole = (2 * abs(scaled.numerator) + scaled.denominator) // (2 * scaled.denominator)
    sign = "-" if value < 0 and whole else ""
    return sign + f"{Decimal(whole).scaleb(-decimals, _WIDE):f}"


def exact(value: Fraction) -> str:
    """The very number: a decimal where it is one of at most 12 places, else a fraction."""
    for decimals in range(13):
        if (value * 10**decimals).denominator == 1:
            return f"{Decimal(int(value * 10**decimals)).scaleb(-decimals, _WIDE):f}"
    return f"{value.numerator}/{value.denominator}"


def shown(comparison: Comparison) -> tuple[str, str]:
    """(figure, room) as printed: with more decimals where rounding would put one on its line.

    So a figure that misses its line never looks as if it kept it.
    """
    value, line = comparison.value, comparison.line
    decimals = comparison.decimals
    while (
        value != line
        and decimals < _FINEST
        and rounded(value - line, decimals) == rounded(Fraction(0), decimals)
    ):
        decimals += 1
    return rounded(value, decimals), rounded(comparison.room, decimals)


def comparison_text(comparison: Comparison) -> str:
    """The exact comparison that was made: numerator against line × denominator."""
    bound = comparison.line * comparison.denominator
    sign = "=" if comparison.numerator == bound else "<" if comparison.numerator < bound else ">"
    if comparison.denominator == 1:
        return f"{exact(comparison.numerator)} {sign} {exact(comparison.line)}"
    return (
        f"{exact(comparison.numerator)} {sign} {exact(comparison.line)} ×"
        f" {exact(comparison.denominator)} = {exact(bound)}"
    )


def operand_name(policy: Access, code: str) -> Name:
    """What an operand is called."""
    return _PLACING.get(code) or policy.input[code].name


def explanation(policy: Access, screening: Screening, one: RuleResult) -> Name:
    """One sentence on the result, in both languages; '' where the figures say it all."""
    names = [operand_name(policy, code) for code in one.missing]
    zh, en = "、".join(name.zh for name in names), ", ".join(name.en for name in names)
    if one.outcome is Outcome.MISSING:
        said = Name(zh=f"缺:{zh}", en=f"missing: {en}")
        if one.zero:
            said = Name(zh=f"分母不大于零:{zh}", en=f"denominator not above zero: {en}")
        edition = screening.application.class_edition
        if "class_code" in one.missing and edition not in (None, policy.edition):
            return Name(
                zh=f"{said.zh}(行业代码为{edition}版,政策为{policy.edition}版)",
                en=f"{said.en} (its edition is {edition}, the policy's {policy.edition})",
            )
        return said
    if one.listing is not None:
        code = screening.application.at.class_code or ""
        listing = one.listing.name.lower()
        return Name(zh=f"行业代码{code}:{one.listing}", en=f"class {code}: {listing}")
    if one.short is not None:
        of = policy.input[one.short.input]
        amount = f"{exact(one.short.amount)} {of.unit}".strip()
        verb_zh, verb_en = (
            ("至少还需", "lacks") if one.short.raise_it else ("至少须减", "exceeds by")
        )
        return Name(zh=f"{of.name.zh}{verb_zh} {amount}", en=f"{of.name.en} {verb_en} {amount}")
    if one.part is Part.NEGATIVE and one.outcome is Outcome.PASS:
        return Name(zh="未命中", en="not hit")
    if one.part is Part.NEGATIVE and one.outcome is Outcome.FAIL:
        kind = next(kind.name for kind in policy.kinds if kind.code == one.kind)
        return Name(zh=f"命中:{kind.zh}", en=f"hit: {kind.en}")
    if one.outcome is Outcome.NOT_APPLICABLE:
        exempt = one.part is Part.STANDARD and bool(one.basis)
        return (
            Name(zh="不设标准", en="no line is set")
            if exempt
            else Name(zh="无适用条目", en="no rule is for it")
        )
    return Name(zh="", en="")


def rule_row(policy: Access, screening: Screening, one: RuleResult) -> dict[str, Any]:
    """One result as a mapping of plain values; numbers are decimal texts."""
    compared = one.comparison
    said = explanation(policy, screening, one)
    row: dict[str, Any] = {
        "rule": one.rule,
        "part": one.part.value,
        "part_name": _PARTS[one.part],
        "kind": one.kind,
        "kind_name": next((k.name.zh for k in policy.kinds if k.code == one.kind), ""),
        "name": one.name.model_dump(),
        "outcome": one.outcome.name.lower(),
        "outcome_name": one.outcome.value,
        "value": None,
        "relation": None,
        "line": None,
        "unit": "",
        "room": None,
        "comparison": "",
        "listing": one.listing,
        "missing": list(one.missing),
        "explanation": said.model_dump(),
        "basis": one.basis,
    }
    if compared is not None:
        value, room = shown(compared)
        row |= {
            "value": value,
            "relation": "≥" if compared.relation == "at_least" else "≤",
            "line": exact(compared.line),
            "unit": compared.unit,
            "room": room,
            "comparison": comparison_text(compared),
        }
    return row


def screening_body(policy: Access, screening: Screening) -> dict[str, Any]:
    """One application with its verdict and every rule."""
    application, at = screening.application, screening.application.at
    return {
        "project": application.code,
        "name": application.name,
        "zone": at.zone,
        "zone_type": at.zone_type,
        "sector": at.sector,
        "class_code": at.class_code,
        "verdict": _VERDICTS[screening.verdict],
        "verdict_name": screening.verdict.value,
        "rules": [rule_row(policy, screening, one) for one in screening.results],
    }


def report_body(
    policy: Access, screenings: Sequence[Screening], notes: Sequence[str]
) -> dict[str, Any]:
    """Everything a call says: the policy, each application, how many of which verdict."""
    verdicts = [one.verdict for one in screenings]
    return {
        "policy": {
            "code": policy.code,
            "year": policy.year,
            "name": policy.name.model_dump(),
            "source": policy.source,
        },
        "applications": [screening_body(policy, one) for one in screenings],
        "counts": {word: verdicts.count(verdict) for verdict, word in _VERDICTS.items()},
        "notes": list(notes),
    }


#: Columns of the CSV → key of a rule's row.
_CSV_COLUMNS: Final = {
    "规则": "rule",
    "部分": "part_name",
    "名称": "zh",
    "结果": "outcome_name",
    "实际值": "value",
    "关系": "relation",
    "标准": "line",
    "单位": "unit",
    "距标准": "room",
    "精确比较": "comparison",
    "说明": "said",
    "依据": "basis",
}


def as_csv(body: Mapping[str, Any]) -> str:
    """One line a rule. A text that a spreadsheet would take for a formula has an apostrophe."""
    sink = io.StringIO()
    writer = csv.writer(sink)
    writer.writerow(["年度", "项目代码", "项目名称", "结论", *_CSV_COLUMNS])
    for one in body["applications"]:
        head = [body["policy"]["year"], one["project"], one["name"], one["verdict_name"]]
        for rule in one["rules"]:
            flat = rule | {"zh": rule["name"]["zh"], "said": rule["explanation"]["zh"]}
            cells = [*head, *(flat[key] for key in _CSV_COLUMNS.values())]
            writer.writerow([_cell(cell) for cell in cells])
    return sink.getvalue()


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return text if _NUMBER.fullmatch(text) else as_text(text)
