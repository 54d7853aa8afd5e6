"""The register (名录): units, list status, memberships, each with validity; a fold over changes.

A figure for a period uses what was in force on the period's last day. The fold is mutable because
it is long-lived and large; every question it answers is a pure function of the rows applied so far.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

import numpy as np

from indicators.arrays import Flags, Ids, Index
from indicators.catalogue import Grouping, Table
from indicators.errors import GranaryError
from indicators.membership import Membership, by_subject, everybody, with_total
from indicators.periods import period_end
from indicators.vocabulary import TOTAL

_ALWAYS, _FOREVER = 0, 2**31 - 1  # days; the proleptic ordinals of lawful dates lie between


class RegisterChange(Protocol):
    """One row of a register record, as `granary.records.RegisterRow` carries it."""

    @property
    def action(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def grouping(self) -> str: ...
    @property
    def member(self) -> str: ...
    @property
    def valid_from(self) -> str: ...
    @property
    def valid_to(self) -> str: ...
    @property
    def attributes(self) -> tuple[tuple[str, str], ...]: ...


class RegisterCollisionError(GranaryError):
    """Two unit codes of a city have one 64-bit key."""

    code = "register_collision"
    next_step = "Give one of the two units another code."


@dataclass(slots=True)
class _Units:
    """Units of one kind in order of first registration."""

    codes: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)
    attributes: list[dict[str, str]] = field(default_factory=list)
    active: list[bool] = field(default_factory=list)
    position: dict[str, int] = field(default_factory=dict)
    # (unit, grouping, member, valid_from) → valid_to
    memberships: dict[tuple[int, str, str, str], str] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class _Frame:
    """Vector view of `_Units`, built when first asked after a change."""

    ids: Ids
    sorted_ids: Ids
    sorted_positions: Index
    listed_from: Index
    listed_to: Index
    counted: Flags  # active and not 其中 of another unit
    members: dict[str, tuple[Index, list[str], Index, Index]]  # grouping → unit, member, from, to
    cache: dict[object, object] = field(default_factory=dict)


def day(text: str, default: int) -> int:
    """Ordinal of an ISO date, `default` for ''."""
    return date.fromisoformat(text).toordinal() if text else default


class Register:
    """All units of one city. `apply` folds changes in log order; the rest asks."""

    def __init__(self) -> None:
        self._kinds: dict[str, _Units] = {}
        self._frames: dict[str, _Frame] = {}
        self._code_of_id: dict[int, tuple[str, str]] = {}

    def apply(self, rows: Iterable[RegisterChange], ids: Iterable[int]) -> None:
        """Fold rows in order; `ids` are their 64-bit unit keys.

        Raises:
            RegisterCollisionError: a unit's key belongs to another unit already.
        """
        for row, key in zip(rows, ids, strict=True):
            units = self._kinds.setdefault(row.kind, _Units())
            at = self._place(units, row, key)
            if row.action == "put_unit":
                units.names[at] = row.name
                units.attributes[at] = dict(row.attributes)
                units.active[at] = True
            elif row.action == "drop_unit":
                units.active[at] = False
            elif row.action == "put_membership":
                units.memberships[at, row.grouping, row.member, row.valid_from] = row.valid_to
            elif row.action == "drop_membership":
                units.memberships.pop((at, row.grouping, row.member, row.valid_from), None)
        self._frames.clear()

    def _place(self, units: _Units, row: RegisterChange, key: int) -> int:
        at = units.position.get(row.code)
        if at is not None:
            return at
        owner = self._code_of_id.setdefault(key, (row.kind, row.code))
        if owner != (row.kind, row.code):
            raise RegisterCollisionError(
                f"{row.kind}:{row.code} has the key of {owner[0]}:{owner[1]}.", key=key
            )
        at = units.position[row.code] = len(units.codes)
        units.codes.append(row.code)
        units.names.append(row.name)
        units.ids.append(key)
        units.attributes.append({})
        units.active.append(False)  # a membership may come before its unit
        return at

    def kinds(self) -> list[str]:
        return list(self._kinds)

    def size(self, kind: str) -> int:
        """Units of the kind, dropped ones included: the length of every unit vector."""
        return len(self._kinds[kind].codes) if kind in self._kinds else 0

    def codes(self, kind: str) -> Sequence[str]:
        return self._kinds[kind].codes if kind in self._kinds else []

    def names(self, kind: str) -> Sequence[str]:
        return self._kinds[kind].names if kind in self._kinds else []

    def attributes(self, kind: str, at: int) -> dict[str, str]:
        return self._kinds[kind].attributes[at]

    def memberships(self, kind: str) -> dict[tuple[str, str, str, str], str]:
        """(code, grouping, member, valid_from) → valid_to."""
        units = self._kinds.get(kind, _Units())
        return {
            (units.codes[at], grouping, member, valid_from): valid_to
            for (at, grouping, member, valid_from), valid_to in units.memberships.items()
        }

    def units(self, kind: str) -> dict[str, tuple[str, dict[str, str]]]:
        """code → (name, attributes) of the active units."""
        units = self._kinds.get(kind, _Units())
        return {
            code: (units.names[at], units.attributes[at])
            for code, at in units.position.items()
            if units.active[at]
        }

    def ids(self, kind: str) -> Ids:
        """(units,) stored keys in index order."""
        return self._frame(kind).ids

    def index_of(self, kind: str, ids: Ids) -> Index:
        """(n,) unit index of each key; -1 where no active unit of the kind has it."""
        found = self.index_of_any(kind, ids)
        if not self.size(kind):
            return found
        return np.where((found >= 0) & self._active(kind)[found], found, np.int32(-1))

    def index_of_any(self, kind: str, ids: Ids) -> Index:
        """(n,) unit index of each key, dropped units included; -1 where none ever had it."""
        frame = self._frame(kind)
        if not len(frame.ids):
            return np.full(len(ids), -1, np.int32)
        near = np.minimum(np.searchsorted(frame.sorted_ids, ids), len(frame.ids) - 1)
        known = frame.sorted_ids[near] == ids
        return np.where(known, frame.sorted_positions[near], np.int32(-1)).astype(np.int32)

    def counted(self, kind: str) -> Flags:
        """(units,) active units that are no 其中 part of another: those that totals may hold."""
        return self._frame(kind).counted

    def listed(self, kind: str, period: int) -> Flags:
        """(units,) counted units on the list (在库) on the period's last day."""
        frame = self._frame(kind)
        end = period_end(period).toordinal()
        key = ("listed", end)
        if key not in frame.cache:
            on_list = (frame.listed_from <= end) & (end < frame.listed_to)
            frame.cache[key] = on_list & frame.counted
        return frame.cache[key]  # type: ignore[return-value]

    def scope(self, table: Table, period: int) -> Flags:
        """(units,) units that the table's totals hold: 在库, or all where no list rules."""
        kind, only = table.unit_kind, table.only
        units = self.listed(kind, period) if table.expected == "listed" else self.counted(kind)
        if only is None:
            return units
        frame = self._frame(kind)
        having = self.having(kind, only.attribute or "", only.one_of, only.starts_with)
        key = ("scope", id(units), id(having))  # both are kept in the frame
        if key not in frame.cache:
            frame.cache[key] = units & having
        return frame.cache[key]  # type: ignore[return-value]

    def having(
        self, kind: str, attribute: str, one_of: Sequence[str], starts_with: Sequence[str]
    ) -> Flags:
        """(units,) units whose attribute is one of the values, or begins with one of the others."""
        frame = self._frame(kind)
        key = ("having", attribute, tuple(one_of), tuple(starts_with))
        if key not in frame.cache:
            values = [one.get(attribute, "") for one in self._kinds.get(kind, _Units()).attributes]
            wanted, beginnings = frozenset(one_of), tuple(starts_with)
            frame.cache[key] = np.array(
                [value in wanted or value.startswith(beginnings) for value in values], bool
            )
        return frame.cache[key]  # type: ignore[return-value]

    def in_member(self, kind: str, grouping: str, member: str, period: int) -> Flags:
        """(units,) whether the unit is in that member on the period's last day; `total`: in any."""
        unit, members, valid_from, valid_to = self._frame(kind).members.get(grouping, _NO_MEMBERS)
        end = period_end(period).toordinal()
        chosen = (valid_from <= end) & (end < valid_to)
        if member != TOTAL:
            chosen &= np.fromiter((name == member for name in members), bool, len(members))
        flags = np.zeros(self.size(kind), bool)
        flags[unit[chosen]] = True
        return flags

    def membership(self, kind: str, grouping: Grouping | None, period: int) -> Membership:
        """Units of the kind by member of the grouping at the period; None: the city, one subject.

        Members in catalogue order, then the total where they may overlap (`Grouping.subjects`); a
        membership in a member the catalogue lacks is in no subject.
        """
        frame = self._frame(kind)
        if grouping is None:
            if "everybody" not in frame.cache:
                frame.cache["everybody"] = everybody(self.size(kind))
            return frame.cache["everybody"]  # type: ignore[return-value]
        unit, members, valid_from, valid_to = frame.members.get(grouping.code, _NO_MEMBERS)
        segment = self._segment(frame, grouping.code, period)
        codes = tuple(member.code for member in grouping.members)
        key = ("membership", grouping.code, grouping.subjects, segment)
        if key not in frame.cache:
            order = {code: at for at, code in enumerate(codes)}
            subject = np.fromiter((order.get(name, -1) for name in members), np.int32, len(members))
            end = period_end(period).toordinal()
            chosen = (valid_from <= end) & (end < valid_to) & (subject >= 0)
            members_of = by_subject(unit[chosen], subject[chosen], len(codes))
            frame.cache[key] = members_of if grouping.partition else with_total(members_of)
        return frame.cache[key]  # type: ignore[return-value]

    def crossed(self, kind: str, first: Grouping, second: Grouping, period: int) -> Membership:
        """Units by (member of first, member of second), first varying slowest."""
        frame = self._frame(kind)
        key = (
            "crossed",
            first.code,
            second.code,
            self._segment(frame, first.code, period),
            self._segment(frame, second.code, period),
            first.subjects,
            second.subjects,
        )
        if key not in frame.cache:
            one = self.membership(kind, first, period)
            other = self.membership(kind, second, period)
            subject_one = np.repeat(np.arange(one.subjects), np.diff(one.starts))
            subject_other = np.repeat(np.arange(other.subjects), np.diff(other.starts))
            by_unit = np.argsort(other.units, kind="stable")
            low = np.searchsorted(other.units[by_unit], one.units, side="left")
            high = np.searchsorted(other.units[by_unit], one.units, side="right")
            repeats = high - low
            pair = np.repeat(np.arange(len(one.units)), repeats)
            step = np.arange(len(pair)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
            partner = by_unit[low[pair] + step]
            subject = subject_one[pair] * other.subjects + subject_other[partner]
            frame.cache[key] = by_subject(
                one.units[pair], subject.astype(np.int32), one.subjects * other.subjects
            )
        return frame.cache[key]  # type: ignore[return-value]

    def is_margin(
        self, kind: str, first: Grouping, second: Grouping, axis: int, period: int
    ) -> bool:
        """Whether a cross summed over one axis (0: `first`) has the very pairs of the other.

        So it has where every unit of the other grouping is in one member of the summed one.
        """
        frame, kept = self._frame(kind), (first, second)[1 - axis]
        crossed = self.crossed(kind, first, second, period)
        members = self.membership(kind, kept, period)
        key = ("margin", axis, id(crossed), id(members))  # both are kept in the frame
        if key not in frame.cache:
            subject = np.repeat(np.arange(crossed.subjects), np.diff(crossed.starts))
            parted = np.divmod(subject, len(second.subjects))[1 - axis]
            again = by_subject(crossed.units, parted.astype(np.int32), members.subjects)
            frame.cache[key] = np.array_equal(again.starts, members.starts) and np.array_equal(
                again.units, members.units
            )
        return frame.cache[key]  # type: ignore[return-value]

    def _segment(self, frame: _Frame, grouping: str, period: int) -> int:
        """Number of the stretch of days, between two changes of the grouping, a period ends in."""
        key = ("breaks", grouping)
        if key not in frame.cache:
            _, _, valid_from, valid_to = frame.members.get(grouping, _NO_MEMBERS)
            frame.cache[key] = np.unique(np.concatenate([valid_from, valid_to]))
        end = period_end(period).toordinal()
        return int(np.searchsorted(frame.cache[key], end, side="right"))  # type: ignore[call-overload]

    def _active(self, kind: str) -> Flags:
        frame = self._frame(kind)
        if "active" not in frame.cache:
            frame.cache["active"] = np.array(self._kinds[kind].active, bool)
        return frame.cache["active"]  # type: ignore[return-value]

    def _frame(self, kind: str) -> _Frame:
        frame = self._frames.get(kind)
        if frame is None:
            frame = self._frames[kind] = _framed(self._kinds.get(kind, _Units()))
        return frame


_NO_DAYS = np.zeros(0, np.int32)
_NO_MEMBERS: tuple[Index, list[str], Index, Index] = (_NO_DAYS, [], _NO_DAYS, _NO_DAYS)


def _framed(units: _Units) -> _Frame:
    ids = np.array(units.ids, np.uint64)
    order = np.argsort(ids, kind="stable").astype(np.int32)
    members: dict[str, tuple[list[int], list[str], list[int], list[int]]] = {}
    for (at, grouping, member, valid_from), valid_to in units.memberships.items():
        lists = members.setdefault(grouping, ([], [], [], []))
        lists[0].append(at)
        lists[1].append(member)
        lists[2].append(day(valid_from, _ALWAYS))
        lists[3].append(day(valid_to, _FOREVER))
    attributes = units.attributes
    return _Frame(
        ids=ids,
        sorted_ids=ids[order],
        sorted_positions=order,
        listed_from=np.array(
            [day(a.get("listed_from", ""), _ALWAYS) for a in attributes], np.int32
        ),
        listed_to=np.array([day(a.get("listed_to", ""), _FOREVER) for a in attributes], np.int32),
        counted=np.array(
            [
                active and not a.get("part_of")
                for active, a in zip(units.active, attributes, strict=True)
            ],
            bool,
        ),
        members={
            grouping: (
                np.array(unit, np.int32),
                names,
                np.array(first, np.int32),
                np.array(last, np.int32),
            )
            for grouping, (unit, names, first, last) in members.items()
        },
    )
