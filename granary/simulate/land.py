"""Land: parcels, who owns, rents and uses them, who lets to whom, and contract stages.

On a parcel are some enterprises of its zone, or of its district outside zones. What they own adds
up to the parcel; on some the first lets a tenth of its land to the second, so that what is let is
what is rented, and what they use adds up to the parcel too. Who is on no parcel has no land.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from granary.simulate.activities import AGRICULTURE
from granary.simulate.enterprises import Enterprises, Floats, Ints
from granary.simulate.life import NEVER, Life, month_start
from granary.simulate.places import DISTRICTS, Places
from granary.simulate.plan import Plan
from granary.simulate.series import industrial
from granary.simulate.sheets import Column, Desk, Sheet
from granary.simulate.things import Thing, Things

#: Enterprises on a parcel, in zones and outside.
_HOSTS, _HOSTS_OUTSIDE = 3, 6
_LETS: Final = 0.4  # of parcels with two enterprises or more
_LET_SHARE: Final = 10  # one part in so many
_BY_FLOOR: Final = 0.3  # of parcels with one building for all
_UNBUILT: Final = 0.06
_STAGED: Final = 0.2  # of parcels in zones
#: Agreed with the first enterprise of a staged parcel, by area: 万元 per m² of land.
_AGREED: Final = {"investment": 0.45, "output": 0.6, "tax": 0.03}
_SCALE: Final = 100  # areas in 0.01 m²


@dataclass(frozen=True, slots=True)
class Share:
    """What one enterprise has of one parcel; positions."""

    parcel: int
    firm: int


class Land:
    """Parcels of a plan with all that hangs on them."""

    def __init__(
        self, plan: Plan, places: Places, firms: Enterprises, lives: Life, desk: Desk
    ) -> None:
        self._plan, self._places, self._firms, self._desk = plan, places, firms, desk
        need = np.rint(firms.size * firms.ratios["land"] * _SCALE).astype(np.int64)
        #: Small firms of trade and services have rooms, no land.
        landed = firms.listed | industrial(firms) | (firms.sectors() == AGRICULTURE)
        self.own: Ints = np.where(landed, np.maximum(need, 5000), 0)
        self._hosts: list[list[int]] = []
        self.parcels, self.shares = Things("parcel"), Things("land_share")
        self.leases, self.stages = Things("lease"), Things("land_stage")
        self._of_share: list[Share] = []
        self._of_lease: list[tuple[int, int, int]] = []  # parcel, lessor, lessee
        self._of_stage: list[tuple[int, int, int]] = []  # parcel, number, month of life it is due
        self._place(lives)
        self.rented_in, self.rented_out = np.zeros_like(self.own), np.zeros_like(self.own)
        for _, lessor, lessee in self._of_lease:
            area = int(self.own[lessor]) // _LET_SHARE
            self.rented_out[lessor] += area
            self.rented_in[lessee] += area

    @property
    def kinds(self) -> tuple[Things, ...]:
        return (self.parcels, self.shares, self.leases, self.stages)

    def _place(self, lives: Life) -> None:
        """Every enterprise with land on one parcel; those that stay in a zone on parcels of it."""
        firms = self._firms
        steady = (lives.move_day == 0) & (lives.opens == 0) & (lives.closes == NEVER)
        home = np.where(steady, firms.zone, -1)
        group = np.where(home >= 0, home, 1000 + firms.district)
        landed = np.flatnonzero(self.own > 0)
        order = landed[np.lexsort((landed, group[landed]))]
        chance = self._plan.chance("parcels")
        parks: dict[int, list[int]] = {}
        for at, (_, _, _, owner) in enumerate(self._places.parks):
            parks.setdefault(owner, []).append(at)
        starts = np.flatnonzero(np.append(True, group[order[1:]] != group[order[:-1]]))
        for start, end in zip(starts, np.append(starts[1:], len(order)), strict=True):
            there = order[start:end].tolist()
            zone = int(home[there[0]])
            several = _HOSTS if zone >= 0 else _HOSTS_OUTSIDE
            for number in range(-(-len(there) // several)):
                hosts = there[number * several : (number + 1) * several]
                draw = chance.random(4)
                parcel = self._parcel(hosts, zone, number, parks.get(zone), float(draw[3]))
                self._settle(parcel, hosts, draw)

    def _parcel(
        self, hosts: list[int], zone: int, number: int, parks: list[int] | None, draw: float
    ) -> Thing:
        district = int(self._firms.district[hosts[0]])
        if zone >= 0:
            one = self._places.zones[zone]
            code, stem = f"L{one.code}-{number + 1:04d}", one.zh.removesuffix("功能区")
        else:
            body = DISTRICTS[district]
            code, stem = f"L-{body.code}-{number + 1:04d}", body.zh
        late = int((draw - 0.5) * self._plan.months)
        told = {"complete_by": self._day(len(self._plan.lived) - 12 + late)}
        park = parks[number % len(parks)] if parks else -1
        name = f"{stem}地块{number + 1}"
        return Thing(code, name, district, zone, park, odd=number % 2 == 1, attributes=told)

    def _settle(self, parcel: Thing, hosts: list[int], draw: Floats) -> None:
        at, codes = len(self.parcels), self._firms.codes
        self.parcels.all.append(parcel)
        self._hosts.append(hosts)
        by_floor = {"split": "floor"} if draw[1] < _BY_FLOOR else {}
        for firm in hosts:
            told = {"parcel": parcel.code, "enterprise": codes[firm], **by_floor}
            name = f"{parcel.name}份额{len(self.shares) + 1}"
            self._of_share.append(Share(at, firm))
            self.shares.all.append(
                self._on(parcel, f"S{parcel.code}-{codes[firm][-6:]}", name, told)
            )
        if len(hosts) > 1 and draw[0] < _LETS:
            lessor, lessee = hosts[:2]
            told = {"parcel": parcel.code, "lessor": codes[lessor], "lessee": codes[lessee]}
            self._of_lease.append((at, lessor, lessee))
            self.leases.all.append(self._on(parcel, f"R{parcel.code}", f"{parcel.name}租赁", told))
        if parcel.zone >= 0 and draw[2] < _STAGED:
            self._stage(at, parcel, hosts[0])

    def _stage(self, at: int, parcel: Thing, firm: int) -> None:
        months = len(self._plan.lived)
        area = float(self.own[firm]) / _SCALE
        for number, due in ((1, months - 9), (2, months + 6)):
            agreed = {f"agreed_{what}": f"{rate * area * number:.1f}"
                      for what, rate in _AGREED.items()}  # fmt: skip
            told = {"parcel": parcel.code, "enterprise": self._firms.codes[firm],
                    "zone": self._places.zones[parcel.zone].code, "due": self._day(due),
                    "listed_from": self._day(months - self._plan.months), **agreed}  # fmt: skip
            self._of_stage.append((at, number, due))
            self.stages.all.append(
                self._on(parcel, f"G{parcel.code}-{number}", f"{parcel.name}第{number}期", told)
            )

    def _on(self, parcel: Thing, code: str, name: str, told: dict[str, str]) -> Thing:
        return Thing(code, name, parcel.district, parcel.zone, odd=parcel.odd, attributes=told)

    def _day(self, month: int) -> str:
        """The last day of the month before: contracts end with a month."""
        return date.fromordinal(month_start(self._plan, month) - 1).isoformat()

    def _built(self, year: int) -> tuple[Ints, Ints, Ints]:
        """(parcels,) area, built area and floor in 0.01 m²."""
        draw = self._plan.chance("parcel").random((2, len(self.parcels)))
        area = np.array([int(self.own[hosts].sum()) for hosts in self._hosts], np.int64)
        progress = np.clip(0.25 + draw[0] + 0.1 * (year - self._plan.year + 2), 0.05, 0.98)
        built = np.floor(area * np.where(draw[1] < _UNBUILT, 0.0, progress)).astype(np.int64)
        return area, built, np.floor(built * (0.8 + 1.4 * draw[0])).astype(np.int64)

    def year(self, year: int) -> Iterator[Sheet]:
        """Parcels, shares and leases at the year's end."""
        area, built, floor = self._built(year)
        end = f"{year}-12-31"
        due = np.array([one.attributes["complete_by"] <= end for one in self.parcels])
        parcels = {
            "parcel_area": Column(area, 2),
            "parcel_built": Column(built, 2),
            "parcel_floor": Column(floor, 2),
            "parcel_overdue": Column((due & (built == 0)).astype(np.int64), 0),
        }
        of = np.array([one.parcel for one in self._of_share], np.int64)
        firm = np.array([one.firm for one in self._of_share], np.int64)
        owned, gets, lets = self.own[firm], self.rented_in[firm], self.rented_out[firm]
        used = owned + gets - lets
        shares = {
            "share_owned": Column(owned, 2),
            "share_rented_in": Column(gets, 2),
            "share_rented_out": Column(lets, 2),
            "share_used": Column(used, 2),
            "share_floor": Column(np.rint(used * (floor[of] / area[of])).astype(np.int64), 2),
        }
        lessor = np.array([one[1] for one in self._of_lease], np.int64)
        let = self.own[lessor] // _LET_SHARE
        leases = {"let_area": Column(let, 2), "rented_area": Column(let, 2)}
        for table, columns in (
            ("parcel_annual", parcels), ("land_share_annual", shares), ("lease_annual", leases),
        ):  # fmt: skip
            if self._desk.has(table):
                rows = np.arange(len(next(iter(columns.values())).values))
                yield self._desk.sheet(table, year * 100, rows, columns)

    def quarter(self, at: int, period: int) -> Iterator[Sheet]:
        """What is reached of contract stages by the end of the quarter that month `at` ends."""
        if not self._desk.has("stage_quarterly") or not len(self.stages):
            return
        pace = self._plan.chance("stages of land").uniform(1.02, 1.3, len(self.stages))
        due = np.array([one[2] for one in self._of_stage])
        start = len(self._plan.lived) - self._plan.months - 6
        # What is agreed is reached in the quarter before it is due, at the latest.
        done = np.clip((at - start) / np.maximum(due - 4 - start, 1), 0.05, 1.0) * pace
        columns = {}
        for what in _AGREED:
            agreed = np.array([float(one.attributes[f"agreed_{what}"]) for one in self.stages])
            columns[f"stage_{what}"] = Column(np.ceil(agreed * 10 * done).astype(np.int64), 1)
        yield self._desk.sheet("stage_quarterly", period, np.arange(len(self.stages)), columns)

    def late_stages(self) -> list[tuple[int, int]]:
        """(position, month of life it is due) of the stages that are due within the plan."""
        return [
            (at, due)
            for at, (_, _, due) in enumerate(self._of_stage)
            if due <= len(self._plan.lived)
        ]
