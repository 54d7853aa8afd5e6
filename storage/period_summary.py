"""What stands of one table's period: figures, completeness and open findings, for who decides."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from indicators.periods import format_period
from indicators.vocabulary import CITY_LEVEL
from storage.known import Queries


@dataclass(frozen=True, slots=True)
class PeriodSummary:
    """Counts of what stands. `expected` to `late` are the city's, None where nobody is expected.

    `anomalies` and `checks` are findings of the period that nobody has cleared.
    """

    indicators: int
    figures: int
    provisional: int
    expected: int | None
    received: int | None
    late: int | None
    anomalies: int
    checks: int


def period_summary(
    queries: Queries,
    city: str,
    table: str,
    indicators: Collection[str],
    period: int,
    longer: Sequence[int] = (),
) -> PeriodSummary:
    """What stands of the table's period, and of the indicators' longer periods named."""
    given = {
        "city": city,
        "table": table,
        "period": format_period(period),
        "periods": tuple(format_period(one) for one in (period, *longer)),
        "indicators": tuple(indicators) or ("",),
        "level": CITY_LEVEL,
    }
    ((codes, figures, provisional),) = queries.execute(
        "SELECT uniqExact(indicator), count(), countIf(provisional) FROM v_indicator"
        " WHERE city = %(city)s AND indicator IN %(indicators)s AND period IN %(periods)s",
        given,
    )
    where = "WHERE city = %(city)s AND table_code = %(table)s AND period = %(period)s"
    counted = queries.execute(
        f"SELECT expected, received, late FROM v_completeness {where} AND level = %(level)s", given
    )
    expected, received, late = counted[0] if counted else (None, None, None)
    ((anomalies,),) = queries.execute(
        f"SELECT count() FROM v_anomaly {where} AND state = 'open'", given
    )
    ((checks,),) = queries.execute(f"SELECT count() FROM v_check {where}", given)
    return PeriodSummary(
        int(codes), int(figures), int(provisional), expected, received, late, int(anomalies),
        int(checks),
    )  # fmt: skip
