"""`granary bench`: honest measurements, and the generated city they and the tests run on."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

bench = typer.Typer(
    help="Measure the pipeline and the core; generate a city and its feed.", no_args_is_help=True
)

Units = Annotated[int, typer.Option(min=1, help="Reporting units of the generated city.")]
Months = Annotated[int, typer.Option(min=1, help="Months of the feed, from 2024-M01.")]
Seed = Annotated[int, typer.Option(help="The same seed gives the same city and feed.")]


def add_to(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(bench, name="bench")


@bench.command()
def pipeline(
    units: Units = 10_000,
    months: Months = 26,
    share: Annotated[
        int, typer.Option(min=1, help="Units of the share that the ordinary program runs on.")
    ] = 300,
    seed: Seed = 1,
    chunk: Annotated[int, typer.Option(min=1, help="Observations a chunk.")] = 50_000,
    cores: Annotated[int, typer.Option(min=1, help="Cores that everything may use.")] = 2,
    ordinary: Annotated[bool, typer.Option(help="Run the ordinary Faust program.")] = True,
    data: Annotated[Path | None, typer.Option(help="Folder to run in; kept.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Kafka to stored rows with every step on, against a bare insert and an ordinary program."""
    from bench.pipeline import Config, run

    config = Config(units, months, share, seed, chunk, cores, ordinary)

    def say(text: str) -> None:
        typer.echo(text, err=True)

    if data is not None:
        found = run(config, data, say)
    else:
        with tempfile.TemporaryDirectory(prefix="granary-bench-") as folder:
            found = run(config, Path(folder), say)
    _tell(found, as_json)


@contextmanager
def _development_tools() -> Iterator[None]:
    """Say in one line that what is compared with is not installed."""
    try:
        yield
    except ModuleNotFoundError as missing:
        raise typer.BadParameter(
            f"{missing.name} is not installed; it is one of the development tools (make setup)."
        ) from missing


def _given(**wishes: int | None) -> dict[str, int]:
    """Wishes that were given."""
    return {name: value for name, value in wishes.items() if value is not None}


@bench.command()
def core(
    units: Annotated[int | None, typer.Option(min=1, help="Units; default 100,000.")] = None,
    items: Annotated[int | None, typer.Option(min=3, help="Monthly items; default 40.")] = None,
    months: Annotated[int | None, typer.Option(min=1, help="Months; default 36.")] = None,
    beside: Annotated[
        int | None, typer.Option(min=1, help="Last months that Polars is given; default 6.")
    ] = None,
    drain: Annotated[
        int | None, typer.Option(min=1, help="Observations of a drain; default 100,000.")
    ] = None,
    seed: Seed = 1,
    quick: Annotated[bool, typer.Option(help="A small city, to see that it runs.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Every figure of a whole city from arrays, what a drain alters, and the same in Polars."""
    with _development_tools():
        from bench.core import QUICK, Config, run

    chosen = _given(units=units, items=items, months=months, beside=beside, drain=drain)
    config = replace(QUICK if quick else Config(), seed=seed, **chosen)
    if config.beside > config.months:
        config = replace(config, beside=config.months)

    _tell(run(config, lambda text: typer.echo(text, err=True)), as_json)


@bench.command()
def register(
    units: Annotated[int | None, typer.Option(min=100, help="Units; default 100,000.")] = None,
    plain: Annotated[
        int | None, typer.Option(min=1, max=120, help="Months of the plain loop; default 3.")
    ] = None,
    seed: Seed = 1,
    quick: Annotated[bool, typer.Option(help="A small register, to see that it runs.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Ten years of memberships: read, compared, folded, asked as of every month; also in Polars."""
    with _development_tools():
        from bench.register import QUICK, Config, run

    config = replace(QUICK if quick else Config(), seed=seed, **_given(units=units, plain=plain))
    _tell(run(config, lambda text: typer.echo(text, err=True)), as_json)


@bench.command()
def generate(
    out: Annotated[Path, typer.Option(help="Folder for catalogue, register and submissions.")],
    units: Units = 300,
    months: Months = 14,
    seed: Seed = 1,
    code: Annotated[str, typer.Option(help="The city's code.")] = "bench",
) -> None:
    """Write a generated city: OUT/catalog for `granary up --catalog`, OUT/feed as CSV files."""
    from bench.files import csv_body, write_city
    from bench.generator import GeneratedCity
    from indicators.periods import format_period

    city = GeneratedCity(units, months, seed=seed, code=code)
    write_city(city, out / "catalog")
    feed = out / "feed"
    feed.mkdir(parents=True, exist_ok=True)
    cells = 0
    for number, submission in enumerate(city.feed(), 1):
        period = format_period(submission.periods[0])
        name = f"{number:03d}_{submission.reporter}_{submission.table}_{period}.csv"
        (feed / name).write_bytes(csv_body(city, submission.columns))
        cells += len(submission.columns)
    typer.echo(f"{out}: {units} units, {months} months, {cells} cells in {number} files")


def _tell(found: dict[str, Any], as_json: bool) -> None:
    """What a bench found, as a table or as one JSON object."""
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    for name, value in found["config"].items():
        typer.echo(f"{name:24} {value}")
    typer.echo(f"{'run':40} {'rows':>10} {'seconds':>9} {'rows/s':>10} {'CPU s':>8} {'RSS MB':>8}")
    for each in found["runs"]:
        typer.echo(
            f"{each['name']:40} {each['rows']:>10,} {each['seconds']:>9.2f} "
            f"{each['rows_per_s']:>10,} {each['cpu_s']:>8.2f} {each['rss'] / 2**20:>8,.0f}"
        )
    for name, ratio in found["ratios"].items():
        typer.echo(f"{name:24} {ratio}")
