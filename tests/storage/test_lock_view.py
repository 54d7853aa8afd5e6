"""What SQL shows of locked periods: every decision, and the period's mark in completeness."""

from datetime import UTC, datetime
from typing import Any

import pytest

from granary.lock_records import Decision
from storage.clickhouse import connect
from storage.fold_reads import FoldReads
from storage.standing import Standing
from stream.recompute import checked
from stream.recovery import recover
from tests.indicators.cities import unit
from tests.storage.filled import FEBRUARY, JANUARY, begun, fold_into
from tests.stream.catalogues import changed, rich, without_member
from tests.stream.logs import Log

pytestmark = pytest.mark.integration


def decide(log: Log, type_: str, period: int, table: str = "T") -> None:
    decision = Decision(type_, table, period, f"理由{len(log.messages)}", "张三", "文1", 60_000)
    log.control(decision.record(f"{type_}:{len(log.messages)}"))


def both_months(log: Log) -> None:
    cells = [
        (f"u{at}", item, period, at + item)
        for at in range(4)
        for item in (1, 3, 4)
        for period in (JANUARY, FEBRUARY)
    ]
    log.submission(f"S{len(log.messages)}", cells)


def ask(url: str, query: str) -> list[Any]:
    return list(connect(url).execute(query))


def marks(url: str) -> dict[str, set[bool]]:
    """Period → what `locked` says at its rows."""
    found: dict[str, set[bool]] = {}
    for period, locked in ask(url, "SELECT period, locked FROM v_completeness"):
        found.setdefault(period, set()).add(locked)
    return found


def test_a_locked_period_is_marked_until_it_is_reopened(database: str) -> None:
    log = begun()
    both_months(log)
    decide(log, "lock", JANUARY)
    decide(log, "lock", FEBRUARY, table="other")
    fold_into(database, log)
    assert marks(database) == {"2026-M01": {True}, "2026-M02": {False}}
    decide(log, "reopen", JANUARY)
    fold_into(database, log)
    assert marks(database) == {"2026-M01": {False}, "2026-M02": {False}}


def test_a_lock_that_the_ledger_does_not_vouch_for_is_not_shown(database: str) -> None:
    log = begun()
    both_months(log)
    decide(log, "lock", JANUARY)
    fold_into(database, log, cut_off=["ledger"])
    assert marks(database)["2026-M01"] == {False}
    assert ask(database, "SELECT count() FROM v_lock") == [(0,)]


def test_every_decision_is_shown_with_who_why_and_when_and_whether_it_is_in_force(
    database: str,
) -> None:
    log = begun()
    both_months(log)
    for type_ in ("lock", "reopen", "lock", "lock"):
        decide(log, type_, JANUARY)
    fold_into(database, log)
    fold_into(database, log)  # what is stored again is no further decision
    found = ask(
        database,
        "SELECT city, table_code, period, decision, reason, by, document, decided_at, in_force"
        " FROM v_lock ORDER BY known_from",
    )
    when = datetime.fromtimestamp(60, UTC)
    assert found == [
        ("example", "T", "2026-M01", type_, f"理由{4 + at}", "张三", "文1", when, in_force)
        for at, (type_, in_force) in enumerate(
            [("lock", 0), ("reopen", 0), ("lock", 1), ("lock", 1)]
        )
    ]


def test_locked_figures_are_held_to_what_stood_and_told_apart(database: str) -> None:
    log = begun(given=rich())
    both_months(log)
    decide(log, "lock", FEBRUARY)
    log.register([*unit("u0", "Y"), *unit("u1", "Y", listed_from="2026-03-01")], "register:2")
    log.catalogue(changed(without_member("district", "Y")), "catalogue:2")
    both_months(log)
    fold_into(database, log)
    found = checked(recover(FoldReads(database), 1, 0, 10**9), Standing(database))
    assert found.differences == []
    assert 0 < found.locked < found.figures
    written_before = ask(
        database, "SELECT DISTINCT city_code, period FROM figure_current FINAL WHERE version < 4"
    )
    assert ("example", FEBRUARY) in written_before


@pytest.mark.parametrize("kind", ["figure", "completeness"])
def test_a_locked_row_written_after_the_lock_is_found(database: str, kind: str) -> None:
    log = begun()
    both_months(log)
    decide(log, "lock", FEBRUARY)
    for period in (202603, 202604):  # the ledger goes on past the rows to come
        decide(log, "reopen", period)
    fold_into(database, log)
    changed_column = "units + 1 AS units" if kind == "figure" else "late + 1 AS late"
    for part in ("current", "history"):
        connect(database).execute(
            f"INSERT INTO {kind}_{part} SELECT * REPLACE ({len(log.messages) - 1} AS version,"
            f" {changed_column}) FROM {kind}_{part} WHERE period = {FEBRUARY}"
        )
    found = checked(recover(FoldReads(database), 1, 0, 10**9), Standing(database)).differences
    assert {one.check for one in found} == {f"locked_{kind}_current"}
