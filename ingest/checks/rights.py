"""On which units a reporter may speak: those of its member on the period's last day."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from granary.wire import unit_id
from indicators.arrays import Ids, Index
from indicators.catalogue import Reporter
from indicators.periods import period_end
from indicators.register import Register, day

_FOREVER = 2**31 - 1


class Rights:
    """Units of one kind as one reporter may report them; unchanging, safe between threads."""

    def __init__(self, register: Register, kind: str, reporter: Reporter) -> None:
        self._lookup: Callable[[Ids], Index] = lambda ids: register.index_of(kind, ids)
        self._everywhere = reporter.grouping is None
        # Stretches of membership in the reporter's member, ordered by unit index.
        self._unit = np.zeros(0, np.int32)
        self._from = self._to = np.zeros(0, np.int64)
        self._size = register.size(kind)
        if not self._everywhere:
            stretches = [
                (code, day(first, 0), day(last, _FOREVER))
                for (code, grouping, member, first), last in register.memberships(kind).items()
                if (grouping, member) == (reporter.grouping, reporter.member)
            ]
            ids = np.array([unit_id(kind, code) for code, _, _ in stretches], np.uint64)
            self._unit = register.index_of(kind, ids)
            self._from = np.array([first for _, first, _ in stretches], np.int64)
            self._to = np.array([last for _, _, last in stretches], np.int64)

    def index_of(self, ids: NDArray[np.uint64]) -> Index:
        """(n,) unit index of each key; -1 where no active unit of the kind has it."""
        return self._lookup(ids).astype(np.int32)

    def allowed(
        self, unit: Index, period: NDArray[np.int32], wanted: NDArray[np.bool_]
    ) -> NDArray[np.bool_]:
        """(n,) whether the unit is the reporter's at the period, where `wanted`; else True."""
        allowed = np.ones(len(unit), bool)
        at = np.flatnonzero(wanted)
        if self._everywhere or not len(at):
            return allowed
        order = at[np.argsort(period[at], kind="stable")]
        periods, starts = np.unique(period[order], return_index=True)
        for number, rows in zip(periods.tolist(), np.split(order, starts[1:]), strict=True):
            end = period_end(number).toordinal()
            inside = np.zeros(self._size, bool)
            here = self._unit[(self._from <= end) & (end < self._to)]
            inside[here[here >= 0]] = True
            allowed[rows] = inside[unit[rows]]
        return allowed
