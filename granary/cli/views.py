"""Rows of the public views of a running instance, for the commands that list them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer


def period_text(period: str | None) -> str | None:
    """The period as the views write it; None for none. Exit 2 where it is no period."""
    from indicators.errors import GranaryError
    from indicators.periods import format_period, parse_period

    try:
        return None if period is None else format_period(parse_period(period))
    except GranaryError as error:
        raise _refused(error) from None


def view_rows(data: Path | None, query: str, given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows of the query by column; `given` are its parameters. Exit 2 where nothing runs."""
    from granary.local.instance import instance_settings
    from indicators.errors import GranaryError
    from storage.clickhouse import connect

    try:
        client = connect(instance_settings(data).clickhouse.get_secret_value())
    except GranaryError as error:
        raise _refused(error) from None
    rows, columns = client.execute(query, given, with_column_types=True)
    return [dict(zip([name for name, _ in columns], row, strict=True)) for row in rows]


def _refused(error: Exception) -> typer.Exit:
    typer.echo(str(error), err=True)
    return typer.Exit(2)
