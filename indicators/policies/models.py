"""Models of indices.yaml, targets.yaml and assessments.yaml: policy of one year, as data.

Weights, baselines, bands, targets and tolerances are what a city decides each year; none of them
stands in code. `source` names the document; example values say so.
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from indicators.modelling import Code, Model, Name
from indicators.vocabulary import CITY_LEVEL

Year = Annotated[int, Field(ge=1970, le=2148)]
Positive = Annotated[Fraction, Field(gt=0)]
NotNegative = Annotated[Fraction, Field(ge=0)]


class RatioScore(Model):
    """value/baseline; where lower is better 2 - value/baseline, floored at 0."""

    kind: Literal["ratio"]
    baseline: Positive


class EfficacyScore(Model):
    """60 + 40·(x - least)/(most - least), in hundredths (功效系数法)."""

    kind: Literal["efficacy"]
    least: Fraction = Field(description="the value that scores 60: 不允许值")
    most: Fraction = Field(description="the value that scores 100: 满意值")

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if self.least == self.most:
            raise ValueError("least and most must differ")
        return self


class Band(Model):
    """From this value on (in order of the values) the score is this."""

    starts: Fraction
    score: NotNegative


class BandsScore(Model):
    """The score of the band that holds the value; below the first, `below`."""

    kind: Literal["bands"]
    bands: Annotated[list[Band], Field(min_length=1)]
    below: NotNegative = Fraction(0)

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        if any(one.starts >= other.starts for one, other in pairwise(self.bands)):
            raise ValueError("bands go from low to high values, each starting once")
        return self


class AttainmentScore(Model):
    """value/target, a subject's own or the common one."""

    kind: Literal["attainment"]
    target: Positive
    of_subject: dict[Code, Positive] = Field(default_factory=dict)


Scoring = Annotated[
    RatioScore | EfficacyScore | BandsScore | AttainmentScore, Field(discriminator="kind")
]


class Component(Model):
    """One indicator of an index.

    cap: the largest score, 1 = the whole weight. A constraint indicator earns nothing: it has no
    weight and no scoring, and loses `deduct` points from its yellow line on.
    """

    indicator: Code
    measure: str = "current"
    weight: NotNegative = Fraction(0)
    scoring: Scoring | None = None
    cap: Positive = Fraction(1)
    deduct: NotNegative = Fraction(0)


class Index(Model):
    """indices.yaml: a precise quantitative index (精准定量指数), Σ weight × score of components.

    It is for subjects of one level, and of one zone type where it names one: ranks are among those
    alone. Not applicable is re-weighted and shown; not reported scores 0.
    """

    code: Code
    name: Name
    year: Year
    level: Code
    zone_type: Code | None = None
    members: list[Code] = Field(
        default_factory=list, description="subjects of that type; [] every one of the level"
    )
    components: Annotated[list[Component], Field(min_length=1)]
    red_rank: Annotated[int, Field(ge=1)] | None = Field(
        None, description="best rank that a subject past a red line may have"
    )
    source: str


TargetKind = Literal["amount", "growth", "level", "ceiling", "reduction", "five_year"]


class Target(Model):
    """targets.yaml: a target (差异化目标) of one body, indicator and year.

    value: in the indicator's unit; of `growth` and `reduction` a fraction (0.08 = 8 %), a reduction
    negative. tolerance: points of the gap to be called 滞后; twice of it 严重滞后. `five_year`:
    `value` is due at the end of `ends`, `since` the year before its first.
    """

    level: Code = CITY_LEVEL
    subject: Code
    indicator: Code
    measure: str = "ytd"
    year: Year
    kind: TargetKind
    value: Fraction
    tolerance: Positive = Fraction(5)
    progress: Literal["elapsed", "seasonal"] = "elapsed"
    since: Year | None = None
    ends: Year | None = None
    source: str

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.kind in ("amount", "ceiling", "five_year", "level") and self.value <= 0:
            raise ValueError(f"the value of a target of kind {self.kind} is above zero")
        if self.kind == "reduction" and self.value >= 0:
            raise ValueError("a reduction is a growth below zero: -0.03 is 3 % less")
        if (self.kind == "five_year") != (self.since is not None and self.ends is not None):
            raise ValueError("since and ends go with five_year, and only with it")
        if self.since is not None and self.ends is not None:
            if not self.since < self.year <= self.ends:
                raise ValueError("since is before the year, which is not after ends")
            if self.ends - self.since > 5:
                raise ValueError("a five-year target is of five years at most")
        return self


class Part(Model):
    """What an assessment counts, and its weight: an index, or targets of an indicator."""

    index: Code | None = None
    indicator: Code | None = None
    weight: Positive

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.index is None) == (self.indicator is None):
            raise ValueError("a part is an index or an indicator's targets")
        return self


class Body(Model):
    """A body that answers for subjects: a district for the zones it leads, a department."""

    code: Code
    name: Name
    subjects: Annotated[list[Code], Field(min_length=1)]


class Assessment(Model):
    """assessments.yaml: how results of subjects roll up to the bodies that answer for them.

    A body's part is the mean of its subjects' results by `spread`: each subject alike, or by its
    weight in `subject_weights`.
    """

    code: Code
    name: Name
    year: Year
    level: Code = Field(description="level of the subjects that are rolled up")
    bodies: Annotated[list[Body], Field(min_length=1)]
    parts: Annotated[list[Part], Field(min_length=1)]
    subject_weights: dict[Code, Positive] = Field(default_factory=dict)
    source: str


def weights_of(parts: Sequence[Component] | Sequence[Part]) -> Fraction:
    """The sum of the weights."""
    return sum((part.weight for part in parts), Fraction(0))
