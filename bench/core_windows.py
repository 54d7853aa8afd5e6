"""Windows and bases of an item as Polars columns over months side by side.

Rules 5, 6, 9 and 13 of docs/statistics.md for a table of months, written anew: nothing of
`indicators.windows` is used, so that equal figures mean something.
"""

from functools import reduce

import polars as pl

from indicators.items import Item, ItemKind
from indicators.periods import rolling, shift, year_before, year_to_date
from indicators.vocabulary import ROLLING, YTD

#: Name of the column that says who is on the list.
SCOPE = "scope"


def column(code: str, period: int) -> str:
    """Name of a column of one month."""
    return f"{code}@{period}"


def over_window(item: Item, window: str, period: int) -> pl.Expr:
    """Rules 5, 6 and 9: the value over the window; null where a listed month lacks."""
    if _one_value(item, window, period):
        return pl.col(column(item.code, period))
    if not window:
        return _current(item, period)
    return _summed([(one, _current(item, one)) for one in _months_of(window, period)])


def base_over(item: Item, window: str, period: int) -> pl.Expr:
    """Rule 13: over the very months that the window sums, each one's value a year before."""
    if _one_value(item, window, period):
        return pl.col(column(item.code, year_before(period)))
    if not window:
        return _current(item, year_before(period))
    months = _months_of(window, period)
    return _summed([(one, _current(item, year_before(one))) for one in months])


def _one_value(item: Item, window: str, period: int) -> bool:
    """Whether a cell is the whole window: a stock's, or what the year to date was reported as."""
    if item.kind is not ItemKind.FLOW:
        return True
    whole_year = window == ROLLING and period % 100 == 12
    return item.reported == "year_to_date" and (window == YTD or whole_year)


def _months_of(window: str, period: int) -> list[int]:
    return year_to_date(period) if window == YTD else rolling(period)


def _summed(parts: list[tuple[int, pl.Expr]]) -> pl.Expr:
    """The sum over the months in which the unit is listed; the last must be there."""
    counted = [pl.when(column(SCOPE, one)).then(value).otherwise(0) for one, value in parts]
    total = reduce(lambda left, right: left + right, counted)
    return pl.when(parts[-1][1].is_not_null()).then(total)


def _current(item: Item, period: int) -> pl.Expr:
    """A flow of the month; of one reported year-to-date, the difference."""
    told = pl.col(column(item.code, period))
    if item.reported == "current" or period % 100 == 1:
        return told
    return told - pl.col(column(item.code, shift(period, -1)))
