"""Reads granary.figures.v1 and tells the hub what changed, set by set; knows where the logs end.

A message is one consistent set of a city: an Arrow stream with v_indicator's columns, published
after the set's rows are in the store. The feed begins at the end of every partition: pages read
what was before from the store.
"""

import math
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc
import structlog

from dashboards.console.hub import RESYNC, Hub
from granary import metrics
from granary.clock import Clock
from granary.topics import FIGURES_TOPIC, LOG_TOPIC

_log = structlog.get_logger()
#: A broker that has not answered for this long is lost: an idle poll takes a quarter of a second.
SILENT_S = 10.0
#: How long one poll waits; also how long a stop may take.
_POLL_MS = 250
#: Wait after a lost broker; a restarted one answers within five seconds.
_RECONNECT_S = 1.0
#: For a broker to answer at first; a living one takes milliseconds.
_CONNECT_MS = 10_000
#: How often the logs' ends are asked for; the broker answers in a few milliseconds.
_ENDS_EVERY_S = 1.0
#: City figures sent along with an event at most; a larger set is read from the store by the page.
_CARRIED = 200


class Source(Protocol):
    """Messages of the figures topic, from the end of it at the time of opening."""

    def poll(self, timeout_ms: int) -> Iterable[tuple[Mapping[str, bytes], bytes]]:
        """(headers, payload) of what has come, waiting at most `timeout_ms`; raises OSError when
        the broker is lost."""
        ...

    def log_ends(self) -> Mapping[int, int]:
        """Partition of the cities' log → offset after its last record; raises OSError likewise."""
        ...

    def close(self) -> None:
        """Give the connection back; never raises."""
        ...


def describe(headers: Mapping[str, bytes], payload: bytes, now_ms: int) -> dict[str, Any]:
    """The event of one set: what it touched, and its plain city figures.

    Raises:
        pyarrow.ArrowInvalid, KeyError, ValueError: the message is not such a set.
    """
    with pa.ipc.open_stream(payload) as reader:
        table = reader.read_all()
    city = headers["city"].decode()
    if table.num_rows:
        city = str(table.column("city")[0].as_py())
    whole = pc.and_(
        pc.equal(table.column("level").cast(pa.string()), "city"),
        pc.equal(table.column("by_level").cast(pa.string()), ""),
    )
    figures = table.filter(whole).to_pylist()
    return {
        "type": "figures",
        "city": city,
        "set_id": headers["set_id"].decode(),
        "offset": int(headers["offset"]),
        "catalogue_version": int(headers["catalogue_version"]),
        "count": table.num_rows,
        "received_ms": now_ms,
        "indicators": _distinct(table, "indicator"),
        "levels": _distinct(table, "level"),
        "periods": _distinct(table, "period")[-24:],
        "figures": figures if len(figures) <= _CARRIED else [],
    }


class Feed:
    """A thread that keeps a source open and the hub told; `progressed_s` says it lives."""

    def __init__(self, connect: Callable[[], Source], hub: Hub, clock: Clock) -> None:
        self._connect = connect
        self._hub = hub
        self._clock = clock
        self._stop = threading.Event()
        self._progress: float | None = None
        self._ends: Mapping[int, int] = {}
        self._thread = threading.Thread(target=self._run, name="figures", daemon=True)
        self.sets = 0
        self.unreadable = 0

    def start(self) -> None:
        metrics.LOOP_SECONDS.labels(loop="console_feed").set_function(self._silence)
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread; returns when it has ended or after two seconds."""
        self._stop.set()
        self._thread.join(2.0)

    def progressed_s(self) -> float | None:
        """Seconds since the broker last answered; None if it never did."""
        return None if self._progress is None else time.monotonic() - self._progress

    def log_ends(self) -> Mapping[int, int] | None:
        """Partition of the log → offset after its last record, as of a second ago; None while the
        broker is lost."""
        silent = self.progressed_s()
        return self._ends if silent is not None and silent < SILENT_S else None

    def _silence(self) -> float:
        silent = self.progressed_s()
        return -1.0 if silent is None else silent

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                source = self._connect()
            except Exception as error:  # whatever the client raises while no broker is there
                _log.warning("figures_unreachable", error=repr(error))
                self._stop.wait(_RECONNECT_S)
                continue
            # Between two connections sets may have gone by unseen: pages read the store anew.
            self._hub.publish("", RESYNC)
            try:
                self._follow(source)
            except Exception as error:  # a lost broker has many names; all mean: open again
                _log.warning("figures_lost", error=repr(error))
                self._stop.wait(_RECONNECT_S)
            finally:
                source.close()

    def _follow(self, source: Source) -> None:
        looked = -math.inf
        while not self._stop.is_set():
            if time.monotonic() - looked >= _ENDS_EVERY_S:
                self._ends, looked = source.log_ends(), time.monotonic()
            for headers, payload in source.poll(_POLL_MS):
                try:
                    event = describe(headers, payload, self._clock.now_ms())
                except (pa.ArrowException, KeyError, ValueError, UnicodeDecodeError) as error:
                    _log.warning("figures_unreadable", error=repr(error))
                    # A set that cannot be shown is still in the store.
                    self.unreadable += 1
                    self._hub.publish("", RESYNC)
                    continue
                self.sets += 1
                self._hub.publish(event["city"], event)
            self._progress = time.monotonic()


class KafkaSource:
    """The figures topic through kafka-python: every partition, no group, nothing committed."""

    def __init__(self, bootstrap: str) -> None:
        from kafka import TopicPartition

        from granary.consumers import open_consumer

        self._consumer = open_consumer(
            bootstrap,
            "granary-console",
            _CONNECT_MS,
            auto_offset_reset="latest",
            fetch_max_wait_ms=50,
        )
        try:
            numbers = self._consumer.partitions_for_topic(FIGURES_TOPIC)
            if not numbers:
                raise ConnectionError(f"{FIGURES_TOPIC} does not exist yet")
            partitions = [TopicPartition(FIGURES_TOPIC, number) for number in sorted(numbers)]
            self._consumer.assign(partitions)
            self._consumer.seek_to_end(*partitions)
            for partition in partitions:  # resolves the ends now, not at the first poll
                self._consumer.position(partition)
            logs = self._consumer.partitions_for_topic(LOG_TOPIC) or set()
            self._logs = [TopicPartition(LOG_TOPIC, number) for number in sorted(logs)]
        except BaseException:
            self.close()
            raise

    def poll(self, timeout_ms: int) -> Iterable[tuple[Mapping[str, bytes], bytes]]:
        """See `Source.poll`."""
        for records in self._consumer.poll(timeout_ms=timeout_ms).values():
            for record in records:
                yield dict(record.headers), record.value

    def log_ends(self) -> Mapping[int, int]:
        """See `Source.log_ends`."""
        found = self._consumer.end_offsets(self._logs) if self._logs else {}
        return {where.partition: offset for where, offset in found.items()}

    def close(self) -> None:
        """See `Source.close`."""
        try:
            self._consumer.close(timeout_ms=1000)
        except Exception:  # nothing is left to give back
            return


def _distinct(table: pa.Table, column: str) -> list[str]:
    return sorted(str(value) for value in pc.unique(table.column(column)).to_pylist())
