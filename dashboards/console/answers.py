"""How rows leave the console: JSON, CSV, and problem details for every error."""

import csv
import io
import json
import math
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from fastapi import Response

from dashboards.console.errors import ConsoleError
from dashboards.console.store import Row
from granary.spreadsheets import as_text


def as_json(content: Any) -> Response:
    """JSON with exact decimals as text, instants in UTC with Z, NaN as null."""
    return Response(dumps(content), media_type="application/json")


def as_csv(rows: Sequence[Row], name: str, head: Iterable[str] = ()) -> Response:
    """CSV, UTF-8 with a mark that spreadsheet programs know; `name` without the ending.

    `head` names the columns where there may be no row to name them. A text that such a program
    would take for a formula has an apostrophe before it; negative numbers are left as they are.
    """
    sink = io.StringIO()
    writer = csv.writer(sink)
    if columns := list(rows[0] if rows else head):
        writer.writerow(columns)
    writer.writerows([_cell(value) for value in row.values()] for row in rows)
    return Response(
        "\ufeff" + sink.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def as_problem(error: ConsoleError) -> Response:
    """RFC 9457 problem details."""
    body = {
        "type": f"urn:granary:problem:{error.code}",
        "title": error.zh,
        "status": error.status,
        "detail": f"{error.message} {error.next_step}",
        "code": error.code,
        "findings": [],
    }
    headers = {"Retry-After": "1"} if error.status == 503 else None
    return Response(
        dumps(body),
        status_code=error.status,
        media_type="application/problem+json",
        headers=headers,
    )


def dumps(content: Any) -> str:
    return json.dumps(_finite(content), ensure_ascii=False, default=_plain, separators=(",", ":"))


def _cell(value: Any) -> Any:
    return as_text(value) if isinstance(value, str) else _plain(value)


def _finite(value: Any) -> Any:
    """JSON knows no NaN: a figure without a value is null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(one) for one in value]
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        text = aware.astimezone(UTC).isoformat(timespec="milliseconds")
        return text.replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    return value
