"""On which units a reporter may speak: those of its member on the period's last day."""

import numpy as np

from indicators.arrays import Flags, Ids, Index
from indicators.catalogue import Catalogue, Reporter
from indicators.register import Register


class Rights:
    """Units of one kind as one reporter may report them; unchanging, safe between threads."""

    def __init__(
        self, register: Register, kind: str, catalogue: Catalogue, reporter: Reporter
    ) -> None:
        self._register = register
        self._kind = kind
        self._codes: dict[str, str] | None = None  # by name, once somebody wrote one
        self._grouping = catalogue.grouping[reporter.grouping] if reporter.grouping else None
        self._members = [
            at
            for at, member in enumerate(self._grouping.members if self._grouping else ())
            if member.code == reporter.member
        ]

    def index_of(self, ids: Ids) -> Index:
        """(n,) unit index of each key; -1 where no active unit of the kind has it."""
        return self._register.index_of(self._kind, ids).astype(np.int32)

    def code_of(self, name: str) -> str:
        """Code of the one active unit of that name; '' where there is none or more than one."""
        if self._codes is None:
            codes: dict[str, str] = {}
            for code, (known, _) in self._register.units(self._kind).items():
                codes[known] = "" if known in codes else code
            self._codes = codes
        return self._codes.get(name, "")

    def inside(self, period: int) -> Flags:
        """(units,) whether the unit is the reporter's at the period."""
        size = self._register.size(self._kind)
        if self._grouping is None:
            return np.ones(size, bool)
        found = self._register.membership(self._kind, self._grouping, period)
        inside = np.zeros(size, bool)
        for at in self._members:
            inside[found.units[found.starts[at] : found.starts[at + 1]]] = True
        return inside

    def allowed(self, unit: Index, period: Index, wanted: Flags) -> Flags:
        """(n,) whether the unit is the reporter's at the period, where `wanted`; else True."""
        allowed = np.ones(len(unit), bool)
        at = np.flatnonzero(wanted)
        if self._grouping is None or not len(at):
            return allowed
        order = at[np.argsort(period[at], kind="stable")]
        periods, starts = np.unique(period[order], return_index=True)
        for number, rows in zip(periods.tolist(), np.split(order, starts[1:]), strict=True):
            allowed[rows] = self.inside(number)[unit[rows]]
        return allowed
