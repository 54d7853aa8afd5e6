"""Faults of checks.yaml: expressions that are none, messages that quote what is not there."""

import string
from collections.abc import Iterable

from catalog.located import Place
from indicators.catalogue import Catalogue, Table
from indicators.checks.expression_error import ExpressionError
from indicators.checks.language import compiled, compiled_fact
from indicators.checks.rules import PLACEHOLDERS, CheckRule
from indicators.checks.sources import FIRST_ID, PREFIX
from indicators.checks.tree import (
    DAYS,
    OUTSIDE,
    TEXTS,
    Binary,
    Comparison,
    Condition,
    Node,
    PeriodDay,
    Read,
    WrittenText,
    every,
)

Problem = tuple[Place, str, str]
_OF_UNITS = (Read, *({*OUTSIDE, *TEXTS} - {PeriodDay, WrittenText}))


def check_problems(catalogue: Catalogue) -> Iterable[Problem]:
    """Every fault of the rules: (place, English, Chinese)."""
    for position, rule in enumerate(catalogue.checks):
        at: Place = ("checks", position)
        yield from _messages(rule, at)
        yield from _reserved(rule, at)
        table = catalogue.table.get(rule.table)
        if table is None:
            yield (*at, "table"), f"no table {rule.table!r}", f"没有报表{rule.table!r}"
            continue
        yield from _influence(catalogue, table, rule, at)
        for field in ("expression", "when"):
            text = getattr(rule, field)
            if text is None:
                continue
            try:
                condition = compiled(text, catalogue, table)
            except ExpressionError as error:
                yield (*at, field), error.english, error.chinese
                continue
            yield from _idle(condition, (*at, field))
            if field == "expression" and rule.influence is not None and _compares_rates(condition):
                yield (
                    (*at, "influence"),
                    "the two figures are no amounts, so their difference is no share of a total",
                    "两侧不是可相加的数额,其差额不能与合计相比",
                )
        yield from _facts(catalogue, table, rule, at)


def _reserved(rule: CheckRule, at: Place) -> Iterable[Problem]:
    """Codes and ids that rules between sources take, which are made of items.yaml."""
    if rule.code.startswith(PREFIX):
        yield (
            (*at, "code"),
            f"codes that begin with {PREFIX!r} are those of differences between sources",
            f"以{PREFIX!r}开头的代码保留给来源间差异",
        )
    if rule.id >= FIRST_ID:
        yield (*at, "id"), f"must be below {FIRST_ID}", f"应小于{FIRST_ID}"


def _facts(catalogue: Catalogue, table: Table, rule: CheckRule, at: Place) -> Iterable[Problem]:
    messages = (rule.message.zh, rule.message.en)
    quoted = {field for text in messages for field in _quoted(text) or ()}
    for name, text in rule.facts.items():
        place = (*at, "facts", name)
        if name in PLACEHOLDERS:
            yield place, f"{{{name}}} stands for something else", f"{{{name}}}已有其他含义"
        elif name not in quoted:
            yield place, "no message quotes it", "说明文字没有引用它"
        try:
            compiled_fact(text, catalogue, table)
        except ExpressionError as error:
            yield place, error.english, error.chinese


def _idle(condition: Condition, place: Place) -> Iterable[Problem]:
    """Conditions that say nothing: of numbers alone, or that a quotient is exactly something."""
    if not _looks(condition):
        yield (
            place,
            "names no item, so it is the same for everybody",
            "没有指标项,对所有单位结果相同",
        )
    for node in every(condition):
        if not isinstance(node, Comparison) or not {"==", "!="} & set(node.relations):
            continue
        if any(isinstance(one, Binary) and _divides(one) for one in every(node)):
            yield (
                place,
                "a quotient is seldom exactly a number; multiply out, or allow a tolerance",
                "商很少恰好相等,请改写为乘式,或给出容差",
            )
            return


def _compares_rates(condition: Condition) -> bool:
    """Whether a figure compared is a date, or a quotient or a product of items."""
    return any(
        isinstance(node, DAYS)
        or (isinstance(node, Binary) and (_divides(node) or _multiplies(node)))
        for node in every(condition)
    )


def _multiplies(node: Binary) -> bool:
    return node.sign == "*" and _looks(node.left) and _looks(node.right)


def _divides(node: Binary) -> bool:
    return node.sign == "/" and _looks(node.right)


def _looks(node: Node) -> bool:
    """Whether the value depends on what is reported, or on what the register keeps of a unit."""
    return any(isinstance(one, _OF_UNITS) for one in every(node))


def _influence(catalogue: Catalogue, table: Table, rule: CheckRule, at: Place) -> Iterable[Problem]:
    code = rule.influence
    if code is None:
        return
    if code not in table.items:
        yield (
            (*at, "influence"),
            f"table {table.code!r} has no item {code!r}",
            f"报表{table.code!r}没有指标项{code!r}",
        )
    elif code in catalogue.item and not catalogue.item[code].additive:
        yield (
            (*at, "influence"),
            f"{code!r} is a ratio and cannot be added",
            f"{code!r}为比率,不能相加",
        )


def _messages(rule: CheckRule, at: Place) -> Iterable[Problem]:
    known = "、".join(f"{{{name}}}" for name in sorted({*PLACEHOLDERS, *rule.facts}))
    for language in ("zh", "en"):
        place = (*at, "message", language)
        fields = _quoted(getattr(rule.message, language))
        if fields is None:
            yield place, "a brace is not closed; {{ writes one", "花括号不成对;写作{{表示花括号本身"
            continue
        for field in fields:
            if field not in PLACEHOLDERS and field not in rule.facts:
                yield (
                    place,
                    f"{{{field}}} is none of {known}",
                    f"{{{field}}}不可用,只有{known}",
                )


def _quoted(text: str) -> list[str] | None:
    """What stands in braces; None where a brace is not closed.

    With a form or a conversion ({left:.2f}, {left!r}), for which no message has a use, it is no
    name of anything.
    """
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError:
        return None
    return [
        field + (f"!{conversion}" if conversion else "") + (f":{form}" if form else "")
        for _, field, form, conversion in parts
        if field is not None
    ]
