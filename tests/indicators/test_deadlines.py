"""Which instant is in force, which have passed, who answers, and the word for it."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.catalogue import Catalogue
from indicators.deadlines import (
    DueCalendar,
    DueState,
    due_state,
    instant,
    passed,
    planned,
    responsible,
)

CHENGDU = ZoneInfo("Asia/Shanghai")
DUE = 1_000


def catalogue(reporters: list[dict[str, object]]) -> Catalogue:
    name = {"zh": "名", "en": "name"}
    return Catalogue.model_validate(
        {
            "version": 1,
            "city": {"code": "C", "name": name},
            "sources": [{"id": 1, "code": "s", "name": name}],
            "groupings": [
                {
                    "id": 1,
                    "code": "district",
                    "name": name,
                    "partition": True,
                    "members": [{"code": "east", "name": name}, {"code": "west", "name": name}],
                }
            ],
            "items": [
                {"id": 1, "code": "v", "name": name, "unit": "万元", "decimals": 1, "kind": "flow"}
            ],
            "tables": [
                {
                    "id": 1,
                    "code": "t",
                    "name": name,
                    "frequency": "month",
                    "source": "s",
                    "items": ["v"],
                    "purpose": "statistical",
                    "legal_basis": "example",
                }
            ],
            "reporters": reporters,
            "indicators": [],
            "calendar": [{"table": "t", "period": "2026-M03", "report_by": "2026-04-06T24:00"}],
        }
    )


def reporter(code: str, member: str | None = None) -> dict[str, object]:
    whose = {"grouping": "district", "member": member} if member else {}
    return {"code": code, "name": {"zh": code, "en": code}, "tables": ["t"], **whose}


def test_2400_belongs_to_the_day_that_ends_in_city_time() -> None:
    assert instant("2026-04-06T24:00", CHENGDU) == instant("2026-04-07T00:00", CHENGDU)
    assert instant("2026-04-07T00:00", CHENGDU) == instant("2026-04-06T16:00", ZoneInfo("UTC"))


def test_a_record_of_the_log_replaces_the_planned_instant() -> None:
    plan = planned(catalogue([]))
    march = ("t", 202603)
    assert plan == {march: instant("2026-04-06T24:00", CHENGDU)}
    calendar = DueCalendar()
    calendar.plan(catalogue([]))
    assert calendar.instants() == plan
    for due_ms in (5, 7):
        calendar.fix(*march, due_ms)
    calendar.plan(catalogue([]))  # whichever comes first
    assert calendar.instants() == {march: 7}
    assert calendar.due(*march) == 7


def test_an_instant_stays_past_whatever_the_plan_says_later() -> None:
    calendar = DueCalendar()
    calendar.close("t", 202603)
    calendar.plan(catalogue([]))
    assert calendar.closed("t", 202603)
    assert calendar.passed() == {("t", 202603)}


def test_the_instant_itself_has_passed_and_is_told_once() -> None:
    due = {("t", 202603): DUE, ("t", 202604): DUE + 1}
    assert [one.period for one in passed(due, set(), DUE)] == [202603]
    assert [one.period for one in passed(due, {("t", 202603)}, DUE + 1)] == [202604]
    assert passed(due, set(due), DUE + 1) == []


def test_reporters_answer_for_their_own_member_and_the_city_only_if_nobody_does() -> None:
    apart = catalogue([reporter("east-office", "east"), reporter("centre")])
    assert responsible(apart, "t") == {("district", "east"): ["east-office"]}
    assert responsible(catalogue([reporter("tax")]), "t") == {("city", "C"): ["tax"]}
    assert responsible(apart, "other") == {}


@pytest.mark.parametrize(
    ("received", "late", "now", "state"),
    [
        pytest.param(0, 0, DUE - 1, DueState.SOON, id="soon"),
        pytest.param(0, 0, DUE - 11, DueState.NOT_DUE, id="long before"),
        pytest.param(0, 0, DUE, DueState.OVERDUE, id="the instant itself"),
        pytest.param(1, 0, DUE, DueState.OVERDUE, id="in part"),
        pytest.param(2, 0, DUE + 9, DueState.ON_TIME, id="on time stays on time"),
        pytest.param(2, 1, DUE + 9, DueState.LATE, id="made up late"),
    ],
)
def test_the_word_for_a_return(received: int, late: int, now: int, state: DueState) -> None:
    found = due_state(expected=2, received=received, late=late, due_ms=DUE, now_ms=now, soon_ms=10)
    assert found is state


def test_nobody_is_overdue_where_none_is_expected_or_no_instant_is_set() -> None:
    none = due_state(expected=0, received=0, late=0, due_ms=DUE, now_ms=DUE)
    unset = due_state(expected=1, received=0, late=0, due_ms=None, now_ms=DUE)
    assert (none, unset) == (DueState.EXEMPT, DueState.NO_INSTANT)


@given(
    st.dictionaries(st.tuples(st.sampled_from("ab"), st.integers(1, 5)), st.integers(0, 50)),
    st.integers(0, 50),
)
def test_telling_of_what_has_passed_leaves_nothing_to_tell(
    due: dict[tuple[str, int], int], now: int
) -> None:
    first = passed(due, set(), now)
    told = {(one.table, one.period) for one in first}
    assert told == {key for key, at in due.items() if at <= now}
    assert passed(due, told, now) == []
