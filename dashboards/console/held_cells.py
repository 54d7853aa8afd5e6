"""Observations of one figure held in memory, as the statistical core reads them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from indicators.arrays import Amounts, Flags, Instants

#: Codes of table and item, and a period id: one column of cells.
Slot = tuple[str, str, int]


@dataclass(frozen=True, slots=True, eq=False)
class HeldCells:
    """`Cells` of one kind of unit; `asked` fills with the slots that the core reads.

    known: table → periods that it has, where a slower table's stock may hold from.
    """

    slots: Mapping[Slot, tuple[Amounts, Flags]]
    size: int
    known: Mapping[str, frozenset[int]] = field(default_factory=dict)
    asked: set[Slot] = field(default_factory=set)

    def values(self, table: str, item: str, period: int) -> tuple[Amounts, Flags]:
        slot = (table, item, period)
        self.asked.add(slot)
        held = self.slots.get(slot)
        return held or (np.zeros(self.size, np.int64), np.zeros(self.size, bool))

    def periods(self, table: str) -> set[int]:
        own = {period for code, _, period in self.slots if code == table}
        return own | self.known.get(table, frozenset())

    def arrivals(self, table: str, period: int) -> Instants:
        return np.full(self.size, -1, np.int64)

    def lit(self, slot: Slot | None) -> "HeldCells":
        """The same cells there, with 1 in those of the slot and 0 in all others."""
        nothing = np.zeros(self.size, np.int64)
        found = {
            one: (there.astype(np.int64) if one == slot else nothing, there)
            for one, (_, there) in self.slots.items()
        }
        return HeldCells(found, self.size, self.known)
