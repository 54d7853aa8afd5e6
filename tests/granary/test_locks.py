"""`granary lock` and `granary reopen`: shown before they are asked, recorded with who and why."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from granary.cli import locks
from granary.clock import ManualClock
from granary.loads import submit_catalogue
from granary.lock_records import Decision
from granary.locking import LockRefusedError, lock_state, new_decision, submit_decision
from granary.settings import read_settings
from indicators.periods import Frequency, within
from storage.control import cities, intents
from storage.control.errors import IntentConflictError
from storage.control.schema import create, engine, reading
from tests.indicators.cities import catalogue
from tests.storage.filled import JANUARY, begun, fold_into
from tests.stream.catalogues import changed, indicator

RUNNER = CliRunner()
WHO = ["--reason", "国家反馈核定", "--by", "张三", "--document", "川统〔2026〕1号"]
YEARLY = changed(indicator("output", also=["quarter", "year"]), base=catalogue())


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    url = read_settings(data=folder).control_url
    create(url)
    with engine(url).begin() as connection:
        cities.assign(connection, "example")
    submit_catalogue(url, 1, YEARLY)
    return folder


@pytest.fixture
def control(data: Path) -> str:
    return read_settings(data=data).control_url


@pytest.fixture
def running(data: Path, database: str, control: str) -> Path:
    """The folder of an instance whose store holds four units' January."""
    up = {"kafka": "localhost:1", "clickhouse_native": database, "control": control}
    (data / "up.json").write_text(json.dumps(up), encoding="utf-8")
    log = begun(given=YEARLY)
    log.submission("A", [(f"u{at}", item, JANUARY, at) for at in range(3) for item in (1, 3)])
    fold_into(database, log)
    return data


def decisions(control: str) -> list[Decision]:
    with reading(control) as connection:
        records = intents.in_force(connection, 1, "lock", "reopen")
    return [Decision.of(record) for record in records]


def decide(control: str, type_: str, period: int, by: str = "张三") -> bool:
    decision = Decision(type_, "T", period, "理由", by, "", 1)
    return submit_decision(control, 1, decision)


def run(
    command: str, data: Path, *more: str, said: Sequence[str] = WHO, answer: str = ""
) -> Result:
    app = typer.Typer()
    locks.add_to(app)
    given = [command, "T", "2026-M01", "--city", "example", "--data", str(data), *said, *more]
    return RUNNER.invoke(app, given, input=answer)


def test_a_decision_is_asked_for_once_and_another_way_round_again(control: str) -> None:
    asked = [decide(control, type_, JANUARY) for type_ in ("lock", "lock", "reopen", "reopen")]
    assert asked == [True, False, True, False]
    assert decide(control, "lock", JANUARY)
    assert [one.type for one in decisions(control)] == ["lock", "reopen", "lock"]


def test_of_two_decisions_on_one_state_only_one_is_taken(control: str) -> None:
    decide(control, "lock", JANUARY)
    other = Decision("lock", "T", JANUARY, "另一理由", "李四", "", 2)
    (first,) = decisions(control)
    with engine(control).begin() as connection:
        (taken,) = intents.in_force(connection, 1, "lock")
        payload = json.dumps(
            {"id": taken.id, "type": "lock", "version": 1, "body": other.record(taken.id).body}
        ).encode()
        with pytest.raises(IntentConflictError):
            intents.submit(connection, 1, "control", taken.id, payload)
    assert decisions(control) == [first]


@pytest.mark.parametrize(
    ("table", "period"), [("none", JANUARY), ("T", 202621), ("T", 202600)], ids=str
)
def test_no_such_table_or_a_period_of_another_length_is_refused(
    control: str, table: str, period: int
) -> None:
    with pytest.raises(LockRefusedError):
        lock_state(control, 1, table, period)


@pytest.mark.parametrize(
    ("by", "reason"), [("", "理由"), ("张三", "  "), ("张三", "一行\n两行"), ("张" * 65, "理由")]
)
def test_a_decision_of_nobody_or_without_a_reason_is_refused(
    control: str, by: str, reason: str
) -> None:
    state = lock_state(control, 1, "T", JANUARY)
    with pytest.raises(LockRefusedError):
        new_decision("lock", state, reason, by, "", ManualClock(1))
    with pytest.raises(LockRefusedError):
        submit_decision(control, 1, Decision("lock", "T", JANUARY, reason, by, "", 1))
    assert decisions(control) == []


def test_the_longer_periods_that_go_with_it_are_told(control: str) -> None:
    months = within(202600, Frequency.MONTH)
    for period in months[:11]:
        decide(control, "lock", period)
    assert list(lock_state(control, 1, "T", 202612).longer) == [202624, 202600]
    assert list(lock_state(control, 1, "T", 202602).longer) == [202621]
    assert list(lock_state(control, 1, "T", 202701).longer) == []


@pytest.mark.integration
def test_what_stands_is_shown_and_nothing_is_asked_for_where_a_person_declines(
    running: Path, control: str
) -> None:
    refused = run("lock", running, answer="n\n")
    assert refused.exit_code == 1
    assert "T 2026-M01 《表》" in refused.output
    assert "figures of 2 indicators stay as they stand" in refused.output
    assert "completeness: 3 of 4 received, 0 late" in refused.output
    assert "open findings: 0 anomalies, 0 checks" in refused.output
    assert decisions(control) == []


@pytest.mark.integration
def test_a_lock_is_recorded_with_who_why_and_on_what_and_so_is_its_end(
    running: Path, control: str
) -> None:
    assert run("lock", running, answer="y\n").exit_code == 0
    again = run("lock", running)
    assert (again.exit_code, "nothing to do" in again.output) == (0, True)
    assert "locked by 张三 (国家反馈核定) 川统〔2026〕1号" in again.output
    done = run("reopen", running, "--yes", "--json", said=["--reason", "更正", "--by", "李四"])
    told = json.loads(done.output)
    assert (told["decision"], told["asked"], told["locked_before"]["by"]) == (
        "reopen",
        True,
        "张三",
    )
    assert (told["expected"], told["received"], told["period"]) == (4, 3, "2026-M01")
    assert [(one.type, one.reason, one.by, one.document) for one in decisions(control)] == [
        ("lock", "国家反馈核定", "张三", "川统〔2026〕1号"),
        ("reopen", "更正", "李四", ""),
    ]
    assert all(one.decided_ms > 1_700_000_000_000 for one in decisions(control))


@pytest.mark.integration
def test_what_cannot_be_decided_ends_with_2_and_one_line(running: Path, control: str) -> None:
    nobody = run("lock", running, "--yes", said=["--reason", "理由", "--by", " "])
    assert (nobody.exit_code, "by:" in nobody.output) == (2, True)
    assert run("lock", running, "--yes", said=["--by", "张三"]).exit_code == 2
    assert decisions(control) == []
