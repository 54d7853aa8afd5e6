"""Changes of the register, and those that turn one register into another."""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Final

from indicators.catalogue import Catalogue
from indicators.correspondence import CANDIDATE
from indicators.register import KEY_PREFIX, RegisterChange

Attributes = tuple[tuple[str, str], ...]
_Unit = tuple[str, str]  # kind, code
_Span = tuple[str, str, str]  # grouping, member, valid_from


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
    attributes: Attributes = ()


#: A row's fields in their order; `dataclasses.astuple` copies them, ten times slower.
row_fields: Final = attrgetter(*(one.name for one in fields(RegisterRow)))


@dataclass(frozen=True, slots=True)
class Scope:
    """What a register's files speak of: what they do not speak of stays as it is in force.

    other_kinds: kinds of unit that come from departments; keys: whether the files tell which unit a
    department's key belongs to.
    """

    other_kinds: frozenset[str] = frozenset()
    keys: bool = True

    @classmethod
    def of(cls, catalogue: Catalogue | None, *, keys: bool) -> "Scope":
        """That of a register folder under the catalogue: no candidates, no keys of their own."""
        schemes = catalogue.scheme if catalogue else {}
        return cls(frozenset({CANDIDATE, *schemes}), keys)

    def holds(self, row: RegisterChange) -> bool:
        """Whether the files speak of what the row is about."""
        if row.kind in self.other_kinds:
            return False
        return self.keys or not row.grouping.startswith(KEY_PREFIX)


EVERYTHING = Scope()


@dataclass(slots=True)
class RegisterState:
    """A register as its changes leave it: units, and the spans of each, of dropped ones too."""

    units: dict[_Unit, tuple[str, Attributes]] = field(default_factory=dict)
    spans: dict[_Unit, dict[_Span, tuple[str, Attributes]]] = field(default_factory=dict)


def state_after(rows: Iterable[RegisterChange], scope: Scope = EVERYTHING) -> RegisterState:
    """What the changes leave, of what the scope holds."""
    state = RegisterState()
    fold(state, rows, scope)
    return state


def fold(state: RegisterState, rows: Iterable[RegisterChange], scope: Scope = EVERYTHING) -> None:
    """Bring the state forward by changes that came after it."""
    for row in rows:
        if not scope.holds(row):
            continue
        unit, action = (row.kind, row.code), row.action
        if action == "put_membership":
            spans = state.spans.get(unit)
            if spans is None:
                spans = state.spans[unit] = {}
            attributes = tuple(sorted(row.attributes)) if row.attributes else ()
            spans[row.grouping, row.member, row.valid_from] = (row.valid_to, attributes)
        elif action == "drop_membership":
            state.spans.get(unit, {}).pop((row.grouping, row.member, row.valid_from), None)
        elif action == "put_unit":
            state.units[unit] = (row.name, tuple(sorted(row.attributes)))
        elif action == "drop_unit":
            state.units.pop(unit, None)


def difference(
    old: Iterable[RegisterChange], new: Iterable[RegisterChange], scope: Scope = EVERYTHING
) -> list[list[RegisterRow]]:
    """Changes that turn the register `old` (all changes so far) into `new`, a list a unit.

    The rows of one unit belong together: a unit that moves between two members leaves the one and
    enters the other in one record, so that no state in between has it in both or in neither.
    Units in order of first appearance in `new`, dropped ones last. What `scope` does not hold is
    neither dropped nor put. A million spans on each side take some seconds.
    """
    return changes_between(state_after(old, scope), state_after(new, scope))


def changes_between(was: RegisterState, is_to_be: RegisterState) -> list[list[RegisterRow]]:
    """As `difference`, of the two states."""
    found = [
        _of_unit(unit, was, is_to_be)
        for unit in dict.fromkeys((*is_to_be.units, *is_to_be.spans, *was.spans, *was.units))
    ]
    return [rows for rows in found if rows]


def _of_unit(unit: _Unit, was: RegisterState, is_to_be: RegisterState) -> list[RegisterRow]:
    spans, wanted = was.spans.get(unit, _NO_SPANS), is_to_be.spans.get(unit, _NO_SPANS)
    known, put = was.units.get(unit), is_to_be.units.get(unit)
    if spans == wanted and known == put:
        return []
    rows = [
        RegisterRow("drop_membership", *unit, "", *span) for span in spans if span not in wanted
    ]
    if put is not None and put != known:
        rows.append(RegisterRow("put_unit", *unit, put[0], attributes=put[1]))
    for span, (valid_to, attributes) in wanted.items():
        if spans.get(span) != (valid_to, attributes):
            rows.append(RegisterRow("put_membership", *unit, "", *span, valid_to, attributes))
    if put is None and known is not None:
        rows.append(RegisterRow("drop_unit", *unit))
    return rows


_NO_SPANS: dict[_Span, tuple[str, Attributes]] = {}
