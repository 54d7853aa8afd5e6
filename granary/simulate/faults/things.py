"""Faults of projects, parcels, leases, contract stages and zones: one each in one period."""

from collections.abc import Sequence

from granary.simulate.faults import changes
from granary.simulate.faults.book import Change, Planted
from granary.simulate.register import City
from indicators.catalogue import Catalogue
from indicators.periods import period_end


class ThingPlanter:
    """Draws things and periods for the kinds of fault that are about no enterprise."""

    def __init__(self, city: City, catalogue: Catalogue) -> None:
        self._city, self._catalogue, self._plan = city, catalogue, city.plan
        self._months = city.plan.reported
        self._planted: list[Planted] = []

    def plant(self) -> list[Planted]:
        """Everything that the catalogue has tables for."""
        for kind in (self._hard, self._red_lines, self._leases, self._stages):
            kind()
        return self._planted

    def _hard(self) -> None:
        """What a hard check of the catalogue refuses."""
        rules = {one.code for one in self._catalogue.checks if one.severity == "hard"}
        others = (
            ("started_after_signed", "project_monthly", "started",
             changes.fixed("signed", "started", 0, 1)),
            ("built_within_parcel", "parcel_annual", "parcel_built",
             changes.above("parcel_built", "parcel_area")),
            ("factory_occupied_within", "zone_quarterly", "factory_occupied",
             changes.above("factory_occupied", "factory_built")),
        )  # fmt: skip
        for rule, table, item, change in others:
            if rule in rules and table in self._catalogue.table:
                self._thing("broken_identity", table, item, change, 1, {"check": rule})

    def _red_lines(self) -> None:
        table = "zone_quarterly"
        if table not in self._catalogue.table or not self._plan.quarters:
            return
        idle = changes.part("idle_land", "zone_built_land", 9, 100)
        slow = changes.part("tasks_done", "tasks_due", 62, 100)
        self._thing("red_line", table, "idle_land", idle, 1, {"indicator": "idle_land_rate"})
        late = self._plan.quarters[-2:]  # when tasks enough are due
        self._thing("red_line", table, "tasks_done", slow, 1, {"indicator": "tasks_rate"}, late)

    def _leases(self) -> None:
        if "lease_annual" in self._catalogue.table:
            less = changes.scaled(["rented_area"], 97, 100)
            facts = {"check": "lease_two_sides"}
            self._thing("lease_difference", "lease_annual", "rented_area", less, 1, facts)

    def _stages(self) -> None:
        """Contract stages that stay below what was agreed from the day on which they are due."""
        table, kind = "stage_quarterly", "missed_stage"
        if table not in self._catalogue.table or not self._plan.quarters:
            return
        stages = self._city.land.stages.all
        last = period_end(self._plan.quarters[-1]).isoformat()
        due = [at for at, one in enumerate(stages)
               if one.attributes["due"] <= last]  # fmt: skip
        rate, chance = self._plan.rate(kind), self._plan.chance("plant", kind)
        wanted = max(1, round(rate * len(due))) if rate else 0
        for at in chance.permutation(due)[:wanted].tolist():
            told = stages[at].attributes
            period = next(one for one in self._plan.quarters
                          if period_end(one).isoformat() >= told["due"])  # fmt: skip
            item = "stage_investment"
            change = changes.said(item, int(float(told["agreed_investment"]) * 7))
            self._planted.append(
                Planted(kind, table, period, at, item, change, until=self._plan.quarters[-1],
                        facts={"agreed": told["agreed_investment"], "due": told["due"]})
            )  # fmt: skip

    def _thing(
        self,
        kind: str,
        table: str,
        item: str,
        change: Change,
        fewest: int,
        facts: dict[str, str],
        periods: Sequence[int] = (),
    ) -> None:
        """The fault at projects, parcels or zones, in one period each."""
        rate, chance = self._plan.rate(kind), self._plan.chance("thing", kind, item)
        unit_kind = self._catalogue.table[table].unit_kind
        construction = self._city.construction
        years = [year * 100 for year in self._plan.years]
        units, usual = {
            "project": (len(construction.projects), self._months[1:]),
            "parcel": (len(self._city.land.parcels), years),
            "lease": (len(self._city.land.leases), years),
            "zone": (len(self._city.places.zones), self._plan.quarters),
        }[unit_kind]
        there = periods or usual
        wanted = max(fewest, round(rate * units)) if rate else 0
        for unit in chance.permutation(units).tolist():
            if wanted <= 0 or not there:
                return
            period = there[int(chance.integers(len(there)))]
            if unit_kind == "zone" and not construction.in_force(unit, period):
                continue
            if any((one.table, one.unit) == (table, unit) for one in self._planted):
                continue
            self._planted.append(Planted(kind, table, period, unit, item, change, facts=facts))
            wanted -= 1
