"""A first finding: planted unit errors are found, ordinary months are not."""

import numpy as np
import pytest

from indicators.anomalies import evidence, judge
from indicators.catalogue import AnomalyRule

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


def test_an_ordinary_month_raises_nothing() -> None:
    assert not any(found(HISTORY[5]))


def test_a_series_of_fewer_values_than_the_rule_wants_is_not_judged() -> None:
    assert not any(found(HISTORY[0] * 1_000, history=23))


def test_the_evidence_is_one_sentence_with_both_figures() -> None:
    text = evidence("2018-M12", "营业收入", "万元", 81_200_000, 7_880_000, 10.0)
    assert "8,120 万元" in text
    assert "788 万元" in text
    assert "10.3 倍" in text
    assert "疑似单位错误" in text
