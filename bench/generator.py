"""A seeded city of any size: register, feed, revisions. Harness and benches use it.

Every fact is a function of (seed, unit number, item, period), never of a stream of random numbers:
the first n units of a large city are exactly the city of n units, so that a share of a feed can be
run by itself and compared. Values are exact decimals, int64 in 10^-4.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bench.city_catalogue import ITEMS, TABLE, WHOLE_CITY, city_catalogue
from granary.keys import MISSING, REPORTED, unit_id
from granary.records import RegisterRow
from granary.wire import in_log_order
from indicators.catalogue import Catalogue
from indicators.periods import between, period_end, shift

KIND = "enterprise"
#: What draws are for; each purpose has numbers of its own.
_BASE, _NOISE, _LATE, _LEAVE, _MOVE, _PLACE, _TRADE, _ZONE, _GAP, _REVISE, _PLANT = range(1, 12)
#: One turnover cell in this many is 1,000 times too large, as a unit mix-up (元 for 千元) makes it.
PLANTED_ONE_IN = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Plain columns of n observations in log order (item, period, unit)."""

    unit: NDArray[np.uint64]
    item: NDArray[np.uint32]
    period: NDArray[np.int32]
    value: NDArray[np.int64]
    status: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.value)

    def take(self, at: NDArray[np.intp] | NDArray[np.bool_] | slice) -> "Columns":
        return Columns(
            self.unit[at], self.item[at], self.period[at], self.value[at], self.status[at]
        )


def joined(parts: list[Columns]) -> Columns:
    """All rows of several, in log order."""
    unit, item, period, value, status = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("unit", "item", "period", "value", "status")
    )
    return Columns(unit, item, period, value, status).take(in_log_order(unit, item, period))


@dataclass(frozen=True, slots=True, eq=False)
class Submission:
    """One return: who sends it, of which periods, and the cells."""

    reporter: str
    table: str
    periods: tuple[int, ...]
    columns: Columns


@dataclass(frozen=True)
class GeneratedCity:
    """Sizes and seed; everything else follows. `first` and `months` span the feed."""

    units: int
    months: int
    first: int = 202401
    districts: int = 9
    industries: int = 31
    zones: int = 4
    seed: int = 1
    code: str = "bench"

    @property
    def periods(self) -> list[int]:
        return list(between(self.first, shift(self.first, self.months - 1)))

    @cached_property
    def catalogue(self) -> Catalogue:
        return self.catalogue_version(1)

    def catalogue_version(self, version: int) -> Catalogue:
        return city_catalogue(self.code, self.districts, self.industries, self.zones, version)

    @cached_property
    def codes(self) -> list[str]:
        return [f"U{at:07d}" for at in range(self.units)]

    @cached_property
    def ids(self) -> NDArray[np.uint64]:
        """(units,) stored keys."""
        return np.array([unit_id(KIND, code) for code in self.codes], np.uint64)

    @cached_property
    def code_of(self) -> dict[int, str]:
        return dict(zip(self.ids.tolist(), self.codes, strict=True))

    def share(self, units: int, code: str | None = None) -> "GeneratedCity":
        """The same city's first `units` units."""
        return GeneratedCity(
            units, self.months, self.first, self.districts, self.industries, self.zones,
            self.seed, code or self.code,
        )  # fmt: skip

    def register(self) -> list[RegisterRow]:
        """Units and memberships: 3 % join late, 3 % leave, 3 % move to another district midway."""
        rows: list[RegisterRow] = []
        for at, code in enumerate(self.codes):
            rows.append(
                RegisterRow("put_unit", KIND, code, f"样本企业{at}", attributes=self._on(at))
            )
        for at, code in enumerate(self.codes):
            for grouping, member, valid_from, valid_to in self._memberships(at):
                rows.append(
                    RegisterRow(
                        "put_membership", KIND, code, grouping=grouping, member=member,
                        valid_from=valid_from, valid_to=valid_to,
                    )
                )  # fmt: skip
        return rows

    def register_change(self, number: int, units: int = 20) -> list[RegisterRow]:
        """The `number`-th change: some units get another industry name, some leave the list.

        Industries only, so that no reporter's right changes: what is refused must not depend on how
        a change and a submission under way interleave.
        """
        chosen = [(number * 7919 + step * 101) % self.units for step in range(units)]
        rows = []
        for step, at in enumerate(dict.fromkeys(chosen)):
            code = self.codes[at]
            if step % 5 == 4:
                attributes = (*self._on(at), ("list_reason", f"change {number}"))
                listed = dict(attributes)
                listed["listed_to"] = _first_day(self._middle)
                rows.append(
                    RegisterRow("put_unit", KIND, code, f"样本企业{at}",
                                attributes=tuple(sorted(listed.items())))
                )  # fmt: skip
                continue
            old = f"I{int(self._trade[at]) + 1:02d}"
            new = f"I{(int(self._trade[at]) + number) % self.industries + 1:02d}"
            if old == new:
                continue
            day = _first_day(self._middle)
            for member, valid_from, valid_to in ((old, "", day), (new, day, "")):
                rows.append(
                    RegisterRow("put_membership", KIND, code, grouping="industry", member=member,
                                valid_from=valid_from, valid_to=valid_to)
                )  # fmt: skip
        return rows

    def observations(self, period: int, revision: int = 0, share: float = 0.05) -> Columns:
        """All cells of a month in log order; a revision > 0 holds the `share` it corrects.

        1 % of the cells are explicitly missing and 1 % are not there at all; a revision only
        brings values.
        """
        listed = np.flatnonzero(self.listed(period))
        return joined(
            [self._item(number, listed, period, revision, share) for number in range(len(ITEMS))]
        )

    def feed(self, revised: float = 0.05) -> Iterator[Submission]:
        """A month after the other for the whole city, each followed by corrections of the last."""
        for number, period in enumerate(self.periods):
            yield Submission(WHOLE_CITY, TABLE, (period,), self.observations(period))
            if number and revised:
                before = self.periods[number - 1]
                yield Submission(
                    WHOLE_CITY, TABLE, (before,), self.observations(before, 1, revised)
                )

    def of_district(self, district: str, columns: Columns, period: int) -> Columns:
        """The rows whose unit is in the district in that month."""
        inside = self.ids[self.district(period) == int(district[1:]) - 1]
        return columns.take(np.isin(columns.unit, inside) & (columns.period == period))

    def listed(self, period: int) -> NDArray[np.bool_]:
        """(units,) on the list at the period's end."""
        late, leave = self._draw(_LATE) % 100 < 3, self._draw(_LEAVE) % 100 < 3
        after = period >= self._middle
        return ~(late & ~np.bool_(after)) & ~(leave & np.bool_(after))

    def district(self, period: int) -> NDArray[np.int64]:
        """(units,) number of the district, 0-based, at the period's end."""
        return np.where(self._moves & (period >= self._middle), self._new_district, self._district)

    def planted(self, period: int) -> NDArray[np.intp]:
        """Unit numbers whose turnover is 1,000 times too large in the month."""
        return np.flatnonzero(self._draw(_PLANT, period) % PLANTED_ONE_IN == 0)

    def _item(
        self, number: int, units: NDArray[np.intp], period: int, revision: int, share: float
    ) -> Columns:
        code, _, _, _, decimals, kind, sign = ITEMS[number]
        base = 200 + (self._draw(_BASE, number)[units] % 3_000_000).astype(np.int64)
        base = base * base // (base % 97 + 1) // 10_000 + 20  # skewed, as sizes of firms are
        noise = (self._draw(_NOISE, number, period, revision)[units] % 201).astype(np.int64)
        trend = 1000 + 4 * self._number(period) + (noise - 100 if kind == "flow" else noise // 50)
        value = base * trend // 1000
        if sign == "any":
            value = np.where(noise < 12, -value // 3, value)
        if code == "turnover":
            value = np.where(np.isin(units, self.planted(period)), value * 1000, value)
        draw = self._draw(_GAP, number, period)[units] % 100
        status = np.where((draw == 0) & (revision == 0), MISSING, REPORTED).astype(np.int8)
        value = np.where(status == REPORTED, value * 10 ** (4 - decimals), 0)
        there = draw != 1
        if revision:
            chance = self._draw(_REVISE, number, period, revision)[units] % 10_000
            there &= (chance < np.uint64(share * 10_000)) & (draw != 0)
        at = np.flatnonzero(there)
        return Columns(
            self.ids[units][at],
            np.full(len(at), number + 1, np.uint32),
            np.full(len(at), period, np.int32),
            value[at].astype(np.int64),
            status[at],
        )

    @cached_property
    def _middle(self) -> int:
        return shift(self.first, self.months // 2)

    def _number(self, period: int) -> int:
        return period // 100 * 12 + period % 100 - (self.first // 100 * 12 + self.first % 100)

    @cached_property
    def _district(self) -> NDArray[np.int64]:
        return (self._draw(_PLACE) % np.uint64(self.districts)).astype(np.int64)

    @cached_property
    def _new_district(self) -> NDArray[np.int64]:
        return (self._district + 1) % self.districts

    @cached_property
    def _moves(self) -> NDArray[np.bool_]:
        return self._draw(_MOVE) % 100 < 3

    @cached_property
    def _trade(self) -> NDArray[np.int64]:
        return (self._draw(_TRADE) % np.uint64(self.industries)).astype(np.int64)

    def _on(self, at: int) -> tuple[tuple[str, str], ...]:
        """Attributes that say when the unit is on the list."""
        middle = _first_day(self._middle)
        if self._late[at]:
            return (("listed_from", middle),)
        if self._leave[at]:
            return (("listed_to", middle),)
        return ()

    @cached_property
    def _late(self) -> NDArray[np.bool_]:
        return self._draw(_LATE) % 100 < 3

    @cached_property
    def _leave(self) -> NDArray[np.bool_]:
        return self._draw(_LEAVE) % 100 < 3

    @cached_property
    def _zones(self) -> NDArray[np.uint64]:
        return self._draw(_ZONE)

    def _memberships(self, at: int) -> Iterator[tuple[str, str, str, str]]:
        """(grouping, member, valid_from, valid_to); zones overlap, a unit may be in none or two."""
        home, middle = f"D{self._district[at] + 1:02d}", _first_day(self._middle)
        if self._moves[at]:
            yield "district", home, "", middle
            yield "district", f"D{self._new_district[at] + 1:02d}", middle, ""
        else:
            yield "district", home, "", ""
        yield "industry", f"I{self._trade[at] + 1:02d}", "", ""
        draw = int(self._zones[at])
        if draw % 3 == 0:
            yield "zone", f"Z{draw % self.zones + 1:02d}", "", ""
        if draw % 7 == 0:
            other = (draw + 1) % self.zones + 1
            yield "zone", f"Z{other:02d}", "", ""

    def _draw(self, *purpose: int) -> NDArray[np.uint64]:
        """(units,) 64-bit numbers of a purpose: splitmix64 over (seed, purpose, unit number)."""
        key = self.seed
        for part in purpose:
            key = (key * 1_000_003 + part + 1) % 2**63
        with np.errstate(over="ignore"):
            mixed = np.arange(self.units, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
            mixed += np.uint64(key) * np.uint64(0xD1342543DE82EF95)
            mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            return mixed ^ (mixed >> np.uint64(31))


def _first_day(period: int) -> str:
    return period_end(period).replace(day=1).isoformat()
