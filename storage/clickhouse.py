"""Connections to ClickHouse: a real server or the embedded one, told apart only by the URL."""

import logging
import threading
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from clickhouse_driver import Client

# "NumPy support is not implemented for Int128": it says so for every block, and it is meant.
logging.getLogger("clickhouse_driver.columns.service").setLevel(logging.ERROR)
# It logs a traceback for each address that refuses, and then raises what every caller handles.
logging.getLogger("clickhouse_driver.connection").setLevel(logging.ERROR)

#: Settings of every connection. async_insert=0: an insert that is acknowledged is in the table.
_SETTINGS: Final[dict[str, Any]] = {
    "async_insert": 0,
    "do_not_merge_across_partitions_select_final": 1,
}
_CONNECT_SECONDS = 10
#: A statement may run this long before the socket gives up; longer ones are cut by the server.
_SEND_RECEIVE_SECONDS = 600


def connect(
    url: str,
    *,
    numpy: bool = False,
    read_only: bool = False,
    patience_s: float | None = None,
    **settings: Any,
) -> Client:
    """A new connection to `clickhouse://user:password@host:port/database`.

    numpy: results and columnar inserts as numpy arrays. read_only: for a user whose session the
    server fixes at readonly=1, which refuses every setting. patience_s: how long a server may be
    silent, instead of the minutes that a statement may take. One connection serves one thread.
    Blocks only when first used; then raises what clickhouse-driver raises.
    """
    parts = urlsplit(url)
    given = dict(parse_qsl(parts.query))
    chosen: dict[str, Any] = {} if read_only else {**_SETTINGS, **settings}
    return Client(
        host=parts.hostname or "127.0.0.1",
        port=parts.port or 9000,
        user=unquote(parts.username or "default"),
        password=unquote(parts.password or ""),
        database=parts.path.lstrip("/") or "default",
        secure=given.get("secure", "false") == "true",
        client_name="granary",
        connect_timeout=patience_s or _CONNECT_SECONDS,
        send_receive_timeout=patience_s or _SEND_RECEIVE_SECONDS,
        settings={**chosen, **({"use_numpy": True} if numpy else {})},
    )


class ThreadConnections:
    """One connection for each thread that asks, as clickhouse-driver wants it."""

    def __init__(self, url: str, *, numpy: bool = False) -> None:
        self._url, self._numpy = url, numpy
        self._local = threading.local()

    def get(self) -> Client:
        client = getattr(self._local, "client", None)
        if client is None:
            client = self._local.client = connect(self._url, numpy=self._numpy)
        return client

    def drop(self) -> None:
        """Forget this thread's connection, after an error that leaves its state unknown."""
        client = getattr(self._local, "client", None)
        self._local.client = None
        if client is not None:
            client.disconnect()
