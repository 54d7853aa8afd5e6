"""Which figures a change of observations can alter: the reverse of windows and growth.

Pure, and deliberately wide: a figure named here may turn out the same; one not named cannot change.
"""

from collections.abc import Iterable, Mapping

from indicators.arrays import Flags
from indicators.catalogue import Catalogue, Indicator
from indicators.periods import Frequency, frequency_of, shift, year_length
from indicators.vocabulary import CONTRIBUTION, MATCHED, MONTH, NOMINAL, SAME, split_measure
from indicators.windows import CURRENT, YTD

_YEARLY = (SAME, MATCHED, NOMINAL, CONTRIBUTION)


def affected_periods(measure: str, period: int, *, cumulative: bool) -> set[int]:
    """Periods whose figures by this measure can change when the period's observations do.

    cumulative: the items are reported year-to-date, so a month also enters the month after it.
    """
    window, kind = split_measure(measure)
    reached = _windows_holding(window, period, cumulative=cumulative)
    if kind in _YEARLY:
        return reached | {later + 100 for later in reached}
    if kind == MONTH:
        return reached | {shift(later, 1) for later in reached}
    return reached


def _windows_holding(window: str, period: int, *, cumulative: bool) -> set[int]:
    frequency = frequency_of(period)
    if frequency is Frequency.YEAR:
        return {period}
    length = year_length(period)
    if window == CURRENT:
        return {period, shift(period, 1)} if cumulative else {period}
    if window == YTD:
        left = length - (period % 100 - (20 if frequency is Frequency.QUARTER else 0))
        return {period} if cumulative else {shift(period, step) for step in range(left + 1)}
    return {shift(period, step) for step in range(length + (1 if cumulative else 0))}


def touched_figures(
    catalogue: Catalogue, indicator: Indicator, measure: str, touched: Mapping[int, Flags]
) -> dict[int, Flags]:
    """period → units touched, for every period whose figures can change.

    `touched`: period of the observations → (units,) flags.
    """
    ways = {
        catalogue.item[code].reported != "current" for code in items_behind(catalogue, indicator)
    }
    reached: dict[int, Flags] = {}
    for period, flags in touched.items():
        affected = (affected_periods(measure, period, cumulative=way) for way in ways)
        for later in set().union(*affected):
            reached[later] = reached[later] | flags if later in reached else flags
    return reached


def items_behind(catalogue: Catalogue, indicator: Indicator) -> set[str]:
    """Codes of the items whose observations enter the indicator, reported 上年同期 included."""
    own = set(indicator.items)
    return own | {prior for code in own if (prior := catalogue.item[code].prior)}


def reach(periods: Iterable[int]) -> set[int]:
    """Every period that figures at these periods may read: two years back for months."""
    needed: set[int] = set()
    for period in periods:
        if frequency_of(period) is Frequency.YEAR:
            needed |= {period, period - 100}
        else:
            needed |= {shift(period, -step) for step in range(25)}
    return needed
