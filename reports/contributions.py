"""Contributions (拉动) as tables print them: points of members and lines that add up to the growth.

Where an indicator has them apart, units that came on the list and units that left are lines of
their own, and a member's points are those of its units that stay (rule 17 of docs/statistics.md).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from indicators.rounding import largest_remainder
from indicators.vocabulary import CITY_LEVEL, CONTINUING, CONTRIBUTION, ENTRIES, EXITS, SAME
from reports.document import Text
from reports.facts import Card, MeetingFacts, Value
from reports.numbers import NONE, POINT_DECIMALS, rounded
from reports.phrases import derived, trace

_TITLES = {ENTRIES: "新入库单位", EXITS: "退库单位"}


@dataclass(frozen=True, slots=True)
class Point:
    """Percentage points as printed, and the figure they are of."""

    value: Value
    printed: Decimal


@dataclass(frozen=True, slots=True)
class Points:
    """`members` by code; `lines` by title, {} where the indicator has none of its own.

    adds_up: what is printed of members and lines is the whole as printed.
    """

    whole: Value | None
    members: Mapping[str, Point]
    lines: Mapping[str, Point]
    adds_up: bool

    def __bool__(self) -> bool:
        return bool(self.members)

    def cell(self, level: str, subject: str) -> Text:
        """What stands in the column for the city or a member."""
        if level == CITY_LEVEL:
            if self.whole is None or self.whole.value is None:
                return (NONE,)
            return (derived(_printed(self.whole), "points", trace(self.whole)),)
        return _cell(self.members.get(subject))

    def line(self, title: str) -> Text:
        """What stands in the column for a line."""
        return _cell(self.lines.get(title))


def points(facts: MeetingFacts, card: Card, level: str) -> Points:
    """Points of a level's members, rounded so that the printed parts add up."""
    whole = facts.whole(card, CONTRIBUTION) or facts.whole(card, SAME)
    apart = _lines(facts, card)
    measure = f"{CONTRIBUTION}_{CONTINUING}" if apart else CONTRIBUTION
    members = {
        member.code: value
        for member in facts.members(level)
        if (value := facts.value(card, level, member.code, measure)) is not None
        and value.value is not None
    }
    parts = [*members.values(), *apart.values()]
    exact = [_exact(value) for value in parts]
    adds_up = (
        whole is not None
        and whole.value is not None
        and abs(sum(exact, Decimal(0)) - _exact(whole)) < Decimal("1e-9")
    )
    total = _printed(whole) if adds_up and whole is not None else None
    printed = largest_remainder(exact, POINT_DECIMALS, total)
    shown = [Point(value, number) for value, number in zip(parts, printed, strict=True)]
    return Points(
        whole,
        dict(zip(members, shown, strict=False)),
        dict(zip(apart, shown[len(members) :], strict=True)),
        adds_up,
    )


def _lines(facts: MeetingFacts, card: Card) -> dict[str, Value]:
    """The city's entries and exits by their titles; {} unless all the lines are there."""
    found = {line: facts.whole(card, f"{CONTRIBUTION}_{line}") for line in (*_TITLES, CONTINUING)}
    if any(value is None or value.value is None for value in found.values()):
        return {}
    return {
        title: value
        for line, title in _TITLES.items()
        if (value := found[line]) is not None and not _never(card, line, value)
    }


def _never(card: Card, line: str, value: Value) -> bool:
    """Whether the line has nothing by rule: units that left are in no base."""
    return line == EXITS and card.exits != "keep_base" and value.value == 0


def _exact(value: Value) -> Decimal:
    return Decimal(repr(value.value or 0.0)) * 100


def _printed(value: Value) -> Decimal:
    return rounded(float(_exact(value)), POINT_DECIMALS)


def _cell(point: Point | None) -> Text:
    if point is None:
        return (NONE,)
    return (derived(point.printed, "largest_remainder", trace(point.value)),)


def note(card: Card, found: Points, member: str) -> Text:
    """How the points are made; `member`: what the members are called (区县, 功能区)."""
    made = "拉动为本期数减同口径上年同期数，除以全市同口径上年同期数；"
    if not found.lines:
        kept = card.exits == "keep_base"
        left = "退库单位的上年数计入所在地区的基数" if kept else "退库单位不计入"
        return (f"{made}新入库单位按其上年同期数计入所在地区，{left}，两者均未单列。",)
    titles: Sequence[str] = list(found.lines)
    listed = "和".join(titles)
    left = "" if _TITLES[EXITS] in titles else "，退库单位不计入"
    sums = "各行相加等于全市"
    if not found.adds_up:
        sums = f"各{member}有重叠或未覆盖全部单位，各行相加不等于全市"
    return (f"{made}各{member}只含两期均在库的单位，{listed}单列{left}；{sums}。",)
