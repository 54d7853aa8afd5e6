"""A first finding: planted unit errors are found, ordinary months are not."""

import numpy as np
import pytest
from pydantic import ValidationError

from indicators.anomalies import Judgement, evidence, judge
from indicators.anomaly_rules import AnomalyRule, UnitErrorBand

RULE = AnomalyRule(table="T", item="t", source="example")
RNG = np.random.default_rng(7)
HISTORY = np.rint(1_000_000 * np.exp(RNG.normal(0, 0.1, (36, 200)))).astype(np.int64)
THERE = np.ones(HISTORY.shape, bool)


def found(values: np.ndarray[tuple[int], np.dtype[np.int64]], history: int = 36) -> list[bool]:
    flags = np.ones(len(values), bool)
    return judge(values, flags, HISTORY[:history], THERE[:history], RULE).found.tolist()


@pytest.mark.parametrize("factor", [10, 1_000, 10_000])
def test_a_planted_unit_error_is_found_with_the_figure_that_would_be_right(factor: int) -> None:
    right = HISTORY[-1]
    judged = judge(right * factor, np.ones(200, bool), HISTORY, THERE, RULE)
    assert judged.found.all()
    assert (judged.factor == factor).all()
    assert np.array_equal(judged.proposed, right)


@pytest.mark.parametrize("factor", [10, 1_000, 10_000])
def test_a_value_too_small_by_a_unit_is_found_with_the_figure_that_would_be_right(
    factor: int,
) -> None:
    right = HISTORY[-1] // factor * factor
    judged = judge(right // factor, np.ones(200, bool), HISTORY, THERE, RULE)
    assert judged.found.all()
    assert (judged.factor == 1 / factor).all()
    assert np.array_equal(judged.proposed, right)


def steady(ratio: float) -> Judgement:
    """A value `ratio` times the median of a series that is always the same."""
    history = np.full((24, 1), 10_000_000, np.int64)
    value = np.rint(history[0] * ratio).astype(np.int64)
    return judge(value, np.ones(1, bool), history, np.ones(history.shape, bool), RULE)


@pytest.mark.parametrize(
    ("ratio", "factor"),
    [(3.2, 1), (3.5, 10), (13.5, 10), (13.6, 1), (349, 1), (350, 1_000), (1_351, 1),
     (0.31, 1), (0.1, 0.1), (1 / 400, 0.001), (1 / 200, 1)],
)  # fmt: skip
def test_only_a_ratio_inside_a_band_counts_as_a_unit_error(ratio: float, factor: float) -> None:
    judged = steady(ratio)
    assert judged.found.all()
    assert judged.factor.item() == factor
    right = judged.median.item() if factor == 1 else round(10_000_000 * ratio / factor)
    assert abs(judged.proposed.item() - right) <= 1


def test_the_bands_are_the_rules_and_without_any_nothing_is_a_unit_error() -> None:
    none = RULE.model_copy(update={"unit_errors": []})
    judged = judge(HISTORY[-1] * 1_000, np.ones(200, bool), HISTORY, THERE, none)
    assert judged.found.all()
    assert (judged.factor == 1).all()
    assert np.array_equal(judged.proposed, judged.median)
    with pytest.raises(ValidationError):
        UnitErrorBand(factor=10, low=20, high=30)


def test_the_number_of_values_the_median_is_of_is_told() -> None:
    there = THERE.copy()
    there[:5, 0] = False
    judged = judge(HISTORY[-1], np.ones(200, bool), HISTORY, there, RULE)
    assert judged.looked_back[:2].tolist() == [31, 36]


def test_an_ordinary_month_raises_nothing() -> None:
    assert not any(found(HISTORY[5]))


def test_a_series_of_fewer_values_than_the_rule_wants_is_not_judged() -> None:
    assert not any(found(HISTORY[0] * 1_000, history=23))


def test_the_evidence_is_one_sentence_with_both_figures() -> None:
    text = evidence("2018-M12", "营业收入", "万元", 81_200_000, 7_880_000, 10.0, 31)
    assert "8,120 万元" in text
    assert "788 万元" in text
    assert "此前 31 期中位数" in text
    assert "10.3 倍" in text
    assert "疑似单位错误" in text
