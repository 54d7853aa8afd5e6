"""`granary register load`: the city's units and memberships, put into force."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from granary.cli.catalog import city_of

if TYPE_CHECKING:
    from catalog.changes import RegisterRow
    from indicators.catalogue import Catalogue

_SHOWN = 20
_VERBS = {
    "put_unit": "unit put",
    "drop_unit": "unit dropped",
    "put_membership": "membership put",
    "drop_membership": "membership dropped",
}


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="The register (名录): units and where they belong.")
    group.callback()(lambda: None)  # keeps `load` a subcommand while it is the only one
    group.command("load")(load)
    app.add_typer(group, name="register")


def load(
    directory: Annotated[
        Path, typer.Argument(help="Folder with units.csv and memberships.csv.", metavar="DIR")
    ],
    city: Annotated[
        str | None, typer.Option(help="The city's code; needed where DIR has no city.yaml.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Data folder of a running instance.", metavar="DIR")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Show what the folder's register changes, then put it into force through the city's log.

    The files hold the whole register: a unit or membership that is not in them is dropped.
    """
    from catalog.register import UNITS, read_register
    from granary.loads import register_change, submit_register
    from indicators.errors import GranaryError

    if not (directory / UNITS).is_file():
        # An empty register would drop every unit; nobody means that by a wrong path.
        typer.echo(f"{directory} has no {UNITS}.", err=True)
        raise typer.Exit(2)
    try:
        url, number, catalogue = _city(directory, city, data)
        rows = read_register(directory, catalogue)
        changes = register_change(url, number, rows)
        if not changes:
            typer.echo("The register in force is the same; nothing to do.")
            return
        _show(changes)
        if not yes and not typer.confirm("Put it into force?"):
            raise typer.Exit(1)
        count = submit_register(url, number, rows)
    except GranaryError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{count} changes asked for; the gateway writes them to the log.")


def _city(directory: Path, code: str | None, data: Path | None) -> tuple[str, int, "Catalogue"]:
    """(control store URL, city id, the catalogue in force there)."""
    from catalog.loader import load as load_catalogue
    from granary.loads import CatalogueChangeError, catalogue_in_force
    from storage.control.schema import reading

    if code is None:
        if not (directory / "city.yaml").is_file():
            typer.echo(f"{directory} has no city.yaml: say --city CODE.", err=True)
            raise typer.Exit(2)
        code = load_catalogue(directory).city.code
    url, number = city_of(data, code)
    with reading(url) as connection:
        catalogue = catalogue_in_force(connection, number)
    if catalogue is None:
        raise CatalogueChangeError(f"{code!r} has no catalogue yet; load it first.")
    return url, number, catalogue


def _show(changes: Sequence["RegisterRow"]) -> None:
    counts = Counter(row.action for row in changes)
    typer.echo(", ".join(f"{counts[action]} × {_VERBS[action]}" for action in _VERBS))
    for row in changes[:_SHOWN]:
        where = f" {row.grouping}={row.member} [{row.valid_from}, {row.valid_to})"
        what = where if row.grouping else f" {row.name}"
        typer.echo(f"  {_VERBS[row.action]}: {row.kind}:{row.code}{what}")
    if len(changes) > _SHOWN:
        typer.echo(f"  … and {len(changes) - _SHOWN} more")
