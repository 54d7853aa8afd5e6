"""Each process is killed between every two steps of its work; nothing is lost, nothing doubled.

One instance for all points. For each: the part is armed to die at the point, work is given that
passes it, everything settles, and the proofs are run.
"""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.chunks import register_records
from bench.city_catalogue import TABLE
from bench.generator import GeneratedCity
from granary.failpoints import FAILPOINTS
from granary.records import Record, encode_record
from granary.wire import record_headers
from indicators.periods import shift
from tests.faults.receiver import Receiver
from tests.faults.running import Running

pytestmark = [pytest.mark.fault, pytest.mark.integration, pytest.mark.slow]

SEED = 20261123
CITY = GeneratedCity(units=200, months=14, districts=3, industries=4, code="faults")
#: Observations a chunk: a month of the city is some chunks.
CHUNK = "600"
PART_OF = {
    "gateway": "gateway",
    "relay": "gateway",
    "worker": "worker-1",
    "clickhouse": "clickhouse",
    "supervision": "supervision",
}
#: Points that a return passes several times: the one to die at is drawn.
SEVERAL = {
    "gateway.chunk_produced": 3,
    "worker.table_stored": 8,
    "clickhouse.insert_received": 6,
    "clickhouse.insert_done": 6,
}
ORDER = sorted(FAILPOINTS, key=lambda point: (list(PART_OF).index(point.split(".")[0]), point))
passed: set[str] = set()


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    found = Receiver()
    yield found
    found.close()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, receiver: Receiver) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("faults")
    running = Running.start(
        folder, [CITY], granary_chunk_observations=CHUNK, granary_webhook=receiver.url
    )
    for period in CITY.periods[:2]:
        running.push(CITY.code, "bureau", CITY.observations(period))
    running.settle()
    yield running
    running.down()


class Step:
    """The work given at one point: corrections of two reporters, an intent, a bad record, a due."""

    def __init__(self, house: Running, point: str) -> None:
        self.house, self.point = house, point
        self.number = ORDER.index(point) + 1

    def work(self) -> None:
        """Give what the point needs, beside the returns that every point gets."""
        if self.point.startswith("supervision"):
            self.due()
        if self.point == "worker.dead_letter_sent":
            headers = record_headers("observations", self.house.city(CITY.code).id)
            self.house.produce(CITY.code, headers, b"not a chunk")
        if self.point == "relay.intent_produced" or self.number % 5 == 0:
            self.register()
        month = CITY.periods[self.number % 3]
        corrections = CITY.observations(month, self.number, share=0.6)
        whole = self.house.pushing(CITY.code, "bureau", corrections)
        again = CITY.observations(month, self.number + 1000, share=0.9)
        self.house.push(CITY.code, "D01", CITY.of_district("D01", again, month))
        whole.result()

    def register(self) -> None:
        (record,) = register_records(
            self.house.city(CITY.code).id, CITY.register_change(self.number), self.point
        )
        self.house.ask(CITY.code, "register", f"{self.point}:1", record.payload)

    def due(self) -> None:
        """A return nobody sends, due at once: an alert for each district that is silent."""
        now = int(time.time() * 1000)
        body = {
            "table": TABLE,
            "period": shift(CITY.periods[-1], self.number),
            "report_by_ms": now + 500,
            "accept_by_ms": now + 500,
        }
        record = Record(f"calendar:{self.point}", "calendar", body)
        self.house.ask(CITY.code, "control", record.id, encode_record(record))


@pytest.mark.parametrize("point", ORDER)
def test_a_process_killed_at_the_point_loses_nothing(house: Running, point: str) -> None:
    drawn = random.Random(f"{SEED}:{point}").randint(1, SEVERAL.get(point, 1))
    part = PART_OF[point.split(".")[0]]
    restarts = house.part(part)["restarts"]
    log = house.arm(part, point, drawn)
    Step(house, point).work()
    house.wait(lambda: _passed(log, point), 60, f"{point} is passed", part, "worker-1")
    passed.add(point)
    # One restart to arm it, one because it died at the point.
    died = f"{part} dies at {point}"
    house.wait(lambda: house.part(part)["restarts"] >= restarts + 2, 30, died, part)
    house.wait(lambda: house.part(part)["ready"], 60, f"{part} is ready again", part)
    house.settle()
    house.prove()


def test_every_fail_point_was_hit() -> None:
    assert set(ORDER) - passed == set()


def test_an_alert_stands_once_and_its_notice_is_repeated_only_for_a_kill(
    house: Running, receiver: Receiver
) -> None:
    house.settle()
    alerts = house.rows("SELECT id, count() FROM v_alert GROUP BY id HAVING count() > 1")
    episodes = house.rows(
        "SELECT kind, subject_level, subject, period, count() FROM v_alert"
        " GROUP BY 1, 2, 3, 4 HAVING count() > 1"
    )
    assert not alerts
    assert not episodes
    assert house.rows("SELECT count() FROM v_alert")[0][0] > 0
    assert receiver.calls
    kills = sum(point.startswith("supervision") for point in ORDER)
    assert max(receiver.calls.values()) <= 1 + kills
    assert sum(receiver.calls.values()) <= len(receiver.calls) + kills


def _passed(log: Path, point: str) -> bool:
    return log.exists() and point in log.read_text("utf-8").splitlines()
