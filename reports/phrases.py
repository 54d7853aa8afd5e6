"""Pieces of sentences and cells: figures with their traces, names, periods, kinds of growth."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from granary.clock import utc
from indicators.periods import format_period, year_length
from indicators.vocabulary import CITY_LEVEL, ROLLING, YTD, split_measure
from reports.document import Figure, Inline, Moment, Quote, Text, Trace
from reports.facts import Card, MeetingFacts, Return, Value
from reports.numbers import NONE, percent_text, rounded, value_text

#: Kinds of year-on-year growth in the order papers prefer them, with their names.
GROWTH_KINDS = {"yoy_same": "同口径", "yoy_matched": "可比匹配", "yoy_nominal": "名义"}


def trace(value: Value, field: str = "value") -> Trace:
    """Where a figure stands."""
    return Trace(
        value.view,
        field,
        (
            ("indicator", value.indicator),
            ("level", value.level),
            ("subject", value.subject),
            ("period", format_period(value.period)),
            ("measure", value.measure),
            ("standing", value.standing),
            ("known_from", str(value.known_ms)),
        ),
    )


def value_cell(card: Card, value: Value | None) -> Text:
    """A figure in the indicator's unit, or why there is none."""
    text = value_text(card, value)
    if value is None or value.value is None:
        return (text,)
    return (Figure(text, (trace(value),)),)


def percent_cell(value: Value | None) -> Text:
    """A growth or share."""
    text = percent_text(value)
    if value is None or value.value is None:
        return (text,)
    return (Figure(text, (trace(value),)),)


def coverage_cell(value: Value | None) -> Text:
    """Units behind the figure and units expected."""
    if value is None:
        return (NONE,)
    return (
        Figure(str(value.units), (trace(value, "units"),)),
        "/",
        Figure(str(value.expected_units), (trace(value, "expected_units"),)),
    )


def coverage_words(facts: MeetingFacts, value: Value) -> Text:
    """The same in a sentence: `入算6家、应报7家`."""
    inside = Figure(str(value.units), (trace(value, "units"),))
    expected = Figure(str(value.expected_units), (trace(value, "expected_units"),))
    counter = facts.counter_of(value.indicator)
    return ("入算", inside, f"{counter}、应报", expected, counter)


def derived(number: Decimal | str | int, rule: str, *of: Trace) -> Figure:
    """A number that follows from traced ones by a named rule."""
    return Figure(str(number), of, rule)


def line_figure(card: Card, which: str) -> Figure:
    """The yellow or red line as the catalogue has it."""
    line = card.red if which == "red" else card.yellow
    text = NONE if line is None else line_text(card, line)
    key = (("indicator", card.code), ("catalogue_version", str(card.catalogue_version)))
    return Figure(text, (Trace("v_indicator_card", which, key),))


def line_text(card: Card, line: float) -> str:
    """A line with the indicator's decimals, and with its own where it has more."""
    published = rounded(line, card.decimals)
    exact = Decimal(repr(float(line)))
    return str(published) if published == exact else f"{exact.normalize():f}"


def return_trace(facts: MeetingFacts, one: Return, field: str) -> Trace:
    """Where a count stands."""
    return Trace(
        one.view,
        field,
        (
            ("table_code", one.table),
            ("level", one.level),
            ("subject", one.subject),
            ("period", format_period(facts.period)),
            ("known_from", str(one.known_ms)),
        ),
    )


def count_figure(facts: MeetingFacts, one: Return, field: str) -> Figure:
    return Figure(str(getattr(one, field)), (return_trace(facts, one, field),))


def named(facts: MeetingFacts, level: str, code: str) -> Quote:
    """A subject's name."""
    return Quote(facts.name(level, code), "v_subject", f"{level}/{code}")


def whole_name(facts: MeetingFacts) -> Inline:
    """How tables call the city's row."""
    return Quote("全市", "v_subject", f"{CITY_LEVEL}/{facts.city}")


def indicator_name(card: Card) -> Quote:
    return Quote(card.name, "v_indicator_card", card.code)


def told_name(card: Card, measure: str, period: int) -> Text:
    """The indicator's name, and the window of the measure where it is more than the period."""
    words = window_words(measure, period)
    return (indicator_name(card), *(("（", Moment(words), "）") if words else ()))


def window_words(measure: str, period: int) -> str:
    """1—3月累计, 近12个月, 近4个季度; '' where the window is the period itself."""
    window, length = split_measure(measure)[0], year_length(period)
    if window == ROLLING and length > 1:
        return f"近{length}个{'月' if length > 4 else '季度'}"
    return "" if window != YTD or begins_year(period) else f"{to_date_words(period)}累计"


def unit_of(card: Card) -> Quote:
    return Quote(card.unit, "v_indicator_card", card.code)


def table_name(facts: MeetingFacts, code: str) -> Text:
    return ("《", Quote(facts.tables.get(code, code), "v_completeness", code), "》")


def period_words(period: int) -> str:
    """202603 → 2026年3月, 202621 → 2026年一季度, 202600 → 2026年."""
    year, part = divmod(period, 100)
    if part == 0:
        return f"{year}年"
    return f"{year}年{'一二三四'[part - 21]}季度" if part > 20 else f"{year}年{part}月"


def short_period(period: int) -> str:
    """The period without its year where there is one inside the year: 3月."""
    year, part = divmod(period, 100)
    if part == 0:
        return f"{year}年"
    return f"{'一二三四'[part - 21]}季度" if part > 20 else f"{part}月"


def begins_year(period: int) -> bool:
    """Whether the year up to the period is the period itself: a year, January, a first quarter."""
    return period % 100 in (0, 1, 21)


def to_date_words(period: int) -> str:
    """The year up to the period: 1—3月."""
    part = period % 100
    if begins_year(period):
        return short_period(period)
    return f"1—{part - 20}季度" if part > 20 else f"1—{part}月"


def local(at_ms: int, zone: str) -> datetime:
    return utc(at_ms).astimezone(ZoneInfo(zone))


def instant_words(at_ms: int, zone: str) -> Moment:
    """An instant in city time, to the second."""
    at = local(at_ms, zone)
    return Moment(f"{at.year}年{at.month}月{at.day}日{at:%H:%M:%S}")


def joined(parts: list[Text], separator: str = "、") -> Text:
    """Texts one after another."""
    result: list[Inline] = []
    for at, part in enumerate(parts):
        if at:
            result.append(separator)
        result.extend(part)
    return tuple(result)
