"""Sentences of alerts and notices, in Chinese and English, from the facts alone."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from granary.clock import utc
from indicators.catalogue import Catalogue, Indicator, Lines
from indicators.lines import LineLevel
from indicators.modelling import Name
from indicators.periods import format_period
from indicators.vocabulary import CITY_LEVEL
from supervision.facts import LineFigure, ReturnCounts


def line_zh(
    catalogue: Catalogue, indicator: Indicator, lines: Lines, figure: LineFigure, level: LineLevel
) -> str:
    """Who, what, when, how much, past which line by how much, and what follows."""
    red = level is LineLevel.RED
    line = lines.red if red else lines.yellow
    named = f"{'红线' if red else '黄线'}{_line(line, indicator)}"
    side = "低于" if indicator.direction == "higher" else "高于"
    gap = abs(figure.value - line)
    past = f"{side}{named}，差{_number(gap, indicator)}" if gap else f"触及{named}"
    text = (
        f"{subject(catalogue, figure.level, figure.subject).zh}{period_zh(figure.period)}"
        f"{indicator.name.zh}{_number(figure.value, indicator)}{indicator.unit}"
        f"（{figure.standing}），{past}。"
    )
    return text + (f"后果：{lines.consequence.zh}。" if red else "")


def line_en(
    catalogue: Catalogue, indicator: Indicator, lines: Lines, figure: LineFigure, level: LineLevel
) -> str:
    red = level is LineLevel.RED
    line = lines.red if red else lines.yellow
    text = (
        f"{subject(catalogue, figure.level, figure.subject).en}, {format_period(figure.period)}: "
        f"{indicator.name.en} {_number(figure.value, indicator)} is past the "
        f"{'red' if red else 'yellow'} line {_line(line, indicator)}."
    )
    return text + (f" Consequence: {lines.consequence.en}." if red else "")


def line_cleared(catalogue: Catalogue, indicator: Indicator, figure: LineFigure) -> str:
    return (
        f"{subject(catalogue, figure.level, figure.subject).zh}{period_zh(figure.period)}"
        f"{indicator.name.zh}{_number(figure.value, indicator)}{indicator.unit}，已回到线内。"
    )


def overdue_zh(catalogue: Catalogue, counts: ReturnCounts, due_ms: int) -> str:
    table = catalogue.table[counts.table]
    return (
        f"{subject(catalogue, counts.level, counts.subject).zh}{period_zh(counts.period)}"
        f"《{table.name.zh}》逾期未报：应报{counts.expected}，已报{counts.received}，"
        f"未报{counts.missing}；上报时限{_instant(catalogue, due_ms)}。"
    )


def overdue_en(catalogue: Catalogue, counts: ReturnCounts, due_ms: int) -> str:
    table = catalogue.table[counts.table]
    return (
        f"{subject(catalogue, counts.level, counts.subject).en} is overdue with {table.name.en}, "
        f"{format_period(counts.period)}: {counts.missing} of {counts.expected} missing; "
        f"due {_instant(catalogue, due_ms)}."
    )


def made_up(catalogue: Catalogue, counts: ReturnCounts) -> str:
    """Why an overdue episode closes."""
    name = subject(catalogue, counts.level, counts.subject).zh
    if counts.expected == 0:
        return f"{name}已不在应报范围。"
    if counts.late == 0:
        return f"{name}已报齐，均在时限前到达。"
    return f"{name}已补报齐（迟报{counts.late}）。"


def notice_failed_zh(url: str, keys: Sequence[str], error: str) -> str:
    return f"通知未送达：{url}，涉及{len(keys)}件，最近一次错误：{error}。"


def notice_failed_en(url: str, keys: Sequence[str], error: str) -> str:
    return f"{len(keys)} notice(s) not delivered to {url}; last error: {error}."


def notice(city: str, event: str, alerts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Body of a notice about alerts recorded together; several make one digest (合并通知)."""
    texts = [str(alert["evidence"].get("text_zh", "")) for alert in alerts]
    head = f"【{alerts[0]['level']}】" if len(alerts) == 1 else f"【合并通知 {len(alerts)}件】"
    return {
        "event": event,
        "city": city,
        "digest": len(alerts) > 1,
        "text_zh": head + "".join(texts),
        "text_en": " ".join(str(alert["evidence"].get("text_en", "")) for alert in alerts),
        "alerts": list(alerts),
    }


def subject(catalogue: Catalogue, level: str, code: str) -> Name:
    """Name of a subject; its code where the catalogue has none."""
    if level == CITY_LEVEL:
        return catalogue.city.name
    grouping = catalogue.grouping.get(level)
    members = grouping.members if grouping is not None else []
    return next((one.name for one in members if one.code == code), Name(zh=code, en=code))


def period_zh(period: int) -> str:
    """202603 → 2026年3月, 202621 → 2026年一季度, 202600 → 2026年."""
    year, part = divmod(period, 100)
    if part == 0:
        return f"{year}年"
    return f"{year}年{'一二三四'[part - 21]}季度" if part > 20 else f"{year}年{part}月"


def _number(value: float, indicator: Indicator) -> str:
    step = Decimal(1).scaleb(-indicator.decimals)
    return str(Decimal(repr(value)).quantize(step, ROUND_HALF_UP))


def _line(value: float, indicator: Indicator) -> str:
    """A line with the indicator's decimals, and with its own where it has more."""
    published = _number(value, indicator)
    return published if float(published) == value else f"{value:g}"


def _instant(catalogue: Catalogue, at_ms: int) -> str:
    local = utc(at_ms).astimezone(ZoneInfo(catalogue.city.time_zone))
    return f"{local:%Y-%m-%d %H:%M:%S}"
