"""How the console asks the store: SQL text and parameters in, rows as dictionaries out."""

import queue
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from clickhouse_driver.errors import Error as DriverError

from dashboards.console.errors import StoreUnreachableError

Row = dict[str, Any]
Parameters = Mapping[str, Any]

#: Connections held at most. A page load asks six questions at once; two cores answer no more than
#: a few at a time, and every waiting one would hold a thread of the engine.
CONNECTIONS = 4


class Store(Protocol):
    """Answers read-only questions about the public views."""

    def query(self, sql: str, parameters: Parameters | None = None) -> list[Row]:
        """Rows of `sql`, whose `%(name)s` are replaced by quoted parameters.

        Blocks until the answer is there; safe to repeat; called from several threads.

        Raises:
            StoreUnreachableError: the store does not answer.
        """
        ...

    def __hash__(self) -> int:
        """By identity: what never changes is remembered per store."""
        ...


class DriverStore:
    """A `Store` over clickhouse-driver connections, opened when first needed, renewed on failure.

    `connect` opens one connection (`storage.clickhouse.connect` with a URL).
    """

    def __init__(self, connect: Callable[[], Any], connections: int = CONNECTIONS) -> None:
        self._connect = connect
        self._free: queue.LifoQueue[Any] = queue.LifoQueue()
        for _ in range(connections):
            self._free.put(None)

    def query(self, sql: str, parameters: Parameters | None = None) -> list[Row]:
        """See `Store.query`. A broken connection is renewed once: the store may have restarted."""
        try:
            return self._ask(sql, parameters)
        except (OSError, EOFError) as first:
            try:
                return self._ask(sql, parameters)
            except (OSError, EOFError, DriverError) as error:
                raise StoreUnreachableError(str(error)) from first

    def _ask(self, sql: str, parameters: Parameters | None) -> list[Row]:
        with self._connection() as connection:
            values, columns = connection.execute(sql, parameters or None, with_column_types=True)
        names = [name for name, _ in columns]
        return [dict(zip(names, row, strict=True)) for row in values]

    @contextmanager
    def _connection(self) -> Iterator[Any]:
        held = self._free.get()
        try:
            if held is None:
                held = self._connect()
            yield held
        except DriverError as error:
            _close(held)
            held = None
            if getattr(error, "code", None) in _NETWORK:
                raise OSError(str(error)) from error
            raise
        except BaseException:
            _close(held)
            held = None
            raise
        finally:
            self._free.put(held)


#: clickhouse-driver's own codes for a connection that is not there: network, socket time-out.
_NETWORK = {209, 210}


def _close(connection: Any) -> None:
    """Drop a connection whose stream is in an unknown state."""
    if connection is not None:
        connection.disconnect()
