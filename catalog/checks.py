"""What a catalogue must keep beyond the models: rules that would otherwise go quietly wrong.

Each problem is (place, English, Chinese); place = file stem, position in its list, field, ….
"""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from catalog.access_faults import access_problems
from catalog.check_faults import check_problems
from catalog.grouping_faults import grouping_problems
from catalog.located import Place
from catalog.policy_faults import policy_problems
from indicators.catalogue import Catalogue, Indicator
from indicators.errors import PeriodError
from indicators.periods import frequency_of, parse_period
from indicators.vocabulary import CITY_LEVEL, TOTAL, UNIT_LEVEL

Problem = tuple[Place, str, str]

#: Levels and the reader's token have these names; no grouping or reporter may take them.
_RESERVED_LEVELS = (CITY_LEVEL, UNIT_LEVEL)
_READER = "city"
_INSTANT = re.compile(r"(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2})(?::(\d{2}))?")


def whole_problems(catalogue: Catalogue, *, city_known: bool) -> Iterable[Problem]:
    """Every problem of the lists; `city_known` is False where city.yaml itself is faulty."""
    yield from _groupings(catalogue)
    yield from grouping_problems(catalogue)
    yield from _tables(catalogue)
    for position, reporter in enumerate(catalogue.reporters):
        if reporter.code == _READER:
            yield (
                ("reporters", position, "code"),
                f"{_READER!r} is the name of the city's own reading token",
                f"{_READER!r}是市级只读令牌的保留名称",
            )
    for position, indicator in enumerate(catalogue.indicators):
        yield from _indicator(catalogue, indicator, ("indicators", position))
    if city_known:
        if not _is_zone(catalogue.city.time_zone):
            yield (
                ("city", "time_zone"),
                f"{catalogue.city.time_zone!r} is no time zone such as Asia/Shanghai",
                "应为时区名称,如Asia/Shanghai",
            )
        for number, cross in enumerate(catalogue.crosses):
            for code in cross:
                if code not in catalogue.grouping:
                    yield ("city", "crosses", number), f"no grouping {code!r}", f"没有分组{code!r}"
            kinds = [{*catalogue.grouping[c].unit_kinds} for c in cross if c in catalogue.grouping]
            if kinds and not set.intersection(*kinds):
                yield (
                    ("city", "crosses", number),
                    "crossed groupings must be about one kind of unit",
                    "交叉的分组须针对同一类单位",
                )
    yield from _calendar(catalogue)
    yield from check_problems(catalogue)
    yield from policy_problems(catalogue)
    yield from access_problems(catalogue)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _groupings(catalogue: Catalogue) -> Iterable[Problem]:
    for position, grouping in enumerate(catalogue.groupings):
        if grouping.code in _RESERVED_LEVELS:
            yield (
                ("groupings", position, "code"),
                f"{grouping.code!r} is the name of a level that is always there",
                f"{grouping.code!r}是保留的层级名称",
            )
        counts = Counter(member.code for member in grouping.members)
        for at, member in enumerate(grouping.members):
            if member.code == TOTAL:
                yield (
                    ("groupings", position, "members", at, "code"),
                    f"{TOTAL!r} is the name of the total of members that overlap",
                    f"{TOTAL!r}是重叠成员合计的保留名称",
                )
            if counts[member.code] > 1:
                yield (
                    ("groupings", position, "members", at, "code"),
                    f"member {member.code!r} is here more than once",
                    f"成员{member.code!r}重复",
                )


def _tables(catalogue: Catalogue) -> Iterable[Problem]:
    for position, table in enumerate(catalogue.tables):
        at = ("tables", position)
        if not table.items:
            yield (*at, "items"), "a table asks for at least one item", "报表至少要有一个指标项"
        if not table.legal_basis.strip():
            yield (*at, "legal_basis"), "the legal basis must be said", "须写明法律依据"
        size = catalogue.item.get(table.size_item or "")
        if size is not None and not size.additive:
            yield (
                (*at, "size_item"),
                f"{size.code!r} is a ratio and cannot be added",
                f"{size.code!r}为比率,不能相加",
            )


def _indicator(catalogue: Catalogue, indicator: Indicator, at: Place) -> Iterable[Problem]:
    if indicator.role == "constraint" and indicator.lines is None:
        yield (
            (*at, "lines"),
            "a constraint indicator needs its yellow and red line",
            "约束性指标须有黄线和红线",
        )
    if indicator.role == "incentive" and indicator.reward is None:
        yield (*at, "reward"), "an incentive indicator names its reward", "激励性指标须写明激励措施"
    if indicator.role != "monitor" and UNIT_LEVEL in indicator.levels:
        for code in _survey_tables(catalogue, indicator):
            yield (
                (*at, "levels"),
                f"table {code!r} is statistical; survey data may not evaluate single units",
                f"报表{code!r}为统计调查,其数据不得用于对单个调查对象的评价",
            )
    lines = indicator.lines
    if lines is not None:
        if indicator.direction == "none":
            yield (
                (*at, "direction"),
                "lines need a direction: higher or lower is better",
                "有黄线红线的指标须注明方向",
            )
        lower = indicator.direction == "lower"
        if indicator.direction != "none" and (
            lines.red < lines.yellow if lower else lines.red > lines.yellow
        ):
            yield (
                (*at, "lines", "red"),
                "the red line must lie beyond the yellow one",
                "红线应在黄线之外",
            )
        if lines.measure not in indicator.measures:
            yield (
                (*at, "lines", "measure"),
                f"measure {lines.measure!r} is not among the indicator's",
                f"口径{lines.measure!r}不在该指标的measures中",
            )
    table = catalogue.table.get(indicator.table)
    for number, level in enumerate(indicator.levels):
        for code in level if isinstance(level, tuple) else (level,):
            grouping = catalogue.grouping.get(code)
            if grouping and table and table.unit_kind not in grouping.unit_kinds:
                kinds = ", ".join(map(repr, grouping.unit_kinds))
                yield (
                    (*at, "levels", number),
                    f"{code!r} groups units of kind {kinds},"
                    f" the table is about {table.unit_kind!r}",
                    f"{code!r}的单位类型为{kinds},与报表的{table.unit_kind!r}不符",
                )
    for number, quote in enumerate(indicator.quoted):
        if quote.level not in _RESERVED_LEVELS and quote.level not in catalogue.grouping:
            yield (
                (*at, "quoted", number, "level"),
                f"no grouping {quote.level!r}",
                f"没有分组{quote.level!r}",
            )


def _survey_tables(catalogue: Catalogue, indicator: Indicator) -> list[str]:
    """Statistical tables about single units that the formula reads (统计法: statistics only).

    A district's own return is about no single unit.
    """
    table = catalogue.table.get(indicator.table)
    if table is None or table.unit_kind in {CITY_LEVEL, *catalogue.grouping}:
        return []
    items: list[str] = []
    for code in indicator.items:
        derived = catalogue.derived_value.get(code)
        items += derived.items if derived else [code]
    read = {
        name
        for code in items
        for name in (
            (table.code,)
            if code in table.items
            else catalogue.tables_with.get((table.unit_kind, code), ())
        )
    }
    return sorted(code for code in read if catalogue.table[code].purpose == "statistical")


def _calendar(catalogue: Catalogue) -> Iterable[Problem]:
    seen: set[tuple[str, int]] = set()
    for position, due in enumerate(catalogue.calendar):
        at = ("calendar", position)
        table = catalogue.table.get(due.table)
        try:
            period = parse_period(due.period)
        except PeriodError:
            continue  # the model says so
        if (due.table, period) in seen:
            yield (*at, "period"), "this return is here twice", "该报表该期重复"
        seen.add((due.table, period))
        if table is not None and frequency_of(period) is not table.frequency:
            yield (
                (*at, "period"),
                f"{due.period!r} is no {table.frequency.value} of table {table.code!r}",
                f"{due.period!r}与报表{table.code!r}的频率不符",
            )
        report_by, accept_by = city_time(due.report_by), city_time(due.accept_by or "")
        for field, text in (("report_by", due.report_by), ("accept_by", due.accept_by)):
            if text is not None and city_time(text) is None:
                yield (
                    (*at, field),
                    "write a time of the city such as 2026-04-06T24:00",
                    "应为城市时间,如2026-04-06T24:00",
                )
        if report_by and accept_by and accept_by < report_by:
            yield (
                (*at, "accept_by"),
                "acceptance is before the report is due",
                "验收时限早于上报时限",
            )


def city_time(text: str) -> datetime | None:
    """Wall-clock time of a calendar entry, 24:00 ending the day it names; None if it is none."""
    found = _INSTANT.fullmatch(text.strip())
    if not found:
        return None
    hour, minute, second = (int(part or 0) for part in found.group(2, 3, 4))
    try:
        day = date.fromisoformat(found.group(1))
    except ValueError:
        return None
    if hour > 24 or minute > 59 or second > 59 or (hour == 24 and (minute or second)):
        return None
    return datetime(day.year, day.month, day.day) + timedelta(  # noqa: DTZ001 - the city's wall clock
        hours=hour, minutes=minute, seconds=second
    )
