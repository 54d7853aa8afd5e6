"""A city's cells and register, as checks look at them."""

import numpy as np
from numpy.typing import NDArray

from indicators.amounts import Exact, largest
from indicators.arrays import Amounts, Flags
from indicators.catalogue import Catalogue, Table
from indicators.cells import Cells
from indicators.membership import Membership, by_subject, subject_sums
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
