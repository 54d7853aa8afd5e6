"""Coverage of the frame (应统尽统) by subject: on the list, candidates, confirmed, nearly so.

Coverage = on list / (on list + confirmed 应统未统), by count and by size, is formed by whoever
reads both sides. Response (报送完整率) is another thing and is not told here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from indicators.arrays import Amounts, Counts, Flags, Index
from indicators.catalogue import Catalogue
from indicators.frame.book import ENTERPRISE
from indicators.frame.matching import Matched
from indicators.frame.placing import placed
from indicators.frame.states import Case, State
from indicators.membership import Membership, everybody, subject_sums
from indicators.periods import period_end
from indicators.register import Register
from indicators.vocabulary import CITY_LEVEL

_OPEN = frozenset({State.TO_VERIFY, State.TO_DECLARE})


class CoverageRow(NamedTuple):
    """Counts and sizes (10^-4 of 万元) of one subject at the newest period of the candidates.

    on_list: units on the list, of which `on_list_sized` have a size that a feed tells; candidates:
    待核实 and 拟申报; confirmed: 拟申报; near: 准规上.
    """

    level: str
    subject: str
    as_of: int
    on_list: int
    on_list_sized: int
    candidates: int
    confirmed: int
    near: int
    on_list_size: int
    candidates_size: int
    confirmed_size: int


@dataclass(frozen=True, slots=True, eq=False)
class _Sides:
    """What is counted: units of the register by unit, candidates by position in `chosen`."""

    on_list: Flags
    unit_size: Amounts  # of units on the list, 0 where none is known
    sized: Flags
    chosen: Index
    open: Flags
    confirmed: Flags
    near: Flags
    size: Amounts


def coverage_rows(
    catalogue: Catalogue, register: Register, seen: Matched, cases: Mapping[int, Case]
) -> Iterator[CoverageRow]:
    """Rows of the city and of every subject of the groupings of enterprises; none without feeds.

    `cases`: by key of the candidate. A unit is on the list if a span ends after the last day of the
    newest period, as a candidate is.
    """
    newest = seen.newest
    if not newest:
        return
    sides = _sides(register, seen, cases, newest)
    own, others = everybody(register.size(ENTERPRISE)), everybody(len(sides.chosen))
    yield from _rows(CITY_LEVEL, [catalogue.city.code], newest, own, others, sides)
    for grouping in catalogue.groupings:
        if ENTERPRISE in grouping.unit_kinds:
            own = register.membership(ENTERPRISE, grouping, newest)
            chosen = sides.chosen
            others = placed(register, grouping, seen, seen.unit[chosen], chosen, newest).members
            yield from _rows(grouping.code, list(grouping.subjects), newest, own, others, sides)


def _sides(register: Register, seen: Matched, cases: Mapping[int, Case], newest: int) -> _Sides:
    on_list = seen.listing.on_list(period_end(newest).toordinal())
    unit_size = np.full(register.size(ENTERPRISE), -1, np.int64)
    known = np.flatnonzero(seen.unit >= 0)
    unit_size[seen.unit[known]] = seen.size[known]
    sized = on_list & (unit_size >= 0)
    shown = np.array(
        [_OPEN_CODE.get(cases[key].shown, 3) if key in cases else 0 for key in seen.key.tolist()],
        np.int8,
    )
    near = seen.near & (shown == 0)
    chosen = np.flatnonzero((shown == 1) | (shown == 2) | near).astype(np.int32)
    return _Sides(
        on_list,
        np.where(sized, unit_size, 0),
        sized,
        chosen,
        (shown[chosen] == 1) | (shown[chosen] == 2),
        shown[chosen] == 2,
        near[chosen],
        np.maximum(seen.size[chosen], 0),
    )


_OPEN_CODE = {State.TO_VERIFY: 1, State.TO_DECLARE: 2}


def _rows(
    level: str,
    subjects: list[str],
    newest: int,
    own: Membership,
    others: Membership,
    sides: _Sides,
) -> Iterator[CoverageRow]:
    counts: list[Counts] = [
        own.count(sides.on_list),
        own.count(sides.sized),
        others.count(sides.open),
        others.count(sides.confirmed),
        others.count(sides.near),
    ]
    sums = [
        _sums(sides.unit_size, own),
        _sums(np.where(sides.open, sides.size, 0), others),
        _sums(np.where(sides.confirmed, sides.size, 0), others),
    ]
    columns = [column.tolist() for column in (*counts, *sums)]
    for subject, *figures in zip(subjects, *columns, strict=True):
        yield CoverageRow(level, subject, newest, *map(int, figures))


def _sums(values: Amounts, members: Membership) -> NDArray[Any]:
    return subject_sums(values, int(values.max(initial=0)), members)
