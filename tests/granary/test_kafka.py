"""The broker that `granary up` starts, and its topics."""

import time

import pytest

from granary.local.kafka import TOPICS, TopicUnfitError, answers, create_topics
from granary.local.ports import free_port
from granary.topics import DEAD_TOPIC, LOG_TOPIC, PARTITIONS, end_offsets

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


def made_by_another(kafka: str, name: str, partitions: int = PARTITIONS, **other: str) -> None:
    """A topic as the log's, but for what is named (`_` for `.`)."""
    from kafka.admin import KafkaAdminClient, NewTopic

    changed = {key.replace("_", "."): value for key, value in other.items()}
    configs = {**TOPICS[LOG_TOPIC], **changed}
    with KafkaAdminClient(bootstrap_servers=kafka) as admin:
        admin.create_topics([NewTopic(name, partitions, 1, topic_configs=configs)])


@pytest.mark.parametrize(
    ("partitions", "setting", "value"),
    [
        pytest.param(PARTITIONS, "message.timestamp.type", "CreateTime", id="the sender's time"),
        pytest.param(PARTITIONS, "retention.ms", "604800000", id="forgets after a week"),
        pytest.param(PARTITIONS, "cleanup.policy", "compact", id="keeps the last of each key"),
        pytest.param(PARTITIONS, "max.message.bytes", "1048588", id="takes no large message"),
        pytest.param(4, "partitions", "4", id="has no partition for the fifth city"),
    ],
)
def test_a_topic_of_someone_else_that_would_lose_or_misdate_records_is_refused(
    kafka: str, partitions: int, setting: str, value: str
) -> None:
    name = f"other.{setting}"
    other = {} if setting == "partitions" else {setting.replace(".", "_"): value}
    made_by_another(kafka, name, partitions, **other)
    with pytest.raises(TopicUnfitError, match=f"{name} has .*{value}"):
        create_topics(kafka, {name: TOPICS[LOG_TOPIC]})


def test_a_topic_of_someone_else_with_more_than_is_needed_is_taken(kafka: str) -> None:
    made_by_another(kafka, "other.larger", PARTITIONS + 4, max_message_bytes="16777216")
    assert create_topics(kafka, {"other.larger": TOPICS[LOG_TOPIC]}) == []


def test_a_port_where_nobody_listens_does_not_answer() -> None:
    assert not answers(f"127.0.0.1:{free_port('127.0.0.1', set())}")
