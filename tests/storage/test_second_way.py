"""Figures a second way: sums over observations and register in SQL are those of the view."""

from decimal import Decimal

import pytest

from storage.clickhouse import connect
from tests.storage.filled import fold_into
from tests.stream.test_order import drawn_city, logged

pytestmark = pytest.mark.integration
PERIODS = {"2024-M12": "2024-12-31", "2025-M05": "2025-05-31", "2026-M04": "2026-04-30"}


def _in_force(first: str, after: str) -> str:
    """Whether the day of the figures lies in [first, after), of ISO dates that may be empty."""
    return f"({first} = '' OR {first} <= '{{end}}') AND ({after} = '' OR '{{end}}' < {after})"


_LISTED = _in_force(
    "JSONExtractString(told, 'listed_from')", "JSONExtractString(told, 'listed_to')"
)
#: Units on the list that day, every membership in force that day, and what enters a figure.
_REGISTER = f"""
WITH listed AS (
    SELECT code FROM (
        SELECT code, argMax(action, (version, ordinal)) AS latest,
            argMax(attributes, (version, ordinal)) AS told
        FROM register_event WHERE action IN ('put_unit', 'drop_unit') GROUP BY code
    )
    WHERE latest = 'put_unit' AND {_LISTED}
), members AS (
    SELECT code, grouping, member FROM (
        SELECT code, grouping, member, valid_from, argMax(action, (version, ordinal)) AS latest,
            argMax(valid_to, (version, ordinal)) AS ends
        FROM register_event WHERE action IN ('put_membership', 'drop_membership')
        GROUP BY code, grouping, member, valid_from
    )
    WHERE latest = 'put_membership' AND {_in_force("valid_from", "ends")}
), entering AS ({{units}})
"""
_OBSERVED = """
    SELECT unit, toDecimal128(value, 10) AS above, toDecimal128(1, 10) AS below FROM v_observation
    WHERE item = '{item}' AND period = '{period}' AND status = 'reported'
        AND unit IN (SELECT code FROM listed)
"""
#: Tax goes before district; the area is that of the latest year that has one.
_PER_AREA = """
    SELECT p.unit AS unit, p.value AS above, a.value * toDecimal128(0.0015, 10) AS below
    FROM (
        SELECT unit, argMax(toDecimal128(value, 10), source = 'tax') AS value FROM v_observation
        WHERE item = 'power' AND period = '{period}' AND status = 'reported' GROUP BY unit
    ) AS p
    INNER JOIN (
        SELECT unit, argMax(toDecimal128(value, 4), period_end) AS value FROM v_observation
        WHERE item = 'area' AND status = 'reported' AND period_end <= '{end}' GROUP BY unit
    ) AS a ON a.unit = p.unit
    WHERE p.unit IN (SELECT code FROM listed)
"""
_SUMS = "sum(above) AS above, sum(below) AS below, count() AS units"
_LEVELS = f"""
SELECT 'city' AS level, 'example' AS subject, '' AS by, {_SUMS} FROM entering
UNION ALL
SELECT m.grouping, m.member, '', {_SUMS} FROM entering AS e
INNER JOIN members AS m ON m.code = e.unit GROUP BY m.grouping, m.member
UNION ALL
SELECT 'zone', 'total', '', {_SUMS} FROM entering
WHERE unit IN (SELECT code FROM members WHERE grouping = 'zone')
UNION ALL
SELECT 'zone by district', z.member, d.member, {_SUMS} FROM entering AS e
INNER JOIN (SELECT * FROM members WHERE grouping = 'zone') AS z ON z.code = e.unit
INNER JOIN (SELECT * FROM members WHERE grouping = 'district') AS d ON d.code = e.unit
GROUP BY z.member, d.member
UNION ALL
SELECT 'zone by district', 'total', d.member, {_SUMS} FROM entering AS e
INNER JOIN (SELECT * FROM members WHERE grouping = 'district') AS d ON d.code = e.unit
WHERE e.unit IN (SELECT code FROM members WHERE grouping = 'zone') GROUP BY d.member
"""
LEVELS = {"city", "district", "zone", "zone by district"}
Sums = dict[tuple[str, str, str], tuple[Decimal, Decimal, int]]


def by_sql(url: str, units: str, item: str, period: str) -> Sums:
    end = PERIODS[period]
    query = (_REGISTER + _LEVELS).replace("{units}", units).replace("{item}", item)
    rows = connect(url).execute(query.replace("{period}", period).replace("{end}", end))
    return {tuple(row[:3]): tuple(row[3:]) for row in rows if row[5]}


def by_view(url: str, indicator: str, measure: str, period: str) -> Sums:
    rows = connect(url).execute(
        "SELECT if(by_level = '', level, concat(level, ' by ', by_level)), subject, by_subject,"
        " numerator, denominator, units FROM v_indicator"
        f" WHERE indicator = '{indicator}' AND measure = '{measure}' AND period = '{period}'"
    )
    return {tuple(row[:3]): tuple(row[3:]) for row in rows}


def test_sums_in_sql_are_the_figures_of_the_view(database: str) -> None:
    fold_into(database, logged(*drawn_city(3)))
    compared = 0
    for period in PERIODS:
        for indicator, measure, item, units in (
            ("cum", "ytd", "cum", _OBSERVED),
            ("tax_per_area", "current", "", _PER_AREA),
        ):
            sql = by_sql(database, units, item, period)
            view = by_view(database, indicator, measure, period)
            assert {level for level, _, _ in view} == LEVELS
            for key, (above, below, entering) in view.items():
                if key in sql:
                    must = sql[key]
                    below_must = must[1] if indicator == "tax_per_area" else Decimal(1)
                    assert (above, below, entering) == (must[0], below_must, must[2]), (period, key)
                else:
                    assert entering == 0, (period, key)
                compared += entering > 0
            assert sql.keys() <= view.keys()
    assert compared > 20
