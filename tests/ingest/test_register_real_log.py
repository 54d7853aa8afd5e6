"""A register file from the door into a real broker's log, and what a fold of that log has."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from kafka import KafkaConsumer, TopicPartition

from granary.clock import SystemClock
from granary.keys import unit_id
from granary.records import decode_register, encode_register
from granary.settings import Settings
from granary.topics import LOG_TOPIC
from granary.wire import kind_of
from indicators.register import Register
from ingest.gateway.app import Gateway, create_app
from ingest.log import KafkaLog
from storage.control import cities, schema, tokens
from tests import partitions
from tests.ingest.cast import REGISTER, NoStore, River, load_catalogue, put_in_log
from tests.ingest.conftest import Door
from tests.ingest.register_cast import MORE, registering

pytestmark = pytest.mark.integration
PARTITION = partitions.REGISTER


@pytest.fixture
def door(kafka: str, tmp_path: Path) -> Iterator[Door]:
    settings = Settings(data=tmp_path, kafka=kafka)
    schema.create(settings.control_url)
    gateway = Gateway(settings, "river:1", KafkaLog(kafka), NoStore(), SystemClock())
    with schema.engine(settings.control_url).begin() as connection:
        connection.execute(
            schema.city.insert().values(
                id=14, code="river", partition=PARTITION, generation=0, catalogue=""
            )
        )
        cast = {name: tokens.issue(connection, 14, name, 0) for name in ("north", "taxman")}
        city = cities.by_id(connection, 14)
    river = River(settings, None, None, city, gateway, cast)  # type: ignore[arg-type]
    load_catalogue(river, "catalogue:2", registering())
    for record, rows in (("register:1", REGISTER), ("register:2", MORE)):
        put_in_log(river, "register", record, encode_register(record, rows))
    yield Door(river, TestClient(create_app(gateway), raise_server_exceptions=False))
    gateway.log.close()


def folded(bootstrap: str) -> Register:
    """The register as whoever folds the partition has it."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    partition = TopicPartition(LOG_TOPIC, PARTITION)
    consumer.assign([partition])
    end = consumer.end_offsets([partition])[partition]
    consumer.seek(partition, 0)
    register = Register(unit_id)
    while consumer.position(partition) < end:
        for records in consumer.poll(1_000).values():
            for one in records:
                if kind_of(dict(one.headers)) == "register":
                    _, rows = decode_register(one.value)
                    register.apply(rows, (unit_id(row.kind, row.code) for row in rows))
    consumer.close()
    return register


def test_what_is_answered_with_202_stands_in_the_log_and_in_the_basis_alike(
    door: Door, kafka: str
) -> None:
    feed = "key,name,sector,district,size,as_of\n1,甲店,零售业,N,510,2026-M04\n"
    move = "unit_code,grouping,member,valid_from,valid_to\n"
    move += "A,district,N,,2026-04-01\nA,district,S,2026-04-01,\n"
    assert door.push(feed, by="taxman", table="tax_feed").status_code == 202
    assert door.push("code,name\nE,new\nC,taken\n", table="units").status_code == 202
    assert door.push("code,name\nC,taken\n", table="units").status_code == 422
    assert door.push(move, by="taxman", table="places").status_code == 202
    basis = door.river.gateway.service.bases.of(door.river.city.id).register
    in_log = folded(kafka)
    for register in (basis, in_log):
        assert register.units("candidate")["tax.1"][0] == "甲店"
        assert register.units("shop")["C"][0] == "Shop C"
        assert ("E", "district", "N", "") in register.memberships("shop")
        assert register.in_member("shop", "district", "S", 202604)[register.place("shop", "A")]
    assert basis.memberships("shop") == in_log.memberships("shop")
