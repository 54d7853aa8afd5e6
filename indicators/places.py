"""Places: the subjects of a level at a period, and what each of them is a part of."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from indicators.amounts import Exact, largest
from indicators.arrays import Counts, Flags
from indicators.catalogue import Catalogue, Grouping
from indicators.membership import Membership, Positions
from indicators.register import Register
from indicators.vocabulary import CITY_LEVEL

#: A level: the city, a grouping, or a cross of two.
Level = str | tuple[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Margin:
    """A level whose subjects hold just the pairs of a cross, so that its sums are the cross's.

    shape: (subjects of the cross's first, of its second). axis: the one that is summed away.
    """

    level: Level
    place: "Place"
    shape: tuple[int, int]
    axis: int

    def of(self, sums: Exact) -> Exact:
        """(subjects,) exact sums out of those of the cross."""
        if sums.dtype != object and largest(sums) * self.shape[self.axis] >= 2**63:
            sums = sums.astype(object)
        found: Exact = sums.reshape(self.shape).sum(axis=self.axis)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Subjects of a level at one period. Counts of the same vector are made once.

    whole_of: (subjects,) position, in the level of the wholes, of what each subject is a part of.
    totals: (subjects,) the totals of a grouping whose members overlap, None elsewhere. margin: the
    finer level that sums may be made of, None where they are made of the units.
    """

    members: Membership
    whole_of: Positions
    totals: Flags | None = None
    units: int = 0
    margin: Margin | None = None
    _counts: dict[int, tuple[Flags, Counts]] = field(default_factory=dict)
    _shared: list[Flags] = field(default_factory=list)

    def count(self, flags: Flags) -> Counts:
        """(subjects,) flagged units in each subject. `flags` must not change afterwards."""
        found = self._counts.get(id(flags))
        if found is None:  # the vector is kept, so that its id stays its own
            found = self._counts[id(flags)] = (flags, self._count(flags))
        return found[1]

    def _count(self, flags: Flags) -> Counts:
        if self.margin is None:
            return self.members.count(flags)
        return self.margin.of(self.margin.place.count(flags))

    def touched(self, flags: Flags) -> Flags:
        """(subjects,) whether any flagged unit is in the subject."""
        return self.count(flags) > 0

    def shared(self) -> Flags | None:
        """(units,) units in more than one member of an overlapping grouping; None elsewhere."""
        if self.totals is None:
            return None
        if not self._shared:
            last = self.members.starts[-2]  # the total comes last
            found = np.bincount(self.members.units[:last], minlength=self.units) > 1
            self._shared.append(found)
        return self._shared[0]


class Places:
    """Places of one state of the city."""

    def __init__(self, catalogue: Catalogue, register: Register) -> None:
        self._catalogue = catalogue
        self._register = register
        self._found: dict[tuple[str, Level, int], Place] = {}
        self._subjects: dict[Level, tuple[Sequence[str], Sequence[str]]] = {}
        self._crosses = [one for one in catalogue.crosses if one[0] != one[1]]

    def at(self, kind: str, level: Level, period: int) -> Place:
        """Subjects of units of the kind."""
        key = (kind, level, period)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._place(kind, level, period)
        return found

    def subjects(self, level: Level) -> tuple[Sequence[str], Sequence[str]]:
        """(subjects, by_subjects) codes in the order of the level's vectors."""
        found = self._subjects.get(level)
        if found is None:
            found = self._subjects[level] = self._codes(level)
        return found

    def _place(self, kind: str, level: Level, period: int) -> Place:
        register = self._register
        if isinstance(level, tuple):
            first, second = (self._catalogue.grouping[code] for code in level)
            whole_of = np.tile(np.arange(len(second.subjects)), len(first.subjects))
            return Place(register.crossed(kind, first, second, period), whole_of)
        grouping = None if level == CITY_LEVEL else self._catalogue.grouping[level]
        members = register.membership(kind, grouping, period)
        totals = None
        if grouping is not None and not grouping.partition:
            totals = np.arange(members.subjects) == members.subjects - 1
        whole_of = np.zeros(members.subjects, np.intp)
        margin = None if grouping is None else self._margin(kind, grouping, period)
        return Place(members, whole_of, totals, register.size(kind), margin)

    def _margin(self, kind: str, grouping: Grouping, period: int) -> Margin | None:
        """The first cross that has every pair of the grouping once."""
        for cross in self._crosses:
            if grouping.code not in cross:
                continue
            axis = 1 - cross.index(grouping.code)
            first, second = (self._catalogue.grouping[code] for code in cross)
            if self._register.is_margin(kind, first, second, axis, period):
                shape = (len(first.subjects), len(second.subjects))
                return Margin(cross, self.at(kind, cross, period), shape, axis)
        return None

    def _codes(self, level: Level) -> tuple[Sequence[str], Sequence[str]]:
        if isinstance(level, tuple):
            first, second = (self._catalogue.grouping[code].subjects for code in level)
            return (
                [one for one in first for _ in second],
                [other for _ in first for other in second],
            )
        if level == CITY_LEVEL:
            return [self._catalogue.city.code], [""]
        subjects = self._catalogue.grouping[level].subjects
        return subjects, [""] * len(subjects)


def whole_level(level: Level) -> Level:
    """The level of what a level's subjects are parts of: the city, or the second of a cross."""
    return CITY_LEVEL if isinstance(level, str) else level[1]
