"""One episode is one alert: when it opens, what it says, when it closes."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.control.alerts import OPEN, RESOLVED, Alert
from supervision.decisions import Action, Change, Open, decide
from tests.supervision.cast import DUE, LATER, catalogue, counts, facts, figure

NOW = DUE + 1


def after(actions: Sequence[Action], live: Sequence[Alert] = ()) -> list[Alert]:
    """The live alerts once the actions are recorded, as the control store would have them."""
    standing = {alert.id: alert for alert in live}
    for action in actions:
        if isinstance(action, Open):
            new = action.new
            opened = Alert(
                id=f"{new.episode}@{len(standing)}",
                city=1,
                kind=new.kind,
                level=new.level,
                subject_level=new.subject_level,
                subject=new.subject,
                indicator=new.indicator,
                period=new.period,
                state=OPEN,
                opened_ms=NOW,
                closed_ms=None,
                evidence=new.evidence,
                revision=1,
                episode=f"1:{new.episode}#1",
            )
            standing[opened.id] = opened
        else:
            columns = {name: getattr(action.before, name) for name in Alert.__slots__}
            changed = Alert(**{**columns, **action.changes})
            standing.pop(changed.id)
            if changed.live:
                standing[changed.id] = changed
    return list(standing.values())


def test_a_figure_past_its_red_line_opens_one_red_alert_with_the_consequence() -> None:
    (action,) = decide(facts(figures=[figure(0.5)]), [], NOW)
    assert isinstance(action, Open)
    new = action.new
    assert (new.kind, new.level, new.subject_level, new.subject, new.indicator, new.period) == (
        "line", "红线", "district", "tardy", "per_energy", "2026-M03",
    )  # fmt: skip
    assert new.evidence["text_zh"] == (
        "迟缓区2026年3月单位能耗增加值0.50万元/吨标准煤（监测数），低于红线1.00，差0.50。后果：约谈。"
    )
    assert new.evidence["rule_version"] == 7


def test_a_figure_between_the_lines_is_a_warning_without_consequence() -> None:
    (action,) = decide(facts(figures=[figure(1.2)]), [], NOW)
    assert isinstance(action, Open)
    assert action.new.level == "预警"
    assert "触及黄线1.20" in action.new.evidence["text_zh"]
    assert action.new.evidence["consequence_zh"] == ""


def test_a_figure_inside_its_lines_says_nothing() -> None:
    assert decide(facts(figures=[figure(1.21)]), [], NOW) == []


def test_getting_graver_is_told_and_getting_better_is_not() -> None:
    live = after(decide(facts(figures=[figure(1.15)]), [], NOW))
    (graver,) = decide(facts(figures=[figure(0.9)]), live, NOW)
    assert isinstance(graver, Change)
    assert graver.notify
    live = after([graver], live)
    (better,) = decide(facts(figures=[figure(1.15)]), live, NOW)
    assert isinstance(better, Change)
    assert (better.changes["level"], better.notify, bool(better.note)) == ("预警", False, True)


def test_an_episode_goes_on_over_periods_until_the_figure_is_clear_by_the_hysteresis() -> None:
    live = after(decide(facts(figures=[figure(0.9)]), [], NOW))
    live = after(decide(facts(figures=[figure(1.25, period=LATER)]), live, NOW), live)
    assert [(one.level, one.period, one.evidence["first_period"]) for one in live] == [
        ("预警", "2026-M04", "2026-M03")
    ]
    (closing,) = decide(facts(figures=[figure(1.31, period=LATER)]), live, NOW)
    assert isinstance(closing, Change)
    assert closing.closes
    assert closing.changes["state"] == RESOLVED


def test_the_newest_period_and_then_the_highest_standing_is_judged() -> None:
    figures = [
        figure(0.5),
        figure(0.5, period=LATER),
        figure(2.0, period=LATER, standing="公布数"),
    ]
    assert decide(facts(figures=figures), [], NOW) == []


def test_an_episode_whose_rule_was_withdrawn_closes() -> None:
    live = after(decide(facts(figures=[figure(0.5)]), [], NOW))
    bare = catalogue().model_copy(
        update={
            "indicators": [catalogue().indicators[0].model_copy(update={"lines": None})],
        }
    )
    (closing,) = decide(facts(rules=bare), live, NOW)
    assert isinstance(closing, Change)
    assert closing.closes


def test_silence_past_the_due_instant_is_a_red_alert_and_shares_a_notice() -> None:
    returns = [counts(1), counts(0, subject="swift")]
    actions = decide(facts(returns=returns), [], NOW)
    assert {action.digest for action in actions if isinstance(action, Open)} == {
        "overdue/energy/2026-M03"
    }
    first = actions[0]
    assert isinstance(first, Open)
    assert (first.new.kind, first.new.level, first.new.evidence["reporters"]) == (
        "overdue", "红线", ["tardy-office"],
    )  # fmt: skip
    assert "应报3，已报1，未报2" in first.new.evidence["text_zh"]


@pytest.mark.parametrize(
    ("due_ms", "told"),
    [pytest.param(NOW + 1, True, id="later"), pytest.param(DUE, False, id="not told")],
)
def test_nobody_is_overdue_before_the_instant_or_before_the_log_knows_of_it(
    due_ms: int, told: bool
) -> None:
    assert decide(facts(returns=[counts(0)], due_ms=due_ms, told=told), [], NOW) == []


def test_an_overdue_return_that_comes_in_closes_as_made_up_late() -> None:
    live = after(decide(facts(returns=[counts(0)]), [], NOW))
    (partly,) = decide(facts(returns=[counts(2, late=2)]), live, NOW)
    assert isinstance(partly, Change)
    assert partly.changes["evidence"]["missing"] == 1
    live = after([partly], live)
    (closing,) = decide(facts(returns=[counts(3, late=3)]), live, NOW)
    assert isinstance(closing, Change)
    assert closing.closes
    assert closing.note == "迟缓区已补报齐（迟报3）。"


def test_an_instant_moved_into_the_future_closes_the_episode_as_extended() -> None:
    live = after(decide(facts(returns=[counts(0)]), [], NOW))
    (closing,) = decide(facts(returns=[counts(0)], due_ms=NOW + 5), live, NOW)
    assert isinstance(closing, Change)
    assert closing.changes["evidence"]["outcome"] == "延期"


VALUES = st.sampled_from([0.5, 1.0, 1.05, 1.15, 1.25, 1.5])


@given(st.lists(st.tuples(VALUES, st.integers(0, 3), st.integers(0, 3)), max_size=20))
def test_whatever_comes_each_episode_is_one_alert_and_looking_again_decides_nothing(
    looks: list[tuple[float, int, int]],
) -> None:
    live: list[Alert] = []
    for value, swift, tardy in looks:
        seen = facts(
            figures=[figure(value), figure(2.0, subject="swift")],
            returns=[counts(swift, subject="swift"), counts(tardy)],
        )
        live = after(decide(seen, live, NOW), live)
        assert decide(seen, live, NOW) == []
        names = [alert.episode_name for alert in live]
        assert len(names) == len(set(names))
        assert ("overdue/energy/2026-M03/district/swift" in names) == (swift < 3)
        assert (value <= 1.2) <= any(alert.kind == "line" for alert in live)
