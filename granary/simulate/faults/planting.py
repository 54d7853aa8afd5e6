"""Chooses where faults are planted: one kind a unit, so that effects do not mingle."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from granary.simulate.enterprises import Flags
from granary.simulate.faults import changes
from granary.simulate.faults.book import Change, Planted
from granary.simulate.faults.things import ThingPlanter
from granary.simulate.life import NEVER, month_start
from granary.simulate.places import DISTRICTS
from granary.simulate.register import City
from granary.simulate.series import industrial
from indicators.catalogue import Catalogue

#: At most this share of the enterprises that are listed and work is hit, whatever the rates.
_MOST: Final = 0.6
_ERRORS: Final = ((10, 1), (1, 10), (1000, 1), (1, 1000), (10_000, 1), (1, 10_000))
_ERROR_TABLES: Final = ("output_monthly", "finance_monthly", "tax_monthly")
#: Share of faults that stand in live months where they can: who watches sees them arrive.
_NEWEST: Final = 0.6
_LEAST_BILL: Final = 12  # 万千瓦时 a month
_FORMS: Final = ("finance_monthly", "output_monthly", "energy_monthly")


@dataclass(slots=True)
class Plantings:
    """What was chosen. raised: see `Survey`; unmatched: positions of accounts without an owner."""

    planted: list[Planted] = field(default_factory=list)
    raised: dict[int, tuple[int, float]] = field(default_factory=dict)
    late_files: dict[tuple[str, str, int], int] = field(default_factory=dict)
    unmatched: list[int] = field(default_factory=list)


class Planter:
    """Draws units and periods. `spoken_for`: (units,) enterprises that are left alone."""

    def __init__(self, city: City, catalogue: Catalogue, spoken_for: Flags) -> None:
        self._city, self._catalogue, self._plan = city, catalogue, city.plan
        self._industrial = industrial(city.firms)
        lives, plan = city.lives, city.plan
        self._months = plan.reported
        offset = len(plan.lived) - plan.months
        listed = np.array([lives.listed(period) for period in self._months])
        works = np.array([lives.alive(offset + at) >= 1 for at in range(plan.months)])
        self._steady: Flags = listed & works & (lives.move_day == 0)[None, :] & ~spoken_for[None, :]
        self._works = works & ~spoken_for[None, :]
        self._free: Flags = np.ones(city.firms.count, bool)
        self._left = int(_MOST * self._steady.any(axis=0).sum())
        self.found = Plantings()

    def plant(self) -> Plantings:
        """Everything, in an order in which rare kinds choose first."""
        if self._plan.clean:
            return self.found
        for kind in (
            self._moved, self._level_shifts, self._stale, self._to_date_as_month, self._hard,
            self._soft, self._differences, self._unit_errors, self._missing, self._late,
            self._late_files, self._accounts, self._things,
        ):  # fmt: skip
            kind()
        return self.found

    def _things(self) -> None:
        self.found.planted += ThingPlanter(self._city, self._catalogue).plant()

    def _choose(
        self,
        kind: str,
        fewest: int,
        *,
        only: Flags | None = None,
        live: bool = False,
        after: int = 2,
        before: int = 0,
    ) -> Iterator[tuple[int, int]]:
        """(unit, position of a reported month from April on) of the kind's share of enterprises.

        They are listed and work in that month, the one before and the one after; each is chosen
        once for all kinds. `live`: in the live months, of any season. `after`, `before`: so many
        months from the beginning and from the end.
        """
        eligible = self._steady.any(axis=0) & self._free
        if only is not None:
            eligible &= only
        chance = self._plan.chance("plant", kind)
        units = chance.permutation(np.flatnonzero(eligible))
        rate = self._plan.rate(kind)
        wanted = max(fewest, round(rate * len(units))) if rate else 0
        first = self._plan.months - self._plan.live if live else after
        earliest = 2 if live else 4
        months = [
            at
            for at in range(first, self._plan.months - before)
            if self._months[at] % 100 >= earliest
        ]
        for unit in units.tolist():
            if wanted <= 0 or self._left <= 0:
                return
            good = [at for at in months
                    if self._steady[max(0, at - 1) : at + 2, unit].all()]  # fmt: skip
            if good:
                self._free[unit] = False
                self._left -= 1
                wanted -= 1
                newest = [at for at in good if at >= self._plan.months - self._plan.live]
                if newest and chance.random() < _NEWEST:
                    good = newest
                yield unit, good[int(chance.integers(len(good)))]

    def _add(
        self, kind: str, table: str, at: int, unit: int, item: str, change: Change, **more: object
    ) -> None:
        self.found.planted.append(
            Planted(kind, table, self._months[at], unit, item, change, **more)  # type: ignore[arg-type]
        )

    def _unit_errors(self) -> None:
        small = self._city.firms.size < 100_000  # ten thousandfold it is still a lawful amount
        of = self._industrial & small
        for number, (unit, at) in enumerate(self._choose("unit_error", len(_ERRORS), only=of)):
            factor = _ERRORS[number % len(_ERRORS)]
            table = _ERROR_TABLES[number // len(_ERRORS) % len(_ERROR_TABLES)]
            items = [one for one in self._catalogue.table[table].items
                     if self._catalogue.item[one].unit == "万元"]  # fmt: skip
            main = {"output_monthly": "output", "finance_monthly": "revenue"}.get(
                table, "declared_sales"
            )
            text = str(factor[0]) if factor[1] == 1 else f"1/{factor[1]}"
            self._add("unit_error", table, at, unit, main, changes.scaled(items, *factor),
                      facts={"factor": text})  # fmt: skip

    def _to_date_as_month(self) -> None:
        for unit, at in self._choose("ytd_as_month", 1, only=self._industrial):
            change = changes.copied("output", "output_month")
            self._add("ytd_as_month", "output_monthly", at, unit, "output_month", change)

    def _level_shifts(self) -> None:
        last = self._plan.months - 1
        offset = len(self._plan.lived) - self._plan.months
        chance = self._plan.chance("shift")
        for number, (unit, at) in enumerate(
            self._choose("level_shift", 2, only=self._industrial, after=min(6, last - 4), before=3)
        ):
            factor = float(np.round(chance.uniform(1.8, 2.8), 2))
            if number % 2 == 0:
                self.found.raised[unit] = (offset + at, factor)
                continue
            table, item = (
                ("water_monthly", "water_use")
                if number % 4 == 1
                else ("tax_monthly", "declared_sales")
            )
            change = changes.scaled([item], round(factor * 100), 100)
            self._add("level_shift", table, at, unit, item, change,
                      until=self._plan.last, facts={"factor": f"{factor:.2f}"})  # fmt: skip

    def _stale(self) -> None:
        tables = (
            ("output_monthly", "output"),
            ("energy_monthly", "energy"),
            ("finance_monthly", "revenue"),
        )
        for number, (unit, at) in enumerate(
            self._choose("stale_copy", 2, only=self._industrial, after=3)
        ):
            table, item = tables[number % len(tables)]
            before = self._months[at - 1]
            self._add("stale_copy", table, at, unit, item, changes.stale, needs_previous=before)

    def _hard(self) -> None:
        rules = {one.code for one in self._catalogue.checks if one.severity == "hard"}
        if "export_within_sales" in rules:
            for unit, at in self._choose("broken_identity", 1, only=self._industrial):
                change = changes.above("export_delivery", "sales_output")
                self._add("broken_identity", "output_monthly", at, unit, "export_delivery", change,
                          facts={"check": "export_within_sales"})  # fmt: skip

    def _soft(self) -> None:
        rules = {one.code for one in self._catalogue.checks if one.severity == "soft"}
        kinds = [
            one for one in (
                ("receivables_within_assets", "finance_monthly", "receivables",
                 changes.above("receivables", "assets")),
                ("value_added_rate", "output_monthly", "value_added",
                 changes.part("value_added", "output", 4, 5)),
                ("tax_rate", "tax_monthly", "tax_paid",
                 changes.part("tax_paid", "declared_sales", 1, 2)),
            )
            if one[0] in rules
        ]  # fmt: skip
        for number, (unit, at) in enumerate(
            self._choose("soft_check", len(kinds), only=self._industrial)
        ):
            rule, table, item, change = kinds[number % len(kinds)]
            self._add("soft_check", table, at, unit, item, change, facts={"check": rule})

    def _differences(self) -> None:
        chance = self._plan.chance("differences")
        firms = self._city.firms
        # Of a small bill a large share is still within the amount that is tolerated.
        large = firms.size / 12 * firms.ratios["power"] > _LEAST_BILL
        for unit, at in self._choose("source_difference", 1, only=self._industrial & large):
            high = chance.random() < 0.5
            share = int(chance.integers(115, 160)) if high else int(chance.integers(50, 85))
            change = changes.scaled(["electricity"], share, 100)
            self._add("source_difference", "energy_monthly", at, unit, "electricity", change,
                      facts={"other_source": "power"})  # fmt: skip

    def _missing(self) -> None:
        for number, (unit, at) in enumerate(self._choose("missing", 2)):
            table = _FORMS[number % 3] if self._industrial[unit] else _FORMS[0]
            self.found.planted.append(Planted("missing", table, self._months[at], unit, drop=True))

    def _late(self) -> None:
        chance = self._plan.chance("late days")
        for number, (unit, at) in enumerate(self._choose("late", 2, live=True)):
            table = _FORMS[number % 3] if self._industrial[unit] else _FORMS[0]
            days = int(chance.integers(1, 11))
            self.found.planted.append(Planted("late", table, self._months[at], unit, late=days))

    def _late_files(self) -> None:
        rate, chance = self._plan.rate("late_file"), self._plan.chance("late_file")
        offices = [one for one in self._catalogue.reporters if one.grouping == "district"]
        months = [month for month in self._plan.live_months if month % 100 > 1]
        every = [(office.code, table, month) for office in offices for table in _FORMS
                 for month in months if table in office.tables]  # fmt: skip
        wanted = max(1, round(rate * len(every))) if rate else 0
        for at in chance.permutation(len(every))[:wanted].tolist():
            self.found.late_files[every[at]] = int(chance.integers(1, 9))

    def _moved(self) -> None:
        """The first months after a move in which the old district still sends the unit's forms."""
        lives, firms = self._city.lives, self._city.firms
        rate, chance = self._plan.rate("moved_unit"), self._plan.chance("moved_unit")
        within = lives.move_day > month_start(self._plan, len(self._plan.lived) - self._plan.months)
        within &= lives.district_after != firms.district
        moved = np.flatnonzero(within & firms.listed & self._free)
        reporter = {
            one.member: one.code for one in self._catalogue.reporters if one.grouping == "district"
        }
        good = []
        for unit in moved.tolist():
            after = [at for at, month in enumerate(self._months)
                     if lives.moved(month)[unit] and month % 100 > 1]  # fmt: skip
            if after and self._works[after[0], unit] and lives.listed(self._months[after[0]])[unit]:
                good.append((unit, after[0]))
        wanted = max(1, round(rate * len(good))) if rate else 0
        for place in chance.permutation(len(good))[:wanted].tolist():
            unit, at = good[place]
            self._free[unit] = False
            old = reporter[DISTRICTS[int(firms.district[unit])].code]
            for table in _FORMS if self._industrial[unit] else _FORMS[:1]:
                self.found.planted.append(
                    Planted("moved_unit", table, self._months[at], unit, to=old)
                )

    def _accounts(self) -> None:
        """Accounts of working enterprises that no correspondence names."""
        rate, chance = self._plan.rate("unmatched_key"), self._plan.chance("unmatched_key")
        found = self._city.accounts
        good = self._free[found.owner] & self._works[-1][found.owner] & (found.ends == NEVER)
        wanted = max(1, round(rate * good.sum())) if rate else 0
        seen: set[int] = set()
        for at in chance.permutation(np.flatnonzero(good)).tolist():
            if len(self.found.unmatched) >= wanted:
                break
            owner = int(found.owner[at])
            if owner not in seen:
                seen.add(owner)
                self._free[owner] = False
                self.found.unmatched.append(int(at))
