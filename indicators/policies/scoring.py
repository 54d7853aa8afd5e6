"""Scores of one component of an index (计分): from a figure to a share of the weight.

Vectors are (subjects,). A score of 1 earns the whole weight; `cap` is the most. Source: domain
rules on the index; 功效系数法 for `efficacy`.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from indicators.arrays import Ratios
from indicators.policies.models import (
    AttainmentScore,
    BandsScore,
    Component,
    EfficacyScore,
    RatioScore,
    Scoring,
)

Scores = NDArray[np.float64]


def component_scores(
    component: Component, values: Ratios, subjects: Sequence[str], *, lower_is_better: bool
) -> Scores:
    """(subjects,) scores from 0 to the component's cap; NaN where there is no value.

    A component without scoring (a constraint) scores 0.
    """
    if component.scoring is None:
        return np.where(np.isnan(values), np.nan, 0.0)
    scores = _scores(component.scoring, values, subjects, lower_is_better)
    return np.clip(scores, 0.0, float(component.cap))


def _scores(scoring: Scoring, values: Ratios, subjects: Sequence[str], lower: bool) -> Scores:
    if isinstance(scoring, RatioScore):
        return _against(values, np.full(len(values), float(scoring.baseline)), lower)
    if isinstance(scoring, AttainmentScore):
        targets = [float(scoring.of_subject.get(one, scoring.target)) for one in subjects]
        return _against(values, np.array(targets), lower)
    if isinstance(scoring, EfficacyScore):
        least, most = float(scoring.least), float(scoring.most)
        return (60 + 40 * (values - least) / (most - least)) / 100
    return _banded(scoring, values)


def _against(values: Ratios, aims: Scores, lower: bool) -> Scores:
    """value/aim, or 2 - value/aim where lower is better; a value below zero scores nothing."""
    shares = values / aims
    if not lower:
        return shares
    return np.where(values < 0, 0.0, 2 - shares)


def _banded(scoring: BandsScore, values: Ratios) -> Scores:
    starts = np.array([float(band.starts) for band in scoring.bands])
    scores = np.array([float(scoring.below), *(float(band.score) for band in scoring.bands)])
    found: Scores = scores[np.searchsorted(starts, values, side="right")]
    return np.where(np.isnan(values), np.nan, found)
