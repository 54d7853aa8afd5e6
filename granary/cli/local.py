"""`granary up|down|status|settings|failpoints`: an instance on this machine."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[Path | None, typer.Option(help="Data folder; default: setting `data`.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(up)
    app.command()(down)
    app.command()(status)
    app.command()(settings)
    app.command()(failpoints)


def up(
    data: Data = None,
    catalog: Annotated[
        list[Path] | None,
        typer.Option(help="Catalogue folder of a city; may be repeated, adds to a running one."),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=16, help="Workers sharing the cities; default: 1.")
    ] = None,
    detach: Annotated[bool, typer.Option("--detach", help="Return when all is ready.")] = False,
    as_json: AsJson = False,
    demo: Annotated[
        bool, typer.Option("--demo", help="Demonstration cities, fed through the gateway.")
    ] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Erase the data folder first.")] = False,
) -> None:
    """Start Kafka, ClickHouse and all parts, and keep them running.

    On a running instance --catalog puts the folders into force; all else would need a new start.
    """
    from granary.local.plan import Wishes
    from granary.local.up import bring_up

    code = bring_up(
        _folder(data),
        Wishes(tuple(catalog or ()), workers, demo),
        detach=detach,
        as_json=as_json,
        fresh=fresh,
    )
    sys.exit(code)


def down(data: Data = None) -> None:
    """Stop an instance cleanly; nothing happens if it is not running."""
    from granary.local.up import bring_down

    sys.exit(bring_down(_folder(data)))


def status(data: Data = None, as_json: AsJson = False) -> None:
    """Tell parts, lag and counts; exit 1 if a part is not ready."""
    from rich.console import Console
    from rich.table import Table

    from granary.local.status import status as read_status

    found = read_status(_folder(data))
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        table = Table(title=f"{_folder(data)}: {found['state']}", title_justify="left")
        for heading in ("part", "pid", "ready", "restarts", "progress, s"):
            table.add_column(heading)
        for name, part in found["parts"].items():
            cells = (part["pid"], part["ready"], part["restarts"], part["last_progress_s"])
            table.add_row(name, *("" if cell is None else str(cell) for cell in cells))
        console = Console()
        console.print(table)
        console.print(f"lag {found['lag']}\ncounts {found['counts']}")
    good = found["state"] == "ready" and all(part["ready"] for part in found["parts"].values())
    sys.exit(0 if good else 1)


def settings(as_json: AsJson = False) -> None:
    """Show each setting, its value and whence it is; secrets print as dots."""
    from granary.settings import explained

    rows = explained()
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        print(f"{row['name']:<20} {row['value']:<40} {row['whence']:<14} {row['meaning']}")


def failpoints(as_json: AsJson = False) -> None:
    """List the named points at which tests kill a part, and what has just been done there."""
    from granary.failpoints import FAILPOINTS

    if as_json:
        print(json.dumps(FAILPOINTS, ensure_ascii=False))
        return
    for name, meaning in FAILPOINTS.items():
        print(f"{name:<30} {meaning}")


def _folder(data: Path | None) -> Path:
    from granary.settings import read_settings

    return (data or read_settings().data).absolute()
