"""Alerts (预警) of the control store: one episode is one alert, every change a revision.

Every function works inside the caller's transaction. Opening and changing an alert queue its copy
for ClickHouse in the same transaction, so that an alert is recorded before anything shows it.
"""

import hashlib
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, func, insert, select, update

from indicators.errors import GranaryError
from storage.control import outbox
from storage.control.schema import alert, alert_event

OPEN: Final = "open"
RESOLVED: Final = "resolved"
_CLOSED: Final = (RESOLVED, "reviewed")
_EPISODE_LENGTH: Final = 220  # the column holds 255; the number of the episode is added


class AlertConflictError(GranaryError):
    """The alert was changed by somebody else since it was read."""

    code = "alert_conflict"
    next_step = "Read the alert again and decide on what it says now."


@dataclass(frozen=True, slots=True)
class NewAlert:
    """What opens an episode. `episode` names it among the city's; its number is added here."""

    kind: str  # line | overdue | notice_failed
    level: str  # 预警 | 红线
    subject_level: str
    subject: str
    indicator: str
    period: str
    episode: str
    evidence: dict[str, Any]
    note: str


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert as it stands. Instants in UTC ms; `episode` is `<city>:<name>#<number>`."""

    id: str
    city: int
    kind: str
    level: str
    subject_level: str
    subject: str
    indicator: str
    period: str
    state: str
    opened_ms: int
    closed_ms: int | None
    evidence: dict[str, Any]
    revision: int
    episode: str

    @property
    def live(self) -> bool:
        return self.state not in _CLOSED

    @property
    def episode_name(self) -> str:
        """The episode's name without city and number."""
        return self.episode.partition(":")[2].rpartition("#")[0]


def live(connection: Connection, city: int) -> list[Alert]:
    """The city's alerts that are not closed, oldest first."""
    return _read(connection, alert.c.city == city, alert.c.state.not_in(_CLOSED))


def every(connection: Connection, city: int | None = None) -> list[Alert]:
    """All alerts ever opened, oldest first."""
    return _read(connection, *([] if city is None else [alert.c.city == city]))


def get(connection: Connection, alert_id: str) -> Alert | None:
    """The alert of that id, None if there never was one."""
    found = _read(connection, alert.c.id == alert_id)
    return found[0] if found else None


def open_episode(connection: Connection, city: int, new: NewAlert, now_ms: int) -> Alert | None:
    """Open the next episode of that name; None if one is open, so that a repeat has no effect.

    From the second episode on the evidence says which alert it re-opens (`reopens`).
    """
    name = episode_name(city, new.episode)
    before = _read(connection, func.substr(alert.c.episode, 1, len(name) + 1) == f"{name}#")
    if any(one.live for one in before):
        return None
    number = len(before) + 1
    episode = f"{name}#{number}"
    evidence = {**new.evidence, "episode": number}
    if before:
        evidence["reopens"] = before[-1].id
    opened = Alert(
        id="A" + hashlib.sha256(episode.encode()).hexdigest()[:19],
        city=city,
        kind=new.kind,
        level=new.level,
        subject_level=new.subject_level,
        subject=new.subject,
        indicator=new.indicator,
        period=new.period,
        state=OPEN,
        opened_ms=now_ms,
        closed_ms=None,
        evidence=evidence,
        revision=1,
        episode=episode,
    )
    connection.execute(insert(alert).values(**_columns(opened)))
    note = f"再次触发: {new.note}" if before else new.note
    _event(connection, opened.id, now_ms, "", OPEN, note)
    _copy(connection, opened, now_ms)
    return opened


def change(
    connection: Connection,
    before: Alert,
    now_ms: int,
    *,
    note: str = "",
    author: str = "supervision",
    **changes: Any,
) -> Alert:
    """Change columns of the alert as read; with a note the change is an event of its own.

    Raises:
        AlertConflictError: its revision is no longer that of `before`.
    """
    after = Alert(**{**_columns(before), **changes, "revision": before.revision + 1})
    done = connection.execute(
        update(alert)
        .where(alert.c.id == before.id, alert.c.revision == before.revision)
        .values(**_columns(after))
    )
    if not done.rowcount:
        raise AlertConflictError(f"alert {before.id} is past revision {before.revision}.")
    if note:
        _event(connection, after.id, now_ms, before.state, after.state, note, author)
    _copy(connection, after, now_ms)
    return after


def events(connection: Connection, alert_id: str) -> list[dict[str, Any]]:
    """What happened to the alert, oldest first."""
    rows = connection.execute(
        select(alert_event).where(alert_event.c.alert_id == alert_id).order_by(alert_event.c.id)
    )
    return [dict(row._mapping) for row in rows]


def episode_name(city: int, name: str) -> str:
    """`<city>:<name>`, with a long name's tail replaced by its hash."""
    whole = f"{city}:{name}"
    if len(whole) <= _EPISODE_LENGTH:
        return whole
    digest = hashlib.sha256(whole.encode()).hexdigest()[:32]
    return f"{whole[: _EPISODE_LENGTH - 33]}~{digest}"


def _event(
    connection: Connection,
    alert_id: str,
    now_ms: int,
    from_state: str,
    to_state: str,
    note: str,
    author: str = "supervision",
) -> None:
    connection.execute(
        insert(alert_event).values(
            alert_id=alert_id,
            at_ms=now_ms,
            author=author,
            from_state=from_state,
            to_state=to_state,
            note=note,
        )
    )


def _copy(connection: Connection, one: Alert, now_ms: int) -> None:
    outbox.put(
        connection,
        one.city,
        outbox.CLICKHOUSE_ALERT,
        f"alert:{one.id}:{one.revision}",
        _columns(one),
        now_ms,
    )


def _columns(one: Alert) -> dict[str, Any]:
    return {name: getattr(one, name) for name in Alert.__slots__}


def _read(connection: Connection, *wanted: Any) -> list[Alert]:
    order = (alert.c.opened_ms, alert.c.id)
    return [
        _alert(row) for row in connection.execute(select(alert).where(*wanted).order_by(*order))
    ]


def _alert(row: Row[Any]) -> Alert:
    return Alert(**{name: row._mapping[name] for name in Alert.__slots__})
