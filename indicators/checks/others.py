"""What other units report, seen from a unit: members' sums, sums of those that point to it.

A unit points to another by an attribute that holds the other's code: a lease to its lessor, a share
of land to its parcel.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from indicators.amounts import Exact, largest
from indicators.arrays import Flags
from indicators.checks.check_cells import CheckCells, Positions
from indicators.checks.evaluation import NULL, TRUE, Truth
from indicators.checks.tree import (
    AttributeText,
    PointedName,
    PointedValue,
    PointingNames,
    PointingSum,
    UnitsSum,
)
from indicators.membership import Membership, by_subject, subject_sums

#: Names that a message lists before it only counts the rest.
_MOST_NAMES: Final = 5


def units_sum(
    cells: CheckCells, node: UnitsSum, kind: str, period: int, where: Truth | None
) -> tuple[NDArray[Any], Flags]:
    """(units of kind,) of each unit that is a member, the sum over the member's units.

    where: (units of the table,) truth of the node's condition. Known where each of the member's
    units that the table expects has a value; of a table that expects nobody, where any has.
    """
    of = cells.catalogue.table[node.table]
    members = cells.members(of.unit_kind, node.grouping, period)
    sums, whole, present = _sums(cells, node, members, period, where)
    whole &= present > 0
    at_unit = cells.member_units(kind, node.grouping)
    size = cells.register.size(kind)
    value, has = np.zeros(size, sums.dtype), np.zeros(size, bool)
    for position, member in enumerate(cells.catalogue.grouping[node.grouping].members):
        unit = at_unit.get(member.code)
        if unit is not None:
            value[unit], has[unit] = sums[position], whole[position]
    return value, has


def pointing_sum(
    cells: CheckCells, node: PointingSum, kind: str, period: int, where: Truth | None
) -> tuple[NDArray[Any], Flags]:
    """(units of kind,) the sum over the table's units that point to each; zero where none does.

    where: as of `units_sum`. Known where each of these that the table expects has a value, and not
    before some unit of the table has reported the item in the period.
    """
    table = cells.catalogue.table[node.table]
    register = cells.register
    pointed = register.pointed(table.unit_kind, node.attribute, kind)
    pointing = np.flatnonzero(pointed >= 0)
    members = by_subject(pointing.astype(np.int32), pointed[pointing], register.size(kind))
    sums, whole, _ = _sums(cells, node, members, period, where)
    if not cells.values(node.table, node.item, period)[1].any():
        whole[:] = False
    return sums, whole


def _sums(
    cells: CheckCells,
    node: UnitsSum | PointingSum,
    members: Membership,
    period: int,
    where: Truth | None,
) -> tuple[Exact, Flags, NDArray[Any]]:
    """(subjects,) sums over units in scope, whether nothing of them is missing, units added or not.

    Units are left out where the node's condition is FALSE; one of which it is NULL is missing.
    """
    of = cells.catalogue.table[node.table]
    value, has = cells.values(node.table, node.item, period)
    scope = cells.register.scope(of, period)
    added, unknown = scope & has, scope & ~has
    if where is not None:
        added = added & (where == TRUE)
        unknown = scope & ((where == NULL) | (~has & (where == TRUE)))
    if of.expected == "none":
        unknown = unknown & has
    sums = subject_sums(np.where(added, value, 0), largest(value), members)
    return sums, members.count(unknown) == 0, members.count(scope & has)


def pointed_value(
    cells: CheckCells, node: PointedValue, kind: str, period: int
) -> tuple[NDArray[Any], Flags]:
    """(units of kind,) the item of the unit that each points to."""
    table = cells.catalogue.table[node.table]
    value, has = cells.values(node.table, node.item, period)
    pointed = cells.register.pointed(kind, node.attribute, table.unit_kind)
    known = pointed >= 0
    known[known] = has[pointed[known]]
    found = np.zeros(len(pointed), value.dtype)
    found[known] = value[pointed[known]]
    return found, known


def unit_texts(
    cells: CheckCells,
    node: AttributeText | PointedName | PointingNames,
    kind: str,
    period: int,
    at: Positions,
) -> Sequence[str]:
    """(n,) texts of the units at these places, '' for none."""
    match node:
        case AttributeText():
            texts = cells.register.texts(kind, node.attribute)
            return [texts[one] for one in at.tolist()]
        case PointedName():
            return _pointed_names(cells, node, kind, at)
        case PointingNames():
            return _pointing_names(cells, node, kind, period, at)


def _pointed_names(cells: CheckCells, node: PointedName, kind: str, at: Positions) -> Sequence[str]:
    register = cells.register
    codes = register.texts(kind, node.attribute)
    names = register.names(node.kind)
    pointed = register.pointed(kind, node.attribute, node.kind)
    return [names[pointed[one]] if pointed[one] >= 0 else codes[one] for one in at.tolist()]


def _pointing_names(
    cells: CheckCells, node: PointingNames, kind: str, period: int, at: Positions
) -> Sequence[str]:
    table = cells.catalogue.table[node.table]
    register = cells.register
    scope = register.scope(table, period)
    pointed = register.pointed(table.unit_kind, node.attribute, kind)
    pointing = np.flatnonzero(scope & (pointed >= 0))
    members = by_subject(pointing.astype(np.int32), pointed[pointing], register.size(kind))
    found = []
    for one in at.tolist():
        here = members.units[members.starts[one] : members.starts[one + 1]]
        names = list(dict.fromkeys(_pointed_names(cells, node.shown, table.unit_kind, here)))
        rest = f"等{len(names)}家" if len(names) > _MOST_NAMES else ""
        found.append("、".join(names[:_MOST_NAMES]) + rest)
    return found
