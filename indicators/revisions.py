"""Revisions (修订): what a figure's change between two moments is made of, exactly.

A unit's part in a side of a plain figure is Σ factor · value where every item of the formula is
reported, else 0. Each return that changed a cell in between moves the unit from one part to the
next, so the moves of one unit add up to now − then, whatever their number. What is left of a
figure's difference is the register's: parts as they were then, of units that came or left.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from indicators.amounts import Exact, add, combine, largest, times
from indicators.arrays import Amounts, Flags, Index
from indicators.membership import Positions

#: `Steps.submission` of what stood at the earlier moment.
BEFORE = -1
_INT64 = 2**63


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """States of cells, all (n,): first what stood then (`BEFORE`, order 0), then each change.

    unit: index of the unit; item: position in the formula's items; order: grows with the log, the
    same for cells that changed at once; value: in 10^-4; there: reported.
    """

    unit: Index | Positions
    item: Index | Positions
    order: Positions
    submission: Index | Positions
    value: Amounts
    there: Flags


@dataclass(frozen=True, slots=True, eq=False)
class Moves:
    """How units moved: `unit`, `submission` (m,); `change` a side → (m,) exact in 10^-10.

    A unit's move by `BEFORE` is its part as it was then.
    """

    unit: Positions
    submission: Positions
    change: Sequence[Exact]


def moves(steps: Steps, items: Sequence[str], sides: Sequence[Mapping[str, Fraction]]) -> Moves:
    """Each unit's moves, for each side (its factors by item); a unit needs every item for any."""
    order = np.lexsort((steps.order, steps.unit))
    unit, at = steps.unit[order].astype(np.int64), steps.order[order]
    starts = np.ones(len(unit), bool)
    starts[1:] = (unit[1:] != unit[:-1]) | (at[1:] != at[:-1])
    first = np.flatnonzero(starts)
    state = np.cumsum(starts) - 1
    owner = unit[first]
    fresh = np.ones(len(first), bool)
    fresh[1:] = owner[1:] != owner[:-1]
    begin = np.maximum.accumulate(np.where(fresh, np.arange(len(first)), 0)).astype(np.int64)
    whole, values = np.ones(len(first), bool), {}
    for position, code in enumerate(items):
        value, there = _filled(steps, order, state, begin, position)
        whole &= there
        values[code] = value
    changes: list[Exact] = []
    for factors in sides:
        part = combine({code: np.where(whole, values[code], 0) for code in factors}, factors)
        previous = np.where(fresh, 0, np.roll(part, 1))
        changes.append(add(part, times(previous, -1)))
    return Moves(owner, steps.submission[order][first].astype(np.int64), changes)


def _filled(
    steps: Steps, order: Positions, state: Positions, begin: Positions, position: int
) -> tuple[Amounts, Flags]:
    """The item's value and whether it is reported in each state: the last told within the unit."""
    mine = steps.item[order] == position
    row = np.full(len(begin), -1, np.int64)
    row[state[mine]] = np.flatnonzero(mine)
    told = np.where(row >= 0, np.arange(len(row)), -1)
    last = np.maximum.accumulate(told) if len(told) else told
    known = last >= begin
    at = row[np.where(known, last, 0)]
    there = np.zeros(len(begin), bool)
    value = np.zeros(len(begin), np.int64)
    there[known] = steps.there[order][at[known]]
    value[known] = steps.value[order][at[known]]
    return np.where(there, value, 0), there


@dataclass(frozen=True, slots=True)
class Explanation:
    """One side's difference, in 10^-10: `by_submission` + `register` + `rest` = the difference.

    rest: what neither returns nor the register explain, as another formula of a later catalogue.
    """

    by_submission: Mapping[int, int]
    register: int
    rest: int


def explained(moved: Moves, side: int, then: Flags, now: Flags, difference: int) -> Explanation:
    """Explain one subject's difference; `then`, `now` (units,): whether the subject held the unit.

    A return counts where the subject holds the unit now; what a unit brought along or took away is
    the register's.
    """
    change = moved.change[side]
    held = now[moved.unit]
    returned = (moved.submission != BEFORE) & held
    by_submission = _sums(moved.submission[returned], change[returned])
    before = moved.submission == BEFORE
    register = _total(change[before & held]) - _total(change[before & then[moved.unit]])
    rest = difference - register - sum(by_submission.values())
    return Explanation(by_submission, register, rest)


def _total(amounts: Exact) -> int:
    return int(_summable(amounts).sum())


def _sums(names: Positions, amounts: Exact) -> dict[int, int]:
    """The exact sum of each name's amounts."""
    found, at = np.unique(names, return_inverse=True)
    exact = _summable(amounts)
    sums = np.zeros(len(found), exact.dtype)
    np.add.at(sums, at, exact)
    return {int(name): int(one) for name, one in zip(found, sums, strict=True)}


def _summable(amounts: Exact) -> Exact:
    """The amounts in a type in which no sum of them wraps."""
    if amounts.dtype != object and largest(amounts) * len(amounts) >= _INT64:
        return amounts.astype(object)
    return amounts


@dataclass(frozen=True, slots=True)
class RevisionStatistics:
    """Of figures known at both moments: R = later − earlier, L = later.

    mean: ΣR/n; mean_absolute: Σ|R|/n; relative_mean_absolute: Σ|R|/Σ|L|, None where Σ|L| is 0.
    Source: McKenzie and Gamba, OECD/Eurostat guidelines on revisions analysis.
    """

    figures: int
    mean: float
    mean_absolute: float
    relative_mean_absolute: float | None


def revision_statistics(
    earlier: NDArray[np.float64], later: NDArray[np.float64]
) -> RevisionStatistics | None:
    """Statistics of one indicator's values (n,); None where none is known at both moments."""
    both = ~np.isnan(earlier) & ~np.isnan(later)
    count = int(both.sum())
    if not count:
        return None
    revision, latest = later[both] - earlier[both], float(np.abs(later[both]).sum())
    absolute = float(np.abs(revision).sum())
    return RevisionStatistics(
        count,
        float(revision.sum()) / count,
        absolute / count,
        absolute / latest if latest else None,
    )
