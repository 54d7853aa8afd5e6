"""Catalogue and register change under a push while processes are killed; then the log is replayed.

An empty store filled from offset 0 must show, in every public view, row for row what stood before.
"""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from bench.chunks import catalogue_record, register_records
from bench.city_catalogue import TABLE
from bench.generator import GeneratedCity, joined
from granary.frame_records import FrameDecision
from granary.lock_records import Decision
from granary.records import Record, encode_record, encode_register
from indicators.frame.models import Frame
from tests.faults.running import Running
from tests.indicators.frame.feeds import FRAME, candidate

pytestmark = [pytest.mark.fault, pytest.mark.integration, pytest.mark.slow]

CITY = GeneratedCity(units=300, months=14, districts=3, industries=5, code="replay")
#: The public views; none holds a time of the run itself, since all knowledge times are the log's.
VIEWS = (
    "v_observation", "v_observation_history", "v_indicator", "v_indicator_history",
    "v_completeness", "v_ledger", "v_subject", "v_item", "v_indicator_card", "v_quarantine",
    "v_anomaly", "v_alert", "v_check", "v_index", "v_index_component", "v_target", "v_assessment",
    "v_lock", "v_frame", "v_frame_case",
)  # fmt: skip


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = Running.start(
        tmp_path_factory.mktemp("replay"), [CITY], granary_chunk_observations="1500"
    )
    yield running
    running.down()


def shown(house: Running) -> dict[str, list[Any]]:
    """Every row of every public view, in an order of its own."""
    return {view: sorted(map(repr, house.rows(f"SELECT * FROM {view}"))) for view in VIEWS}


def overdue(house: Running, period: int) -> None:
    """A return that nobody sends and that is due at once."""
    now = int(time.time() * 1000)
    body = {"table": TABLE, "period": period, "report_by_ms": now, "accept_by_ms": now}
    record = Record(f"calendar:{period}", "calendar", body)
    house.ask(CITY.code, "control", record.id, encode_record(record))


def decide(house: Running, type_: str, period: int) -> None:
    """Lock or reopen a month of the table."""
    decision = Decision(type_, TABLE, period, "示例", "张三", "", int(time.time() * 1000))
    record = decision.record(f"{type_}:{period}")
    house.ask(CITY.code, "control", record.id, encode_record(record))


def name_candidates(house: Running, as_of: str, size: int) -> None:
    """Candidates of one feed: units of the register, and one that nobody has on the list."""
    codes = [*CITY.codes[:3], "UNKNOWN"]
    rows = [candidate(code, str(size + at), as_of=as_of, district="D01")
            for at, code in enumerate(codes)]  # fmt: skip
    record_id = f"candidates:{as_of}"
    house.ask(CITY.code, "register", record_id, encode_register(record_id, rows))


def test_changes_under_a_push_with_kills_settle_and_the_log_replayed_gives_the_same_views(
    house: Running,
) -> None:
    city = house.city(CITY.code).id
    months = CITY.periods[:8]
    to_be_locked = months[3]
    house.push(CITY.code, "bureau", CITY.observations(to_be_locked))
    history = [CITY.observations(period) for period in months if period != to_be_locked]
    push = house.pushing(CITY.code, "bureau", joined(history))
    register = next(register_records(city, CITY.register_change(1), "change"))
    house.ask(CITY.code, "register", "change:1", register.payload)
    decide(house, "lock", to_be_locked)
    dead = house.kill("worker-1")
    house.wait_back("worker-1", dead)
    name_candidates(house, "2024-M05", 2500)
    frame = {"frame": Frame.model_validate(FRAME)}
    second = catalogue_record(city, CITY.catalogue_version(2).model_copy(update=frame))
    house.ask(CITY.code, "control", "catalogue:2", second.payload)
    more = house.pushing(
        CITY.code, "D01", CITY.of_district("D01", CITY.observations(202403, 1, 0.9), 202403)
    )
    house.kill("gateway")
    dead = house.kill("clickhouse")
    house.wait_back("clickhouse", dead)
    push.result()
    more.result()
    decide(house, "lock", CITY.periods[4])
    ruled_out = FrameDecision("UNKNOWN", "not_eligible", "未达标", "张三").record("frame:1")
    house.ask(CITY.code, "control", ruled_out.id, encode_record(ruled_out))
    name_candidates(house, "2024-M06", 3500)
    again = next(register_records(city, CITY.register_change(2), "change again"))
    house.ask(CITY.code, "register", "change again:1", again.payload)
    overdue(house, 202512)
    later = joined([CITY.observations(period) for period in CITY.periods[8:]])
    house.push(CITY.code, "bureau", house.shuffled(later, 3))
    house.wait(lambda: house.rows("SELECT count() FROM v_alert")[0][0] > 0, 60, "an alert")
    decide(house, "reopen", to_be_locked)
    house.wait(lambda: house.rows("SELECT count() FROM v_lock") == [(3,)], 60, "the decisions")
    house.settle()
    house.prove()
    before = shown(house)
    assert house.rows("SELECT period FROM v_lock WHERE in_force") == [("2024-M05",)]
    assert house.rows("SELECT count() FROM v_indicator WHERE period = '2024-M05'")[0][0]
    assert before["v_indicator"]
    told = house.rows("SELECT `case`, state, reason FROM v_frame_case WHERE kind = 'case'")
    assert told == [("UNKNOWN", "to_verify", "重新达标")]
    assert any("'mom'" in row for row in before["v_indicator"])
    house.down()
    house.granary("replay", "--data", str(house.data), "--yes")
    house.up()
    house.settle()
    alerts = len(before["v_alert"])
    house.wait(lambda: house.rows("SELECT count() FROM v_alert")[0][0] >= alerts, 60, "the alerts")
    after = shown(house)
    for view in VIEWS:
        assert after[view] == before[view], view
    house.prove()
