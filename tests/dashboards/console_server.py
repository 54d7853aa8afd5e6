"""The console in this process: real app, real store, a source that a test puts sets into."""

import queue
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn

from dashboards.console.app import create_app
from granary.clock import ManualClock
from storage.clickhouse import connect
from stream.publish import figure_messages
from tests.dashboards.two_cities import NOW_MS, Cities

Message = tuple[Mapping[str, bytes], bytes]


class QueueSource:
    """A `Source` fed by hand; `lose` makes the next poll fail as a lost broker does."""

    def __init__(self) -> None:
        self.messages: queue.Queue[Message] = queue.Queue()
        self.opened = 0
        self.ends: dict[int, int] = {}
        self._lost = threading.Event()

    def open(self) -> "QueueSource":
        self.opened += 1
        return self

    def lose(self) -> None:
        self._lost.set()

    def poll(self, timeout_ms: int) -> Iterable[Message]:
        if self._lost.is_set():
            self._lost.clear()
            raise ConnectionError("no broker")
        try:
            return [self.messages.get(timeout=timeout_ms / 1000)]
        except queue.Empty:
            return []

    def log_ends(self) -> Mapping[int, int]:
        return self.ends

    def close(self) -> None:
        """Nothing is held."""


@dataclass
class Console:
    """A running console and what it reads."""

    url: str
    cities: Cities
    source: QueueSource

    def publish_newest(self) -> None:
        """Publish the newest set of the retail city, as the stream does once it is stored."""
        for message in newest_set(self.cities.owner_url):
            self.source.messages.put(message)


def newest_set(url: str) -> list[Message]:
    """The messages of the last record that changed figures of the retail city."""
    with connect(url) as client:
        rows, columns = client.execute(
            "SELECT * FROM figure_history FINAL WHERE city_code = 'aus_retail' AND version ="
            " (SELECT max(version) FROM figure_history WHERE city_code = 'aus_retail')",
            with_column_types=True,
        )
    table: dict[str, Any] = {
        name: list(column)
        for (name, _), column in zip(columns, zip(*rows, strict=True), strict=True)
    }
    return [(dict(headers), payload) for payload, headers in figure_messages(table)]


@contextmanager
def running(cities: Cities) -> Iterator[Console]:
    """Serve until the block ends."""
    source = QueueSource()
    places = {1: (0, 0), 2: (1, 0)}
    app = create_app(cities.store(), source.open, ManualClock(NOW_MS), lambda: places)
    server = uvicorn.Server(
        uvicorn.Config(
            app, host="127.0.0.1", port=0, log_level="warning", timeout_graceful_shutdown=1
        )
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.02)
        assert thread.is_alive(), "the console did not start"
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield Console(f"http://127.0.0.1:{port}", cities, source)
    finally:
        server.should_exit = True
        thread.join(10)
