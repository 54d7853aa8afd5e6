"""Appraisal (评价): what a catalogue's policies make of one state's figures.

Pure: figures in, results out. An index is told for the shortest periods of its year in which any
of its components has figures; a component whose figures are of longer periods only stands with the
last one that has ended (the closed year). A target is told where its indicator has figures, an
assessment where its indices are.
"""

from collections.abc import Mapping, Set

import numpy as np

from indicators.catalogue import Catalogue, Indicator
from indicators.effects import figure_periods
from indicators.figure_block import FigureBlock
from indicators.figures import Figures
from indicators.periods import Frequency, containing, frequency_of, period_end, shift, within
from indicators.policies.assessment import BodyResult, assessment_results
from indicators.policies.index import Found, IndexResult, index_result
from indicators.policies.models import Assessment, Index, Target
from indicators.policies.targets import TargetStanding, periods_read, target_standing
from indicators.reasons import WITHOUT_BASE
from indicators.vocabulary import TOTAL

_LENGTHS = (Frequency.MONTH, Frequency.QUARTER, Frequency.YEAR)


def _by_length(frequency: Frequency) -> int:
    return _LENGTHS.index(frequency)


#: Table → periods that have figures.
Opened = Mapping[str, Set[int]]


def component_period(indicator: Indicator, own: Frequency, period: int) -> int:
    """The period whose figure stands for the indicator at an index's period.

    The period itself where the indicator has such figures; else the last longer one that has ended;
    else the last shorter one in it. `own`: the frequency of the indicator's table.
    """
    has = sorted({own, *indicator.also}, key=_by_length)
    frequency = frequency_of(period)
    if frequency in has:
        return period
    longer = [one for one in has if frequency.finer(one)]
    if not longer:
        return within(period, has[-1])[-1]
    around = containing(period, longer[0])
    return around if period_end(around) <= period_end(period) else shift(around, -1)


class Appraisal:
    """Results of one state; each figure is asked for once while the state lasts."""

    def __init__(self, catalogue: Catalogue, figures: Figures, opened: Opened) -> None:
        self._catalogue = catalogue
        self._figures = figures
        self._opened = opened
        self._blocks: dict[tuple[str, str, str, int], FigureBlock] = {}

    def index_periods(self, index: Index) -> set[int]:
        """Periods for which the index is told."""
        periods = set().union(
            *(self._periods(one.indicator, index.year) for one in index.components)
        )
        if not periods:
            return set()
        shortest = min({frequency_of(one) for one in periods}, key=_by_length)
        return {one for one in periods if frequency_of(one) is shortest}

    def target_periods(self, target: Target) -> set[int]:
        """Periods at which the target's standing is told."""
        return self._periods(target.indicator, target.year)

    def assessment_periods(self, assessment: Assessment) -> set[int]:
        """Periods at which the assessment is told: those of its indices, else of its targets."""
        told = [self.index_periods(index) for index in self.indices_of(assessment)]
        if not told:
            told = [self.target_periods(target) for target in self.targets_of(assessment)]
        return set().union(*told)

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

    def figures_read(self) -> dict[str, set[int]]:
        """Indicator → periods of the figures that policies read, opened or not."""
        read: dict[str, set[int]] = {}
        for index in self._catalogue.indices:
            for component in index.components:
                at = {self._stands(component.indicator, one) for one in self.index_periods(index)}
                read[component.indicator] = read.get(component.indicator, set()) | at
        for target in self._catalogue.targets:
            for period in self.target_periods(target):
                known = read.setdefault(target.indicator, set())
                known |= periods_read(target, period)
        return read

    def index(self, index: Index, period: int) -> IndexResult:
        """The index of its subjects."""
        found, periods = [], []
        subjects: list[str] = []
        for component in index.components:
            at = self._stands(component.indicator, period)
            block = self._block(component.indicator, component.measure, index.level, at)
            chosen = [
                place
                for place, code in enumerate(block.subjects)
                if code in index.members or (not index.members and code != TOTAL)
            ]
            subjects = [block.subjects[place] for place in chosen]
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
        for index in self.indices_of(assessment):
            result = self.index(index, period)
            told = zip(result.subjects, result.score.tolist(), strict=True)
            scores[index.code] = {code: score for code, score in told if not np.isnan(score)}
        attainments: dict[str, dict[str, float | None]] = {}
        for target in self.targets_of(assessment):
            attainment = None
            if period in self.target_periods(target):
                attainment = self.target(target, period).attainment
            per_cent = None if attainment is None else attainment * 100
            attainments.setdefault(target.indicator, {})[target.subject] = per_cent
        return assessment_results(assessment, scores, attainments)

    def _stands(self, code: str, period: int) -> int:
        indicator = self._catalogue.indicator[code]
        own = self._catalogue.table[indicator.table].frequency
        return component_period(indicator, own, period)

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
