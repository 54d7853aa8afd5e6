"""The Faust app: one agent over the city logs, a task for every city it is assigned.

Follows the measured recipe: one agent with concurrency 1 over `noack` events, acknowledged by hand
in order per city; cubes are loaded in `on_rebalance_complete`, before the flow resumes, and the
ledger's next offset is committed there; a static member id and a short session bring a killed
worker back at once. An error in a city's work halts that city where an operator must act on it, and
otherwise ends the process loudly: Faust's own restart of an agent would go on behind the failed
message.
"""

import asyncio
import os
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import faust

# pyarrow and clickhouse-driver load it when first used: two seconds in the middle of a drain.
import pandas  # noqa: F401
import structlog
from faust.types import TP

from granary import metrics
from granary.failpoints import failpoint
from granary.health import serve_health
from granary.logs import configure_logs
from granary.settings import Settings
from granary.topics import DEAD_TOPIC, FIGURES_TOPIC, LOG_TOPIC
from storage.control import cities
from storage.control.cities import City
from storage.control.schema import reading
from storage.fold_reads import FoldReads
from storage.writer import Writer
from stream.city_task import CityTask, Delivered, Ports
from stream.consumer import FaustEvent, commit_offsets, make_faust
from stream.errors import CityHaltedError
from stream.outcome import Outcome
from stream.publish import Published
from stream.records import LogMessage
from stream.recovery import recover

log = structlog.get_logger(__name__)

#: A worker that has records waiting and has not finished a drain for this long is not ready.
_STALLED_SECONDS = 30.0
_EXIT_HALTED = 70


class Worker:
    """Cities of this worker: loads them when assigned, drops them when revoked, tells health."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        url = settings.clickhouse.get_secret_value()
        self.reads = FoldReads(url)
        self.writer = Writer(url, count_retry)
        self.tasks: dict[int, CityTask] = {}  # by partition
        self.runs: dict[int, asyncio.Task[None]] = {}
        self.halted: dict[int, str] = {}
        self.last_progress: dict[int, float] = {}
        self.waiting_since: dict[int, float] = {}
        self.joined = False
        self._compute = ThreadPoolExecutor(4, thread_name_prefix="compute")
        self._insert = ThreadPoolExecutor(4, thread_name_prefix="insert")
        self.app = self._make_app()

    def _make_app(self) -> Any:
        app = make_faust(self.settings)
        records = app.topic(LOG_TOPIC, value_serializer="raw", key_serializer="raw", acks=True)
        self._figures = app.topic(FIGURES_TOPIC, value_serializer="raw", key_serializer="raw")
        self._dead = app.topic(DEAD_TOPIC, value_serializer="raw", key_serializer="raw")

        @app.agent(records, concurrency=1, name="city_log")
        async def city_log(stream: Any) -> None:
            async for event in stream.noack().events():
                await self._dispatch(event)

        @app.on_rebalance_complete.connect(weak=False)
        async def take_cities(*_: Any, **__: Any) -> None:
            await self._take_cities()

        return app

    async def _take_cities(self) -> None:
        """Load the cubes of newly assigned cities and commit where each city reads on.

        A rebalance revokes every partition and usually gives most of them back, so a city is only
        dropped here, when it is known to be another worker's. Until then this worker may go on
        storing what it has: the other one's rows would be the same.
        """
        assigned = {tp.partition for tp in self.app.consumer.assignment() if tp.topic == LOG_TOPIC}
        await self._leave(set(self.tasks) - assigned)
        known = {city.partition: city for city in await asyncio.to_thread(self._cities)}
        offsets: dict[int, int] = {}
        for partition in sorted(assigned):
            if partition in known:
                if partition not in self.tasks:
                    await self._load(known[partition])
                offsets[partition] = self.tasks[partition].expected
        await commit_offsets(self.app.consumer, offsets)
        self.joined = True
        log.info("cities_taken", partitions=sorted(assigned), offsets=offsets)

    def _cities(self) -> Sequence[City]:
        with reading(self.settings.control_url) as connection:
            return cities.every(connection)

    async def _load(self, city: City) -> None:
        failpoint("worker.assigned")
        started = time.monotonic()
        fold = await asyncio.to_thread(
            recover, self.reads, city.id, city.generation, self.settings.memory_cells
        )
        failpoint("worker.recovered")
        task = CityTask(
            fold,
            self._ports(city),
            self.settings.drain_observations,
            self.settings.dead_letter_share,
        )
        self.tasks[city.partition] = task
        self.last_progress[city.partition] = time.monotonic()
        metrics.RECOVERY_SECONDS.labels(city=city.code).set(time.monotonic() - started)
        metrics.PROGRESS_SECONDS.labels(city=city.code).set_function(
            partial(self._seconds_without_progress, city.partition)
        )
        metrics.LAG.labels(city=city.code).set_function(partial(self._lag, city.partition))
        self.runs[city.partition] = asyncio.create_task(self._run(city, task))
        log.info(
            "city_recovered",
            city=city.code,
            next_offset=fold.next_offset,
            seconds=round(time.monotonic() - started, 3),
        )

    def _ports(self, city: City) -> Ports:
        tp = TP(LOG_TOPIC, city.partition)

        async def publish(messages: Sequence[Published]) -> None:
            sent = [
                await self._figures.send(
                    key=city.code.encode(),
                    value=value,
                    partition=city.partition,
                    headers=dict(headers),
                )
                for value, headers in messages
            ]
            for future in sent:
                await future

        async def dead_letter(message: LogMessage, reason: str) -> None:
            headers = {
                **message.headers,
                "origin": f"{LOG_TOPIC}/{city.partition}/{message.offset}".encode(),
                "reason": reason.encode(),
            }
            await (
                await self._dead.send(
                    key=city.code.encode(), value=message.payload, headers=headers
                )
            )
            metrics.DEAD_LETTERS.labels(city=city.code).inc()

        async def rewind(offset: int) -> None:
            await self.app.consumer.seek(tp, offset)

        def progressed(outcome: Outcome, offset: int, seconds: float) -> None:
            self.last_progress[city.partition] = time.monotonic()
            self.waiting_since.pop(city.partition, None)
            metrics.OBSERVATIONS_FOLDED.labels(city=city.code).inc(outcome.observations)
            metrics.QUARANTINED.labels(city=city.code).inc(outcome.quarantined)
            metrics.LEDGER_OFFSET.labels(city=city.code).set(offset)
            metrics.LIVE_CELLS.labels(city=city.code).set(
                self.tasks[city.partition].fold.cube.live_cells
            )
            metrics.DRAINS.labels(city=city.code).inc()
            metrics.DRAIN_SECONDS.labels(city=city.code).observe(seconds)
            metrics.FIGURES_PUBLISHED.labels(city=city.code).inc(
                outcome.rows.count("figure_history")
            )

        return Ports(
            self.writer, publish, dead_letter, rewind, progressed, self._compute, self._insert
        )

    async def _run(self, city: City, task: CityTask) -> None:
        try:
            await task.run()
        except asyncio.CancelledError:
            raise
        except CityHaltedError as error:
            # Only this city halts; its records stay unacknowledged and are read again at restart.
            self.halted[city.partition] = str(error)
            log.critical("city_halted", city=city.code, error=str(error))
        except BaseException as error:
            log.critical("worker_stops", city=city.code, error=repr(error), exc_info=True)
            os._exit(_EXIT_HALTED)

    async def _dispatch(self, event: Any) -> None:
        partition = event.message.partition
        task = self.tasks.get(partition)
        if task is None:
            # A city assigned after this worker took its partitions.
            known = {city.partition: city for city in await asyncio.to_thread(self._cities)}
            if partition not in known:
                log.critical("unknown_partition", partition=partition)
                os._exit(_EXIT_HALTED)
            await self._load(known[partition])
            task = self.tasks[partition]
        if partition in self.halted:
            return
        self.waiting_since.setdefault(partition, time.monotonic())
        delivered: Delivered = FaustEvent(event)
        await task.offer(delivered)

    async def _leave(self, partitions: set[int]) -> None:
        for partition in partitions & set(self.tasks):
            run = self.runs.pop(partition)
            self.tasks[partition].end()
            run.cancel()
            await asyncio.gather(run, return_exceptions=True)
            for state in (self.tasks, self.last_progress, self.waiting_since, self.halted):
                state.pop(partition, None)

    def _seconds_without_progress(self, partition: int) -> float:
        """Seconds a record has been waiting with nothing finished since; 0 when none waits."""
        since = self.waiting_since.get(partition)
        if since is None:
            return 0.0
        return time.monotonic() - max(since, self.last_progress.get(partition, since))

    def _lag(self, partition: int) -> float:
        """Records between the ledger's end and the log's, as far as the consumer has heard."""
        task = self.tasks.get(partition)
        if task is None:
            return 0.0
        end = self.app.consumer.highwater(TP(LOG_TOPIC, partition)) or task.expected
        return float(max(end - task.stored_to, 0))

    def ready(self) -> tuple[bool, Mapping[str, Any]]:
        """Whether every city of this worker makes progress, and what /readyz says beside it."""
        now = time.monotonic()
        waits = {at: self._seconds_without_progress(at) for at in list(self.waiting_since)}
        stalled = {at: round(s, 1) for at, s in waits.items() if s > _STALLED_SECONDS}
        facts = {
            "joined": self.joined,
            "cities": {
                task.fold.city: {
                    "next_offset": task.fold.next_offset,
                    "last_progress_s": round(now - self.last_progress[partition], 1),
                }
                for partition, task in list(self.tasks.items())
            },
            "halted": self.halted,
            "stalled": stalled,
        }
        return self.joined and not stalled and not self.halted, facts


def count_retry(table: str, error: BaseException, attempt: int) -> None:
    """Count an insert that is tried again, and say so the first time."""
    metrics.STORE_RETRIES.labels(table=table).inc()
    if attempt == 1:
        log.warning("store_busy", table=table, error=str(error).splitlines()[:1])


def main(settings: Settings) -> None:
    """Run a worker until SIGTERM."""
    configure_logs(settings.log_level, "worker")
    worker = Worker(settings)
    serve_health(settings.host, settings.metrics_port, worker.ready)
    faust.Worker(worker.app, loglevel="warning", redirect_stdouts=False).execute_from_commandline()
