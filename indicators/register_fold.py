"""The fold of register rows: units of one kind, and the validity spans that rows give them.

Kept as growing arrays, so that a register of a million spans can be looked at after every record of
a long log without being gone through again.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from indicators.errors import GranaryError

#: Groupings that no catalogue can have: its codes hold no ':'.
LIST_GROUPING: Final = ":list"
LIST_MEMBER: Final = "on_list"
KEY_PREFIX: Final = ":key."

#: Days before and after every date that can be written ('' = open).
ALWAYS: Final = 0
FOREVER: Final = 2**31 - 1

Attributes = tuple[tuple[str, str], ...]


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
    def attributes(self) -> Attributes: ...


class RegisterCollisionError(GranaryError):
    """Two units, or keys of departments, of a city have one 64-bit key."""

    code = "register_collision"
    next_step = "Give one of the two another code."


class Names:
    """Texts numbered in order of first appearance."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._number: dict[str, int] = {}

    def number(self, text: str) -> int:
        """Number of the text, a new one for a new text."""
        found = self._number.get(text)
        if found is None:
            found = self._number[text] = len(self.texts)
            self.texts.append(text)
        return found

    def known(self, text: str) -> int:
        """Number of the text, -1 if it never came."""
        return self._number.get(text, -1)


class Dates:
    """ISO dates as they were written, each parsed once; '' is open on the side asked for."""

    def __init__(self) -> None:
        self._names = Names()
        self._days = array("i", [])
        self.number("")

    def number(self, text: str) -> int:
        """Number of the date text; 0 for ''.

        Raises:
            ValueError: it is no ISO date.
        """
        found = self._names.known(text)
        if found < 0:
            self._days.append(date.fromisoformat(text).toordinal() if text else ALWAYS)
            found = self._names.number(text)
        return found

    def text(self, number: int) -> str:
        return self._names.texts[number]

    def days(self, numbers: "array[int]", open_day: int) -> NDArray[np.int32]:
        """(n,) proleptic ordinals of the numbered dates, `open_day` for ''."""
        days = np.array(self._days, np.int32)
        days[0] = open_day
        return days[np.frombuffer(numbers, np.int32)] if numbers else np.zeros(0, np.int32)


@dataclass(frozen=True, slots=True)
class Span:
    """A unit's time in a member: valid_from inclusive, valid_to exclusive, '' = open."""

    code: str
    member: str
    valid_from: str
    valid_to: str
    attributes: Attributes = ()


class Spans:
    """Spans of the units of one kind in one grouping; identity is (unit, member, valid_from)."""

    def __init__(self, dates: Dates) -> None:
        self.members = Names()
        self._dates = dates
        self._unit = array("i")
        self._member = array("i")
        self._first = array("i")
        self._last = array("i")
        self._slot: dict[int, int] = {}
        self._free: list[int] = []
        self._attributes: dict[int, Attributes] = {}

    def put(self, unit: int, row: RegisterChange) -> None:
        """Take the row's span, in place of the one of its identity."""
        member = self.members.number(row.member)
        first, last = self._dates.number(row.valid_from), self._dates.number(row.valid_to)
        identity = _identity(unit, member, first)
        slot = self._slot.get(identity)
        if slot is None:
            slot = self._slot[identity] = self._free.pop() if self._free else self._new_slot()
            self._unit[slot], self._member[slot], self._first[slot] = unit, member, first
        self._last[slot] = last
        if row.attributes:
            self._attributes[slot] = tuple(sorted(row.attributes))
        else:
            self._attributes.pop(slot, None)

    def drop(self, unit: int, row: RegisterChange) -> None:
        """Take the span of the row's identity away, if there is one."""
        member = self.members.known(row.member)
        identity = _identity(unit, member, self._dates.number(row.valid_from))
        slot = self._slot.pop(identity, None) if member >= 0 else None
        if slot is not None:
            self._unit[slot] = -1
            self._attributes.pop(slot, None)
            self._free.append(slot)

    def _new_slot(self) -> int:
        for column in (self._unit, self._member, self._first, self._last):
            column.append(0)
        return len(self._unit) - 1

    def each(self, codes: Sequence[str]) -> list[Span]:
        """Every span; `codes` of the units by index."""
        return [
            Span(
                codes[self._unit[slot]],
                self.members.texts[self._member[slot]],
                self._dates.text(self._first[slot]),
                self._dates.text(self._last[slot]),
                self._attributes.get(slot, ()),
            )
            for slot in self._slot.values()
        ]

    def vectors(self) -> "SpanVectors":
        """A copy as arrays of what holds now."""
        unit = np.array(self._unit, np.int32)
        live = unit >= 0
        columns = (
            unit,
            np.array(self._member, np.int32),
            self._dates.days(self._first, ALWAYS),
            self._dates.days(self._last, FOREVER),
        )
        if not live.all():
            columns = tuple(column[live] for column in columns)  # type: ignore[assignment]
        return SpanVectors(*columns, names=self.members)


@dataclass(frozen=True, slots=True, eq=False)
class SpanVectors:
    """Spans of one grouping: each array (spans,); `member` numbers `names`; days are ordinals."""

    unit: NDArray[np.int32]
    member: NDArray[np.int32]
    first: NDArray[np.int32]
    last: NDArray[np.int32]
    names: Names = field(default_factory=Names)

    def at(self, day: int) -> NDArray[np.bool_]:
        """(spans,) whether the span holds on the day."""
        return (self.first <= day) & (day < self.last)


_NONE = np.zeros(0, np.int32)
NO_SPANS: Final = SpanVectors(_NONE, _NONE, _NONE, _NONE)


def _identity(unit: int, member: int, first: int) -> int:
    """One integer instead of a tuple: a million identities in 100 MB less."""
    return unit << 64 | member << 32 | first


class Units:
    """Units of one kind in order of first registration; dropped ones keep their place."""

    def __init__(self, dates: Dates) -> None:
        self.codes: list[str] = []
        self.names: list[str] = []
        self.attributes: list[dict[str, str]] = []
        self.ids = array("Q")
        self.active = bytearray()
        self.counted = bytearray()  # active and not 其中 of another unit
        self.listed_from = array("i")
        self.listed_to = array("i")
        self.position: dict[str, int] = {}
        self.spans: dict[str, Spans] = {}
        self.dates = dates

    def place(self, row: RegisterChange, key: int) -> int:
        """Index of the row's unit, a new one at its first row: a span may come before its unit."""
        at = self.position.get(row.code)
        if at is None:
            at = self.position[row.code] = len(self.codes)
            self.codes.append(row.code)
            self.names.append(row.name)
            self.attributes.append({})
            self.ids.append(key)
            self.active.append(False)
            self.counted.append(False)
            self.listed_from.append(0)
            self.listed_to.append(0)
        return at

    def apply(self, at: int, row: RegisterChange) -> None:
        """Fold one row of the unit at that place."""
        if row.action == "put_membership":
            self.grouping(row.grouping).put(at, row)
        elif row.action == "drop_membership":
            self.grouping(row.grouping).drop(at, row)
        elif row.action == "put_unit":
            attributes = dict(row.attributes)
            self.names[at] = row.name
            self.attributes[at] = attributes
            self.active[at] = True
            self.counted[at] = not attributes.get("part_of")
            self.listed_from[at] = self.dates.number(attributes.get("listed_from", ""))
            self.listed_to[at] = self.dates.number(attributes.get("listed_to", ""))
        elif row.action == "drop_unit":
            self.active[at] = self.counted[at] = False

    def grouping(self, code: str) -> Spans:
        found = self.spans.get(code)
        if found is None:
            found = self.spans[code] = Spans(self.dates)
        return found
