"""The ordinary program itself: `python -m bench.ordinary_faust.app '{…}'` (fields of `Job`).

One message is one observation in JSON, read into a `faust.Record`; state is dictionaries; `take`
gathers a batch, whose rows are inserted in one columnar INSERT a table. Written as one would write
it from Faust's own guide, and not badly: batch inserts, look-ups prepared, no work done twice.
"""

import asyncio
import json
import resource
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import faust
from clickhouse_driver import Client

from bench.city_catalogue import TABLE
from bench.generator import GeneratedCity
from bench.ordinary_faust.places import Places
from bench.ordinary_faust.state import FIGURE_COLUMNS, OrdinaryState
from granary.keys import version_of
from indicators.periods import parse_period

_OBSERVATION = ("city", "source", "item", "period", "unit", "value", "status", "version")
_SUPERSEDED = (*_OBSERVATION, "superseded_by")
_QUARANTINE = (
    "city", "version", "ordinal", "unit", "item", "period", "value", "status", "reason",
)  # fmt: skip
_CITY, _SOURCE = 1, 1


class Observation(faust.Record, serializer="json"):
    """A message."""

    submission: str
    reporter: str
    table: str
    unit: str
    item: str
    period: str
    value: int
    status: int


@dataclass(frozen=True, slots=True)
class Job:
    """What to run: `messages` to wait for in the topic, `take` messages a batch."""

    broker: str
    topic: str
    clickhouse: str
    database: str
    units: int
    months: int
    seed: int
    code: str
    messages: int
    take: int
    group: str
    result: str

    @classmethod
    def of_json(cls, text: str) -> "Job":
        return cls(**json.loads(text))

    def to_json(self) -> str:
        return json.dumps(asdict(self))


class Program:
    """State and store of the ordinary program."""

    def __init__(self, job: Job) -> None:
        city = GeneratedCity(job.units, job.months, seed=job.seed, code=job.code)
        self.job = job
        self.places = Places(city.catalogue, city.register())
        self.state = OrdinaryState(self.places, TABLE)
        self.client = Client.from_url(job.clickhouse)
        self.items = {item.code: item.id for item in city.catalogue.items}
        self.version = city.catalogue.version
        self.standing = city.catalogue.table[TABLE].standing.value
        self.seen = 0
        self.first: tuple[float, float] | None = None

    def begin(self) -> None:
        """The first message is here: start the clocks."""
        if self.first is None:
            self.first = (time.perf_counter(), _cpu())

    def work(self, batch: Sequence[Observation]) -> None:
        """Check, apply and store a batch."""
        current, superseded, refused = [], [], []
        for message in batch:
            version = version_of(0, self.seen)
            self.seen += 1
            reason = self.state.refuse(message.__dict__)
            unit, period = message.unit, parse_period(message.period)
            item, key = self.items.get(message.item, 0), self.places.key.get(unit, 0)
            if reason:
                refused.append(
                    (_CITY, version, 0, key, item, period, message.value, message.status, reason)
                )
                continue
            before = self.state.apply(
                unit, message.item, period, message.value, message.status, version
            )
            row = (_CITY, _SOURCE, item, period, key, message.value, message.status, version)
            current.append(row)
            if before is not None:
                superseded.append((*row[:5], *before, version))
        now_ms = int(time.time() * 1000)
        self._insert("observation_superseded", _SUPERSEDED, superseded)
        self._insert("observation_current", _OBSERVATION, current)
        self._insert("quarantine", _QUARANTINE, refused)
        shared = {
            "city": _CITY,
            "city_code": self.job.code,
            "scope": "all",
            "standing": self.standing,
            "version": version_of(0, self.seen),
            "known_from": now_ms,
            "catalogue_version": self.version,
        }
        columns = (*FIGURE_COLUMNS, *shared)
        figures = [(*row, *shared.values()) for row in self.state.figures()]
        self._insert("figure_history", columns, figures)
        self._insert("figure_current", columns, figures)

    def finish(self) -> None:
        """Everything is stored: write what it took."""
        started, cpu = self.first or (0.0, 0.0)
        content = {
            "rows": self.seen,
            "seconds": time.perf_counter() - started,
            "cpu_s": _cpu() - cpu,
            "rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        }
        scratch = Path(f"{self.job.result}.part")
        scratch.write_text(json.dumps(content), encoding="utf-8")
        scratch.replace(self.job.result)

    def _insert(self, table: str, columns: Iterable[str], rows: Sequence[tuple[Any, ...]]) -> None:
        if rows:
            self.client.execute(
                f"INSERT INTO {self.job.database}.{table} ({', '.join(columns)}) VALUES",
                list(zip(*rows, strict=True)),
                columnar=True,
            )


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def make_app(program: Program) -> Any:
    """The Faust app with its one agent."""
    job = program.job
    app = faust.App(
        job.group,
        broker=f"kafka://{job.broker}",
        store="memory://",
        datadir=str(Path(job.result).with_suffix(".faust")),
        topic_disable_leader=True,
        web_enabled=False,
        consumer_auto_offset_reset="earliest",
    )
    topic = app.topic(job.topic, value_type=Observation)

    @app.agent(topic)
    async def observations(stream: Any) -> None:
        stream.add_processor(_starting(program))
        async for batch in stream.take(job.take, within=1.0):
            await asyncio.to_thread(program.work, batch)
            if program.seen >= job.messages:
                program.finish()

    return app


def _starting(program: Program) -> Any:
    def processor(value: Any) -> Any:
        program.begin()
        return value

    return processor


def main() -> None:
    """Run until killed; the result file says that the work is done."""
    program = Program(Job.of_json(sys.argv[1]))
    app = make_app(program)
    faust.Worker(app, loglevel="warning", redirect_stdouts=False).execute_from_commandline()


if __name__ == "__main__":
    main()
