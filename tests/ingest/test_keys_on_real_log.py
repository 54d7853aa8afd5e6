"""Department keys from the door through a real broker into a real store, and back by a link."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from kafka import KafkaConsumer, TopicPartition

from granary.clock import SystemClock
from granary.records import encode_register
from granary.settings import Settings
from granary.topics import LOG_TOPIC
from granary.unmatched import Link, link_key
from ingest.gateway.app import Gateway, create_app
from ingest.log import KafkaLog
from storage.audit import audit
from storage.clickhouse import connect
from storage.control import cities, schema, tokens
from storage.fold_reads import FoldReads
from storage.standing import Standing
from stream.recompute import checked
from stream.records import LogMessage
from stream.recovery import recover
from tests import partitions
from tests.ingest.cast import REGISTER, NoStore, River, load_catalogue, put_in_log
from tests.ingest.conftest import Door
from tests.ingest.test_department_keys import HEADER, METERS, by_meters
from tests.storage.filled import fold_into
from tests.stream.logs import Log

pytestmark = pytest.mark.integration

PARTITION = partitions.KEYS
MAY = (
    "1,power,2026-M05,10.5\n2,power,2026-M05,20.25\n3,power,2026-M05,0.25\n4,power,2026-M05,7\n"
    "9,power,2026-M05,5\n1,load,2026-M05,1\n2,load,2026-M05,2\n"
)


@pytest.fixture
def grid(kafka: str, tmp_path: Path) -> Iterator[Door]:
    """The river city's gateway before a real broker, which relays when it is asked to."""
    settings = Settings(data=tmp_path, kafka=kafka, chunk_observations=2)
    schema.create(settings.control_url)
    gateway = Gateway(settings, "river:1", KafkaLog(kafka), NoStore(), SystemClock())
    with schema.engine(settings.control_url).begin() as connection:
        connection.execute(
            schema.city.insert().values(
                id=15, code="river", partition=PARTITION, generation=0, catalogue=""
            )
        )
        token = tokens.issue(connection, 15, "grid", 0)
        city = cities.by_id(connection, 15)
    river = River(settings, None, None, city, gateway, {"grid": token})  # type: ignore[arg-type]
    load_catalogue(river, "catalogue:2", by_meters())
    for record, rows in (("register:1", REGISTER), ("register:2", METERS)):
        put_in_log(river, "register", record, encode_register(record, rows))
    yield Door(river, TestClient(create_app(gateway), raise_server_exceptions=False))
    gateway.log.close()


def in_log(bootstrap: str) -> Log:
    """The partition's records."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    partition = TopicPartition(LOG_TOPIC, PARTITION)
    consumer.assign([partition])
    end = consumer.end_offsets([partition])[partition]
    consumer.seek(partition, 0)
    log = Log(15)
    while len(log.messages) < end:
        for records in consumer.poll(1_000).values():
            log.messages += [
                LogMessage(one.offset, one.timestamp, dict(one.headers), one.value)
                for one in records
            ]
    consumer.close()
    return log


def test_a_file_by_keys_settles_with_every_cell_accounted_for_and_enters_whole_once_linked(
    grid: Door, kafka: str, database: str
) -> None:
    client = connect(database)

    def fold() -> None:
        fold_into(database, in_log(kafka))
        assert audit(database).differences == []
        recomputed = checked(recover(FoldReads(database), 15, 0, 10**9), Standing(database))
        assert recomputed.differences == []

    def ledger(submission: str) -> tuple[int, ...]:
        (counts,) = client.execute(
            "SELECT declared, accepted, rejected, stored, superseded, quarantined, settled"
            " FROM v_ledger WHERE submission = %(submission)s",
            {"submission": submission},
        )
        return tuple(counts)

    def observed() -> dict[tuple[str, str], float]:
        rows = client.execute(
            "SELECT unit, item, toFloat64(value) FROM v_observation WHERE source = 'power'"
        )
        return {(unit, item): value for unit, item, value in rows}

    first = grid.push(HEADER + MAY, by="grid", table="meters").json()
    assert (first["declared"], first["rejected"], first["combined"]) == (5, 2, 2)
    fold()
    assert ledger(first["submission"]) == (5, 3, 2, 2, 0, 1, 1)
    assert observed() == {("A", "power"): 31.0, ("B", "power"): 7.0}
    ((key, unit),) = client.execute("SELECT key, unit FROM v_unmatched")
    assert (key, unit) == ("9", "")

    link = Link("meter", "9", "B", "2026-01-01", "", "张三", "核对")
    assert link_key(grid.river.settings.control_url, 15, link)
    while grid.river.gateway.relay.step():
        pass
    again = grid.push(HEADER + MAY, by="grid", table="meters").json()
    assert (again["repeated"], again["declared"], again["combined"]) == (False, 4, 3)
    fold()
    assert ledger(again["submission"]) == (4, 2, 2, 2, 0, 0, 1)
    assert ledger(first["submission"]) == (5, 3, 2, 0, 2, 1, 1)
    assert observed() == {("A", "power"): 31.0, ("B", "power"): 12.0}
    assert client.execute("SELECT count() FROM v_unmatched") == [(0,)]
