"""Sentences of section four (运行情况): period, scope, indicator, level, growth, breadth."""

from reports.behind import district_level, growth_kind
from reports.document import Figure, Inline, Moment, Text
from reports.facts import Card, MeetingFacts, Value
from reports.numbers import NONE, grew, percent, share_of
from reports.phrases import (
    GROWTH_KINDS,
    derived,
    indicator_name,
    joined,
    named,
    percent_cell,
    period_words,
    to_date_words,
    trace,
    unit_of,
    value_cell,
)


def sentences(facts: MeetingFacts) -> list[Text]:
    """A paragraph for each indicator with growth, one for those without, one for none at all."""
    whole = [card for card in facts.cards if _has(facts.whole(card, "current"))]
    found = [_sentence(facts, card) for card in whole if growth_kind(facts, card)]
    levels = [card for card in whole if not growth_kind(facts, card)]
    if levels:
        found.append(_levels(facts, levels))
    ends = [end for card in levels if (end := _ends(facts, card))]
    if ends:
        found.append(("从地区看，", *joined(ends, "；"), "。"))
    without = [card for card in facts.cards if not _has(facts.whole(card, "current"))]
    if without:
        names = joined([(indicator_name(card),) for card in without])
        found.append((*names, "没有全市数，只作分地区比较，不相加、不平均。"))
    return found


def _levels(facts: MeetingFacts, cards: list[Card]) -> Text:
    """`2019年，全市亩均税收18.90万元/亩（公布数），…`."""
    parts: list[Text] = []
    for card in cards:
        value = facts.whole(card, "current")
        if value is not None:
            label = f"（{value.standing}{'，初步数' if value.provisional else ''}）"
            parts.append((indicator_name(card), *value_cell(card, value), unit_of(card), label))
    return (Moment(period_words(facts.period)), "，全市", *joined(parts, "，"), "。")


def _ends(facts: MeetingFacts, card: Card) -> Text:
    """The best and the worst district of an indicator that has a better side."""
    level = district_level(card)
    values = [facts.value(card, level, one.code, "current") for one in facts.members(level)]
    known = sorted(
        (one for one in values if one is not None and one.value is not None),
        key=lambda one: one.value or 0.0,
        reverse=card.direction == "higher",
    )
    if len(known) < 2 or card.direction == "none":
        return ()
    best, worst = known[0], known[-1]
    top, bottom = ("最高", "最低") if card.direction == "higher" else ("最低", "最高")
    parts: list[Inline] = [indicator_name(card), f"{top}的是", named(facts, level, best.subject)]
    parts += ["（", *value_cell(card, best), f"）、{bottom}的是"]
    parts += [named(facts, level, worst.subject), "（", *value_cell(card, worst), "）"]
    return tuple(parts)


def _sentence(facts: MeetingFacts, card: Card) -> Text:
    whole = facts.whole(card, "current")
    if whole is None:
        return ()
    parts: list[Inline] = [Moment(period_words(facts.period)), "，全市", indicator_name(card)]
    parts += [*value_cell(card, whole), unit_of(card), f"（{whole.standing}"]
    parts += ["，初步数"] if whole.provisional else []
    if whole.standing != "公布数":
        parts += ["，应报", Figure(str(whole.expected_units), (trace(whole, "expected_units"),))]
        parts += ["家、入算", Figure(str(whole.units), (trace(whole, "units"),)), "家"]
    parts += ["）"]
    kind = growth_kind(facts, card)
    if kind:
        parts += _growth(facts.whole(card, kind), f"{GROWTH_KINDS[kind]}比上年同期")
    to_date = facts.whole(card, "ytd")
    if _has(to_date) and facts.period % 100 not in (0, 1):
        parts += ["；", Moment(to_date_words(facts.period)), "累计", *value_cell(card, to_date)]
        parts += [unit_of(card), *_growth(facts.whole(card, f"ytd_{kind}"), "同比")]
    parts += ["。"]
    if kind:
        parts += _breadth(facts, card, kind)
    return tuple(parts)


def _growth(value: Value | None, lead: str) -> list[Inline]:
    """`，同比增长5.2%`: the number without sign, the verb says the direction."""
    if value is None or value.value is None:
        return []
    rate = percent(value.value)
    if rate == 0:
        return ["，", grew(rate)]
    amount = Figure(f"{abs(rate)}%", (trace(value),), "" if rate > 0 else "magnitude")
    return [f"，{lead}{grew(rate)}", amount]


def _breadth(facts: MeetingFacts, card: Card, kind: str) -> list[Inline]:
    """How many districts grew, and the two ends."""
    level = district_level(card)
    values = [facts.value(card, level, one.code, kind) for one in facts.members(level)]
    rated = [one for one in values if one is not None and one.value is not None]
    if len(rated) < 2:
        return []
    rates = {one.subject: percent(one.value or 0.0) for one in rated}
    growing = sum(rate > 0 for rate in rates.values())
    traces = [trace(one) for one in rated]
    best = max(rated, key=lambda one: rates[one.subject])
    worst = min(rated, key=lambda one: rates[one.subject])
    share = share_of(growing, len(rated))
    parts: list[Inline] = ["从地区看，", derived(len(rated), "count", *traces), "个地区中"]
    parts += [derived(growing, "count_growing", *traces), "个增长"]
    parts += ["，增长面", derived(share, "share_growing", *traces)] if share != NONE else []
    parts += ["；增速最高的是", named(facts, level, best.subject), "（", *percent_cell(best)]
    parts += [
        "），最低的是",
        named(facts, level, worst.subject),
        "（",
        *percent_cell(worst),
        "）。",
    ]
    return parts


def _has(value: Value | None) -> bool:
    return value is not None and value.value is not None
