"""A broker that falls silent: senders are told to come back, readiness tells, nothing is left."""

import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import Popen

import pytest

from granary.local.kafka import wait_until_answering
from granary.wire import Headers, record_headers
from ingest import log
from ingest.errors import LogUnavailableError
from ingest.log import KafkaLog
from storage.control.cities import City
from tests.conftest import HOST, real_broker

CITY = City(1, "river", 0, 0, "")


class OwnBroker:
    """A broker of these tests' own, which may be stopped: nobody else waits for it."""

    def __init__(self, bootstrap: str, process: "Popen[bytes]") -> None:
        self.bootstrap = bootstrap
        self._process = process

    def fall_silent(self) -> None:
        """Stop it; on a busy machine its threads go on for a moment after the signal."""
        self._process.send_signal(signal.SIGSTOP)
        deadline = time.monotonic() + 30
        while not self._stands_still():
            assert time.monotonic() < deadline, "the broker goes on"
            time.sleep(0.01)

    def _stands_still(self) -> bool:
        threads = Path(f"/proc/{self._process.pid}/task").iterdir()
        states = [(thread / "stat").read_text().rpartition(")")[2].split()[0] for thread in threads]
        return set(states) == {"T"}

    def speak_again(self) -> None:
        self._process.send_signal(signal.SIGCONT)
        wait_until_answering(self.bootstrap, 30)


@pytest.fixture(scope="module")
def own_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnBroker]:
    with real_broker(tmp_path_factory.mktemp("own-kafka")) as (bootstrap, process):
        yield OwnBroker(bootstrap, process)
        process.send_signal(signal.SIGCONT)


@pytest.fixture
def kafka_log(own_broker: OwnBroker, monkeypatch: pytest.MonkeyPatch) -> Iterator[KafkaLog]:
    """The real log, with less patience than in earnest."""
    monkeypatch.setattr(log, "_DELIVERY_MS", 2_000)
    monkeypatch.setattr(log, "_REQUEST_MS", 1_000)
    monkeypatch.setattr(log, "_PROBE_MS", 1_000)
    opened = KafkaLog(own_broker.bootstrap)
    yield opened
    own_broker.speak_again()
    opened.close()


def messages(number: int) -> list[tuple[Headers, bytes]]:
    return [(record_headers("control", 1), b"%d" % at) for at in range(number)]


def kafka_threads() -> int:
    return sum("granary-gateway" in thread.name for thread in threading.enumerate())


@pytest.mark.integration
@pytest.mark.fault
def test_while_the_broker_is_silent_every_sender_is_told_to_come_back(
    own_broker: OwnBroker, kafka_log: KafkaLog
) -> None:
    first = kafka_log.produce(CITY, messages(3))
    own_broker.fall_silent()

    def send(after_s: float) -> str:
        time.sleep(after_s)  # so that its messages are still waiting when the first sender gives up
        with pytest.raises(LogUnavailableError) as caught:
            kafka_log.produce(CITY, messages(20))
        return caught.value.code

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(send, [0.0, 0.7, 1.4])) == ["log_unavailable"] * 3
    deadline = time.monotonic() + 10
    while kafka_threads():
        assert time.monotonic() < deadline, "the producer given up is closed, its thread ended"
        time.sleep(0.05)
    own_broker.speak_again()
    again = kafka_log.produce(CITY, messages(3))
    assert again == sorted(again)
    assert again[0] > first[-1]


@pytest.mark.integration
@pytest.mark.fault
def test_a_broker_whose_partitions_are_known_but_that_is_silent_is_not_reachable(
    own_broker: OwnBroker, kafka_log: KafkaLog
) -> None:
    kafka_log.produce(CITY, messages(1))
    assert kafka_log.reachable()
    own_broker.fall_silent()
    assert not kafka_log.reachable()
    own_broker.speak_again()
    assert kafka_log.reachable()


@pytest.mark.integration
@pytest.mark.fault
def test_what_the_log_has_since_an_instant_is_read_to_its_end(
    own_broker: OwnBroker, kafka_log: KafkaLog
) -> None:
    hill = City(2, "hill", 1, 0, "")
    now_ms = time.time_ns() // 10**6
    assert list(kafka_log.since(hill, now_ms)) == []
    sent = messages(30)
    kafka_log.produce(hill, sent)
    assert list(kafka_log.since(hill, now_ms - 60_000)) == sent
    assert list(kafka_log.since(hill, now_ms + 60_000)) == []
    own_broker.fall_silent()
    with pytest.raises(LogUnavailableError):
        list(kafka_log.since(hill, now_ms - 60_000))


def test_looking_for_a_broker_that_is_away_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(log, "_PROBE_MS", 100)
    nowhere = KafkaLog(f"{HOST}:9")
    before = threading.active_count()
    for _ in range(3):
        assert not nowhere.reachable()
    assert threading.active_count() == before
