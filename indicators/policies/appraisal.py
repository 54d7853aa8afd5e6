"""Appraisal (评价): what a catalogue's policies make of one state's figures.

Pure: figures in, results out. `indicators.policies.told` says when.
"""

import numpy as np

from indicators.catalogue import Catalogue
from indicators.figure_block import FigureBlock
from indicators.figures import Figures
from indicators.policies.assessment import BodyResult, assessment_results
from indicators.policies.index import Found, IndexResult, index_result
from indicators.policies.models import Assessment, Index, Target
from indicators.policies.targets import TargetStanding, target_standing
from indicators.policies.told import PolicyPeriods
from indicators.reasons import WITHOUT_BASE


class Appraisal:
    """Results of one state; each figure is asked for once while the state lasts."""

    def __init__(self, catalogue: Catalogue, figures: Figures, told: PolicyPeriods) -> None:
        self._catalogue = catalogue
        self._figures = figures
        self._told = told
        self._blocks: dict[tuple[str, str, str, int], FigureBlock] = {}

    def index(self, index: Index, period: int) -> IndexResult:
        """The index of its subjects."""
        subjects, found, periods = self._told.subjects(index), [], []
        for component in index.components:
            at = self._told.stands(component.indicator, period)
            block = self._block(component.indicator, component.measure, index.level, at)
            position = {code: place for place, code in enumerate(block.subjects)}
            chosen = [position[code] for code in subjects]
            baseless = np.array([WITHOUT_BASE in block.reason[place] for place in chosen], bool)
            found.append(
                Found(
                    block.value[chosen],
                    block.units[chosen],
                    block.expected[chosen],
                    baseless,
                    block.provisional[chosen],
                )
            )
            periods.append(at)
        return index_result(index, self._catalogue.indicator, subjects, found, periods)

    def provisional(self, target: Target, period: int) -> bool:
        """Whether the figure that the target is held against is provisional."""
        block = self._block(target.indicator, target.measure, target.level, period)
        return bool(block.provisional[list(block.subjects).index(target.subject)])

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
        for index in self._told.indices_of(assessment):
            result = self.index(index, period)
            told = zip(result.subjects, result.score.tolist(), strict=True)
            scores[index.code] = {code: score for code, score in told if not np.isnan(score)}
        attainments: dict[str, dict[str, float | None]] = {}
        for target in self._told.targets_of(assessment):
            attainment = None
            if period in self._told.of_target(target):
                attainment = self.target(target, period).attainment
            per_cent = None if attainment is None else attainment * 100
            attainments.setdefault(target.indicator, {})[target.subject] = per_cent
        return assessment_results(assessment, scores, attainments)

    def _block(self, code: str, measure: str, level: str, period: int) -> FigureBlock:
        key = (code, measure, level, period)
        found = self._blocks.get(key)
        if found is None:
            indicator = self._catalogue.indicator[code]
            found = self._blocks[key] = self._figures.block(indicator, period, measure, level, None)
        return found
