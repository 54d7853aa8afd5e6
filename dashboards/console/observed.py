"""Observations as rows of `v_observation`, asked of their table by the stored integers.

City, item and period begin the table's key, so that rows are found among a hundred million in the
same time.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dashboards.console.cards import city_id
from dashboards.console.store import Row, Store
from indicators.periods import format_period, parse_period, period_end

STATUSES = ("reported", "missing", "not_applicable", "estimated", "withdrawn")

_ROWS = """
SELECT o.source AS source_id, o.item AS item_id, o.period AS period_id, o.status AS status_id,
       if(o.status IN (0, 3), reinterpret(o.value, 'Decimal(18, 4)'), NULL) AS amount,
       o.version AS version, u.code AS unit
FROM (SELECT * FROM observation_current FINAL WHERE {where}) AS o
LEFT JOIN (
    SELECT id, code FROM dimension FINAL WHERE city = %(city_id)s AND class = 'unit'
) AS u ON u.id = o.unit
ORDER BY period_id DESC, item_id, unit, source_id LIMIT %(limit)s
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
    item_codes, source_codes = codes_of(store, city, "item"), codes_of(store, city, "source")
    wanted = [number for number, code in item_codes.items() if not items or code in items]
    where = ["city = %(city_id)s", "item IN %(items)s"]
    if periods:
        where.append("period IN %(periods)s")
    if units:
        where.append(
            "unit IN (SELECT id FROM dimension FINAL WHERE city = %(city_id)s"
            " AND class = 'unit' AND code IN %(units)s)"
        )
    rows = store.query(
        _ROWS.format(where=" AND ".join(where)),
        {
            "city_id": city_id(store, city),
            "items": tuple(wanted) or (0,),
            "units": tuple(units),
            "periods": tuple(parse_period(period) for period in periods),
            "limit": limit,
        },
    )
    brought = provenance(store, city, (row["version"] for row in rows))
    return [
        {
            "source": source_codes.get(row["source_id"], ""),
            "unit": row["unit"],
            "item": item_codes.get(row["item_id"], ""),
            "period": format_period(row["period_id"]),
            "period_end": period_end(row["period_id"]),
            "value": row["amount"],
            "status": STATUSES[row["status_id"]],
            **brought[row["version"]],
        }
        for row in rows
    ]


def provenance(store: Store, city: str, versions: Iterable[int]) -> Mapping[int, Row]:
    """version → {submission, arrived_at, known_from} of the record that wrote a row."""
    wanted = {int(version) for version in versions}
    if not wanted:
        return {}
    nothing: dict[str, Any] = {"submission": "", "arrived_at": None, "known_from": None}
    found = dict.fromkeys(wanted, nothing)
    for row in store.query(
        "SELECT version, submission, arrived_at, known_from FROM ledger FINAL"
        " WHERE city = %(city_id)s AND version IN %(versions)s",
        {"city_id": city_id(store, city), "versions": tuple(wanted)},
    ):
        found[row.pop("version")] = row
    return found


def codes_of(store: Store, city: str, kind: str) -> dict[int, str]:
    """{stored id: code} of the city's items or sources, retired ones too: rows still carry them."""
    rows = store.query(
        "SELECT id, code FROM name_of WHERE city = %(city_id)s AND class = %(kind)s",
        {"city_id": city_id(store, city), "kind": kind},
    )
    return {int(row["id"]): row["code"] for row in rows}
