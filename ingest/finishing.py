"""Finishing (收尾): a registered submission's messages to the log, then its final status.

1. Its chunks are produced, each acknowledged (gateway.chunk_produced), then its manifest
   (gateway.manifest_produced). Sent again after a kill: the fold knows chunk and hash.
2. One transaction gives it its final status and makes it the head of its periods
   (gateway.accepted).

Serial per lane (city, reporter, table): in this process by a lock, between gateways because nobody
registers while the lane has a submission that is still receiving, and because a living gateway's
submissions are left to it.

A submission whose spooled messages are lost keeps its lane closed until it is certain what the log
has of it; then it is ended by that (`lost`). Only its own gateway may do so: to any other the file
may merely be on a disk it cannot see.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from granary.clock import Clock
from granary.failpoints import failpoint
from ingest.errors import BusyError, IngestError, LogUnavailableError, SpoolLostError
from ingest.log import Log
from ingest.lost import Remains, ended
from ingest.outgoing import read_outgoing, write_messages
from ingest.spool import Spool
from storage.control import cities, leases, schema, submissions
from storage.control.cities import City
from storage.control.submissions import Lane, Submission

_LOG: Final = structlog.get_logger(__name__)

#: Seconds a submission waits for those before it in its lane.
_LANE_SECONDS: Final = 120.0
#: Milliseconds after which a silent gateway's submissions are finished by another.
_OWNER_LEASE_MS: Final = 10_000
#: Milliseconds after which a message given up by its sender can no longer reach the log: above the
#: time a producer tries.
_LOST_MS: Final = 60_000
#: Milliseconds by which the broker's clock may be behind the gateway's.
_CLOCKS_APART_MS: Final = 10 * 60_000


class Finisher:
    """Finishes submissions of one gateway, and those of gateways that fell silent.

    Every method may be called from any thread.
    """

    def __init__(self, control_url: str, spool: Spool, log: Log, clock: Clock, owner: str) -> None:
        self._engine = schema.engine(control_url)
        self._control_url = control_url
        self._spool = spool
        self._log = log
        self._clock = clock
        self._owner = owner
        self._lanes: dict[Lane, threading.Lock] = {}
        self._guard = threading.Lock()
        self._waiting: set[Lane] = set()  # lanes of which it was told that they cannot go on
        self._lost: dict[str, int] = {}  # submission → when its messages were first missed

    def recover(self) -> int:
        """At start: sweep what was never registered; how many files."""
        with schema.reading(self._control_url) as connection:
            kept = [left.spool for left in submissions.receiving(connection)]
        return self._spool.sweep(kept)

    def stay_owner(self) -> None:
        """Tell other gateways that this one lives."""
        name = f"gateway:{self._owner}"
        with self._engine.begin() as connection:
            leases.acquire(connection, name, self._owner, self._clock.now_ms(), _OWNER_LEASE_MS)

    def finish_left(self) -> int:
        """Finish submissions that a dead run or a silent Kafka left; how many are still left.

        A lane that cannot be finished now is logged and keeps no other from being finished.

        Raises:
            LogUnavailableError: Kafka does not acknowledge; try again later.
        """
        now = self._clock.now_ms()
        with schema.reading(self._control_url) as connection:
            left = submissions.receiving(connection)
            mine = {
                found.owner: found.owner == self._owner
                or leases.holder_of(connection, f"gateway:{found.owner}", now) is None
                for found in left
            }
        waiting = len(left)
        for lane in dict.fromkeys(found.lane for found in left if mine[found.owner]):
            lock = self._lock(lane)
            if lock.acquire(blocking=False):  # a busy lane finishes its own
                try:
                    waiting -= self.finish_lane(lane)
                    self._waiting.discard(lane)
                except (LogUnavailableError, SQLAlchemyError):  # no lane could go on
                    raise
                except IngestError as error:
                    if lane not in self._waiting:  # once, not every round
                        _LOG.warning("lane_waits", lane=lane, code=error.code, reason=error.message)
                    self._waiting.add(lane)
                except Exception:
                    _LOG.exception("lane_failed", lane=lane)
                finally:
                    lock.release()
        return waiting

    @contextmanager
    def lane(self, lane: Lane) -> Iterator[None]:
        """Hold the lane.

        Raises:
            BusyError: those before take too long.
        """
        lock = self._lock(lane)
        if not lock.acquire(timeout=_LANE_SECONDS):
            raise BusyError("the submissions before this one are not finished yet.")
        try:
            yield
        finally:
            lock.release()

    def finish_lane(self, lane: Lane) -> int:
        """Finish what the lane has left, oldest first; it must be held. How many.

        Raises:
            BusyError: a living gateway has a submission of the lane.
            LogUnavailableError: Kafka does not acknowledge; they stay receiving.
            SpoolLostError: messages are lost, and it is not certain yet what the log has of them.
        """
        now = self._clock.now_ms()
        with schema.reading(self._control_url) as connection:
            left = submissions.receiving(connection, lane)
            for found in left:
                owner = leases.holder_of(connection, f"gateway:{found.owner}", now)
                if found.owner != self._owner and owner is not None:
                    raise BusyError("another gateway is taking a submission of this table.")
        for found in left:
            try:
                self.finish(found)
            except SpoolLostError as error:
                self._end_lost(found, error)
        return len(left)

    def finish(self, found: Submission) -> None:
        """Bring it into the log whole and give it its final status; its lane must be held.

        Raises:
            LogUnavailableError: Kafka does not acknowledge; it stays receiving.
            SpoolLostError: its messages are not on disk any more.
        """
        path = self._spool.at(found.spool)

        def acknowledged(position: int) -> None:
            last = position == found.chunks
            failpoint("gateway.manifest_produced" if last else "gateway.chunk_produced")

        self._log.produce(self._city(found), read_outgoing(path, found.city), acknowledged)
        self._accept(found)

    def _accept(self, found: Submission) -> None:
        with self._engine.begin() as connection:
            submissions.finish(connection, found, self._clock.now_ms())
        failpoint("gateway.accepted")
        self._spool.at(found.spool).unlink(missing_ok=True)

    def _end_lost(self, found: Submission, error: SpoolLostError) -> None:
        """End a submission by what the log has of it, once nothing can be on its way there."""
        now = self._clock.now_ms()
        since = self._lost.setdefault(found.id, now)
        if found.owner != self._owner or now < since + _LOST_MS:
            raise error
        messages = self._log.since(self._city(found), found.arrived_ms - _CLOCKS_APART_MS)
        remains = Remains(found, messages)
        _LOG.error("spool_lost", submission=found.id, whole=remains.whole, reason=error.message)
        if remains.whole:
            self._accept(found)
            return
        manifest, payloads = remains.messages()
        path = self._spool.messages(found.id, "-ended")
        write_messages(path, manifest, payloads)
        outcome = ended(found, manifest, self._spool.named(path))
        with self._engine.begin() as connection:
            submissions.replace_outcome(connection, outcome)
        self.finish(outcome)

    def _city(self, found: Submission) -> City:
        with schema.reading(self._control_url) as connection:
            return cities.by_id(connection, found.city)

    def _lock(self, lane: Lane) -> threading.Lock:
        with self._guard:
            return self._lanes.setdefault(lane, threading.Lock())
