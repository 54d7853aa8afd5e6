"""Appraisal (评价): what a catalogue's policies make of one state's figures.

Pure: figures in, results out. An index is told for the periods of its year in which its first
component has figures, a target likewise; an assessment for the periods of any of its parts.
"""

from collections.abc import Mapping, Set

import numpy as np

from indicators.catalogue import Catalogue
from indicators.effects import figure_periods
from indicators.figure_block import FigureBlock
from indicators.figures import Figures
from indicators.policies.assessment import BodyResult, assessment_results
from indicators.policies.index import Found, IndexResult, index_result
from indicators.policies.models import Assessment, Index, Target
from indicators.policies.targets import TargetStanding, target_standing
from indicators.vocabulary import TOTAL

#: Table → periods that have figures.
Opened = Mapping[str, Set[int]]


class Appraisal:
    """Results of one state; each figure is asked for once while the state lasts."""

    def __init__(self, catalogue: Catalogue, figures: Figures, opened: Opened) -> None:
        self._catalogue = catalogue
        self._figures = figures
        self._opened = opened
        self._blocks: dict[tuple[str, str, str, int], FigureBlock] = {}

    def index_periods(self, index: Index) -> set[int]:
        """Periods for which the index is told."""
        return self._periods(index.components[0].indicator, index.year)

    def target_periods(self, target: Target) -> set[int]:
        """Periods at which the target's standing is told."""
        return self._periods(target.indicator, target.year)

    def assessment_periods(self, assessment: Assessment) -> set[int]:
        """Periods at which any part of the assessment is told."""
        periods = [self.index_periods(index) for index in self.indices_of(assessment)]
        periods += [self.target_periods(target) for target in self.targets_of(assessment)]
        return set().union(*periods)

    def indices_of(self, assessment: Assessment) -> list[Index]:
        """The indices that the assessment counts."""
        codes = {part.index for part in assessment.parts}
        return [index for index in self._catalogue.indices if index.code in codes]

    def targets_of(self, assessment: Assessment) -> list[Target]:
        """The targets that the assessment counts."""
        codes = {part.indicator for part in assessment.parts}
        return [
            target
            for target in self._catalogue.targets
            if target.indicator in codes
            and (target.level, target.year) == (assessment.level, assessment.year)
        ]

    def index(self, index: Index, period: int) -> IndexResult:
        """The index of its subjects."""
        found = []
        subjects: list[str] = []
        for component in index.components:
            block = self._block(component.indicator, component.measure, index.level, period)
            chosen = [
                at
                for at, code in enumerate(block.subjects)
                if code in index.members or (not index.members and code != TOTAL)
            ]
            subjects = [block.subjects[at] for at in chosen]
            found.append(Found(block.value[chosen], block.units[chosen], block.expected[chosen]))
        return index_result(index, self._catalogue.indicator, subjects, found)

    def target(self, target: Target, period: int) -> TargetStanding:
        """Where the target stands."""

        def figure(at: int) -> float | None:
            block = self._block(target.indicator, target.measure, target.level, at)
            value = float(block.value[list(block.subjects).index(target.subject)])
            return None if np.isnan(value) else value

        lower = self._catalogue.indicator[target.indicator].direction == "lower"
        return target_standing(target, period, figure, lower_is_better=lower)

    def assessment(self, assessment: Assessment, period: int) -> list[BodyResult]:
        """Results of the bodies."""
        scores: dict[str, dict[str, float]] = {}
        for index in self.indices_of(assessment):
            result = self.index(index, period)
            told = zip(result.subjects, result.score.tolist(), strict=True)
            scores[index.code] = {code: score for code, score in told if not np.isnan(score)}
        attainments: dict[str, dict[str, float | None]] = {}
        for target in self.targets_of(assessment):
            attainment = self.target(target, period).attainment
            per_cent = None if attainment is None else attainment * 100
            attainments.setdefault(target.indicator, {})[target.subject] = per_cent
        return assessment_results(assessment, scores, attainments)

    def _periods(self, code: str, year: int) -> set[int]:
        indicator = self._catalogue.indicator[code]
        opened = self._opened.get(indicator.table, set())
        return {one for one in figure_periods(indicator, opened) if one // 100 == year}

    def _block(self, code: str, measure: str, level: str, period: int) -> FigureBlock:
        key = (code, measure, level, period)
        found = self._blocks.get(key)
        if found is None:
            indicator = self._catalogue.indicator[code]
            for block in self._figures.of(indicator, period, measure, None):
                if not block.by_level:
                    self._blocks[code, measure, block.level, period] = block
            found = self._blocks[key]
        return found
