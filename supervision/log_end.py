"""Where the logs ended when supervision started; before the ledger is there, nothing is judged.

After a replay, or while a worker catches up, the store shows an earlier state of the city: returns
that have come would look silent, and alerts would be closed and opened that nothing happened to.
"""

from collections.abc import Mapping
from typing import Final

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from granary.wire import LOG_TOPIC
from indicators.errors import GranaryError

_TIMEOUT_MS: Final = 5_000


class LogAwayError(GranaryError):
    """Kafka does not say where the log ends."""

    code = "log_away"
    next_step = "It is tried again every round; see the broker's log if it lasts."


def log_ends(bootstrap: str) -> Mapping[int, int]:
    """Partition → offset after its last record; none without a broker. Blocks for some seconds.

    Raises:
        LogAwayError: the broker does not answer.
    """
    if not bootstrap:
        return {}
    try:
        consumer = KafkaConsumer(
            bootstrap_servers=bootstrap,
            enable_auto_commit=False,
            bootstrap_timeout_ms=_TIMEOUT_MS,
        )
        try:
            partitions = consumer.partitions_for_topic(LOG_TOPIC) or set()
            found = consumer.end_offsets([TopicPartition(LOG_TOPIC, at) for at in partitions])
        finally:
            consumer.close()
    except KafkaError as error:
        raise LogAwayError(f"{bootstrap}: {error!r}") from error
    return {where.partition: offset for where, offset in found.items()}
