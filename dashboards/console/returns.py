"""Who has reported (应报, 已报, 按时, 迟报, 未报), what has just arrived, what is wrong."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from dashboards.console.figures import subject_names
from dashboards.console.store import Row, Store

#: Words of a return's state; shown beside every colour.
STATE_WORDS = {
    "none_expected": "无应报",
    "on_time": "全部按时",
    "received": "已报齐",
    "late": "迟报补齐",
    "waiting": "未到期",
    "absent": "未报",
    "overdue": "逾期未报",
}


def state_of(row: Row, now: datetime) -> str:
    """Key of `STATE_WORDS` for a row of v_completeness. Without a due instant nothing is late."""
    due = row.get("due_at")
    if not row["expected"]:
        return "none_expected"
    if row["missing"]:
        if due is None:
            return "absent"
        return "overdue" if now >= due else "waiting"
    if row["late"]:
        return "late"
    return "received" if due is None else "on_time"


def completeness(
    store: Store, city: str, level: str, periods: int, now: datetime, last: str = ""
) -> dict[str, Any]:
    """{tables: [{table_code, periods, rows: [{subject, name, cells}]}]}, newest period last.

    One row per subject of the level and one per city; a cell is a row of v_completeness with its
    state, or None where the store has none. At most `periods` periods a table, ending with `last`.
    """
    found = store.query(
        "SELECT * FROM v_completeness WHERE city = %(city)s AND level IN %(levels)s"
        " AND (table_code, period_end) IN ("
        "  SELECT table_code, period_end FROM v_completeness"
        "  WHERE city = %(city)s AND level = 'city'"
        + (
            " AND period_end <= (SELECT max(period_end) FROM v_completeness"
            "  WHERE city = %(city)s AND level = 'city' AND period = %(last)s)"
            if last
            else ""
        )
        + "  ORDER BY period_end DESC LIMIT %(periods)s BY table_code)"
        " ORDER BY table_code, period_end, period",
        {"city": city, "levels": ("city", level), "periods": periods, "last": last},
    )
    names = subject_names(store, city)
    tables: dict[str, dict[str, Any]] = {}
    for row in found:
        table = tables.setdefault(
            row["table_code"], {"table_code": row["table_code"], "periods": [], "cells": {}}
        )
        if row["period"] not in table["periods"]:
            table["periods"].append(row["period"])
        state = state_of(row, now)
        cell = {**row, "state": state, "word": STATE_WORDS[state]}
        table["cells"][row["level"], row["subject"], row["period"]] = cell
    subjects = [(lv, code) for lv in ("city", level) for code in names.get(lv, {})]
    return {"tables": [_matrix(table, subjects, names) for table in tables.values()]}


def _matrix(
    table: dict[str, Any], subjects: Sequence[tuple[str, str]], names: dict[str, dict[str, str]]
) -> dict[str, Any]:
    rows = [
        {
            "level": level,
            "subject": code,
            "name": names[level][code],
            "cells": [table["cells"].get((level, code, period)) for period in table["periods"]],
        }
        for level, code in subjects
    ]
    return {"table_code": table["table_code"], "periods": table["periods"], "rows": rows}


def submissions(store: Store, city: str, limit: int) -> list[Row]:
    """The newest submissions of v_ledger, newest first."""
    return store.query(
        "SELECT * FROM v_ledger WHERE city = %(city)s"
        " ORDER BY arrived_at DESC, submission DESC, period DESC LIMIT %(limit)s",
        {"city": city, "limit": limit},
    )


def alerts(store: Store, city: str, limit: int) -> list[Row]:
    """Alerts (预警, 红线), open ones first, of these the red lines, then the newest."""
    return store.query(
        "SELECT * FROM v_alert WHERE city = %(city)s"
        " ORDER BY closed_at IS NOT NULL, level != '红线', opened_at DESC, id LIMIT %(limit)s",
        {"city": city, "limit": limit},
    )


def findings(store: Store, city: str, limit: int) -> list[Row]:
    """Findings of the checks (异常): open ones first, of these the latest period, the strangest."""
    return store.query(
        "SELECT * FROM v_anomaly WHERE city = %(city)s"
        " ORDER BY state != 'open', period_end DESC, score DESC, item, unit LIMIT %(limit)s",
        {"city": city, "limit": limit},
    )
