"""The register (名录): units, list status, memberships, each with validity; a fold over changes.

A figure for a period uses what was in force on the period's last day. The fold is mutable because
it is long-lived and large; every question it answers is a pure function of the rows applied so far.
Groupings that begin with ':' are no catalogue's: `:list` holds the decisions on who is on the
survey list (在库), `:key.<scheme>` the keys under which departments know a unit.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence

import numpy as np

from indicators.arrays import Flags, Ids, Index
from indicators.catalogue import Grouping, Table
from indicators.errors import GranaryError
from indicators.membership import Membership
from indicators.register_fold import (
    KEY_PREFIX,
    LIST_GROUPING,
    LIST_MEMBER,
    Dates,
    RegisterChange,
    RegisterCollisionError,
    Span,
    SpanVectors,
    Units,
)
from indicators.register_view import NO_UNITS, Answer, KindView

__all__ = [
    "KEY_PREFIX",
    "LIST_GROUPING",
    "LIST_MEMBER",
    "KeysWithoutIdsError",
    "Register",
    "RegisterChange",
    "RegisterCollisionError",
    "Span",
]


class KeysWithoutIdsError(GranaryError):
    """Keys are asked for in a register that was not told how keys are numbered."""

    code = "keys_without_ids"
    next_step = "Make it as Register(granary.keys.unit_id)."


class _Pointed:
    """Which units of another kind an attribute names, as long as that kind's view is the one."""

    to: KindView | None = None
    units: Index = np.zeros(0, np.int32)


class Register:
    """All units of one city. `apply` folds changes in log order; the rest asks."""

    def __init__(self, key_id: Callable[[str, str], int] | None = None) -> None:
        """`key_id` (scheme, key) → the 64-bit id of a department's key, as rows carry it.

        The core hashes nothing, so whoever folds the log hands in its function
        (`granary.keys.unit_id`); without it all but `unit_of_keys` can be asked. A key's id is that
        of a unit whose kind is the scheme and whose code is the key.
        """
        self._kinds: dict[str, Units] = {}
        self._views: dict[str, KindView] = {}
        self._code_of_id: dict[int, tuple[str, str]] = {}
        self._dates = Dates()
        self._key_id = key_id

    def apply(self, rows: Iterable[RegisterChange], ids: Iterable[int]) -> None:
        """Fold rows in order; `ids` are their 64-bit unit keys.

        Raises:
            RegisterCollisionError: a unit's key, or a department's, belongs to another already.
            ValueError: a date is no ISO date.
        """
        for row, unit_key in zip(rows, ids, strict=True):
            units = self._kinds.get(row.kind)
            if units is None:
                units = self._kinds[row.kind] = Units(self._dates)
            at = units.position.get(row.code)
            if at is None:
                self._claim(unit_key, row.kind, row.code)
                at = units.place(row, unit_key)
            if self._key_id and row.grouping.startswith(KEY_PREFIX):
                scheme = row.grouping[len(KEY_PREFIX) :]
                self._claim(self._key_id(scheme, row.member), scheme, row.member)
            units.apply(at, row)
            self._views.pop(row.kind, None)

    def _claim(self, number: int, kind: str, code: str) -> None:
        owner = self._code_of_id.setdefault(number, (kind, code))
        if owner != (kind, code):
            raise RegisterCollisionError(
                f"{kind}:{code} has the key of {owner[0]}:{owner[1]}.", key=number
            )

    def kinds(self) -> list[str]:
        return list(self._kinds)

    def size(self, kind: str) -> int:
        """Units of the kind, dropped ones included: the length of every unit vector."""
        return len(self._of(kind).codes)

    def place(self, kind: str, code: str) -> int:
        """Index of the unit, dropped ones included; -1 where none ever had the code."""
        return self._of(kind).position.get(code, -1)

    def codes(self, kind: str) -> Sequence[str]:
        return self._of(kind).codes

    def names(self, kind: str) -> Sequence[str]:
        return self._of(kind).names

    def attributes(self, kind: str, at: int) -> dict[str, str]:
        return self._kinds[kind].attributes[at]

    def texts(self, kind: str, attribute: str) -> Sequence[str]:
        """(units,) the attribute's text, '' for none."""
        return self._view(kind).texts(attribute)

    def pointed(self, kind: str, attribute: str, other: str) -> Index:
        """(units,) index of the active unit of the kind `other` whose code the attribute holds.

        -1 where there is none.
        """
        view, to = self._view(kind), self._view(other)
        known = view.kept(("pointed", attribute, other), _Pointed)
        if known.to is not to:  # a unit of the other kind has changed
            position = self._of(other).position
            found = [position.get(code, -1) for code in view.texts(attribute)]
            active = [at if at >= 0 and to.active[at] else -1 for at in found]
            known.to, known.units = to, np.array(active, np.int32)
        return known.units

    def kept(self, kind: str, key: Hashable, make: Callable[[], Answer]) -> Answer:
        """The answer to a question about the kind's units, made once until one of them changes."""
        return self._view(kind).kept(key, make)

    def groupings(self, kind: str) -> list[str]:
        """Groupings of which there is, or once was, a span of a unit of the kind."""
        return list(self._of(kind).spans)

    def spans(self, kind: str, grouping: str) -> list[Span]:
        """Every span of the kind's units in the grouping, those of dropped units included."""
        units = self._of(kind)
        found = units.spans.get(grouping)
        return found.each(units.codes) if found else []

    def memberships(self, kind: str) -> dict[tuple[str, str, str, str], str]:
        """(code, grouping, member, valid_from) → valid_to."""
        return {
            (span.code, grouping, span.member, span.valid_from): span.valid_to
            for grouping in self.groupings(kind)
            for span in self.spans(kind, grouping)
        }

    def units(self, kind: str) -> dict[str, tuple[str, dict[str, str]]]:
        """code → (name, attributes) of the active units."""
        units = self._of(kind)
        return {
            code: (units.names[at], units.attributes[at])
            for code, at in units.position.items()
            if units.active[at]
        }

    def ids(self, kind: str) -> Ids:
        """(units,) stored keys in index order."""
        return self._view(kind).ids

    def index_of(self, kind: str, ids: Ids) -> Index:
        """(n,) unit index of each key; -1 where no active unit of the kind has it."""
        found, view = self.index_of_any(kind, ids), self._view(kind)
        if view.size:
            found[(found >= 0) & ~view.active[found]] = -1
        return found

    def index_of_any(self, kind: str, ids: Ids) -> Index:
        """(n,) unit index of each key, dropped units included; -1 where none ever had it."""
        return self._view(kind).index_of(ids)

    def unit_of_keys(self, kind: str, scheme: str, key_ids: Ids, period: int) -> Index:
        """(n,) index of the active unit that each department's key belongs to at the period, or -1.

        key_ids (n,) uint64: ids of (scheme, key), such as `granary.keys.unit_id` gives. Of two
        units that the log gives one key at a time, which no loader lets through, it is that of the
        later beginning.

        Raises:
            KeysWithoutIdsError: the register was made without `key_id`.
        """
        if self._key_id is None:
            raise KeysWithoutIdsError(f"which unit has a key of {scheme!r} cannot be said.")
        return self._view(kind).unit_of_keys(scheme, key_ids, period, self._key_id)

    def counted(self, kind: str) -> Flags:
        """(units,) active units that are no 其中 part of another: those that totals may hold."""
        return self._view(kind).counted

    def listed(self, kind: str, period: int) -> Flags:
        """(units,) counted units on the list (在库) on the period's last day.

        A unit with a recorded decision (`:list`) is listed exactly inside its spans; any other by
        its attributes listed_from and listed_to, where '' is open.
        """
        return self._view(kind).listed(period)

    def list_spans(self, kind: str) -> SpanVectors:
        """Spans of counted units on the list, each in order of unit and first day.

        By the recorded decisions of a unit that has any, else by its two dates, as in `listed`.
        """
        return self._view(kind).list_spans()

    def scope(self, table: Table, period: int) -> Flags:
        """(units,) units that the table's totals hold: 在库, or all where no list rules."""
        kind, only = table.unit_kind, table.only
        units = self.listed(kind, period) if table.expected == "listed" else self.counted(kind)
        if only is None:
            return units
        having = self.having(kind, only.attribute or "", only.one_of, only.starts_with)
        key = ("scope", id(units), id(having))  # both are kept in the view
        return self._view(kind).kept(key, lambda: units & having)

    def having(
        self, kind: str, attribute: str, one_of: Sequence[str], starts_with: Sequence[str]
    ) -> Flags:
        """(units,) units whose attribute is one of the values, or begins with one of the others."""
        return self._view(kind).having(attribute, one_of, starts_with)

    def in_member(self, kind: str, grouping: str, member: str, period: int) -> Flags:
        """(units,) whether the unit is in that member on the period's last day; `total`: in any."""
        return self._view(kind).in_member(grouping, member, period)

    def membership(self, kind: str, grouping: Grouping | None, period: int) -> Membership:
        """Units of the kind by member of the grouping at the period; None: the city, one subject.

        Members in catalogue order, then the total where they may overlap (`Grouping.subjects`); a
        membership in a member the catalogue lacks is in no subject.
        """
        return self._view(kind).membership(grouping, period)

    def crossed(self, kind: str, first: Grouping, second: Grouping, period: int) -> Membership:
        """Units by (member of first, member of second), first varying slowest."""
        return self._view(kind).crossed(first, second, period)

    def is_margin(
        self, kind: str, first: Grouping, second: Grouping, axis: int, period: int
    ) -> bool:
        """Whether a cross summed over one axis (0: `first`) has the very pairs of the other.

        So it has where every unit of the other grouping is in one member of the summed one.
        """
        return self._view(kind).is_margin(first, second, axis, period)

    def _of(self, kind: str) -> Units:
        return self._kinds.get(kind, NO_UNITS)

    def _view(self, kind: str) -> KindView:
        view = self._views.get(kind)
        if view is None:
            view = self._views[kind] = KindView(self._of(kind))
        return view
