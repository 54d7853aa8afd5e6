"""Records what was decided: alert, its event and everything to be sent, in one transaction.

1. The lease is confirmed inside the transaction; without it nothing is written.
2. Episodes open or change; each change queues its copy for ClickHouse (`storage.control.alerts`).
3. Openings and rises to a graver level queue a notice; openings that belong together share one.
A crash before the commit leaves nothing: the next look decides the same. After it, the outbox
holds whatever was not sent.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Connection

from granary import metrics
from granary.clock import Clock
from granary.failpoints import failpoint
from storage.control import alerts, leases, outbox, schema
from storage.control.alerts import Alert
from supervision import wording
from supervision.decisions import Action, Change, Open

LEASE: Final = "supervision"
#: Renewed every round; a killed holder is replaced after this long. Longer than any pause of a
#: round that is not a fault, shorter than the ten seconds in which a part must be back at work.
LEASE_MS: Final = 4_000


class Recorder:
    """Writes to the control store for one holder of the lease; safe to use from several threads."""

    def __init__(self, control_url: str, holder: str, clock: Clock, *, notices: bool) -> None:
        self._url = control_url
        self._holder = holder
        self._clock = clock
        self._notices = notices

    def hold(self) -> bool:
        """Take or renew the lease; False while another process has it."""
        with schema.engine(self._url).begin() as connection:
            return leases.acquire(connection, LEASE, self._holder, self._clock.now_ms(), LEASE_MS)

    def give_back(self) -> None:
        with schema.engine(self._url).begin() as connection:
            leases.release(connection, LEASE, self._holder)

    def holds(self, connection: Connection) -> bool:
        """Whether the lease is still this holder's, as the transaction sees it."""
        return leases.holder_of(connection, LEASE, self._clock.now_ms()) == self._holder

    def live(self, city: int) -> list[Alert]:
        with schema.reading(self._url) as connection:
            return alerts.live(connection, city)

    def record(self, city: int, code: str, actions: Sequence[Action]) -> list[Alert]:
        """Record the actions; the alerts opened or changed. Nothing without the lease.

        An alert that somebody else changed since it was read is left for the next look.
        """
        if not actions:
            return []
        now = self._clock.now_ms()
        done: list[Alert] = []
        with schema.engine(self._url).begin() as connection:
            if not self.holds(connection):
                return []
            digests: dict[str, list[Alert]] = {}
            for action in actions:
                if isinstance(action, Open):
                    opened = alerts.open_episode(connection, city, action.new, now)
                    if opened is not None:
                        metrics.ALERTS_RECORDED.labels(city=code, kind=opened.kind).inc()
                        done.append(opened)
                        digests.setdefault(action.digest or opened.id, []).append(opened)
                else:
                    changed = _change(connection, action, now)
                    if changed is not None:
                        done.append(changed)
                        if action.notify:
                            self._tell(connection, city, code, "alert.raised", [changed], now)
            for together in digests.values():
                self._tell(connection, city, code, "alert.opened", together, now)
        failpoint("supervision.recorded")
        return done

    def _tell(
        self,
        connection: Connection,
        city: int,
        code: str,
        event: str,
        told: Sequence[Alert],
        now_ms: int,
    ) -> None:
        """Queue a notice, once for these alerts at this level."""
        if not self._notices or all(alert.kind == "notice_failed" for alert in told):
            return
        body = wording.notice(code, event, [public(alert, code) for alert in told])
        outbox.put(connection, city, outbox.WEBHOOK, notice_key(told), body, now_ms)


def notice_key(told: Iterable[Alert]) -> str:
    """Idempotency key of the notice of these alerts at their levels: the same on every attempt."""
    parts = sorted(f"{alert.id}:{alert.level}" for alert in told)
    if len(parts) == 1:
        alert_id, _, level = parts[0].partition(":")
        return f"notice:{alert_id}:{'red' if level == '红线' else 'yellow'}"
    return "notice:digest:" + hashlib.sha256("|".join(parts).encode()).hexdigest()[:32]


def public(alert: Alert, city: str) -> dict[str, Any]:
    """The alert as receivers and command lines see it."""
    return {
        "id": alert.id,
        "city": city,
        "kind": alert.kind,
        "level": alert.level,
        "subject_level": alert.subject_level,
        "subject": alert.subject,
        "indicator": alert.indicator,
        "period": alert.period,
        "state": alert.state,
        "opened_ms": alert.opened_ms,
        "closed_ms": alert.closed_ms,
        "evidence": alert.evidence,
        "revision": alert.revision,
    }


def _change(connection: Connection, action: Change, now_ms: int) -> Alert | None:
    changes = dict(action.changes)
    if action.closes:
        changes["closed_ms"] = now_ms
    try:
        return alerts.change(connection, action.before, now_ms, note=action.note, **changes)
    except alerts.AlertConflictError:
        return None
