"""Operands of checks out of a city's cells: items of tables and periods, sums over members."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from indicators.amounts import Exact, largest
from indicators.arrays import Amounts, Flags
from indicators.catalogue import Catalogue, Table
from indicators.cells import Cells
from indicators.checks.tree import Read, UnitsSum
from indicators.membership import Membership, by_subject, subject_sums
from indicators.periods import shift
from indicators.places import Places
from indicators.register import Register

#: The grouping whose totals influence is told by.
DISTRICT = "district"
Positions = NDArray[np.intp]


class CheckCells:
    """Values of one state of the city, each read once while the state lasts."""

    def __init__(self, catalogue: Catalogue, register: Register, cells: Cells) -> None:
        self.catalogue = catalogue
        self.register = register
        self._cells = cells
        self._places = Places(catalogue, register)
        self._values: dict[tuple[str, str, int], tuple[Amounts, Flags]] = {}

    def values(self, table: str, item: str, period: int) -> tuple[Amounts, Flags]:
        """(all units,) values in 10^-4, and whether there is one."""
        key = (table, item, period)
        found = self._values.get(key)
        if found is None:
            found = self._values[key] = self._cells.values(*key)
        return found

    def members(self, kind: str, grouping: str, period: int) -> Membership:
        """Units of the kind in the members of the grouping."""
        return self._places.at(kind, grouping, period).members

    def member_sums(self, table: str, item: str, grouping: str, period: int) -> tuple[Exact, Flags]:
        """(members,) sums in 10^-4 over units in scope; (members,) whether each has a value.

        Of a table that expects nobody, the sum is over those that reported, if any did.
        """
        of = self.catalogue.table[table]
        value, has = self.values(table, item, period)
        scope = self.register.scope(of, period)
        members = self.members(of.unit_kind, grouping, period)
        counted = scope & has
        sums = subject_sums(np.where(counted, value, 0), largest(value), members)
        present = members.count(counted)
        if of.expected == "none":
            return sums, present > 0
        return sums, (present > 0) & (present == members.count(scope))

    def member_units(self, kind: str, grouping: str) -> dict[str, int]:
        """Member code → index of the unit that is the member (district → its own return)."""
        known = {member.code for member in self.catalogue.grouping[grouping].members}
        codes = self.register.codes(kind)
        return {code: at for at, code in enumerate(codes) if code in known}

    def district_of(self, kind: str, period: int) -> NDArray[np.int32]:
        """(all units,) position of each unit's district in the grouping's members, -1 for none."""
        found = np.full(self.register.size(kind), -1, np.int32)
        grouping = self.catalogue.grouping.get(DISTRICT)
        if grouping is None:
            return found
        if kind == DISTRICT:
            positions = {member.code: at for at, member in enumerate(grouping.members)}
            for code, at in self.member_units(kind, DISTRICT).items():
                found[at] = positions[code]
        elif kind in grouping.unit_kinds:
            members = self.members(kind, DISTRICT, period)
            lengths = np.diff(members.starts)[: len(grouping.members)]
            units = members.units[: int(lengths.sum())]
            found[units] = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
        return found

    def district_totals(self, table: Table, item: str, period: int) -> tuple[Exact, Flags]:
        """(all units,) the total of the item in the unit's district; the city's without one.

        Over units in scope that have a value, whoever is still missing. Of a district's own return
        it is the district's own value.
        """
        value, has = self.values(table.code, item, period)
        if table.unit_kind == DISTRICT:
            return value, has
        counted = self.register.scope(table, period) & has
        place = self.district_of(table.unit_kind, period) + 1
        subjects = int(place.max(initial=0)) + 1
        members = by_subject(np.flatnonzero(counted), place[counted], subjects)
        sums = subject_sums(np.where(counted, value, 0), largest(value), members).astype(object)
        present = members.count(counted)
        sums[0], present[0] = sum(sums.tolist()), present.sum()
        return sums[place], (present > 0)[place]


class UnitOperands:
    """`evaluation.Operands` of the units at `at` of one table's kind, in one period."""

    def __init__(self, cells: CheckCells, kind: str, period: int, at: Positions) -> None:
        self._cells = cells
        self._kind = kind
        self._period = period
        self._at = at

    def read(self, read: Read) -> tuple[NDArray[Any], Flags]:
        """Of each unit the first table's value that is there."""
        period = looked_at(read, self._period)
        value, has = np.zeros(len(self._at), np.int64), np.zeros(len(self._at), bool)
        if period is None:
            return value, has
        for table in read.tables:
            every, there = self._cells.values(table, read.item, period)
            here = there[self._at]
            value = np.where(~has & here, every[self._at], value)
            has = has | here
        return value, has

    def units_sum(self, units_sum: UnitsSum) -> tuple[NDArray[Any], Flags]:
        """Of each unit that is a member, the sum over the member's units."""
        cells, grouping = self._cells, units_sum.grouping
        sums, whole = cells.member_sums(units_sum.table, units_sum.item, grouping, self._period)
        members = cells.catalogue.grouping[grouping].members
        at_unit = cells.member_units(self._kind, grouping)
        size = cells.register.size(self._kind)
        value, has = np.zeros(size, sums.dtype), np.zeros(size, bool)
        for position, member in enumerate(members):
            unit = at_unit.get(member.code)
            if unit is not None:
                value[unit], has[unit] = sums[position], whole[position]
        return value[self._at], has[self._at]


def looked_at(read: Read, period: int) -> int | None:
    """The period whose value is read where `period` is judged; None where there is none."""
    base = period - 100 * read.years
    found = shift(base, -read.earlier)
    if read.restarts and found // 100 != base // 100:
        return None
    return found


def looking_at(read: Read, period: int) -> int | None:
    """The period in which a value of `period` is read; None where none does."""
    base = shift(period, read.earlier)
    if read.restarts and base // 100 != period // 100:
        return None
    return base + 100 * read.years
