"""Consequences of a change: the figures and completeness counts it can alter, as rows to store."""

from collections.abc import Mapping, Set
from dataclasses import dataclass

from indicators.arrays import Flags
from indicators.catalogue import Catalogue, Indicator, Table
from indicators.completeness import completeness_blocks
from indicators.effects import items_behind, reach, touched_figures
from indicators.figures import FigureBlock, Figures
from indicators.periods import shift
from stream.rows import Rows, add_completeness, add_figures
from stream.state import CityState


@dataclass(frozen=True, slots=True)
class Choice:
    """Which consequences to write.

    items: only of indicators that read one of these; indicators: only of these; every_subject: all
    subjects, not only those touched; only_here: figures of the touched periods alone (their
    standing changed, not their values); fresh: periods that have figures only from now on, so that
    every subject gets one, those without any unit included.
    """

    items: Set[str] | None = None
    indicators: Set[str] | None = None
    every_subject: bool = False
    only_here: bool = False
    fresh: Set[int] = frozenset()


EVERYTHING = Choice()


class Consequences:
    """Computes with one state of the city and writes under one log record."""

    def __init__(self, state: CityState, rows: Rows, version: int, known_ms: int) -> None:
        self._state = state
        self._rows = rows
        self._version = version
        self._known_ms = known_ms

    def write(
        self,
        touched: Mapping[str, Mapping[int, Flags]],
        choice: Choice = EVERYTHING,
    ) -> None:
        """Add the rows of what the touched observations (table → period → units) can alter."""
        state, catalogue = self._state, self._state.require_catalogue()
        figures = Figures(catalogue, state.register, state.cube, state.calendar)
        for code, periods in touched.items():
            table = catalogue.table[code]
            for indicator in catalogue.indicators:
                if choice.indicators is not None and indicator.code not in choice.indicators:
                    continue
                reads = choice.items is None or bool(
                    choice.items & items_behind(catalogue, indicator)
                )
                given = (
                    periods
                    if reads
                    else {p: periods[p] for p in sorted(choice.fresh & periods.keys())}
                )
                if indicator.table == code and given:
                    self._indicator(figures, indicator, table, given, choice, reads)
                if any(quote.table == code for quote in indicator.quoted):
                    for period in sorted(periods):
                        for block in figures.quoted(indicator, period):
                            self._emit(block)
            counted = _counted(catalogue, table, periods, choice.items) if choice.items else periods
            for period in sorted(counted.keys() & (state.opened(table) | periods.keys())):
                for completeness in completeness_blocks(
                    catalogue, state.register, state.cube, state.calendar, table, period,
                    None if choice.every_subject or period in choice.fresh else counted[period],
                ):  # fmt: skip
                    add_completeness(
                        self._rows,
                        completeness,
                        state.city,
                        self._version,
                        self._known_ms,
                        catalogue,
                    )

    def _indicator(
        self,
        figures: Figures,
        indicator: Indicator,
        table: Table,
        periods: Mapping[int, Flags],
        choice: Choice,
        reads: bool,
    ) -> None:
        """Figures of one indicator; one that reads none of the items only for fresh periods."""
        state = self._state
        opened = state.opened(table)
        for measure in indicator.measures:
            reached = (
                periods
                if choice.only_here or not reads
                else touched_figures(state.require_catalogue(), indicator, measure, periods)
            )
            due = sorted(opened & reached.keys())
            state.cube.ensure(table.code, sorted(reach(due) & state.cube.periods(table.code)))
            for period in due:
                flags = None if choice.every_subject or period in choice.fresh else reached[period]
                for block in figures.of(indicator, period, measure, flags):
                    self._emit(block)

    def _emit(self, block: FigureBlock) -> None:
        catalogue = self._state.require_catalogue()
        add_figures(self._rows, block, self._state.city, self._version, self._known_ms, catalogue)


def _counted(
    catalogue: Catalogue, table: Table, touched: Mapping[int, Flags], items: Set[str]
) -> Mapping[int, Flags]:
    """Period → units touched, for every period whose completeness can change.

    Completeness by value weighs a return by the unit's size in the period before.
    """
    size = table.size_item
    if size is None or size not in items:
        return touched
    steps = (0, 1, 2) if catalogue.item[size].reported != "current" else (0, 1)
    reached: dict[int, Flags] = {}
    for period, flags in touched.items():
        for step in steps:
            later = shift(period, step)
            reached[later] = reached[later] | flags if later in reached else flags
    return reached
