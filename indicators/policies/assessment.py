"""Assessment (考核): results of subjects rolled up to the bodies that answer for them.

A body's part is the weighted mean over its subjects: of the index's score, or of the attainment of
their targets in per cent, 100 at most. A subject without an index score does not apply; one whose
target has no figure counts 0: silence never pays.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from indicators.policies.models import Assessment, Body, Part

#: Per cent of attainment; None where the figure is not known.
Attainments = Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class PartResult:
    """One part of a body's result: the mean of its subjects, and points = mean × weight / 100.

    subjects: how many counted. mean None: the part does not apply and its weight went to the rest.
    """

    part: Part
    mean: float | None
    subjects: int
    weight_used: float
    points: float


@dataclass(frozen=True, slots=True)
class BodyResult:
    """A body's result, None where no part applies."""

    body: Body
    score: float | None
    parts: tuple[PartResult, ...]


def assessment_results(
    assessment: Assessment,
    scores: Mapping[str, Mapping[str, float]],
    attainments: Mapping[str, Attainments],
) -> list[BodyResult]:
    """Results of every body.

    `scores`: index → subject → score, of subjects that have one. `attainments`: indicator →
    subject → attainment in per cent, of subjects that have a target.
    """
    return [_body(assessment, body, scores, attainments) for body in assessment.bodies]


def _body(
    assessment: Assessment,
    body: Body,
    scores: Mapping[str, Mapping[str, float]],
    attainments: Mapping[str, Attainments],
) -> BodyResult:
    means: list[tuple[float | None, int]] = []
    for part in assessment.parts:
        if part.index is not None:
            known: dict[str, float] = dict(scores.get(part.index, {}))
        else:
            told = attainments.get(part.indicator or "", {})
            known = {one: min(value or 0.0, 100.0) for one, value in told.items()}
        means.append(_mean(assessment, body, known))
    whole = sum(float(part.weight) for part in assessment.parts)
    applying = sum(
        float(part.weight)
        for part, (mean, _) in zip(assessment.parts, means, strict=True)
        if mean is not None
    )
    parts = []
    for part, (mean, count) in zip(assessment.parts, means, strict=True):
        used = 0.0 if mean is None else float(part.weight) * whole / applying
        parts.append(PartResult(part, mean, count, used, (mean or 0.0) * used / 100))
    score = sum(part.points for part in parts) if applying else None
    return BodyResult(body, score, tuple(parts))


def _mean(
    assessment: Assessment, body: Body, known: Mapping[str, float]
) -> tuple[float | None, int]:
    weights = {
        one: float(assessment.subject_weights.get(one, 1)) for one in body.subjects if one in known
    }
    if not weights:
        return None, 0
    total = sum(known[one] * weight for one, weight in weights.items())
    return total / sum(weights.values()), len(weights)
