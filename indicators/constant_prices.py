"""Constant prices (可比价): base values at the prices of the figure's own period.

A deflator gives price indices, the same period of the year before = 100. A base value times
index/100 is what the base would have cost now, so that current over base is growth of volume.
Rule 16 of docs/statistics.md.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

import numpy as np

from indicators.arrays import Flags
from indicators.catalogue import Catalogue, Indicator
from indicators.items import Deflator, Series
from indicators.periods import format_period
from indicators.register import Register
from indicators.vocabulary import YTD

#: Of one item: factors of its base values, each with the (units,) it is for.
Scales = Sequence[tuple[Fraction, Flags]]


def scales_of(
    catalogue: Catalogue,
    register: Register,
    indicator: Indicator,
    window: str,
    period: int,
    placed: int,
) -> Mapping[str, Scales]:
    """Item → factors of its base, for the items whose growth is at constant prices.

    `placed`: the period by whose membership units take their member's series. A unit in no group
    has no price index, and so no base.
    """
    kind = catalogue.table[indicator.table].unit_kind
    return {
        code: _scales(
            catalogue, register, catalogue.deflator[deflator], kind, window, period, placed
        )
        for code, deflator in indicator.constant_prices.items()
    }


def priced(scales: Mapping[str, Scales]) -> Flags | None:
    """(units,) whether every item of the unit has a price index; None where none needs one."""
    if not scales:
        return None
    found: Flags = np.logical_and.reduce(
        [np.logical_or.reduce([units for _, units in groups]) for groups in scales.values()]
    )
    return found


def _scales(
    catalogue: Catalogue,
    register: Register,
    deflator: Deflator,
    kind: str,
    window: str,
    period: int,
    placed: int,
) -> Scales:
    size = register.size(kind)
    if deflator.by is None:
        index = index_of(deflator, window, period)
        return [(_factor(index), np.full(size, index is not None))]
    grouping = catalogue.grouping[deflator.by]
    members = register.membership(kind, grouping, placed)
    groups: dict[Decimal, Flags] = {}
    for at, member in enumerate(grouping.members):
        series = deflator.members.get(member.code)
        index = None if series is None else index_of(series, window, period)
        if index is not None:
            flags = groups.setdefault(index, np.zeros(size, bool))
            flags[members.units[members.starts[at] : members.starts[at + 1]]] = True
    if not groups:
        return [(Fraction(1), np.zeros(size, bool))]
    return [(_factor(index), flags) for index, flags in groups.items()]


def index_of(series: Deflator | Series, window: str, period: int) -> Decimal | None:
    """The index of a period, or of the year to date at it; None where the series has none."""
    known = series.ytd if window == YTD else series.current
    return known.get(format_period(period))


def _factor(index: Decimal | None) -> Fraction:
    return Fraction(1) if index is None else Fraction(index) / 100
