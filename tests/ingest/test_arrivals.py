"""What has arrived at the door is known before its body has come, until the log has it."""

from collections.abc import Iterator
from unittest.mock import patch

import pytest
from sqlalchemy.exc import OperationalError

from storage.control import arrivals, schema, submissions
from tests.ingest.cast import NOW_MS, River
from tests.ingest.conftest import Door

HEADER = "unit,item,period,value\n"
GOOD = HEADER + "A,turnover,2026-M01,1\n"


def on_their_way(river: River, before_ms: int = NOW_MS + 1) -> int:
    with schema.reading(river.settings.control_url) as connection:
        return arrivals.on_their_way(
            connection, river.city.id, "monthly", before_ms, river.clock.now_ms()
        )


def notes(river: River) -> int:
    with schema.reading(river.settings.control_url) as connection:
        return len(connection.execute(schema.arrival.select()).all())


def test_an_upload_that_began_before_the_instant_is_on_its_way_while_it_lasts(door: Door) -> None:
    seen = []

    def slowly() -> Iterator[bytes]:
        yield HEADER.encode()
        seen.append(on_their_way(door.river))
        door.river.clock.advance(20_000)  # the instant passes
        seen.append(on_their_way(door.river))
        yield b"A,turnover,2026-M01,1\n"

    headers = {"Authorization": f"Bearer {door.river.tokens['north']}"}
    url = "/v1/submissions?table=monthly"
    assert door.client.post(url, content=slowly(), headers=headers).status_code == 202
    assert seen == [1, 1]
    assert on_their_way(door.river) == 0
    assert door.river.log.manifests()[0].arrived_ms == NOW_MS


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (GOOD, 202),
        (HEADER + "A,turnover,2026-M01,x\n", 422),
        (b"PK\x03\x04", 415),
        (b"x" * 70_000, 413),
    ],
    ids=["accepted", "refused", "a workbook", "too large"],
)
def test_an_answered_request_is_on_its_way_no_more(
    door: Door, body: str | bytes, status: int
) -> None:
    assert door.push(body).status_code == status
    assert door.push(body, key="k").status_code == status
    assert door.push(body, key="k").status_code == status
    assert notes(door.river) == 0


def test_what_the_log_does_not_have_yet_stays_on_its_way(door: Door) -> None:
    door.river.log.fail_after = 0
    assert door.push(GOOD).status_code == 503
    assert (on_their_way(door.river), notes(door.river)) == (1, 0)
    door.river.log.fail_after = None
    door.river.gateway.finisher.finish_left()
    assert on_their_way(door.river) == 0


def test_a_registration_that_fails_leaves_no_note(door: Door) -> None:
    trouble = OperationalError("INSERT", {}, Exception("gone"))
    with patch.object(submissions, "register", side_effect=trouble):
        assert door.push(GOOD).status_code == 503
    assert notes(door.river) == 0


def test_a_dry_run_and_a_request_without_right_are_not_noted(door: Door) -> None:
    with patch.object(arrivals, "note", side_effect=AssertionError):
        assert door.push(GOOD, dry_run="true").status_code == 200
        assert door.push(GOOD, table="whole").status_code == 403
        assert door.push(GOOD).status_code == 500


def test_a_gateway_that_comes_back_waits_for_nobody_of_its_last_life(door: Door) -> None:
    door.river.gateway.arrivals.note(door.river.city.id, "north", "monthly", NOW_MS)
    assert on_their_way(door.river) == 1
    river = door.river.reopened()
    river.gateway.start()
    river.gateway.stop()
    assert on_their_way(river) == 0
