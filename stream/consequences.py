"""Consequences of a change: the figures and completeness counts it can alter, as rows to store."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field

from indicators.arrays import Flags
from indicators.catalogue import Catalogue, Indicator, Table
from indicators.completeness import completeness_blocks
from indicators.effects import (
    feeding_tables,
    figure_periods,
    items_behind,
    reach,
    touched_figures,
)
from indicators.figure_block import FigureBlock
from indicators.figures import Figures
from indicators.periods import shift
from stream.appraisal import appraise
from stream.rows import Rows, add_completeness, add_figures
from stream.state import CityState


@dataclass(frozen=True, slots=True)
class Choice:
    """Which consequences to write.

    items: only of indicators that read one of these; indicators: only of these; every_subject: all
    subjects, not only those touched; only_here: figures of the touched periods alone (their
    standing changed, not their values); fresh: periods, by table, that have figures only from now
    on, so that every indicator and subject gets one, those without any unit included.
    """

    items: Set[str] | None = None
    indicators: Set[str] | None = None
    every_subject: bool = False
    only_here: bool = False
    fresh: Mapping[str, Set[int]] = field(default_factory=dict)

    def chooses(self, catalogue: Catalogue, indicator: Indicator) -> bool:
        """Whether the indicator's figures are written, and not only those of fresh periods."""
        if self.indicators is not None and indicator.code not in self.indicators:
            return False
        return self.items is None or bool(self.items & items_behind(catalogue, indicator))


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
        for indicator in catalogue.indicators:
            self._indicator(figures, indicator, touched, choice)
            if choice.indicators is None or choice.chooses(catalogue, indicator):
                for code, periods in touched.items():
                    self._quoted(figures, indicator, code, periods)
        appraise(state, figures, touched, self._rows, self._version, self._known_ms)
        for code, periods in touched.items():
            fresh = choice.fresh.get(code, frozenset()) & periods.keys()
            self._completeness(catalogue.table[code], periods, choice, fresh)

    def _indicator(
        self,
        figures: Figures,
        indicator: Indicator,
        touched: Mapping[str, Mapping[int, Flags]],
        choice: Choice,
    ) -> None:
        """Figures of one indicator; of every subject where the choice or a fresh period asks."""
        state, catalogue = self._state, self._state.require_catalogue()
        own = touched.get(indicator.table, {})
        opening = choice.fresh.get(indicator.table, frozenset()) & own.keys()
        chosen = choice.chooses(catalogue, indicator)
        if not chosen and not opening:
            return
        fresh = figure_periods(indicator, opening)
        periods = figure_periods(indicator, state.opened(catalogue.table[indicator.table]))
        feeding = feeding_tables(catalogue, indicator)
        here: dict[int, Flags] | None = None
        if not chosen or choice.only_here:
            here = {}
            for period in own if chosen else opening:
                here |= dict.fromkeys(figure_periods(indicator, {period}), own[period])
        for measure in indicator.measures:
            reached = here
            if reached is None:
                reached = touched_figures(catalogue, indicator, measure, touched, periods)
            due = sorted(p for p in periods & reached.keys() if not state.locks.keeps(indicator, p))
            for table in feeding:
                known = state.cube.periods(table.code)
                state.cube.ensure(table.code, sorted(reach(table, [measure], due, known)))
            for period in due:
                flags = None if choice.every_subject or period in fresh else reached[period]
                for block in figures.of(indicator, period, measure, flags):
                    self._emit(block)

    def _quoted(
        self, figures: Figures, indicator: Indicator, table: str, periods: Mapping[int, Flags]
    ) -> None:
        if any(quote.table == table for quote in indicator.quoted):
            for period in sorted(periods):
                kept = self._state.locks.quotes_kept(indicator, period)
                for block in figures.quoted(indicator, period, kept):
                    self._emit(block)

    def _completeness(
        self, table: Table, periods: Mapping[int, Flags], choice: Choice, fresh: Set[int]
    ) -> None:
        state, catalogue = self._state, self._state.require_catalogue()
        counted = _counted(catalogue, table, periods, choice.items) if choice.items else periods
        for period in sorted(counted.keys() & state.opened(table)):
            if state.locks.keeps_counts(table.code, period):
                continue
            for block in completeness_blocks(
                catalogue, state.register, state.cube, state.calendar, table, period,
                None if choice.every_subject or period in fresh else counted[period],
            ):  # fmt: skip
                add_completeness(
                    self._rows, block, state.city, self._version, self._known_ms, catalogue
                )

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
