"""Readers of the log at the door: for looking whether Kafka answers, and what it has already."""

from typing import Any

from kafka import KafkaConsumer
from kafka.errors import KafkaError
from kafka.net.compat import KafkaNetClient


def open_consumer(bootstrap: str, client_id: str, timeout_ms: int) -> Any:
    """A consumer of no group. Blocks for the timeout at most.

    A consumer that finds no broker leaves its thread and sockets behind, which a gateway that waits
    for Kafka for a night cannot afford: so its client is made here, and closed in that case.

    Raises:
        kafka.errors.KafkaError: no broker answers.
    """
    made: list[Any] = []

    def client(**settings: Any) -> Any:
        made.append(KafkaNetClient(**settings))
        return made[-1]

    try:
        return KafkaConsumer(
            bootstrap_servers=bootstrap,
            client_id=client_id,
            enable_auto_commit=False,
            bootstrap_timeout_ms=timeout_ms,
            allow_auto_create_topics=False,
            kafka_client=client,
        )
    except KafkaError:
        for each in made:
            each.close()
        raise
