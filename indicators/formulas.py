"""Values of every item of an indicator's formula, per unit, over a window or as its base.

A formula names items, and values made of them (derived.yaml): counts of units, and items where a
condition holds. These are made of the values over the window, not of each period's: a firm has a
loss in the year to date if its profit of the year to date is below zero. Rules 3 and 11 of
docs/statistics.md.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from indicators.arrays import Amounts, Flags
from indicators.catalogue import Catalogue, Indicator, Table
from indicators.items import Condition, Derived
from indicators.periods import year_before
from indicators.register import Register
from indicators.windows import Base, Windows, WindowValues

_ONE = 10**4


@dataclass(frozen=True, slots=True, eq=False)
class FormulaValues:
    """Items of a formula over a window; `qualifies` where every one of them is there.

    `short`, `held`, `adjusted` as in `WindowValues`, None where no item has any. A unit's `held` is
    the oldest of its stocks.
    """

    items: Mapping[str, Amounts]
    qualifies: Flags
    short: Flags | None
    held: NDArray[np.int32] | None
    adjusted: Flags | None


class Formulas:
    """Formulas of one state of the city; each is evaluated once while the state lasts.

    judged: the values that conditions are judged by, where they are not those that are added.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        register: Register,
        windows: Windows,
        judged: Windows | None = None,
    ) -> None:
        self._catalogue = catalogue
        self._register = register
        self._windows = windows
        self._judged = judged or windows
        self._values: dict[tuple[str, str, int], FormulaValues] = {}

    def of(self, indicator: Indicator, window: str, period: int) -> FormulaValues:
        """Values over a window ending with the period."""
        key = (indicator.code, window, period)
        found = self._values.get(key)
        if found is None:
            own = self._catalogue.table[indicator.table]

            def read(windows: Windows, code: str) -> WindowValues:
                return windows.item(own.code, code, window, period)

            found = self._values[key] = self._whole(own, indicator, read, None)
        return found

    def base(self, indicator: Indicator, window: str, period: int, base: Base) -> FormulaValues:
        """Values that a growth of the period compares those of `of` with."""
        own = self._catalogue.table[indicator.table]

        def read(windows: Windows, code: str) -> WindowValues:
            return windows.base(own.code, code, window, period, base)

        scope = self._windows.scope(own, year_before(period)) if base is Base.STORED else None
        return self._whole(own, indicator, read, scope)

    def _whole(
        self,
        own: Table,
        indicator: Indicator,
        read: Callable[[Windows, str], WindowValues],
        scope: Flags | None,
    ) -> FormulaValues:
        """`scope` (units,): where a derived value that names no item is there; None: everywhere."""
        parts = {}
        for code in indicator.items:
            derived = self._catalogue.derived_value.get(code)
            parts[code] = (
                read(self._windows, code)
                if derived is None
                else self._derived(own, derived, read, scope)
            )
        return FormulaValues(
            {code: part.value for code, part in parts.items()},
            np.logical_and.reduce([part.has for part in parts.values()]),
            _either([part.short for part in parts.values()]),
            _oldest([part.held for part in parts.values()]),
            _either([part.adjusted for part in parts.values()]),
        )

    def _derived(
        self,
        own: Table,
        derived: Derived,
        read: Callable[[Windows, str], WindowValues],
        scope: Flags | None,
    ) -> WindowValues:
        parts = {code: read(self._windows, code) for code in derived.items}
        size = self._register.size(own.unit_kind)
        has = np.ones(size, bool) if scope is None or parts else scope
        for part in parts.values():
            has = has & part.has
        value = np.full(size, _ONE) if derived.item is None else parts[derived.item].value
        holds = has
        if derived.when is not None:
            holds = has & self._holds(own.unit_kind, derived.when, read)
        return WindowValues(
            np.where(holds, value, 0),
            has,
            _either([part.short for part in parts.values()]),
            _oldest([part.held for part in parts.values()]),
            _either([part.adjusted for part in parts.values()]),
        )

    def _holds(
        self, kind: str, when: Condition, read: Callable[[Windows, str], WindowValues]
    ) -> Flags:
        """(units,) whether the condition holds."""
        if when.item is None:
            return self._register.having(kind, when.attribute or "", when.one_of, when.starts_with)
        value = read(self._judged, when.item).value
        holds = np.ones(len(value), bool)
        if when.below is not None:
            holds &= value < _bound(when.below)
        if when.above is not None:
            holds &= value > _bound(when.above)
        if when.equals is not None:
            holds &= value == _bound(when.equals)
        return holds


def _bound(bound: Decimal) -> int:
    return int(bound * _ONE)


def _either(flags: list[Flags | None]) -> Flags | None:
    there = [one for one in flags if one is not None]
    return np.logical_or.reduce(there) if there else None


def _oldest(held: list[NDArray[np.int32] | None]) -> NDArray[np.int32] | None:
    """(units,) the period that ended first of those the items rest on, 0 where none is held."""
    there = [one for one in held if one is not None]
    if not there:
        return None
    periods = np.stack(there)
    ends = np.where(periods == 0, np.iinfo(np.int32).max, _ends(periods))
    found: NDArray[np.int32] = np.take_along_axis(periods, ends.argmin(axis=0)[None], axis=0)[0]
    return found


def _ends(periods: NDArray[np.int32]) -> NDArray[np.int32]:
    """Months since year 0 at the end of each period."""
    year, part = np.divmod(periods, 100)
    month = np.where(part == 0, 12, np.where(part > 20, (part - 20) * 3, part))
    ends: NDArray[np.int32] = (year * 12 + month).astype(np.int32)
    return ends
