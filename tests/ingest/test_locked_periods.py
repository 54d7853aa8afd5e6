"""A locked period at the door: refused before it is in the log, with who locked it and why."""

from granary.lock_records import Decision
from granary.records import encode_record
from storage.control import intents, schema
from tests.ingest.cast import NOW_MS, River, put_in_log
from tests.ingest.conftest import Door, rules

JANUARY, FEBRUARY = 202601, 202602
HEADER = "unit,item,period,value\n"


def decided(type_: str, period: int, table: str = "monthly") -> Decision:
    return Decision(type_, table, period, "年报定案", "李四", "川统〔2026〕1号", NOW_MS)


def decide(river: River, type_: str, period: int, record_id: str) -> None:
    payload = encode_record(decided(type_, period).record(record_id))
    put_in_log(river, "control", record_id, payload)


def both_months(value: str = "5") -> str:
    return HEADER + "".join(
        f"{unit},turnover,2026-M0{month},{value}\n" for unit in "AB" for month in (1, 2)
    )


def test_a_file_of_a_locked_period_is_refused_with_one_finding_in_two_languages(
    door: Door,
) -> None:
    decide(door.river, "lock", JANUARY, "lock:1")
    response = door.push(HEADER + "A,turnover,2026-M01,5\nB,staff,2026-M01,7\n")
    assert response.status_code == 422
    (finding,) = response.json()["findings"]
    assert (finding["rule"], finding["row"], finding["severity"]) == ("period_locked", None, "hard")
    assert finding["message"]["zh"] == (
        "《月报》2026-M01已于2026-05-29 04:26由李四锁定(年报定案),文件中本期数据未接收;"
        "确需更正的,由市级监测中心决定解锁后再报。"
    )
    assert "locked since 2026-05-29 04:26 by 李四 (年报定案)" in finding["message"]["en"]
    assert "monitoring centre may reopen it" in finding["message"]["en"]
    assert door.river.log.chunks() == []
    receipt = door.get(f"/v1/submissions/{response.json()['submission']}").json()
    assert (receipt["declared"], receipt["accepted"], receipt["rejected"]) == (2, 0, 2)


def test_cells_of_other_periods_in_the_file_are_taken_and_the_counts_add_up(door: Door) -> None:
    decide(door.river, "lock", JANUARY, "lock:1")
    response = door.push(both_months())
    assert response.status_code == 202
    receipt = response.json()
    assert (receipt["declared"], receipt["accepted"], receipt["rejected"]) == (4, 2, 2)
    assert receipt["findings_by_rule"] == {"period_locked": 2}
    assert [(one["period"], one["accepted"]) for one in receipt["periods"]] == [
        ("2026-M01", 0), ("2026-M02", 2),
    ]  # fmt: skip
    assert {period for _, _, period in door.river.log.cells()} == {FEBRUARY}


def test_a_long_file_of_a_locked_period_has_one_finding_and_every_cell_counted(door: Door) -> None:
    decide(door.river, "lock", JANUARY, "lock:1")
    rows = "".join(f"A,profit,2026-M01,{at}\n" for at in range(2_000))
    response = door.push(HEADER + rows)
    assert rules(response) == ["period_locked"]
    assert response.json()["findings_by_rule"] == {"period_locked": 2_000}


def test_a_row_wrong_for_another_reason_is_told_that_reason(door: Door) -> None:
    decide(door.river, "lock", JANUARY, "lock:1")
    assert rules(door.push(HEADER + "C,turnover,2026-M01,5\n")) == ["no_right_on_unit"]


def test_another_table_of_the_period_is_taken(door: Door) -> None:
    decide(door.river, "lock", JANUARY, "lock:1")
    assert door.push(HEADER + "A,tax,2026-M01,5\n", by="taxman", table="whole").status_code == 202


def test_a_table_taken_whole_or_not_at_all_is_refused_for_one_locked_period(door: Door) -> None:
    payload = encode_record(decided("lock", JANUARY, "whole").record("lock:1"))
    put_in_log(door.river, "control", "lock:1", payload)
    body = HEADER + "A,tax,2026-M01,5\nA,tax,2026-M02,5\n"
    response = door.push(body, by="taxman", table="whole")
    assert response.status_code == 422
    assert sorted(rules(response)) == ["all_or_nothing", "period_locked"]


def test_a_reopened_period_is_taken_again_and_the_first_of_two_locks_is_the_one_told(
    door: Door,
) -> None:
    decide(door.river, "lock", JANUARY, "lock:1")
    later = Decision("lock", "monthly", JANUARY, "又一次", "王五", "", NOW_MS + 1)
    put_in_log(door.river, "control", "lock:2", encode_record(later.record("lock:2")))
    assert "李四" in door.push(both_months()).json()["findings"][0]["message"]["zh"]
    decide(door.river, "reopen", JANUARY, "reopen:1")
    response = door.push(both_months("6"))
    assert (response.status_code, rules(response)) == (202, [])


def test_a_lock_that_is_not_in_the_log_yet_refuses_nothing_at_the_door(door: Door) -> None:
    payload = encode_record(decided("lock", JANUARY).record("lock:1"))
    with schema.engine(door.river.settings.control_url).begin() as connection:
        intents.submit(connection, door.river.city.id, "control", "lock:1", payload)
    assert door.push(both_months()).json()["accepted"] == 4
