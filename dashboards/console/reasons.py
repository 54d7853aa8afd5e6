"""Why an observation of one of a figure's units is in no sum of it."""

import numpy as np

from dashboards.console.factors import Factors
from dashboards.console.held_cells import HeldCells, Slot
from dashboards.console.sides import FigureSides
from granary.keys import REPORTED
from indicators.items import ItemKind
from indicators.periods import period_end
from indicators.vocabulary import UNIT_LEVEL, split_measure


class Reasons:
    """Reasons of one figure, by code: no_value, part, dropped, not_listed, incomplete, no_base;
    of a unit that is in the figure by other observations: other_table, replaced, condition,
    beside (a month's own value, by which an adjustment of earlier months is told), cancels."""

    def __init__(self, sides: FigureSides, cells: HeldCells, factors: Factors) -> None:
        self._sides, self._factors = sides, factors
        catalogue, indicator = sides.catalogue, sides.indicator
        self._own = catalogue.table[indicator.table]
        self._windows = sides.windows(cells)
        self._counted = sides.register.counted(sides.kind)
        self._enters = np.zeros(sides.size, bool)
        for part in sides.parts(cells):
            self._enters |= part.enters
        derived = [catalogue.derived_value.get(code) for code in indicator.items]
        self._plain = {
            code for code, one in zip(indicator.items, derived, strict=True) if one is None
        }
        self._items = list(
            dict.fromkeys(
                item
                for code, one in zip(indicator.items, derived, strict=True)
                for item in ([code] if one is None else one.items)
            )
        )
        told = (catalogue.item[code] for code in self._plain)
        self._plain |= {item.prior for item in told if item.prior is not None}
        read = {catalogue.item[code].month_item for code in self._items}
        self._beside_it = read - set(self._items) - self._plain

    def of(self, slot: Slot, at: int, status: int) -> tuple[str, list[str]]:
        """A code, and the items of the formula of which the unit has no value over the window."""
        sides = self._sides
        if status != REPORTED:
            return "no_value", []
        if self._enters[at]:
            return self._beside(slot, at), []
        if sides.asked.level != UNIT_LEVEL:
            if not self._counted[at]:
                part = sides.register.attributes(sides.kind, at).get("part_of")
                return "part" if part else "dropped", []
            if not self._listed(sides.asked.period, at):
                return "not_listed", []
        window = split_measure(sides.asked.measure)[0]
        lacks = [
            code
            for code in self._items
            if not self._windows.item(self._own.code, code, window, sides.asked.period).has[at]
        ]
        return "no_base" if sides.grows and not lacks else "incomplete", lacks

    def _listed(self, period: int, at: int) -> bool:
        return bool(self._windows.scope(self._own, period)[at])

    def _beside(self, slot: Slot, at: int) -> str:
        """Why the cell of a unit that is in the figure is not."""
        table, item, period = slot
        if item in self._beside_it:
            return "beside"
        used = [
            (of_table, of_period)
            for (of_table, of_item, of_period), by_side in self._factors.linear.items()
            if of_item == item and any(factor[at] for factor in by_side.values())
        ]
        if used and all(of_table != table for of_table, _ in used):
            return "other_table"
        if self._sides.catalogue.item[item].kind is ItemKind.STOCK and any(
            period_end(later) > period_end(period) for _, later in used
        ):
            return "replaced"
        if self._sides.asked.level != UNIT_LEVEL and not self._listed(period, at):
            return "not_listed"
        return "cancels" if item in self._plain else "condition"
