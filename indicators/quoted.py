"""Figures quoted from elsewhere (公布数, 核定数, …): what a unit of the table says, as it is."""

import numpy as np

from indicators.amounts import SIDE_SCALE, quotient, times
from indicators.catalogue import Catalogue, Indicator, Quoted
from indicators.cells import Cells
from indicators.figure_block import FigureBlock
from indicators.places import Places
from indicators.reasons import NOT_QUOTED
from indicators.register import Register


def quoted_block(
    catalogue: Catalogue,
    places: Places,
    register: Register,
    cells: Cells,
    indicator: Indicator,
    quote: Quoted,
    period: int,
) -> FigureBlock:
    """The quote's figures, one a subject whose code is a unit's, with its table's standing."""
    table = catalogue.table[quote.table]
    value, has = cells.values(quote.table, quote.item, period)
    position = {code: at for at, code in enumerate(register.codes(table.unit_kind))}
    subjects, by_subjects = places.subjects(quote.level)
    at = np.array([position.get(code, -1) for code in subjects], np.int64)
    known = at >= 0
    there = known & has[at] if len(has) else np.zeros(len(subjects), bool)
    numerator = times(np.where(there, value[at] if len(has) else 0, 0), SIDE_SCALE // 10**4)
    whole = np.full(len(subjects), SIDE_SCALE, np.int64)
    return FigureBlock(
        indicator=indicator,
        period=period,
        measure="current",
        standing=table.standing,
        level=quote.level,
        by_level="",
        subjects=subjects,
        by_subjects=by_subjects,
        numerator=numerator,
        denominator=whole,
        value=quotient(numerator, whole, there),
        units=there.astype(np.int64),
        expected=there.astype(np.int64),
        reason=["" if found else NOT_QUOTED for found in there],
        provisional=np.zeros(len(subjects), bool),
        # A quote that is withdrawn must say so, or the old one would stand for ever.
        emit=known,
    )
