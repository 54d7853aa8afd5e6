"""Supervision on ClickHouse: it fails rather than waits, the next round tries again."""

from collections.abc import Sequence
from typing import Any

from clickhouse_driver import Client
from clickhouse_driver.errors import Error as DriverError

from indicators.errors import GranaryError
from storage.clickhouse import connect


class StoreAwayError(GranaryError):
    """ClickHouse does not answer, or refuses what is asked."""

    code = "store_away"
    next_step = "It is tried again every round; see the store's log if it lasts."


class Store:
    """Runs SELECTs and small INSERTs on one connection. One thread uses it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client: Client | None = None

    def execute(self, query: str, params: dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """Rows of a SELECT. Raises StoreAwayError."""
        return list(self._run(query, params))

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Store rows; durable when it returns. Raises StoreAwayError."""
        names = ", ".join(columns)
        self._run(f"INSERT INTO {table} ({names}) VALUES", [list(row) for row in rows])

    def _run(self, query: str, data: Any) -> Any:
        if self._client is None:
            self._client = connect(self._url)
        try:
            return self._client.execute(query, data)
        except (DriverError, OSError, EOFError) as error:
            self._client.disconnect()
            self._client = None
            raise StoreAwayError(str(error).splitlines()[0][:300] or repr(error)) from error
