"""What asks for attention in a period: alerts, and findings nobody has answered yet."""

import json
from typing import Final

from indicators.catalogue import Catalogue
from indicators.periods import format_period, parse_period
from reports.facts import AlertFact, Finding
from reports.typeset import typeset
from storage.known import Queries, known_by

_GRAVE: Final = {"红线": 0, "预警": 1}


def alerts(
    queries: Queries, city: str, period: int, made_ms: int, as_of_ms: int | None
) -> list[AlertFact]:
    """Alerts opened by then whose episode reaches the period; open ones first, the gravest first.

    v_alert tells how an alert stands today. Of one that was not closed by an earlier instant it is
    only sure that it was still standing then, and that is all that is said of it.
    """
    at_ms = made_ms if as_of_ms is None else as_of_ms
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
        found.append(
            AlertFact(
                id=row[0],
                kind=row[1],
                level=row[2],
                subject_level=row[3],
                subject=row[4],
                indicator=row[5],
                period=row[6],
                state="standing" if closed is None and as_of_ms is not None else row[7],
                opened_ms=int(row[8]),
                closed_ms=closed,
                text=typeset(str(evidence.get("text_zh", ""))),
            )
        )
    return sorted(found, key=lambda one: (one.closed_ms is not None, _GRAVE.get(one.level, 2)))


def findings(
    queries: Queries, number: int, catalogue: Catalogue, period: int, as_of_ms: int | None
) -> list[Finding]:
    """Open findings of the period, the strongest first.

    A finding is about the version of a value that it names. It is open as long as that version
    stands: once another row of the same source has replaced it, the finding is answered. Another
    source's row for the same cell answers nothing.
    """
    asked = {"number": number, "period": period, "at": as_of_ms}
    rows = queries.execute(
        "SELECT unit, item, kind, score, evidence FROM anomaly FINAL"
        " WHERE city = %(number)s AND period = %(period)s AND state = 'open'"
        f"{known_by(as_of_ms)} AND version IN ({_vouched(as_of_ms)})"
        " AND (unit, item, version) NOT IN (SELECT unit, item, version FROM observation_superseded"
        " WHERE city = %(number)s AND period = %(period)s"
        f" AND superseded_by IN ({_vouched(as_of_ms)}))"
        " ORDER BY score DESC, unit, item",
        asked,
    )
    if not rows:
        return []
    named = queries.execute(
        "SELECT unit, argMax(code, (version, ordinal)), argMax(name, (version, ordinal))"
        " FROM register_event WHERE city = %(number)s AND action = 'put_unit'"
        f" AND unit IN %(units)s AND version IN ({_vouched(as_of_ms)}) GROUP BY unit",
        {**asked, "units": tuple({row[0] for row in rows})},
    )
    units = {key: (code, name) for key, code, name in named}
    found = []
    for key, item_id, kind, score, evidence in rows:
        unit, unit_name = units.get(key, (str(key), ""))
        item = catalogue.item_by_id.get(item_id)
        found.append(
            Finding(
                unit=unit,
                unit_name=typeset(unit_name or unit),
                item=item.code if item else str(item_id),
                item_name=typeset(item.name.zh) if item else str(item_id),
                period=format_period(period),
                kind=kind,
                score=float(score),
                evidence=typeset(evidence),
            )
        )
    return found


def _vouched(as_of_ms: int | None) -> str:
    """Versions of the records that the ledger has, known by the instant."""
    return f"SELECT version FROM ledger WHERE city = %(number)s{known_by(as_of_ms)}"
