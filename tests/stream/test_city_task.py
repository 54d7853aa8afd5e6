"""A city's task: order, back-pressure, dead letters, and what is stored before what."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest

from granary.wire import record_headers
from stream.city_task import CityTask, Ports
from stream.dead_letters import DeadLetterWatch
from stream.errors import CityHaltedError, DeadLetterLimitError, UnreadableRecordError
from stream.fold import CityFold
from stream.outcome import Outcome
from stream.publish import Published
from stream.records import LogMessage
from stream.recovery import recover
from stream.rows import STAGES
from tests.indicators.cities import catalogue, unit
from tests.stream.logs import Log
from tests.stream.memory_store import MemoryStore


@dataclass
class Delivery:
    """A record as the consumer hands it over; remembers whether it was acknowledged."""

    message: LogMessage
    acks: list[int]

    def ack(self) -> None:
        self.acks.append(self.message.offset)


@dataclass
class Outside:
    """Everything a task talks to, in memory; `written` is the order of tables per drain."""

    store: MemoryStore = field(default_factory=MemoryStore)
    written: list[str] = field(default_factory=list)
    published: list[Published] = field(default_factory=list)
    dead: list[tuple[int, str]] = field(default_factory=list)
    rewound: list[int] = field(default_factory=list)
    acks: list[int] = field(default_factory=list)
    last: int = -1

    def write(self, table: str, columns: dict[str, Any], /) -> None:
        self.written.append(table)
        kept = self.store.tables.setdefault(table, [])
        kept += [
            dict(zip(columns, values, strict=True))
            for values in zip(*columns.values(), strict=True)
        ]

    async def publish(self, messages: Sequence[Published]) -> None:
        self.published += messages

    async def dead_letter(self, message: LogMessage, reason: str) -> None:
        self.dead.append((message.offset, reason))

    async def rewind(self, offset: int) -> None:
        self.rewound.append(offset)

    def progressed(self, outcome: Outcome, offset: int, seconds: float) -> None:
        self.last = offset

    def task(self, **limits: Any) -> CityTask:
        threads = ThreadPoolExecutor(1)
        ports = Ports(
            self, self.publish, self.dead_letter, self.rewind, self.progressed, threads, threads
        )
        fold = limits.get("fold") or CityFold(1, 0, self.store, 10**9)
        return CityTask(fold, ports, limits.get("drain", 100_000), limits.get("dead_share", 0.2))

    async def feed(self, task: CityTask, messages: Sequence[LogMessage]) -> None:
        """Offer all messages and wait until the last of them is acknowledged."""
        running = asyncio.create_task(task.run())
        for message in messages:
            await task.offer(Delivery(message, self.acks))

        def done() -> bool:
            return self.last >= messages[-1].offset or running.done()

        await until(done)
        failed = running.exception() if running.done() else None
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        if failed is not None:
            raise failed


async def until(condition: Callable[[], bool]) -> None:
    """Wait for the condition, at most ten seconds."""

    async def wait() -> None:
        while not condition():
            await asyncio.sleep(0.005)

    await asyncio.wait_for(wait(), 10)


def run(work: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        await work()

    asyncio.run(main())


def log_of(submissions: int) -> Log:
    log = Log()
    log.catalogue(catalogue())
    log.register([row for at in range(3) for row in unit(f"u{at}", "XY"[at % 2])])
    for number in range(submissions):
        log.submission(f"s{number}", [("u0", 1, 202601, number)])
    return log


def test_records_are_acknowledged_in_order_after_their_ledger_row_is_stored() -> None:
    outside, log = Outside(), log_of(5)
    run(lambda: outside.feed(outside.task(), log.messages))
    assert outside.acks == list(range(len(log.messages)))
    assert len(outside.store.tables["ledger"]) == len(log.messages)


def test_every_drain_stores_its_tables_in_stages_with_the_ledger_last() -> None:
    outside, log = Outside(), log_of(4)
    run(lambda: outside.feed(outside.task(drain=1), log.messages))
    order = {table: number for number, stage in enumerate(STAGES) for table in stage}
    drains: list[list[int]] = [[]]
    for table in outside.written:
        drains[-1].append(order[table])
        if table == "ledger":
            drains.append([])
    assert drains.pop() == []
    assert all(stages == sorted(stages) for stages in drains)
    assert len(drains) > 4


def test_a_record_already_folded_is_acknowledged_and_skipped() -> None:
    outside, log = Outside(), log_of(1)

    async def twice() -> None:
        task = outside.task()
        running = asyncio.create_task(task.run())
        for message in log.messages:
            await task.offer(Delivery(message, outside.acks))
        await until(lambda: outside.last == log.messages[-1].offset)
        await task.offer(Delivery(log.messages[0], outside.acks))
        running.cancel()

    run(twice)
    assert outside.acks == [*range(len(log.messages)), 0]
    assert len(outside.store.tables["ledger"]) == len(log.messages)


def test_a_record_beyond_the_next_one_is_not_taken_and_the_log_is_rewound() -> None:
    outside, log = Outside(), log_of(1)
    run(lambda: outside.task().offer(Delivery(log.messages[2], outside.acks)))
    assert (outside.rewound, outside.acks) == ([0], [])


def test_a_dead_letter_is_sent_before_its_record_is_acknowledged() -> None:
    outside, log = Outside(), log_of(2)
    broken = log.messages[2]
    log.messages[2] = LogMessage(broken.offset, broken.known_ms, broken.headers, b"?")
    run(lambda: outside.feed(outside.task(), log.messages))
    assert [offset for offset, _ in outside.dead] == [2]
    assert outside.acks == list(range(len(log.messages)))


def undecodable(records: int) -> Log:
    log = log_of(0)
    for _ in range(records):
        log.put({"schema": b"1", "kind": b"observations"}, b"?")
    return log


def test_a_feed_that_is_mostly_undecodable_halts_its_city_instead_of_being_binned() -> None:
    outside, log = Outside(), undecodable(120)
    with pytest.raises(DeadLetterLimitError) as found:
        run(lambda: outside.feed(outside.task(), log.messages))
    assert isinstance(found.value, CityHaltedError)


def test_restarts_send_no_more_dead_letters_once_the_limit_is_passed() -> None:
    outside, log = Outside(), undecodable(400)
    sent: list[int] = []
    for _ in range(4):
        task = outside.task(fold=recover(outside.store, 1, 0, 10**9))
        with pytest.raises(DeadLetterLimitError):
            run(partial(outside.feed, task, log.messages))
        sent.append(len({offset for offset, _ in outside.dead}))
    assert sent[-1] < 100
    assert sent[-1] == sent[-2]


def test_a_good_record_goes_on_while_dead_letters_before_it_are_over_the_limit() -> None:
    watch = DeadLetterWatch(1, 0.2, ["dead"] * 50 + ["observations"] * 50)
    watch.note(died=False)
    with pytest.raises(DeadLetterLimitError):
        watch.note(died=True)


def test_a_city_that_has_halted_keeps_no_other_waiting() -> None:
    outside, log = Outside(), log_of(0)
    log.put(record_headers("control", 1), b"{")
    for number in range(200):
        log.submission(f"s{number}", [("u0", 1, 202601, number)])
    deliveries = [Delivery(message, outside.acks) for message in log.messages]

    async def halted() -> None:
        task = outside.task()
        running = asyncio.create_task(task.run())
        for delivered in deliveries[:80]:
            await asyncio.wait_for(task.offer(delivered), 5)
        await asyncio.gather(running, return_exceptions=True)
        assert isinstance(running.exception(), UnreadableRecordError)
        for delivered in deliveries[80:]:
            await asyncio.wait_for(task.offer(delivered), 5)

    run(halted)
    assert outside.acks == [0, 1]


def test_a_city_that_is_taken_away_lets_go_of_whoever_waits_for_it() -> None:
    outside, log = Outside(), log_of(100)
    deliveries = [Delivery(message, outside.acks) for message in log.messages]

    async def taken_away() -> None:
        task = outside.task()

        async def offer_all() -> None:
            for delivered in deliveries:
                await task.offer(delivered)

        waiting = asyncio.create_task(offer_all())
        await until(lambda: task.waiting == 64)
        task.end()
        await asyncio.wait_for(waiting, 5)
        assert task.waiting == 0

    run(taken_away)
    assert outside.acks == []


def test_what_is_published_is_what_is_stored_as_current() -> None:
    outside, log = Outside(), log_of(3)
    run(lambda: outside.feed(outside.task(), log.messages))
    sets = [int(dict(headers)["set_id"]) for _, headers in outside.published]
    stored = {int(row["version"]) for row in outside.store.tables["figure_history"]}
    assert sets == sorted(sets)
    assert set(sets) == stored
