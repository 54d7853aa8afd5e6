"""What must be said beside figures (注): what is not in them, what they must not be taken for.

The reasons that figures carry say it in codes (`indicators.reasons`); tables print it as notes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from indicators.periods import parse_period, year_before
from indicators.reasons import (
    HELD_STOCK,
    OVERLAP,
    PRIOR_ADJUSTMENT,
    SHORT_BASE,
    SHORT_WINDOW,
    WITHOUT_BASE,
    ZERO_DENOMINATORS,
)
from indicators.vocabulary import CITY_LEVEL, TOTAL
from reports.behind import growth_kind
from reports.contributions import Points, note
from reports.document import Figure, Inline, Moment, Quote, Text
from reports.facts import Card, MeetingFacts, Value
from reports.numbers import rounded
from reports.phrases import (
    GROWTH_KINDS,
    begins_year,
    derived,
    joined,
    named,
    period_words,
    to_date_words,
    trace,
    unit_of,
    value_cell,
)

#: Subjects named in one note; their number is told.
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Remark:
    """How many units a remark is about, and the codes of some of them."""

    count: int
    codes: tuple[str, ...]


def remark(value: Value | None, label: str) -> Remark | None:
    """The remark of that label in a figure's reason."""
    for part in value.reason.split(";") if value is not None else ():
        name, equals, rest = part.partition("=")
        if name == label and equals:
            count, _, codes = rest.partition(":")
            return Remark(int(count), tuple(filter(None, codes.split(","))))
    return None


def noted(notes: Sequence[Text]) -> tuple[Text, ...]:
    """Notes below a table: the first behind 注, the others below it."""
    return tuple((("　　" if at else "注："), *note) for at, note in enumerate(notes))


def table_notes(
    facts: MeetingFacts,
    card: Card,
    level: str,
    rows: Sequence[tuple[str, str]],
    pulled: Points,
) -> list[Text]:
    """What stands below an indicator's table; `rows`: (level, subject), the city's first."""
    kind, last = growth_kind(facts, card), year_before(facts.period)
    stored = any(facts.value(card, at, code, card.plain, last) for at, code in rows)
    notes: list[Text] = []
    missing: Text = (Moment(period_words(last)), "没有入库数据")
    shown = any(facts.value(card, at, code, card.plain) for at, code in rows)
    if not shown or card.plain != "current":
        pass  # there is no column of last year to be explained
    elif not stored and not kind:
        notes.append((*missing, "，不列上年数和增速。"))
    elif not stored and kind == "yoy_same":
        notes.append((*missing, "，同口径增速的基数为各单位上报的上年同期数。"))
    elif kind == "yoy_same":
        notes.append(("同口径增速的基数为本期名单单位的上年同期数，不一定等于上年数一栏。",))
    notes += _in_total(facts, card, level)
    notes += _of_values(facts, card)
    notes += _without_base(facts, card, kind)
    notes += _windows(facts, card, kind)
    notes += _narrower(facts, card, rows)
    if pulled:
        notes.append(note(card, pulled, facts.level_names.get(level, level)))
    return notes


def _in_total(facts: MeetingFacts, card: Card, level: str) -> list[Text]:
    """Of members that overlap: their sum, the total that has each unit once, and the overlap."""
    total = facts.value(card, level, TOTAL, card.plain)
    if total is None or total.value is None:
        return []
    word = facts.level_names.get(level, level)
    values = (facts.value(card, level, one.code, card.plain) for one in facts.members(level))
    parts = [one for one in values if one is not None and one.value is not None]
    said: Text = (f"各{word}的单位有重叠",)
    if parts and not card.ratio:
        together = sum(rounded(one.value or 0.0, card.decimals) for one in parts)
        said = (*said, "，各行相加为", derived(together, "sum", *map(trace, parts)), unit_of(card))
    said = (*said, "；在总计中每个单位只计一次，合计为", *value_cell(card, total), unit_of(card))
    found = remark(total, OVERLAP)
    if found is None:
        return [(*said, "。")]
    counter = facts.counter(card.table)
    return [(*said, "，其中", _remarked(total, found), f"{counter}属于多个{word}。")]


def _of_values(facts: MeetingFacts, card: Card) -> list[Text]:
    """Units of the city's figure whose values are not plainly of this period, or divide by zero."""
    value = facts.whole(card, card.plain)
    if value is None:
        return []
    counter = facts.counter(card.table)
    notes: list[Text] = []

    def add(found: Remark, *said: Inline) -> None:
        notes.append(("全市数中", _remarked(value, found), counter, *said))

    if found := remark(value, HELD_STOCK):
        oldest = Moment(period_words(parse_period(found.codes[0])))
        add(found, "的时点数沿用以前报告期的数，最早为", oldest, "。")
    if found := remark(value, PRIOR_ADJUSTMENT):
        add(found, "的本期数由累计数相减得出，含对以前各期的调整。")
    if found := remark(value, ZERO_DENOMINATORS):
        add(found, "（", *_codes(value, found), "）的分母为零，其分子仍计入全市合计。")
    return notes


def _without_base(facts: MeetingFacts, card: Card, kind: str) -> list[Text]:
    """Units that are in neither side of the city's growth; they are named by their codes."""
    value = facts.whole(card, kind) if kind else None
    found = remark(value, WITHOUT_BASE)
    if value is None or found is None:
        return []
    counter = facts.counter(card.table)
    why = "没有上年同期数" if kind == "yoy_same" else "不是两期都有入库数据"
    return [
        (f"{why}的", _remarked(value, found), f"{counter}（", *_codes(value, found),
         f"）不计入{GROWTH_KINDS[kind]}增速。"),
    ]  # fmt: skip


def _windows(facts: MeetingFacts, card: Card, kind: str) -> list[Text]:
    """Units whose year to date is shorter than the window, in this year or in the base."""
    if begins_year(facts.period):
        return []
    counter = facts.counter(card.table)
    words = (Moment(to_date_words(facts.period)), "累计")
    notes: list[Text] = []
    to_date = facts.whole(card, "ytd")
    found = remark(to_date, SHORT_WINDOW)
    if to_date is not None and found is not None:
        notes.append((*words, "中", _remarked(to_date, found), f"{counter}只含其在名单的月份。"))
    growth = facts.whole(card, f"ytd_{kind}")
    found = remark(growth, SHORT_BASE)
    if growth is not None and found is not None:
        lead: Text = (*words, f"{GROWTH_KINDS[kind]}增速的基数中")
        notes.append((*lead, _remarked(growth, found), f"{counter}不含全部月份。"))
    return notes


def _narrower(facts: MeetingFacts, card: Card, rows: Sequence[tuple[str, str]]) -> list[Text]:
    """Subjects whose year to date has fewer units than the column of coverage says."""
    found: list[Text] = []
    for level, code in rows:
        to_date = facts.value(card, level, code, "ytd")
        current = facts.value(card, level, code, card.plain)
        if to_date is None or current is None or facts.period % 100 == 0:
            continue
        if to_date.units < current.units:
            name: Inline = "全市" if level == CITY_LEVEL else named(facts, level, code)
            inside = Figure(str(to_date.units), (trace(to_date, "units"),))
            found.append((name, inside, facts.counter(card.table)))
    if not found:
        return []
    more: Text = ("等",) if len(found) > _NAMED else ()
    return [("累计数只含各月齐全的单位：", *joined(found[:_NAMED]), *more, "。")]


def _codes(value: Value, found: Remark) -> Text:
    """The units that a remark names, and whether there are more."""
    named_units: Text = joined([(Quote(code, value.view, "reason"),) for code in found.codes])
    more: Text = ("等",) if found.count > len(found.codes) else ()
    return (*named_units, *more)


def _remarked(value: Value, found: Remark) -> Figure:
    return derived(found.count, "remark", trace(value, "reason"))
