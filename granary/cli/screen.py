"""`granary screen`: whether projects may come into a zone (准入审查), rule by rule."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

if TYPE_CHECKING:
    from granary.applications import Given
    from indicators.access.models import Access
    from indicators.catalogue import Catalogue

_STYLES: Final = {
    "pass": "green",
    "fail": "bold red",
    "missing": "yellow",
    "not_applicable": "dim",
    "admitted": "green",
    "refused": "bold red",
    "incomplete": "yellow",
}
_ENDINGS: Final = (".csv", ".html", ".json")


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(screen)


def screen(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Applications: CSV, YAML or JSON.", exists=True, dir_okay=False),
    ] = None,
    zone: Annotated[
        str | None, typer.Option(help="Zone of applications that name none: code or name.")
    ] = None,
    year: Annotated[
        int | None, typer.Option(help="Year of the policy; the latest without it.")
    ] = None,
    project: Annotated[
        list[str] | None,
        typer.Option(help="Code of a registered project, from what departments reported of it."),
    ] = None,
    catalog: Annotated[
        Path | None,
        typer.Option(help="Catalogue folder; without it, the catalogue in force.", metavar="DIR"),
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Data folder of a running instance.", metavar="DIR")
    ] = None,
    city: Annotated[str | None, typer.Option(help="City's code, where there are several.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write a report there: .html, .csv or .json.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Screen applications by the access policy (准入标准); 0: all pass, 1: not all, 2: not done."""
    from granary.screenings import report_body
    from indicators.access.policies import policy_of
    from indicators.access.screening import screen as judge
    from indicators.access.zones import zone_types
    from indicators.errors import GranaryError

    if not files and not project:
        raise typer.BadParameter("name files of applications, or a --project")
    if out is not None and out.suffix not in _ENDINGS:
        raise typer.BadParameter(f"--out ends in {', '.join(_ENDINGS)}, not {out.suffix!r}")
    try:
        catalogue = _catalogue(catalog, data, city)
        policy = policy_of(catalogue, year)
        given, notes = _given(files or [], project or [], catalogue, policy, zone, data)
    except GranaryError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    type_of = zone_types(catalogue, policy)
    screenings = [judge(policy, one, type_of) for one in given.applications]
    body = report_body(policy, screenings, notes)
    if given.ignored:
        typer.echo(f"未使用的列 (columns not used): {'、'.join(given.ignored)}", err=True)
    if out is not None:
        _write(out, body)
    if as_json:
        typer.echo(_json(body))
    else:
        _show(body)
    raise typer.Exit(0 if body["counts"]["admitted"] == len(screenings) else 1)


def _catalogue(folder: Path | None, data: Path | None, city: str | None) -> "Catalogue":
    """Of the folder, else the one in force.

    Raises:
        CatalogueError: the folder has faults.
        GranaryError: nothing runs there, or no such city.
    """
    from catalog.loader import load
    from granary.loads import CatalogueChangeError, catalogue_in_force
    from granary.local.instance import instance_settings
    from storage.control import cities
    from storage.control.schema import reading

    if folder is not None:
        return load(folder)
    with reading(instance_settings(data).control_url) as connection:
        known = [one.code for one in cities.every(connection)]
        if city is None and len(known) != 1:
            raise typer.BadParameter(f"say --city, one of {', '.join(known) or 'none yet'}")
        number = cities.get(connection, city or known[0]).id
        found = catalogue_in_force(connection, number)
    if found is None:
        raise CatalogueChangeError(f"{city or known[0]!r} has no catalogue yet; load it first.")
    return found


def _given(
    files: Sequence[Path],
    projects: Sequence[str],
    catalogue: "Catalogue",
    policy: "Access",
    zone: str | None,
    data: Path | None,
) -> tuple["Given", list[str]]:
    """Applications of the files, then registered projects; and where the latter's values are from.

    Raises:
        ApplicationError: a file has faults, or a project is not registered.
    """
    from granary.applications import applications_of, read_rows

    rows, faults = read_rows(files)
    notes: list[str] = []
    for code in dict.fromkeys(projects):
        row, said = _registered(code, catalogue, policy, data)
        rows.append(row)
        notes += said
    return applications_of(rows, catalogue, policy, zone, faults), notes


def _registered(
    code: str, catalogue: "Catalogue", policy: "Access", data: Path | None
) -> tuple[Any, Sequence[str]]:
    from zoneinfo import ZoneInfo

    from granary.cli.catalog import city_of
    from granary.cli.views import view_rows
    from granary.clock import SystemClock, utc
    from granary.registered_projects import QUERY, query_values, registered
    from storage.control import intents
    from storage.control.schema import reading

    url, number = city_of(data, catalogue.city.code)
    with reading(url) as connection:
        changes = intents.register_rows(connection, number)
    seen = view_rows(data, QUERY, query_values(catalogue.city.code, policy, code))
    day = utc(SystemClock().now_ms()).astimezone(ZoneInfo(catalogue.city.time_zone)).date()
    found = registered(catalogue, policy, code, changes, seen, day)
    return found.row, found.notes


def _write(path: Path, body: Mapping[str, Any]) -> None:
    from granary.screening_page import page
    from granary.screenings import as_csv

    if path.suffix == ".html":
        path.write_text(page(body), encoding="utf-8")
    elif path.suffix == ".json":
        path.write_text(_json(body) + "\n", encoding="utf-8")
    else:  # the mark tells a spreadsheet that it is UTF-8
        path.write_text("\ufeff" + as_csv(body), encoding="utf-8", newline="")


def _json(body: Mapping[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False, indent=1)


def _show(body: Mapping[str, Any]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console(highlight=False)
    console.print(f"{escape(body['policy']['name']['zh'])}({body['policy']['year']}年)")
    for one in body["applications"]:
        style = _STYLES[one["verdict"]]
        head = escape(f"{one['project']} {one['name']}".rstrip())
        console.print(f"\n{head}  [{style}]{one['verdict_name']}[/]")
        table = Table(box=None, pad_edge=False)
        for heading in ("规则", "内容"):
            table.add_column(heading, overflow="fold")
        table.add_column("结果", no_wrap=True)
        for heading in ("实际值", "标准", "距标准"):
            table.add_column(heading, justify="right", overflow="fold")
        for rule in one["rules"]:
            line = f"{rule['relation']} {rule['line']} {rule['unit']}" if rule["line"] else ""
            table.add_row(
                escape(rule["rule"]),
                escape(rule["name"]["zh"]),
                f"[{_STYLES[rule['outcome']]}]{rule['outcome_name']}[/]",
                rule["value"] or rule["listing"] or "",
                escape(line.strip()),
                rule["room"] or "",
            )
        console.print(table)
        for rule in one["rules"]:
            if rule["outcome"] in ("fail", "missing"):
                told = escape(f"{rule['rule']} {rule['name']['zh']}:{_said(rule)}")
                console.print(f"  [{_STYLES[rule['outcome']]}]{rule['outcome_name']}[/] {told}")
    counts = body["counts"]
    words = {"admitted": "通过", "refused": "不予准入", "incomplete": "资料不全"}
    console.print("\n" + "  ".join(f"{zh} {counts[word]}" for word, zh in words.items()))
    for note in body["notes"]:
        console.print(escape(note), style="dim")


def _said(rule: Mapping[str, Any]) -> str:
    """The sentence; where a rule is not kept, the exact comparison and the basis as well."""
    parts = [rule["explanation"]["zh"]]
    if rule["outcome"] == "fail":
        parts += [rule["comparison"], f"依据:{rule['basis']}"]
    return ";".join(part for part in parts if part)
