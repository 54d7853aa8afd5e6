"""`granary checks`: findings of checks (审核发现) that stand."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("checks")(checks)


def checks(
    city: Annotated[str | None, typer.Option(help="City code; all cities without it.")] = None,
    period: Annotated[
        str | None, typer.Option(help="2019, 2018-Q4 or 2018-M12; all without it.")
    ] = None,
    data: Annotated[Path | None, typer.Option(help="Data folder of a running instance.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list.")] = False,
) -> None:
    """List what does not hold, the weightiest first; 1 if any hard rule is broken."""
    found = _found(data, city, period)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, default=str))
    else:
        for one in found:
            typer.echo(line(one))
        typer.echo(f"{len(found)} findings, {sum(one['severity'] == 'hard' for one in found)} hard")
    sys.exit(1 if any(one["severity"] == "hard" for one in found) else 0)


def line(finding: dict[str, Any]) -> str:
    """One finding as a clerk reads it."""
    level = "硬性" if finding["severity"] == "hard" else "软性"
    weight = finding["influence"]
    told = "" if weight is None else f"  差错影响度{weight:.2f}‰(第{finding['tier']}‰档)"
    place = " ".join(
        str(finding[name]) for name in ("city", "district", "period", "rule") if finding[name]
    )
    return f"{level}  {place}  {finding['message_zh']}{told}"


def _found(data: Path | None, city: str | None, period: str | None) -> list[dict[str, Any]]:
    from granary.cli.views import period_text, view_rows

    given = {"city": city, "period": period_text(period)}
    named = [f"{name} = %({name})s" for name, value in given.items() if value is not None]
    where = f"WHERE {' AND '.join(named)} " if named else ""
    return view_rows(
        data,
        f"SELECT * FROM v_check {where}"
        "ORDER BY severity = 'hard' DESC, ifNull(influence, 0) DESC, city, period_end, rule, unit",
        given,
    )
