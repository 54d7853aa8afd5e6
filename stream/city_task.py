"""One city's work in a worker: take what is queued, fold it, store it, publish, acknowledge.

A drain, and what a crash after each step leaves behind:
 1. take the queued records in offset order       nothing; they are read again
 2. decode, judge, apply to the cube, compute     nothing; the cube dies with the process
 3. dead letters to their topic, awaited          a dead letter may come twice
 4. store rows stage by stage (`rows.STAGES`)     unvouched rows; written alike again
 5. store the ledger                              all is stored; this set may stay unpublished
 6. publish figures                               a set may be published twice
 7. acknowledge in order                          Faust's commit is only a hint
While drain n is stored, drain n + 1 is computed; stores never overtake each other.
"""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, Protocol

import structlog

from granary.failpoints import failpoint
from stream.dead_letters import DeadLetterWatch
from stream.errors import OffsetGapError
from stream.fold import CityFold
from stream.outcome import Outcome
from stream.publish import Published, figure_messages
from stream.records import DeadRecord, LogMessage, decode
from stream.rows import HISTORY, STAGES, Column, Rows

log = structlog.get_logger(__name__)

#: Fail points passed when a stage of `STAGES` is stored.
_STORED = (
    "worker.superseded_stored",
    "worker.observations_stored",
    "worker.ledger_stored",
)
#: Records a drain looks at; it stops sooner when it has observations or figures enough.
_MOST_RECORDS = 64
#: Figures of a drain: a history of many periods alters hundreds of thousands, and every one is held
#: in memory, inserted twice and published.
_MOST_FIGURES = 100_000


class RowStore(Protocol):
    """Stores columns. Blocks until durable, retries a busy store without end; safe to repeat."""

    def write(self, table: str, columns: dict[str, Column], /) -> None: ...


class Delivered(Protocol):
    """A record as the consumer delivered it; `ack` says that it need not be read again."""

    @property
    def message(self) -> LogMessage: ...
    def ack(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Ports:
    """What the task needs of the outside."""

    store: RowStore
    publish: Callable[[Sequence[Published]], Awaitable[None]]
    dead_letter: Callable[[LogMessage, str], Awaitable[None]]
    rewind: Callable[[int], Awaitable[None]]
    progressed: Callable[[Outcome, int, float], None]
    compute: Executor
    insert: Executor


@dataclass(slots=True)
class _Drain:
    delivered: list[Delivered]
    outcome: Outcome
    published: list[Published]
    dead: list[tuple[LogMessage, str]]
    started: float  # monotonic seconds


class CityTask:
    """Owns one city's fold. `offer` hands records in; `run` works until cancelled or failed.

    When it has ended, `offer` takes nothing and returns at once: one agent feeds all cities of a
    worker, and must not wait for a city that has stopped.
    """

    def __init__(
        self, fold: CityFold, ports: Ports, drain_observations: int, dead_share: float
    ) -> None:
        self.fold = fold
        self._ports = ports
        self._most = drain_observations
        self._watch = DeadLetterWatch(fold.city, dead_share, fold.latest_kinds)
        self._queue: asyncio.Queue[Delivered] = asyncio.Queue(maxsize=64)
        self._ended = asyncio.Event()
        self.expected = fold.next_offset
        self.stored_to = fold.next_offset
        self._left: deque[Delivered] = deque()  # taken from the queue, not folded yet
        self._stored: list[set[tuple[str, int]]] = []  # blocks of drains stored, not yet released

    @property
    def waiting(self) -> int:
        """Records handed over and not taken up yet."""
        return self._queue.qsize() + len(self._left)

    async def offer(self, delivered: Delivered) -> None:
        """Hand over a record; waits while the city is behind (back-pressure).

        A record before the expected offset is acknowledged and skipped; one beyond it is not taken
        and the log is rewound. Once the task has ended nothing is taken or acknowledged: whoever
        takes the city up reads on from the ledger.
        """
        if self._ended.is_set():
            return
        offset = delivered.message.offset
        if offset < self.expected:
            delivered.ack()
            return
        if offset > self.expected:
            log.warning("offset_gap", city=self.fold.city, expected=self.expected, found=offset)
            await self._ports.rewind(self.expected)
            return
        self.expected = offset + 1
        if not self._queue.full():
            self._queue.put_nowait(delivered)
            return
        taken = asyncio.ensure_future(self._queue.put(delivered))
        ended = asyncio.ensure_future(self._ended.wait())
        try:
            await asyncio.wait((taken, ended), return_when=asyncio.FIRST_COMPLETED)
        finally:
            taken.cancel()
            ended.cancel()
        if self._ended.is_set():
            self.end()  # the record may have slipped into the emptied queue

    def end(self) -> None:
        """Take no more records and let go of those that wait; wakes whoever waits in `offer`."""
        self._ended.set()
        while not self._queue.empty():
            self._queue.get_nowait()
        self._left.clear()

    async def run(self) -> None:
        """Drain after drain.

        Raises:
            CityHaltedError, OffsetGapError, and what the store raises.
        """
        storing: asyncio.Task[None] | None = None
        try:
            while True:
                first = self._left.popleft() if self._left else await self._queue.get()
                failpoint("worker.drained")
                batch, quiet = self._take(first)
                if quiet and storing is not None:
                    await storing
                    storing = None
                loop = asyncio.get_running_loop()
                drain = await loop.run_in_executor(self._ports.compute, self._compute, batch)
                failpoint("worker.applied")
                if storing is not None:
                    await storing
                storing = asyncio.create_task(self._finish(drain))
                if quiet or not (self._left or self._queue.qsize()):
                    await storing
                    storing = None
        finally:
            self.end()
            if storing is not None and not storing.done():
                storing.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await storing

    def _take(self, first: Delivered) -> tuple[list[Delivered], bool]:
        """(records of this drain, whether all before must be stored).

        A record that needs the store up to date (register, control) makes a drain of its own.
        """
        batch = [first]
        if _is_quiet(first.message):
            return batch, True
        while len(batch) < _MOST_RECORDS and (self._left or self._queue.qsize()):
            following = self._left.popleft() if self._left else self._queue.get_nowait()
            if _is_quiet(following.message):
                self._left.appendleft(following)
                break
            batch.append(following)
        return batch, False

    def _compute(self, batch: list[Delivered]) -> _Drain:
        started = time.monotonic()
        # Here and not in `_finish`: only this thread touches the cube.
        while self._stored:
            self.fold.cube.release(self._stored.pop())
        outcome = Outcome()
        dead: list[tuple[LogMessage, str]] = []
        for at, delivered in enumerate(batch):
            if at and self._full(outcome):
                self._left.extendleft(reversed(batch[at:]))
                batch = batch[:at]
                break
            message = delivered.message
            if message.offset != self.fold.next_offset:
                raise OffsetGapError(
                    f"offset {message.offset} came where {self.fold.next_offset} was due."
                )
            decoded = decode(message)
            before = outcome.dead
            self.fold.apply(message, decoded, outcome)
            died = outcome.dead > before
            if died:
                reason = decoded.reason if isinstance(decoded, DeadRecord) else "conflicting repeat"
                dead.append((message, reason))
            self._watch.note(died)
        published: list[Published] = []
        if outcome.rows.count(HISTORY):
            published = list(figure_messages(outcome.rows.columns(HISTORY)))
        return _Drain(batch, outcome, published, dead, started)

    def _full(self, outcome: Outcome) -> bool:
        """Whether the drain has enough: observations, or figures where periods are many."""
        figures = outcome.rows.count(HISTORY)
        return outcome.observations >= self._most or figures >= _MOST_FIGURES

    def _write(self, table: str, rows: Rows) -> None:
        self._ports.store.write(table, rows.columns(table))
        failpoint("worker.table_stored")

    async def _finish(self, drain: _Drain) -> None:
        for message, reason in drain.dead:
            await self._ports.dead_letter(message, reason)
            failpoint("worker.dead_letter_sent")
        loop = asyncio.get_running_loop()
        rows = drain.outcome.rows
        there = set(rows.tables())
        for stage, point in zip(STAGES, _STORED, strict=True):
            writes = [
                loop.run_in_executor(self._ports.insert, self._write, table, rows)
                for table in stage
                if table in there
            ]
            if writes:
                await asyncio.gather(*writes)
                failpoint(point)
        self._stored.append(drain.outcome.held)
        if drain.published:
            await self._ports.publish(drain.published)
        failpoint("worker.published")
        for delivered in drain.delivered:
            delivered.ack()
        failpoint("worker.acknowledged")
        last = drain.delivered[-1].message
        self.stored_to = last.offset + 1
        self._ports.progressed(drain.outcome, last.offset, time.monotonic() - drain.started)


def _is_quiet(message: LogMessage) -> bool:
    return message.headers.get("kind") in (b"register", b"control")


def message_of(value: Any, offset: int, known_ms: int, headers: Any) -> LogMessage:
    """A `LogMessage` from what the consumer library hands over."""
    pairs = headers.items() if isinstance(headers, dict) else (headers or [])
    return LogMessage(offset, known_ms, {str(k): bytes(v) for k, v in pairs}, bytes(value or b""))
