"""A figure that is not named as touched by a change does not change."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.catalogue import Catalogue
from indicators.effects import touched_figures
from indicators.figure_block import FigureBlock
from indicators.figures import Figures
from indicators.periods import shift
from indicators.register import Register
from tests.indicators.cities import GivenCells, NoCalendar, catalogue, name, register, unit

FIRST = 202401
MONTHS = [shift(FIRST, step) for step in range(30)]
UNITS = 3
ITEMS = ("t", "tp", "cum", "tax", "land")
Cell = tuple[int, str, int]  # month, item, unit


def mixed() -> Catalogue:
    """Items reported for the month and year-to-date, in one formula as well as alone."""
    base = catalogue()
    cum = {"id": 5, "code": "cum", "name": name("累计产值"), "unit": "万元", "decimals": 4,
           "kind": "flow", "reported": "year_to_date"}  # fmt: skip
    table = base.tables[0].model_dump() | {"items": [*ITEMS], "mandatory": ["t"]}
    growth = ["current", "ytd", "rolling12", "yoy_same", "yoy_matched", "yoy_nominal", "mom",
              "ytd_yoy_same", "ytd_yoy_matched", "rolling12_yoy_same"]  # fmt: skip
    output = base.indicators[0].model_dump() | {"measures": growth}
    cumulative = output | {"id": 3, "code": "cumulative", "numerator": {"cum": 1}}
    both = output | {"id": 4, "code": "both", "numerator": {"t": 1}, "denominator": {"cum": 1},
                     "measures": ["current", "ytd", "rolling12"]}  # fmt: skip
    kept = output | {"id": 5, "code": "kept", "exits": "keep_base"}
    return catalogue(
        items=[*(item.model_dump() for item in base.items), cum],
        tables=[table],
        indicators=[output, base.indicators[1].model_dump(), cumulative, both, kept],
    )


CATALOGUE = mixed()


def moving() -> Register:
    """A stays; B is listed late; C leaves, and changes its district before."""
    rows = [
        unit("A", "X"), unit("B", "X", listed_from="2025-02-01"),
        unit("C", "Y", listed_to="2026-02-01"),
    ]  # fmt: skip
    return register(*rows)


REGISTER = moving()


def all_blocks(cells: GivenCells, touched: dict[int, Any] | None) -> Iterator[FigureBlock]:
    """Every figure; with `touched`, only the blocks of the periods named as touched."""
    figures = Figures(CATALOGUE, REGISTER, cells, NoCalendar())
    for indicator in CATALOGUE.indicators:
        for measure in indicator.measures:
            named = None
            if touched is not None:
                named = touched_figures(CATALOGUE, indicator, measure, {"T": touched}, set(MONTHS))
            for period in MONTHS:
                if named is None:
                    yield from figures.of(indicator, period, measure, None)
                elif period in named:
                    yield from figures.of(indicator, period, measure, named[period])


def values(blocks: Iterator[FigureBlock]) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    return {
        (block.indicator.code, block.period, block.measure, block.level, subject): (
            int(block.numerator[at]), int(block.denominator[at]), int(block.units[at]),
            block.reason[at],
        )
        for block in blocks
        for at, subject in enumerate(block.subjects)
        if block.emit[at]
    }  # fmt: skip


def given_cells(filled: dict[Cell, int]) -> GivenCells:
    table: dict[int, dict[str, list[float | None]]] = {}
    for (month, item, at), value in filled.items():
        row = table.setdefault(month, {code: [None] * UNITS for code in ITEMS})
        row[item][at] = value
    return GivenCells(table, UNITS)


CELLS = st.tuples(st.sampled_from(MONTHS), st.sampled_from(ITEMS), st.integers(0, UNITS - 1))


@settings(max_examples=25, deadline=None)
@given(
    absent=st.sets(CELLS, max_size=40),
    changed=CELLS,
    value=st.one_of(st.none(), st.integers(-50, 50)),
)
def test_every_figure_that_changes_is_named_as_touched(
    absent: set[Cell], changed: Cell, value: int | None
) -> None:
    everywhere = [(m, item, at) for m in MONTHS for item in ITEMS for at in range(UNITS)]
    before = {
        cell: 100 + sum(map(ord, repr(cell))) % 37 for cell in everywhere if cell not in absent
    }
    after = {cell: number for cell, number in before.items() if cell != changed}
    if value is not None:
        after[changed] = value
    flags = np.zeros(UNITS, bool)
    flags[changed[2]] = True
    old, new = (
        values(all_blocks(given_cells(before), None)),
        values(all_blocks(given_cells(after), None)),
    )
    named = values(all_blocks(given_cells(after), {changed[0]: flags}))
    moved = {key for key, figure in new.items() if old[key] != figure}
    assert moved <= named.keys()
    assert all(named[key] == new[key] for key in named)
