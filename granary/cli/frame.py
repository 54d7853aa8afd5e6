"""`granary frame …`: who ought to be on the survey list (应统尽统), and who decides what."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from indicators.frame.words import KIND_WORDS, STATE_WORDS

if TYPE_CHECKING:
    from clickhouse_driver import Client

_Case = Annotated[str, typer.Argument(help="Credit code, or FEED.KEY without one.", metavar="CASE")]
_City = Annotated[str, typer.Option(help="City code.")]
_AnyCity = Annotated[str | None, typer.Option(help="City code; all cities without it.")]
_Data = Annotated[Path | None, typer.Option(help="Data folder of a running instance.")]
_Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(
        help="Frame coverage (应统尽统): who ought to be on the list.", no_args_is_help=True
    )
    group.command("list")(list_cases)
    group.command("coverage")(coverage)
    group.command("decide")(decide)
    group.command("proposals")(proposals)
    group.command("changes")(changes)
    app.add_typer(group, name="frame")


def list_cases(
    city: _AnyCity = None,
    state: Annotated[
        str | None, typer.Option(help="to_verify, to_declare, listed or not_eligible.")
    ] = None,
    district: Annotated[str | None, typer.Option(help="Code of the district.")] = None,
    data: _Data = None,
    as_json: _Json = False,
) -> None:
    """The work list: cases (应统未统), 准规上, and units on the list that no feed names."""
    from storage.frame_reads import case_list

    if state is not None and state not in STATE_WORDS:
        _refuse(f"state: one of {', '.join(STATE_WORDS)} is needed.")
    rows = case_list(_store(data), city=city, state=state, district=district)
    if as_json:
        _print_json(rows)
        return
    for row in rows:
        typer.echo(line(row))
    counts = {kind: sum(row["kind"] == kind for row in rows) for kind in KIND_WORDS}
    told = ", ".join(f"{count} {KIND_WORDS[kind]} ({kind})" for kind, count in counts.items())
    typer.echo(told)


def line(row: dict[str, Any]) -> str:
    """One row of the work list as a clerk reads it."""
    kind, state = KIND_WORDS[row["kind"]], STATE_WORDS.get(row["state"], "")
    size = "" if row["size"] is None else f"  {row['size']}万元"
    if row["threshold"] is not None:
        size += f"/{row['threshold']}万元" if size else f"  标准{row['threshold']}万元"
    stands = " ".join(
        str(part)
        for part in (state, row["reason"], row["list_month"], row["decided_by"], row["document"])
        if part
    )
    due = f"  限{row['due']}" if row["due"] and row["state"] in ("to_verify", "to_declare") else ""
    owner = f"  责任{row['owner']}" if row["owner"] else ""
    place = " ".join(str(row[name]) for name in ("city", "district", "sector") if row[name])
    feeds = f"  来源{row['feeds']} {row['as_of']}" if row["feeds"] else f"  {row['as_of']}"
    return f"{kind}  {row['case']}  {row['name']}  {place}{size}  {stands}{owner}{due}{feeds}"


def coverage(city: _AnyCity = None, data: _Data = None, as_json: _Json = False) -> None:
    """Coverage = on list / (on list + confirmed), by count and by size, with both sides.

    How many of those on the list have reported is another thing: see `v_completeness`.
    """
    from storage.frame_reads import coverage as read

    rows = [_with_shares(row) for row in read(_store(data), city=city)]
    if as_json:
        _print_json(rows)
        return
    for row in rows:
        typer.echo(_coverage_line(row))
    if not rows:
        typer.echo("No feed has named a candidate, or the catalogue has no frame.yaml.")


def decide(
    case: _Case,
    city: _City,
    state: Annotated[str, typer.Option(help="to_verify, to_declare or not_eligible.")],
    by: Annotated[str, typer.Option(help="Name of the person who decides.")],
    reason: Annotated[
        str, typer.Option(help="With not_eligible: 非法人, 非本行业, 异地经营, 未达标 or 重复.")
    ] = "",
    was: Annotated[
        str, typer.Option(help="The state you saw; refused where the case has another by now.")
    ] = "",
    document: Annotated[str, typer.Option(help="Number of the document it rests on.")] = "",
    remark: Annotated[str, typer.Option(help="What else a reader should know.")] = "",
    owner: Annotated[str, typer.Option(help="Who follows the case from now on.")] = "",
    link: Annotated[
        str, typer.Option(help="With 重复: code of the registered unit that it is.", metavar="UNIT")
    ] = "",
    data: _Data = None,
    as_json: _Json = False,
) -> None:
    """Decide on a case. 0: asked for; 2: refused, also where somebody else decided first."""
    from granary.cli.catalog import city_of
    from granary.clock import SystemClock
    from granary.frame_records import LINK_KIND, FrameDecision
    from granary.framing import FrameConflictError, FrameRefusedError, submit_frame_decision
    from indicators.errors import GranaryError
    from storage.frame_reads import registered, seen_case

    try:
        url, number = city_of(data, city)
        client = _store(data)
        seen = seen_case(client, city, case)
        if seen is None:
            raise FrameRefusedError(f"the city has no case {case!r}.")
        if was and was != seen.state:
            raise FrameConflictError(f"{case!r} is {seen.state} {seen.reason}".rstrip() + ".")
        if link and all(row["code"] != link for row in registered(client, city, LINK_KIND)):
            raise FrameRefusedError(f"the register has no unit {link!r}.")
        decision = FrameDecision(
            case=case,
            state=state,
            reason=reason.strip(),
            by=by.strip(),
            document=document.strip(),
            remark=remark.strip(),
            owner=owner.strip(),
            link_kind=LINK_KIND if link else "",
            link_unit=link,
            decided_ms=SystemClock().now_ms(),
        )
        record_id = submit_frame_decision(url, number, seen, decision)
    except GranaryError as error:
        _refuse(str(error))
    if as_json:
        before = {"state": seen.state, "reason": seen.reason}
        _print_json({"case": case, "record": record_id, "was": before, "state": state})
    else:
        became = f"{STATE_WORDS[seen.state]} → {STATE_WORDS[state]} {reason}".rstrip()
        typer.echo(f"{case} {seen.name}: {became}")
        typer.echo("Asked for; the gateway writes it to the log.")


def proposals(
    case: _Case,
    city: _City,
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many at most.")] = 5,
    data: _Data = None,
    as_json: _Json = False,
) -> None:
    """Registered units that the candidate may be, by name and address; a person decides."""
    from granary.frame_records import LINK_KIND
    from indicators.frame.proposals import Matcher
    from storage.frame_reads import places, registered, seen_case

    client = _store(data)
    seen = seen_case(client, city, case)
    if seen is None:
        _refuse(f"the city has no case {case!r}.")
    units = registered(client, city, LINK_KIND)
    matcher = Matcher(
        [row["name"] for row in units], [row["address"] for row in units], places(client, city)
    )
    found = [
        {**units[one.unit], "score": one.score, "name_score": one.name_score,
         "address_score": one.address_score, "why": one.why}
        for one in matcher.proposals(seen.name, seen.address, limit)
        if units[one.unit]["code"] != case
    ]  # fmt: skip
    if as_json:
        _print_json(found)
        return
    typer.echo(f"{case}  {seen.name}  {seen.address}".rstrip())
    for row in found:
        typer.echo(
            f"  {row['score']:5.1f}  {row['code']}  {row['name']}  {row['address']}  {row['why']}"
        )
    if not found:
        typer.echo("  Nobody in the register is like it.")


def changes(city: _City, data: _Data = None, as_json: _Json = False) -> None:
    """Changes of who is on the survey list that no decision explains; 1 if there is any."""
    from granary.cli.catalog import city_of
    from granary.frame_records import LINK_KIND
    from granary.records import RegisterRow
    from indicators.errors import GranaryError
    from indicators.frame.list_changes import unexplained
    from storage.frame_reads import list_rows

    try:
        _, number = city_of(data, city)
    except GranaryError as error:
        _refuse(str(error))
    rows = list_rows(_store(data), number, LINK_KIND)
    records = {version: (record, known_from) for version, record, known_from, *_ in rows}
    changed = unexplained(
        (version, RegisterRow.stored(*columns)) for version, _, _, *columns in rows
    )
    found = []
    for one in changed:
        record, known_from = records[one.version]
        found.append(
            {"known_from": known_from, "record": record, "unit": one.unit, "name": one.name,
             "what": one.what, "was": one.was, "now": one.now}
        )  # fmt: skip
    if as_json:
        _print_json(found)
    else:
        for row in found:
            was, now = ("—".join(part or "…" for part in row[at]) for at in ("was", "now"))
            told = f"{row['unit']}  {row['name']}  {row['what']}  {was} → {now}"
            typer.echo(f"{row['known_from']:%Y-%m-%d %H:%M}  {told}  {row['record']}")
        typer.echo(f"{len(found)} changes of the list without a reason")
    raise typer.Exit(1 if found else 0)


def _with_shares(row: dict[str, Any]) -> dict[str, Any]:
    count = _share(row["on_list"], row["on_list"] + row["confirmed"])
    size = _share(row["on_list_size"], row["on_list_size"] + row["confirmed_size"])
    return {**row, "by_count": count, "by_size": size}


def _share(numerator: Any, denominator: Any) -> dict[str, Any]:
    value = float(numerator / denominator) if denominator else None
    return {"numerator": numerator, "denominator": denominator, "value": value}


def _coverage_line(row: dict[str, Any]) -> str:
    shares = []
    for label, unit, share in (("户数", "", row["by_count"]), ("规模", "万元", row["by_size"])):
        value = "—" if share["value"] is None else f"{share['value']:.2%}"
        shares.append(f"{label} {share['numerator']}/{share['denominator']}{unit} = {value}")
    return (
        f"{row['city']} {row['level']} {row['subject']}  {row['as_of']}  {'  '.join(shares)}"
        f"  待核实和拟申报{row['candidates']}(拟申报{row['confirmed']}) 准规上{row['near']}"
        f"  在库有规模{row['on_list_sized']}户"
    )


def _store(data: Path | None) -> "Client":
    from granary.local.instance import instance_settings
    from indicators.errors import GranaryError
    from storage.clickhouse import connect

    try:
        return connect(instance_settings(data).clickhouse.get_secret_value())
    except GranaryError as error:
        _refuse(str(error))


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, default=str))


def _refuse(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(2)
