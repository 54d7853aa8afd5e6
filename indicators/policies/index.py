"""The index (精准定量指数) of subjects at one period: Σ weight × score, with every part shown.

Not applicable: the weight goes to the components that apply, in proportion, and both weights are
shown. Not reported: the score is 0, so that silence never pays. A constraint earns nothing, takes
points off from its yellow line on, and at red, or where it is not reported, caps the rank.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
from numpy.typing import NDArray

from indicators.arrays import Counts, Flags, Ratios
from indicators.catalogue import Indicator
from indicators.lines import LineLevel, line_level
from indicators.policies.models import Component, Index
from indicators.policies.scoring import Scores, component_scores

NOT_APPLICABLE, NOT_REPORTED = "not_applicable", "not_reported"
YELLOW, RED = "yellow_line", "red_line"
_RANK_PLACES = Decimal("0.01")


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Figures of one component's indicator, (subjects,) each; value NaN where there is none.

    baseless: units have reported, and lack the base of a growth.
    """

    value: Ratios
    units: Counts
    expected: Counts
    baseless: Flags
    provisional: Flags


@dataclass(frozen=True, slots=True, eq=False)
class ComponentResult:
    """One component of every subject, (subjects,) each; `reason` '' where nothing is to be said.

    period: of the figures, which is not the index's where they are of longer periods.
    """

    component: Component
    period: int
    value: Ratios
    score: Scores
    weight_used: Scores
    points: Scores
    reason: list[str]


@dataclass(frozen=True, slots=True, eq=False)
class IndexResult:
    """The index of every subject, (subjects,): score NaN and rank 0 where nothing applies.

    red: past a red line. capped: `rank` is then no better than the index allows, nor where a
    constraint is not reported. consequence: of the red lines passed, for readers of Chinese.
    """

    index: Index
    subjects: Sequence[str]
    score: Scores
    rank: Counts
    red: Flags
    capped: Flags
    consequence: Sequence[str]
    provisional: Flags
    components: Sequence[ComponentResult]


def index_result(
    index: Index,
    indicators: Mapping[str, Indicator],
    subjects: Sequence[str],
    found: Sequence[Found],
    periods: Sequence[int],
) -> IndexResult:
    """The index of the subjects; `found`: figures of its components in order, of `periods`."""
    size = len(subjects)
    states = [_state(one) for one in found]
    given = [float(component.weight) for component in index.components]
    applies = [
        np.array([reason != NOT_APPLICABLE for reason in state], bool) & (weight > 0)
        for state, weight in zip(states, given, strict=True)
    ]
    whole = sum(given)
    applying = np.sum(
        [weight * flags for weight, flags in zip(given, applies, strict=True)], axis=0
    )
    results, red, silent = [], np.zeros(size, bool), np.zeros(size, bool)
    consequences: list[list[str]] = [[] for _ in subjects]
    for component, one, state, weight, flags, period in zip(
        index.components, found, states, given, applies, periods, strict=True
    ):
        indicator = indicators[component.indicator]
        used = np.where(flags, weight * whole / np.where(applying > 0, applying, 1.0), 0.0)
        scores = component_scores(
            component, one.value, subjects, lower_is_better=indicator.direction == "lower"
        )
        scores = np.where(np.array([reason == NOT_REPORTED for reason in state]), 0.0, scores)
        points = np.where(flags, used * np.nan_to_num(scores), 0.0)
        if indicator.role == "constraint":
            points, past = _past_lines(indicator, component, one.value, state)
            red |= past
            silent |= np.array([reason == NOT_REPORTED for reason in state], bool)
            for at in np.flatnonzero(past).tolist():
                consequences[at] += [indicator.lines.consequence.zh] if indicator.lines else []
        results.append(ComponentResult(component, period, one.value, scores, used, points, state))
    total = np.sum([result.points for result in results], axis=0)
    score = np.where(applying > 0, np.maximum(total, 0.0), np.nan)
    capped = (red | silent) & (index.red_rank is not None)
    return IndexResult(
        index,
        subjects,
        score,
        _ranks(score, capped, index.red_rank),
        red,
        capped,
        ["；".join(some) for some in consequences],
        np.logical_or.reduce([one.provisional for one in found]),
        results,
    )


def _state(found: Found) -> list[str]:
    """(subjects,) why a component has no value; '' where it has one."""
    lacking = np.isnan(found.value)
    silent = lacking & (found.expected > 0) & (found.units == 0) & ~found.baseless
    return [
        NOT_REPORTED if quiet else NOT_APPLICABLE if none else ""
        for none, quiet in zip(lacking.tolist(), silent.tolist(), strict=True)
    ]


def _past_lines(
    indicator: Indicator, component: Component, values: Ratios, state: list[str]
) -> tuple[Scores, Flags]:
    """(points, red): what a constraint takes off; writes the line into the state.

    Not reported counts as past the yellow line: silence must not pay here either.
    """
    points, red = np.zeros(len(values)), np.zeros(len(values), bool)
    for at, value in enumerate(values.tolist()):
        if state[at] == NOT_REPORTED:
            points[at] = -float(component.deduct)
        if indicator.lines is None or state[at]:
            continue
        level = line_level(value, indicator.lines, indicator.direction, provisional=False)
        if level is LineLevel.CLEAR:
            continue
        points[at], red[at] = -float(component.deduct), level is LineLevel.RED
        state[at] = RED if red[at] else YELLOW
    return points, red


def _ranks(score: Scores, limited: Flags, red_rank: int | None) -> NDArray[np.int64]:
    """Ranks on the score as printed, two places rounded half up; equal scores share a rank."""
    printed = [
        None if np.isnan(one) else Decimal(repr(one)).quantize(_RANK_PLACES, ROUND_HALF_UP)
        for one in score.tolist()
    ]
    known = [one for one in printed if one is not None]
    ranks = [0 if mine is None else 1 + sum(other > mine for other in known) for mine in printed]
    if red_rank is not None:
        capped = zip(ranks, limited.tolist(), strict=True)
        ranks = [max(rank, red_rank) if past and rank else rank for rank, past in capped]
    return np.array(ranks, np.int64)
