"""Units by subject (district, industry, zone, the city), and the exact sums over them.

Membership is CSR, so that one `reduceat` over a gathered vector sums every subject at once. Indices
are of the machine's own width: numpy gathers by them twice as fast as by narrower ones.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indicators.arrays import Amounts, Counts, Flags, Index

Positions = NDArray[np.intp]
_INT64 = 2**63


@dataclass(frozen=True, slots=True, eq=False)
class Membership:
    """`units` (pairs,) unit indices ordered by subject; `starts` (subjects + 1,).

    A unit may stand in several subjects of an overlapping grouping, or in none. `everybody`: the
    pairs are all units in their own order, so that nothing needs gathering.
    """

    units: Positions
    starts: Positions
    everybody: bool = False

    @property
    def subjects(self) -> int:
        return len(self.starts) - 1

    def touched(self, flags: Flags) -> Flags:
        """(subjects,) whether any flagged unit is in the subject."""
        return self.count(flags) > 0

    def count(self, flags: Flags) -> Counts:
        """(subjects,) flagged units in each subject."""
        chosen = self.gathered(flags)
        if self.subjects == 1:
            return np.array([np.count_nonzero(chosen)], np.int64)
        return segment_sum(chosen.astype(np.int64), self.starts)

    def gathered(self, values: NDArray[Any]) -> NDArray[Any]:
        """(pairs,) the units' values in the order of the pairs; to be read only."""
        return values if self.everybody else values.take(self.units)

    def flagged(self, flags: Flags) -> Positions:
        """Flagged units in the order of the pairs: subject after subject."""
        return self.units.take(np.flatnonzero(self.gathered(flags)))

    def of(self, subject: int, flags: Flags) -> Positions:
        """Flagged units of one subject."""
        units = self.units[self.starts[subject] : self.starts[subject + 1]]
        return units[flags[units]]


def everybody(units: int) -> Membership:
    """All units in one subject: the city."""
    return Membership(np.arange(units), np.array([0, units]), everybody=True)


def by_subject(unit: Index | Positions, subject: Index, subjects: int) -> Membership:
    """From pairs of a unit and its subject."""
    order = np.lexsort((unit, subject))
    counts = np.bincount(subject, minlength=subjects)
    starts = np.concatenate([[0], np.cumsum(counts)])
    return Membership(unit[order].astype(np.intp), starts.astype(np.intp))


def with_total(members: Membership) -> Membership:
    """The same subjects, and one more that holds each of their units once (合计,剔重)."""
    each = np.flatnonzero(np.bincount(members.units))  # in order, and no sorting
    end = members.starts[-1] + len(each)
    return Membership(
        np.concatenate([members.units, each]), np.concatenate([members.starts, [end]])
    )


def segment_sum(values: NDArray[np.int64], starts: Positions) -> NDArray[np.int64]:
    """(segments,) int64 sums of values[starts[k]:starts[k+1]]; an empty segment sums to 0."""
    begins, ends = starts[:-1], starts[1:]
    filled = begins < ends
    if filled.all():
        return np.add.reduceat(values, begins) if len(begins) else np.zeros(0, np.int64)
    total = np.zeros(len(begins), np.int64)
    if filled.any():
        total[filled] = np.add.reduceat(values, begins[filled])
    return total


def subject_sums(values: Amounts, largest: int, members: Membership) -> NDArray[Any]:
    """(subjects,) exact sums of values (units,), none of which is larger than `largest` in size.

    int64 where no sum can wrap, Python integers (dtype object) beyond.
    """
    chosen = members.gathered(values)
    if largest * max(len(chosen), 1) < _INT64:
        return segment_sum(chosen, members.starts)
    high = segment_sum(chosen >> 31, members.starts).astype(object)
    low = segment_sum(chosen & (2**31 - 1), members.starts).astype(object)
    exact: NDArray[Any] = high * 2**31 + low
    return exact
