"""Projects, parcels and the zones' own returns: what is signed, built, supplied and left idle."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from granary.simulate.enterprises import Floats, Ints
from granary.simulate.places import DISTRICTS, Places
from granary.simulate.plan import Plan
from granary.simulate.sheets import Column, Desk, Sheet
from indicators.periods import period_end

_UNITS_A_PROJECT, _FEWEST_A_ZONE = 60, 2
_STAGES: Final = ("signed", "land_obtained", "started", "completed", "producing", "at_capacity")
#: Of four projects of a zone three have long been started, so that no zone's rate falls by chance.
_LATE_ONE: Final = 4


@dataclass(frozen=True, eq=False)
class Things:
    """Projects or parcels, all (things,): position of zone (in force today) and of district."""

    codes: Sequence[str]
    names: Sequence[str]
    zone: Ints
    district: Ints
    park: Ints


class Construction:
    """Projects, parcels and zones of a plan, and what their tables say."""

    def __init__(self, plan: Plan, places: Places, desk: Desk) -> None:
        self._plan, self._places, self._desk = plan, places, desk
        self.projects = self._things("X", "产业化项目", "projects")
        self.parcels = self._things("L", "地块", "parcels")
        self._stages = self._plan_stages()
        chance = plan.chance("investment")
        count = len(self.projects.codes)
        self._total = np.rint(np.exp(chance.normal(10.4, 0.9, count)).clip(3000, 2e6) * 10)
        self._pace = chance.uniform(0.55, 1.35, (count, 12))

    def _things(self, letter: str, word: str, name: str) -> Things:
        zones = self._places.current
        each = max(_FEWEST_A_ZONE, self._plan.units // _UNITS_A_PROJECT // len(zones))
        zone = np.repeat(np.array(zones), each)
        number = np.tile(np.arange(each), len(zones))
        where = {one.code: at for at, one in enumerate(DISTRICTS)}
        draw = self._plan.chance(name).random((2, len(zone)))
        district, park = np.zeros(len(zone), np.int64), np.full(len(zone), -1, np.int64)
        parks: dict[int, list[int]] = {}
        for at, (_, _, _, owner) in enumerate(self._places.parks):
            parks.setdefault(owner, []).append(at)
        for at, owner in enumerate(zone.tolist()):
            mine = self._places.zones[owner].districts
            district[at] = where[mine[int(draw[0, at] * len(mine))]]
            if owner in parks and draw[1, at] < 0.6:
                park[at] = parks[owner][number[at] % len(parks[owner])]
        codes = [f"{letter}{self._places.zones[z].code}-{n + 1:03d}"
                 for z, n in zip(zone, number, strict=True)]  # fmt: skip
        names = [f"{self._places.zones[z].zh.removesuffix('功能区')}{word}{n + 1}"
                 for z, n in zip(zone, number, strict=True)]  # fmt: skip
        return Things(codes, names, zone, district, park)

    def _plan_stages(self) -> Ints:
        """(projects, stages): month of life in which each stage is reached."""
        count, months = len(self.projects.codes), len(self._plan.lived)
        first = months - self._plan.months  # position of the first reported month
        chance = self._plan.chance("stages")
        within_zone = np.array([int(code.rsplit("-", 1)[1]) - 1 for code in self.projects.codes])
        late = within_zone % _LATE_ONE == _LATE_ONE - 1
        signed = np.where(late, first + chance.integers(0, months - first, count),
                          first - chance.integers(14, 40, count))  # fmt: skip
        steps = [chance.integers(low, high, count)
                 for low, high in ((2, 8), (2, 6), (14, 30), (2, 6), (6, 14))]  # fmt: skip
        return np.cumsum(np.column_stack([signed, *steps]), axis=1)

    def month(self, at: int, period: int) -> Iterator[Sheet]:
        """The month's project table."""
        if period < self._plan.first or not self._desk.has("project_monthly"):
            return
        reached = self._stages <= at
        yearly = self._year_plan(at)
        month = period % 100
        rows = np.arange(len(self.projects.codes))
        done = yearly / 12 * self._pace[:, :month].sum(axis=1) * self._active(at, month)
        columns = {
            "total_investment": Column(self._total.astype(np.int64), 1),
            "year_plan": Column(yearly.astype(np.int64), 1),
            "invested": Column(np.floor(done).astype(np.int64), 1),
            **{stage: Column(reached[:, k].astype(np.int64), 0) for k, stage in enumerate(_STAGES)},
        }
        yield self._desk.sheet("project_monthly", period, rows, columns)

    def _year_plan(self, at: int) -> Floats:
        """Planned investment of the year, 0.1 万元: the total spread over the years of building."""
        first = at - (self._plan.lived[at] % 100 - 1)
        building = (self._stages[:, 2] < first + 12) & (first <= self._stages[:, 3])
        years = np.maximum(1, np.ceil((self._stages[:, 3] - self._stages[:, 2]) / 12))
        small: Floats = np.rint(self._total * 0.02)
        return np.where(building, np.rint(self._total / years), small)

    def _active(self, at: int, month: int) -> Floats:
        """Share of the year's months so far in which something is built."""
        first = at - (month - 1)
        from_month = np.clip(self._stages[:, 2] - first, 0, month)
        share: Floats = (month - from_month) / month
        return share

    def quarter(self, period: int) -> Iterator[Sheet]:
        """The zones' own returns: every zone in force at the quarter's end."""
        table = "zone_quarterly"
        if not self._desk.has(table):
            return
        rows = np.array([at for at in range(len(self._places.zones)) if self.in_force(at, period)])
        count = len(self._places.zones)
        draw = self._plan.chance("zone", period).random((5, count))
        fixed = self._plan.chance("zones of the plan").random((4, count))
        land = np.rint((1.5e6 + 9e6 * fixed[0]) * 100)
        age = (period // 100 - self._plan.start // 100) * 4 + period % 100 - 20
        built = np.rint(land * (0.03 + 0.05 * fixed[1]))
        due = np.full(count, 20 + 2 * age)
        done = np.ceil(due * (0.935 + 0.065 * draw[1]))
        values = {
            "land_supplied": (np.rint(land * 0.01 * draw[0]), 2),
            "zone_built_land": (land, 2),
            "idle_land": (np.rint(land * (0.004 + 0.018 * fixed[2])), 2),
            "inefficient_land": (np.rint(land * (0.03 + 0.06 * fixed[3])), 2),
            "factory_built": (built, 2),
            "factory_occupied": (
                np.floor(built * np.minimum(0.97, 0.55 + 0.02 * age + 0.2 * draw[2])),
                2,
            ),
            "facilities_planned": (np.full(count, 30), 0),
            "facilities_reached": (np.full(count, min(30, 8 + age)), 0),
            "tasks_due": (due, 0),
            "tasks_done": (done, 0),
        }
        columns = {item: Column(one[rows].astype(np.int64), places)
                   for item, (one, places) in values.items()}  # fmt: skip
        yield self._desk.sheet(table, period, rows, columns, member=rows, grouping="zone")

    def in_force(self, zone: int, period: int) -> bool:
        """Whether the zone is in force on the period's last day."""
        one, end = self._places.zones[zone], period_end(period).isoformat()
        return (not one.valid_from or one.valid_from <= end) and (
            not one.valid_to or end < one.valid_to
        )

    def year(self, year: int) -> Iterator[Sheet]:
        """Parcels at the year's end."""
        table, count = "parcel_annual", len(self.parcels.codes)
        if not self._desk.has(table):
            return
        draw = self._plan.chance("parcel").random((3, count))
        area = np.rint((6_000 + 120_000 * draw[0] ** 2) * 100)
        progress = np.clip(0.1 + draw[1] + 0.12 * (year - self._plan.year + 2), 0.0, 0.98)
        built = np.floor(area * progress)
        overdue = (draw[2] < 0.06) & (progress < 0.6)
        columns = {
            "parcel_area": Column(area.astype(np.int64), 2),
            "parcel_built": Column(built.astype(np.int64), 2),
            "parcel_floor": Column(np.floor(built * (0.8 + 1.4 * draw[1])).astype(np.int64), 2),
            "parcel_overdue": Column(overdue.astype(np.int64), 0),
        }
        yield self._desk.sheet(table, year * 100, np.arange(count), columns)
