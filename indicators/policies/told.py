"""When policies are told (评价期), and which figures they then read.

Pure, and no figure is computed for it. An index is told for the shortest periods of its year in
which any of its components has figures; a component whose figures are of longer periods only stands
with the last one that has ended (the closed year). A target is told where its indicator has
figures, an assessment where its indices are.
"""

from collections.abc import Mapping, Sequence, Set

from indicators.catalogue import Catalogue, Indicator
from indicators.effects import figure_periods
from indicators.periods import Frequency, containing, frequency_of, period_end, shift, within
from indicators.policies.models import Assessment, Index, Target
from indicators.policies.targets import periods_read
from indicators.vocabulary import CITY_LEVEL, TOTAL

_LENGTHS = (Frequency.MONTH, Frequency.QUARTER, Frequency.YEAR)
#: Table → periods that have figures.
Opened = Mapping[str, Set[int]]


class PolicyPeriods:
    """Periods and subjects of a catalogue's policies, given the periods opened so far."""

    def __init__(self, catalogue: Catalogue, opened: Opened) -> None:
        self._catalogue = catalogue
        self._opened = opened

    def of_index(self, index: Index) -> set[int]:
        """Periods for which the index is told."""
        periods = set().union(*(self._of(one.indicator, index.year) for one in index.components))
        if not periods:
            return set()
        shortest = min({frequency_of(one) for one in periods}, key=_LENGTHS.index)
        return {one for one in periods if frequency_of(one) is shortest}

    def of_target(self, target: Target) -> set[int]:
        """Periods at which the target's standing is told."""
        return self._of(target.indicator, target.year)

    def of_assessment(self, assessment: Assessment) -> set[int]:
        """Periods at which the assessment is told: those of its indices, else of its targets."""
        told = [self.of_index(index) for index in self.indices_of(assessment)]
        if not told:
            told = [self.of_target(target) for target in self.targets_of(assessment)]
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

    def subjects(self, index: Index) -> Sequence[str]:
        """Codes of the subjects that the index is of."""
        if index.level == CITY_LEVEL:
            codes: Sequence[str] = [self._catalogue.city.code]
        else:
            codes = self._catalogue.grouping[index.level].subjects
        if index.members:
            return [code for code in codes if code in index.members]
        return [code for code in codes if code != TOTAL]

    def stands(self, code: str, period: int) -> int:
        """The period whose figure stands for the indicator at an index's period.

        The period itself where the indicator has such figures; else the last longer one that has
        ended; else the last shorter one in it.
        """
        indicator = self._catalogue.indicator[code]
        has = sorted({self._frequency(indicator), *indicator.also}, key=_LENGTHS.index)
        frequency = frequency_of(period)
        if frequency in has:
            return period
        longer = [one for one in has if frequency.finer(one)]
        if not longer:
            return within(period, has[-1])[-1]
        around = containing(period, longer[0])
        return around if period_end(around) <= period_end(period) else shift(around, -1)

    def figures_read(self) -> dict[str, set[int]]:
        """Indicator → periods of the figures that policies read, opened or not."""
        read: dict[str, set[int]] = {}
        for index in self._catalogue.indices:
            for component in index.components:
                at = {self.stands(component.indicator, one) for one in self.of_index(index)}
                read.setdefault(component.indicator, set()).update(at)
        for target in self._catalogue.targets:
            for period in self.of_target(target):
                read.setdefault(target.indicator, set()).update(periods_read(target, period))
        return read

    def _frequency(self, indicator: Indicator) -> Frequency:
        return self._catalogue.table[indicator.table].frequency

    def _of(self, code: str, year: int) -> set[int]:
        indicator = self._catalogue.indicator[code]
        opened = self._opened.get(indicator.table, set())
        return {one for one in figure_periods(indicator, opened) if one // 100 == year}
