"""From a figure back to the rows it was made of: every number on the page can be followed."""

from collections.abc import Sequence
from typing import Any

from dashboards.console.cards import Card, city_id, window_texts
from dashboards.console.store import Row, Store
from indicators.periods import parse_period, period_end

#: Units of the city with what the register said of them on `%(end)s`; 其中 parts enter no total.
#: The register is a fold: of several changes with one identity the last in the log is in force.
_UNITS = """
SELECT code, name, JSONExtractString(attributes, 'part_of') AS part_of,
       part_of = '' AND listed_from <= %(end)s
       AND (listed_to = '' OR %(end)s < listed_to) AS counted
FROM (
    SELECT code, argMax(name, (version, ordinal)) AS name,
           argMax(action, (version, ordinal)) AS last,
           argMax(attributes, (version, ordinal)) AS attributes,
           JSONExtractString(attributes, 'listed_from') AS listed_from,
           JSONExtractString(attributes, 'listed_to') AS listed_to
    FROM register_event FINAL
    WHERE city = %(city_id)s AND action IN ('put_unit', 'drop_unit')
    GROUP BY kind, code
) WHERE last = 'put_unit'
"""

_MEMBERS = """
SELECT code FROM (
    SELECT code, argMax(action, (version, ordinal)) AS last,
           argMax(valid_to, (version, ordinal)) AS until
    FROM register_event FINAL
    WHERE city = %(city_id)s AND action IN ('put_membership', 'drop_membership')
      AND grouping = %({level})s AND member = %({subject})s AND valid_from <= %(end)s
    GROUP BY kind, code, grouping, member, valid_from
) WHERE last = 'put_membership' AND (until = '' OR %(end)s < until)
"""

_OBSERVATIONS = (
    "source, unit, item, period, period_end, value, status, submission, arrived_at, known_from"
)


def observations(
    store: Store,
    city: str,
    *,
    items: Sequence[str],
    units: Sequence[str],
    periods: Sequence[str],
    limit: int,
) -> list[Row]:
    """Rows of v_observation under plain filters, an empty one letting everything through."""
    where = ["city = %(city)s"]
    for name, chosen in (("item", items), ("unit", units), ("period", periods)):
        if chosen:
            where.append(f"{name} IN %({name}s)s")
    return store.query(
        f"SELECT {_OBSERVATIONS} FROM v_observation WHERE {' AND '.join(where)}"
        " ORDER BY period_end DESC, item, unit, source LIMIT %(limit)s",
        {
            "city": city,
            "items": tuple(items),
            "units": tuple(units),
            "periods": tuple(periods),
            "limit": limit,
        },
    )


def behind(
    store: Store,
    city: str,
    card: Card,
    *,
    level: str,
    subject: str,
    by_level: str,
    by_subject: str,
    period: str,
    measure: str,
    limit: int,
) -> dict[str, Any]:
    """Rows behind one figure: {rows, total, sums}.

    rows: v_observation with the unit's name and `counted` (1: enters the total; 0: 其中 part or not
    on the list), at most `limit`, those that count first and the largest first. total: how many
    there are. sums: [{item, period, units, value}] over the rows that count, exact.
    """
    parameters = {
        "city": city,
        "city_id": city_id(store, city),
        "items": tuple(card.items),
        "periods": tuple(window_texts(measure, period)),
        "end": period_end(parse_period(period)).isoformat(),
        "level": level,
        "subject": subject,
        "by_level": by_level,
        "by_subject": by_subject,
        "limit": limit,
    }
    members = [
        f"unit IN ({_MEMBERS.format(level=level_name, subject=subject_name)})"
        for level_name, subject_name, given in (
            ("level", "subject", level),
            ("by_level", "by_subject", by_level),
        )
        if given not in ("", "city", "unit")
    ]
    if level == "unit":
        members.append("unit = %(subject)s")
    joined = (
        f"SELECT {_OBSERVATIONS}, u.name AS unit_name, u.part_of AS part_of, u.counted AS counted"
        f" FROM (SELECT {_OBSERVATIONS} FROM v_observation WHERE "
        + " AND ".join(["city = %(city)s", "item IN %(items)s", "period IN %(periods)s", *members])
        + f") AS o LEFT JOIN ({_UNITS}) AS u ON o.unit = u.code"
    )
    rows = store.query(
        f"SELECT *, count() OVER () AS total FROM ({joined})"
        " ORDER BY counted DESC, period_end DESC, item, value DESC NULLS LAST, unit"
        " LIMIT %(limit)s",
        parameters,
    )
    sums = store.query(
        "SELECT item, period, count(o.value) AS units, sum(o.value) AS value"
        f" FROM ({joined}) AS o WHERE counted AND o.value IS NOT NULL"
        " GROUP BY item, period ORDER BY period, item",
        parameters,
    )
    total = rows[0].pop("total") if rows else 0
    for row in rows[1:]:
        row.pop("total")
    return {"rows": rows, "total": total, "sums": sums}
