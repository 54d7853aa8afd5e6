"""Completeness (应统尽统) and punctuality (报送及时) of one table's returns for one period.

Pure: arrays in, arrays out; no clock, no I/O. A unit has reported when its mandatory items are all
there; it is on time if they first were, strictly before the due instant. Where no instant is set
nothing can be late. Live stream and recomputation call the same function.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from indicators.amounts import Exact, largest
from indicators.arrays import Counts, Flags, Instants
from indicators.catalogue import Catalogue, Grouping, Table
from indicators.cells import Calendar, Cells
from indicators.errors import ArrayMismatchError
from indicators.membership import Membership, subject_sums
from indicators.periods import shift
from indicators.register import Register
from indicators.vocabulary import CITY_LEVEL, CURRENT
from indicators.windows import Windows

NOT_YET = -1


@dataclass(frozen=True, slots=True, eq=False)
class Completeness:
    """Units per subject, each (subjects,): on_time + late = received <= expected.

    Counts travel with the rates: a published share cannot be checked without its denominator.
    """

    expected: Counts  # 应报
    received: Counts  # 已报, among the expected
    on_time: Counts  # 按时, among the expected
    unexpected: Counts  # over-coverage: filed though not expected; in no rate, never dropped

    @property
    def late(self) -> Counts:
        """迟报."""
        return self.received - self.on_time

    @property
    def missing(self) -> Counts:
        """未报."""
        return self.expected - self.received


def completeness(
    members: Membership, expected: Flags, received_at: Instants, due_at: int | None
) -> Completeness:
    """Count expected, received, on-time and unexpected returns per subject.

    `expected` and `received_at` are (units,); received_at is UTC ms, NOT_YET while missing. due_at
    None: no instant is set and whatever came is on time. Arrival at the instant itself is late.

    Raises:
        ArrayMismatchError: the arrays differ in length; broadcasting would hide it.

    Source: ESS quality indicator R1 (data completeness rate); denominator = expected units.
    """
    if expected.shape != received_at.shape:
        raise ArrayMismatchError("expected and received_at differ in length.")
    arrived = received_at != NOT_YET
    in_time = arrived if due_at is None else arrived & (received_at < due_at)
    return Completeness(
        expected=members.count(expected),
        received=members.count(expected & arrived),
        on_time=members.count(expected & in_time),
        unexpected=members.count(~expected & arrived),
    )


@dataclass(frozen=True, slots=True, eq=False)
class CompletenessBlock:
    """Completeness of one table and period at one level; vectors are (subjects,).

    Values in 10^-4 of the table's size item: the period before's values of the units expected, and
    of those among them that are received. `emit` marks the subjects touched.
    """

    table: Table
    period: int
    level: str
    subjects: Sequence[str]
    counts: Completeness
    value_expected: Exact
    value_received: Exact
    due_at: int | None
    emit: Flags


def completeness_blocks(
    catalogue: Catalogue,
    register: Register,
    cells: Cells,
    calendar: Calendar,
    table: Table,
    period: int,
    touched: Flags | None,
) -> Iterator[CompletenessBlock]:
    """One block a level: the city, and every grouping of the table's unit kind."""
    windows = Windows(catalogue, register, cells)
    scope = windows.scope(table, period)
    expected = scope if table.expected != "none" else np.zeros(len(scope), bool)
    received_at = cells.arrivals(table.code, period)
    due_at = calendar.due(table.code, period)
    size = np.zeros(len(scope), np.int64)
    known = np.zeros(len(scope), bool)
    if table.size_item is not None:
        before = windows.item(table.code, table.size_item, CURRENT, shift(period, -1))
        size, known = before.value, before.has
    weighed = np.where(expected & known, size, 0)
    received = np.where(received_at != NOT_YET, weighed, 0)
    bound = largest(weighed)
    groupings: list[Grouping | None] = [None]
    groupings += [group for group in catalogue.groupings if table.unit_kind in group.unit_kinds]
    for grouping in groupings:
        members = register.membership(table.unit_kind, grouping, period)
        yield CompletenessBlock(
            table=table,
            period=period,
            level=CITY_LEVEL if grouping is None else grouping.code,
            subjects=[catalogue.city.code] if grouping is None else grouping.subjects,
            counts=completeness(members, expected, received_at, due_at),
            value_expected=subject_sums(weighed, bound, members),
            value_received=subject_sums(received, bound, members),
            due_at=due_at,
            emit=np.ones(members.subjects, bool) if touched is None else members.touched(touched),
        )
