"""Figures for readers: plain lists, the headline of a city, the ranking of its districts.

Every number is a row of `v_indicator`; nothing is added up here. Queries name city, indicator,
period, measure and level, which is the key the figures are sorted by.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from dashboards.console.cards import Card, cards, city_id, growth_of
from dashboards.console.periods_shown import latest, periods
from dashboards.console.store import Row, Store
from indicators.periods import format_period, parse_period
from indicators.vocabulary import CITY_LEVEL, PLAIN_MEASURES, TOTAL

COLUMNS = (
    "city, level, subject, by_level, by_subject, indicator, period, period_end, measure, scope,"
    " value, numerator, denominator, units, expected_units, reason, provisional, standing,"
    " known_from, catalogue_version"
)
#: The highest standing is shown, the others beside it (domain: papers use the highest available).
STANDINGS = ("监测数", "上报数", "核定数", "公布数")
_PLAIN = "by_level = '' AND scope = 'all'"


def values(
    store: Store,
    city: str,
    indicator: str,
    *,
    levels: Sequence[str] = (),
    subjects: Sequence[str] = (),
    by_level: str = "",
    by_subject: str = "",
    periods: Sequence[str] = (),
    measures: Sequence[str] = (),
    standing: str = "",
    first: date | None = None,
    last: date | None = None,
    limit: int = 10_000,
) -> list[Row]:
    """Rows of v_indicator, oldest period first; an empty filter lets everything through.

    Figures of single units only if the level asks for them: there are as many as observations.
    """
    where = ["city = %(city)s", "indicator = %(indicator)s", "by_level = %(by_level)s"]
    for name, chosen in (
        ("level", levels),
        ("subject", subjects),
        ("period", periods),
        ("measure", measures),
        ("by_subject", [by_subject] if by_subject else ()),
        ("standing", [standing] if standing else ()),
    ):
        if chosen:
            where.append(f"{name} IN %({name}s)s")
    if not levels:
        where.append("level != 'unit'")
    if first:
        where.append("period_end >= %(first)s")
    if last:
        where.append("period_end <= %(last)s")
    return store.query(
        f"SELECT {COLUMNS} FROM v_indicator WHERE {' AND '.join(where)}"
        " ORDER BY period_end, measure, level, subject, by_subject, standing LIMIT %(limit)s",
        {
            "city": city,
            "indicator": indicator,
            "by_level": by_level,
            "levels": tuple(levels),
            "subjects": tuple(subjects),
            "periods": tuple(periods),
            "measures": tuple(measures),
            "by_subjects": (by_subject,),
            "standings": (standing,),
            "first": first,
            "last": last,
            "limit": limit,
        },
    )


def headline(store: Store, city: str, period: str = "") -> list[Row]:
    """The city's figures at a glance, one entry per indicator and plain measure.

    `period` bounds the time: each indicator shows its latest period that ends no later; '' is the
    newest. Of an indicator with months and quarters that is a month, unless the chosen period is
    one of its own. An indicator without a city figure (a reported ratio has no total) has an entry
    with `standing` '' and the reason `no_total`.
    """
    known = cards(store, city)
    shown = latest(periods(store, city), period)
    if not shown:
        return []
    rows = store.query(
        f"SELECT {COLUMNS} FROM v_indicator WHERE city = %(city)s AND level = 'city'"
        f" AND {_PLAIN} AND (indicator, period) IN %(pairs)s",
        {"city": city, "pairs": tuple(shown.items())},
    )
    entries: list[Row] = []
    for one in known:
        own = [row for row in rows if row["indicator"] == one.indicator]
        plain = [m for m in PLAIN_MEASURES if any(r["measure"] == m for r in own)]
        if not plain and one.indicator in shown:
            entries.append(_no_total(one, shown[one.indicator]))
        entries += [_entry(one, own, measure) for measure in plain]
    return entries


def ranking(store: Store, city: str, one: Card, level: str, period: str, measure: str) -> list[Row]:
    """Members of a level with their figure, the same of a year before, and the growth.

    Every member the catalogue names is there, also without a figure: silence is shown. Best first
    by the indicator's direction (highest first where it has none), those without a value last.
    `place` as in `profile`. The total of members that overlap, if there is one, comes after them.
    """
    growths = growth_of(measure)
    before = format_period(parse_period(period) - 100)
    rows = values(
        store,
        city,
        one.indicator,
        levels=[level],
        periods=[period, before],
        measures=[measure, *growths],
    )
    names = subject_names(store, city).get(level, {})
    now = _by_subject(r for r in rows if r["period"] == period and r["measure"] == measure)
    then = _by_subject(r for r in rows if r["period"] == before and r["measure"] == measure)
    kind = next((g for g in growths if any(r["measure"] == g for r in rows)), "")
    growth = _by_subject(r for r in rows if r["period"] == period and r["measure"] == kind)
    places = _places(one, now)
    entries = [
        {
            "subject": subject,
            "name": name,
            "place": places.get(subject),
            **_shown(now.get(subject)),
            "before": then[subject]["value"] if subject in then else None,
            "before_period": before,
            "growth": _growth(kind, growth.get(subject)),
        }
        for subject, name in names.items()
        if subject != TOTAL or subject in now
    ]
    sign = 1 if one.direction == "lower" else -1
    entries.sort(
        key=lambda e: (
            e["subject"] == TOTAL, e["value"] is None, sign * (e["value"] or 0), e["subject"],
        )
    )  # fmt: skip
    return entries


def profile(store: Store, city: str, level: str, subject: str, period: str) -> list[Row]:
    """[{indicator, value, reason, standing, place, of}] of one subject, plain current figures.

    `place` counts from 1, the best by the indicator's direction; None for the city, for a missing
    value and where no direction is better. Equal values share a place. `subject` '' is the city.
    """
    rows = store.query(
        f"SELECT {COLUMNS} FROM v_indicator WHERE city = %(city)s AND level = %(level)s"
        f" AND period = %(period)s AND measure = 'current' AND {_PLAIN}",
        {"city": city, "level": level, "period": period},
    )
    entries: list[Row] = []
    for one in cards(store, city):
        best = _by_subject(row for row in rows if row["indicator"] == one.indicator)
        own = best.get(subject) if subject else next(iter(best.values()), None)
        if own is None:
            continue
        places = {} if level == CITY_LEVEL else _places(one, best)
        entries.append(
            {
                "indicator": one.indicator,
                **_shown(own),
                "place": places.get(own["subject"]),
                "of": sum(row["value"] is not None for row in best.values())
                - (TOTAL in best and best[TOTAL]["value"] is not None),
            }
        )
    return entries


def subject_names(store: Store, city: str) -> dict[str, dict[str, str]]:
    """{level: {code: name}} of the city: its groupings' members, not the units themselves."""
    rows = store.query(
        "SELECT level, code, name_zh AS name FROM dimension FINAL"
        " WHERE city = %(id)s AND class = 'subject' ORDER BY level, code",
        {"id": city_id(store, city)},
    )
    names: dict[str, dict[str, str]] = {}
    for row in rows:
        names.setdefault(row["level"], {})[row["code"]] = row["name"]
    return names


def by_standing(rows: Iterable[Row]) -> list[Row]:
    """Rows of one figure, the one to show last: the highest standing that has a value. A standing
    without a value hides none that has one; an unknown standing is the lowest."""

    def rank(row: Row) -> tuple[bool, int]:
        known = row["standing"] in STANDINGS
        return row["value"] is not None, STANDINGS.index(row["standing"]) if known else -1

    return sorted(rows, key=rank)


def _by_subject(rows: Iterable[Row]) -> dict[str, Row]:
    """The row to show for each subject."""
    return {row["subject"]: row for row in by_standing(rows)}


def _places(one: Card, best: Mapping[str, Row]) -> dict[str, int]:
    """subject → place, 1 the best by the indicator's direction; equal values share one. Nothing
    where no direction is better, and none for a total, which is no member."""
    if one.direction == "none":
        return {}
    sign = -1 if one.direction == "lower" else 1
    valued = {
        subject: sign * row["value"]
        for subject, row in best.items()
        if row["value"] is not None and subject != TOTAL
    }
    return {
        subject: 1 + sum(other > value for other in valued.values())
        for subject, value in valued.items()
    }


def _shown(row: Row | None) -> dict[str, Any]:
    """The fields of a figure that a reader sees; no row at all is `no_units`."""
    if row is None:
        return {
            "value": None, "units": 0, "expected_units": None, "reason": "no_units",
            "provisional": False, "standing": "", "known_from": None,
        }  # fmt: skip
    names = ("value", "units", "expected_units", "reason", "provisional", "standing", "known_from")
    return {name: row[name] for name in names}


def _growth(measure: str, row: Row | None) -> Row | None:
    if row is None:
        return None
    return {
        "measure": measure, "value": row["value"], "reason": row["reason"],
        "standing": row["standing"],
    }  # fmt: skip


def _entry(one: Card, own: Sequence[Row], measure: str) -> Row:
    figures = by_standing(row for row in own if row["measure"] == measure)
    top = figures[-1]
    growth = None
    for kind in growth_of(measure):
        growth = growth or _growth(kind, next((r for r in own if r["measure"] == kind), None))
    month = next((r for r in own if r["measure"] == "mom"), None) if measure == "current" else None
    return {
        "indicator": one.indicator,
        "measure": measure,
        "level": "city",
        "subject": top["subject"],
        "period": top["period"],
        "growth": growth,
        "month": _growth("mom", month),
        "others": [_other(row) for row in figures[:-1]],
        **_shown(top),
    }


def _other(row: Row) -> Row:
    """A figure of another standing, printed beside the shown one."""
    return {name: row[name] for name in ("standing", "value", "units", "expected_units")}


def _no_total(one: Card, period: str) -> Row:
    return {
        "indicator": one.indicator, "measure": "current", "level": "city", "subject": "",
        "period": period, "growth": None, "month": None, "others": [],
        **_shown(None), "reason": "no_total",
    }  # fmt: skip
