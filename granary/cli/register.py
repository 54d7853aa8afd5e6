"""`granary register load`: the city's units and memberships, put into force."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from granary.cli.catalog import city_of
from granary.cli.register_told import as_body, told

if TYPE_CHECKING:
    from indicators.catalogue import Catalogue


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="The register (名录): units and where they belong.")
    group.callback()(lambda: None)  # keeps `load` a subcommand while it is the only one
    group.command("load")(load)
    app.add_typer(group, name="register")


def load(
    directory: Annotated[
        Path,
        typer.Argument(
            help="Folder with units.csv and, where there are any, memberships.csv,"
            " list_decisions.csv, correspondences.csv.",
            metavar="DIR",
        ),
    ],
    city: Annotated[
        str | None, typer.Option(help="The city's code; needed where DIR has no city.yaml.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Data folder of a running instance.", metavar="DIR")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object; only with --yes also apply it.")
    ] = False,
) -> None:
    """Show what the folder's register changes and which figures that touches, then put it into
    force through the city's log.

    The files hold the whole register: a unit or membership that is not in them is dropped. What
    departments bring (candidates, their keys without a unit) stays, and so does what key is which
    unit's unless there is a correspondences.csv. Locked periods keep their figures.
    """
    from catalog.register import CORRESPONDENCES, UNITS, read_register
    from granary.loads import submit_register
    from granary.register_effects import preview_register
    from indicators.errors import GranaryError

    if not (directory / UNITS).is_file():
        # An empty register would drop every unit; nobody means that by a wrong path.
        typer.echo(f"{directory} has no {UNITS}.", err=True)
        raise typer.Exit(2)
    try:
        url, number, catalogue = _city(directory, city, data)
        rows = read_register(directory, catalogue)
        keys = (directory / CORRESPONDENCES).is_file()
        preview = preview_register(url, number, rows, keys=keys)
        if not as_json:
            for line in told(preview, catalogue):
                typer.echo(line)
        if not (yes or as_json or not preview.rows or typer.confirm("生效? Put it into force?")):
            raise typer.Exit(1)
        apply = bool(preview.rows) and (yes or not as_json)
        count = submit_register(url, number, rows, keys=keys) if apply else 0
    except GranaryError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    if as_json:
        typer.echo(json.dumps(as_body(preview, count), ensure_ascii=False, indent=1))
    elif count:
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
