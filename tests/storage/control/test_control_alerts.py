"""An episode is one alert; what must be sent is queued with it, once a key."""

from dataclasses import replace

import pytest
from sqlalchemy import Connection

from storage.control import alerts, outbox
from storage.control.alerts import AlertConflictError, NewAlert
from storage.control.cities import City

NEW = NewAlert(
    kind="line",
    level="预警",
    subject_level="district",
    subject="east",
    indicator="per_mu",
    period="2026-M03",
    episode="line/per_mu/current/district/east",
    evidence={"value": 0.5, "text_zh": "低于黄线"},
    note="低于黄线",
)


def test_an_open_episode_is_not_opened_again(connection: Connection, river: City) -> None:
    opened = alerts.open_episode(connection, river.id, NEW, 5)
    assert opened is not None
    assert alerts.open_episode(connection, river.id, NEW, 6) is None
    assert alerts.live(connection, river.id) == [opened] == [alerts.get(connection, opened.id)]
    assert opened.episode_name == NEW.episode


def test_episodes_of_other_names_and_cities_do_not_meet(
    connection: Connection, river: City
) -> None:
    longer = replace(NEW, episode=NEW.episode + "-end")
    assert alerts.open_episode(connection, river.id, longer, 5) is not None
    assert alerts.open_episode(connection, river.id, NEW, 5) is not None
    assert len(alerts.every(connection)) == 2


def test_a_change_raises_the_revision_and_queues_a_copy(
    connection: Connection, river: City
) -> None:
    opened = alerts.open_episode(connection, river.id, NEW, 5)
    assert opened is not None
    red = alerts.change(connection, opened, 6, note="触红", level="红线")
    with pytest.raises(AlertConflictError):
        alerts.change(connection, opened, 7, state=alerts.RESOLVED)
    copies = outbox.due(connection, outbox.CLICKHOUSE_ALERT, 10)
    assert [(one.payload["revision"], one.payload["level"]) for one in copies] == [
        (1, "预警"), (2, "红线"),
    ]  # fmt: skip
    assert alerts.get(connection, opened.id) == red
    assert [one["note"] for one in alerts.events(connection, opened.id)] == ["低于黄线", "触红"]


def test_a_closed_episode_is_followed_by_the_next(connection: Connection, river: City) -> None:
    first = alerts.open_episode(connection, river.id, NEW, 5)
    assert first is not None
    alerts.change(connection, first, 6, state=alerts.RESOLVED, closed_ms=6)
    second = alerts.open_episode(connection, river.id, NEW, 7)
    assert second is not None
    assert second.evidence["reopens"] == first.id
    assert alerts.live(connection, river.id) == [second]


def test_a_key_is_queued_once_and_an_attempt_without_an_end_may_have_arrived(
    connection: Connection, river: City
) -> None:
    assert outbox.put(connection, river.id, outbox.WEBHOOK, "k", {"a": 1}, 5)
    assert not outbox.put(connection, river.id, outbox.WEBHOOK, "k", {"a": 2}, 5)
    (queued,) = outbox.due(connection, outbox.WEBHOOK, 5)
    assert outbox.begin(connection, queued, 6)[1] is False
    assert outbox.due(connection, outbox.WEBHOOK, 9) == []
    assert outbox.waiting(connection, outbox.WEBHOOK) == 1
    assert outbox.take_up(connection, outbox.WEBHOOK, 9) == 1
    (again,) = outbox.due(connection, outbox.WEBHOOK, 9)
    attempt, may_repeat = outbox.begin(connection, again, 10)
    assert may_repeat
    outbox.end(connection, again, attempt, 11, status=200, error="", state="sent", next_at_ms=11)
    assert outbox.waiting(connection, outbox.WEBHOOK) == 0


def test_an_attempt_that_never_connected_makes_no_possible_repeat(
    connection: Connection, river: City
) -> None:
    outbox.put(connection, river.id, outbox.WEBHOOK, "k", {}, 5)
    (queued,) = outbox.due(connection, outbox.WEBHOOK, 5)
    attempt, _ = outbox.begin(connection, queued, 6)
    outbox.end(
        connection, queued, attempt, 7,
        status=None, error=outbox.NOT_DELIVERED, state="pending", next_at_ms=8,
    )  # fmt: skip
    assert outbox.troubled(connection, river.id, outbox.WEBHOOK, 1) == ["k"]
    (again,) = outbox.due(connection, outbox.WEBHOOK, 8)
    assert outbox.begin(connection, again, 9)[1] is False
