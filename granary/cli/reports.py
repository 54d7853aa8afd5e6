"""`granary report meeting`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from granary.settings import Settings


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
    """Write the joint-meeting report (联席会议材料).

    Exit 1 if the period has no figures, or if what was known at --as-of is not all folded yet.
    """
    from granary.clock import SystemClock
    from granary.local.instance import instance_settings
    from indicators.periods import parse_period
    from reports.errors import NothingToReportError, UnsealedInstantError
    from reports.meeting import compose_meeting, write_meeting
    from reports.sealing import parse_instant
    from storage.clickhouse import connect

    try:
        as_of_ms = None if as_of is None else parse_instant(as_of)
    except ValueError:
        raise typer.BadParameter(f"{as_of!r} is not an ISO 8601 instant.") from None
    settings = instance_settings(data)
    wanted = [one.strip() for one in formats.split(",") if one.strip()]
    try:
        with connect(settings.clickhouse.get_secret_value()) as client:
            paper = compose_meeting(
                client,
                parse_period(period),
                SystemClock(),
                Instance(settings),
                city=city,
                as_of_ms=as_of_ms,
            )
    except (NothingToReportError, UnsealedInstantError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    files = [str(path) for path in write_meeting(paper, out, wanted)]
    if as_json:
        typer.echo(json.dumps({**dict(paper.meta), "files": files}, ensure_ascii=False))
    else:
        typer.echo("\n".join(files))


class Instance:
    """`reports.sealing.Progress` of a running instance: its broker and its store."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def log_end(self, city: str) -> int:
        """Raises LogAwayError, UnknownCityError; BadParameter where no log is configured."""
        from granary.topics import LOG_TOPIC, LogAwayError, end_offsets

        if not self._settings.kafka:
            raise typer.BadParameter("--as-of needs the log: set GRANARY_KAFKA, or name --data.")
        partition, _, _ = self._place(city)
        ends = end_offsets(self._settings.kafka, LOG_TOPIC)
        if partition not in ends:
            raise LogAwayError(f"{LOG_TOPIC} has no partition {partition}.")
        return ends[partition]

    def ledger_next(self, city: str) -> int:
        from storage.fold_reads import FoldReads

        _, number, generation = self._place(city)
        reads = FoldReads(self._settings.clickhouse.get_secret_value())
        return reads.next_offset(number, generation)

    def _place(self, code: str) -> tuple[int, int, int]:
        """(partition, id, generation) of the city."""
        from storage.control import cities, schema

        with schema.engine(self._settings.control_url).connect() as connection:
            found = cities.get(connection, code)
        return found.partition, found.id, found.generation
