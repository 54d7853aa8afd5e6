"""A board's variables as a reader of Grafana would have them: the first row of each, in order."""

import re
from dataclasses import dataclass
from typing import Any

from clickhouse_driver import Client

from dashboards.panels import Board

_VARIABLE = re.compile(r"\$\{(\w+):sqlstring\}")


@dataclass(frozen=True)
class Answer:
    """Rows with names and types, as the engine gave them."""

    rows: list[tuple[Any, ...]]
    columns: list[tuple[str, str]]

    def records(self) -> list[dict[str, Any]]:
        names = [name for name, _ in self.columns]
        return [dict(zip(names, row, strict=True)) for row in self.rows]


def ask(client: Client, sql: str, chosen: dict[str, str]) -> Answer:
    """Run a panel's SQL as Grafana sends it: quoted values, a time limit, nothing else."""
    text = _VARIABLE.sub(lambda m: "'" + chosen[m[1]].replace("'", "''") + "'", sql)
    rows, columns = client.execute(
        text, with_column_types=True, settings={"max_execution_time": 64}
    )
    return Answer(rows, columns)


def choose(client: Client, board: Board, **given: str) -> dict[str, str]:
    """Variable → value: what is given, else the first option or the first row."""
    chosen: dict[str, str] = {}
    for variable in board.variables:
        if variable.name in given:
            chosen[variable.name] = given[variable.name]
        elif variable.options:
            chosen[variable.name] = variable.options[0][0]
        else:
            rows = ask(client, variable.query, chosen).rows
            assert rows, f"{variable.name} has nothing to choose"
            chosen[variable.name] = str(rows[0][0])
    return chosen
