"""An alert is recorded before anything is sent, once an episode, by one holder."""

import pytest

from granary.clock import ManualClock
from storage.control import alerts, outbox, schema
from storage.control.alerts import AlertConflictError
from supervision.decisions import decide
from supervision.recording import LEASE_MS, Recorder
from tests.supervision.cast import DUE, catalogue, counts, facts, figure

RED = facts(figures=[figure(0.5)])
CLEAR = facts(figures=[figure(5.0)])


def look(recorder: Recorder, seen: object = RED) -> list[alerts.Alert]:
    live = recorder.live(1)
    return recorder.record(1, "river", decide(seen, live, DUE + 1))  # type: ignore[arg-type]


def queued(url: str, topic: str) -> list[outbox.Queued]:
    with schema.reading(url) as connection:
        return outbox.due(connection, topic, 10**15)


def test_alert_event_copy_and_notice_are_recorded_together(
    control_url: str, recorder: Recorder
) -> None:
    (opened,) = look(recorder)
    (copy,) = queued(control_url, outbox.CLICKHOUSE_ALERT)
    (notice,) = queued(control_url, outbox.WEBHOOK)
    assert copy.payload["id"] == opened.id
    assert [one["id"] for one in notice.payload["alerts"]] == [opened.id]
    assert notice.key == f"notice:{opened.id}:red"
    with schema.reading(control_url) as connection:
        (event,) = alerts.events(connection, opened.id)
    assert (event["from_state"], event["to_state"]) == ("", "open")


def test_the_same_facts_again_record_nothing(control_url: str, recorder: Recorder) -> None:
    look(recorder)
    recorder.record(1, "river", decide(RED, [], DUE + 1))  # as after a crash before it was read
    assert len(recorder.live(1)) == 1
    assert len(queued(control_url, outbox.WEBHOOK)) == 1


def test_opening_again_is_a_new_episode_that_names_the_one_before(
    control_url: str, recorder: Recorder
) -> None:
    (first,) = look(recorder)
    (closed,) = look(recorder, CLEAR)
    assert (closed.state, closed.closed_ms is not None) == ("resolved", True)
    (second,) = look(recorder)
    assert second.id != first.id
    assert (second.evidence["episode"], second.evidence["reopens"]) == (2, first.id)
    assert len(queued(control_url, outbox.WEBHOOK)) == 2


def test_a_level_is_told_once_in_an_episode_however_often_it_returns(
    control_url: str, recorder: Recorder
) -> None:
    rules = catalogue(hysteresis=0.0)
    for value in (1.1, 0.9, 1.1, 0.9, 1.1):
        look(recorder, facts(figures=[figure(value)], rules=rules))
    keys = [one.key.rsplit(":", 1)[1] for one in queued(control_url, outbox.WEBHOOK)]
    assert keys == ["yellow", "red"]


def test_silent_districts_of_one_return_share_one_digest(
    control_url: str, recorder: Recorder
) -> None:
    opened = look(recorder, facts(returns=[counts(0), counts(0, subject="swift")]))
    (notice,) = queued(control_url, outbox.WEBHOOK)
    assert notice.payload["digest"]
    assert {one["id"] for one in notice.payload["alerts"]} == {one.id for one in opened}


def test_without_the_lease_nothing_is_written(
    control_url: str, recorder: Recorder, clock: ManualClock
) -> None:
    second = Recorder(control_url, "second", clock, notices=True)
    assert not second.hold()
    assert look(second) == []
    clock.advance(LEASE_MS)
    assert second.hold()
    assert look(recorder) == []  # the first fell silent and was replaced
    assert len(look(second)) == 1


def test_an_alert_changed_by_a_person_meanwhile_is_left_for_the_next_look(
    control_url: str, recorder: Recorder, clock: ManualClock
) -> None:
    (opened,) = look(recorder)
    live = recorder.live(1)
    with schema.engine(control_url).begin() as connection:
        alerts.change(
            connection, opened, clock.now_ms(), note="已知悉", author="li", state="acknowledged"
        )
        with pytest.raises(AlertConflictError):
            alerts.change(connection, opened, clock.now_ms(), state="resolved")
    assert recorder.record(1, "river", decide(CLEAR, live, DUE + 1)) == []
    (closed,) = look(recorder, CLEAR)
    assert (closed.revision, closed.state) == (3, "resolved")


def test_a_long_episode_name_stays_apart_from_its_neighbour() -> None:
    long = "x" * 300
    assert alerts.episode_name(1, long + "a") != alerts.episode_name(1, long + "b")
    assert len(alerts.episode_name(1, long)) <= 220
