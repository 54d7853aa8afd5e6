"""Tables of indicators (分地区指标): this period, last year, growth, to date, share, coverage.

Only what the store has makes a column. Rows are ordered by the figure, worst last; the city's
stands first. A table of an indicator that has no total says so instead of adding.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from indicators.periods import year_before
from indicators.vocabulary import CITY_LEVEL
from reports.behind import growth_kind
from reports.contributions import Points, points
from reports.document import Block, Column, Moment, Ordinal, Quote, Row, Table, Text
from reports.facts import Card, MeetingFacts, Subject, Value
from reports.numbers import NONE
from reports.phrases import (
    GROWTH_KINDS,
    begins_year,
    coverage_cell,
    indicator_name,
    named,
    percent_cell,
    period_words,
    short_period,
    to_date_words,
    told_name,
    unit_of,
    value_cell,
    whole_name,
    window_words,
)
from reports.remarks import noted, table_notes


@dataclass(slots=True)
class Numbering:
    """Numbers the tables and charts of one paper."""

    tables: int = 0
    pictures: int = 0

    def table(self) -> Ordinal:
        self.tables += 1
        return Ordinal(f"表{self.tables}")

    def picture(self) -> Ordinal:
        self.pictures += 1
        return Ordinal(f"图{self.pictures}")


def overview(facts: MeetingFacts, level: str, numbering: Numbering) -> list[Block]:
    """All indicators of a level side by side; nothing where there is only one."""
    members = [(CITY_LEVEL, facts.city), *((level, one.code) for one in facts.members(level))]
    cards = [
        card
        for card in facts.cards
        if level in card.levels
        and any(facts.value(card, at, code, card.plain) for at, code in members)
    ]
    if len(cards) < 2:
        return []
    columns = [Column((_level_name(facts, level),), "left")]
    columns += [
        Column((*told_name(card, card.plain, facts.period), "\n（", unit_of(card), "）"), "right")
        for card in cards
    ]
    city = (_best(facts, card, CITY_LEVEL, facts.city) for card in cards)
    rows = [Row((_whole_cell(facts), *city), total=True)]
    for member in facts.members(level):
        cells = (_best(facts, card, level, member.code) for card in cards)
        rows.append(Row(((named(facts, level, member.code),), *cells)))
    caption: Text = (
        numbering.table(), "　", Moment(period_words(facts.period)), "分地区指标一览",
    )  # fmt: skip
    notes: list[Text] = []
    quoted = [card for card in cards if _standing(facts.whole(card, card.plain)) == "公布数"]
    if quoted:
        notes.append(("全市行为公布数，由公布单位提供，不由各地区数相加或平均得出。",))
    if any(_silent(facts, card, level) for card in cards):
        notes.append(("“缺报”为应报未报，不按零计。",))
    return [Table(f"overview/{level}", caption, (), tuple(columns), tuple(rows), noted(notes))]


def indicator_tables(facts: MeetingFacts, card: Card, numbering: Numbering) -> list[Block]:
    """One table for each grouping the indicator is shown by."""
    return [
        _indicator_table(facts, card, level, numbering)
        for level in card.levels
        if level not in (CITY_LEVEL, "unit") and facts.members(level)
    ]


def _indicator_table(facts: MeetingFacts, card: Card, level: str, numbering: Numbering) -> Table:
    members = _ordered(facts, card, level)
    rows = [(CITY_LEVEL, facts.city), *((level, one.code) for one in members)]
    plainly = any(facts.value(card, at, code, card.plain) for at, code in rows)
    measure = card.plain if plainly else growth_kind(facts, card)
    current = [facts.value(card, at, code, measure) for at, code in rows]
    standings = {one.standing for one in current if one is not None}
    mixed, hasty = len(standings) > 1, any(_provisional(one) for one in current)
    pulled = points(facts, card, level)
    shown = _shown(facts, card, pulled, rows)
    if mixed:
        cell = partial(_standing_cell, facts, card, measure)
        shown.append(_Shown(Column(("属性",), "center"), cell))
    caption: Text = (
        numbering.table(), "　", Moment(period_words(facts.period)), indicator_name(card),
        "（按", _level_name(facts, level), "分）",
    )  # fmt: skip
    notes = table_notes(facts, card, level, rows, pulled)
    if hasty:
        mark = "标“初步”的" if mixed else "标*的为初步数，"
        notes.append((f"{mark}填报未达到定稿要求，可能变动。",))
    return Table(
        f"{card.code}/{level}",
        caption,
        (
            "单位：",
            unit_of(card) if plainly else "%",
            *([] if mixed else ["；数据属性：", *standings]),
        ),
        (Column((_level_name(facts, level),), "left"), *(one.column for one in shown)),
        tuple(
            Row(
                (
                    _whole_cell(facts) if at == CITY_LEVEL else (named(facts, at, code),),
                    *(one.cell(at, code) for one in shown),
                ),
                total=at == CITY_LEVEL,
            )
            for at, code in rows
        )
        + tuple(
            Row(((title,), *(one.line(title) for one in shown))) for title in pulled.lines if pulled
        ),
        noted(notes),
    )


@dataclass(frozen=True, slots=True)
class _Shown:
    """A column of an indicator's table, what stands in it for (level, subject), and in a line of
    contributions, by its title."""

    column: Column
    cell: Callable[[str, str], Text]
    line: Callable[[str], Text] = lambda _: (NONE,)


def _shown(
    facts: MeetingFacts, card: Card, pulled: Points, rows: Sequence[tuple[str, str]]
) -> list[_Shown]:
    """The columns for which any row has a value: an empty one would say nothing."""
    last, kind = year_before(facts.period), growth_kind(facts, card)
    yearly, first = facts.period % 100 == 0, begins_year(facts.period)

    def known(measure: str, period: int | None = None) -> bool:
        return any(facts.value(card, at, code, measure, period) for at, code in rows)

    def valued(measure: str) -> bool:
        found = (facts.value(card, at, code, measure) for at, code in rows)
        return any(one is not None and one.value is not None for one in found)

    def of(measure: str, period: int | None = None) -> Callable[[str, str], Text]:
        return lambda at, code: value_cell(card, facts.value(card, at, code, measure, period))

    def rate(measure: str) -> Callable[[str, str], Text]:
        return lambda at, code: percent_cell(facts.value(card, at, code, measure))

    found = []
    if known(card.plain):
        span = window_words(card.plain, facts.period) or short_period(facts.period)
        found.append(_Shown(Column((Moment(span),)), of(card.plain)))
    if known("current", last):
        year: Text = () if yearly else (Moment(f"{last // 100}年"), "\n")
        found.append(_Shown(Column((*year, Moment(short_period(last)))), of("current", last)))
    if kind:
        found.append(_Shown(Column((f"{GROWTH_KINDS[kind]}\n增速",)), rate(kind)))
    if known("ytd") and card.plain != "ytd" and not first:
        title: Text = (Moment(to_date_words(facts.period)), "\n累计")
        found.append(_Shown(Column(title), of("ytd")))
    if kind and valued(f"ytd_{kind}") and not first:
        found.append(_Shown(Column((f"{GROWTH_KINDS[kind]}\n累计增速",)), rate(f"ytd_{kind}")))
    if valued("share"):
        found.append(_Shown(Column(("占全市",)), rate("share")))
    if pulled:
        title = (f"{GROWTH_KINDS['yoy_same']}\n拉动\n百分点",)
        found.append(_Shown(Column(title), pulled.cell, pulled.line))
    behind = card.plain if known(card.plain) else kind
    found.append(
        _Shown(
            Column(("入算/\n应报",)),
            lambda at, code: _coverage(facts.value(card, at, code, behind)),
        )
    )
    return found


def _coverage(value: Value | None) -> Text:
    """Units behind the figure and units expected, with the mark of a provisional one."""
    return (*coverage_cell(value), "*") if _provisional(value) else coverage_cell(value)


def _ordered(facts: MeetingFacts, card: Card, level: str) -> list[Subject]:
    """Members by their figure, better first; those without one last, in catalogue order."""
    sign = 1.0 if card.direction == "lower" else -1.0

    def key(member: Subject) -> tuple[bool, float]:
        value = facts.value(card, level, member.code, card.plain)
        if value is None or value.value is None:
            return True, 0.0
        return False, sign * value.value

    return sorted(facts.members(level), key=key)


def _best(facts: MeetingFacts, card: Card, level: str, subject: str) -> Text:
    value = facts.value(card, level, subject, card.plain)
    cell = value_cell(card, value)
    return (*cell, "（初步）") if _provisional(value) else cell


def _standing_cell(facts: MeetingFacts, card: Card, measure: str, level: str, subject: str) -> Text:
    """Whose figure it is, and whether it is provisional."""
    value = facts.value(card, level, subject, measure)
    if value is None:
        return (NONE,)
    return (value.standing, "\n（初步）") if _provisional(value) else (value.standing,)


def _whole_cell(facts: MeetingFacts) -> Text:
    return (whole_name(facts),)


def _level_name(facts: MeetingFacts, level: str) -> Quote:
    return Quote(facts.level_names.get(level, level), "v_subject", level)


def _standing(value: Value | None) -> str:
    return "" if value is None else value.standing


def _provisional(value: Value | None) -> bool:
    return value is not None and value.value is not None and value.provisional


def _silent(facts: MeetingFacts, card: Card, level: str) -> bool:
    values = [facts.value(card, level, one.code, card.plain) for one in facts.members(level)]
    return any(
        one is not None and one.value is None and one.expected_units > one.units for one in values
    )
