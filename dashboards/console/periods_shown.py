"""Which periods there are to choose, and which of them an indicator shows."""

from collections.abc import Sequence
from datetime import date

from dashboards.console.store import Row, Store
from indicators.periods import frequency_of, parse_period, period_end
from indicators.vocabulary import PLAIN_MEASURES


def periods(store: Store, city: str) -> list[Row]:
    """[{period, period_end, indicators}] with figures, newest first."""
    return store.query(
        "SELECT period, any(period_end) AS period_end, groupUniqArray(indicator) AS indicators"
        " FROM v_indicator WHERE city = %(city)s AND level != 'unit'"
        " AND measure IN %(measures)s AND by_level = '' AND scope = 'all' AND units > 0"
        " GROUP BY period ORDER BY period_end DESC, period",
        {"city": city, "measures": PLAIN_MEASURES},
    )


def latest(known: Sequence[Row], chosen: str) -> dict[str, str]:
    """indicator → the period to show; `known` as `periods` tells them.

    A longer period is there from its first month on and ends after the month that is asked for: it
    is shown only where it is chosen itself.
    """
    bound = _end(chosen) if chosen else None
    found: dict[str, str] = {}
    for row in known:
        if bound is not None and row["period_end"] > bound:
            continue
        for indicator in row["indicators"]:
            before = found.setdefault(indicator, row["period"])
            if row["period"] == chosen or (before != chosen and _finer(row["period"], before)):
                found[indicator] = row["period"]
    return found


def _finer(period: str, other: str) -> bool:
    return frequency_of(parse_period(period)).finer(frequency_of(parse_period(other)))


def _end(period: str) -> date:
    return period_end(parse_period(period))
