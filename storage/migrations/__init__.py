"""Numbered changes of the ClickHouse schema, forward and backward; the engine is apart from them.

A step is a pair `sql/NNNN_effect.up.sql` and `.down.sql`. Applied steps are kept in the table
`migration` with a checksum, so that a file changed afterwards is noticed instead of trusted; a step
is noted before it begins, so that one cut short by a crash is taken back and begun again. So a step
backward must bear whatever a crash leaves of the step forward.
"""

import hashlib
import re
from dataclasses import dataclass
from importlib.resources import files

from clickhouse_driver import Client

from indicators.errors import GranaryError
from storage.clickhouse import connect

#: States of a step in the table `migration`.
_TAKEN_BACK, _IN_FORCE, _BEGUN = 0, 1, 2
#: A semicolon inside a comment or a text does not end a line.
_STATEMENT_END = re.compile(r";[ ]*(?:\n|\Z)")

_TABLE = """CREATE TABLE IF NOT EXISTS migration (
    number UInt32, name String, checksum String, state Int8,
    at DateTime64(3, 'UTC') DEFAULT now64(3)
) ENGINE = ReplacingMergeTree(at) ORDER BY number"""


class ChangedMigrationError(GranaryError):
    """A step that is applied is not the file that is here."""

    code = "changed_migration"
    next_step = "Restore the file; a change of the schema is a new step."


@dataclass(frozen=True, slots=True)
class Step:
    """One change: statements forward and backward."""

    number: int
    name: str
    up: str
    down: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.up.encode()).hexdigest()


def steps() -> list[Step]:
    """All steps in order."""
    folder = files(__package__).joinpath("sql")
    texts = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    names = sorted(name.removesuffix(".up.sql") for name in texts if name.endswith(".up.sql"))
    return [
        Step(int(name[:4]), name, texts[f"{name}.up.sql"], texts[f"{name}.down.sql"])
        for name in names
    ]


def applied(client: Client) -> dict[int, str]:
    """number → checksum of the steps in force."""
    client.execute(_TABLE)
    return _in_state(client, _IN_FORCE)


def migrate(url: str) -> list[str]:
    """Apply what is missing, in order; names of the steps applied. Safe to repeat.

    Raises:
        ChangedMigrationError: an applied step differs from its file.
    """
    client = connect(url)
    done = applied(client)
    begun = _in_state(client, _BEGUN)
    names: list[str] = []
    for step in steps():
        if step.number in done:
            if done[step.number] != step.checksum:
                raise ChangedMigrationError(f"Step {step.name} was changed after it was applied.")
            continue
        if step.number in begun:
            _run(client, step.down)
        _note(client, step, _BEGUN)
        _run(client, step.up)
        _note(client, step, _IN_FORCE)
        names.append(step.name)
    client.disconnect()
    return names


def unmigrate(url: str, count: int) -> list[str]:
    """Take back the last `count` steps; data of dropped tables are gone (the log has them)."""
    client = connect(url)
    done = applied(client)
    names: list[str] = []
    for step in sorted(steps(), key=lambda step: -step.number):
        if step.number in done and len(names) < count:
            _run(client, step.down)
            _note(client, step, _TAKEN_BACK)
            names.append(step.name)
    client.disconnect()
    return names


def _in_state(client: Client, state: int) -> dict[int, str]:
    return dict(
        client.execute(f"SELECT number, checksum FROM migration FINAL WHERE state = {state}")
    )


def _run(client: Client, text: str) -> None:
    for statement in _statements(text):
        client.execute(statement)


def _statements(text: str) -> list[str]:
    return [statement for statement in _STATEMENT_END.split(text) if statement.strip()]


def _note(client: Client, step: Step, state: int) -> None:
    client.execute(
        "INSERT INTO migration (number, name, checksum, state) VALUES",
        [(step.number, step.name, step.checksum, state)],
    )
