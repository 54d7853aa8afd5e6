"""`granary catalog check|diff|load|schema`: what a city measures, checked and put into force."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from catalog.differences import Difference
    from catalog.errors import Fault
    from indicators.catalogue import Catalogue

_Folder = Annotated[Path, typer.Argument(help="A city's catalogue folder.", metavar="DIR")]


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="The catalogue (目录): what is measured.", no_args_is_help=True)
    group.command("check")(check)
    group.command("diff")(diff)
    group.command("load")(load)
    group.command("schema")(schema)
    app.add_typer(group, name="catalog")


def check(
    directories: Annotated[
        list[Path], typer.Argument(help="Catalogue folders, with or without a register.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """List every fault of the folders' YAML and register files; 1 if there is any."""
    import json
    from dataclasses import asdict

    from catalog.errors import CatalogueError, RegisterError
    from catalog.loader import load as load_catalogue
    from catalog.register import read_register

    found: dict[str, list[Fault]] = {}
    for directory in directories:
        try:
            catalogue = load_catalogue(directory)
            rows = read_register(directory, catalogue)
        except (CatalogueError, RegisterError) as error:
            found[str(directory)] = list(error.faults)
            if not as_json:
                for fault in error.faults:
                    typer.echo(f"{directory}/{fault}")
            continue
        found[str(directory)] = []
        if not as_json:
            typer.echo(_summary(directory, catalogue, len(rows)))
    faulty = any(found.values())
    if as_json:
        folders = {name: [asdict(fault) for fault in faults] for name, faults in found.items()}
        body = {"ok": not faulty, "folders": folders}
        typer.echo(json.dumps(body, ensure_ascii=False, indent=1))
    raise typer.Exit(1 if faulty else 0)


def _summary(directory: Path, catalogue: "Catalogue", rows: int) -> str:
    counts = ", ".join(
        f"{len(getattr(catalogue, part))} {part}"
        for part in ("groupings", "items", "tables", "reporters", "indicators")
    )
    name = f"{catalogue.city.name.zh} ({catalogue.city.code}) version {catalogue.version}"
    return f"{directory}: good. {name}: {counts}; register of {rows} rows"


def diff(
    old: Annotated[str, typer.Argument(help="A catalogue folder, or DIR@YEAR.", metavar="A")],
    new: Annotated[str, typer.Argument(help="The one compared with it.", metavar="B")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say what changes from A to B, field by field, and count what changes in the register.

    DIR@YEAR takes of the entries that are bound to a year only that year's, so that
    `granary catalog diff DIR@2025 DIR@2026` tells two years apart. 0: nothing changes, 1: something
    does, 2: a folder cannot be read.
    """
    import json
    from dataclasses import asdict

    from catalog.differences import catalogue_differences
    from catalog.errors import CatalogueError, RegisterError
    from catalog.loader import load as load_catalogue
    from catalog.register import read_register
    from catalog.register_differences import register_counts

    (old_folder, old_year), (new_folder, new_year) = _of_year(old), _of_year(new)
    try:
        before, after = load_catalogue(old_folder), load_catalogue(new_folder)
        differences = catalogue_differences(before, after, old_year=old_year, new_year=new_year)
        register = asdict(
            register_counts(read_register(old_folder, before), read_register(new_folder, after))
        )
    except (CatalogueError, RegisterError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    same = not differences and not any(register.values())
    if as_json:
        told = [asdict(one) for one in differences]
        body = {"same": same, "catalogue": told, "register": register}
        typer.echo(json.dumps(body, ensure_ascii=False, indent=1))
    elif same:
        typer.echo("Nothing changes.")
    else:
        _tell(differences, register)
    raise typer.Exit(0 if same else 1)


def _of_year(text: str) -> tuple[Path, int | None]:
    folder, at, year = text.rpartition("@")
    if at and len(year) == len("2026") and year.isdigit() and not Path(text).is_dir():
        return Path(folder), int(year)
    return Path(text), None


def _tell(differences: "list[Difference]", register: dict[str, int]) -> None:
    signs = {"added": "+", "removed": "-", "changed": "~"}
    for one in differences:
        typer.echo(f"{signs[one.kind]} {one.part} {one.entry}")
        for change in one.changes:
            typer.echo(f"    {change}")
    counts = [f"{count} {name.replace('_', ' ')}" for name, count in register.items() if count]
    if counts:
        typer.echo(f"register (名录): {', '.join(counts)}")


def load(
    directory: _Folder,
    data: Annotated[
        Path | None, typer.Option(help="Data folder of a running instance.", metavar="DIR")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Show what the folder's catalogue changes, then put it into force through the city's log."""
    from catalog.loader import load as load_catalogue
    from granary.loads import catalogue_change, submit_catalogue
    from indicators.errors import GranaryError

    try:
        catalogue = load_catalogue(directory)
        url, city = city_of(data, catalogue.city.code)
        change = catalogue_change(url, city, catalogue)
        if change.version == catalogue.version and not change.differences:
            typer.echo(f"Version {change.version} is in force already; nothing to do.")
            return
        typer.echo(f"{catalogue.city.code}: version {change.version} → {catalogue.version}")
        for one in change.differences:
            typer.echo(f"  {one}")
        if not yes and not typer.confirm("Put it into force?"):
            raise typer.Exit(1)
        submit_catalogue(url, city, catalogue)
    except GranaryError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    typer.echo("Asked for; the gateway writes it to the log, later records are judged by it.")


def city_of(data: Path | None, code: str) -> tuple[str, int]:
    """(control store URL, city id).

    Raises:
        UnknownCityError: no such city; `granary up --catalog DIR` adds one.
        NotRunningError: no instance, and the settings name none.
    """
    from granary.local.instance import instance_settings
    from storage.control import cities
    from storage.control.schema import reading

    url = instance_settings(data).control_url
    with reading(url) as connection:
        return url, cities.get(connection, code).id


def schema(
    stem: Annotated[
        str | None, typer.Argument(help="city, items, tables, …; without it, every file.")
    ] = None,
    write: Annotated[
        Path | None, typer.Option(help="Write <stem>.json files there.", metavar="DIR")
    ] = None,
) -> None:
    """Print the JSON Schemas of the catalogue's files, made from the models that read them."""
    from catalog.schema import schema_texts

    texts = schema_texts()
    if stem is not None and stem not in texts:
        typer.echo(f"No file {stem}.yaml; there are {', '.join(texts)}.", err=True)
        raise typer.Exit(2)
    for name, text in texts.items():
        if stem not in (None, name):
            continue
        if write is None:
            typer.echo(text, nl=False)
        else:
            (write / f"{name}.json").write_text(text, encoding="utf-8")
