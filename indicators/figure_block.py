"""A block of figures (指标数值): one indicator, period, measure and level over all its subjects."""

from collections.abc import Sequence
from dataclasses import dataclass

from indicators.amounts import Exact
from indicators.arrays import Counts, Flags, Ratios
from indicators.catalogue import Indicator
from indicators.modelling import Standing


@dataclass(frozen=True, slots=True, eq=False)
class FigureBlock:
    """Figures of one indicator, period, measure and level; vectors are (subjects,).

    numerator and denominator in 10^-10 (a plain sum has denominator 1); value is
    NaN where there is none, and then `reason` says why. `emit` marks the subjects that the change
    at hand touched; the remarks in `reason` are only there for these.
    """

    indicator: Indicator
    period: int
    measure: str
    standing: Standing
    level: str
    by_level: str
    subjects: Sequence[str]
    by_subjects: Sequence[str]
    numerator: Exact
    denominator: Exact
    value: Ratios
    units: Counts
    expected: Counts
    reason: list[str]
    provisional: Flags
    emit: Flags
