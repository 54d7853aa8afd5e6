"""What all parts must agree on about Kafka's topics, and where a topic's partitions end."""

from collections.abc import Mapping
from typing import Final

from indicators.errors import GranaryError

LOG_TOPIC: Final = "granary.log.v1"
FIGURES_TOPIC: Final = "granary.figures.v1"
DEAD_TOPIC: Final = "granary.dead.v1"

#: A city each, some spare; never changed once a log has records.
PARTITIONS: Final = 16

#: Bytes of a message at most. A chunk of 50,000 observations is about 1 MB; a catalogue or a
#: register load may be larger.
MESSAGE_BYTES: Final = 8 * 1024 * 1024

#: For the first answer, and for each one after it; a living broker takes milliseconds.
_TIMEOUT_MS: Final = 5_000


class LogAwayError(GranaryError):
    """Kafka does not say where a log ends."""

    code = "log_away"
    next_step = "See logs/kafka.log in the data folder, or the broker named by GRANARY_KAFKA."


def end_offsets(bootstrap: str, topic: str) -> Mapping[int, int]:
    """Partition → offset after its last record. Blocks for some seconds at most.

    Raises:
        LogAwayError: the cluster does not answer.
    """
    from kafka import TopicPartition
    from kafka.errors import KafkaError

    from granary.consumers import open_consumer

    try:
        consumer = open_consumer(bootstrap, "granary-ends", _TIMEOUT_MS)
        try:
            partitions = consumer.partitions_for_topic(topic) or set()
            wanted = [TopicPartition(topic, at) for at in partitions]
            found = consumer.end_offsets(wanted, _TIMEOUT_MS) if wanted else {}
        finally:
            consumer.close()
    except KafkaError as error:
        raise LogAwayError(f"{bootstrap}: {error!r}") from error
    return {where.partition: offset for where, offset in found.items()}
