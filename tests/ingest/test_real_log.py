"""The gateway process before a real broker: killed at each fail point, it keeps every promise."""

import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen

import httpx
import pytest
from kafka import KafkaConsumer, TopicPartition

from granary.failpoints import FAILPOINTS
from granary.local.ports import free_port
from granary.records import Manifest, Record, decode_record, encode_record, encode_register
from granary.topics import LOG_TOPIC
from granary.wire import decode_observations, in_log_order, kind_of, read_chunk_header
from ingest.client import Answer, Keys, Order, push
from storage.control import intents, schema, tokens
from tests import partitions
from tests.conftest import end_process, start_process
from tests.ingest.cast import REGISTER, catalogue

pytestmark = [pytest.mark.integration, pytest.mark.fault]
PARTITION = partitions.REAL_LOG
HEADER = "unit,item,period,value\n"


@dataclass
class Process:
    """A gateway process that can be started again on the same folder and port."""

    data: Path
    port: int
    kafka: str
    token: str
    running: "Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, failpoints: str = "") -> None:
        env = {
            "GRANARY_DATA": str(self.data),
            "GRANARY_KAFKA": self.kafka,
            "GRANARY_GATEWAY_PORT": str(self.port),
            "GRANARY_CHUNK_OBSERVATIONS": "2",
            "GRANARY_FAILPOINTS": failpoints,
        }
        command = [sys.executable, "-m", "granary.cli.parts", "gateway"]
        self.running = start_process(command, self.data / "gateway.log", env)

    def wait_until_dead(self) -> None:
        assert self.running is not None
        self.running.wait(60)

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + 60
        while True:
            try:
                if httpx.get(f"{self.url}/readyz").status_code == 200:
                    return
            except httpx.TransportError:
                pass
            assert time.monotonic() < deadline, (self.data / "gateway.log").read_text()[-3000:]
            time.sleep(0.05)

    def push(self, body: str, key_folder: str = "keys") -> Answer:
        name = f"{abs(hash(body))}.csv"
        (self.data / name).write_text(body)
        order = Order(self.url, self.token, "monthly")
        return push(self.data / name, order, Keys(self.data / key_folder), patience_s=60)


@pytest.fixture
def gateway(kafka: str, tmp_path: Path) -> Iterator[Process]:
    url = f"sqlite:///{tmp_path / 'control.sqlite'}"
    schema.create(url)
    with schema.engine(url).begin() as connection:
        connection.execute(
            schema.city.insert().values(
                id=16, code="river", partition=PARTITION, generation=0, catalogue=""
            )
        )
        body = {"catalogue": catalogue().model_dump(mode="json")}
        record = encode_record(Record("catalogue:1", "catalogue", body))
        intents.submit(connection, 16, "control", "catalogue:1", record)
        intents.submit(connection, 16, "register", "r", encode_register("r", REGISTER))
        token = tokens.issue(connection, 16, "north", 1)
    process = Process(tmp_path, free_port("127.0.0.1", set()), kafka, token)
    yield process
    if process.running is not None:
        end_process(process.running)


class Log:
    """What the partition has got since this was made."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._start = self._end()

    def _consumer(self) -> KafkaConsumer:
        consumer = KafkaConsumer(bootstrap_servers=self._bootstrap, enable_auto_commit=False)
        consumer.assign([TopicPartition(LOG_TOPIC, PARTITION)])
        return consumer

    def _end(self) -> int:
        consumer = self._consumer()
        partition = TopicPartition(LOG_TOPIC, PARTITION)
        try:
            return int(consumer.end_offsets([partition])[partition])
        finally:
            consumer.close()

    def read(self) -> list[tuple[dict[str, bytes], bytes]]:
        end = self._end()
        found: list[tuple[dict[str, bytes], bytes]] = []
        consumer = self._consumer()
        consumer.seek(TopicPartition(LOG_TOPIC, PARTITION), self._start)
        while len(found) < end - self._start:
            for records in consumer.poll(1_000).values():
                found += [(dict(record.headers), record.value) for record in records]
        consumer.close()
        return found


def in_force(found: list[tuple[dict[str, bytes], bytes]]) -> dict[tuple[int, int, int], int]:
    """The fold of the chunks; fails where a manifest and its chunks disagree."""
    chunks: dict[tuple[str, int], str] = {}
    manifests: dict[str, Manifest] = {}
    cells: dict[tuple[int, int, int], int] = {}
    for headers, payload in found:
        kind = kind_of(headers)
        if kind == "manifest":
            manifest = Manifest.of(decode_record(payload))
            assert manifests.setdefault(manifest.submission, manifest) == manifest
        if kind != "observations":
            continue
        header = read_chunk_header(headers)
        first = chunks.setdefault((header.submission, header.chunk), header.hash)
        assert first == header.hash, "a chunk seen again is the same"
        seen = decode_observations(payload)
        assert (in_log_order(seen.unit, seen.item, seen.period) == range(len(seen))).all()
        columns = zip(seen.unit, seen.item, seen.period, seen.value, strict=True)
        cells |= {(int(u), int(i), int(p)): int(v) for u, i, p, v in columns}
    listed = {(m.submission, c.chunk): c.hash for m in manifests.values() for c in m.chunks}
    assert chunks == listed
    return cells


def body_of(value: int) -> str:
    return HEADER + "".join(
        f"{unit},{item},2026-M01,{value}\n"
        for unit in "AB"
        for item in ("turnover", "staff", "profit")
    )


@pytest.mark.parametrize("name", [name for name in FAILPOINTS if name.startswith("gateway.")])
def test_a_push_survives_a_kill_at_each_step(gateway: Process, kafka: str, name: str) -> None:
    log = Log(kafka)
    gateway.start(f"{name}:2" if name == "gateway.chunk_produced" else name)
    gateway.wait_until_ready()
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(gateway.push, body_of(7))
        gateway.wait_until_dead()
        gateway.start()
        found = answer.result(90)
    assert found.clean, found
    gateway.wait_until_ready()
    cells = in_force(log.read())
    assert sorted(set(cells.values())) == [70_000]
    assert len(cells) == 6
    state = httpx.get(
        f"{gateway.url}/v1/submissions/{found.body['submission']}",
        headers={"Authorization": f"Bearer {gateway.token}"},
    )
    assert state.json()["status"] == "accepted"
    assert gateway.push(body_of(7), "other").body["repeated"] is True


def test_an_intent_produced_twice_is_marked_and_the_rest_follow(
    gateway: Process, kafka: str
) -> None:
    log = Log(kafka)
    gateway.start("relay.intent_produced")
    gateway.wait_until_dead()
    gateway.start()
    gateway.wait_until_ready()
    assert gateway.push(body_of(1)).clean
    kinds = [kind_of(headers) for headers, _ in log.read()]
    assert kinds[:3] == ["control", "control", "register"]


def test_two_clerks_at_once_through_the_real_log_leave_one_of_the_two(
    gateway: Process, kafka: str
) -> None:
    log = Log(kafka)
    gateway.start()
    gateway.wait_until_ready()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(gateway.push, [body_of(value) for value in range(4)]))
    assert all(answer.clean for answer in answers)
    assert len(set(in_force(log.read()).values())) == 1


def test_while_the_broker_is_away_a_gateway_says_it_is_not_ready(tmp_path: Path) -> None:
    gateway = Process(tmp_path, free_port("127.0.0.1", set()), "127.0.0.1:9", "none")
    gateway.start()
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                answer = httpx.get(f"{gateway.url}/readyz")
                break
            except httpx.TransportError:
                assert time.monotonic() < deadline
                time.sleep(0.05)
        assert (answer.status_code, answer.json()["kafka"]) == (503, False)
    finally:
        assert gateway.running is not None
        end_process(gateway.running)
