"""`granary revisions`: what changed between two moments, by how much, and by whom (修订情况)."""

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

if TYPE_CHECKING:
    from indicators.revisions import Explanation
    from storage.known import Queries
    from storage.revision_report import Revision, RevisionReport

_VALUE: Final = 10**4
_SIDE: Final = 10**10
_STATUS: Final = ("reported", "missing", "not_applicable", "estimated", "withdrawn")


def add_to(app: typer.Typer) -> None:
    app.command("revisions")(revisions)


def revisions(
    from_: Annotated[str, typer.Option("--from", help="The earlier ISO 8601 instant.")],
    to: Annotated[str, typer.Option("--to", help="The later one (UTC without a zone).")],
    city: Annotated[
        str | None, typer.Option(help="City code; needed if the store has several.")
    ] = None,
    indicator: Annotated[str | None, typer.Option(help="Only this indicator.")] = None,
    period: Annotated[str | None, typer.Option(help="Only 2019, 2018-Q4 or 2018-M12.")] = None,
    level: Annotated[str | None, typer.Option(help="Only this level.")] = None,
    table: Annotated[str | None, typer.Option(help="Only figures of this table.")] = None,
    min_percent: Annotated[
        float, typer.Option(help="Leave out figures that changed by fewer percent.")
    ] = 0.0,
    observations: Annotated[
        bool, typer.Option("--observations", help="Each cell changed, instead of figures.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="Write a CSV file.", metavar="FILE")] = None,
    data: Annotated[Path | None, typer.Option(help="Data folder of a running instance.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say which figures changed between two moments, by how much, and which returns did it.

    Exit 0 nothing changed, 1 something did, 2 it cannot be told (an instant not sealed, no city).
    """
    from granary.cli.reports import Instance
    from granary.clock import SystemClock
    from granary.local.instance import instance_settings
    from indicators.periods import parse_period
    from reports.sealing import parse_instant, require_sealed
    from storage.clickhouse import connect
    from storage.revision_report import RevisionReport
    from storage.revisions import cities_known

    try:
        from_ms, to_ms = parse_instant(from_), parse_instant(to)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    if from_ms >= to_ms:
        raise typer.BadParameter("--from must be before --to.")
    settings = instance_settings(data)
    given = {
        "indicator_code": indicator,
        "period": None if period is None else parse_period(period),
        "level": level,
    }
    narrowed = {name: value for name, value in given.items() if value is not None}
    with connect(settings.clickhouse.get_secret_value()) as client:
        known = cities_known(client)
        if city is None and len(known) == 1:
            (city,) = known
        if city not in known:
            raise typer.BadParameter(f"name one of the cities {', '.join(known)} by --city.")
        number = known[city]
        require_sealed(city, to_ms, SystemClock(), Instance(settings))
        report = RevisionReport(client, city, number, from_ms, to_ms)
        if observations:
            rows = _cells(client, number, report, narrowed, table)
            body: dict[str, Any] = {"observations": rows}
        else:
            found = [
                one
                for one in report.revisions(narrowed, table)
                if not min_percent or _moved(one, min_percent)
            ]
            rows = [_figure(one) for one in found]
            body = {"figures": rows, "statistics": _statistics(report)}
    if out is not None:
        _write(out, rows)
    if as_json:
        typer.echo(json.dumps(body, ensure_ascii=False, indent=1))
    else:
        _tell(body)
    raise typer.Exit(1 if rows else 0)


def _moved(one: "Revision", least: float) -> bool:
    """Whether the value changed by so many percent, or came, or went, or left zero."""
    values = [known.value if known else None for known in (one.then, one.now)]
    if one.percent is None:
        return values[0] != values[1]
    return abs(one.percent) >= least


def _figure(one: "Revision") -> dict[str, Any]:
    """One figure as a row; `returns` is the list of who changed it."""
    from indicators.periods import format_period

    code, period, measure, level, subject, by_level, by_subject, scope, standing = one.key
    row: dict[str, Any] = {
        "indicator": code, "period": format_period(period), "measure": measure, "level": level,
        "subject": subject, "by_level": by_level, "by_subject": by_subject, "scope": scope,
        "standing": standing,
    }  # fmt: skip
    for name, known in (("then", one.then), ("now", one.now)):
        row |= {
            f"value_{name}": known.value if known else None,
            f"numerator_{name}": _decimal(known.numerator, _SIDE) if known else None,
            f"denominator_{name}": _decimal(known.denominator, _SIDE) if known else None,
            f"units_{name}": known.units if known else None,
        }
    row |= {"difference": one.difference, "percent": one.percent, "kinds": one.kinds}
    for side, explanation in (("numerator", one.numerator), ("denominator", one.denominator)):
        row |= _explanation(side, explanation)
    row["returns"] = [
        {
            "submission": share.submission.submission,
            "reporter": share.submission.reporter,
            "table": share.submission.table,
            "arrived_at": _instant(share.submission.arrived_ms),
            "cells": share.cells,
            "numerator": _decimal(share.numerator, _SIDE),
            "denominator": _decimal(share.denominator, _SIDE),
        }
        for share in one.shares
    ]
    return row


def _explanation(side: str, told: "Explanation | None") -> dict[str, str | None]:
    parts = {
        "by_returns": sum(told.by_submission.values()) if told else None,
        "by_register": told.register if told else None,
        "unexplained": told.rest if told else None,
    }
    return {
        f"{side}_{name}": None if part is None else _decimal(part, _SIDE)
        for name, part in parts.items()
    }


def _cells(
    queries: "Queries",
    number: int,
    report: "RevisionReport",
    narrowed: dict[str, Any],
    table: str | None,
) -> list[dict[str, Any]]:
    from indicators.periods import format_period
    from storage.revisions import unit_codes

    codes = unit_codes(queries, number)
    items = report.catalogue.item_by_id if report.catalogue else {}
    return [
        {
            "unit": codes.get(one.unit, str(one.unit)),
            "item": items[one.item].code,
            "period": format_period(one.period),
            "old": None if one.old is None else _decimal(one.old, _VALUE),
            "new": None if one.new is None else _decimal(one.new, _VALUE),
            "old_status": "" if one.old_status is None else _STATUS[one.old_status],
            "new_status": _STATUS[one.new_status],
            "submission": one.submission.submission,
            "reporter": one.submission.reporter,
            "table": one.submission.table,
            "arrived_at": _instant(one.submission.arrived_ms),
        }
        for one in report.cells(narrowed, table)
    ]


def _statistics(report: "RevisionReport") -> list[dict[str, Any]]:
    from dataclasses import asdict

    return [
        {"indicator": code, "measure": measure, **asdict(one)}
        for (code, measure), one in report.statistics.items()
    ]


def _write(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """CSV with a mark of its encoding, so that a spreadsheet shows Chinese."""
    flat = [
        {
            name: value if not isinstance(value, list) else " ".join(_word(one) for one in value)
            for name, value in row.items()
        }
        for row in rows
    ]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        if flat:
            writer = csv.DictWriter(file, list(flat[0]))
            writer.writeheader()
            writer.writerows(flat)


def _word(one: Any) -> str:
    return f"{one['submission']}:{one['numerator']}" if isinstance(one, dict) else str(one)


def _tell(body: dict[str, Any]) -> None:
    for row in body.get("observations", []):
        typer.echo(
            f"{row['period']} {row['unit']} {row['item']}: {row['old']} → {row['new']}"
            f" ({row['new_status']}), {row['submission']} of {row['reporter']}"
        )
    for row in body.get("figures", []):
        percent = "" if row["percent"] is None else f" ({row['percent']:+.2f} %)"
        typer.echo(
            f"{row['indicator']} {row['period']} {row['measure']} {row['level']} {row['subject']}"
            f" {row['by_subject']} {row['standing']}: {row['value_then']} → {row['value_now']}"
            f"{percent}; {', '.join(row['kinds'])}"
        )
        for told in row["returns"]:
            typer.echo(
                f"    {told['submission']} {told['reporter']} {told['table']}"
                f" {told['arrived_at']}: {told['cells']} cells, {told['numerator']}"
            )
        if row["numerator_unexplained"] is not None:
            typer.echo(
                f"    register {row['numerator_by_register']},"
                f" unexplained {row['numerator_unexplained']}"
            )
    if not any(body.values()) or body.get("figures") == []:
        typer.echo("Nothing changed.")


def _decimal(amount: int, scale: int) -> str:
    """The exact decimal of amount / scale, without needless noughts."""
    whole, part = divmod(abs(amount), scale)
    digits = f"{part:0{len(str(scale)) - 1}d}".rstrip("0")
    sign = "-" if amount < 0 else ""
    return f"{sign}{whole}.{digits}" if digits else f"{sign}{whole}"


def _instant(at_ms: int) -> str:
    from granary.clock import utc

    return utc(at_ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")
