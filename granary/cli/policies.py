"""`granary index`, `granary targets`, `granary assessments`: standing under the policies."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer

_City = Annotated[str | None, typer.Option(help="City code; all cities without it.")]
_Period = Annotated[
    str | None, typer.Option(help="2019, 2018-Q4 or 2018-M12; the latest without it.")
]
_Data = Annotated[Path | None, typer.Option(help="Data folder of a running instance.")]
_Json = Annotated[bool, typer.Option("--json", help="Print a JSON list.")]

_STATES: Final = {
    "on_track": "正常",
    "behind": "滞后",
    "far_behind": "严重滞后",
    "unknown": "无数据",
}


def add_to(app: typer.Typer) -> None:
    app.command("index")(index)
    app.command("targets")(targets)
    app.command("assessments")(assessments)


def index(
    city: _City = None,
    period: _Period = None,
    components: Annotated[
        bool, typer.Option("--components", help="Every component, with its points.")
    ] = False,
    data: _Data = None,
    as_json: _Json = False,
) -> None:
    """List scores and ranks of the indices (精准定量指数); 2 if nothing runs there."""
    view = "v_index_component" if components else "v_index"
    order = "points DESC" if components else "rank"
    rows = _rows(data, view, city, period, f"city, index_code, level, {order}, subject")
    if as_json:
        _print(rows)
        return
    for row in rows:
        head = f"{row['city']} {row['period']} {row['index_code']} {row['subject']}"
        if components:
            told = f"{row['indicator_code']} {_number(row['value'])} → {row['points']:.2f} 分"
            typer.echo(f"{head}  {told} {row['reason']}".rstrip())
        else:
            marks = "  触红线" if row["past_red_line"] else ""
            marks += "  初步" if row["provisional"] else ""
            typer.echo(f"{head}  {_number(row['score'])} 分  第 {row['rank'] or '—'} 名{marks}")
    typer.echo(f"{len(rows)} rows")


def targets(
    city: _City = None,
    period: _Period = None,
    behind: Annotated[bool, typer.Option("--behind", help="Only those that are behind.")] = False,
    data: _Data = None,
    as_json: _Json = False,
) -> None:
    """List targets (差异化目标), the furthest behind first; 1 if any is behind, 2 if none runs."""
    rows = _rows(data, "v_target", city, period, "city, gap")
    late = [row for row in rows if row["state"] in ("behind", "far_behind")]
    shown = late if behind else rows
    if as_json:
        _print(shown)
    else:
        for row in shown:
            gap = "—" if row["gap"] is None else f"{row['gap']:+.1f} 个百分点"
            typer.echo(
                f"{row['city']} {row['period']} {row['subject']} {row['indicator_code']}"
                f"({row['kind']})  {_number(row['actual'])} / {_number(row['target'])}"
                f"  {gap}  {_STATES[row['state']]}"
            )
        typer.echo(f"{len(rows)} targets, {len(late)} behind")
    raise typer.Exit(1 if late else 0)


def assessments(
    city: _City = None, period: _Period = None, data: _Data = None, as_json: _Json = False
) -> None:
    """List results of the bodies (考核); 2 if nothing runs there."""
    rows = _rows(data, "v_assessment", city, period, "city, assessment_code, score DESC, body")
    if as_json:
        _print([{**row, "parts": json.loads(row["parts"])} for row in rows])
        return
    for row in rows:
        typer.echo(
            f"{row['city']} {row['period']} {row['assessment_code']} {row['body_name']}"
            f"  {_number(row['score'])}"
        )
    typer.echo(f"{len(rows)} results")


def _rows(
    data: Path | None, view: str, city: str | None, period: str | None, order: str
) -> list[dict[str, Any]]:
    """Rows of a view at the period asked for, or at the latest of each city and policy."""
    from granary.cli.views import period_text, view_rows

    given = {"city": city, "period": period_text(period)}
    chosen = "period = %(period)s" if period else _LATEST[view]
    where = f"{chosen} AND city = %(city)s" if city else chosen
    return view_rows(data, f"SELECT * FROM {view} WHERE {where} ORDER BY {order}", given)


#: Which period stands for an index, target or assessment where none is asked for: the last that is
#: no longer provisional, or has a figure; else the last there is.
_LATEST: Final = {
    **dict.fromkeys(
        ("v_index", "v_index_component"),
        "(city, index_code, period) IN (SELECT city, index_code,"
        " argMax(period, (NOT provisional, period_end)) FROM v_index GROUP BY city, index_code)",
    ),
    "v_target": "(city, indicator_code, measure, year, kind, level, subject, period) IN"
    " (SELECT city, indicator_code, measure, year, kind, level, subject,"
    " argMax(period, (actual IS NOT NULL, period_end, length(period))) FROM v_target"
    " GROUP BY city, indicator_code, measure, year, kind, level, subject)",
    "v_assessment": "(city, assessment_code, period) IN (SELECT city, assessment_code,"
    " argMax(period, (period IN (SELECT period FROM v_index WHERE NOT provisional), period_end))"
    " FROM v_assessment GROUP BY city, assessment_code)",
}


def _print(rows: Sequence[dict[str, Any]]) -> None:
    typer.echo(json.dumps(rows, ensure_ascii=False, default=str))


def _number(value: float | None) -> str:
    return "—" if value is None else f"{value:,.2f}"
