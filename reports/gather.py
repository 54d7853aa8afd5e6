"""Reads a city's picture for the meeting report from the store, once and as of one instant.

Without an instant the public views are read as they stand. With one, the history of the same
figures is read and each one's last version known by then is taken (`known_from <= T`).
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Protocol

from granary.clock import utc
from indicators.catalogue import UNIT_LEVEL
from indicators.periods import format_period, parse_period, year_before, year_to_date
from reports.errors import CityChoiceError, NothingToReportError
from reports.facts import AlertFact, Card, Finding, MeetingFacts, Return, Subject, Value
from reports.phrases import GROWTH_KINDS

_MEASURES: Final = (
    "current",
    "ytd",
    "share",
    "contribution",
    *(f"{window}{kind}" for window in ("", "ytd_") for kind in GROWTH_KINDS),
)
#: Findings read; the paper prints fewer and says how many there are.
_FINDINGS: Final = 50


class Queries(Protocol):
    """Runs one SELECT and returns its rows; may block for the answer; a repeat is safe."""

    def execute(self, query: str, params: Mapping[str, Any] | None = None) -> list[Any]: ...


def cities_with(queries: Queries, period: int) -> list[str]:
    """Codes of cities that have any figure of the period."""
    rows = queries.execute(
        "SELECT DISTINCT city_code FROM figure_current WHERE period = %(period)s"
        " AND measure = 'current' ORDER BY city_code",
        {"period": period},
    )
    return [row[0] for row in rows]


def choose_city(queries: Queries, period: int, city: str | None) -> str:
    """The city to report on.

    Raises:
        CityChoiceError: none is named and not exactly one has figures of the period.
    """
    if city is not None:
        return city
    found = cities_with(queries, period)
    if len(found) == 1:
        return found[0]
    said = "、".join(found) if found else "no city"
    raise CityChoiceError(f"{said} has figures of {format_period(period)}.", cities=found)


def gather(
    queries: Queries, city: str, period: int, *, made_ms: int, as_of_ms: int | None = None
) -> MeetingFacts:
    """The picture of `city` for `period`.

    Raises:
        CityChoiceError: no such city in the store.
        NothingToReportError: the period has no figure, as of the instant.
    """
    known = queries.execute(
        "SELECT city, name_zh, attributes FROM dimension FINAL WHERE class = 'city'"
        " AND code = %(city)s",
        {"city": city},
    )
    if not known:
        raise CityChoiceError(f"the store knows no city {city!r}.", city=city)
    number, name, attributes = known[0]
    cards = _cards(queries, city, int(number))
    values = _values(queries, city, [card.code for card in cards], period, as_of_ms)
    here = [value for value in values if value.period == period]
    if not here:
        raise NothingToReportError(f"{city} has no figure of {format_period(period)}.")
    have = {value.indicator for value in here}
    findings = _findings(queries, city, period, as_of_ms)
    return MeetingFacts(
        city=city,
        city_name=_without_note(name),
        time_zone=json.loads(attributes).get("time_zone", "Asia/Shanghai"),
        period=period,
        as_of_ms=as_of_ms,
        made_ms=made_ms,
        catalogue_version=max(value.catalogue_version for value in here),
        cards=[card for card in cards if card.code in have],
        subjects=_subjects(queries, city),
        tables=_names(queries, int(number), "table"),
        values=values,
        returns=_returns(queries, city, period, as_of_ms),
        alerts=_alerts(queries, city, period, as_of_ms or made_ms),
        findings=findings[:_FINDINGS],
        finding_count=len(findings),
        level_names=_names(queries, int(number), "level"),
    )


def _cards(queries: Queries, city: str, number: int) -> list[Card]:
    rows = queries.execute(
        "SELECT code, name, unit, decimals, dimension, role, direction, table_code,"
        " numerator_text, denominator_text, yellow, red, lines_measure, lines_source,"
        " consequence, reward, note FROM v_indicator_card WHERE city = %(city)s ORDER BY id",
        {"city": city},
    )
    levels = _levels(queries, number)
    return [
        Card(
            code=row[0],
            name=row[1],
            unit=row[2],
            decimals=int(row[3]),
            dimension=row[4],
            role=row[5],
            direction=row[6] or "none",
            table=row[7],
            formula=f"{row[8]} ÷ {row[9]}" if row[9] else row[8],
            levels=levels.get(row[0], []),
            yellow=row[10],
            red=row[11],
            lines_measure=row[12] or "current",
            lines_source=row[13],
            consequence=row[14],
            reward=row[15],
            note=row[16],
        )
        for row in rows
    ]


def _levels(queries: Queries, number: int) -> dict[str, list[str]]:
    """Levels of each indicator in catalogue order, crosses left out."""
    rows = queries.execute(
        "SELECT code, attributes FROM dimension FINAL WHERE city = %(number)s"
        " AND class = 'indicator'",
        {"number": number},
    )
    return {
        code: [level for level in json.loads(text)["levels"] if isinstance(level, str)]
        for code, text in rows
    }


def _values(
    queries: Queries, city: str, codes: Sequence[str], period: int, as_of_ms: int | None
) -> list[Value]:
    """The period's measures, and the current value of every period the tables and chart show."""
    if not codes:
        return []
    own = year_to_date(period)
    shown = [*own, *(year_before(one) for one in own)]
    source = "figure_current FINAL" if as_of_ms is None else "figure_history"
    rows = queries.execute(
        "SELECT indicator_code, level, subject, period, measure, standing,"
        " if(isNaN(value), NULL, value), units, expected_units, reason, provisional,"
        " toUnixTimestamp64Milli(known_from), catalogue_version"
        f" FROM {source} WHERE city_code = %(city)s AND indicator_code IN %(codes)s"
        " AND level != %(unit)s AND measure IN %(measures)s AND period IN %(shown)s"
        " AND (period = %(period)s OR measure = 'current') AND by_level = '' AND scope = 'all'"
        + (
            ""
            if as_of_ms is None
            else " AND known_from <= fromUnixTimestamp64Milli(%(at)s)"
            " ORDER BY version DESC"
            " LIMIT 1 BY indicator_code, level, subject, period, measure, standing"
        ),
        {
            "city": city,
            "codes": tuple(codes),
            "unit": UNIT_LEVEL,
            "measures": _MEASURES,
            "shown": tuple(shown),
            "period": period,
            "at": as_of_ms or 0,
        },
    )
    return [
        Value(
            indicator=row[0],
            level=row[1],
            subject=row[2],
            period=int(row[3]),
            measure=row[4],
            standing=row[5],
            value=None if row[6] is None else float(row[6]),
            units=int(row[7]),
            expected_units=int(row[8]),
            reason=row[9],
            provisional=bool(row[10]),
            known_ms=int(row[11]),
            catalogue_version=int(row[12]),
        )
        for row in sorted(rows, key=lambda row: tuple(row[:6]))
    ]


def _subjects(queries: Queries, city: str) -> list[Subject]:
    rows = queries.execute(
        "SELECT level, code, any(name) FROM v_subject WHERE city = %(city)s AND level IN"
        " (SELECT level FROM dimension FINAL WHERE class = 'level')"
        " GROUP BY level, code ORDER BY level, code",
        {"city": city},
    )
    return [Subject(*row) for row in rows]


def _names(queries: Queries, number: int, kind: str) -> dict[str, str]:
    rows = queries.execute(
        "SELECT code, name_zh FROM dimension FINAL WHERE city = %(number)s AND class = %(kind)s",
        {"number": number, "kind": kind},
    )
    return dict(rows)


def _returns(queries: Queries, city: str, period: int, as_of_ms: int | None) -> list[Return]:
    source = "completeness_current FINAL" if as_of_ms is None else "completeness_history"
    rows = queries.execute(
        "SELECT table_code, level, subject, expected, received, on_time, late, missing,"
        f" toUnixTimestamp64Milli(due_at) FROM {source}"
        " WHERE city_code = %(city)s AND period = %(period)s"
        + (
            ""
            if as_of_ms is None
            else " AND known_from <= fromUnixTimestamp64Milli(%(at)s)"
            " ORDER BY version DESC LIMIT 1 BY table_code, level, subject"
        ),
        {"city": city, "period": period, "at": as_of_ms or 0},
    )
    return [
        Return(
            table=row[0],
            level=row[1],
            subject=row[2],
            expected=int(row[3]),
            received=int(row[4]),
            on_time=int(row[5]),
            late=int(row[6]),
            missing=int(row[7]),
            due_ms=int(row[8]) or None,
        )
        for row in sorted(rows)
    ]


def _alerts(queries: Queries, city: str, period: int, at_ms: int) -> list[AlertFact]:
    """Alerts opened by then whose episode reaches the period, as they stood then."""
    rows = queries.execute(
        "SELECT id, kind, level, subject_level, subject, indicator, period, state,"
        " toUnixTimestamp64Milli(opened_at), toUnixTimestamp64Milli(closed_at), evidence"
        " FROM v_alert WHERE city = %(city)s AND kind != 'notice_failed'"
        " AND opened_at <= fromUnixTimestamp64Milli(%(at)s) ORDER BY opened_at, id",
        {"city": city, "at": at_ms},
    )
    found = []
    for row in rows:
        evidence = json.loads(row[10])
        first = parse_period(str(evidence.get("first_period") or row[6]))
        if not first <= period <= parse_period(row[6]):
            continue
        closed = None if row[9] is None or row[9] > at_ms else int(row[9])
        state = "open" if closed is None and row[9] is not None else row[7]
        found.append(
            AlertFact(
                id=row[0],
                kind=row[1],
                level=row[2],
                subject_level=row[3],
                subject=row[4],
                indicator=row[5],
                period=row[6],
                state=state,
                opened_ms=int(row[8]),
                closed_ms=closed,
                text=str(evidence.get("text_zh", "")),
            )
        )
    grave = {"红线": 0, "预警": 1}
    return sorted(found, key=lambda one: (one.closed_ms is not None, grave.get(one.level, 2)))


def _findings(queries: Queries, city: str, period: int, as_of_ms: int | None) -> list[Finding]:
    """Findings of the period, the strongest first."""
    rows = queries.execute(
        "SELECT if(unit_name = '', unit, unit_name), item, kind, score, evidence, state"
        " FROM v_anomaly WHERE city = %(city)s AND period = %(period)s"
        + ("" if as_of_ms is None else " AND known_from <= fromUnixTimestamp64Milli(%(at)s)")
        + " ORDER BY score DESC, unit, item",
        {"city": city, "period": format_period(period), "at": as_of_ms or 0},
    )
    names = dict(
        queries.execute("SELECT code, name FROM v_item WHERE city = %(city)s", {"city": city})
    )
    return [
        Finding(row[0], names.get(row[1], row[1]), row[2], float(row[3]), row[4], row[5])
        for row in rows
    ]


def _without_note(name: str) -> str:
    """A city's name without what stands in brackets behind it."""
    for bracket in ("(", "（"):
        name = name.partition(bracket)[0]
    return name


def parse_instant(text: str) -> int:
    """UTC ms of an ISO 8601 instant; without a zone it is UTC.

    Raises:
        ValueError: not such an instant.
    """
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        at = at.replace(tzinfo=utc(0).tzinfo)
    return int(at.timestamp() * 1000)
