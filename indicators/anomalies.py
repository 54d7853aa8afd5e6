"""A first finding (异常): how far a value lies from the median of its own series, on the log scale.

score = |ln x - median| / (1.4826 · MAD), over at least `history` earlier values of the series.
Pure, vectorised over units. Thresholds and the bands of unit errors are catalogue data. Source: the
median absolute deviation rule, Hampel (1974); 1.4826 makes the MAD estimate a standard deviation of
normal data.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from indicators.anomaly_rules import AnomalyRule
from indicators.arrays import Amounts, Counts, Flags, Ratios

#: Values of a series that the judgement looks back on at most.
LONGEST_HISTORY = 48
_MAD_TO_SIGMA = 1.4826
#: Floor of the spread: a series that hardly moves would make every change infinitely strange. One
#: percent on the log scale is below the rounding of the smallest published series.
_LEAST_SPREAD = 0.01


class FindingKind(StrEnum):
    """What a finding says. The values are stored: one may be added, none renamed."""

    FAR_FROM_OWN_MEDIAN = "far_from_own_median"


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """(units,) each. `found` where the value is too far; `median` of the history in 10^-4.

    `looked_back` counts the values the median is of. `factor` is by how much the unit is wrong
    (below 1: the value is too small), 1 where no band of the rule explains the value. `proposed` is
    the figure that would be right: value / factor, or the median where nothing explains it.
    """

    found: Flags
    looked_back: Counts
    score: NDArray[np.float64]
    median: Amounts
    proposed: Amounts
    factor: NDArray[np.float64]


def judge(
    value: Amounts, has: Flags, history: Amounts, there: Flags, rule: AnomalyRule
) -> Judgement:
    """Judge (units,) values against (periods, units) earlier values; only positive ones count."""
    units = len(value)
    judged = has & (value > 0)
    usable = there & (history > 0)
    looked_back = usable.sum(axis=0)
    judged &= looked_back >= rule.history
    score, median = np.zeros(units), np.zeros(units, np.int64)
    proposed, factor = np.zeros(units, np.int64), np.ones(units)
    at = np.flatnonzero(judged)
    if at.size:
        logs = np.where(usable[:, at], np.log(np.maximum(history[:, at], 1)), np.nan)
        centre = np.nanmedian(logs, axis=0)
        spread = np.nanmedian(np.abs(logs - centre), axis=0) * _MAD_TO_SIGMA
        away = np.log(value[at]) - centre
        score[at] = np.abs(away) / np.maximum(spread, _LEAST_SPREAD)
        median[at] = np.rint(np.exp(centre)).astype(np.int64)
        times = value[at] / np.maximum(median[at], 1)
        power = _unit_error(np.maximum(times, 1 / times), rule)
        small = away < 0
        factor[at] = np.where(small, 1 / power, power)
        right = np.where(small, value[at] * power, value[at] / power)
        proposed[at] = np.where(power == 1, median[at], np.rint(right)).astype(np.int64)
        judged[at] &= (score[at] >= rule.score) & (np.abs(away) >= np.log(rule.minimum_ratio))
    return Judgement(judged, looked_back, score, median, proposed, factor)


def _unit_error(ratio: Ratios, rule: AnomalyRule) -> Ratios:
    """(n,) the factor of the first band that holds each ratio, ends included; 1 where none does."""
    power = np.ones(len(ratio))
    for band in reversed(rule.unit_errors):
        power[(ratio >= band.low) & (ratio <= band.high)] = band.factor
    return power


def evidence(
    period: str, item: str, unit: str, value: int, median: int, factor: float, looked_back: int
) -> str:
    """One Chinese sentence with both figures; value and median in 10^-4.

    `looked_back`: how many earlier values the median is of.
    """
    ratio = value / median if median else float("inf")
    times = f"{ratio:,.1f} 倍" if ratio >= 1 else f"{ratio * 100:,.1f}%"
    guess = "，疑似单位错误" if factor != 1.0 else ""
    return (
        f"{period} {item} {_plain(value)} {unit}，为本单位此前 {looked_back} 期中位数 "
        f"{_plain(median)} {unit} 的 {times}{guess}"
    )


def _plain(value: int) -> str:
    whole, part = divmod(abs(value), 10**4)
    text = f"{whole:,}" + (f".{part:04d}".rstrip("0") if part else "")
    return f"-{text}" if value < 0 else text
