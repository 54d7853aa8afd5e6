"""What is behind, by how much and whose it is (落后情况): found in the facts, most urgent first.

Pure. Lines are judged on final figures only; a district that is merely below the city's figure is
behind, one past a line or silent past its due instant is a matter to be decided. A district is
compared with the city by growth or, without one, by a ratio: its sum is a part of the city's sum,
and smaller whatever the district does.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from indicators.catalogue import Lines
from indicators.lines import LineLevel, line_level
from indicators.modelling import Name
from indicators.vocabulary import CITY_LEVEL
from reports.facts import Card, MeetingFacts, Return, Value
from reports.numbers import percent, rounded
from reports.phrases import GROWTH_KINDS


@dataclass(frozen=True, slots=True)
class PastLine:
    """A subject's figure past a line. `gap` in the indicator's unit, not negative."""

    card: Card
    value: Value
    level: LineLevel
    line: Decimal
    gap: Decimal


@dataclass(frozen=True, slots=True)
class Overdue:
    """A subject with units silent past the due instant."""

    counts: Return


@dataclass(frozen=True, slots=True)
class Below:
    """Subjects of a level worse than the city in one indicator, the furthest behind first.

    `measure` is a growth (gap in percentage points) or, of a ratio, `current` (gap in its unit).
    """

    card: Card
    measure: str
    level: str
    whole: Value
    behind: tuple[tuple[Value, Decimal], ...]


@dataclass(frozen=True, slots=True)
class Falling:
    """The city itself worse than a year ago; `districts` are those that are, the worst first."""

    card: Card
    whole: Value
    districts: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Uncompared:
    """An indicator with a better side and figures of districts, of which nothing can be said."""

    card: Card
    lacks: Literal["growth", "whole"]


def past_lines(facts: MeetingFacts) -> list[PastLine]:
    """Figures past a line, red before yellow, then by the catalogue and the gap."""
    found = [past for card in facts.cards for past in _past(facts, card)]
    order = {card.code: at for at, card in enumerate(facts.cards)}
    return sorted(found, key=lambda one: (-one.level, order[one.card.code], -one.gap))


def overdue(facts: MeetingFacts, now_ms: int) -> list[Overdue]:
    """Returns with units missing after their instant, by those who answer for a district."""
    late = [
        one
        for one in facts.returns
        if one.missing > 0 and one.due_ms is not None and one.due_ms <= now_ms
    ]
    apart = [one for one in late if one.level in _own_levels(facts)]
    return [Overdue(one) for one in apart or late]


def below(facts: MeetingFacts) -> list[Below]:
    """Indicators in which some districts are worse than the city."""
    return [one for card in facts.cards for one in _below(facts, card)]


def falling(facts: MeetingFacts) -> list[Falling]:
    """Indicators in which the city moved to the worse side of last year."""
    found = []
    for card in facts.cards:
        kind, level = growth_kind(facts, card), district_level(card)
        whole = facts.whole(card, kind) if kind and card.direction != "none" else None
        if whole is None or not _worsened(card, whole):
            continue
        values = (facts.value(card, level, one.code, kind) for one in facts.members(level))
        worse = [one for one in values if one is not None and _worsened(card, one)]
        worse.sort(key=lambda one: one.value or 0.0, reverse=card.direction == "lower")
        found.append(Falling(card, whole, tuple(worse)))
    return found


def uncompared(facts: MeetingFacts) -> list[Uncompared]:
    """Indicators that could be compared, had they a growth or a figure of the city."""
    found: list[Uncompared] = []
    for card in facts.cards:
        level = district_level(card)
        if card.direction == "none" or not level:
            continue
        measure = _compared_by(facts, card)
        if not measure:
            found.append(Uncompared(card, "growth"))
        elif (whole := facts.whole(card, measure)) is None or whole.value is None:
            found.append(Uncompared(card, "whole"))
    return found


def growth_kind(facts: MeetingFacts, card: Card) -> str:
    """The preferred kind of growth that has any value; '' where there is none."""
    have = {
        one.measure
        for one in facts.values
        if one.indicator == card.code and one.period == facts.period and one.value is not None
    }
    return next((kind for kind in GROWTH_KINDS if kind in have), "")


def district_level(card: Card) -> str:
    """The level whose subjects are supervised: district where the indicator has it."""
    levels = [level for level in card.levels if level not in (CITY_LEVEL, "unit")]
    return "district" if "district" in levels else levels[0] if levels else ""


def _past(facts: MeetingFacts, card: Card) -> Iterator[PastLine]:
    if card.yellow is None or card.red is None:
        return
    lines = Lines(
        yellow=card.yellow,
        red=card.red,
        measure=card.lines_measure,
        consequence=Name(zh=card.consequence, en=card.consequence),
        source=card.lines_source,
    )
    for level in card.levels:
        if level == "unit":
            continue
        subjects = [facts.city] if level == CITY_LEVEL else [m.code for m in facts.members(level)]
        for subject in subjects:
            value = facts.value(card, level, subject, card.lines_measure)
            if value is None or value.value is None:
                continue
            reached = line_level(value.value, lines, card.direction, provisional=value.provisional)
            if reached is not LineLevel.CLEAR:
                line = card.red if reached is LineLevel.RED else card.yellow
                exact = Decimal(repr(line))
                gap = abs(rounded(value.value, card.decimals) - exact)
                yield PastLine(card, value, reached, exact, gap)


def _worsened(card: Card, growth: Value) -> bool:
    """Whether a growth, as printed, is on the worse side of nought."""
    rate = percent(growth.value or 0.0)
    return rate > 0 if card.direction == "lower" else rate < 0


def _compared_by(facts: MeetingFacts, card: Card) -> str:
    """The measure by which a district and the city can be compared; '' where there is none."""
    return growth_kind(facts, card) or (card.plain if card.ratio else "")


def _below(facts: MeetingFacts, card: Card) -> Iterator[Below]:
    level, measure = district_level(card), _compared_by(facts, card)
    if not level or not measure or card.direction == "none":
        return
    whole = facts.whole(card, measure)
    if whole is None or whole.value is None:
        return
    higher = card.direction == "higher"
    found = []
    for member in facts.members(level):
        value = facts.value(card, level, member.code, measure)
        if value is None or value.value is None:
            continue
        gap = _printed(card, whole) - _printed(card, value)
        if (gap if higher else -gap) > 0:
            found.append((value, abs(gap)))
    if found:
        found.sort(key=lambda one: -one[1])
        yield Below(card, measure, level, whole, tuple(found))


def _printed(card: Card, value: Value) -> Decimal:
    """As the paper prints it, so that a reader who subtracts gets the gap that is printed."""
    number = value.value or 0.0
    growth = value.measure in GROWTH_KINDS
    return percent(number) if growth else rounded(number, card.decimals)


def _own_levels(facts: MeetingFacts) -> set[str]:
    return {district_level(card) for card in facts.cards} - {""}
