"""Consumers of no group, for those who look at Kafka without being part of the flow."""

from typing import Any

from kafka import KafkaConsumer
from kafka.errors import KafkaError
from kafka.net.compat import KafkaNetClient


def open_consumer(bootstrap: str, client_id: str, timeout_ms: int, **settings: Any) -> Any:
    """A consumer of no group that commits nothing. Blocks for the timeout at most.

    A consumer that finds no broker leaves its thread and sockets behind, which a part that waits
    for Kafka for a night cannot afford: so its client is made here, and closed in that case.

    Raises:
        kafka.errors.KafkaError: no broker answers.
    """
    made: list[Any] = []

    def client(**configured: Any) -> Any:
        made.append(KafkaNetClient(**configured))
        return made[-1]

    try:
        return KafkaConsumer(
            bootstrap_servers=bootstrap,
            client_id=client_id,
            enable_auto_commit=False,
            bootstrap_timeout_ms=timeout_ms,
            allow_auto_create_topics=False,
            kafka_client=client,
            **settings,
        )
    except KafkaError:
        for each in made:
            each.close()
        raise
