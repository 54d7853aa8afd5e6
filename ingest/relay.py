"""The relay: brings intents from the control store into the cities' logs, in order of id.

One gateway holds the lease. A step reads what is pending, produces one record, waits for Kafka to
acknowledge it, then marks it. Killed in between, the next holder produces it again; a record id the
fold has seen has no further effect.
"""

import threading
from typing import Final

from granary import metrics
from granary.clock import Clock
from granary.failpoints import failpoint
from granary.wire import record_headers
from ingest.log import Log
from storage.control import cities, intents, leases, schema

LEASE: Final = "relay"
#: Milliseconds a silent holder keeps the lease, and after which a live one renews it.
_LEASE_MS: Final = 10_000
_RENEW_MS: Final = 3_000
#: Milliseconds before a gateway without the lease asks again.
_RETRY_MS: Final = 1_000
#: Intents read at a time; their payloads may be large.
_AT_ONCE: Final = 10


class Relay:
    """One gateway's relay; `step` is to be called again and again."""

    pause_seconds: Final = 0.05  # between two looks at the control store

    def __init__(self, control_url: str, log: Log, clock: Clock, holder: str) -> None:
        self._control_url = control_url
        self._log = log
        self._clock = clock
        self._holder = holder
        self._held_until_ms = 0
        self._refused_until_ms = 0
        self._stepping = threading.Lock()

    def release(self) -> None:
        """Give the lease back, so that another gateway need not wait for it to run out."""
        with schema.engine(self._control_url).begin() as connection:
            leases.release(connection, LEASE, self._holder)

    def step(self) -> int:
        """Produce what is pending; how many records, 0 too where another holds the lease.

        Safe between threads: whoever waits for a record may step in without producing it twice.

        Raises:
            LogUnavailableError: Kafka did not acknowledge; the record stays pending.
        """
        with self._stepping:
            return self._step()

    def _step(self) -> int:
        if not self._hold():
            return 0
        with schema.reading(self._control_url) as connection:
            waiting = intents.pending(connection, limit=_AT_ONCE)
            left = len(waiting)
            if left == _AT_ONCE:
                left = intents.count_pending(connection)
            metrics.INTENTS_PENDING.set(left)
            places = {city.id: city for city in cities.every(connection)} if waiting else {}
        for intent in waiting:
            if not self._hold():
                return 0
            message = (record_headers(intent.kind, intent.city), intent.payload)
            (offset,) = self._log.produce(places[intent.city], [message])
            failpoint("relay.intent_produced")
            with schema.engine(self._control_url).begin() as connection:
                intents.mark_produced(connection, intent.id, offset)
        return len(waiting)

    def _hold(self) -> bool:
        now = self._clock.now_ms()
        if now < self._held_until_ms:
            return True
        if now < self._refused_until_ms:
            return False
        with schema.engine(self._control_url).begin() as connection:
            held = leases.acquire(connection, LEASE, self._holder, now, _LEASE_MS)
        self._held_until_ms = now + _RENEW_MS if held else 0
        self._refused_until_ms = 0 if held else now + _RETRY_MS
        return held
