"""Whether the core and Polars made the same figures: integers exactly, values to 1e-12."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import polars as pl

from bench.core_polars import Side, sides
from indicators.amounts import SIDE_SCALE, Exact, combine
from indicators.arrays import Counts, Ratios
from indicators.catalogue import Indicator
from indicators.figure_block import FigureBlock
from indicators.places import Level
from indicators.rates import rounded_ratio
from indicators.vocabulary import CONTRIBUTION, SHARE, split_measure

_TOLERANCE = 1e-12
#: indicator, measure, level
Key = tuple[str, str, Level]


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """What of a block is compared, (subjects,) each."""

    numerator: Exact
    denominator: Exact
    value: Ratios
    units: Counts
    expected: Counts


def kept(block: FigureBlock) -> tuple[Key, Kept]:
    """The block's figures without what is said beside them."""
    level = (block.level, block.by_level) if block.by_level else block.level
    return (block.indicator.code, block.measure, level), Kept(
        block.numerator, block.denominator, block.value, block.units, block.expected
    )


def differences(
    ours: Mapping[Key, Kept], theirs: Iterable[tuple[list[Indicator], Level, pl.DataFrame]]
) -> Iterator[str]:
    """What differs between one month's blocks of the core and the frames of Polars."""
    left = set(ours)
    for indicators, level, frame in theirs:
        for indicator in indicators:
            for measure in indicator.measures:
                key = (indicator.code, measure, level)
                left.discard(key)
                found = _differing(indicator, measure, ours[key], frame)
                yield from (f"{key}: {name}" for name in found)
    yield from (f"{key}: not made by Polars" for key in left)


def _differing(
    indicator: Indicator, measure: str, ours: Kept, frame: pl.DataFrame
) -> Iterator[str]:
    current, base = sides(indicator, measure)
    kind = split_measure(measure)[1]
    dense = _Dense(frame, len(ours.units))
    if not np.array_equal(ours.expected, dense.column("expected")):
        yield "expected"
    if not np.array_equal(ours.units, dense.column(current.units)):
        yield "units"
    value = dense.column(f"{indicator.code}|{measure}")
    if not np.allclose(ours.value, value, rtol=_TOLERANCE, atol=_TOLERANCE, equal_nan=True):
        yield "value"
    numerator, denominator = _pair(indicator, kind, dense, current, base)
    if not np.array_equal(ours.numerator, numerator):
        yield "numerator"
    # The whole that a part is divided by is not among a level's own sums; its value is compared.
    if denominator is not None and not np.array_equal(ours.denominator, denominator):
        yield "denominator"


def _pair(
    indicator: Indicator, kind: str, dense: "_Dense", current: Side, base: Side | None
) -> tuple[Exact, Exact | None]:
    """Numerator and denominator in 10^-10 from the sums of Polars."""
    above = dense.formula(indicator.numerator, current)
    if base is None:
        if kind == SHARE:
            return above, None
        if indicator.is_ratio:
            return above, dense.formula(indicator.denominator, current)
        return above, np.full(len(above), SIDE_SCALE, np.int64)
    above_base = dense.formula(indicator.numerator, base)
    if kind == CONTRIBUTION:
        return above - above_base, None
    if not indicator.is_ratio:
        return above, above_base
    return (
        rounded_ratio(above, dense.formula(indicator.denominator, current)),
        rounded_ratio(above_base, dense.formula(indicator.denominator, base)),
    )


@dataclass(frozen=True, slots=True)
class _Dense:
    """Columns of a frame by subject number; a subject that the frame lacks has zeros."""

    frame: pl.DataFrame
    subjects: int

    def column(self, name: str) -> Exact:
        values = self.frame[name]
        if values.dtype.is_float():
            found = np.full(self.subjects, np.nan)
            values = values.fill_null(np.nan)
        else:
            found = np.zeros(self.subjects, np.int64)
        found[self.frame["subject"].to_numpy()] = values.to_numpy()
        return found

    def formula(self, factors: Mapping[str, Fraction], side: Side) -> Exact:
        return combine({code: self.column(name) for code, name in side.items.items()}, factors)
