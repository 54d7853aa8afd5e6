"""The embedded engine (chDB) of one data folder: one process, many connections.

A connection belongs to one thread at a time; the engine releases the interpreter while it works, so
clients run side by side. Settings, USE, temporary tables and readonly live in a connection.
"""

import fcntl
import json
import os
from collections.abc import Generator
from pathlib import Path
from typing import Any, Final, Self

import chdb

from storage.embedded import faults
from storage.embedded.faults import EngineMissingError, ServerError, StorageInUseError, fault_of
from storage.embedded.nativeblocks import rows_at_head, split_blocks

_LOCK_NAME: Final = "granary-clickhouse.lock"
_NOT_A_STREAM: Final = "Streaming query is not supported"

_MEMORY_SHARE: Final = 0.4  # of the machine: Kafka, workers and console live beside the engine
_MEMORY_LEAST: Final = 1 << 30
_MEMORY_MOST: Final = 16 << 30
_QUERY_SHARE: Final = 0.7  # of the engine's memory, so that one query does not starve inserts
_MARK_CACHE: Final = 256 << 20
_THREADS_MOST: Final = 8


def quoted(name: str) -> str:
    """`name` as an identifier."""
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


def literal(value: str) -> str:
    """`value` as a text literal."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


class EngineConnection:
    """One connection to the engine; not thread-safe. Every call may block as long as the query.

    Raises (every method): ServerError with the engine's code.
    """

    def __init__(self, address: str) -> None:
        self._connection = chdb.connect(address)

    def close(self) -> None:
        """End the connection; a query still streaming is stopped."""
        self._connection.close()

    def run(self, sql: str) -> list[bytes]:
        """Run any statement and return its blocks in format Native, the rows all in memory."""
        try:
            result = self._connection.query(sql, "Native")
        except Exception as error:
            raise fault_of(error) from error
        return _blocks(result)

    def table(self, sql: str) -> list[dict[str, Any]]:
        """Few rows as dictionaries."""
        try:
            text = str(self._connection.query(sql, "JSONEachRow"))
        except Exception as error:
            raise fault_of(error) from error
        return [json.loads(line) for line in text.splitlines()]

    def stream(self, sql: str) -> Generator[bytes, None, None]:
        """Run a query and yield its blocks in format Native as the engine makes them.

        Closing the iterator stops the query. Statements that return rows but cannot be streamed
        are run as `run` does.
        """
        try:
            chunks: Any = self._connection.send_query(sql, "Native")
        except Exception as error:
            if _NOT_A_STREAM in str(error):
                yield from self.run(sql)
                return
            raise fault_of(error) from error
        try:
            while True:
                try:
                    chunk = chunks.fetch()
                except Exception as error:
                    raise fault_of(error) from error
                if chunk is None:
                    return
                yield from _blocks(chunk)
        finally:
            chunks.close()

    def insert(self, head: str, settings: str, path: str) -> None:
        """Run an INSERT whose blocks in format Native stand in the file `path`; durable on return.

        The rows are in the table's parts on disk (in the page cache unless the table asks for
        fsync) when this returns; after an error of up to a million rows nothing is. chDB's own
        `send_insert` would take the bytes without a file, but reports success when a constraint,
        a limit or the disk refuses the rows.
        """
        self.run(f"{head}\nFROM INFILE {literal(path)} {settings}\nFORMAT Native")

    def header(self, sql: str) -> list[tuple[str, str]]:
        """Names and types of a query's result, without running it."""
        return self._described(f"({sql}\n)")

    def insert_header(self, target: str, columns: str) -> list[tuple[str, str]]:
        """Names and types a client fills: the written list, or every ordinary column."""
        if columns:
            rows = {row["name"]: row["type"] for row in self._description(target)}
            names = [name.strip().strip('`"') for name in columns.split(",")]
            if all(name in rows for name in names):
                return [(name, rows[name]) for name in names]
            return self._described(f"(SELECT {columns} FROM {target})")
        return [
            (row["name"], row["type"])
            for row in self._description(target)
            if row["default_type"] not in ("MATERIALIZED", "ALIAS", "EPHEMERAL")
        ]

    def _described(self, subject: str) -> list[tuple[str, str]]:
        return [(row["name"], row["type"]) for row in self._description(subject)]

    def _description(self, subject: str) -> list[dict[str, Any]]:
        return self.table(f"DESCRIBE TABLE {subject}")


def _blocks(result: Any) -> list[bytes]:
    native: bytes = result.bytes()
    if not native:
        return []
    if rows_at_head(native) == result.rows_read():
        return [native]
    return split_blocks(native)


class Engine:
    """The engine of one folder, held exclusively by this process.

    Raises:
        StorageInUseError: another process holds the folder.
    """

    def __init__(self, folder: Path, memory_bytes: int | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = _locked(folder / _LOCK_NAME)
        memory = memory_bytes or _default_memory()
        options = {
            "max_server_memory_usage": memory,
            "max_memory_usage": int(memory * _QUERY_SHARE),
            "mark_cache_size": _MARK_CACHE,
            "max_threads": max(1, min(os.cpu_count() or 1, _THREADS_MOST)),
            "async_insert": 0,
        }
        self._address = f"{(folder / 'engine').absolute()}?" + "&".join(
            f"{name}={value}" for name, value in options.items()
        )
        # The engine ends with its last connection, so one stays open as long as the listener.
        self.keeper = self.connect()
        known = self.keeper.table("SELECT version() AS version, timezone() AS timezone")[0]
        self.version: str = known["version"]
        self.timezone: str = known["timezone"]
        self.setting_names = frozenset(
            row["name"] for row in self.keeper.table("SELECT name FROM system.settings")
        )
        self.table_functions = frozenset(
            row["name"].lower()
            for row in self.keeper.table("SELECT name FROM system.table_functions")
        )
        if not self.setting_names:
            raise EngineMissingError("the engine lists no settings.")

    def connect(self) -> EngineConnection:
        """A connection with nothing set; about a millisecond."""
        return EngineConnection(self._address)

    def require_database(self, name: str) -> None:
        """Create the database if the folder has none of that name."""
        self.keeper.run(f"CREATE DATABASE IF NOT EXISTS {quoted(name)} ENGINE = Atomic")

    def close(self) -> None:
        """End the engine: running merges stop, files are complete."""
        self.keeper.close()
        os.close(self._lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _locked(file: Path) -> int:
    """Hold the folder until the process ends, however it ends."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.pread(descriptor, 32, 0).decode(errors="replace").strip() or "unknown"
        os.close(descriptor)
        raise StorageInUseError(
            f"the folder {file.parent} is served by process {holder}.", folder=str(file.parent)
        ) from error
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, str(os.getpid()).encode(), 0)
    return descriptor


def _default_memory() -> int:
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return int(min(max(machine * _MEMORY_SHARE, _MEMORY_LEAST), _MEMORY_MOST))


def unknown_database(name: str) -> ServerError:
    return ServerError(
        faults.UNKNOWN_DATABASE,
        f"DB::Exception: Database {name} does not exist. (UNKNOWN_DATABASE)",
    )
