"""Stopping queries nobody waits for: one thread watches the sockets of all running queries.

While a query runs its client's thread is inside the engine. A readable socket then means that the
client cancels or is gone; the query is killed by the tag its session carries as `log_comment`.
"""

import selectors
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from storage.embedded.engine import Engine, EngineConnection, literal
from storage.embedded.faults import ServerError
from storage.embedded.packets import FromClient

# A cancel can come before the engine lists the query: try again until its thread is out of it.
_KILL_AGAIN_SECONDS: Final = 0.05


class Watch:
    """One running query; `cancelled` and `gone` are set by the watcher."""

    def __init__(self, peer: socket.socket, tag: str) -> None:
        self.peer = peer
        self.tag = tag
        self.cancelled = False
        self.gone = False


class Watcher:
    """Watches from `start` to `stop`; `watching` may be used from any thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._selector = selectors.DefaultSelector()
        self._wake, waker = socket.socketpair()
        self._waker = waker
        self._selector.register(self._wake, selectors.EVENT_READ)
        self._lock = threading.Lock()
        self._running: set[Watch] = set()
        self._doomed: set[Watch] = set()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="clickhouse-watcher", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        self._waker.send(b"x")
        self._thread.join()
        self._selector.close()
        self._wake.close()
        self._waker.close()

    @contextmanager
    def watching(self, peer: socket.socket, tag: str, pending: bytes) -> Iterator[Watch]:
        """Watch `peer` while a query tagged `tag` runs; `pending` has come from it already."""
        watch = Watch(peer, tag)
        with self._lock:
            self._running.add(watch)
            if pending[:1] == bytes([FromClient.CANCEL]):
                watch.cancelled = True
            elif not pending:
                self._selector.register(peer, selectors.EVENT_READ, watch)
        try:
            yield watch
        finally:
            with self._lock:
                self._running.discard(watch)
                self._doomed.discard(watch)
                self._forget(watch)

    def running(self) -> int:
        """Queries being watched."""
        with self._lock:
            return len(self._running)

    def kill_all(self) -> None:
        """Kill what still runs: the listener ends."""
        with self._lock:
            for watch in self._running:
                watch.cancelled = True
                self._doomed.add(watch)
        self._waker.send(b"x")

    def _run(self) -> None:
        connection = self._engine.connect()
        try:
            while not self._stopping:
                timeout = _KILL_AGAIN_SECONDS if self._doomed else None
                for key, _ in self._selector.select(timeout):
                    if key.data is None:
                        self._wake.recv(64)
                    else:
                        self._look(key.data)
                with self._lock:
                    tags = [watch.tag for watch in self._doomed]
                for tag in tags:
                    self._kill(connection, tag)
        finally:
            connection.close()

    def _look(self, watch: Watch) -> None:
        """Judge what a client sent in the middle of its query, leaving it in the socket."""
        with self._lock:
            if watch not in self._running:
                return
            self._forget(watch)
            try:
                first = watch.peer.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
            except BlockingIOError:
                self._selector.register(watch.peer, selectors.EVENT_READ, watch)
                return
            except OSError:
                first = b""
            if first and first[0] != FromClient.CANCEL:
                return  # the next request, sent early; it waits its turn
            watch.gone = not first
            watch.cancelled = True
            self._doomed.add(watch)

    def _forget(self, watch: Watch) -> None:
        try:
            self._selector.unregister(watch.peer)
        except (KeyError, ValueError):
            return

    def _kill(self, connection: EngineConnection, tag: str) -> None:
        try:
            connection.run(
                f"KILL QUERY WHERE startsWith(Settings['log_comment'], {literal(tag)}) ASYNC"
            )
        except ServerError:
            return  # tried again while the query is still running
