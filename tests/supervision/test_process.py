"""The supervision process on the real store: killed between any two steps, it alerts once."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from granary.clock import SystemClock
from granary.local.ports import free_port
from granary.records import Record
from granary.settings import read_settings
from storage.clickhouse import connect
from storage.control import alerts, cities, intents, outbox, schema
from supervision.app import Supervision
from supervision.notices import Notices
from tests.conftest import HOST, end_process, start_process
from tests.folded_city import lishui
from tests.supervision.receiver import Receiver

POINTS = ("recorded", "copied", "sending", "sent")
WAIT_S = 40.0


class Bench:
    """A control store, a folded city, a receiver, and supervision processes over them."""

    def __init__(self, folder: Path, database: str, receiver: Receiver) -> None:
        self.folder, self.database, self.receiver = folder, database, receiver
        self.control = f"sqlite:///{folder}/control.sqlite"
        schema.create(self.control)
        with schema.engine(self.control).begin() as connection:
            assert cities.assign(connection, "lishui").id == 1

    @contextmanager
    def supervision(self, failpoints: str = "") -> Iterator["subprocess.Popen[bytes]"]:
        self.port = free_port(HOST, set())
        process = start_process(
            [sys.executable, "-m", "granary.cli.parts", "supervision"],
            self.folder / "supervision.log",
            {
                "GRANARY_DATA": str(self.folder),
                "GRANARY_CLICKHOUSE": self.database,
                "GRANARY_WEBHOOK": self.receiver.url,
                "GRANARY_METRICS_PORT": str(self.port),
                "GRANARY_FAILPOINTS": failpoints,
            },
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                end_process(process)

    def until(self, what: Callable[[], Any]) -> Any:
        end = time.monotonic() + WAIT_S
        while not (found := what()):
            if time.monotonic() > end:
                pytest.fail((self.folder / "supervision.log").read_text()[-3000:])
            time.sleep(0.05)
        return found

    def live(self) -> list[alerts.Alert]:
        with schema.reading(self.control) as connection:
            return alerts.live(connection, 1)

    def delivered(self) -> bool:
        with schema.reading(self.control) as connection:
            return not any(
                outbox.waiting(connection, topic)
                for topic in (outbox.CLICKHOUSE_ALERT, outbox.WEBHOOK)
            )

    def shown(self) -> list[tuple[Any, ...]]:
        with connect(self.database) as client:
            return list(
                client.execute(
                    "SELECT subject, kind, level, state, id, city FROM v_alert ORDER BY subject"
                )
            )

    def state(self) -> dict[str, Any]:
        """What /readyz of the process started last says; empty while it is not ready."""
        try:
            url = f"http://{HOST}:{self.port}/readyz"
            with urllib.request.urlopen(url, timeout=2) as answer:
                return dict(json.load(answer))
        except OSError:
            return {}


@pytest.fixture
def bench(tmp_path: Path, database: str, receiver: Receiver) -> Bench:
    return Bench(tmp_path, database, receiver)


LINES = [("jinyun", "红线"), ("qingyuan", "预警"), ("yunhe", "预警")]


def settled(bench: Bench, expected: int) -> Callable[[], bool]:
    return lambda: len(bench.live()) == expected and bench.delivered()


@pytest.mark.integration
@pytest.mark.fault
@pytest.mark.slow
def test_killed_after_every_step_each_alert_is_one_row_and_its_calls_carry_one_key(
    bench: Bench,
) -> None:
    lishui(bench.database)
    for point in POINTS:
        with bench.supervision(f"supervision.{point}") as process:
            assert process.wait(WAIT_S) == -signal.SIGKILL, point
    with bench.supervision():
        bench.until(settled(bench, 3))
        assert bench.until(bench.state)
    assert [(row[0], row[2]) for row in bench.shown()] == LINES
    calls = Counter(call.key for call in bench.receiver.calls)
    assert len(calls) == 3
    assert all(count <= 1 + len(POINTS) for count in calls.values())
    assert sum(calls.values()) <= 3 + len(POINTS)
    first: set[str] = set()
    for call in bench.receiver.calls:
        assert call.key not in first or call.body["possible_repeat"]
        first.add(call.key)


@pytest.mark.integration
@pytest.mark.slow
def test_a_silent_district_is_told_of_when_the_log_knows_and_closes_when_it_reports(
    bench: Bench,
) -> None:
    city = lishui(bench.database)
    now = SystemClock().now_ms()
    city.now_ms = now
    table, period, due = "per_mu_districts", 202000, now + 500
    body = {"table": table, "period": period, "report_by_ms": due, "accept_by_ms": due}
    city.control(Record("calendar:1", "calendar", body))
    items = city.catalogue.table[table].items

    def report(code: str, arrived: int) -> None:
        cells = [(code, item, period, Decimal(5)) for item in items]
        city.submit(f"S-{code}-2020", code, table, cells, arrived_ms=arrived)

    codes = [member.code for member in city.catalogue.grouping["district"].members]
    for code in codes[:-2]:
        report(code, due - 1)
    with bench.supervision():
        record = bench.until(lambda: asked(bench))
        assert record.body == {"table": table, "period": period, "due_ms": due}
        assert not [one for one in bench.live() if one.kind == "overdue"]
        city.control(record)
        late = bench.until(lambda: [one for one in bench.live() if one.kind == "overdue"])
        assert {one.subject for one in late} == set(codes[-2:])
        assert {one.level for one in late} == {"红线"}
        report(codes[-1], due + 1)
        bench.until(lambda: len([one for one in bench.live() if one.kind == "overdue"]) == 1)
        report(codes[-2], due + 1)
        bench.until(lambda: not [one for one in bench.live() if one.kind == "overdue"])
        bench.until(bench.delivered)
    overdue = [row for row in bench.shown() if row[1] == "overdue"]
    assert [(row[3], row[5]) for row in overdue] == [("resolved", "lishui")] * 2
    told = [call for call in bench.receiver.calls if call.body["alerts"][0]["kind"] == "overdue"]
    assert [len(call.body["alerts"]) for call in told] == [2]


def asked(bench: Bench) -> Record | None:
    with schema.reading(bench.control) as connection:
        found = intents.in_force(connection, 1, "deadline")
    return found[-1] if found else None


@pytest.mark.integration
def test_a_process_whose_notices_have_ended_is_not_ready(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = read_settings(
        data=bench.folder, clickhouse=bench.database, webhook=bench.receiver.url
    )
    supervision = Supervision(settings, SystemClock())
    running = threading.Thread(target=supervision.run)
    running.start()
    try:
        bench.until(lambda: supervision.ready()[0])

        def unforeseen(*_: object) -> int:
            raise RuntimeError

        monkeypatch.setattr(Notices, "deliver", unforeseen)
        bench.until(lambda: not supervision.ready()[0])
        assert "notice" in supervision.ready()[1]["trouble"]
    finally:
        supervision.stop()
        running.join(30)


@pytest.mark.integration
@pytest.mark.slow
def test_two_processes_alert_once_and_the_second_takes_over(bench: Bench) -> None:
    with bench.supervision() as first, bench.supervision() as second:
        lishui(bench.database)
        bench.until(settled(bench, 3))
        assert len(bench.receiver.calls) == 3
        os.kill(first.pid, signal.SIGKILL)
        bench.until(lambda: bench.state().get("holding"))
        assert second.poll() is None
    assert len(bench.receiver.calls) == 3
    assert len(bench.shown()) == 3
