"""Sentences of section four (运行情况): period, scope, indicator, level, growth, breadth."""

from reports.behind import district_level, growth_kind
from reports.document import Figure, Inline, Moment, Text, plain
from reports.facts import Card, MeetingFacts, Value
from reports.numbers import NONE, grew, percent, share_of
from reports.phrases import (
    GROWTH_KINDS,
    begins_year,
    coverage_words,
    derived,
    joined,
    named,
    percent_cell,
    period_words,
    to_date_words,
    told_name,
    trace,
    unit_of,
    value_cell,
)


def sentences(facts: MeetingFacts) -> list[Text]:
    """A paragraph for each indicator with growth, one for those without, one for none at all."""
    grown = [card for card in facts.cards if growth_kind(facts, card)]
    found = [_sentence(facts, card) for card in grown]
    whole = [card for card in facts.cards if _has(facts.whole(card, card.plain))]
    levels = [card for card in whole if card not in grown]
    if levels:
        found.append(_levels(facts, levels))
    ends = [end for card in levels if (end := _ends(facts, card))]
    if ends:
        found.append(("从地区看，", *joined(ends, "；"), "。"))
    without = [card for card in facts.cards if _only_apart(facts, card)]
    if without:
        names = joined([told_name(card, card.plain, facts.period) for card in without])
        found.append((*names, "没有全市数，只作分地区比较，不相加、不平均。"))
    return found


def _only_apart(facts: MeetingFacts, card: Card) -> bool:
    """Whether districts have a figure and the city has none."""
    level = district_level(card)
    apart = [facts.value(card, level, one.code, card.plain) for one in facts.members(level)]
    return any(map(_has, apart)) and not _has(facts.whole(card, card.plain))


def _levels(facts: MeetingFacts, cards: list[Card]) -> Text:
    """`2019年，全市亩均税收18.90万元/亩，…（均为公布数）。`"""
    values = [(card, value) for card in cards if (value := facts.whole(card, card.plain))]
    labels = [_label(facts, value) for _, value in values]
    together = len(labels) > 1 and len({plain(label) for label in labels}) == 1
    parts: list[Text] = []
    for (card, value), label in zip(values, labels, strict=True):
        said: Text = (
            *told_name(card, card.plain, facts.period),
            *value_cell(card, value),
            unit_of(card),
        )
        parts.append(said if together else (*said, "（", *label, "）"))
    last: Text = ("（均为", *labels[0], "）") if together else ()
    return (Moment(period_words(facts.period)), "，全市", *joined(parts, "，"), *last, "。")


def _label(facts: MeetingFacts, value: Value) -> Text:
    """Standing, whether provisional, and coverage of what is not quoted from elsewhere."""
    coverage = coverage_words(facts, value) if value.standing != "公布数" else ()
    parts: list[Inline] = [value.standing]
    parts += ["，初步数"] if value.provisional else []
    return (*parts, *(["，", *coverage] if coverage else []))


def _ends(facts: MeetingFacts, card: Card) -> Text:
    """The best and the worst district by a ratio that has a better side; a sum tells their size."""
    level = district_level(card)
    values = [facts.value(card, level, one.code, card.plain) for one in facts.members(level)]
    known = sorted(
        (one for one in values if one is not None and one.value is not None),
        key=lambda one: one.value or 0.0,
        reverse=card.direction == "higher",
    )
    if not card.ratio or card.direction == "none" or len(known) < 2:
        return ()
    if known[0].value == known[-1].value:
        return ()
    best, worst = known[0], known[-1]
    top, bottom = ("最高", "最低") if card.direction == "higher" else ("最低", "最高")
    parts: list[Inline] = [*told_name(card, card.plain, facts.period), f"{top}的是"]
    parts += [named(facts, level, best.subject)]
    parts += ["（", *value_cell(card, best), unit_of(card), f"），{bottom}的是"]
    parts += [named(facts, level, worst.subject)]
    return (*parts, "（", *value_cell(card, worst), unit_of(card), "）")


def _sentence(facts: MeetingFacts, card: Card) -> Text:
    """`2026年3月，全市产值30.0万元（监测数，入算4家、应报4家），同口径比上年同期增长5.2%；…`."""
    whole, kind = facts.whole(card, card.plain), growth_kind(facts, card)
    parts: list[Inline] = [Moment(period_words(facts.period)), "，全市"]
    parts += told_name(card, card.plain, facts.period)
    if whole is not None and _has(whole):
        parts += [*value_cell(card, whole), unit_of(card), f"（{whole.standing}"]
        parts += ["，初步数"] if whole.provisional else []
        parts += ["，", *coverage_words(facts, whole)] if whole.standing != "公布数" else []
        parts += ["）"]
    growth = _growth(facts.whole(card, kind), GROWTH_KINDS[kind], "比上年同期")
    parts += growth if _has(whole) else growth[1:]
    to_date = facts.whole(card, "ytd")
    apart = card.plain != "ytd" and not begins_year(facts.period)
    if to_date is not None and _has(to_date) and apart:
        parts += ["；", Moment(to_date_words(facts.period)), "累计", *value_cell(card, to_date)]
        parts += [unit_of(card)]
        if whole is None or to_date.units != whole.units:
            parts += ["（", *coverage_words(facts, to_date), "）"]
        parts += _growth(facts.whole(card, f"ytd_{kind}"), GROWTH_KINDS[kind], "同比")
    return (*parts, "。", *_breadth(facts, card, kind))


def _growth(value: Value | None, kind: str, since: str) -> list[Inline]:
    """`，` `同口径同比增长5.2%`: the number without sign, the verb says the direction."""
    if value is None or value.value is None:
        return []
    rate = percent(value.value)
    if rate == 0:
        return ["，", f"{kind}{grew(rate)}"]
    amount = Figure(f"{abs(rate)}%", (trace(value),), "" if rate > 0 else "magnitude")
    return ["，", f"{kind}{since}{grew(rate)}", amount]


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
    if rates[best.subject] != rates[worst.subject]:
        parts += ["；增速最高的是", named(facts, level, best.subject), "（", *percent_cell(best)]
        parts += ["），最低的是", named(facts, level, worst.subject)]
        parts += ["（", *percent_cell(worst), "）"]
    return [*parts, "。"]


def _has(value: Value | None) -> bool:
    return value is not None and value.value is not None
