"""`granary unmatched`: keys of departments that have no unit (未匹配), and giving them one."""

import json
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from granary.unmatched import Proposal

_AnyCity = Annotated[str | None, typer.Option(help="City code; all cities without it.")]
_Data = Annotated[Path | None, typer.Option(help="Data folder of a running instance.")]
_Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_Scheme = Annotated[
    str | None, typer.Option(help="Scheme of the key; needed where the city has several.")
]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="Keys of departments without a unit (未匹配).", no_args_is_help=True)
    group.command("list")(list_)
    group.command("link")(link)
    group.command("changed")(changed)
    app.add_typer(group, name="unmatched")


def list_(
    city: _AnyCity = None,
    data: _Data = None,
    as_json: _Json = False,
) -> None:
    """List keys whose cells wait for a unit, the longest waiting first; 1 if there is any."""
    from granary.cli.views import view_rows

    rows = view_rows(
        data,
        "SELECT city, scheme, key, any(key_name) AS name, count() AS cells,"
        " arraySort(groupUniqArray(period)) AS periods,"
        " arraySort(groupUniqArray(table_code)) AS tables, min(since) AS since,"
        " arraySort(groupUniqArray(unit)) AS linked FROM v_unmatched"
        + (" WHERE city = %(city)s" if city else "")
        + " GROUP BY city, scheme, key ORDER BY city, since, scheme, key",
        {"city": city} if city else {},
    )
    proposed = _proposed(data, rows)
    told = [
        {
            **row,
            "name": "" if row["name"] == row["key"] else row["name"],
            "linked": [code for code in row["linked"] if code],
            "proposals": [
                {"code": one.code, "name": one.name, "alike": one.alike}
                for one in proposed.get((row["city"], row["scheme"], row["key"]), ())
            ],
        }
        for row in rows
    ]
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False, default=str))
    else:
        for one in told:
            typer.echo(line(one))
        typer.echo(f"{len(told)} keys, {sum(int(one['cells']) for one in told)} cells")
    raise typer.Exit(1 if told else 0)


def line(entry: dict[str, Any]) -> str:
    """One key as a clerk reads it."""
    name = f"({entry['name']})" if entry["name"] else ""
    told = (
        f"{entry['city']} {entry['scheme']} {entry['key']}{name}  {entry['cells']}个数据"
        f"  {_told(entry['periods'])}"
        f"  {entry['since']:%Y-%m-%d}起"
    )
    if entry["linked"]:
        told += f"  已对应{'、'.join(entry['linked'])},请部门重新报送"
    elif entry["proposals"]:
        shown = [f"{one['code']} {one['name']}({one['alike']})" for one in entry["proposals"]]
        told += f"  可能是:{';'.join(shown)}"
    return told


def link(
    key: Annotated[str, typer.Argument(help="The department's key.", metavar="KEY")],
    unit: Annotated[str, typer.Argument(help="Code of the unit it belongs to.", metavar="UNIT")],
    city: Annotated[str, typer.Option(help="City code.")],
    valid_from: Annotated[str, typer.Option("--from", help="First day: 2026-01-01.")],
    by: Annotated[str, typer.Option(help="Name of the person who decides.")],
    reason: Annotated[str, typer.Option(help="Why the key is this unit's.")],
    valid_to: Annotated[str, typer.Option("--to", help="First day it is no more; open.")] = "",
    scheme: _Scheme = None,
    data: _Data = None,
    as_json: _Json = False,
) -> None:
    """Give a key its unit, through the city's log. The department's file, sent again, then enters.

    0: asked for, or so already; 2: refused.
    """
    from granary.cli.catalog import city_of
    from granary.unmatched import Link, link_key
    from indicators.errors import GranaryError

    try:
        url, number = city_of(data, city)
        named = scheme or _only_scheme(url, number)
        texts = (valid_from.strip(), valid_to.strip(), by.strip(), reason.strip())
        asked = link_key(url, number, Link(named, key.strip(), unit.strip(), *texts))
    except GranaryError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    if as_json:
        told = {"city": city, "scheme": named, "key": key, "unit": unit, "asked": asked}
        typer.echo(json.dumps(told, ensure_ascii=False))
    elif asked:
        typer.echo("Asked for; once it is in the log, the department's file can be sent again.")
    else:
        typer.echo("It is so already; nothing to do.")


def changed(
    city: _AnyCity = None,
    data: _Data = None,
    as_json: _Json = False,
) -> None:
    """List figures made of other keys than the unit has now: send those files again; 1 if any."""
    from granary.cli.views import view_rows

    rows = view_rows(
        data,
        "SELECT city, table_code, scheme, unit, unit_name,"
        " arraySort(groupUniqArray(period)) AS periods, count() AS cells, added, gone"
        " FROM v_keys_changed"
        + (" WHERE city = %(city)s" if city else "")
        + " GROUP BY city, table_code, scheme, unit, unit_name, added, gone"
        " ORDER BY city, table_code, unit, periods",
        {"city": city} if city else {},
    )
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, default=str))
    else:
        for row in rows:
            gained, lost = (
                f"  {said}{'、'.join(row[name])}" if row[name] else ""
                for name, said in (("added", "增加"), ("gone", "减少"))
            )
            typer.echo(
                f"{row['city']} {row['table_code']} {row['unit']}({row['unit_name']})"
                f"  {_told(row['periods'])}{gained}{lost}  请部门重新报送"
            )
        typer.echo(f"{len(rows)} units, {sum(int(row['cells']) for row in rows)} figures")
    raise typer.Exit(1 if rows else 0)


def _told(periods: list[str]) -> str:
    first, last = periods[0], periods[-1]
    return first if first == last else f"{first}至{last}共{len(periods)}期"


def _only_scheme(url: str, city: int) -> str:
    from granary.loads import catalogue_in_force
    from granary.unmatched import LinkRefusedError
    from storage.control.schema import reading

    with reading(url) as connection:
        catalogue = catalogue_in_force(connection, city)
    schemes = list(catalogue.scheme) if catalogue else []
    if len(schemes) != 1:
        raise LinkRefusedError(f"the city has {len(schemes)} schemes of keys: say --scheme.")
    return schemes[0]


def _proposed(
    data: Path | None, rows: list[dict[str, Any]]
) -> dict[tuple[str, str, str], "list[Proposal]"]:
    """(city, scheme, key) → units that may be meant."""
    from granary.cli.catalog import city_of
    from granary.unmatched import proposals

    keys: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in rows:
        keys[row["city"]].append((row["scheme"], row["key"]))
    return {
        (city, *key): found
        for city, wanted in keys.items()
        for key, found in proposals(*city_of(data, city), wanted).items()
    }
