"""Tables of indicators (分地区指标): this period, last year, growth, to date, share, coverage.

Only measures the store has make columns. Rows are ordered by the figure, worst last; the city's
stands first. A table of an indicator that has no total says so instead of adding.
"""

from dataclasses import dataclass
from decimal import Decimal

from indicators.catalogue import CITY_LEVEL
from indicators.periods import year_before
from reports.behind import growth_kind
from reports.document import Block, Column, Inline, Moment, Ordinal, Quote, Row, Table, Text
from reports.facts import Card, MeetingFacts, Subject, Value
from reports.numbers import NONE, POINT_DECIMALS, largest_remainder
from reports.phrases import (
    GROWTH_KINDS,
    coverage_cell,
    derived,
    indicator_name,
    named,
    percent_cell,
    period_words,
    short_period,
    to_date_words,
    trace,
    unit_of,
    value_cell,
    whole_name,
)


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
    cards = [card for card in facts.cards if level in card.levels]
    if len(cards) < 2:
        return []
    columns = [Column((_level_name(facts, level),), "left", 8)]
    columns += [
        Column((indicator_name(card), "（", unit_of(card), "）"), "right", 7) for card in cards
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
    quoted = [card for card in cards if _standing(facts.whole(card, "current")) == "公布数"]
    if quoted:
        notes.append(("注：全市行为公布数，由公布单位提供，不由各地区数相加或平均得出。",))
    if any(_silent(facts, card, level) for card in cards):
        notes.append(("　　“缺报”为应报未报，不按零计。",))
    return [Table(f"overview/{level}", caption, (), tuple(columns), tuple(rows), tuple(notes))]


def indicator_tables(facts: MeetingFacts, card: Card, numbering: Numbering) -> list[Block]:
    """One table for each grouping the indicator is shown by."""
    return [
        _indicator_table(facts, card, level, numbering)
        for level in card.levels
        if level not in (CITY_LEVEL, "unit") and facts.members(level)
    ]


def _indicator_table(facts: MeetingFacts, card: Card, level: str, numbering: Numbering) -> Table:
    kind = growth_kind(facts, card)
    measures = {
        value.measure
        for value in facts.values
        if value.indicator == card.code and value.level in (level, CITY_LEVEL)
    }
    members = _ordered(facts, card, level)
    shown = [facts.whole(card, "current")]
    shown += [facts.value(card, level, one.code, "current") for one in members]
    standings = {one.standing for one in shown if one is not None}
    mixed = len(standings) > 1 or any(_provisional(one) for one in shown)
    columns = _columns(facts, card, level, kind, measures, mixed=mixed)
    points = _points(facts, card, level) if "contribution" in measures else {}
    whole = _row(facts, card, CITY_LEVEL, facts.city, kind, measures, {}, mixed=mixed, total=True)
    rows = [whole] + [
        _row(facts, card, level, one.code, kind, measures, points, mixed=mixed) for one in members
    ]
    notes: list[Text] = []
    last = year_before(facts.period)
    if not any(_value(facts, card, level, one.code, last) for one in members):
        notes.append(("注：", Moment(period_words(last)), "没有入库数据，上年数和增速以“—”表示。"))
    elif kind == "yoy_same":
        notes.append(
            (
                "注：增速按同口径计算，基数为本期名单单位的上年同期数，与上年数一栏不一定可直接相除。",
            )
        )
    if any(_provisional(facts.value(card, level, one.code, "current")) for one in members):
        notes.append(("　　标“初步”的数字填报未达到定稿要求，可能变动。",))
    caption: Text = (
        numbering.table(), "　", Moment(period_words(facts.period)), indicator_name(card),
        "（按", _level_name(facts, level), "分）",
    )  # fmt: skip
    return Table(
        f"{card.code}/{level}",
        caption,
        ("单位：", unit_of(card), *([] if mixed else ["；数据属性：", *standings])),
        tuple(columns),
        tuple(rows),
        tuple(notes),
    )


def _columns(
    facts: MeetingFacts, card: Card, level: str, kind: str, measures: set[str], *, mixed: bool
) -> list[Column]:
    last = year_before(facts.period)
    columns = [
        Column((_level_name(facts, level),), "left", 11),
        Column((Moment(short_period(facts.period)),), "right", 7),
        Column((Moment(period_words(last)),), "right", 8),
        Column((GROWTH_KINDS.get(kind, ""), "增速"), "right", 6),
    ]
    if "ytd" in measures and facts.period % 100 != 0:
        columns += [
            Column((Moment(to_date_words(facts.period)), "累计"), "right", 8),
            Column(("累计增速",), "right", 6),
        ]
    if "share" in measures:
        columns.append(Column(("占全市",), "right", 6))
    if "contribution" in measures:
        columns.append(Column(("拉动（个百分点）",), "right", 6))
    columns.append(Column(("入算/应报",), "right", 6))
    if mixed:
        columns.append(Column(("属性",), "center", 7))
    return columns


def _row(
    facts: MeetingFacts,
    card: Card,
    level: str,
    subject: str,
    kind: str,
    measures: set[str],
    points: dict[str, Decimal],
    *,
    mixed: bool,
    total: bool = False,
) -> Row:
    def of(measure: str) -> Value | None:
        return facts.value(card, level, subject, measure)

    current = of("current")
    last = _value(facts, card, level, subject, year_before(facts.period))
    name: Text = _whole_cell(facts) if total else (named(facts, level, subject),)
    cells: list[Text] = [name, value_cell(card, current), value_cell(card, last)]
    cells.append(percent_cell(of(kind)) if kind else (NONE,))
    if "ytd" in measures and facts.period % 100 != 0:
        cells += [value_cell(card, of("ytd")), percent_cell(of(f"ytd_{kind}"))]
    if "share" in measures:
        cells.append(percent_cell(of("share")))
    if "contribution" in measures:
        part = of("contribution")
        shown = points.get(subject)
        if part is None or shown is None:
            cells.append((NONE,))
        else:
            cells.append((derived(shown, "largest_remainder", trace(part)),))
    cells.append(coverage_cell(current))
    if mixed:
        cells.append(_standing_cell(current))
    return Row(tuple(cells), total=total)


def _points(facts: MeetingFacts, card: Card, level: str) -> dict[str, Decimal]:
    """Contributions in percentage points, rounded so that the printed parts add up."""
    parts: dict[str, Decimal] = {}
    for member in facts.members(level):
        value = facts.value(card, level, member.code, "contribution")
        if value is not None and value.value is not None:
            parts[member.code] = Decimal(repr(value.value)) * 100
    rounded = largest_remainder(list(parts.values()), POINT_DECIMALS)
    return dict(zip(parts, rounded, strict=True))


def _ordered(facts: MeetingFacts, card: Card, level: str) -> list[Subject]:
    """Members by their figure, better first; those without one last, in catalogue order."""
    sign = 1.0 if card.direction == "lower" else -1.0

    def key(member: Subject) -> tuple[bool, float]:
        value = facts.value(card, level, member.code, "current")
        if value is None or value.value is None:
            return True, 0.0
        return False, sign * value.value

    return sorted(facts.members(level), key=key)


def _best(facts: MeetingFacts, card: Card, level: str, subject: str) -> Text:
    value = facts.value(card, level, subject, "current")
    cell = value_cell(card, value)
    return (*cell, "（初步）") if _provisional(value) else cell


def _standing_cell(value: Value | None) -> Text:
    if value is None:
        return (NONE,)
    parts: list[Inline] = [value.standing]
    if _provisional(value):
        parts.append("（初步）")
    return tuple(parts)


def _whole_cell(facts: MeetingFacts) -> Text:
    return (whole_name(facts),)


def _level_name(facts: MeetingFacts, level: str) -> Quote:
    return Quote(facts.level_names.get(level, level), "v_subject", level)


def _value(facts: MeetingFacts, card: Card, level: str, subject: str, period: int) -> Value | None:
    return facts.value(card, level, subject, "current", period)


def _standing(value: Value | None) -> str:
    return "" if value is None else value.standing


def _provisional(value: Value | None) -> bool:
    return value is not None and value.value is not None and value.provisional


def _silent(facts: MeetingFacts, card: Card, level: str) -> bool:
    values = [facts.value(card, level, one.code, "current") for one in facts.members(level)]
    return any(
        one is not None and one.value is None and one.expected_units > one.units for one in values
    )
