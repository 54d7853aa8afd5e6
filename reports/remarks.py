"""What must be said beside figures (注): what is not in them, what they must not be taken for.

The reasons that figures carry say it in codes (`indicators.reasons`); tables print it as notes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from indicators.periods import year_before
from indicators.reasons import SHORT_BASE, SHORT_WINDOW, WITHOUT_BASE
from indicators.vocabulary import CITY_LEVEL
from reports.behind import growth_kind
from reports.document import Figure, Inline, Moment, Quote, Text
from reports.facts import Card, MeetingFacts, Value
from reports.phrases import (
    GROWTH_KINDS,
    derived,
    joined,
    named,
    period_words,
    to_date_words,
    trace,
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


def table_notes(facts: MeetingFacts, card: Card, rows: Sequence[tuple[str, str]]) -> list[Text]:
    """What stands below an indicator's table; `rows`: (level, subject), the city's first."""
    kind, last = growth_kind(facts, card), year_before(facts.period)
    stored = any(facts.value(card, at, code, "current", last) for at, code in rows)
    notes: list[Text] = []
    missing: Text = (Moment(period_words(last)), "没有入库数据")
    shown = any(facts.value(card, at, code, "current") for at, code in rows)
    if not shown:
        pass  # an indicator of growth alone has no column of last year to be explained
    elif not stored and not kind:
        notes.append((*missing, "，不列上年数和增速。"))
    elif not stored and kind == "yoy_same":
        notes.append((*missing, "，同口径增速的基数为各单位上报的上年同期数。"))
    elif kind == "yoy_same":
        notes.append(("同口径增速的基数为本期名单单位的上年同期数，不一定等于上年数一栏。",))
    notes += _without_base(facts, card, kind)
    notes += _windows(facts, card, kind)
    notes += _narrower(facts, card, rows)
    parts = (facts.value(card, at, code, "contribution") for at, code in rows)
    if any(part is not None and part.value is not None for part in parts):
        notes.append(_contribution(card))
    return notes


def _without_base(facts: MeetingFacts, card: Card, kind: str) -> list[Text]:
    """Units that are in neither side of the city's growth; they are named by their codes."""
    value = facts.whole(card, kind) if kind else None
    found = remark(value, WITHOUT_BASE)
    if value is None or found is None:
        return []
    counter = facts.counter(card.table)
    why = "没有上年同期数" if kind == "yoy_same" else "不是两期都有入库数据"
    named_units: Text = joined([(Quote(code, value.view, "reason"),) for code in found.codes])
    more: Text = ("等",) if found.count > len(found.codes) else ()
    return [
        (f"{why}的", _remarked(value, found), f"{counter}（", *named_units, *more,
         f"）不计入{GROWTH_KINDS[kind]}增速。"),
    ]  # fmt: skip


def _windows(facts: MeetingFacts, card: Card, kind: str) -> list[Text]:
    """Units whose year to date is shorter than the window, in this year or in the base."""
    if facts.period % 100 in (0, 1):
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
        current = facts.value(card, level, code, "current")
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


def _contribution(card: Card) -> Text:
    left = "退库单位的上年数计入所在地区的基数" if card.exits == "keep_base" else "退库单位不计入"
    return (
        "拉动为本期数减同口径上年同期数，除以全市同口径上年同期数；"
        f"新入库单位按其上年同期数计入所在地区，{left}，两者均未单列。",
    )


def _remarked(value: Value, found: Remark) -> Figure:
    return derived(found.count, "remark", trace(value, "reason"))
