"""Register files at the gateway's door: into the log, once a key, and nothing by halves."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from granary.records import RegisterRow, decode_register, encode_register
from granary.wire import kind_of
from indicators.register import Register
from ingest import awaiting
from ingest.gateway.app import create_app
from storage.control import intents, schema, tokens
from tests.ingest.cast import NoStore, load_catalogue, put_in_log, river_city
from tests.ingest.conftest import Door, rules
from tests.ingest.register_cast import MORE, registering

FEED = "key,credit_code,name,sector,district,size,as_of\n"


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    river = river_city(tmp_path)
    load_catalogue(river, "catalogue:2", registering())
    put_in_log(river, "register", "register:2", encode_register("register:2", MORE))
    client = TestClient(create_app(river.gateway), raise_server_exceptions=False)
    yield Door(river, client)
    client.close()


def logged(door: Door) -> list[RegisterRow]:
    """Register rows of the log, in order, but for those the cast began with."""
    payloads = [
        payload for _, headers, payload in door.river.log.messages
        if kind_of(dict(headers)) == "register"
    ]  # fmt: skip
    return [row for payload in payloads[2:] for row in decode_register(payload)[1]]


def basis(door: Door) -> Register:
    """What the next file of figures would be judged by."""
    return door.river.gateway.service.bases.of(door.river.city.id).register


def test_a_department_s_whole_city_file_enters_through_the_log(door: Door) -> None:
    answer = door.push(
        FEED + "1,,甲店,零售业,N,510,2026-M04\n2,,乙店,零售业,S,620,2026-M04\n",
        by="taxman",
        table="tax_feed",
    )
    assert answer.status_code == 202
    receipt = answer.json()
    assert (receipt["declared"], receipt["accepted"], receipt["findings"]) == (2, 2, [])
    assert receipt["changes"]["counts"] == {"units_added": 2}
    assert [(row.kind, row.code, row.name) for row in logged(door)] == [
        ("candidate", "tax.1", "甲店"),
        ("candidate", "tax.2", "乙店"),
    ]
    assert basis(door).units("candidate")["tax.2"][1]["size"] == "620"
    asked = door.get(f"/v1/submissions/{receipt['submission']}", by="taxman")
    assert asked.json() == receipt
    assert door.get(f"/v1/submissions/{receipt['submission']}", by="south").status_code == 404
    assert door.get(f"/v1/submissions/{receipt['submission']}", by=tokens.READER).json() == receipt
    ledger = door.river.gateway.service.ledger
    assert isinstance(ledger, NoStore)
    ledger.has_register = True
    asked = door.get(f"/v1/submissions/{receipt['submission']}", by="taxman")
    assert asked.json() == receipt | {"status": "settled"}


def test_a_district_s_attempt_on_another_s_unit_changes_nothing_of_it(door: Door) -> None:
    alone = door.push("code,name\nC,taken\n", table="units")
    assert (alone.status_code, rules(alone)) == (422, ["no_right_on_unit"])
    assert logged(door) == []
    beside = door.push("code,name\nC,taken\nE,new\n", table="units")
    assert (beside.status_code, rules(beside)) == (202, ["no_right_on_unit"])
    assert basis(door).units("shop")["C"][0] == "Shop C"
    assert basis(door).in_member("shop", "district", "N", 202604)[basis(door).place("shop", "E")]


def test_the_same_key_gives_the_same_receipt_and_another_body_a_conflict(door: Door) -> None:
    first = door.push("code,name\nE,new\n", table="units", key="k")
    before = len(door.river.log.messages)
    again = door.push("code,name\nE,new\n", table="units", key="k")
    assert (again.status_code, again.json()) == (202, first.json())
    other = door.push("code,name\nE,other\n", table="units", key="k")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert len(door.river.log.messages) == before


def test_a_dry_run_tells_what_would_change_and_which_figures_and_writes_nothing(
    door: Door,
) -> None:
    assert door.push("unit,item,period,value\nA,turnover,2026-M04,1\n").status_code == 202
    body = "unit_code,grouping,member,valid_to\nA,district,N,2026-04-01\n"
    before = len(door.river.log.messages)
    answer = door.push(body, table="places", dry_run="true")
    assert answer.status_code == 200
    receipt = answer.json()
    assert (receipt["submission"], receipt["dry_run"]) == (None, True)
    assert receipt["changes"]["counts"] == {"memberships_ended": 1}
    assert receipt["changes"]["differences"][0]["code"] == "A"
    assert receipt["changes"]["tables"]["monthly"]["restated"] == ["2026-M04"]
    with schema.reading(door.river.settings.control_url) as connection:
        assert intents.pending(connection) == []
    assert len(door.river.log.messages) == before


def test_a_silent_log_gives_no_receipt_and_the_key_resumes_when_it_is_back(door: Door) -> None:
    door.river.log.fail_after = 0
    waiting = door.push("code,name\nE,new\n", table="units", key="k")
    assert waiting.status_code == 503
    assert int(waiting.headers["Retry-After"]) > 0
    door.river.log.fail_after = None
    done = door.push("code,name\nE,new\n", table="units", key="k")
    assert (done.status_code, done.json()["accepted"]) == (202, 1)
    assert [row.code for row in logged(door)] == ["E", "E"]


def test_a_relay_that_does_not_come_round_is_waited_for_no_longer_than_bounded(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(awaiting, "_LOOKS", 2)
    monkeypatch.setattr(door.river.gateway.relay, "step", lambda: 0)
    waiting = door.push("code,name\nE,new\n", table="units", key="k")
    assert (waiting.status_code, waiting.json()["code"]) == (503, "log_unavailable")
    monkeypatch.undo()
    assert door.push("code,name\nE,new\n", table="units", key="k").status_code == 202


def test_two_clerks_at_once_leave_a_lawful_register(door: Door) -> None:
    barrier = threading.Barrier(2)

    def send(member: str) -> int:
        barrier.wait(10)
        body = f"unit_code,grouping,member\nE,district,{member}\n"
        return door.push(body, by="taxman", table="places").status_code

    assert door.push("code,name\nE,new\n", by="taxman", table="units").status_code == 202
    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(send, ["N", "S"]))
    assert answers == [202, 422]
    assert len([row for row in logged(door) if row.action == "put_membership"]) == 1


def test_a_load_between_two_files_is_judged_by(door: Door) -> None:
    assert door.push("code,name\nE,new\n", by="taxman", table="units").status_code == 202
    load = [RegisterRow("drop_unit", "shop", "E")]
    put_in_log(door.river, "register", "register:3", encode_register("register:3", load))
    answer = door.push("unit_code,grouping,member\nE,district,N\n", by="taxman", table="places")
    assert rules(answer) == ["unknown_unit"]


def test_register_tables_are_told_with_their_columns_and_guarded(door: Door) -> None:
    told = {table["code"]: table for table in door.get("/v1/tables").json()["tables"]}
    assert set(told) == {"monthly", "units", "places", "listed", "keys", "tax_feed"}
    assert told["tax_feed"]["holds"] == "candidates"
    size = next(one for one in told["tax_feed"]["columns"] if one["code"] == "size")
    assert size == {"code": "size", "mandatory": False, "also": ["近12个月销售额"]}
    assert door.push("x", table="units", kind="application/zip").status_code == 415
    assert door.push('{"code": "E"}', table="units", kind="application/x-ndjson").status_code == 415


def test_nobody_sends_a_register_table_that_is_not_his(door: Door) -> None:
    reporters = [one.model_dump() for one in registering().reporters]
    reporters[0]["tables"] = ["monthly"]
    load_catalogue(door.river, "catalogue:3", registering(3, reporters=reporters))
    answer = door.push("code,name\nE,new\n", table="units")
    assert (answer.status_code, answer.json()["code"]) == (403, "no_right")
