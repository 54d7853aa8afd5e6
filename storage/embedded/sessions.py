"""What outlives a query of a client, and what must not: settings, USE, temporary tables.

The owner's session is one engine connection: SET, USE and temporary tables work as in a server,
while the settings sent with a query hold for that query only. A reader gets a new connection for
each query, closed to writing before the query's text reaches it.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Final, Protocol

from storage.embedded import faults
from storage.embedded.engine import Engine, EngineConnection, literal, quoted, unknown_database
from storage.embedded.faults import ServerError
from storage.embedded.packets import Setting
from storage.embedded.statements import Kind, Statement
from storage.embedded.users import (
    User,
    reader_settings,
    refuse_beyond_reading,
    refuse_unknown,
)

# chDB opens these for its command line; a server has them closed.
_AS_A_SERVER: Final[Mapping[str, str]] = {
    "implicit_select": "0",
    "allow_introspection_functions": "0",
}


class Session(Protocol):
    """One client's standing in the engine. Used by that client's thread alone."""

    tag: str  # marks the session's queries in `system.processes`: the start of `log_comment`

    def using(
        self, statement: Statement, settings: tuple[Setting, ...]
    ) -> AbstractContextManager[EngineConnection]:
        """The connection to run `statement` on, with the settings of its packet applied.

        Raises:
            ServerError: the statement or a setting is refused.
        """
        ...

    def aside(self) -> AbstractContextManager[EngineConnection]:
        """Another connection in the same database, for use while the first one streams."""
        ...

    def close(self) -> None:
        """Drop what the session held (temporary tables)."""
        ...


def open_session(engine: Engine, user: User, database: str, tag: str) -> Session:
    """The session of an authenticated user.

    Raises:
        ServerError: UNKNOWN_DATABASE, or ACCESS_DENIED for a reader outside its own database.
    """
    chosen = database or user.database
    if user.reads_only:
        if chosen not in (user.database, "default"):
            _require_database(engine, chosen)
            raise ServerError(
                faults.ACCESS_DENIED,
                f"DB::Exception: {user.name}: Not enough privileges on {chosen}. (ACCESS_DENIED)",
            )
        return ReaderSession(engine, user, tag)
    _require_database(engine, chosen)
    return OwnerSession(engine, chosen, tag)


def _require_database(engine: Engine, name: str) -> None:
    connection = engine.connect()
    try:
        if not connection.table(f"SELECT 1 FROM system.databases WHERE name = {literal(name)}"):
            raise unknown_database(name)
    finally:
        connection.close()


class OwnerSession:
    """A session with all rights."""

    def __init__(self, engine: Engine, database: str, tag: str) -> None:
        self.tag = tag
        self._engine = engine
        self._database = database
        self._connection = engine.connect()
        # What SET statements of the client made of the session, and what the last query needed
        # beyond that. Differences are applied when the next query comes: clients repeat themselves.
        self._chosen: dict[str, str] = {**_AS_A_SERVER, "log_comment": tag}
        self._applied: dict[str, str] = {}
        _apply(self._connection, self._chosen)
        self._connection.run(f"USE {quoted(database)}")

    @contextmanager
    def using(
        self, statement: Statement, settings: tuple[Setting, ...]
    ) -> Iterator[EngineConnection]:
        changes_session = statement.kind is Kind.SET
        self._bring_to({} if changes_session else self._wanted(settings))
        yield self._connection
        if changes_session:
            self._learn()
        elif statement.kind is Kind.USE:
            self._database = statement.tokens[-1].value

    @contextmanager
    def aside(self) -> Iterator[EngineConnection]:
        connection = self._engine.connect()
        try:
            _apply(connection, {**self._chosen, **self._applied})
            connection.run(f"USE {quoted(self._database)}")
            yield connection
        finally:
            connection.close()

    def close(self) -> None:
        self._connection.close()

    def _wanted(self, settings: tuple[Setting, ...]) -> dict[str, str]:
        wanted: dict[str, str] = {}
        for setting in settings:
            if setting.name not in self._engine.setting_names:
                refuse_unknown(setting)
            elif setting.name == "log_comment":
                wanted[setting.name] = f"{self.tag} {setting.value}"
            else:
                wanted[setting.name] = setting.value
        return wanted

    def _bring_to(self, wanted: dict[str, str]) -> None:
        """Make the engine's settings those of the session and `wanted`, and none of before."""
        changes: dict[str, str | None] = {
            name: self._chosen.get(name) for name in self._applied if name not in wanted
        }
        changes |= {
            name: value for name, value in wanted.items() if self._applied.get(name) != value
        }
        if changes:
            # A refused value leaves all as it was: the engine applies a SET whole or not at all.
            _apply(self._connection, changes)
            self._applied = wanted

    def _learn(self) -> None:
        """Read what the client's SET left, so that it outlives the settings of later queries."""
        rows = self._connection.table("SELECT name, value FROM system.settings WHERE changed")
        self._chosen = {row["name"]: row["value"] for row in rows}
        if not self._chosen.get("log_comment", "").startswith(self.tag):
            self._chosen["log_comment"] = f"{self.tag} {self._chosen.get('log_comment', '')}"
            _apply(self._connection, {"log_comment": self._chosen["log_comment"]})


class ReaderSession:
    """A session that reads its one database."""

    def __init__(self, engine: Engine, user: User, tag: str) -> None:
        self.tag = tag
        self._engine = engine
        self._user = user
        self._settings: dict[str, str] = {}

    @contextmanager
    def using(
        self, statement: Statement, settings: tuple[Setting, ...]
    ) -> Iterator[EngineConnection]:
        refuse_beyond_reading(statement, self._engine.table_functions)
        self._settings = reader_settings(settings, self._engine.setting_names)
        with self.aside() as connection:
            yield connection

    @contextmanager
    def aside(self) -> Iterator[EngineConnection]:
        connection = self._engine.connect()
        try:
            _apply(connection, {**_AS_A_SERVER, **self._settings, "log_comment": self.tag})
            connection.run(f"USE {quoted(self._user.database)}")
            _apply(connection, {"readonly": "1"})
            yield connection
        finally:
            connection.close()

    def close(self) -> None:
        """Nothing is held between queries."""


def _apply(connection: EngineConnection, changes: Mapping[str, str | None]) -> None:
    """SET each, None meaning the default."""
    values = ", ".join(
        f"{quoted(name)} = {'DEFAULT' if value is None else literal(value)}"
        for name, value in changes.items()
    )
    connection.run(f"SET {values}")
