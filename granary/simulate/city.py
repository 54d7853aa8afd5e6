"""Makes a simulated city: the order of the work, month by month, with bounded memory."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from granary.simulate.accounts import accounts
from granary.simulate.candidates import candidates, frame_truth, write_candidates
from granary.simulate.catalogue import (
    catalogue_of,
    derived,
    thresholds,
    zones_content,
)
from granary.simulate.construction import Construction
from granary.simulate.departments import Departments
from granary.simulate.economy import Economy, Facts
from granary.simulate.enterprises import Ints, enterprises
from granary.simulate.faults.book import Book
from granary.simulate.faults.entries import SEEN_IN, Fault
from granary.simulate.faults.frame import FramePlan, plant_frame
from granary.simulate.faults.planting import Planter, Plantings
from granary.simulate.land import Land
from granary.simulate.life import life
from granary.simulate.places import DISTRICTS, places
from granary.simulate.plan import Plan, SimulationError
from granary.simulate.readme import readme
from granary.simulate.register import City, write_register
from granary.simulate.series import months
from granary.simulate.sheets import Column, Desk, Sheet
from granary.simulate.survey import Survey
from granary.simulate.writing import File, Writer
from granary.simulate.yaml_text import write_catalogue
from indicators.catalogue import Catalogue
from indicators.periods import format_period, shift

TRUTH: Final = "truth.json"
Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Made:
    """What was written."""

    files: list[File]
    faults: list[Fault]
    frame: dict[str, Any]

    @property
    def rows(self) -> int:
        return sum(file.rows for file in self.files)


def make_city(plan: Plan, folder: Path, progress: Progress = lambda *_: None) -> Made:
    """Write the whole city into `folder`, which must be empty or new.

    `progress` is told what is being done and the share that is done.

    Raises:
        SimulationError: the folder holds something, or catalog/zones does not fit.
    """
    if folder.exists() and any(folder.iterdir()):
        raise SimulationError(f"{folder} is not empty.")
    folder.mkdir(parents=True, exist_ok=True)
    progress("register", 0.0)
    zones = zones_content()
    where = places(plan)
    catalogue = catalogue_of(derived(plan, where, zones, {}))
    policy = catalogue.frame
    if policy is None:
        raise SimulationError("catalog/zones has no frame.yaml: who ought to be on the list?")
    members = {
        "district": [one.code for one in DISTRICTS],
        "zone": [one.code for one in where.zones],
    }
    desk = Desk(catalogue, members)
    firms = enterprises(plan, where, thresholds(zones))
    lives = life(plan, where, firms)
    # What hangs on enterprises does not change with what is planted at some of them.
    own, land = accounts(plan, firms), Land(plan, where, firms, lives, desk)
    frame = FramePlan({}, [])
    if not plan.clean:
        firms, lives, frame = plant_frame(plan, firms, lives)
    city = City(plan, where, firms, lives, own, Construction(plan, where, desk), land)
    spoken_for = np.zeros(firms.count, bool)
    spoken_for[list(frame.registered)] = True
    plantings = Planter(city, catalogue, spoken_for).plant()
    write_register(folder, city, plantings.unmatched)
    run = _Run(city, catalogue, desk, plantings, folder)
    for month in months(plan, firms, lives):
        progress(format_period(month.period), (month.at + 1) / len(plan.lived))
        facts = run.month(run.economy.facts(month))
    write_catalogue(folder, derived(plan, where, zones, run.taxes()))
    found = candidates(city, frame, run.sales, facts)
    feeds = write_candidates(folder, plan, catalogue, found)
    faults = run.truth()
    told = frame_truth(city, frame, found, float(policy.near_share))
    _write_truth(folder, plan, faults, told)
    run.writer.write_manifest(
        {"city": plan.code, "last": format_period(plan.last), "candidates": feeds}
    )
    (folder / "README.md").write_text(
        readme(plan, run.writer.manifest(), faults, told), encoding="utf-8"
    )
    return Made(run.writer.manifest(), faults, told)


class _Run:
    """One month after another: facts, sheets, faults, files."""

    def __init__(
        self, city: City, catalogue: Catalogue, desk: Desk, plantings: Plantings, folder: Path
    ) -> None:
        plan, firms, lives = city.plan, city.firms, city.lives
        self._city, self._plan, self._desk, self._plantings = city, plan, desk, plantings
        codes = {
            "enterprise": firms.codes,
            **{things.kind: things.codes for things in city.things},
            "zone": [one.code for one in city.places.zones],
            "district": [one.code for one in DISTRICTS],
        }
        self._codes = codes
        self.economy = Economy(plan, firms, lives)
        self._survey = Survey(plan, firms, lives, self.economy, desk, plantings.raised)
        self._departments = Departments(
            plan, firms, lives, self.economy, desk, city.accounts, city.land
        )
        self._book = Book(catalogue, codes, plantings.planted)
        self.writer = Writer(plan, folder, catalogue, codes, plantings.late_files)
        self._catalogue = catalogue
        self._things = {things.kind: things for things in city.things}
        self._zone_taxes = np.zeros(len(city.places.zones))

    @property
    def sales(self) -> Ints:
        """(units,) declared in the newest twelve months, 0.01 万元."""
        sums: Ints = np.sum(self._departments.sales, axis=0)
        return sums

    def month(self, facts: Facts) -> Facts:
        """Everything that is due for the month; the facts once more."""
        period, construction = facts.month.period, self._city.construction
        for sheet in self._survey.month(facts):
            self._put(sheet)
            if sheet.table == "output_monthly" and self._desk.has("district_totals"):
                self._put(self._district_totals(sheet))
        for sheet in self._departments.month(facts):
            self._put(sheet)
            if sheet.table == "tax_monthly" and period // 100 == self._plan.year - 1:
                self._sum_taxes(sheet)
        for sheet in construction.month(facts.month.at, period):
            self._put(sheet)
        quarter = period // 100 * 100 + 20 + period % 100 // 3
        if period % 100 % 3 == 0 and quarter in self._plan.quarters:
            for sheet in (
                *self._survey.quarter(facts, quarter),
                *construction.quarter(quarter),
                *self._city.land.quarter(facts.month.at, quarter),
            ):
                self._put(sheet)
        for year in self._plan.years:
            if period == max(self._plan.first, (year + 1) * 100 + 3):
                self._year(year)
        return facts

    def _year(self, year: int) -> None:
        for sheet in (
            *self._survey.year(year),
            *self._departments.year(year, self._survey),
            *self._city.land.year(year),
        ):
            self._put(sheet)
        if self._desk.has("confirmation_annual"):
            self._put(self._confirmation(year))

    def _put(self, sheet: Sheet) -> None:
        kind = self._catalogue.table[sheet.table].unit_kind
        things = self._things.get(kind)

        def points_to(unit: int) -> Mapping[str, str]:
            if kind == "enterprise":
                return {"district": self._district_at(unit, sheet.period)}
            if things is None:
                return {}
            one = things.all[unit]
            zone = {"zone": self._city.places.zones[one.zone].code} if one.zone >= 0 else {}
            return {**one.attributes, **zone, "district": DISTRICTS[one.district].code}

        self.writer.put(self._book.apply(sheet, points_to))

    def _district_totals(self, sheet: Sheet) -> Sheet:
        """What districts tell of themselves: the sum of their units' output of the month."""
        period = sheet.period
        where = self._city.lives.district(self._city.firms, period)[sheet.units]
        sums = np.zeros(len(DISTRICTS), np.int64)
        column = sheet.columns["output_month"]
        np.add.at(sums, where, column.values)
        rows = np.arange(len(DISTRICTS))
        return self._desk.sheet(
            "district_totals", period, rows, {"district_output": Column(sums, column.decimals)}
        )

    def _confirmation(self, year: int) -> Sheet:
        """Industry's yearly confirmation, collected by the zone that each unit is in."""
        city, sums, period = self._city, self._survey.of_year(year), year * 100
        moved = city.lives.moved(period)
        zone = np.where(moved, city.lives.zone_after, city.firms.zone)
        zone = self._zones_in_force(zone, period)
        rows = np.flatnonzero((zone >= 0) & self.economy.industrial & city.lives.listed(period))
        columns = {
            "confirmed_value_added": Column(sums["confirmed"][rows] * 10, 2),
            "confirmed_energy": Column(sums["energy"][rows], 2),
            "confirmed_employees": Column(sums["staff"][rows], 0),
        }
        return self._desk.sheet(
            "confirmation_annual", period, rows, columns, member=zone[rows], grouping="zone"
        )

    def _zones_in_force(self, zone: Ints, period: int) -> Ints:
        """The zones of that time: before a merger or a split the old ones, see `register.stays`."""
        places = self._city.places
        if self._city.construction.in_force(places.merged, period):
            odd = np.arange(len(zone)) % 2 == 1
            parent = places.zone_at[places.zones[places.merged].successors[0]]
            zone = np.where((zone == parent) & odd, places.merged, zone)
            parts = [places.zone_at[code] for code in places.zones[places.divided].successors]
            zone = np.where(np.isin(zone, parts), places.divided, zone)
        return zone

    def _sum_taxes(self, sheet: Sheet) -> None:
        zone = self._city.lives.zone_after[sheet.units]
        inside = zone >= 0
        paid = sheet.columns["tax_paid"].values / 100
        np.add.at(self._zone_taxes, zone[inside], paid[inside])

    def taxes(self) -> dict[str, float]:
        """Zone → 万元 of tax in the year before the last month's."""
        zones = self._city.places.zones
        return {zone.code: float(self._zone_taxes[at]) for at, zone in enumerate(zones)}

    def truth(self) -> list[Fault]:
        """Every planted fault that is in the files."""
        return sorted(
            [*self._book.truth, *self._raised(), *self._late_files(), *self._unmatched()],
            key=lambda one: (one.kind, one.table, one.period, one.unit, one.item),
        )

    def _raised(self) -> list[Fault]:
        found = []
        for unit, (start, factor) in self._plantings.raised.items():
            period = self._plan.lived[start]
            true, told = self._survey.first_raised[unit]
            found.append(
                self._book.lasting(
                    "level_shift", "output_monthly", (period, self._plan.last), unit,
                    "output_month", (true, told), {"factor": f"{factor:.2f}"},
                    {"district": self._district_at(unit, period)},
                )
            )  # fmt: skip
        return found

    def _district_at(self, unit: int, period: int) -> str:
        return DISTRICTS[int(self._city.lives.district(self._city.firms, period)[unit])].code

    def _late_files(self) -> list[Fault]:
        paths = {(one.reporter, one.table, one.period): one for one in self.writer.files.values()
                 if one.period and ".late" not in one.file}  # fmt: skip
        found = []
        for (reporter, table, month), days in self._plantings.late_files.items():
            file = paths.get((reporter, table, format_period(month)))
            if file is not None:
                source = self._catalogue.table[table].source
                facts = {"days_late": days, "rows": file.rows, "file": file.file}
                found.append(Fault("late_file", self._catalogue.table[table].unit_kind, "", table,
                                   format_period(month), source, reporter, facts=facts,
                                   seen_in=SEEN_IN["late_file"]))  # fmt: skip
        return found

    def _unmatched(self) -> list[Fault]:
        accounts, plan = self._city.accounts, self._plan
        offset = len(plan.lived) - plan.months
        found = []
        for at in self._plantings.unmatched:
            begins = plan.reported[max(0, int(accounts.begins[at]) - offset)]
            fault = self._book.lasting(
                "unmatched_key", "power_monthly", (begins, plan.last), int(accounts.owner[at]),
                "electricity", None, {"key": str(accounts.keys[at]), "scheme": "power_account"},
                {"district": self._district_at(int(accounts.owner[at]), plan.last)},
            )  # fmt: skip
            found.append(fault)
        return found


def _write_truth(folder: Path, plan: Plan, faults: list[Fault], frame: dict[str, Any]) -> None:
    body = {
        "city": plan.code,
        "plan": {
            "units": plan.units, "months": plan.months, "seed": plan.seed,
            "first": format_period(plan.first), "last": format_period(plan.last),
            "live_from": format_period(shift(plan.last, 1 - plan.live)), "clean": plan.clean,
        },
        "faults": [asdict(one) for one in faults],
        "frame": frame,
    }  # fmt: skip
    text = json.dumps(body, ensure_ascii=False, indent=1)
    (folder / TRUTH).write_text(text + "\n", encoding="utf-8")
