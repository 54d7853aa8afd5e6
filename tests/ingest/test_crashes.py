"""A gateway that dies between any two steps leaves nothing half promised."""

from pathlib import Path
from unittest.mock import patch

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.exc import InterfaceError, OperationalError, TimeoutError

from ingest import desk, finishing, spool
from ingest.errors import LogUnavailableError
from ingest.gateway.app import create_app
from storage.control import intents, leases, schema, submissions, tokens
from tests.ingest.cast import River, load_catalogue
from tests.ingest.cast import catalogue as cast_catalogue
from tests.ingest.conftest import Door

BODY = "unit,item,period,value\n" + "".join(
    f"{unit},{item},2026-M0{month},{month}\n"
    for unit in "AB"
    for item in ("turnover", "staff")
    for month in (1, 2)
)


class Killed(BaseException):
    """Stands for SIGKILL: no handler of the product catches it."""


def dying_at(name: str, passage: int = 1) -> object:
    """Die at the n-th passage of a fail point."""
    left = passage

    def failpoint(passed: str) -> None:
        nonlocal left
        if passed == name:
            left -= 1
            if left == 0:
                raise Killed

    return failpoint


def push_until(door: Door, name: str, passage: int = 1, key: str = "k") -> None:
    """Push and die at the fail point; files written so far stay, as after SIGKILL."""
    failpoint = dying_at(name, passage)
    with (
        patch.object(desk, "failpoint", failpoint),
        patch.object(finishing, "failpoint", failpoint),
        patch.object(spool, "failpoint", failpoint),
        pytest.raises(Killed),
    ):
        take(door.river, BODY, key)


def take(river: River, body: str, key: str) -> None:
    """What the route does with a body of north's, in this thread and without tidying up."""
    service = river.gateway.service
    basis = service.bases.of(river.city.id)
    catalogue = basis.catalogue
    incoming = service.spool.receive(service.max_body)
    incoming.write(body.encode())
    asked = desk.Request(
        basis,
        catalogue.reporter["north"],
        catalogue.table["monthly"],
        "",
        key,
        river.clock.now_ms(),
    )
    river.gateway.desk.submit(asked, "csv", incoming.close())


def reopened(door: Door) -> Door:
    river = door.river.reopened()
    river.gateway.finisher.recover()
    return Door(river, TestClient(create_app(river.gateway), raise_server_exceptions=False))


def files(river: River) -> list[Path]:
    return [path for path in (river.settings.data / "spool").rglob("*") if path.is_file()]


def test_a_body_that_was_never_registered_is_withdrawn(door: Door) -> None:
    push_until(door, "gateway.spooled")
    assert files(door.river)
    after = reopened(door)
    assert after.river.gateway.finisher.finish_left() == 0
    assert files(after.river) == []
    assert after.river.log.manifests() == []
    assert after.push(BODY, key="k").status_code == 202


@pytest.mark.parametrize(
    ("name", "passage"),
    [
        ("gateway.registered", 1),
        ("gateway.chunk_produced", 1),
        ("gateway.chunk_produced", 3),
        ("gateway.manifest_produced", 1),
    ],
)
def test_a_registered_submission_is_finished_with_the_same_chunks(
    door: Door, name: str, passage: int
) -> None:
    push_until(door, name, passage)
    # What judges later must not matter: the catalogue changes before the gateway is back.
    load_catalogue(
        door.river,
        "catalogue:2",
        cast_catalogue(items=[item.model_dump() | {"limit": 1} for item in cast_catalogue().items]),
    )
    after = reopened(door)
    assert after.river.gateway.finisher.finish_left() == 0
    log = after.river.log
    chunks = {(number, digest) for _, number, digest in log.chunks()}
    (manifest,) = {m.submission: m for m in log.manifests()}.values()
    assert chunks == {(chunk.chunk, chunk.hash) for chunk in manifest.chunks}
    assert len(chunks) == 3
    assert files(after.river) == []
    receipt = after.push(BODY, key="k")
    assert (receipt.status_code, receipt.json()["submission"]) == (202, manifest.submission)
    assert receipt.json()["repeated"] is False
    assert after.river.gateway.finisher.finish_left() == 0


def test_a_retry_with_the_key_finishes_what_was_left_and_gets_its_receipt(door: Door) -> None:
    push_until(door, "gateway.chunk_produced")
    after = reopened(door)
    answer = after.push(BODY, key="k").json()
    assert answer["accepted"] == 8
    assert {m.submission for m in after.river.log.manifests()} == {answer["submission"]}


def test_what_was_left_goes_to_the_log_before_what_comes_later(door: Door) -> None:
    push_until(door, "gateway.registered")
    after = reopened(door)
    later = after.push(BODY.replace("-M01,1", "-M01,9"), key="later").json()["submission"]
    order = list(dict.fromkeys(s for s, _, _ in after.river.log.chunks()))
    assert len(order) == 2
    assert order[1] == later


def test_a_receipt_recorded_but_not_sent_is_given_again(door: Door) -> None:
    push_until(door, "gateway.accepted")
    after = reopened(door)
    assert after.river.gateway.finisher.finish_left() == 0
    assert after.push(BODY, key="k").status_code == 202
    assert len(after.river.log.manifests()) == 1
    assert files(after.river) == []


@pytest.mark.parametrize("messages", [0, 1, 3])
def test_while_kafka_is_away_the_sender_is_told_to_come_back_and_nothing_is_lost(
    door: Door, messages: int
) -> None:
    door.river.log.fail_after = messages
    response = door.push(BODY, key="k")
    assert response.status_code == 503
    assert int(response.headers["retry-after"]) > 0
    with pytest.raises(LogUnavailableError):
        door.river.gateway.finisher.finish_left()
    door.river.log.fail_after = None
    assert door.river.gateway.finisher.finish_left() == 0
    receipt = door.push(BODY, key="k").json()
    assert len({m.submission for m in door.river.log.manifests()} | {receipt["submission"]}) == 1


@pytest.mark.parametrize(
    "trouble",
    [
        OperationalError("SELECT", {}, Exception("connection refused")),
        InterfaceError("SELECT", {}, Exception("connection already closed")),
        TimeoutError("QueuePool limit reached"),
    ],
    ids=lambda trouble: type(trouble).__name__,
)
@pytest.mark.parametrize("where", ["verify", "register", "finish"])
def test_while_the_control_store_is_away_the_sender_is_told_to_come_back(
    door: Door, where: str, trouble: Exception
) -> None:
    module = tokens if where == "verify" else submissions
    with patch.object(module, where, side_effect=trouble):
        response = door.push(BODY, key="k")
    assert (response.status_code, response.json()["code"]) == (503, "control_store_away")
    assert int(response.headers["retry-after"]) > 0
    assert door.push(BODY, key="k").json()["accepted"] == 8
    assert len({m.submission for m in door.river.log.manifests()}) == 1


def test_a_fault_of_the_program_asks_for_the_same_key_again(door: Door) -> None:
    with patch.object(submissions, "finish", side_effect=RuntimeError("a mistake")):
        response = door.push(BODY, key="k")
    assert (response.status_code, response.json()["code"]) == (500, "internal")
    assert "幂等键" in response.json()["message"]["zh"]
    assert "Idempotency-Key" in response.json()["message"]["en"]
    receipt = door.push(BODY, key="k")
    assert receipt.json()["repeated"] is False
    assert {m.submission for m in door.river.log.manifests()} == {receipt.json()["submission"]}


def test_another_gateways_submission_is_left_alone_until_it_falls_silent(door: Door) -> None:
    push_until(door, "gateway.registered")
    control = door.river.settings.control_url
    with schema.engine(control).begin() as connection:
        connection.execute(schema.submission.update().values(owner="other:1"))
        leases.acquire(connection, "gateway:other:1", "other:1", door.river.clock.now_ms(), 10_000)
    assert door.river.gateway.finisher.finish_left() == 1
    assert door.push(BODY.replace(",1\n", ",7\n")).status_code == 429
    door.river.clock.advance(10_000)
    assert door.river.gateway.finisher.finish_left() == 0
    with schema.reading(control) as connection:
        assert submissions.receiving(connection) == []


def test_an_intent_relayed_twice_keeps_its_first_offset_in_the_store(river: River) -> None:
    from ingest import relay

    with schema.engine(river.settings.control_url).begin() as connection:
        payload = b'{"body":{},"id":"d","type":"deadline","version":1}'
        intents.submit(connection, river.city.id, "control", "d", payload)
    with patch.object(relay, "failpoint", dying_at("relay.intent_produced")), pytest.raises(Killed):
        river.gateway.relay.step()
    after = river.reopened()
    assert after.gateway.relay.step() == 1
    assert after.gateway.relay.step() == 0
    sent = [payload_ for _, _, payload_ in river.log.messages if payload_ == payload]
    assert len(sent) == 2
    with schema.reading(river.settings.control_url) as connection:
        assert intents.last_produced(connection, river.city.id) == len(river.log.messages) - 1


def test_one_gateway_relays_at_a_time(river: River) -> None:
    from ingest.relay import Relay

    other = Relay(river.settings.control_url, river.log, river.clock, "other:1")
    with schema.engine(river.settings.control_url).begin() as connection:
        payload = b'{"body":{},"id":"d","type":"deadline","version":1}'
        intents.submit(connection, river.city.id, "control", "d", payload)
    assert other.step() == 0
    river.clock.advance(10_001)
    assert other.step() == 1
    river.gateway.relay.step()
    assert river.gateway.relay.step() == 0
