"""The consumer side of Faust as the measured recipe wants it: its settings, events, and offsets.

A static member id and a short session bring a killed worker back at once; events are acknowledged
by hand; where each city reads on is the ledger's to say, so its offsets are committed over Faust's.
"""

from collections.abc import Mapping
from typing import Any, Final

import faust
from faust.types import TP

from granary.settings import Settings
from granary.topics import LOG_TOPIC, MESSAGE_BYTES
from stream.city_task import message_of
from stream.records import LogMessage

GROUP: Final = "granary-stream-v1"
#: Heartbeats missed for this long free a killed worker's cities; its own restart is quicker, since
#: the static member id lets it rejoin at once. Broker default 45 s is too long to wait.
_SESSION_SECONDS: Final = 10.0


class FaustEvent:
    """A Faust event as the city task sees it."""

    __slots__ = ("_event", "message")

    def __init__(self, event: Any) -> None:
        self._event = event
        raw = event.message
        self.message: LogMessage = message_of(
            raw.value, raw.offset, round(raw.timestamp * 1000), raw.headers
        )

    def ack(self) -> None:
        self._event.ack()


def make_faust(settings: Settings) -> faust.App:
    """The app without agents."""
    return faust.App(
        GROUP,
        broker=f"kafka://{settings.kafka}",
        store="memory://",
        datadir=str(settings.data / "faust"),
        value_serializer="raw",
        key_serializer="raw",
        topic_partitions=1,
        topic_disable_leader=True,
        topic_allow_declare=False,
        web_enabled=False,
        stream_wait_empty=False,
        stream_buffer_maxsize=64,
        consumer_auto_offset_reset="earliest",
        consumer_group_instance_id=settings.worker_name,
        consumer_max_fetch_size=MESSAGE_BYTES,
        broker_session_timeout=_SESSION_SECONDS,
        broker_heartbeat_interval=2.0,
        broker_commit_interval=1.0,
        producer_acks=-1,
        producer_max_request_size=MESSAGE_BYTES,
    )


async def commit_offsets(consumer: Any, offsets: Mapping[int, int]) -> None:
    """Make the broker's committed offsets of the log those of the ledger.

    Touches Faust's internals (`Consumer._commit`): after this handler Faust seeks every partition
    to its committed offset, and there is no public way to say another. Only the seek to 0 is left
    out there (aiokafka takes it for "nothing committed"), so an emptied store asks for it here.
    """
    wanted = {TP(LOG_TOPIC, partition): offset for partition, offset in offsets.items()}
    if wanted:
        await consumer._commit(wanted)
    for tp, offset in wanted.items():
        if offset == 0:
            await consumer.seek(tp, 0)
