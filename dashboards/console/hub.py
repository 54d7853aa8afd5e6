"""From the thread that reads Kafka to every open page: one bounded queue a reader."""

import asyncio
import itertools
import threading
from collections.abc import AsyncIterator, Mapping
from typing import Any

from granary import metrics

#: Events a slow page may be behind before it is told to read everything anew. A page reads one in
#: a few milliseconds, so that more than this means it was asleep.
BACKLOG = 64

Event = Mapping[str, Any]
RESYNC: Event = {"type": "resync"}


class Hub:
    """Hands each event to every reader of its city; never blocks the publisher.

    A reader whose queue is full loses what is in it and gets `RESYNC` instead: the page then reads
    its figures from the store, which has them all.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._readers: dict[int, tuple[str, asyncio.AbstractEventLoop, asyncio.Queue[Event]]] = {}
        self._numbers = itertools.count()

    @property
    def readers(self) -> int:
        return len(self._readers)

    def publish(self, city: str, event: Event) -> None:
        """Give an event to the readers of a city; '' means every reader. Any thread."""
        with self._lock:
            readers = list(self._readers.values())
        for wanted, loop, events in readers:
            if not city or wanted in ("", city):
                try:
                    loop.call_soon_threadsafe(_put, events, event)
                except RuntimeError:  # the loop of that reader has ended
                    continue

    async def events(self, city: str, heartbeat_s: float) -> AsyncIterator[Event | None]:
        """Events of a city ('' all) as they come; None whenever `heartbeat_s` passed without one.

        The reader is entered before the first event is awaited, so that what is published between
        the page's first read and its next one is not missed.
        """
        number = next(self._numbers)
        events: asyncio.Queue[Event] = asyncio.Queue(BACKLOG)
        with self._lock:
            self._readers[number] = (city, asyncio.get_running_loop(), events)
        metrics.PAGES_OPEN.inc()
        try:
            yield {"type": "open"}
            while True:
                try:
                    event = await asyncio.wait_for(events.get(), heartbeat_s)
                except TimeoutError:
                    yield None
                    continue
                metrics.EVENTS_SENT.labels(city=city).inc()
                yield event
        finally:
            with self._lock:
                del self._readers[number]
            metrics.PAGES_OPEN.dec()


def _put(events: asyncio.Queue[Event], event: Event) -> None:
    if events.full():
        while not events.empty():
            events.get_nowait()
        event = RESYNC
    events.put_nowait(event)
