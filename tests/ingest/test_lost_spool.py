"""Messages lost from the spool: nothing else waits for them, and nothing of them vanishes."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from ingest.errors import LogUnavailableError
from storage.control import schema, submissions
from storage.control.submissions import Submission
from tests.ingest.cast import River
from tests.ingest.conftest import Door, rules

HEADER = "unit,item,period,value\n"
#: Eight cells in three chunks.
BODY = HEADER + "".join(
    f"{unit},{item},2026-M0{month},{month}\n"
    for unit in "AB"
    for item in ("turnover", "staff")
    for month in (1, 2)
)
BAD_TOO = BODY + "A,turnover,never,1\n"
A_MINUTE = 60_000


def push_until(door: Door, messages: int, body: str = BODY) -> None:
    """Push under the key k while Kafka falls silent after so many messages."""
    door.river.log.fail_after = messages
    assert door.push(body, key="k").status_code == 503
    door.river.log.fail_after = None


def left(river: River) -> list[Submission]:
    with schema.reading(river.settings.control_url) as connection:
        return submissions.receiving(connection)


def spools(river: River) -> list[Path]:
    return list((river.settings.data / "spool").rglob("*.messages"))


def lose(river: River) -> None:
    for path in spools(river):
        path.unlink()


def after_a_minute(river: River) -> int:
    """The finisher notices, and decides when nothing can be on its way any more."""
    waiting = river.gateway.finisher.finish_left()
    river.clock.advance(A_MINUTE)
    assert river.gateway.finisher.finish_left() == 0
    return waiting


def in_log(river: River) -> tuple[int, set[tuple[int, str]], set[tuple[int, str]]]:
    """(manifests, chunks in the log, chunks of the manifests)."""
    manifests = {manifest.submission: manifest for manifest in river.log.manifests()}
    listed = {(c.chunk, c.hash) for one in manifests.values() for c in one.chunks}
    return len(manifests), {(n, digest) for _, n, digest in river.log.chunks()}, listed


def test_a_lane_whose_spool_is_lost_keeps_no_other_lane_waiting(door: Door) -> None:
    push_until(door, 0)
    lose(door.river)
    door.river.log.fail_after = 0
    assert door.push(HEADER + "C,turnover,2026-M01,1\n", by="south").status_code == 503
    door.river.log.fail_after = None
    assert door.river.gateway.finisher.finish_left() == 1
    assert [one.reporter for one in left(door.river)] == ["north"]
    assert [one.reporter for one in door.river.log.manifests()] == ["south"]


def test_a_lane_that_waits_is_told_in_the_log_once(door: Door) -> None:
    push_until(door, 0)
    lose(door.river)
    with capture_logs() as told:
        for _ in range(3):
            door.river.gateway.finisher.finish_left()
        after_a_minute(door.river)
    assert [line["event"] for line in told] == ["lane_waits", "spool_lost"]
    assert str(door.river.settings.data) not in str(told)


def test_until_it_is_certain_what_the_log_has_the_lane_asks_to_come_back(door: Door) -> None:
    push_until(door, 0)
    lose(door.river)
    response = door.push(BODY, key="other")
    assert (response.status_code, response.json()["code"]) == (503, "spool_lost")
    assert int(response.headers["retry-after"]) > 0
    assert len(left(door.river)) == 1


def test_what_never_reached_the_log_is_refused_with_its_reason(door: Door) -> None:
    push_until(door, 0, BAD_TOO)
    lose(door.river)
    assert after_a_minute(door.river) == 1
    answer = door.push(BAD_TOO, key="k")
    assert answer.status_code == 422
    assert rules(answer) == ["spool_lost", "unknown_period"]
    assert answer.json()["findings_by_rule"] == {"spool_lost": 8, "unknown_period": 1}
    (manifest,) = door.river.log.manifests()
    assert manifest.declared == manifest.rejected == {202601: 4, 202602: 4, 0: 1}
    assert manifest.chunks == []
    again = door.push(BAD_TOO).json()
    assert (again["accepted"], again["repeated"]) == (8, False)


@pytest.mark.parametrize("chunks", [1, 2, 3])
def test_what_is_in_the_log_is_accepted_and_the_rest_refused(door: Door, chunks: int) -> None:
    push_until(door, chunks)
    lose(door.river)
    after_a_minute(door.river)
    manifests, sent, listed = in_log(door.river)
    assert (manifests, len(sent)) == (1, chunks)
    assert sent == listed
    receipt = door.push(BODY, key="k").json()
    cells = len(door.river.log.cells())
    assert (receipt["accepted"], receipt["rejected"]) == (cells, 8 - cells)
    assert sum(period["accepted"] for period in receipt["periods"]) == cells
    (manifest,) = {m.submission: m for m in door.river.log.manifests()}.values()
    assert sum(manifest.accepted.values()) == cells
    assert [found["rule"] for found in receipt["findings"]] == ["spool_lost"] * (cells < 8)
    again = door.push(BODY).json()
    assert (again["accepted"], again["repeated"]) == (8, cells == 8)
    assert spools(door.river) == []


def test_what_is_in_the_log_whole_is_accepted_as_it_was_registered(door: Door) -> None:
    door.push(BODY, key="k")
    with schema.engine(door.river.settings.control_url).begin() as connection:
        connection.execute(schema.submission.update().values(status="receiving"))
    after_a_minute(door.river)
    receipt = door.push(BODY, key="k").json()
    assert (receipt["accepted"], receipt["findings"]) == (8, [])
    assert len(door.river.log.manifests()) == 1


def test_a_file_cut_short_counts_as_lost(door: Door) -> None:
    push_until(door, 1)
    (path,) = spools(door.river)
    path.write_bytes(path.read_bytes()[:-200])
    after_a_minute(door.river)
    manifests, sent, listed = in_log(door.river)
    assert manifests == 1
    assert sent == listed
    assert 0 < door.push(BODY, key="k").json()["accepted"] < 8


def test_only_its_own_gateway_decides_that_a_file_is_lost(door: Door) -> None:
    push_until(door, 0)
    lose(door.river)
    with schema.engine(door.river.settings.control_url).begin() as connection:
        connection.execute(schema.submission.update().values(owner="elsewhere:1"))
    for _ in range(3):
        assert door.river.gateway.finisher.finish_left() == 1
        door.river.clock.advance(A_MINUTE)
    assert len(left(door.river)) == 1


def test_killed_while_it_ends_a_submission_it_ends_it_the_same_way(door: Door) -> None:
    push_until(door, 2)
    lose(door.river)
    door.river.gateway.finisher.finish_left()
    door.river.clock.advance(A_MINUTE)
    door.river.log.fail_after = 1
    with pytest.raises(LogUnavailableError):
        door.river.gateway.finisher.finish_left()
    door.river.log.fail_after = None
    river = door.river.reopened()
    river.gateway.finisher.recover()
    assert river.gateway.finisher.finish_left() == 0
    manifests, sent, listed = in_log(river)
    assert (manifests, len(sent)) == (1, 2)
    assert sent == listed
    assert spools(river) == []
