"""What differs between two registers (名录), counted: who came, moved and left."""

from collections.abc import Iterable
from dataclasses import dataclass

from indicators.register import RegisterChange

_OPEN = ("", "9999-12-31")


@dataclass(frozen=True, slots=True)
class RegisterCounts:
    """Numbers of units, and of (unit, grouping) pairs, that differ; each counted once.

    moved: the open membership is another member's. ended: there was an open one, there is none any
    more (or the unit's time on the list is over). changed: anything else, such as a date or a name.
    """

    units_added: int = 0
    units_removed: int = 0
    units_ended: int = 0
    units_changed: int = 0
    memberships_added: int = 0
    memberships_moved: int = 0
    memberships_ended: int = 0
    memberships_changed: int = 0


_Unit = tuple[str, str]
_Spans = set[tuple[str, str, str]]  # member, valid_from, valid_to


def register_counts(old: Iterable[RegisterChange], new: Iterable[RegisterChange]) -> RegisterCounts:
    """Compare two whole registers, each given as puts (`catalog.register.read_register`)."""
    units_before, memberships_before = _indexed(old)
    units_after, memberships_after = _indexed(new)
    changed = [
        unit
        for unit, was in units_before.items()
        if unit in units_after and units_after[unit] != was
    ]
    ended = [unit for unit in changed if _left(units_after[unit]) and not _left(units_before[unit])]
    kinds = {"added": 0, "moved": 0, "ended": 0, "changed": 0}
    for key in memberships_before.keys() | memberships_after.keys():
        was, to_be = memberships_before.get(key, set()), memberships_after.get(key, set())
        if was != to_be:
            kinds[_kind(was, to_be)] += 1
    return RegisterCounts(
        units_added=len(units_after.keys() - units_before.keys()),
        units_removed=len(units_before.keys() - units_after.keys()),
        units_ended=len(ended),
        units_changed=len(changed) - len(ended),
        memberships_added=kinds["added"],
        memberships_moved=kinds["moved"],
        memberships_ended=kinds["ended"],
        memberships_changed=kinds["changed"],
    )


def _kind(was: _Spans, to_be: _Spans) -> str:
    if not was:
        return "added"
    before, after = _open(was), _open(to_be)
    if (before and not after) or not to_be:
        return "ended"
    return "moved" if before != after else "changed"


def _open(spans: _Spans) -> set[str]:
    return {member for member, _, valid_to in spans if valid_to in _OPEN}


def _left(unit: tuple[str, dict[str, str]]) -> bool:
    return unit[1].get("listed_to", "") not in _OPEN


def _indexed(
    rows: Iterable[RegisterChange],
) -> tuple[dict[_Unit, tuple[str, dict[str, str]]], dict[tuple[str, str, str], _Spans]]:
    units: dict[_Unit, tuple[str, dict[str, str]]] = {}
    memberships: dict[tuple[str, str, str], _Spans] = {}
    for row in rows:
        if row.action == "put_unit":
            units[row.kind, row.code] = (row.name, dict(row.attributes))
        elif row.action == "put_membership":
            spans = memberships.setdefault((row.kind, row.code, row.grouping), set())
            spans.add((row.member, row.valid_from, row.valid_to))
    return units, memberships
