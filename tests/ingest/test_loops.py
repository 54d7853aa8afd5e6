"""What the gateway's background loops tell of themselves."""

import threading
import time
from unittest.mock import patch

from prometheus_client import REGISTRY

from granary.records import Record, encode_record
from ingest.gateway.app import Loop
from storage.control import intents, leases, schema
from tests.ingest.cast import River


def gauge(name: str, **labels: str) -> float:
    value = REGISTRY.get_sample_value(name, labels)
    assert value is not None
    return value


def test_the_progress_gauge_grows_while_a_round_hangs() -> None:
    inside, leave = threading.Event(), threading.Event()

    def hang() -> None:
        inside.set()
        leave.wait(10)

    loop = Loop("hanging", hang, 0.0)
    loop.start()
    try:
        assert inside.wait(10)
        before = gauge("granary_loop_progress_seconds", loop="hanging")
        deadline = time.monotonic() + 10
        while gauge("granary_loop_progress_seconds", loop="hanging") < before + 0.05:
            assert time.monotonic() < deadline
            time.sleep(0.01)
    finally:
        leave.set()
        loop.stop()


def test_all_pending_intents_are_counted_however_few_are_read_at_a_time(river: River) -> None:
    with schema.engine(river.settings.control_url).begin() as connection:
        for number in range(25):
            payload = encode_record(Record(f"d:{number}", "deadline", {}))
            intents.submit(connection, river.city.id, "control", f"d:{number}", payload)
    told = []
    while river.gateway.relay.step():
        told.append(gauge("granary_intents_pending"))
    assert told == [25, 15, 5]


def test_a_gateway_that_waits_for_kafka_stays_the_owner_of_its_submissions(river: River) -> None:
    inside, leave = threading.Event(), threading.Event()

    def wait_for_kafka() -> int:
        inside.set()
        leave.wait(30)
        return 0

    def owner() -> str | None:
        with schema.reading(river.settings.control_url) as connection:
            return leases.holder_of(connection, "gateway:river:1", river.clock.now_ms())

    with patch.object(river.gateway.finisher, "finish_left", wait_for_kafka):
        river.gateway.start()
        try:
            assert inside.wait(10)
            assert owner() == "river:1"
            river.clock.advance(60_000)
            deadline = time.monotonic() + 10
            while owner() is None:
                assert time.monotonic() < deadline
                time.sleep(0.02)
        finally:
            leave.set()
            river.gateway.stop()
