"""Every figure of the zones' catalogue is traced to its sample's rows."""

from collections.abc import Iterator

import pytest

from catalog.loader import load
from catalog.register import read_register
from dashboards.console.factors import factors_of
from dashboards.console.held_cells import HeldCells
from dashboards.console.sides import FigureSides
from indicators.amounts import SIDE_SCALE
from indicators.catalogue import Catalogue, Indicator
from indicators.effects import feeding_tables
from indicators.figure_block import FigureBlock
from indicators.figures import Figures
from indicators.periods import containing, frequency_of
from indicators.register import Register
from indicators.vocabulary import split_measure
from tests.catalog.test_zones import ZONES, NoCalendar, SampleCells, newest
from tests.dashboards.test_sides import subjects

CITY: Catalogue = load(ZONES)


@pytest.fixture(scope="module")
def units() -> Register:
    rows = read_register(ZONES, CITY)
    known = sorted({(row.kind, row.code) for row in rows})
    found = Register()
    found.apply(rows, [known.index((row.kind, row.code)) + 1 for row in rows])
    return found


@pytest.fixture(scope="module")
def cells(units: Register) -> SampleCells:
    return SampleCells(CITY, units)


def blocks(figures: Figures, one: Indicator) -> Iterator[FigureBlock]:
    """Of the newest period, and of the longer ones that it is in."""
    period = newest(CITY, one.code)
    for at in (period, *(containing(period, longer) for longer in one.also)):
        for measure in one.measures:
            yield from figures.of(one, at, measure, None)


@pytest.mark.parametrize("one", CITY.indicators, ids=lambda one: one.code)
def test_its_rows_add_up_to_it(one: Indicator, units: Register, cells: SampleCells) -> None:
    figures = Figures(CITY, units, cells, NoCalendar())
    feeding = feeding_tables(CITY, one)
    for block in blocks(figures, one):
        frequency = frequency_of(block.period)
        slower = {
            table.code: frozenset(cells.periods(table.code))
            for table in feeding
            if frequency.finer(table.frequency)
        }
        asked_of = list(subjects(block))
        # The first member, and the last: of members that overlap their total.
        for at, asked in (asked_of[0], asked_of[-1]):
            sides = FigureSides(CITY, units, one, asked)
            held = HeldCells(
                {slot: cells.values(*slot) for slot in sides.slots(slower)}, sides.size, slower
            )
            above, below = sides.of_sums(factors_of(sides, held).sums(held))
            if split_measure(block.measure)[1] == "" and not one.is_ratio:
                below = SIDE_SCALE
            assert (above, below) == (int(block.numerator[at]), int(block.denominator[at])), asked
