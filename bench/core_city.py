"""The city of `granary bench core`: its register, and observations kept as plain arrays.

Everything follows from the seed. One array holds all values, one whether each is reported; both are
(items, months, units), so that an item of a month is one stretch of memory.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.core_catalogue import GROUPINGS, KIND, core_catalogue, item_kinds, members_of
from granary.records import RegisterRow
from indicators.arrays import Amounts, Flags, Instants
from indicators.catalogue import Catalogue
from indicators.periods import between, period_end, shift
from indicators.register import Register

FIRST = 202301
_MISSING_PERCENT = 2
_WHOLE = 100  # values have 2 decimals, and are stored in 10^-4


@dataclass(frozen=True, slots=True, eq=False)
class ArrayCells:
    """Observations as the core asks for them (`indicators.cells.Cells`)."""

    item_at: dict[str, int]
    month_at: dict[int, int]
    value: Amounts  # (items, months, units)
    has: Flags  # (items, months, units)

    def values(self, table: str, item: str, period: int) -> tuple[Amounts, Flags]:
        """(units,) values and whether one stands; a month that never came has none."""
        month = self.month_at.get(period)
        if month is None:
            units = self.value.shape[2]
            return np.zeros(units, np.int64), np.zeros(units, bool)
        at = self.item_at[item]
        return self.value[at, month], self.has[at, month]

    def periods(self, table: str) -> set[int]:
        return set(self.month_at)

    def arrivals(self, table: str, period: int) -> Instants:
        """Completeness is not measured here: nobody arrived."""
        return np.full(self.value.shape[2], -1, np.int64)


@dataclass(frozen=True, slots=True)
class NoDue:
    """A calendar without due instants."""

    def due(self, table: str, period: int) -> int | None:
        return None

    def closed(self, table: str, period: int) -> bool:
        return False


@dataclass(frozen=True, slots=True, eq=False)
class Drain:
    """Observations that arrive together: every given item of every given unit, of one month."""

    items: tuple[str, ...]
    period: int
    units: NDArray[np.intp]
    value: Amounts  # (items, units)

    def __len__(self) -> int:
        return self.value.size


@dataclass(frozen=True, slots=True, eq=False)
class CoreCity:
    """Catalogue, register and cells of one city."""

    catalogue: Catalogue
    register: Register
    cells: ArrayCells
    seed: int

    @property
    def months(self) -> list[int]:
        return sorted(self.cells.month_at)

    def drain(self, observations: int, items: int, months_ago: int, number: int) -> Drain:
        """About so many observations of a month, on as many units as they need."""
        period = self.months[-1 - months_ago]
        random = np.random.default_rng((self.seed, 9, number))
        size = self.register.size(KIND)
        listed = np.flatnonzero(self.register.listed(KIND, period))
        units = min(len(listed), size, max(1, observations // items))
        chosen = np.sort(random.choice(listed, units, replace=False))
        codes = tuple(self.cells.item_at)[:items]
        value = random.integers(1, 10**6, (len(codes), units)) * _WHOLE
        return Drain(codes, period, chosen, value)

    def apply(self, drain: Drain) -> Flags:
        """Put the observations into the arrays; (units,) those touched."""
        month = self.cells.month_at[drain.period]
        for code, values in zip(drain.items, drain.value, strict=True):
            at = self.cells.item_at[code]
            self.cells.value[at, month, drain.units] = values
            self.cells.has[at, month, drain.units] = True
        touched = np.zeros(self.cells.value.shape[2], bool)
        touched[drain.units] = True
        return touched


def core_city(units: int, items: int, months: int, seed: int) -> CoreCity:
    """A city of that size; midway 3 % of its units join, 3 % leave, 3 % move to a new district."""
    catalogue = core_catalogue(items)
    periods = list(between(FIRST, shift(FIRST, months - 1)))
    register = Register()
    register.apply(_rows(units, periods[months // 2], seed), _ids(units, seed))
    cells = _cells(catalogue, register, units, periods, seed)
    return CoreCity(catalogue, register, cells, seed)


def _rows(units: int, middle: int, seed: int) -> Iterator[RegisterRow]:
    """Units, then memberships: one district and industry each; none, one or two zones and more."""
    random = np.random.default_rng((seed, 1))
    day = period_end(middle).replace(day=1).isoformat()
    fate = random.integers(0, 100, units).tolist()
    codes = [f"U{at:07d}" for at in range(units)]
    on_list = {0: "listed_from", 1: "listed_from", 2: "listed_from"}
    on_list |= {3: "listed_to", 4: "listed_to", 5: "listed_to"}
    for code, drawn in zip(codes, fate, strict=True):
        attributes = ((on_list[drawn], day),) if drawn in on_list else ()
        yield RegisterRow("put_unit", KIND, code, code, attributes=attributes)
    for at, grouping, member, valid_from, valid_to in _memberships(units, fate, day, seed):
        yield RegisterRow(
            "put_membership", KIND, codes[at], grouping=grouping, member=member,
            valid_from=valid_from, valid_to=valid_to,
        )  # fmt: skip


def _memberships(
    units: int, fate: list[int], day: str, seed: int
) -> Iterator[tuple[int, str, str, str, str]]:
    """(unit, grouping, member, valid_from, valid_to)."""
    for number, (grouping, _, count, partition) in enumerate(GROUPINGS):
        random = np.random.default_rng((seed, 2, number))
        members = members_of(grouping, count)
        first = random.integers(0, count, units).tolist()
        step = random.integers(1, count, units).tolist()
        draw = random.integers(0, 21, units).tolist()
        for at in range(units):
            other = (first[at] + step[at]) % count
            if not partition:
                if draw[at] < 9:
                    yield at, grouping, members[first[at]], "", ""
                if draw[at] % 7 == 0:
                    yield at, grouping, members[other], "", ""
            elif grouping == "district" and 6 <= fate[at] < 9:
                yield at, grouping, members[first[at]], "", day
                yield at, grouping, members[other], day, ""
            else:
                yield at, grouping, members[first[at]], "", ""


def _ids(units: int, seed: int) -> Iterator[int]:
    """The key of the row's unit: `_rows` names units in order, then each membership's."""
    yield from range(units)
    random = np.random.default_rng((seed, 1))
    fate = random.integers(0, 100, units).tolist()
    for at, *_ in _memberships(units, fate, "2000-01-01", seed):
        yield at


def _cells(
    catalogue: Catalogue, register: Register, units: int, periods: list[int], seed: int
) -> ArrayCells:
    codes = [item.code for item in catalogue.items]
    value = np.zeros((len(codes), len(periods), units), np.int64)
    has = np.zeros((len(codes), len(periods), units), bool)
    for at, kind in enumerate(item_kinds(len(codes))):
        random = np.random.default_rng((seed, 3, at))
        size = random.integers(10, 3_000, units)
        size *= size  # skewed, as sizes of firms are
        told = np.zeros(units, np.int64)
        for month, period in enumerate(periods):
            there = random.integers(0, 100, units, np.int8) >= _MISSING_PERCENT
            there &= register.listed(KIND, period)
            now = size * random.integers(-40, 1_000, units, np.int16) // 500 * _WHOLE
            if kind == "ytd":
                told = now if period % 100 == 1 else told + now
                now = told
            np.multiply(now, there, out=value[at, month])
            has[at, month] = there
    return ArrayCells(
        {code: at for at, code in enumerate(codes)},
        {period: at for at, period in enumerate(periods)},
        value,
        has,
    )
