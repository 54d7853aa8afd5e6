"""Which episodes open, change and close (预警的触发与解除): facts and live alerts in, actions out.

Pure: no clock, no store. A crash between deciding and recording loses nothing, because the next
look at the same facts decides the same; an episode that is open already is never opened again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from indicators.catalogue import Catalogue, Indicator, Lines
from indicators.deadlines import responsible
from indicators.lines import LineLevel, line_level
from indicators.modelling import Standing
from indicators.periods import format_period
from storage.control.alerts import RESOLVED, Alert, NewAlert
from supervision import wording
from supervision.facts import CityFacts, LineFigure, ReturnCounts

LINE: Final = "line"
OVERDUE: Final = "overdue"
NOTICE_FAILED: Final = "notice_failed"
YELLOW_WORD: Final = "预警"
RED_WORD: Final = "红线"
_WORDS: Final = {LineLevel.YELLOW: YELLOW_WORD, LineLevel.RED: RED_WORD}
_LEVELS: Final = {word: level for level, word in _WORDS.items()}
#: Papers use the highest available standing of a figure.
_STANDINGS: Final = (
    Standing.MONITORED,
    Standing.REPORTED,
    Standing.VERIFIED,
    Standing.PUBLISHED,
)


@dataclass(frozen=True, slots=True)
class Open:
    """An episode begins. Openings of one `digest` at one moment share one notice."""

    new: NewAlert
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A live alert changes. `notify`: it got graver, and those concerned are told."""

    before: Alert
    changes: dict[str, Any] = field(default_factory=dict)
    note: str = ""
    notify: bool = False
    closes: bool = False


Action = Open | Change


def decide(facts: CityFacts, live: Sequence[Alert], now_ms: int) -> list[Action]:
    """Everything to be done about the city's lines and due instants."""
    by_name = {alert.episode_name: alert for alert in live}
    return [*_lines(facts, by_name), *_overdue(facts, by_name, now_ms)]


def line_name(indicator: str, measure: str, level: str, subject: str) -> str:
    """Name of a line episode: it goes on over periods until the figure is clear again."""
    return f"{LINE}/{indicator}/{measure}/{level}/{subject}"


def overdue_name(table: str, period: int, level: str, subject: str) -> str:
    """Name of an overdue episode: one return of one table."""
    return f"{OVERDUE}/{table}/{format_period(period)}/{level}/{subject}"


def _lines(facts: CityFacts, live: Mapping[str, Alert]) -> Iterator[Action]:
    newest: dict[str, LineFigure] = {}
    for figure in facts.figures:
        name = line_name(figure.indicator, figure.measure, figure.level, figure.subject)
        if name not in newest or _rank(figure) > _rank(newest[name]):
            newest[name] = figure
    for name, figure in newest.items():
        indicator = facts.catalogue.indicator.get(figure.indicator)
        if indicator is None or indicator.lines is None:
            continue
        yield from _line(facts.catalogue, indicator, indicator.lines, figure, name, live.get(name))
    for alert in live.values():
        if alert.kind == LINE and not _has_rule(facts.catalogue, alert):
            yield Change(alert, _closing(alert, "规则已撤销"), "规则已撤销", closes=True)


def _line(
    catalogue: Catalogue,
    indicator: Indicator,
    lines: Lines,
    figure: LineFigure,
    name: str,
    alert: Alert | None,
) -> Iterator[Action]:
    before = LineLevel.CLEAR if alert is None else _LEVELS[alert.level]
    level = line_level(figure.value, lines, indicator.direction, provisional=False, before=before)
    period = format_period(figure.period)
    if level is LineLevel.CLEAR:
        if alert is not None:
            note = wording.line_cleared(catalogue, indicator, figure)
            yield Change(alert, _closing(alert, note), note, closes=True)
        return
    evidence = _line_evidence(catalogue, indicator, lines, figure, level)
    if alert is None:
        yield Open(
            NewAlert(
                kind=LINE,
                level=_WORDS[level],
                subject_level=figure.level,
                subject=figure.subject,
                indicator=indicator.code,
                period=period,
                episode=name,
                evidence={**evidence, "first_period": period},
                note=evidence["text_zh"],
            )
        )
        return
    kept = {key: alert.evidence[key] for key in _KEPT if key in alert.evidence}
    same = alert.level == _WORDS[level] and alert.period == period
    if same and all(alert.evidence.get(key) == evidence[key] for key in _TELLING):
        return
    yield Change(
        alert,
        {"level": _WORDS[level], "period": period, "evidence": {**evidence, **kept}},
        "" if level is before else evidence["text_zh"],
        notify=level > before,
    )


#: Evidence whose change is worth a revision; a figure computed again to the same value is not.
_TELLING: Final = ("value", "standing", "units", "expected_units", "yellow", "red", "rule_version")
#: Facts of the episode itself, which outlast the figure that is its evidence now.
_KEPT: Final = ("first_period", "episode", "reopens")


def _line_evidence(
    catalogue: Catalogue, indicator: Indicator, lines: Lines, figure: LineFigure, level: LineLevel
) -> dict[str, Any]:
    return {
        "value": figure.value,
        "unit": indicator.unit,
        "measure": figure.measure,
        "standing": figure.standing,
        "units": figure.units,
        "expected_units": figure.expected_units,
        "known_from_ms": figure.known_ms,
        "yellow": lines.yellow,
        "red": lines.red,
        "hysteresis": lines.hysteresis,
        "lines_source": lines.source,
        "consequence_zh": lines.consequence.zh if level is LineLevel.RED else "",
        "consequence_en": lines.consequence.en if level is LineLevel.RED else "",
        "rule_version": catalogue.version,
        "text_zh": wording.line_zh(catalogue, indicator, lines, figure, level),
        "text_en": wording.line_en(catalogue, indicator, lines, figure, level),
    }


def _overdue(facts: CityFacts, live: Mapping[str, Alert], now_ms: int) -> Iterator[Action]:
    answers: dict[str, dict[tuple[str, str], list[str]]] = {}
    seen: dict[str, ReturnCounts] = {}
    for counts in facts.returns:
        seen[overdue_name(counts.table, counts.period, counts.level, counts.subject)] = counts
    for name, counts in seen.items():
        key = (counts.table, counts.period)
        due_ms = facts.due.get(key)
        if due_ms is None or due_ms > now_ms or key not in facts.told:
            continue
        if counts.table not in answers:
            answers[counts.table] = responsible(facts.catalogue, counts.table)
        reporters = answers[counts.table].get((counts.level, counts.subject))
        if reporters is None or counts.missing <= 0 or name in live:
            continue
        evidence = _overdue_evidence(facts.catalogue, counts, due_ms, reporters)
        period = format_period(counts.period)
        yield Open(
            NewAlert(
                kind=OVERDUE,
                level=RED_WORD,
                subject_level=counts.level,
                subject=counts.subject,
                indicator="",
                period=period,
                episode=name,
                evidence=evidence,
                note=evidence["text_zh"],
            ),
            digest=f"{OVERDUE}/{counts.table}/{period}",
        )
    for name, alert in live.items():
        if alert.kind == OVERDUE:
            yield from _still_overdue(facts, alert, seen.get(name), now_ms)


def _still_overdue(
    facts: CityFacts, alert: Alert, counts: ReturnCounts | None, now_ms: int
) -> Iterator[Action]:
    if counts is None:
        return
    due_ms = facts.due.get((counts.table, counts.period))
    if due_ms is None or due_ms > now_ms:
        yield Change(alert, _closing(alert, "延期"), "时限已改，转为延期", closes=True)
    elif counts.missing <= 0:
        note = wording.made_up(facts.catalogue, counts)
        changed = {**alert.evidence, **_counts(counts), "outcome": note}
        yield Change(alert, {"state": RESOLVED, "evidence": changed}, note, closes=True)
    elif _counts(counts) != {key: alert.evidence.get(key) for key in _counts(counts)}:
        reporters = alert.evidence["reporters"]
        evidence = {
            **alert.evidence,
            **_overdue_evidence(facts.catalogue, counts, due_ms, reporters),
        }
        yield Change(alert, {"evidence": evidence})


def _overdue_evidence(
    catalogue: Catalogue, counts: ReturnCounts, due_ms: int, reporters: Sequence[str]
) -> dict[str, Any]:
    return {
        "table": counts.table,
        **_counts(counts),
        "due_ms": due_ms,
        "reporters": list(reporters),
        "rule_version": catalogue.version,
        "text_zh": wording.overdue_zh(catalogue, counts, due_ms),
        "text_en": wording.overdue_en(catalogue, counts, due_ms),
    }


def _counts(counts: ReturnCounts) -> dict[str, Any]:
    return {
        "expected": counts.expected,
        "received": counts.received,
        "missing": counts.missing,
        "late": counts.late,
    }


def _closing(alert: Alert, outcome: str) -> dict[str, Any]:
    return {"state": RESOLVED, "evidence": {**alert.evidence, "outcome": outcome}}


def _rank(figure: LineFigure) -> tuple[int, int]:
    standing = next((at for at, one in enumerate(_STANDINGS) if one.value == figure.standing), -1)
    return figure.period, standing


def _has_rule(catalogue: Catalogue, alert: Alert) -> bool:
    indicator = catalogue.indicator.get(alert.indicator)
    return (
        indicator is not None
        and indicator.lines is not None
        and indicator.lines.measure == alert.evidence.get("measure")
    )
