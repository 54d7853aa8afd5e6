"""`granary lock` and `granary reopen`: decisions on a table's period (锁定, 解锁)."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

if TYPE_CHECKING:
    from granary.locking import LockState
    from storage.period_summary import PeriodSummary

_Table = Annotated[str, typer.Argument(help="Code of the table.", metavar="TABLE")]
_Period = Annotated[str, typer.Argument(help="2026, 2026-Q1 or 2026-M03.", metavar="PERIOD")]
_City = Annotated[str, typer.Option(help="City code.")]
_Reason = Annotated[str, typer.Option(help="Why; it is shown to every reporter refused.")]
_By = Annotated[str, typer.Option(help="Name of the person who decides.")]
_Document = Annotated[str, typer.Option(help="Number of the document it rests on.")]
_Data = Annotated[Path | None, typer.Option(help="Data folder of a running instance.")]
_Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


_LOCK_HELP: Final = """\
Lock a table's period: its figures and completeness stay, and no more returns are taken.

Shows what stands before it asks. 0: asked for, or locked already; 1: declined; 2: refused."""
_REOPEN_HELP: Final = """\
Reopen a locked period: everything of it is stated anew, and returns are taken again.

Shows what stands before it asks. 0: asked for, or open already; 1: declined; 2: refused."""


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("lock", help=_LOCK_HELP)(_deciding("lock"))
    app.command("reopen", help=_REOPEN_HELP)(_deciding("reopen"))


def _deciding(type_: str) -> Callable[..., None]:
    """The command that decides so."""

    def decide(
        table: _Table,
        period: _Period,
        city: _City,
        reason: _Reason,
        by: _By,
        document: _Document = "",
        data: _Data = None,
        yes: _Yes = False,
        as_json: _Json = False,
    ) -> None:
        _decide(type_, table, period, city, reason, by, document, data, yes=yes, as_json=as_json)

    return decide


def _decide(
    type_: str,
    table: str,
    period: str,
    city: str,
    reason: str,
    by: str,
    document: str,
    data: Path | None,
    *,
    yes: bool,
    as_json: bool,
) -> None:
    from granary.cli.catalog import city_of
    from granary.clock import SystemClock
    from granary.local.instance import instance_settings
    from granary.locking import lock_state, new_decision, submit_decision
    from indicators.errors import GranaryError
    from indicators.periods import parse_period
    from storage.clickhouse import connect
    from storage.period_summary import period_summary

    try:
        url, number = city_of(data, city)
        state = lock_state(url, number, table, parse_period(period))
        decision = new_decision(type_, state, reason, by, document, SystemClock())
        client = connect(instance_settings(data).clickhouse.get_secret_value())
        own = [one.code for one in state.catalogue.indicators if one.table == table]
        summary = period_summary(client, city, table, own, state.period, state.longer)
        there = (state.lock is not None) is (type_ == "lock")
        if not as_json:
            _tell(type_, state, summary)
        if not there and not yes and not typer.confirm(_question(type_), err=True):
            raise typer.Exit(1)
        asked = not there and submit_decision(url, number, decision)
    except GranaryError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    if as_json:
        typer.echo(json.dumps(_as_json(type_, city, state, summary, asked), ensure_ascii=False))
    elif asked:
        typer.echo("Asked for; the gateway writes it to the log, later records are judged by it.")
    else:
        typer.echo("It is so already; nothing to do.")


def _question(type_: str) -> str:
    return "Lock it?" if type_ == "lock" else "Reopen it, and state its figures anew?"


def _tell(type_: str, state: "LockState", summary: "PeriodSummary") -> None:
    from indicators.periods import format_period

    table = state.table
    typer.echo(f"{table.code} {format_period(state.period)} 《{table.name.zh}》")
    if state.lock is not None:
        typer.echo(
            f"  locked by {state.lock.by} ({state.lock.reason}) {state.lock.document}".rstrip()
        )
    periods = " with " + ", ".join(map(format_period, state.longer)) if state.longer else ""
    verb = "stay as they stand" if type_ == "lock" else "are stated anew"
    typer.echo(
        f"  {summary.figures} figures of {summary.indicators} indicators{periods} {verb};"
        f" {summary.provisional} of them are provisional"
    )
    if summary.expected is None:
        typer.echo("  completeness: nothing is counted")
    else:
        typer.echo(
            f"  completeness: {summary.received} of {summary.expected} received,"
            f" {summary.late} late"
        )
    typer.echo(f"  open findings: {summary.anomalies} anomalies, {summary.checks} checks")


def _as_json(
    type_: str, city: str, state: "LockState", summary: "PeriodSummary", asked: bool
) -> dict[str, Any]:
    from indicators.periods import format_period

    lock = state.lock
    return {
        "decision": type_,
        "city": city,
        "table": state.table.code,
        "period": format_period(state.period),
        "longer": [format_period(one) for one in state.longer],
        "asked": asked,
        "locked_before": None
        if lock is None
        else {"by": lock.by, "reason": lock.reason, "document": lock.document},
        **asdict(summary),
    }
