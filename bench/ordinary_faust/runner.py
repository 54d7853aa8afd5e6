"""Runs the ordinary Faust program: finds the batch size that suits it, then the whole share."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from kafka.admin import KafkaAdminClient, NewTopic

from bench.city_catalogue import ITEMS, TABLE
from bench.generator import GeneratedCity
from bench.measure import Run
from bench.ordinary_faust.app import Job
from indicators.periods import format_period

if TYPE_CHECKING:
    from bench.stage import Stage

#: Messages a batch that are tried, and messages in each trial.
TAKES = (1_000, 5_000, 20_000)
_SAMPLE = 20_000
_TOPIC = "granary.bench.ordinary"
_DATABASE = "ordinary"
_TABLES = (
    "observation_current", "observation_superseded", "quarantine", "figure_current",
    "figure_history",
)  # fmt: skip
_TIMEOUT_SECONDS = 900.0

#: What must be equal in both stores: every observation in force, every one replaced, every figure.
_COMPARED = {
    "observation_current": "item, period, unit, value, status",
    "observation_superseded": "item, period, unit, value, status",
    "figure_current": (
        "indicator, period, measure, level, subject, by_level, by_subject, value, numerator,"
        " denominator, units, expected_units, reason, provisional, standing"
    ),
}


class Ordinary:
    """One share of the feed in a topic of its own, a message an observation."""

    def __init__(self, stage: "Stage", city: GeneratedCity, say: Callable[[str], None]) -> None:
        self._stage = stage
        self._city = city
        self._say = say
        self.take = TAKES[0]
        self._topic = f"{_TOPIC}.{city.units}.{int(time.time())}"
        with KafkaAdminClient(bootstrap_servers=stage.settings.kafka) as admin:
            admin.create_topics([NewTopic(self._topic, num_partitions=1, replication_factor=1)])
        self._messages = self._produce()

    def samples(self) -> list[Run]:
        """A trial of each batch size on the first messages; the quickest is kept."""
        found = []
        for take in TAKES:
            rows = min(_SAMPLE, self._messages)
            found.append(self._run(f"ordinary Faust, sample, take {take:,}", rows, take))
            self._say(f"{found[-1].name}: {found[-1].rows_per_s:,.0f}/s")
        best = max(range(len(TAKES)), key=lambda at: found[at].rows_per_s)
        self.take = TAKES[best]
        return found

    def full(self) -> Run:
        """The whole share at the best batch size."""
        return self._run(f"ordinary Faust, take {self.take:,}", self._messages, self.take)

    def equal_to(self, city: int) -> dict[str, bool]:
        """Whether the last run stored what Granary's worker stored for that city, by table."""
        client = self._stage.client()
        equal = {}
        for table, columns in _COMPARED.items():
            ask = "SELECT count(), sum(cityHash64({0})) FROM {1} FINAL WHERE city = {2}"
            ours = client.execute(ask.format(columns, table, city))
            theirs = client.execute(ask.format(columns, f"{_DATABASE}.{table}", 1))
            equal[table] = ours == theirs and ours[0][0] > 0
        client.disconnect()
        return equal

    def _produce(self) -> int:
        city, sent = self._city, 0
        self._say("a message an observation into the broker's log")
        producer = self._stage.producer()
        for number, submission in enumerate(city.feed()):
            columns = submission.columns
            for unit, item, period, value, status in zip(
                columns.unit.tolist(), columns.item.tolist(), columns.period.tolist(),
                columns.value.tolist(), columns.status.tolist(), strict=True,
            ):  # fmt: skip
                message = {
                    "submission": str(number),
                    "reporter": submission.reporter,
                    "table": TABLE,
                    "unit": city.code_of[unit],
                    "item": ITEMS[item - 1][0],
                    "period": format_period(period),
                    "value": value,
                    "status": status,
                }
                producer.send(self._topic, json.dumps(message).encode(), partition=0)
                sent += 1
        producer.flush()
        producer.close()
        return sent

    def _run(self, name: str, messages: int, take: int) -> Run:
        client = self._stage.client()
        client.execute(f"DROP DATABASE IF EXISTS {_DATABASE}")
        client.execute(f"CREATE DATABASE {_DATABASE}")
        for table in _TABLES:
            client.execute(f"CREATE TABLE {_DATABASE}.{table} AS granary.{table}")
        client.disconnect()
        folder = self._stage.data
        result = folder / f"ordinary-{take}-{messages}.json"
        result.unlink(missing_ok=True)
        job = Job(
            broker=self._stage.settings.kafka,
            topic=self._topic,
            clickhouse=self._stage.url,
            database=_DATABASE,
            units=self._city.units,
            months=self._city.months,
            seed=self._city.seed,
            code=self._city.code,
            messages=messages,
            take=take,
            group=f"ordinary-{take}-{messages}-{time.time_ns()}",
            result=str(result),
        )
        command = [sys.executable, "-m", "bench.ordinary_faust.app", job.to_json()]
        with (folder / "logs" / "ordinary.log").open("ab") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            found = json.loads(_wait_for(result, process))
        finally:
            process.kill()
            process.wait()
        return Run(name, found["rows"], found["seconds"], found["cpu_s"], found["rss"])


def _wait_for(result: Path, process: "subprocess.Popen[bytes]") -> str:
    deadline = time.monotonic() + _TIMEOUT_SECONDS
    while not result.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("the ordinary Faust program did not finish; see ordinary.log")
        time.sleep(0.05)
    return result.read_text("utf-8")
