"""`granary alerts list`."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer


def add_to(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Alerts on record.", no_args_is_help=True)
    group.callback()(_alerts)
    group.command("list")(list_alerts)
    app.add_typer(group, name="alerts")


def _alerts() -> None:
    """Alerts on record."""


def list_alerts(
    city: Annotated[str | None, typer.Option(help="City code; all cities without it.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Closed ones as well.")] = False,
    data: Annotated[Path | None, typer.Option(help="Data folder of a running instance.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list.")] = False,
) -> None:
    """List alerts from the control store, where they are recorded before anything shows them."""
    from granary.local.instance import instance_settings

    found = _found(instance_settings(data).control_url, city, every=every)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    for one in found:
        typer.echo(f"{one['id']}  {one['level']}  {one['state']}  {one['evidence']['text_zh']}")
    typer.echo(f"{len(found)} alerts")


def _found(control_url: str, city: str | None, *, every: bool) -> list[dict[str, Any]]:
    from storage.control import alerts, cities, schema
    from supervision.recording import public

    with schema.reading(control_url) as connection:
        codes = {one.id: one.code for one in cities.every(connection)}
        wanted = None if city is None else cities.get(connection, city).id
        return [
            public(one, codes[one.city])
            for one in alerts.every(connection, wanted)
            if every or one.live
        ]
