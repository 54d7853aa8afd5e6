"""Departments' keys that belong to no unit yet (未匹配): what waits behind each of them."""

from typing import Any

from dashboards.console.cards import city_id, names
from dashboards.console.store import Store

#: One row a key. `unit`: the one it was given meanwhile, whose figures a later file will bring.
_KEYS = """
SELECT source, reporter, table_code, scheme, key, any(key_name) AS key_name, max(unit) AS unit,
    count() AS cells, argMin(period, period_end) AS first, argMax(period, period_end) AS last,
    min(since) AS since
FROM v_unmatched WHERE city = %(city)s
GROUP BY source, reporter, table_code, scheme, key
ORDER BY unit != '', cells DESC, scheme, key, table_code
"""


def unmatched(store: Store, city: str, limit: int | None = None) -> dict[str, Any]:
    """{keys, cells, rows}: how many keys wait, how many observations behind them, and the keys.

    Keys without a unit come first, those with the most observations before the others. `limit`
    bounds the rows; None: all.

    Raises:
        UnknownCityError: there is no such city.
    """
    city_id(store, city)
    rows = store.query(_KEYS, {"city": city})
    reporters, tables = (names(store, city, kind) for kind in ("reporter", "table"))
    told = [
        {
            **row,
            "reporter_name": reporters.get(row["reporter"], row["reporter"]),
            "table_name": tables.get(row["table_code"], row["table_code"]),
        }
        for row in rows[:limit]
    ]
    return {"keys": len(rows), "cells": sum(row["cells"] for row in rows), "rows": told}
