"""From a figure back to the rows it was made of: every number on the page can be followed.

The rows that count, and how, are asked of the statistical core (`sides`), so that the sheet's sums
are the figure's numerator and denominator. Where they are not, the sheet says so.
"""

from collections.abc import Iterable
from decimal import Context, Decimal
from typing import Any, Final

import numpy as np

from dashboards.console import in_force
from dashboards.console.errors import UnknownIndicatorError
from dashboards.console.evidence import (
    factor_text,
    held,
    known_periods,
    order_of,
    quoted_rows,
    read_observed,
    registered,
    told,
)
from dashboards.console.factors import Factors, factors_of
from dashboards.console.figures import values
from dashboards.console.held_cells import HeldCells
from dashboards.console.sides import DENOMINATOR, NUMERATOR, SIDES, Asked, FigureSides
from dashboards.console.store import Row, Store
from indicators.amounts import SIDE_SCALE
from indicators.catalogue import Catalogue, Indicator, Quoted
from indicators.periods import format_period
from indicators.vocabulary import CITY_LEVEL, PARTS, TOTAL, UNIT_LEVEL, split_measure

_VALUE_SCALE: Final = 10**4
#: A side has up to 38 digits, more than Python's decimals keep by themselves.
_WIDE: Final = Context(prec=60)


def behind(
    store: Store, city: str, code: str, asked: Asked, *, standing: str, limit: int
) -> dict[str, Any]:
    """The observations behind one figure: {rows, total, sums, numerator, denominator, figure,
    agrees}.

    rows: v_observation with the unit's name, `counted`, the factors by which it enters each of
    `SIDES` ('' where it does not), `counts` (by which the unit counts as one), and `why` it does
    not count; units counted by the register alone are rows too, of the status `registered`. At most
    `limit`, those that count first, the newest and largest first. total: how many there are. sums:
    [{into, item, name, period, factor, units, value}], exact; `name` of a derived value that counts
    units, '' for an item. numerator, denominator: what the sums add up to, of the growth of a ratio
    the two ratios. figure: the row of v_indicator, or None. agrees: whether both are its own; None
    without one.
    `standing` '' is that of the indicator's own table.

    Raises:
        UnknownIndicatorError: the catalogue in force has no such indicator.
    """
    catalogue = in_force.catalogue(store, city)
    indicator = catalogue.indicator.get(code)
    if indicator is None:
        raise UnknownIndicatorError(f"{city} has no indicator {code!r}.", indicator=code)
    own = catalogue.table[indicator.table].standing.value
    figure = _figure(store, city, code, asked, standing or own)
    quotes = [
        quote
        for quote in indicator.quoted
        if quote.level == asked.level and catalogue.table[quote.table].standing == standing != own
    ]
    if quotes:
        sheet = _quoted(store, city, catalogue, quotes[0], asked)
    else:
        sheet = _computed(store, city, catalogue, indicator, asked, limit)
    agrees = None
    if figure is not None:
        agrees = all(figure[side] == sheet[side] for side in (NUMERATOR, DENOMINATOR))
    return {**sheet, "figure": figure, "agrees": agrees}


def _figure(store: Store, city: str, code: str, asked: Asked, standing: str) -> Row | None:
    found = values(
        store, city, code, levels=[asked.level], subjects=[asked.subject] if asked.subject else [],
        by_level=asked.by_level, by_subject=asked.by_subject,
        periods=[format_period(asked.period)], measures=[asked.measure], standing=standing, limit=1,
    )  # fmt: skip
    return found[0] if found else None


def _computed(
    store: Store, city: str, catalogue: Catalogue, indicator: Indicator, asked: Asked, limit: int
) -> dict[str, Any]:
    """The sheet of a figure that is made of observations."""
    kind = split_measure(asked.measure)[1]
    within = None
    whole = asked.subject == TOTAL or kind in PARTS
    if asked.level not in (CITY_LEVEL, UNIT_LEVEL) and not whole:
        within = (asked.level, asked.subject)
    prices = [catalogue.deflator[code].by for code in indicator.constant_prices.values()]
    levels = dict.fromkeys((asked.level, asked.by_level, *prices))
    groupings = [level for level in levels if level in catalogue.grouping]
    unit_kind = catalogue.table[indicator.table].unit_kind
    register = in_force.register(store, city, unit_kind, groupings, within)
    sides = FigureSides(catalogue, register, indicator, asked)
    known = known_periods(store, city, sides)
    seen = read_observed(store, city, sides, known)
    cells = held(seen, sides.size, known)
    factors = factors_of(sides, cells)
    above, below = (
        _WIDE.divide(Decimal(side), Decimal(SIDE_SCALE))
        for side in sides.of_sums(factors.sums(cells))
    )
    if kind == "" and not indicator.is_ratio:
        below = Decimal(1)
    chosen = order_of(catalogue, seen, factors)
    rows = told(store, city, sides, cells, seen, factors, chosen[:limit])
    more, counted = registered(sides, factors, limit - len(rows))
    return {
        "rows": [*rows, *more],
        "total": len(chosen) + counted,
        "sums": [*_sums(cells, factors), *_counted(catalogue, factors)],
        NUMERATOR: above,
        DENOMINATOR: below,
    }


def _quoted(
    store: Store, city: str, catalogue: Catalogue, quote: Quoted, asked: Asked
) -> dict[str, Any]:
    """The sheet of a figure that was entered from elsewhere: the row it was entered by."""
    rows = quoted_rows(store, city, catalogue, quote, asked)
    sums = [
        {
            "into": NUMERATOR,
            "item": row["item"],
            "name": "",
            "period": row["period"],
            "factor": "1",
            "units": 1,
            "value": row["value"],
        }
        for row in rows
        if row["counted"]
    ]
    return {
        "rows": rows,
        "total": len(rows),
        "sums": sums,
        NUMERATOR: _total(sums, NUMERATOR),
        DENOMINATOR: Decimal(1),
    }


def _sums(cells: HeldCells, factors: Factors) -> Iterable[Row]:
    """One entry for every item, period, table and factor, so that a reader can add by hand."""
    for slot in sorted(factors.linear, key=lambda slot: (slot[2], slot[1], slot[0])):
        by_side = factors.linear[slot]
        for side in (one for one in SIDES if one in by_side):
            factor = by_side[side]
            for one in sorted(set(np.unique(factor).tolist()) - {0}, reverse=True):
                amounts = cells.slots[slot][0][factor == one]
                yield {
                    "into": side,
                    "item": slot[1],
                    "name": "",
                    "period": format_period(slot[2]),
                    "factor": factor_text(one),
                    "units": len(amounts),
                    "value": _WIDE.divide(Decimal(sum(amounts.tolist())), Decimal(_VALUE_SCALE)),
                }


def _counted(catalogue: Catalogue, factors: Factors) -> Iterable[Row]:
    """Units that are counted: as many as the value says."""
    for count in factors.counts:
        for one in sorted(set(np.unique(count.factor).tolist()) - {0}, reverse=True):
            units = int((count.factor == one).sum())
            yield {
                "into": count.into,
                "item": count.code,
                "name": catalogue.derived_value[count.code].name.zh,
                "period": format_period(count.period),
                "factor": factor_text(one),
                "units": units,
                "value": Decimal(units),
            }


def _total(sums: Iterable[Row], side: str) -> Decimal:
    """Exact: values have 4 decimals and factors 6, as many together as a side holds."""
    total = Decimal(0)
    for one in sums:
        if one["into"] == side:
            total = _WIDE.fma(one["value"], Decimal(one["factor"]), total)
    return total
