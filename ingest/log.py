"""The gateway's end of the city's log: every message acknowledged by Kafka, in order."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any, Final, Protocol

from kafka import KafkaProducer, TopicPartition
from kafka.errors import KafkaError, KafkaTimeoutError

from granary.consumers import open_consumer
from granary.topics import LOG_TOPIC, MESSAGE_BYTES
from granary.wire import Headers
from ingest.errors import LogUnavailableError
from storage.control.cities import City

#: Messages on their way at once: enough to hide the round trip, few enough to bound memory.
_WINDOW: Final = 8
#: Milliseconds Kafka may take to acknowledge before a sender is told to come back; above the
#: seconds a killed broker needs to restart, so that such a restart goes unnoticed.
_DELIVERY_MS: Final = 30_000
_REQUEST_MS: Final = 10_000
_CONNECT_MS: Final = 5_000
#: Milliseconds a probe waits: many times what a busy broker takes to say where the log ends.
_PROBE_MS: Final = 3_000


class Log(Protocol):
    """Where messages go. Blocks until all are acknowledged; a repeat after an error is safe."""

    def produce(
        self,
        city: City,
        messages: Iterable[tuple[Headers, bytes]],
        acknowledged: Callable[[int], None] = ...,
    ) -> list[int]:
        """Offsets of the messages; `acknowledged` is called with the position of each.

        Raises:
            LogUnavailableError: some are perhaps in the log, not all are known to be.
        """
        ...

    def since(self, city: City, known_ms: int) -> Iterator[tuple[Headers, bytes]]:
        """Messages of the city's log from that instant on, up to its end at the time of asking.

        Reading again is safe.

        Raises:
            LogUnavailableError: Kafka does not answer; not all were read.
        """
        ...

    def reachable(self) -> bool:
        """Whether Kafka answers now; waits a few seconds at most. One thread asks at a time."""
        ...

    def close(self) -> None:
        """Let go of the connections; what is not acknowledged is given up."""
        ...


def _nothing(_position: int) -> None:
    return None


class _Producer(KafkaProducer):  # type: ignore[misc]
    """`close` flushes first and would stop at a batch that does not arrive, still open."""

    def flush(self, timeout: float | None = None) -> None:
        with suppress(KafkaTimeoutError):
            super().flush(timeout)


class KafkaLog:
    """The real log. One producer for all threads, made anew after any error."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._guard = threading.Lock()
        self._producer: Any = None
        self._probe: Any = None

    def produce(
        self,
        city: City,
        messages: Iterable[tuple[Headers, bytes]],
        acknowledged: Callable[[int], None] = _nothing,
    ) -> list[int]:
        offsets: list[int] = []
        waiting: deque[Any] = deque()

        def wait_for_one() -> None:
            found = waiting.popleft().get(timeout=(_DELIVERY_MS + _REQUEST_MS) / 1000)
            offsets.append(int(found.offset))
            acknowledged(len(offsets) - 1)

        producer: Any = None
        try:
            producer = self._open()
            for headers, payload in messages:
                if len(waiting) >= _WINDOW:
                    wait_for_one()
                waiting.append(
                    producer.send(
                        LOG_TOPIC,
                        key=city.code.encode(),
                        value=payload,
                        headers=headers,
                        partition=city.partition,
                    )
                )
            while waiting:
                wait_for_one()
        except KafkaError as error:
            self._discard(producer)
            raise LogUnavailableError(f"Kafka: {error}") from error
        return offsets

    def since(self, city: City, known_ms: int) -> Iterator[tuple[Headers, bytes]]:
        partition = TopicPartition(LOG_TOPIC, city.partition)
        try:
            reader = open_consumer(self._bootstrap, "granary-gateway-reader", _CONNECT_MS)
            try:
                reader.assign([partition])
                end = reader.end_offsets([partition], timeout_ms=_REQUEST_MS)[partition]
                begin = reader.offsets_for_times({partition: known_ms}, timeout_ms=_REQUEST_MS)
                if begin[partition] is None:  # nothing so young
                    return
                reader.seek(partition, begin[partition].offset)
                while reader.position(partition, timeout_ms=_REQUEST_MS) < end:
                    found = reader.poll(timeout_ms=_REQUEST_MS)
                    if not found:
                        raise LogUnavailableError(f"Kafka: nothing of {partition} for a while.")
                    for record in found[partition]:
                        if record.offset < end:
                            yield record.headers, record.value
            finally:
                reader.close()
        except KafkaError as error:
            raise LogUnavailableError(f"Kafka: {error}") from error

    def reachable(self) -> bool:
        """The leaders of the log's partitions say where they end: metadata may be long out of date,
        and a producer's own is not asked for again while it is idle.
        """
        try:
            if self._probe is None:
                self._probe = open_consumer(self._bootstrap, "granary-gateway-probe", _PROBE_MS)
            partitions = self._probe.partitions_for_topic(LOG_TOPIC) or set()
            wanted = [TopicPartition(LOG_TOPIC, number) for number in partitions]
            return bool(wanted and self._probe.end_offsets(wanted, timeout_ms=_PROBE_MS))
        except KafkaError:
            self._drop_probe()
            return False

    def close(self) -> None:
        with self._guard:
            producer, self._producer = self._producer, None
        if producer is not None:
            producer.close(timeout=1)
        self._drop_probe()

    def _drop_probe(self) -> None:
        probe, self._probe = self._probe, None
        if probe is not None:
            with suppress(KafkaError):
                probe.close()

    def _open(self) -> Any:
        with self._guard:
            if self._producer is None:
                self._producer = _Producer(
                    bootstrap_servers=self._bootstrap,
                    client_id="granary-gateway",
                    acks="all",
                    enable_idempotence=True,
                    linger_ms=0,
                    max_request_size=MESSAGE_BYTES,
                    max_block_ms=_DELIVERY_MS,
                    request_timeout_ms=_REQUEST_MS,
                    delivery_timeout_ms=_DELIVERY_MS,
                    bootstrap_timeout_ms=_CONNECT_MS,
                    reconnect_backoff_max_ms=1_000,
                    allow_auto_create_topics=False,
                )
            return self._producer

    def _discard(self, producer: Any) -> None:
        """Give up a producer at once; others still waiting on it are told so too."""
        with self._guard:
            if producer is None or self._producer is not producer:
                return
            self._producer = None
        producer.close(timeout=0)
