"""An instance started with `granary up`, driven as its users drive it, and killed as they never
should: the ground on which fault harness and scenarios stand.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from clickhouse_driver import Client
from kafka import KafkaProducer
from sqlalchemy import Connection, func, select

from bench.city_catalogue import TABLE
from bench.files import csv_body, write_city
from bench.generator import Columns, GeneratedCity
from granary.local.instance import read_instance
from granary.topics import LOG_TOPIC, LogAwayError, end_offsets
from granary.wire import Headers
from ingest.client import Answer, Keys, Order, push
from storage.clickhouse import connect
from storage.control import cities
from storage.control.schema import engine, intent, outbox, reading, submission
from storage.fold_reads import FoldReads

_POLL_SECONDS = 0.1
#: Lines of a log that explain a failure.
_LOG_LINES = 40
#: Seconds an instance may take to come up on a machine that is busy with other tests.
_UP_SECONDS = 300.0


@dataclass
class Running:
    """One instance. `generated` by city code; `receipts` are the promises given so far."""

    data: Path
    generated: dict[str, GeneratedCity]
    environment: dict[str, str] = field(default_factory=dict)
    receipts: list[dict[str, Any]] = field(default_factory=list)
    _up: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def start(
        cls,
        folder: Path,
        generated: Sequence[GeneratedCity],
        workers: int = 1,
        **environment: str,
    ) -> "Running":
        """Bring up an instance with these cities under `folder`."""
        running = cls(
            folder / "data",
            {city.code: city for city in generated},
            {name.upper(): text for name, text in environment.items()},
        )
        for city in generated:
            write_city(city, running.catalogue_folder(city.code))
        running.up(workers, [running.catalogue_folder(city.code) for city in generated])
        return running

    def catalogue_folder(self, code: str) -> Path:
        return self.data.parent / "catalog" / code

    def up(self, workers: int = 1, catalogues: Sequence[Path] = ()) -> None:
        """`granary up --detach --json`; what was installed before stays in force."""
        command = ["up", "--detach", "--json", "--data", str(self.data), "--workers", str(workers)]
        for folder in catalogues:
            command += ["--catalog", str(folder)]
        done = self._granary(*command, timeout=_UP_SECONDS)
        assert done.returncode == 0, done.stderr[-2000:]
        self._up = json.loads(done.stdout)

    def down(self) -> None:
        """`granary down`."""
        done = self._granary("down", "--data", str(self.data), timeout=120)
        assert done.returncode == 0, done.stderr[-2000:]

    def granary_json(self, *command: str) -> dict[str, Any]:
        """A command on this instance with --json; its exit code is added as `exit`."""
        done = self._granary(*command, "--json", "--data", str(self.data), timeout=300)
        assert done.returncode in (0, 1), done.stderr[-2000:]
        return {**json.loads(done.stdout), "exit": done.returncode}

    def granary(self, *command: str) -> None:
        """A command that must succeed."""
        done = self._granary(*command, timeout=300)
        assert done.returncode == 0, done.stderr[-2000:] + done.stdout[-2000:]

    def _granary(self, *command: str, timeout: float) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "granary.cli.main", *command],
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
            env={**os.environ, **self.environment},
        )

    # what is running -----------------------------------------------------------------------------

    @property
    def store_url(self) -> str:
        return str(self._up["clickhouse_native"])

    @property
    def control_url(self) -> str:
        return f"sqlite:///{self.data.absolute() / 'control.sqlite'}"

    def client(self) -> Client:
        return connect(self.store_url)

    def rows(self, statement: str) -> list[Any]:
        """Rows of a query by the owner."""
        client = self.client()
        try:
            return list(client.execute(statement))
        finally:
            client.disconnect()

    def control(self, work: Callable[[Connection], Any]) -> Any:
        """Read from the control store, waiting for nobody who writes."""
        with reading(self.control_url) as connection:
            return work(connection)

    def city(self, code: str) -> cities.City:
        found: cities.City = self.control(lambda connection: cities.get(connection, code))
        return found

    def part(self, name: str) -> dict[str, Any]:
        """pid, ready, restarts."""
        found: dict[str, Any] = read_instance(self.data)["parts"][name]
        return found

    def kill(self, name: str) -> int:
        """kill -9; returns the pid that died."""
        pid = int(self.part(name)["pid"] or 0)
        assert pid, f"{name} is not running"
        os.kill(pid, signal.SIGKILL)
        return pid

    def wait_back(self, name: str, dead: int, seconds: float = 60.0) -> float:
        """Wait until the part is ready as another process; seconds that took."""
        begun = time.monotonic()

        def back() -> bool:
            part = self.part(name)
            return bool(part["ready"]) and part["pid"] not in (None, dead)

        self.wait(back, seconds, f"{name} back after kill -9", name)
        return time.monotonic() - begun

    def wait(self, condition: Callable[[], Any], seconds: float, what: str, *parts: str) -> None:
        """Poll until the condition holds; a failure shows the ends of the parts' logs."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(f"{what}: not within {seconds:.0f} s\n{self.logs(*parts)}")
            time.sleep(_POLL_SECONDS)

    def logs(self, *parts: str) -> str:
        """What the supervisor says, and the ends of its log and of these parts'."""
        ends = [f"up.json: {json.dumps(read_instance(self.data)['parts'])}"]
        for name in ("supervisor", *parts):
            file = self.data / "logs" / f"{name}.log"
            lines = file.read_text("utf-8", "replace").splitlines() if file.exists() else []
            ends += [f"end of {file}:", *(f"  {line[:500]}" for line in lines[-_LOG_LINES:])]
        return "\n".join(ends)

    # fail points ---------------------------------------------------------------------------------

    def arm(self, name: str, point: str, passage: int = 1) -> Path:
        """Restart the part so that it dies at the point; returns the log of points it passes.

        The supervisor hands the variables to the part's next start, and again if that dies too
        soon. The part is ready on return, unless it has passed the point already.
        """
        folder = self.data / "failpoints"
        folder.mkdir(exist_ok=True)
        log = folder / f"{point}.passed"
        log.unlink(missing_ok=True)
        waiting = folder / f"{name}.env"
        scratch = folder / f".{name}.env"
        scratch.write_text(
            f"GRANARY_FAILPOINTS={point}:{passage}\nGRANARY_FAILPOINT_LOG={log}\n", "utf-8"
        )
        scratch.replace(waiting)
        self.kill(name)
        self.wait(lambda: not waiting.exists(), 120, f"{name} takes its fail point", name)
        return log

    # the feed ------------------------------------------------------------------------------------

    def push(
        self, code: str, reporter: str, columns: Columns, patience_s: float = 120.0
    ) -> dict[str, Any]:
        """Send a return through the gateway, retrying as the client does; the receipt is kept."""
        folder = self.data.parent / "files"
        folder.mkdir(exist_ok=True)
        file = folder / f"{threading.get_ident()}-{time.monotonic_ns()}.csv"
        file.write_bytes(csv_body(self.generated[code], columns))
        token = self._up["tokens"][code][reporter]
        answer: Answer = push(
            file, Order(str(self._up["gateway"]), token, TABLE), Keys(folder / "keys"),
            patience_s=patience_s, pause=lambda seconds: time.sleep(min(seconds, 1.0)),
        )  # fmt: skip
        file.unlink()
        assert answer.status == 202, answer
        assert answer.body["accepted"] == len(columns), answer.body
        self.receipts.append(answer.body)
        return answer.body

    def pushing(self, code: str, reporter: str, columns: Columns) -> "Background":
        """The same in the background."""
        return Background(lambda: self.push(code, reporter, columns, 240.0))

    def shuffled(self, columns: Columns, seed: int) -> Columns:
        """The rows in another order."""
        return columns.take(np.random.default_rng(seed).permutation(len(columns)))

    def ask(self, code: str, kind: Any, record_id: str, payload: bytes) -> None:
        """Submit an intent, as the command line does."""
        from storage.control import intents

        city = self.city(code).id
        with engine(self.control_url).begin() as connection:
            intents.submit(connection, city, kind, record_id, payload)

    def produce(self, code: str, headers: Headers, payload: bytes) -> None:
        """Write bytes straight into the city's log, as no one but a gateway should."""
        producer = KafkaProducer(bootstrap_servers=self._up["kafka"], acks="all")
        partition = self.city(code).partition
        producer.send(LOG_TOPIC, payload, code.encode(), headers, partition).get(30)
        producer.close()

    def log_end(self, code: str) -> int:
        """Offset after the last record of the city's log; -1 while the broker does not answer."""
        try:
            offsets = end_offsets(str(self._up["kafka"]), LOG_TOPIC)
        except LogAwayError:
            return -1
        return offsets.get(self.city(code).partition, -1)

    def next_offset(self, code: str) -> int:
        """The ledger's next offset; -1 while the store does not answer."""
        found = self.city(code)
        try:
            return FoldReads(self.store_url).next_offset(found.id, found.generation)
        except Exception:
            return -1

    # the end -------------------------------------------------------------------------------------

    def unsettled(self) -> list[str]:
        """What is still to happen; nothing once every promise is kept."""
        waiting: list[str] = []

        def counted(connection: Connection) -> dict[str, int]:
            def count(column: Any) -> int:
                return int(connection.scalar(select(func.count()).where(column)) or 0)

            return {
                "submissions received": count(submission.c.status == "receiving"),
                "intents": count(intent.c.produced_offset.is_(None)),
                "outbox": count(outbox.c.state.in_(("pending", "sending"))),
            }

        waiting += [f"{n} {what}" for what, n in self.control(counted).items() if n]
        for code in self.generated:
            end, folded = self.log_end(code), self.next_offset(code)
            if end < 0 or folded < end:
                waiting.append(f"log of {code}: {folded} of {end}")
        if not waiting:
            with suppress(Exception):
                ((open_,),) = self.rows("SELECT count() FROM v_ledger WHERE NOT settled")
                return [f"{open_} submissions not settled"] if open_ else []
            return ["the store does not answer"]
        return waiting

    def settle(self, seconds: float = 120.0) -> None:
        """Wait until everything is settled."""
        deadline = time.monotonic() + seconds
        while waiting := self.unsettled():
            if time.monotonic() > deadline:
                logs = self.logs("gateway", "worker-1", "clickhouse")
                raise AssertionError(f"not settled in {seconds:.0f} s: {waiting}\n{logs}")
            time.sleep(_POLL_SECONDS)

    def prove(self) -> None:
        """`audit` and `recompute --check` are good, and no receipt is broken."""
        audit = self.granary_json("audit")
        assert audit["ok"], audit["differences"][:5]
        recompute = self.granary_json("recompute", "--check")
        assert recompute["ok"], recompute["differences"][:5]
        kept = dict(
            self.rows("SELECT submission, sum(accepted) FROM v_ledger WHERE settled GROUP BY 1")
        )
        broken = [r for r in self.receipts if kept.get(r["submission"]) != r["accepted"]]
        assert not broken, broken[:3]


class Background:
    """Work on another thread; `result` waits and raises what it raised."""

    def __init__(self, work: Callable[[], dict[str, Any]]) -> None:
        self._answer: dict[str, Any] = {}
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(work,), daemon=True)
        self._thread.start()

    @property
    def done(self) -> bool:
        return not self._thread.is_alive()

    def result(self, seconds: float = 300.0) -> dict[str, Any]:
        self._thread.join(seconds)
        assert self.done, "the push did not end"
        if self._error is not None:
            raise self._error
        return self._answer

    def _run(self, work: Callable[[], dict[str, Any]]) -> None:
        try:
            self._answer = work()
        except BaseException as error:
            self._error = error
