"""The index: caps, roles, missing values, and that silence never pays."""

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.catalogue import Indicator
from indicators.policies.assessment import assessment_results
from indicators.policies.index import Found, IndexResult, index_result
from indicators.policies.models import Assessment, Index
from tests.indicators.cities import name
from tests.indicators.several_tables import indicator

NAN = float("nan")


def indicators(**directions: str) -> dict[str, Indicator]:
    made = {}
    for number, (code, direction) in enumerate(directions.items(), 1):
        more: dict[str, Any] = {"direction": direction, "role": "incentive"}
        if code.startswith("limit"):
            more = {"direction": direction, "role": "constraint",
                    "lines": {"yellow": 1, "red": 2, "consequence": name("约谈"),
                              "source": "示例"}}  # fmt: skip
        made[code] = Indicator.model_validate(indicator(number, code, {"profit": 1}, **more))
    return made


def index(*components: dict[str, Any], **changes: Any) -> Index:
    base = {"code": "i", "name": name("指数"), "year": 2026, "level": "zone", "source": "示例",
            "components": components}  # fmt: skip
    return Index.model_validate({**base, **changes})


def ratio(code: str, weight: float, baseline: float, cap: float = 1) -> dict[str, Any]:
    return {"indicator": code, "weight": weight, "cap": cap,
            "scoring": {"kind": "ratio", "baseline": baseline}}  # fmt: skip


def found(*values: float, units: int = 3, expected: int = 3) -> Found:
    there = [units if value == value else 0 for value in values]
    return given_found(np.array(values), np.array(there), np.full(len(values), expected))


def given_found(value: Any, units: Any, expected: Any) -> Found:
    nobody = np.zeros(len(value), bool)
    return Found(value, units, expected, nobody, nobody)


def result(given: Index, known: dict[str, Indicator], *values: Found) -> IndexResult:
    subjects = [f"Z{at}" for at in range(len(values[0].value))]
    periods = [202603] * len(values)
    return index_result(given, known, subjects, values, periods)


def test_points_are_value_by_baseline_capped_and_turned_where_lower_is_better() -> None:
    known = indicators(up="higher", down="lower")
    given = index(ratio("up", 60, 10, 1.5), ratio("down", 40, 10))
    scores = result(given, known, found(20.0, 5.0, -3.0), found(5.0, 12.0, 25.0)).score
    assert scores.tolist() == pytest.approx([60 * 1.5 + 40, 30 + 32, 0.0])


def test_efficacy_and_bands_and_attainment_score_as_defined() -> None:
    known = indicators(a="higher", b="higher", c="higher")
    given = index(
        {"indicator": "a", "weight": 50, "scoring": {"kind": "efficacy", "least": 0, "most": 10}},
        {"indicator": "b", "weight": 30, "scoring": {"kind": "bands", "bands": [
            {"starts": 0, "score": "0.5"}, {"starts": "0.15", "score": 1}]}},
        {"indicator": "c", "weight": 20, "scoring": {"kind": "attainment", "target": 100,
            "of_subject": {"Z1": 200}}},
    )  # fmt: skip
    scores = result(given, known, found(5.0, 10.0), found(15 / 100, -1.0), found(50.0, 50.0)).score
    assert scores.tolist() == pytest.approx([50 * 0.8 + 30 + 10, 50 + 0 + 5])


def test_what_does_not_apply_is_reweighted_and_what_is_not_reported_scores_nothing() -> None:
    known = indicators(a="higher", b="higher")
    given = index(ratio("a", 60, 10), ratio("b", 40, 10))
    none = given_found(np.array([NAN, NAN]), np.array([0, 0]), np.array([0, 5]))
    whole = result(given, known, found(5.0, 5.0), none)
    assert whole.score.tolist() == pytest.approx([50.0, 30.0])
    assert whole.components[0].weight_used.tolist() == [100.0, 60.0]
    assert whole.components[1].reason == ["not_applicable", "not_reported"]


def test_a_constraint_earns_nothing_takes_off_from_yellow_and_caps_the_rank_at_red() -> None:
    known = indicators(a="higher", limit="lower")
    given = index(ratio("a", 100, 10), {"indicator": "limit", "deduct": 5}, red_rank=3)
    whole = result(given, known, found(9.0, 8.0, 7.0, 9.9), found(0.1, 1.0, 0.5, 2.0))
    assert whole.score.tolist() == pytest.approx([90.0, 75.0, 70.0, 94.0])
    assert whole.components[1].reason == ["", "yellow_line", "", "red_line"]
    assert whole.red.tolist() == [False, False, False, True]
    assert whole.rank.tolist() == [2, 3, 4, 3]


def test_silence_on_a_constraint_takes_off_points_and_caps_the_rank_as_red_does() -> None:
    known = indicators(a="higher", limit="lower")
    given = index(ratio("a", 100, 10), {"indicator": "limit", "deduct": 5}, red_rank=2)
    whole = result(given, known, found(9.0, 8.0), found(NAN, 0.5))
    assert whole.score.tolist() == pytest.approx([85.0, 80.0])
    assert (whole.red.tolist(), whole.capped.tolist()) == ([False, False], [True, False])
    assert whole.rank.tolist() == [2, 2]


def test_units_that_report_without_a_base_are_not_silent() -> None:
    known = indicators(a="higher", b="higher")
    none = np.array([NAN])
    lacking = Found(none, np.array([0]), np.array([3]), np.array([True]), np.array([True]))
    whole = result(index(ratio("a", 60, 10), ratio("b", 40, 10)), known, found(5.0), lacking)
    assert whole.components[1].reason == ["not_applicable"]
    assert whole.score.tolist() == [50.0]
    assert whole.provisional.tolist() == [True]


def test_ranks_are_on_the_printed_score() -> None:
    known = indicators(a="higher")
    whole = result(index(ratio("a", 100, 100)), known, found(50.0049, 50.0001, 60.0, NAN))
    assert whole.rank.tolist() == [2, 2, 1, 4]


VALUES = st.floats(-100, 100, allow_nan=False)


@given(st.lists(VALUES, min_size=2, max_size=2), st.integers(0, 99))
def test_silence_never_pays_and_order_changes_nothing(values: list[float], seed: int) -> None:
    known = indicators(a="higher", b="lower", limit="lower")
    parts = [ratio("a", 55, 7, 1.2), ratio("b", 45, 9, 1.3), {"indicator": "limit", "deduct": 4}]
    figures = [found(values[0]), found(values[1]), found(values[0] / 10)]
    reported = result(index(*parts), known, *figures)
    order = random.Random(seed).sample(range(3), 3)
    turned = result(index(*(parts[at] for at in order)), known, *(figures[at] for at in order))
    assert turned.score[0] == pytest.approx(reported.score[0])
    assert reported.score[0] <= 55 * 1.2 + 45 * 1.3 + 1e-9
    for at in range(3):
        silent = [*figures]
        silent[at] = found(NAN)
        quiet = result(index(*parts), known, *silent)
        assert quiet.score[0] <= reported.score[0] + 1e-9
        earning = [part for part in quiet.components if part.component.weight]
        assert sum(float(part.weight_used[0]) for part in earning) == pytest.approx(100)


@given(VALUES, VALUES)
def test_a_better_value_never_scores_less(one: float, other: float) -> None:
    known = indicators(a="higher", b="lower")
    low, high = sorted((one, other))
    up = index(ratio("a", 100, 7, 1.2))
    scores = result(up, known, found(low, high)).score
    assert scores[0] <= scores[1]
    bounded = [max(low, 0.0), max(high, 0.0)]
    falls = result(index(ratio("b", 100, 7, 1.2)), known, found(*bounded)).score
    assert falls[0] >= falls[1]


def test_a_districts_result_is_that_of_the_zones_it_leads() -> None:
    assessment = Assessment.model_validate(
        {"code": "k", "name": name("考核"), "year": 2026, "level": "zone", "source": "示例",
         "bodies": [{"code": "D1", "name": name("甲"), "subjects": ["Z1", "Z2"]},
                    {"code": "D2", "name": name("乙"), "subjects": ["Z3"]}],
         "parts": [{"index": "i", "weight": 70}, {"indicator": "sales", "weight": 30}],
         "subject_weights": {"Z1": 3}}
    )  # fmt: skip
    first, second = assessment_results(
        assessment, {"i": {"Z1": 80.0, "Z2": 40.0}}, {"sales": {"Z1": 120.0, "Z2": None}}
    )
    assert first.parts[0].mean == 70.0
    assert first.parts[1].mean == 75.0  # 100 at most for Z1, nothing for the silent Z2
    assert first.score == pytest.approx(0.7 * 70 + 0.3 * 75)
    assert second.score is None
