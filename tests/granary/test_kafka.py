"""The broker that `granary up` starts, and its topics."""

import time

import pytest

from granary.local.kafka import PARTITIONS, TOPICS, answers, create_topics, end_offsets
from granary.local.ports import free_port
from granary.wire import DEAD_TOPIC, LOG_TOPIC

pytestmark = pytest.mark.integration


def test_topics_have_a_partition_for_each_city_and_are_made_only_once(kafka: str) -> None:
    assert create_topics(kafka) == []
    assert set(end_offsets(kafka, LOG_TOPIC)) == set(range(PARTITIONS))


def test_the_log_is_kept_forever_and_stamped_by_the_broker(kafka: str) -> None:
    from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient

    with KafkaAdminClient(bootstrap_servers=kafka) as admin:
        wanted = [ConfigResource(ConfigResourceType.TOPIC, name) for name in TOPICS]
        found = admin.describe_configs(wanted)
    text = str(found)
    assert text.count("LogAppendTime") >= len(TOPICS)


def test_a_record_gets_the_brokers_time_whatever_the_sender_says(kafka: str) -> None:
    from kafka import KafkaProducer

    producer = KafkaProducer(bootstrap_servers=kafka, acks="all")
    before_ms = time.time_ns() // 1_000_000
    record = producer.send(DEAD_TOPIC, b"x", partition=0, timestamp_ms=1).get(30)
    producer.close()
    assert record.timestamp >= before_ms - 1000


def test_topics_are_not_made_by_writing_to_them(kafka: str) -> None:
    from kafka.admin import KafkaAdminClient

    with KafkaAdminClient(bootstrap_servers=kafka) as admin:
        admin.describe_topics(["granary.misspelt.v1"])
        assert "granary.misspelt.v1" not in admin.list_topics()


def test_a_port_where_nobody_listens_does_not_answer() -> None:
    assert not answers(f"127.0.0.1:{free_port('127.0.0.1', set())}")
