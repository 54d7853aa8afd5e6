"""The processes a bench runs on: a real broker, the embedded store, a worker; no supervisor.

They are the parts of an ordinary instance, started with the same commands and settings, but one by
one, so that a run can decide what is in the log before the worker reads it.
"""

import json
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterable
from contextlib import suppress
from os import environ
from pathlib import Path
from types import TracebackType
from typing import Any

from clickhouse_driver import Client
from kafka import KafkaProducer
from pydantic import SecretStr

from bench.chunks import LogRecord
from granary.local.instance import load_instance
from granary.local.plan import Wishes, make_plan
from granary.local.prepare import make_stores
from granary.local.probes import probe
from granary.settings import Settings, read_settings
from granary.topics import LOG_TOPIC
from indicators.errors import GranaryError
from storage.control import cities
from storage.control.schema import engine
from storage.fold_reads import FoldReads

_START_SECONDS = 60.0
_STOP_SECONDS = 20.0
_POLL_SECONDS = 0.02
_LONGEST_POLL_SECONDS = 0.5


class BenchError(GranaryError):
    """A process of the bench did not do what it should."""

    code = "bench"
    next_step = "See the logs in the bench's data folder."


class Stage:
    """Use as a context: everything it started is stopped at the end."""

    def __init__(self, data: Path) -> None:
        data.mkdir(parents=True, exist_ok=True)
        settings = read_settings(data=data.absolute())
        instance = load_instance(data)
        plan = make_plan(settings, instance, Wishes(workers=1))
        instance.save(data)
        self.data = data
        self._parts = {part.name: part for part in plan.parts}
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self.settings: Settings = read_settings(
            data=data.absolute(),
            kafka=str(plan.face["kafka"]),
            clickhouse=SecretStr(str(plan.face["clickhouse_native"])),
        )
        self.url = self.settings.clickhouse.get_secret_value()

    def __enter__(self) -> "Stage":
        try:
            for name in ("kafka", "clickhouse"):
                self.start(name)
            for name in ("kafka", "clickhouse"):
                self.wait_ready(name)
            make_stores(self.settings, [])
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop what still runs, the broker last."""
        for name in sorted(self._running, key=lambda n: (n == "kafka", n == "clickhouse")):
            self.stop(name)

    def pid(self, name: str) -> int:
        return self._running[name].pid

    def start(self, name: str, **variables: str) -> None:
        """Start a part; its log is in the data folder."""
        part = self._parts[name]
        logs = self.data / "logs"
        logs.mkdir(exist_ok=True)
        with (logs / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                part.command,
                env={**environ, **part.env, **variables},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def wait_ready(self, name: str) -> None:
        """Block until the part's probe is good.

        Raises:
            BenchError: it died or took too long.
        """
        deadline = time.monotonic() + _START_SECONDS
        while not probe(self._parts[name].probe).ready:
            if self._running[name].poll() is not None or time.monotonic() > deadline:
                raise BenchError(f"{name} is not ready.")
            time.sleep(_POLL_SECONDS)

    def worker_facts(self) -> dict[str, Any]:
        """What the worker's /readyz says; {} while it does not answer."""
        with suppress(OSError, ValueError):
            try:
                with urllib.request.urlopen(self._parts["worker-1"].probe, timeout=2) as answer:
                    found: dict[str, Any] = json.load(answer)
            except urllib.error.HTTPError as answer:
                found = json.load(answer)
            return found
        return {}

    def worker_metric(self, name: str, city: str) -> float:
        """A gauge or counter of the worker for the city; 0 where it has none."""
        address = self._parts["worker-1"].probe.replace("/readyz", "/metrics")
        with urllib.request.urlopen(address, timeout=5) as answer:
            for line in answer.read().decode().splitlines():
                if line.startswith(name) and f'city="{city}"' in line:
                    return float(line.rsplit(" ", 1)[1])
        return 0.0

    def wait_joined(self) -> None:
        """Block until the worker has its cities and begins to read."""
        deadline = time.monotonic() + _START_SECONDS
        while not self.worker_facts().get("joined"):
            if self._running["worker-1"].poll() is not None or time.monotonic() > deadline:
                raise BenchError("the worker did not join.")
            time.sleep(_POLL_SECONDS / 4)

    def wait_ledger(self, city: int, offset: int, seconds: float = 600.0) -> None:
        """Block until the city's ledger covers everything before `offset`.

        Asks seldom while much is left: a question costs the store some milliseconds of the very
        cores that are measured.
        """
        reads = FoldReads(self.url)
        begun = time.monotonic()
        first = found = reads.next_offset(city, 0)
        while found < offset:
            now = time.monotonic()
            if self._running["worker-1"].poll() is not None or now > begun + seconds:
                raise BenchError(f"the ledger of city {city} did not come to {offset}.")
            left = (offset - found) * (now - begun) / max(found - first, 1)
            time.sleep(min(max(left / 3, _POLL_SECONDS), _LONGEST_POLL_SECONDS))
            found = reads.next_offset(city, 0)

    def stop(self, name: str) -> None:
        process = self._running.pop(name, None)
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def assign(self, code: str) -> cities.City:
        """The city's id and partition."""
        with engine(self.settings.control_url).begin() as connection:
            return cities.assign(connection, code)

    def produce(self, city: cities.City, records: Iterable[LogRecord]) -> tuple[int, int]:
        """Write records to the city's log, acknowledged; (offset after the last, observations)."""
        producer = self.producer()
        sent, rows = [], 0
        for record in records:
            sent.append(
                producer.send(
                    LOG_TOPIC,
                    key=city.code.encode(),
                    value=record.payload,
                    headers=record.headers,
                    partition=city.partition,
                )
            )
            rows += record.rows
        offsets = [future.get(60).offset for future in sent]
        producer.close()
        return max(offsets) + 1, rows

    def producer(self) -> KafkaProducer:
        return KafkaProducer(
            bootstrap_servers=self.settings.kafka,
            acks="all",
            max_request_size=8 * 1024 * 1024,
            linger_ms=5,
        )

    def client(self, *, numpy: bool = False) -> Client:
        """A plain clickhouse-driver client of the store."""
        return Client.from_url(f"{self.url}?use_numpy={numpy}")
