"""Columnar inserts that wait for a busy store and never lose what was acknowledged.

An insert may be repeated at any time: every table is a ReplacingMergeTree whose key names the row.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import structlog
from numpy.typing import NDArray

from storage.clickhouse import ThreadConnections
from storage.server_errors import Action, RowsRejectedError, StoreHaltedError, action_for

log = structlog.get_logger(__name__)

Column = NDArray[Any] | Sequence[Any]

_FIRST_PAUSE_S: Final = 0.05
_LONGEST_PAUSE_S: Final = 2.0
#: An error code nobody has listed is tried again this often before the worker halts.
_UNLISTED_TRIES: Final = 5


class Writer:
    """Inserts columns; safe to use from several threads, each with its own connection."""

    def __init__(
        self, url: str, on_busy: Callable[[str, BaseException, int], None] | None = None
    ) -> None:
        self._connections = ThreadConnections(url, numpy=True)
        self._on_busy = on_busy or _log_busy

    def write(self, table: str, columns: Mapping[str, Column]) -> None:
        """Insert rows given as columns of one length; durable in the server when it returns.

        Numpy columns go to the wire as they are (int64 ticks for DateTime64). Blocks while the
        store is busy or away, without end. A repeat of the same rows has no effect.

        Raises:
            RowsRejectedError: the server refuses the rows themselves.
            StoreHaltedError: an operator must act, or an unknown error did not go away.
        """
        names = ", ".join(f"`{name}`" for name in columns)
        statement = f"INSERT INTO `{table}` ({names}) VALUES"
        data = [_as_array(column) for column in columns.values()]
        attempt = 0
        while True:
            attempt += 1
            try:
                self._connections.get().execute(statement, data, columnar=True)
            except Exception as error:
                self._connections.drop()
                self._judge(table, error, attempt)
                time.sleep(min(_FIRST_PAUSE_S * 2 ** min(attempt, 10), _LONGEST_PAUSE_S))
            else:
                return

    def _judge(self, table: str, error: Exception, attempt: int) -> None:
        action = action_for(error)
        if action is Action.REJECT:
            raise RowsRejectedError(f"{table}: {error}.", table=table) from error
        if action is Action.HALT:
            raise StoreHaltedError(f"{table}: {error}.", table=table) from error
        if action is Action.UNLISTED and attempt >= _UNLISTED_TRIES:
            raise StoreHaltedError(f"{table}, unlisted: {error!r}.", table=table) from error
        self._on_busy(table, error, attempt)


def _as_array(column: Column) -> NDArray[Any]:
    if isinstance(column, np.ndarray):
        return column
    array = np.empty(len(column), object)
    array[:] = column
    return array


def _log_busy(table: str, error: BaseException, attempt: int) -> None:
    log.warning("store_busy", table=table, error=str(error).splitlines()[:1], attempt=attempt)
