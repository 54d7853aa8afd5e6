"""Rows of page one's list (事项、责任单位、差距), and what their figures cover. Pure."""

from dataclasses import dataclass

from indicators.lines import LineLevel
from indicators.vocabulary import CITY_LEVEL
from reports.behind import Below, Falling, Overdue, PastLine, below, falling
from reports.document import Figure, Inline, Moment, Text
from reports.facts import Card, MeetingFacts, Value
from reports.numbers import grew, percent
from reports.phrases import (
    GROWTH_KINDS,
    count_figure,
    coverage_words,
    derived,
    indicator_name,
    instant_words,
    joined,
    line_figure,
    named,
    percent_cell,
    period_words,
    table_name,
    told_name,
    trace,
    unit_of,
    value_cell,
    whole_name,
)

#: Districts named in one row; the table of the indicator shows them all.
NAMED = 3


@dataclass(frozen=True, slots=True)
class Matter:
    """A row of page one, with the figures it prints."""

    what: Text
    whose: Text
    gap: Text
    state: str
    card: Card | None = None
    values: tuple[Value, ...] = ()


def matters(facts: MeetingFacts, past: list[PastLine], silent: list[Overdue]) -> list[Matter]:
    """Everything that is behind, the gravest first."""
    red = [one for one in past if one.level is LineLevel.RED]
    yellow = [one for one in past if one.level is LineLevel.YELLOW]
    fallen = falling(facts)
    found = [_past_row(facts, one) for one in _together(red)]
    found += [_silent_row(facts, one) for one in silent]
    found += [_past_row(facts, one) for one in _together(yellow)]
    found += [_falling_row(facts, one) for one in fallen]
    found += [_below_row(facts, one) for one in below(facts) if not _told(one, fallen)]
    return found


def _told(one: Below, fallen: list[Falling]) -> bool:
    """Whether the districts are named already, since they fell with the city."""
    named_already = {
        value.subject
        for other in fallen
        if other.card.code == one.card.code
        for value in other.districts
    }
    return {value.subject for value, _ in one.behind} <= named_already


def coverage_notes(facts: MeetingFacts, kept: list[Matter]) -> list[Text]:
    """Period and coverage of the figures in the list: the city's, and every incomplete one."""
    printed = [(one.card, value) for one in kept if one.card for value in one.values]
    if not printed:
        return []
    parts: list[Text] = [("表中数值为", Moment(period_words(facts.period)), "数")]
    told: set[str] = set()
    incomplete: list[Text] = []
    for card, value in printed:
        whole = value.level == CITY_LEVEL
        label = ("（初步数）",) if value.provisional else ()
        if whole and value.standing != "公布数" and card.code not in told:
            told.add(card.code)
            name = told_name(card, value.measure, value.period)
            parts.append((*name, "全市", *coverage_words(facts, value), *label))
        if not whole and (value.units < value.expected_units or value.provisional):
            whose = (
                named(facts, value.level, value.subject),
                *told_name(card, value.measure, value.period),
            )
            incomplete.append((*whose, *coverage_words(facts, value), *label))
    parts += incomplete or [("所列地区应报单位均已入算",)]
    return [(*joined(parts, "；"), "。")]


def _together(past: list[PastLine]) -> list[list[PastLine]]:
    """Districts past the same line of the same indicator, in the order of the first of each."""
    groups: dict[tuple[str, str, str], list[PastLine]] = {}
    for one in past:
        key = (one.card.code, one.value.level, one.value.standing)
        groups.setdefault(key, []).append(one)
    return list(groups.values())


def _past_row(facts: MeetingFacts, together: list[PastLine]) -> Matter:
    card, red = together[0].card, together[0].level is LineLevel.RED
    which, word = ("red", "红线") if red else ("yellow", "黄线")
    line = line_figure(card, which)
    what: list[Inline] = ["【红线】" if red else "【预警】"]
    what += told_name(card, card.lines_measure, facts.period)
    what += [f"触及{word}（", line, unit_of(card), "）"]
    values = [one.value for one in together]
    gaps = [(derived(one.gap, "difference", trace(one.value), *line.traces),) for one in together]
    gap: list[Inline] = ["现为", *joined([value_cell(card, one) for one in values])]
    gap += [unit_of(card), f"（{values[0].standing}），与{word}"]
    gap += ["分别差" if len(gaps) > 1 else "差", *joined(list(gaps))]
    whose = joined([(named(facts, one.level, one.subject),) for one in values])
    return Matter(tuple(what), whose, tuple(gap), which, card, tuple(values))


def _silent_row(facts: MeetingFacts, one: Overdue) -> Matter:
    counts = one.counts
    counter = facts.counter(counts.table)
    gap: list[Inline] = ["应报", count_figure(facts, counts, "expected"), f"{counter}，未报"]
    gap += [count_figure(facts, counts, "missing"), counter]
    if counts.due_ms is not None:
        gap += ["；时限", instant_words(counts.due_ms, facts.time_zone)]
    what: Text = ("【红线】", *table_name(facts, counts.table), "逾期未报")
    return Matter(what, (named(facts, counts.level, counts.subject),), tuple(gap), "red")


def _falling_row(facts: MeetingFacts, one: Falling) -> Matter:
    card, whole = one.card, one.whole
    verb = grew(percent(whole.value or 0.0))
    shown = one.districts[:NAMED]
    what: Text = (
        "全市", indicator_name(card), f"{GROWTH_KINDS[whole.measure]}比上年同期{verb}",
        _amount(whole),
    )  # fmt: skip
    whose = joined([(named(facts, v.level, v.subject),) for v in shown]) or (whole_name(facts),)
    if len(one.districts) > len(shown):
        whose = (*whose, "等", derived(len(one.districts), "count", trace(whole)), "个")
    separately = "分别" if len(shown) > 1 else ""
    amounts = joined([(_amount(value),) for value in shown or (whole,)])
    return Matter(what, whose, (f"{separately}{verb}", *amounts), "", card, (whole, *shown))


def _amount(growth: Value) -> Inline:
    """A growth without its sign: the verb has it."""
    rate = percent(growth.value or 0.0)
    return Figure(f"{abs(rate)}%", (trace(growth),), "" if rate > 0 else "magnitude")


def _below_row(facts: MeetingFacts, one: Below) -> Matter:
    card = one.card
    growth = one.measure in GROWTH_KINDS
    shown = one.behind[:NAMED]
    higher = card.direction == "higher"
    side = "低于" if higher else "高于"
    what: list[Inline] = [*told_name(card, one.measure, facts.period)]
    if growth:
        what += [f"{GROWTH_KINDS[one.measure]}增速{side}全市（", *percent_cell(one.whole), "）"]
    else:
        what += [f"{side}全市（{one.whole.standing}", *value_cell(card, one.whole)]
        what += [unit_of(card), "）"]
    names = joined([(named(facts, v.level, v.subject),) for v, _ in shown])
    whose: list[Inline] = [*names]
    if len(one.behind) > len(shown):
        whose += ["等", derived(len(one.behind), "count", trace(one.whole)), "个"]
    amounts = joined(
        [(derived(gap, "difference", trace(v), trace(one.whole)),) for v, gap in shown]
    )
    separately = "分别" if len(shown) > 1 else ""
    gap: list[Inline] = [f"{separately}{'低' if higher else '高'}", *amounts]
    gap += ["个百分点"] if growth or card.unit == "%" else [unit_of(card)]
    values = (one.whole, *(value for value, _ in shown))
    return Matter(tuple(what), tuple(whose), tuple(gap), "", card, values)
