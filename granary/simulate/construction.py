"""Projects, zones and their action plans: what is signed, built, supplied and done."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

import numpy as np

from granary.simulate.enterprises import Floats, Ints
from granary.simulate.places import DISTRICTS, Places
from granary.simulate.plan import Plan
from granary.simulate.sheets import Column, Desk, Sheet
from granary.simulate.things import Thing, Things
from indicators.periods import period_end, shift

_UNITS_A_PROJECT, _FEWEST_A_ZONE = 60, 2
_STAGES: Final = ("signed", "land_obtained", "started", "completed", "producing", "at_capacity")
_DATES: Final = (
    "signed_on",
    "land_on",
    "started_on",
    "completed_on",
    "producing_on",
    "capacity_on",
)
#: Of four projects of a zone three have long been started, so that no zone's rate falls by chance.
_LATE_ONE: Final = 4
_TASKS: Final = (
    "编制规划", "土地整理", "道路建设", "管网配套", "厂房建设", "招商签约", "人才公寓", "竣工验收",
)  # fmt: skip


class Construction:
    """Projects, tasks and zones of a plan, and what their tables say."""

    def __init__(self, plan: Plan, places: Places, desk: Desk) -> None:
        self._plan, self._places, self._desk = plan, places, desk
        self._where = {one.code: at for at, one in enumerate(DISTRICTS)}
        each = max(_FEWEST_A_ZONE, plan.units // _UNITS_A_PROJECT // len(places.current))
        self._number = np.tile(np.arange(each), len(places.current))
        self._stages = self._plan_stages(len(self._number))
        self.projects = self._make_projects(each)
        self.tasks = Things("task")
        self._due_quarter: list[int] = []
        self._make_tasks()
        count = len(self.projects)
        chance = plan.chance("investment")
        self._total = np.rint(np.exp(chance.normal(10.4, 0.9, count)).clip(3000, 2e6) * 10)
        self._pace = chance.uniform(0.55, 1.35, (count, 12))

    def _plan_stages(self, count: int) -> Ints:
        """(projects, stages): month of life in which each stage is reached; some never yet."""
        months = len(self._plan.lived)
        first = months - self._plan.months  # position of the first reported month
        chance = self._plan.chance("stages")
        late = self._number % _LATE_ONE == _LATE_ONE - 1
        signed = np.where(late, first + chance.integers(0, months - first, count),
                          first - chance.integers(14, 40, count))  # fmt: skip
        steps = [chance.integers(low, high, count)
                 for low, high in ((2, 8), (2, 6), (14, 30), (2, 6), (6, 14))]  # fmt: skip
        return np.cumsum(np.column_stack([signed, *steps]), axis=1)

    def _make_projects(self, each: int) -> Things:
        found = Things("project")
        draw = self._plan.chance("projects").random(len(self._number))
        last = self._plan.last_day.isoformat()
        for at, number in enumerate(self._number.tolist()):
            position = self._places.current[at // each]
            zone = self._places.zones[position]
            home = zone.districts[int(draw[at] * len(zone.districts))]
            days = [self._day(month) for month in self._stages[at].tolist()]
            told = {name: day for name, day in zip(_DATES, days, strict=True) if day <= last}
            stem = zone.zh.removesuffix("功能区")
            told |= {"planned_start": days[2], "planned_producing": days[4],
                     "investor": f"{stem}投资方{number + 1}"}  # fmt: skip
            found.all.append(
                Thing(f"X{zone.code}-{number + 1:03d}", f"{stem}产业化项目{number + 1}",
                      self._where[home], position, ecosystem=zone.theme, odd=at % 2 == 1,
                      attributes=told)
            )  # fmt: skip
        return found

    def _day(self, month: int) -> str:
        period = shift(self._plan.start, month)
        return f"{period // 100}-{period % 100:02d}-{10 + month % 15:02d}"

    def _make_tasks(self) -> None:
        """Eight tasks a zone, due one after another, each at a quarter's end."""
        quarters = self._plan.quarters
        ahead = (
            [*quarters, *(shift(quarters[-1], step) for step in range(1, 5))] if quarters else []
        )
        for position in self._places.current:
            zone = self._places.zones[position]
            mine = [one for one in ahead if zone.valid_from < period_end(one).isoformat()]
            for number, word in enumerate(_TASKS):
                if not mine:
                    break
                quarter = mine[number * len(mine) // len(_TASKS)]
                home = zone.districts[number % len(zone.districts)]
                due = period_end(quarter) - timedelta(days=15)
                told = {"zone": zone.code, "body": home, "due": due.isoformat(),
                        "listed_from": zone.valid_from or self._day(0)[:8] + "01"}  # fmt: skip
                self._due_quarter.append(quarter)
                self.tasks.all.append(
                    Thing(f"T{zone.code}-{number + 1}", f"{zone.zh}:{word}", self._where[home],
                          position, stays=False, attributes=told)
                )  # fmt: skip

    def month(self, at: int, period: int) -> Iterator[Sheet]:
        """The month's project table."""
        if period < self._plan.first or not self._desk.has("project_monthly"):
            return
        reached = self._stages <= at
        yearly, month = self._year_plan(at), period % 100
        done = yearly / 12 * self._pace[:, :month].sum(axis=1) * self._active(at, month)
        columns = {
            "total_investment": Column(self._total.astype(np.int64), 1),
            "year_plan": Column(yearly.astype(np.int64), 1),
            "invested": Column(np.floor(done).astype(np.int64), 1),
            **{stage: Column(reached[:, k].astype(np.int64), 0) for k, stage in enumerate(_STAGES)},
        }
        yield self._desk.sheet("project_monthly", period, np.arange(len(self.projects)), columns)

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
        """The zones' own returns, of every zone in force at the quarter's end, and their tasks."""
        due = np.array([quarter <= period for quarter in self._due_quarter], bool)
        count = len(self._places.zones)
        told = np.bincount(self.tasks.zone[due], minlength=count)
        if self._desk.has("zone_quarterly"):
            yield self._zones(period, told)
        there = np.array([self.in_force(one.zone, period) for one in self.tasks], bool)
        if self._desk.has("task_quarterly") and there.any():
            rows = np.flatnonzero(there)
            draw = self._plan.chance("tasks", period).integers(5, 95, len(self.tasks))
            columns = {
                "task_progress": Column(np.where(due, 1000, draw * 10)[rows], 1),
                "task_due": Column(due.astype(np.int64)[rows], 0),
                "task_done": Column(due.astype(np.int64)[rows], 0),
            }
            yield self._desk.sheet(
                "task_quarterly", period, rows, columns, member=self.tasks.zone[rows],
                grouping="zone",
            )  # fmt: skip

    def _zones(self, period: int, due: Ints) -> Sheet:
        rows = np.array([at for at in range(len(self._places.zones)) if self.in_force(at, period)])
        count = len(self._places.zones)
        supplied, visited = self._plan.chance("zone", period).random((2, count))
        fixed = self._plan.chance("zones of the plan").random((4, count))
        land = np.rint((1.5e6 + 9e6 * fixed[0]) * 100)
        age = (period // 100 - self._plan.start // 100) * 4 + period % 100 - 20
        built = np.rint(land * (0.03 + 0.05 * fixed[1]))
        occupied = np.minimum(0.97, 0.55 + 0.02 * age + 0.2 * visited)
        values = {
            "land_supplied": (np.rint(land * 0.01 * supplied), 2),
            "zone_built_land": (land, 2),
            "idle_land": (np.rint(land * (0.004 + 0.018 * fixed[2])), 2),
            "inefficient_land": (np.rint(land * (0.03 + 0.06 * fixed[3])), 2),
            "factory_built": (built, 2),
            "factory_occupied": (np.floor(built * occupied), 2),
            "facilities_planned": (np.full(count, 30), 0),
            "facilities_reached": (np.full(count, min(30, 8 + age)), 0),
            "tasks_due": (due, 0),
            "tasks_done": (due, 0),
        }
        columns = {item: Column(one[rows].astype(np.int64), places)
                   for item, (one, places) in values.items()}  # fmt: skip
        return self._desk.sheet(
            "zone_quarterly", period, rows, columns, member=rows, grouping="zone"
        )

    def in_force(self, zone: int, period: int) -> bool:
        """Whether the zone is in force on the period's last day."""
        one, end = self._places.zones[zone], period_end(period).isoformat()
        begun = not one.valid_from or one.valid_from <= end
        return begun and (not one.valid_to or end < one.valid_to)
