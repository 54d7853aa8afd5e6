"""Matching, cases and coverage equal a plain computation, whatever feeds and people do."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from granary.frame_records import FrameDecision
from granary.keys import unit_id
from granary.records import RegisterRow
from indicators.register import Register
from stream.frame_state import CASES, COVERAGE, FrameState
from tests.indicators.cities import unit
from tests.indicators.frame.feeds import candidate, framed, gone, no_span, span
from tests.indicators.frame.plain import Plain

CATALOGUE = framed()
CODES = st.sampled_from(["A", "A", "B", "C"])
PERIODS = st.sampled_from(["2026-M06", "2026-M07", "2026-M08"])
SIZES = st.sampled_from(["", "0", "800.3999", "800.4", "1000.5", "1599.9999", "1600", "1999.9999",
                         "2000", "2000", "3000", "3000"])  # fmt: skip
DAYS = st.sampled_from(["2020-01-01", "2026-08-01"])


@st.composite
def feed_rows(draw: st.DrawFn) -> list[RegisterRow]:
    """What a feed sends, one row."""
    feed, key = draw(st.sampled_from(["tax", "power"])), draw(CODES)
    if draw(st.integers(0, 6)) == 0:
        return [gone(key, feed)]
    code = draw(st.sampled_from([key, key, key, "", "A"]))
    sector = draw(st.sampled_from(["工业", "工业", "服务业", "农业", ""]))
    places = {name: draw(st.sampled_from(["", *members])) for name, members in
              (("district", "XYQ"), ("zone", ("Z1", "Z2")))}  # fmt: skip
    row = candidate(key, draw(SIZES), feed=feed, credit_code=code, as_of=draw(PERIODS),
                    sector=sector, **places)  # fmt: skip
    return [row]


@st.composite
def register_rows(draw: st.DrawFn) -> list[RegisterRow]:
    """What the register says of one unit: that it is, where, whether it is on the list."""
    code = draw(CODES)
    zones = [RegisterRow("put_membership", "enterprise", code, grouping="zone", member=member)
             for member in draw(st.sets(st.sampled_from(["Z1", "Z2"])))]  # fmt: skip
    put = unit(code, draw(st.sampled_from("XY")), listed_from=draw(DAYS),
               part_of=draw(st.sampled_from(["", "", "", "P"])))  # fmt: skip
    away = [RegisterRow("drop_membership", "enterprise", code, grouping="district", member=one)
            for one in "XY" if one != put[1].member]  # fmt: skip
    last = draw(st.sampled_from(["", "2026-06-30", "2026-07-01", "2026-08-01"]))
    choices: list[list[RegisterRow]] = [
        [*put, *away, *zones],
        [*put, span(code, draw(DAYS), last)],
        [span(code, draw(DAYS), last)],
        [no_span(code, draw(DAYS))],
        [RegisterRow("drop_unit", "enterprise", code)],
    ]
    return draw(st.sampled_from([choices[at] for at in (0, 1, 1, 2, 2, 3, 3, 4)]))


@st.composite
def decisions(draw: st.DrawFn) -> FrameDecision:
    """What a person decides, lawful or not."""
    state = draw(st.sampled_from(["to_verify", "to_declare", "not_eligible", "not_eligible"]))
    reason = draw(st.sampled_from(["未达标", "重复", "非法人"])) if state == "not_eligible" else ""
    link = draw(st.sampled_from(["", *"ABC"])) if reason == "重复" else ""
    case = draw(st.sampled_from(["A", "A", "B", "C", "power.B", "tax.C"]))
    return FrameDecision(case, state, reason, "张三", link_unit=link, decided_ms=1)


STEPS = st.lists(
    st.one_of(
        st.lists(feed_rows(), min_size=1, max_size=6).map(
            lambda rows: [row for one in rows for row in one]
        ),
        register_rows(),
        decisions(),
    ),
    min_size=6,
    max_size=20,
)


class Folded:
    """The core as the stream folds it."""

    def __init__(self) -> None:
        self.register, self.frame = Register(), FrameState()

    def take(self, rows: list[RegisterRow], at_ms: int) -> None:
        self.register.apply(rows, [unit_id(row.kind, row.code) for row in rows])
        self.frame.take_rows(self.register, CATALOGUE, rows, at_ms)

    def told(self, table: str) -> list[Any]:
        return list(self.frame.standing(self.register, CATALOGUE)[table].values())


@settings(max_examples=80, deadline=None)
@given(STEPS)
def test_cases_and_coverage_equal_a_plain_computation_after_every_record(
    steps: list[list[RegisterRow] | FrameDecision],
) -> None:
    folded, plain = Folded(), Plain()
    for at_ms, step in enumerate(steps, 1):
        if isinstance(step, FrameDecision):
            folded.frame.take_decision(folded.register, CATALOGUE, step, at_ms)
            plain.decide(step.case, step.state, step.reason, step.link_unit)
        else:
            folded.take(step, at_ms)
            for row in step:
                plain.take(row)
        plain.follow()
        rows = folded.told(CASES)
        found = {row.case: (row.kind, row.state, row.reason) for row in rows if row.kind != "over"}
        assert found == plain.told(), step
        seen = plain.candidates()
        for row in rows:
            if row.kind != "over":
                size = seen[row.case]["size"]
                assert row.size == (-1 if size is None else size * 10_000)
                assert row.feeds == seen[row.case]["feeds"]
        assert {
            row.case.removeprefix("over:") for row in rows if row.kind == "over"
        } == plain.over()
        for row in folded.told(COVERAGE):
            told = (row.on_list, row.on_list_sized, row.candidates, row.confirmed, row.near,
                    *(Decimal(size) / 10_000 for size in
                      (row.on_list_size, row.candidates_size, row.confirmed_size)))  # fmt: skip
            assert told == plain.coverage(row.level, row.subject), (step, row)


@pytest.mark.parametrize(
    ("first", "last", "as_of", "state"),
    [
        ("2026-08-01", "", "2026-M06", "listed"),  # decided, though it begins later
        ("2026-08-01", "2026-12-31", "2026-M12", "to_verify"),  # the last day itself is off
        ("2026-08-01", "2027-01-01", "2026-M12", "listed"),
        ("", "", "2026-M12", "listed"),
    ],
)
def test_on_the_list_is_whose_span_ends_after_the_last_day_of_the_period(
    first: str, last: str, as_of: str, state: str
) -> None:
    folded = Folded()
    folded.take([candidate("A", "2000", as_of=as_of)], 1)
    folded.take([*unit("A", "X"), span("A", first, last)], 2)
    (row,) = folded.told(CASES)
    month = 202608 if state == "listed" and first else 0
    assert (row.state, row.list_month) == (state, month)


def test_of_two_units_that_have_one_credit_code_the_one_on_the_list_counts() -> None:
    folded = Folded()
    off = {"listed_from": "2020-01-01", "listed_to": "2021-01-01"}
    folded.take([*unit("E1", "X", credit_code="A"), *unit("E2", "Y", credit_code="A", **off)], 1)
    folded.take([candidate("A", "2000")], 2)
    assert [row.case for row in folded.told(CASES)] == []


@settings(max_examples=40, deadline=None)
@given(st.lists(feed_rows(), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_the_order_in_which_feeds_arrive_changes_nothing(
    sent: list[list[RegisterRow]], random: Any
) -> None:
    rows = list({row.code: row for one in sent for row in one}.values())
    shuffled = random.sample(rows, len(rows))
    one, other = Folded(), Folded()
    one.take(rows, 1)
    for row in shuffled:
        other.take([row], 1)
    told = [{tuple(row) for row in each.told(COVERAGE)} for each in (one, other)]
    assert told[0] == told[1]
    cases = [{(row.case, row.kind, row.state, row.size, row.feeds, row.as_of)
              for row in each.told(CASES)} for each in (one, other)]  # fmt: skip
    assert cases[0] == cases[1]
