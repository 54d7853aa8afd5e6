"""Departments' keys that belong to no unit yet (未匹配): what waits behind each of them."""

from typing import Any

from dashboards.console.cards import names
from dashboards.console.in_force import catalogue
from dashboards.console.store import Store

#: One row a key. `linked`: observations whose key was given a unit meanwhile, whose figure a later
#: file will bring. The view names a key that has no name of its own by the key.
_KEYS = """
SELECT source, reporter, table_code, scheme, key,
    if(any(key_name) = key, '', any(key_name)) AS name, count() AS cells,
    countIf(unit != '') AS linked,
    arraySort(arrayFilter(code -> code != '', groupUniqArray(unit))) AS units,
    argMin(period, period_end) AS first, argMax(period, period_end) AS last, min(since) AS since
FROM v_unmatched WHERE city = %(city)s
GROUP BY source, reporter, table_code, scheme, key
ORDER BY cells = linked, since, cells DESC, scheme, key, table_code
"""


def unmatched(store: Store, city: str, limit: int | None = None) -> dict[str, Any]:
    """{keys, cells, rows}: how many keys wait, how many observations behind them, and the keys.

    Keys that have no unit come before those that wait for a file only, the longest waiting first.
    `limit` bounds the rows; None: all.

    Raises:
        UnknownCityError: there is no such city.
    """
    schemes = {one.code: one.name.zh for one in catalogue(store, city).correspondences}
    reporters, tables = (names(store, city, kind) for kind in ("reporter", "table"))
    rows = store.query(_KEYS, {"city": city})
    told = [
        {
            **row,
            "scheme_name": schemes.get(row["scheme"], row["scheme"]),
            "reporter_name": reporters.get(row["reporter"], row["reporter"]),
            "table_name": tables.get(row["table_code"], row["table_code"]),
        }
        for row in rows[:limit]
    ]
    keys = {(row["scheme"], row["key"]) for row in rows}
    return {"keys": len(keys), "cells": sum(row["cells"] for row in rows), "rows": told}


def printed(found: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows for a CSV: units of a key in one cell."""
    return [{**row, "units": " ".join(row["units"])} for row in found["rows"]]
