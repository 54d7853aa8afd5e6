"""`granary report meeting`."""

import json
from pathlib import Path
from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Papers made from the store's figures.", no_args_is_help=True)
    group.callback()(_reports)
    group.command("meeting")(meeting)
    app.add_typer(group, name="report")


def _reports() -> None:
    """Papers made from the store's figures."""


def meeting(
    period: Annotated[str, typer.Option(help="2019, 2018-Q4 or 2018-M12.")],
    out: Annotated[Path, typer.Option(help="Folder the files are written to.")],
    formats: Annotated[
        str, typer.Option("--format", help="html, docx, or both with a comma.")
    ] = "html,docx",
    city: Annotated[
        str | None, typer.Option(help="City code; needed if several have the period.")
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", help="As known at this ISO 8601 instant (UTC without a zone)."),
    ] = None,
    data: Annotated[Path | None, typer.Option(help="Data folder of a running instance.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Write the joint-meeting report (联席会议材料); exit 1 if the period has no figures."""
    from granary.clock import SystemClock
    from granary.local.instance import instance_settings
    from indicators.periods import parse_period
    from reports.errors import NothingToReportError
    from reports.gather import parse_instant
    from reports.meeting import compose_meeting, write_meeting
    from storage.clickhouse import connect

    try:
        as_of_ms = None if as_of is None else parse_instant(as_of)
    except ValueError:
        raise typer.BadParameter(f"{as_of!r} is not an ISO 8601 instant.") from None
    url = instance_settings(data).clickhouse.get_secret_value()
    wanted = [one.strip() for one in formats.split(",") if one.strip()]
    try:
        with connect(url) as client:
            paper = compose_meeting(
                client, parse_period(period), SystemClock(), city=city, as_of_ms=as_of_ms
            )
    except NothingToReportError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    files = [str(path) for path in write_meeting(paper, out, wanted)]
    if as_json:
        typer.echo(json.dumps({**dict(paper.meta), "files": files}, ensure_ascii=False))
    else:
        typer.echo("\n".join(files))
