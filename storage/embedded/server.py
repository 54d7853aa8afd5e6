"""The listener's process: holds the folder, accepts clients, ends cleanly on SIGTERM."""

import itertools
import selectors
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import structlog
from structlog.typing import FilteringBoundLogger

from storage.embedded import faults, packets
from storage.embedded.client import ClientConnection
from storage.embedded.engine import Engine
from storage.embedded.faults import ServerError
from storage.embedded.users import User
from storage.embedded.watcher import Watcher

_CLIENTS_MOST: Final = 256
_DRAIN_SECONDS: Final = 5.0  # for running queries when the listener ends; then they are killed


def main(
    path: Path,
    host: str,
    port: int,
    password_granary: str,
    password_dashboard: str,
    database: str = "granary",
    on_ready: Callable[[int], None] | None = None,
) -> None:
    """Serve the folder `path` with the users granary (all rights) and dashboard (reads `database`).

    Blocks until SIGTERM or SIGINT. Port 0 takes a free one; `on_ready` gets the port once clients
    are answered.

    Raises:
        StorageInUseError: another process serves the folder.
        OSError: the address is taken.
    """
    users = (
        User.of("granary", password_granary, database, reads_only=False),
        User.of("dashboard", password_dashboard, database, reads_only=True),
    )
    serve(path, host, port, users, on_ready or (lambda _: None), structlog.get_logger())


def serve(
    path: Path,
    host: str,
    port: int,
    users: Sequence[User],
    on_ready: Callable[[int], None],
    log: FilteringBoundLogger,
) -> None:
    """Serve `users` until SIGTERM or SIGINT; creates the users' databases.

    The end: no new clients, idle ones are let go; running queries get five seconds, then the kill.
    """
    with Engine(path) as engine, _stop_signal() as stop:
        for database in {user.database for user in users}:
            engine.require_database(database)
        spool = path / "spool"
        spool.mkdir(exist_ok=True)
        with socket.create_server((host, port), backlog=128) as listener:
            log.info("clickhouse listens", port=listener.getsockname()[1], version=engine.version)
            clients = _Clients(engine, users, spool, log)
            on_ready(listener.getsockname()[1])
            with selectors.DefaultSelector() as selector:
                selector.register(listener, selectors.EVENT_READ)
                selector.register(stop, selectors.EVENT_READ)
                while all(key.fileobj is not stop for key, _ in selector.select()):
                    clients.welcome(listener)
        clients.end()
        log.info("clickhouse ended")


class _Clients:
    """The connected clients, a thread each."""

    def __init__(
        self, engine: Engine, users: Sequence[User], spool: Path, log: FilteringBoundLogger
    ) -> None:
        self._engine = engine
        self._users = {user.name: user for user in users}
        self._spool = spool
        self._log = log
        self._watcher = Watcher(engine)
        self._watcher.start()
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._threads: dict[ClientConnection, threading.Thread] = {}

    def welcome(self, listener: socket.socket) -> None:
        """Accept one client and serve it on a thread of its own."""
        try:
            peer, address = listener.accept()
        except OSError:
            return  # gone before it was accepted, or no file descriptors left
        if len(self._threads) >= _CLIENTS_MOST:
            self._log.warning("clickhouse refuses a client: too many", clients=_CLIENTS_MOST)
            self._refuse(peer)
            return
        number = next(self._numbers)
        client = ClientConnection(
            peer, self._engine, self._watcher, self._users, f"client {number}:", self._spool,
            self._log.bind(connection=number, address=address[0]),
        )  # fmt: skip
        thread = threading.Thread(
            target=self._serve, args=(client,), name=f"clickhouse-{number}", daemon=True
        )
        with self._lock:
            self._threads[client] = thread
        thread.start()

    def _refuse(self, peer: socket.socket) -> None:
        fault = ServerError(faults.TOO_MANY_CLIENTS, "DB::Exception: Too many connections.")
        with peer:
            peer.setblocking(False)
            try:
                peer.send(packets.exception(fault))
            except OSError:
                return

    def _serve(self, client: ClientConnection) -> None:
        try:
            client.serve()
        finally:
            with self._lock:
                del self._threads[client]

    def end(self) -> None:
        """Let idle clients go, wait for running queries up to the limit, then kill them."""
        deadline = time.monotonic() + _DRAIN_SECONDS
        while True:
            with self._lock:
                left = dict(self._threads)
            late = time.monotonic() > deadline
            if late:
                self._watcher.kill_all()
            for client in left:
                if late or not client.busy:
                    client.hang_up()
            if not left or time.monotonic() > deadline + _DRAIN_SECONDS:
                break
            next(iter(left.values())).join(timeout=0.05)
        self._watcher.stop()


@contextmanager
def _stop_signal() -> Iterator[socket.socket]:
    """A socket that becomes readable on SIGTERM or SIGINT (never, outside the main thread)."""
    reading, writing = socket.socketpair()
    writing.setblocking(False)
    if threading.current_thread() is not threading.main_thread():
        with reading, writing:
            yield reading
        return
    before = {
        number: signal.signal(number, lambda *_: writing.send(b"x"))
        for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        with reading, writing:
            yield reading
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
