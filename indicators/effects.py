"""Which figures a change of observations can alter: the reverse of windows, growth and formulas.

Pure, and deliberately wide: a figure named here may turn out the same; one not named cannot change.
"""

from collections.abc import Iterable, Mapping, Set

from indicators.arrays import Flags
from indicators.catalogue import Catalogue, Indicator, Table
from indicators.items import Item, ItemKind
from indicators.periods import (
    Frequency,
    containing,
    frequency_of,
    period_end,
    shift,
    within,
    year_length,
)
from indicators.vocabulary import (
    CONTRIBUTIONS,
    CURRENT,
    MATCHED,
    MONTH,
    NOMINAL,
    SAME,
    TWO_YEAR,
    YTD,
    split_measure,
)

#: Years before its period that a kind of measure reads.
_YEARS = {SAME: 1, MATCHED: 1, NOMINAL: 1, TWO_YEAR: 2, **dict.fromkeys(CONTRIBUTIONS, 1)}


#: How a change of the own table's list enters its figures: as a value of the period does.
_LISTED = (False, False)


def affected_periods(measure: str, period: int, *, cumulative: bool) -> set[int]:
    """Periods whose figures by this measure can change when the period's observations do.

    cumulative: the items are reported year-to-date, so a month also enters the month after it.
    """
    window, kind = split_measure(measure)
    reached = _windows_holding(window, period, cumulative=cumulative)
    for _ in range(_YEARS.get(kind, 0)):
        reached |= {later + 100 for later in reached}
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


def figure_periods(indicator: Indicator, opened: Set[int]) -> set[int]:
    """Periods of the indicator's figures: those opened of its table, and the longer ones asked for.

    A longer period is opened with the first of its table's periods in it.
    """
    longer = {containing(period, frequency) for frequency in indicator.also for period in opened}
    return set(opened) | longer


def touched_figures(
    catalogue: Catalogue,
    indicator: Indicator,
    measure: str,
    touched: Mapping[str, Mapping[int, Flags]],
    periods: Set[int],
) -> dict[int, Flags]:
    """Period → (units,) units touched, for those of `periods` whose figures can change.

    `touched`: table → period of the observations → (units,) flags.
    """
    reached: dict[int, Flags] = {}
    feeding = [one for one in feeding_tables(catalogue, indicator) if touched.get(one.code)]
    frequencies = {frequency_of(period) for period in periods} if feeding else set()
    for table in feeding:
        ways = {_way(catalogue.item[code]) for code in _read_from(catalogue, indicator, table)}
        if table.code == indicator.table:
            ways.add(_LISTED)
        for period, flags in touched[table.code].items():
            affected = [
                _reading(measure, period, way, frequency, periods)
                for way in ways
                for frequency in frequencies
            ]
            for later in set().union(*affected) & periods:
                reached[later] = reached[later] | flags if later in reached else flags
    return reached


def _reading(
    measure: str, period: int, way: tuple[bool, bool], frequency: Frequency, periods: Set[int]
) -> set[int]:
    """Figure periods of one frequency that read the period's observations of one way."""
    cumulative, holds = way
    if frequency.finer(frequency_of(period)):
        if not holds:
            return set()
        end = period_end(period)
        return {later for later in periods if period_end(later) >= end}
    return affected_periods(measure, containing(period, frequency), cumulative=cumulative)


def _way(item: Item) -> tuple[bool, bool]:
    """(whether the item is reported year-to-date, whether its value holds until replaced)."""
    return item.reported == "year_to_date", item.kind is ItemKind.STOCK


def items_behind(catalogue: Catalogue, indicator: Indicator) -> set[str]:
    """Codes of the items whose observations enter the indicator or are told beside it."""
    own: set[str] = set()
    for code in indicator.items:
        derived = catalogue.derived_value.get(code)
        own.update([code] if derived is None else derived.items)
    beside = {
        code
        for item in (catalogue.item[code] for code in own)
        for code in (item.prior, item.month_item)
        if code is not None
    }
    return own | beside


def feeding_tables(catalogue: Catalogue, indicator: Indicator) -> list[Table]:
    """The indicator's own table, and the others that it reads items from."""
    own = catalogue.table[indicator.table]
    codes = {
        table
        for item in items_behind(catalogue, indicator) - set(own.items)
        for table in catalogue.tables_with.get((own.unit_kind, item), ())
    }
    return [own, *(catalogue.table[code] for code in sorted(codes - {own.code}))]


def _read_from(catalogue: Catalogue, indicator: Indicator, table: Table) -> set[str]:
    behind = items_behind(catalogue, indicator) & set(table.items)
    if table.code == indicator.table:
        return behind
    return behind - set(catalogue.table[indicator.table].items)


def reach(
    table: Table, measures: Iterable[str], periods: Iterable[int], known: Set[int]
) -> set[int]:
    """Periods of the table, among those known, that figures at these periods may read."""
    needed: set[int] = set()
    for period in _figure_reach(measures, periods):
        if frequency_of(period).finer(table.frequency):
            return set(known)
        needed.update(within(period, table.frequency))
    return needed & known


def list_periods(indicator: Indicator, frequency: Frequency, periods: Iterable[int]) -> set[int]:
    """Periods by whose list and memberships figures at these periods are made.

    `frequency`: of a table that they read; its periods within theirs are asked too.
    """
    read = _figure_reach(indicator.measures, periods)
    return read | {
        part
        for period in read
        if not frequency_of(period).finer(frequency)
        for part in within(period, frequency)
    }


def _figure_reach(measures: Iterable[str], periods: Iterable[int]) -> set[int]:
    """The periods, of the figures' own frequencies, that windows and growth read."""
    years = max((_YEARS.get(split_measure(measure)[1], 0) for measure in measures), default=0)
    read: set[int] = set()
    for period in periods:
        back = (years + 1) * year_length(period)
        read |= {shift(period, -step) for step in range(back + 1)}
    return read
