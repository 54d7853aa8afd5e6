"""`granary simulate`: a plausible city with known faults, written as files and pushed from them."""

from pathlib import Path
from typing import Annotated, Final

import typer

_RATES: Final = "KIND=SHARE"


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(
        help="A simulated city (模拟城市): register, feeds, and the truth about them."
    )
    group.command("city")(city)
    group.command("push")(push)
    app.add_typer(group, name="simulate")


def city(
    out: Annotated[Path, typer.Option(help="Folder to write; empty or new.", metavar="DIR")],
    units: Annotated[int, typer.Option(help="Enterprises, at least 60.")] = 300,
    months: Annotated[int, typer.Option(help="Months with returns, at least 14.")] = 26,
    seed: Annotated[int, typer.Option(help="The same seed writes the same bytes.")] = 1,
    last: Annotated[str, typer.Option(help="The last month.")] = "2026-M10",
    live: Annotated[
        int, typer.Option(help="Newest months that come as files of their own, with due times.")
    ] = 6,
    listed_share: Annotated[float, typer.Option(help="Share of enterprises on the list.")] = 0.4,
    rate: Annotated[
        list[str] | None,
        typer.Option(help="Share of units with a kind of fault; 0: none of it.", metavar=_RATES),
    ] = None,
    clean: Annotated[bool, typer.Option("--clean", help="Plant no faults.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Show no progress.")] = False,
) -> None:
    """Write catalogue, register, feeds of every reporter, candidate feeds, and truth.json."""
    from granary.simulate.city import make_city
    from granary.simulate.plan import Plan, SimulationError
    from indicators.errors import PeriodError
    from indicators.periods import parse_period

    try:
        plan = Plan(
            units, months, seed, parse_period(last), live, listed_share, _rates(rate or []), clean
        )
        made = make_city(plan, out, (lambda *_: None) if quiet else _show)
    except (SimulationError, PeriodError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    if not quiet:
        typer.echo("", err=True)
    cases = made.frame["cases"]
    typer.echo(
        f"{out}: {units} enterprises, {len(made.files)} files, {made.rows:,} rows, "
        f"{len(made.faults)} faults, {len(cases)} uncounted units (应统未统). See README.md there."
    )


def push(
    directory: Annotated[
        Path, typer.Argument(help="Folder that `granary simulate city` wrote.", metavar="DIR")
    ],
    data: Annotated[Path, typer.Option(help="Data folder of a running instance.", metavar="DIR")],
    until: Annotated[
        str, typer.Option(help="Last period of the live ones; default: all of them.")
    ] = "",
    quiet: Annotated[bool, typer.Option("--quiet", help="Show no progress.")] = False,
) -> None:
    """Push the city's files in order; its catalogue and register are in force there already.

    Exit 0 where every file arrived, whatever was refused in it: cities have faults on purpose.
    """
    import json
    from tempfile import TemporaryDirectory

    from granary.local.instance import NotRunningError, read_instance
    from granary.simulate.plan import SimulationError
    from granary.simulate.pushing import push_city, sendings
    from indicators.errors import PeriodError
    from ingest.client import GatewayUnreachableError

    def show(sent: int, of: int, file: str) -> None:
        if not quiet:
            typer.echo(f"\r{sent:>6} / {of}  {file:<70.70}", err=True, nl=False)

    try:
        turns = sendings(directory, until)
        found = read_instance(data)
        city = json.loads((directory / "data.json").read_text(encoding="utf-8"))["city"]
        tokens = found["tokens"].get(city, {})
        with TemporaryDirectory() as spool:
            told = push_city(directory, turns, found["gateway"], tokens, Path(spool), show)
    except (SimulationError, PeriodError, NotRunningError, GatewayUnreachableError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    if not quiet:
        typer.echo("", err=True)
    counts = ", ".join(f"{count:,} {part}" for part, count in told.cells.items())
    typer.echo(f"{told.files} files: {counts} cells.")
    for file, status, rejected in told.refused:
        typer.echo(f"  {file}: {status}, {rejected:,} cells rejected")


def _rates(texts: list[str]) -> dict[str, float]:
    from granary.simulate.plan import SimulationError

    found: dict[str, float] = {}
    for text in texts:
        kind, _, share = text.partition("=")
        try:
            found[kind] = float(share)
        except ValueError:
            raise SimulationError(f"--rate wants {_RATES}, not {text!r}.") from None
    return found


def _show(what: str, share: float) -> None:
    """One line that is written over."""
    typer.echo(f"\r{share:>5.0%}  {what:<12}", err=True, nl=False)
