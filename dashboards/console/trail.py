"""From a figure back to the rows it was made of: every number on the page can be followed.

Rows are those of `v_observation`, asked of its table by the stored integers: city, item and period
begin its key, so that a figure's rows are found among a hundred million in the same time.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from dashboards.console.cards import Card, city_id, window_of
from dashboards.console.store import Row, Store
from indicators.periods import format_period, parse_period, period_end

_STATUSES = ("reported", "missing", "not_applicable", "estimated", "withdrawn")

#: What the register said of each unit on `%(end)s`; 其中 parts enter no total. The register is a
#: fold: of several changes with one identity the last in the log is in force.
_UNITS = """
SELECT unit, code, name, JSONExtractString(attributes, 'part_of') AS part_of,
       part_of = '' AND listed_from <= %(end)s
       AND (listed_to = '' OR %(end)s < listed_to) AS counted
FROM (
    SELECT unit, any(code) AS code, argMax(name, (version, ordinal)) AS name,
           argMax(action, (version, ordinal)) AS last,
           argMax(attributes, (version, ordinal)) AS attributes,
           JSONExtractString(attributes, 'listed_from') AS listed_from,
           JSONExtractString(attributes, 'listed_to') AS listed_to
    FROM register_event FINAL
    WHERE city = %(city_id)s AND action IN ('put_unit', 'drop_unit')
    GROUP BY unit
) WHERE last = 'put_unit'
"""

_MEMBERS = """
SELECT unit FROM (
    SELECT unit, argMax(action, (version, ordinal)) AS last,
           argMax(valid_to, (version, ordinal)) AS until
    FROM register_event FINAL
    WHERE city = %(city_id)s AND action IN ('put_membership', 'drop_membership')
      AND grouping = %({level})s AND member = %({subject})s AND valid_from <= %(end)s
    GROUP BY unit, grouping, member, valid_from
) WHERE last = 'put_membership' AND (until = '' OR %(end)s < until)
"""

_ROWS = """
SELECT o.source AS source_id, o.item AS item_id, o.period AS period_id, o.status AS status_id,
       if(o.status IN (0, 3), reinterpret(o.value, 'Decimal(18, 4)'), NULL) AS amount,
       o.version AS version, u.code AS unit, u.name AS unit_name, u.part_of AS part_of,
       u.counted AS counted
FROM (SELECT * FROM observation_current FINAL WHERE {where}) AS o
LEFT JOIN ({units}) AS u ON u.unit = o.unit
"""


def observations(
    store: Store,
    city: str,
    *,
    items: Sequence[str],
    units: Sequence[str],
    periods: Sequence[str],
    limit: int,
) -> list[Row]:
    """Rows of v_observation under plain filters, an empty one letting everything through; the
    newest periods first."""
    chosen = _ids(store, city, "item")
    wanted = [number for number, code in chosen.items() if not items or code in items]
    where = ["city = %(city_id)s", "item IN %(items)s"]
    if periods:
        where.append("period IN %(periods)s")
    if units:
        where.append(
            "unit IN (SELECT id FROM dimension FINAL WHERE city = %(city_id)s"
            " AND class = 'unit' AND code IN %(units)s)"
        )
    parameters = {
        "city_id": city_id(store, city),
        "items": tuple(wanted) or (0,),
        "units": tuple(units),
        "periods": tuple(parse_period(period) for period in periods),
        "end": "9999-12-31",
        "limit": limit,
    }
    sql = _ROWS.format(where=" AND ".join(where), units=_UNITS)
    rows = store.query(
        f"{sql} ORDER BY period_id DESC, item_id, unit, source_id LIMIT %(limit)s", parameters
    )
    hidden = {"unit_name", "part_of", "counted"}
    return [
        {name: value for name, value in row.items() if name not in hidden}
        for row in _told(store, city, rows)
    ]


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
    number = parse_period(period)
    chosen = _ids(store, city, "item")
    where = ["city = %(city_id)s", "item IN %(items)s", "period IN %(periods)s"]
    where += [
        f"unit IN ({_MEMBERS.format(level=level_name, subject=subject_name)})"
        for level_name, subject_name, given in (
            ("level", "subject", level),
            ("by_level", "by_subject", by_level),
        )
        if given not in ("", "city", "unit")
    ]
    if level == "unit":
        where.append(
            "unit IN (SELECT id FROM dimension FINAL WHERE city = %(city_id)s"
            " AND class = 'unit' AND code = %(subject)s)"
        )
    parameters = {
        "city_id": city_id(store, city),
        "items": tuple(key for key, code in chosen.items() if code in card.items) or (0,),
        "periods": tuple(window_of(measure, number)),
        "end": period_end(number).isoformat(),
        "level": level,
        "subject": subject,
        "by_level": by_level,
        "by_subject": by_subject,
        "limit": limit,
    }
    sql = _ROWS.format(where=" AND ".join(where), units=_UNITS)
    rows = store.query(
        f"SELECT *, count() OVER () AS total FROM ({sql})"
        " ORDER BY counted DESC, period_id DESC, item_id, amount DESC NULLS LAST, unit"
        " LIMIT %(limit)s",
        parameters,
    )
    sums = store.query(
        "SELECT item_id, period_id, count() AS units, sum(amount) AS value"
        f" FROM ({sql}) WHERE counted AND amount IS NOT NULL"
        " GROUP BY item_id, period_id ORDER BY period_id, item_id",
        parameters,
    )
    return {
        "rows": _told(store, city, rows),
        "total": rows[0]["total"] if rows else 0,
        "sums": [
            {
                "item": chosen[one["item_id"]],
                "period": format_period(one["period_id"]),
                "units": one["units"],
                "value": one["value"],
            }
            for one in sums
        ],
    }


def _told(store: Store, city: str, rows: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Rows in the words of v_observation: codes, SDMX periods, submission and times."""
    if not rows:
        return []
    items, sources = _ids(store, city, "item"), _ids(store, city, "source")
    brought = {
        row["version"]: row
        for row in store.query(
            "SELECT version, submission, arrived_at, known_from FROM ledger FINAL"
            " WHERE city = %(city_id)s AND version IN %(versions)s",
            {
                "city_id": city_id(store, city),
                "versions": tuple({row["version"] for row in rows}),
            },
        )
    }
    told = []
    for row in rows:
        by = brought.get(row["version"], {})
        told.append(
            {
                "source": sources.get(row["source_id"], ""),
                "unit": row["unit"],
                "item": items.get(row["item_id"], ""),
                "period": format_period(row["period_id"]),
                "period_end": period_end(row["period_id"]),
                "value": row["amount"],
                "status": _STATUSES[row["status_id"]],
                "submission": by.get("submission", ""),
                "arrived_at": by.get("arrived_at"),
                "known_from": by.get("known_from"),
                "unit_name": row["unit_name"],
                "part_of": row["part_of"],
                "counted": row["counted"],
            }
        )
    return told


def _ids(store: Store, city: str, kind: str) -> dict[int, str]:
    """{stored id: code} of the city's items or sources."""
    rows = store.query(
        "SELECT id, code FROM dimension FINAL WHERE city = %(city_id)s AND class = %(kind)s",
        {"city_id": city_id(store, city), "kind": kind},
    )
    return {int(row["id"]): row["code"] for row in rows}
