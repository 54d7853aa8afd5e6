"""Faults of checks.yaml: expressions that are none, messages that quote what is not there."""

import string
from collections.abc import Iterable

from catalog.located import Place
from indicators.catalogue import Catalogue, Table
from indicators.checks.language import ExpressionError, compiled
from indicators.checks.rules import PLACEHOLDERS, CheckRule

Problem = tuple[Place, str, str]


def check_problems(catalogue: Catalogue) -> Iterable[Problem]:
    """Every fault of the rules: (place, English, Chinese)."""
    for position, rule in enumerate(catalogue.checks):
        at: Place = ("checks", position)
        yield from _messages(rule, at)
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
                compiled(text, catalogue, table)
            except ExpressionError as error:
                yield (*at, field), error.english, error.chinese


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
    known = "、".join(f"{{{name}}}" for name in sorted(PLACEHOLDERS))
    for language in ("zh", "en"):
        place = (*at, "message", language)
        try:
            parts = list(string.Formatter().parse(getattr(rule.message, language)))
        except ValueError:
            yield place, "a brace is not closed; {{ writes one", "花括号不成对;写作{{表示花括号本身"
            continue
        for _, field, form, conversion in parts:
            if field is not None and (field not in PLACEHOLDERS or form or conversion):
                yield (
                    place,
                    f"{{{field}}} is none of {known}",
                    f"{{{field}}}不可用,只有{known}",
                )
