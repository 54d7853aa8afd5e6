"""How the console asks the store: SQL text and parameters in, rows as dictionaries out."""

import queue
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

from clickhouse_driver.errors import Error as DriverError
from numpy.typing import NDArray

from dashboards.console.errors import StoreUnreachableError

Row = dict[str, Any]
Parameters = Mapping[str, Any]
_Answer = TypeVar("_Answer")

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

    def columns(self, sql: str, parameters: Parameters | None = None) -> list[NDArray[Any]]:
        """The columns of `sql` as arrays, none at all where it has no rows; for answers too long
        to be rows. Otherwise as `query`."""
        ...

    def __hash__(self) -> int:
        """By identity: what never changes is remembered per store."""
        ...


class DriverStore:
    """A `Store` over clickhouse-driver connections, opened when first needed, renewed on failure.

    `connect(numpy)` opens one connection (`storage.clickhouse.connect` with a URL), for arrays or
    for rows; one is held for arrays, `connections` for rows.
    """

    def __init__(self, connect: Callable[[bool], Any], connections: int = CONNECTIONS) -> None:
        self._connect = connect
        self._free: dict[bool, queue.LifoQueue[Any]] = {
            numpy: queue.LifoQueue() for numpy in (False, True)
        }
        for _ in range(connections):
            self._free[False].put(None)
        self._free[True].put(None)

    def query(self, sql: str, parameters: Parameters | None = None) -> list[Row]:
        """See `Store.query`. A broken connection is renewed once: the store may have restarted."""

        def ask(connection: Any) -> list[Row]:
            values, columns = connection.execute(sql, parameters or None, with_column_types=True)
            names = [name for name, _ in columns]
            return [dict(zip(names, row, strict=True)) for row in values]

        return self._patiently(ask, numpy=False)

    def columns(self, sql: str, parameters: Parameters | None = None) -> list[NDArray[Any]]:
        """See `Store.columns`."""

        def ask(connection: Any) -> list[NDArray[Any]]:
            return list(connection.execute(sql, parameters or None, columnar=True))

        return self._patiently(ask, numpy=True)

    def _patiently(self, ask: Callable[[Any], _Answer], *, numpy: bool) -> _Answer:
        try:
            with self._connection(numpy) as connection:
                return ask(connection)
        except (OSError, EOFError) as first:
            try:
                with self._connection(numpy) as connection:
                    return ask(connection)
            except (OSError, EOFError, DriverError) as error:
                raise StoreUnreachableError(str(error)) from first

    @contextmanager
    def _connection(self, numpy: bool) -> Iterator[Any]:
        held = self._free[numpy].get()
        try:
            if held is None:
                held = self._connect(numpy)
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
            self._free[numpy].put(held)


#: clickhouse-driver's own codes for a connection that is not there: network, socket time-out.
_NETWORK = {209, 210}


def _close(connection: Any) -> None:
    """Drop a connection whose stream is in an unknown state."""
    if connection is not None:
        connection.disconnect()
