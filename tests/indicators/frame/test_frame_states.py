"""States of a case: what may be decided from where, and what feeds and register change."""

from dataclasses import replace

import pytest

from indicators.frame.states import (
    REASONS,
    Case,
    Sight,
    State,
    TransitionRefusedError,
    Verdict,
    decided,
    followed,
)

VERIFY, DECLARE, LISTED, OUT = State
ALLOWED = {
    (VERIFY, VERIFY), (VERIFY, DECLARE), (VERIFY, OUT),
    (DECLARE, VERIFY), (DECLARE, DECLARE), (DECLARE, OUT),
    (OUT, VERIFY), (OUT, OUT),
}  # fmt: skip
SEEN = Sight(present=True, qualifies=True, as_of=202607)
SMALL = Sight(present=True, qualifies=False, as_of=202607)
AWAY = Sight(present=False)


def verdict(state: State, reason: str = "", **more: str) -> Verdict:
    told = {"by": "张三", "document": "", "remark": "", "owner": "", "link": "", **more}
    reason = reason or ("非法人" if state is OUT else "")
    return Verdict(state, reason, **told, decided_ms=5)  # type: ignore[arg-type]


def case(state: State, reason: str = "", **more: int) -> Case:
    beneath = VERIFY if state is LISTED else state
    told = {"opened_ms": 1, "decided_ms": 0 if state is VERIFY else 5, "judged_on": 202606, **more}
    return Case(**told, state=beneath, reason=reason, listed_from=9 if state is LISTED else 0)


@pytest.mark.parametrize("now", State)
@pytest.mark.parametrize("to", State)
def test_a_decision_leads_where_the_table_says_and_nowhere_else(now: State, to: State) -> None:
    if (now, to) not in ALLOWED:
        with pytest.raises(TransitionRefusedError):
            decided(case(now), verdict(to), 202607)
        return
    found = decided(case(now), verdict(to, document="文1"), 202607)
    assert (found.shown, found.by, found.document, found.judged_on) == (to, "张三", "文1", 202607)
    assert found.opened_ms == 1


@pytest.mark.parametrize(
    "given",
    [
        verdict(OUT, "不想报"),
        verdict(VERIFY, "未达标"),
        verdict(OUT, "未达标", link="U"),
        replace(verdict(OUT), reason=""),
    ],
)
def test_a_reason_goes_with_not_eligible_alone_and_a_unit_with_one_reason(given: Verdict) -> None:
    with pytest.raises(TransitionRefusedError):
        decided(case(VERIFY), given, 202607)


def test_an_owner_stays_until_a_decision_names_another() -> None:
    named = decided(case(VERIFY), verdict(DECLARE, owner="甲"), 202607)
    assert decided(named, verdict(VERIFY), 202607).owner == "甲"
    assert decided(named, verdict(VERIFY, owner="乙"), 202607).owner == "乙"


@pytest.mark.parametrize(
    ("before", "sight", "after"),
    [
        pytest.param(None, SEEN, Case(7), id="opened"),
        pytest.param(None, SMALL, None, id="too small"),
        pytest.param(case(VERIFY), SMALL, None, id="undecided and too small: closed"),
        pytest.param(case(VERIFY), AWAY, None, id="undecided and gone: closed"),
        pytest.param(case(DECLARE), SMALL, case(DECLARE), id="confirmed stays"),
        pytest.param(case(DECLARE), AWAY, case(DECLARE), id="confirmed waits"),
        pytest.param(case(OUT), SEEN, case(OUT), id="ruled out for another reason stays"),
        pytest.param(
            case(DECLARE), replace(SMALL, listed_from=9), replace(case(DECLARE), listed_from=9),
            id="listed",
        ),
        pytest.param(
            replace(case(DECLARE), listed_from=9), SEEN, case(DECLARE), id="decision withdrawn"
        ),
        pytest.param(
            replace(case(DECLARE), listed_from=9), replace(SEEN, span_stands=True), Case(7),
            id="left the list: anew",
        ),
        pytest.param(case(LISTED), replace(SMALL, span_stands=True), None, id="left, too small"),
        pytest.param(case(LISTED), AWAY, case(LISTED), id="listed and gone waits"),
        pytest.param(
            case(OUT, "未达标"), SEEN,
            replace(case(OUT), state=VERIFY, reason="重新达标", opened_ms=7),
            id="met again at a later period",
        ),
        pytest.param(
            case(OUT, "未达标", judged_on=202607), SEEN, case(OUT, "未达标", judged_on=202607),
            id="the period it was judged on",
        ),
        pytest.param(case(OUT, "未达标"), SMALL, case(OUT, "未达标"), id="still too small"),
    ],
)  # fmt: skip
def test_feeds_and_register_change_a_case_so_and_the_same_sight_twice_changes_nothing(
    before: Case | None, sight: Sight, after: Case | None
) -> None:
    found = followed(before, sight, 7)
    assert found == after
    assert followed(found, replace(sight, span_stands=False), 8) == found


def test_the_reasons_are_those_of_the_domain() -> None:
    assert REASONS == ("非法人", "非本行业", "异地经营", "未达标", "重复")
