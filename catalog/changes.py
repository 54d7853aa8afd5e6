"""Changes of the register, and those that turn one register into another."""

from collections.abc import Iterable
from dataclasses import dataclass

from indicators.register import RegisterChange


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One change of the register, field by field what `granary.records.RegisterRow` carries."""

    action: str
    kind: str
    code: str
    name: str = ""
    grouping: str = ""
    member: str = ""
    valid_from: str = ""
    valid_to: str = ""
    attributes: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class _State:
    """A register as its changes leave it."""

    units: dict[tuple[str, str], tuple[str, tuple[tuple[str, str], ...]]]
    # (kind, code, grouping, member, valid_from) → valid_to, of dropped units too
    memberships: dict[tuple[str, str, str, str, str], str]


def _state(rows: Iterable[RegisterChange]) -> _State:
    state = _State({}, {})
    for row in rows:
        unit = (row.kind, row.code)
        membership = (*unit, row.grouping, row.member, row.valid_from)
        if row.action == "put_unit":
            state.units[unit] = (row.name, tuple(sorted(row.attributes)))
        elif row.action == "drop_unit":
            state.units.pop(unit, None)
        elif row.action == "put_membership":
            state.memberships[membership] = row.valid_to
        elif row.action == "drop_membership":
            state.memberships.pop(membership, None)
    return state


def difference(
    old: Iterable[RegisterChange], new: Iterable[RegisterChange]
) -> list[list[RegisterRow]]:
    """Changes that turn the register `old` (all changes so far) into `new`, a list a unit.

    The rows of one unit belong together: a unit that moves between two members leaves the one and
    enters the other in one record, so that no state in between has it in both or in neither.
    Units in order of first appearance in `new`, dropped ones last.
    """
    was, is_to_be = _state(old), _state(new)
    changes: dict[tuple[str, str], list[RegisterRow]] = {unit: [] for unit in is_to_be.units}
    for key in was.memberships:
        if key not in is_to_be.memberships:
            kind, code, grouping, member, valid_from = key
            changes.setdefault((kind, code), []).append(
                RegisterRow(
                    "drop_membership",
                    kind,
                    code,
                    grouping=grouping,
                    member=member,
                    valid_from=valid_from,
                )
            )
    for (kind, code), (name, attributes) in is_to_be.units.items():
        if was.units.get((kind, code)) != (name, attributes):
            changes[kind, code].append(
                RegisterRow("put_unit", kind, code, name, attributes=attributes)
            )
    for key, valid_to in is_to_be.memberships.items():
        if was.memberships.get(key) != valid_to:
            kind, code, grouping, member, valid_from = key
            changes.setdefault((kind, code), []).append(
                RegisterRow(
                    "put_membership", kind, code, "", grouping, member, valid_from, valid_to
                )
            )
    for kind, code in was.units:
        if (kind, code) not in is_to_be.units:
            changes.setdefault((kind, code), []).append(RegisterRow("drop_unit", kind, code))
    return [rows for rows in changes.values() if rows]
