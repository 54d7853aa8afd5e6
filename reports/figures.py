"""Figures and returns of one city and period, as they stand or as known by an instant.

As they stand they are the rows of the public views. As of an instant the history of the same
figures is read, and each one's last version known by then is taken.
"""

from collections.abc import Sequence
from typing import Final

from indicators.periods import year_before, year_to_date
from reports.facts import Return, Value
from reports.phrases import GROWTH_KINDS
from storage.known import Queries, stood

_MEASURES: Final = (
    "current",
    "ytd",
    "rolling12",
    "share",
    "contribution",
    "contribution_continuing",
    "contribution_entries",
    "contribution_exits",
    *(f"{window}{kind}" for window in ("", "ytd_") for kind in GROWTH_KINDS),
)


def values(
    queries: Queries, city: str, codes: Sequence[str], period: int, as_of_ms: int | None
) -> list[Value]:
    """The period's measures, and the current value of every period the tables and chart show."""
    if not codes:
        return []
    own = year_to_date(period)
    shown = [*own, *(year_before(one) for one in own)]
    view = "v_indicator" if as_of_ms is None else "v_indicator_history"
    rows = queries.execute(
        "SELECT indicator_code, level, subject, period, measure, standing,"
        " if(isNaN(value), NULL, value), units, expected_units, reason, provisional,"
        " toUnixTimestamp64Milli(known_from), catalogue_version"
        " FROM "
        + stood(
            "figure",
            "city_code = %(city)s AND indicator_code IN %(codes)s AND level != 'unit'"
            " AND measure IN %(measures)s AND period IN %(shown)s AND by_level = ''"
            " AND (period = %(period)s OR measure = 'current') AND scope = 'all'",
            as_of_ms,
            "indicator_code",
            "level",
            "subject",
            "period",
            "measure",
            "standing",
        ),
        {
            "city": city,
            "codes": tuple(codes),
            "measures": _MEASURES,
            "shown": tuple(shown),
            "period": period,
            "at": as_of_ms,
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
            view=view,
        )
        for row in sorted(rows, key=lambda row: tuple(row[:6]))
    ]


def returns(queries: Queries, city: str, period: int, as_of_ms: int | None) -> list[Return]:
    """Completeness of every table, by subject."""
    view = "v_completeness" if as_of_ms is None else "completeness_history"
    rows = queries.execute(
        "SELECT table_code, level, subject, expected, received, on_time, late, missing,"
        " toUnixTimestamp64Milli(due_at), toUnixTimestamp64Milli(known_from) FROM "
        + stood(
            "completeness",
            "city_code = %(city)s AND period = %(period)s",
            as_of_ms,
            "table_code",
            "level",
            "subject",
        ),
        {"city": city, "period": period, "at": as_of_ms},
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
            known_ms=int(row[9]),
            view=view,
        )
        for row in sorted(rows)
    ]
