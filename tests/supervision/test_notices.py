"""A notice arrives at least once, under one key; a failing one is an alert."""

from collections.abc import Callable

import pytest
from sqlalchemy.exc import OperationalError

from granary.clock import ManualClock
from storage.control import outbox, schema
from supervision.decisions import decide
from supervision.notices import ALERT_AFTER, LONGEST_PAUSE_MS, Notices, pause_ms
from supervision.recording import Recorder
from tests.supervision.cast import DUE, facts, figure
from tests.supervision.receiver import Receiver

Maker = Callable[[str], Notices]


@pytest.fixture
def notices(control_url: str, recorder: Recorder, clock: ManualClock) -> Maker:
    recorder.record(1, "river", decide(facts(figures=[figure(0.5)]), [], DUE + 1))

    def make(url: str) -> Notices:
        return Notices(control_url, url, recorder, clock, lambda city: "river")

    return make


def test_a_notice_is_sent_once_with_its_key(notices: Maker, receiver: Receiver) -> None:
    sender = notices(receiver.url)
    assert sender.deliver() == 1
    assert sender.deliver() == 0
    (call,) = receiver.calls
    assert call.key.startswith("notice:")
    assert call.body["possible_repeat"] is False
    assert call.body["text_zh"].startswith("【红线】迟缓区")
    assert call.body["alerts"][0]["evidence"]["consequence_zh"] == "约谈"


def test_a_notice_cut_off_while_sending_is_sent_again_under_the_same_key_and_marked(
    notices: Maker, receiver: Receiver, control_url: str, clock: ManualClock
) -> None:
    with schema.engine(control_url).begin() as connection:
        (queued,) = outbox.due(connection, outbox.WEBHOOK, clock.now_ms())
        assert outbox.begin(connection, queued, clock.now_ms())[1] is False
    sender = notices(receiver.url)
    assert sender.deliver() == 0
    assert sender.take_up() == 1
    assert sender.deliver() == 1
    (call,) = receiver.calls
    assert (call.key, call.body["possible_repeat"]) == (queued.key, True)
    assert "可能重复" in call.body["text_zh"]


def test_a_failing_notice_waits_longer_each_time_and_becomes_an_alert_that_closes_when_it_arrives(
    notices: Maker, receiver: Receiver, recorder: Recorder, clock: ManualClock
) -> None:
    receiver.answers = [500] * ALERT_AFTER
    sender = notices(receiver.url)
    for attempt in range(1, ALERT_AFTER + 1):
        assert not [one for one in recorder.live(1) if one.kind == "notice_failed"]
        sender.deliver()
        assert sender.deliver() == 0
        assert len(receiver.calls) == attempt
        clock.advance(pause_ms(attempt))
        recorder.hold()
    (failing,) = [one for one in recorder.live(1) if one.kind == "notice_failed"]
    assert failing.evidence["keys"] == [receiver.calls[0].key]
    assert "secret" not in str(failing.evidence)
    assert sender.deliver() == 1
    assert not [one for one in recorder.live(1) if one.kind == "notice_failed"]
    assert {call.key for call in receiver.calls} == {receiver.calls[0].key}
    assert receiver.calls[-1].body["possible_repeat"] is True


def test_a_receiver_that_was_never_reached_makes_no_possible_repeat(
    notices: Maker, clock: ManualClock, receiver: Receiver
) -> None:
    closed = notices("http://127.0.0.1:9/")
    assert closed.deliver() == 0
    clock.advance(pause_ms(1))
    assert notices(receiver.url).deliver() == 1
    assert receiver.calls[0].body["possible_repeat"] is False


@pytest.mark.parametrize(
    "url",
    [
        "http://[::1",
        "http://127.0.0.1:port/",
        f"http://{'a' * 64}.example/",
        "http://xn--/",
        "receiver",
    ],
)
def test_an_address_nobody_can_be_reached_at_is_a_failing_notice_and_becomes_an_alert(
    notices: Maker, recorder: Recorder, clock: ManualClock, receiver: Receiver, url: str
) -> None:
    sender = notices(url)
    for attempt in range(1, ALERT_AFTER + 1):
        assert sender.deliver() == 0
        clock.advance(pause_ms(attempt))
        recorder.hold()
    (failing,) = [one for one in recorder.live(1) if one.kind == "notice_failed"]
    assert len(failing.evidence["keys"]) == 1
    assert failing.evidence["webhook"]
    assert notices(receiver.url).deliver() == 1
    assert receiver.calls[0].body["possible_repeat"] is False


def test_a_notice_whose_outcome_could_not_be_recorded_is_sent_again_without_a_restart(
    notices: Maker, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender = notices(receiver.url)
    with monkeypatch.context() as broken:
        broken.setattr(outbox, "end", _raising)
        with pytest.raises(OperationalError):
            sender.deliver()
    assert sender.deliver() == 1
    first, second = receiver.calls
    assert (second.key, second.body["possible_repeat"]) == (first.key, True)
    assert sender.deliver() == 0


def test_an_alert_that_could_not_be_closed_when_the_notice_arrived_is_closed_at_the_next_look(
    notices: Maker,
    receiver: Receiver,
    recorder: Recorder,
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    receiver.answers = [500] * ALERT_AFTER
    sender = notices(receiver.url)
    for attempt in range(1, ALERT_AFTER + 1):
        sender.deliver()
        clock.advance(pause_ms(attempt))
        recorder.hold()
    with monkeypatch.context() as broken:
        broken.setattr(recorder, "record", _raising)
        with pytest.raises(OperationalError):
            sender.deliver()
    assert [one for one in recorder.live(1) if one.kind == "notice_failed"]
    assert sender.deliver() == 0
    assert not [one for one in recorder.live(1) if one.kind == "notice_failed"]
    assert len(receiver.calls) == ALERT_AFTER + 1


def _raising(*_: object, **__: object) -> None:
    raise OperationalError("UPDATE outbox", {}, Exception("database is locked"))


def test_without_the_lease_nothing_is_sent(
    notices: Maker, receiver: Receiver, recorder: Recorder, clock: ManualClock
) -> None:
    clock.advance(60_000)
    assert notices(receiver.url).deliver() == 0
    assert receiver.calls == []
    recorder.hold()
    assert notices(receiver.url).deliver() == 1


def test_pauses_double_up_to_a_limit() -> None:
    assert [pause_ms(n) for n in (1, 2, 3)] == [500, 1000, 2000]
    assert pause_ms(1_000) == LONGEST_PAUSE_MS
