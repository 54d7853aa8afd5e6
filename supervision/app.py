"""The supervision process: rounds of `Watch`, and a thread that delivers notices.

Two processes may run; a lease in the control store lets one of them work. Ready means that rounds
come round, or that another process holds the lease, and that the thread for notices lives.
"""

import os
import secrets
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from granary import metrics
from granary.clock import Clock, SystemClock
from granary.health import serve_health
from granary.settings import Settings
from granary.topics import LOG_TOPIC, end_offsets
from indicators.errors import GranaryError
from storage.control import alerts, cities, outbox, schema
from supervision.copies import restore_copies
from supervision.notices import Notices
from supervision.reading import Reading
from supervision.recording import Recorder
from supervision.store import Store
from supervision.watch import Watch

#: Pause between rounds: an alert follows its figure within half a second.
ROUND_SECONDS: Final = 0.3
#: Pause between looks at the outbox.
NOTICE_SECONDS: Final = 0.2
#: Without a finished round for this long the part is not ready.
STALLED_SECONDS: Final = 10.0

log = structlog.get_logger(__name__)


class Supervision:
    """Holds the two loops together; `run` blocks until `stop`."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._url = settings.control_url
        self._stopped = threading.Event()
        self._rounds = time.monotonic()
        self._trouble = "starting"
        self._sender = threading.Thread(target=self._send, name="notices", daemon=True)
        holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._recorder = Recorder(self._url, holder, clock, notices=bool(settings.webhook))
        self._notices = (
            Notices(self._url, settings.webhook, self._recorder, clock, self._code)
            if settings.webhook
            else None
        )
        store = Store(settings.clickhouse.get_secret_value())

        def taking() -> None:
            if self._notices is not None:
                self._notices.take_up()
            restore_copies(self._url, store)

        self._watch = Watch(
            self._url, Reading(store), store, self._recorder, clock, taking,
            lambda: end_offsets(settings.kafka, LOG_TOPIC) if settings.kafka else {},
        )  # fmt: skip

    def ready(self) -> tuple[bool, Mapping[str, Any]]:
        """For /readyz: whether rounds come round, and what hinders them."""
        seconds = time.monotonic() - self._rounds
        metrics.LOOP_SECONDS.labels(loop="supervision").set(seconds)
        trouble = self._trouble
        if not trouble and self._notices is not None and not self._sender.is_alive():
            trouble = "no notice is sent: the thread for notices has ended"
        return not trouble and seconds < STALLED_SECONDS, {
            "last_progress_s": round(seconds, 3),
            "holding": self._watch.holding,
            "trouble": trouble,
        }

    def stop(self) -> None:
        self._stopped.set()

    def run(self) -> None:
        """Rounds until stopped; then the lease is given back."""
        self._sender.start()
        try:
            while not self._stopped.is_set():
                self._round()
                self._stopped.wait(ROUND_SECONDS)
        finally:
            self._stopped.set()
            self._sender.join(timeout=15)
            self._watch.give_back()
            if self._notices is not None:
                self._notices.close()

    def _round(self) -> None:
        try:
            if self._watch.round():
                self._count()
        except (GranaryError, SQLAlchemyError) as error:
            if self._trouble != (trouble := type(error).__name__):
                log.warning("round_failed", error=str(error)[:300])
            self._trouble = trouble
        else:
            self._trouble = ""
            self._rounds = time.monotonic()

    def _send(self) -> None:
        while self._notices is not None and not self._stopped.wait(NOTICE_SECONDS):
            if not self._watch.holding:
                continue
            try:
                self._notices.deliver(self._stopped.is_set)
            except (GranaryError, SQLAlchemyError) as error:
                log.warning("notices_failed", error=str(error)[:300])
            except Exception:
                # Nobody foresaw it; /readyz says that the thread is gone.
                log.critical("notices_end", exc_info=True)
                return

    def _count(self) -> None:
        with schema.reading(self._url) as connection:
            for topic in (outbox.CLICKHOUSE_ALERT, outbox.WEBHOOK):
                metrics.OUTBOX_PENDING.labels(topic=topic).set(outbox.waiting(connection, topic))
            for city in cities.every(connection):
                kinds = Counter(alert.kind for alert in alerts.live(connection, city.id))
                for kind in ("line", "overdue", "notice_failed"):
                    metrics.ALERTS_OPEN.labels(city=city.code, kind=kind).set(kinds[kind])

    def _code(self, city: int) -> str:
        with schema.reading(self._url) as connection:
            return cities.by_id(connection, city).code


def main(settings: Settings, clock: Clock | None = None) -> None:
    """Run until SIGTERM or SIGINT."""
    schema.create(settings.control_url)
    supervision = Supervision(settings, clock or SystemClock())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: supervision.stop())
    health = serve_health(settings.host, settings.metrics_port, supervision.ready)
    log.info("supervision_started", port=health.server_port, webhook=bool(settings.webhook))
    try:
        supervision.run()
    finally:
        health.shutdown()
    log.info("supervision_stopped")
