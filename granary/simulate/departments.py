"""What city departments report: of all enterprises, by their own keys, timing and scope.

They disagree with the districts as departments do: declared sales are not turnover, tax follows a
month later, the power company's bill is not the enterprise's own reading.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from granary.simulate.accounts import Accounts
from granary.simulate.economy import Economy, Facts
from granary.simulate.enterprises import Enterprises, Floats, Ints
from granary.simulate.land import Land
from granary.simulate.life import Life
from granary.simulate.plan import Plan
from granary.simulate.sheets import Column, Desk, Sheet
from granary.simulate.survey import Survey

_DECLARED_SPREAD: Final = 0.02
#: Tax of a month is at most this share of its sales, whatever was sold the month before.
_MOST_TAX: Final = 0.25
_SCALE: Final = 100  # land in 0.01 m²


class Departments:
    """Tax, power, water, social security, land, environment, science."""

    def __init__(
        self,
        plan: Plan,
        firms: Enterprises,
        lives: Life,
        economy: Economy,
        desk: Desk,
        accounts: Accounts,
        land: Land,
    ) -> None:
        self._plan, self._firms, self._lives = plan, firms, lives
        self._economy, self._desk, self._accounts = economy, desk, accounts
        self._everybody = np.arange(firms.count)
        self._sold_before: Ints | None = None
        #: Declared sales of the newest twelve months, 0.01 万元: the size in the tax feed.
        self.sales: list[Ints] = []
        self._insured: Floats = plan.chance("insured").uniform(0.86, 1.0, firms.count)
        self._land = land

    def month(self, facts: Facts) -> Iterator[Sheet]:
        """Sheets of the month; the month before the first is needed for its taxes."""
        period, plan = facts.month.period, self._plan
        chance = plan.chance("departments", period)
        off, late = chance.normal(0, 1, (2, self._firms.count)).clip(-2, 2)
        declared = np.rint(facts.revenue * 10 * (1 + _DECLARED_SPREAD * off)).astype(np.int64)
        before = facts.revenue if self._sold_before is None else self._sold_before
        tax = np.rint(before * 10 * self._firms.ratios["tax"] * (1 + 0.04 * late))
        tax = np.minimum(tax, np.floor(declared * _MOST_TAX)).astype(np.int64)
        self._sold_before = facts.revenue
        self.sales = [*self.sales[-11:], declared]
        if period < plan.first:
            return
        insured = np.ceil(facts.staff * self._insured).astype(np.int64)
        monthly = {
            "tax_monthly": {"tax_paid": Column(tax, 2), "declared_sales": Column(declared, 2)},
            "water_monthly": {"water_use": Column(facts.water, 0)},
            "employment_monthly": {"insured_employees": Column(insured, 0)},
        }
        for table, columns in monthly.items():
            if self._desk.has(table):
                yield self._desk.sheet(table, period, self._everybody, columns)
        if self._desk.has("power_monthly"):
            yield self._power(facts)

    def _power(self, facts: Facts) -> Sheet:
        """The bill, by account where the table holds accounts."""
        table, period = "power_monthly", facts.month.period
        if not getattr(self._desk.catalogue.table[table], "keys", None):
            whole = {"electricity": Column(facts.electricity, 4)}
            return self._desk.sheet(table, period, self._everybody, whole)
        used, part = self._accounts.split(facts.electricity, facts.month.at)
        return self._desk.sheet(
            table,
            period,
            self._accounts.owner[used],
            {"electricity": Column(part, 4)},
            written=self._accounts.keys[used],
        )

    def year(self, year: int, survey: Survey) -> Iterator[Sheet]:
        """Yearly tables of a year that is over."""
        sums, period = survey.of_year(year), year * 100
        land = self._land_annual(year)
        tables = {"land_annual": land, "science_annual": self._science(year, sums["staff"])}
        for table, columns in tables.items():
            if self._desk.has(table):
                yield self._desk.sheet(table, period, self._everybody, columns)
        emits = np.flatnonzero(self._economy.industrial & self._firms.listed & (sums["water"] > 0))
        if self._desk.has("environment_annual"):
            columns = self._discharge(year, sums["water"], sums["energy"])
            picked = {k: Column(one.values[emits], one.decimals) for k, one in columns.items()}
            yield self._desk.sheet("environment_annual", period, emits, picked)

    def _land_annual(self, year: int) -> dict[str, Column]:
        land = self._land
        built = np.clip(0.75 + 0.04 * (year - self._plan.year + 3), 0.5, 1.0)
        in_use = land.own + land.rented_in - land.rented_out
        invested = in_use / _SCALE * 0.0015 * self._invested_per_mu() * built
        return {
            "land_own": Column(land.own, 2),
            "land_rented_in": Column(land.rented_in, 2),
            "land_rented_out": Column(land.rented_out, 2),
            "land_in_use": Column(in_use, 2),
            "fixed_investment": Column(np.rint(invested * 100).astype(np.int64), 2),
        }

    def _invested_per_mu(self) -> Floats:
        return self._plan.chance("invested").uniform(340, 620, self._firms.count)

    def _science(self, year: int, staff: Ints) -> dict[str, Column]:
        certified, special, patents = self._plan.chance("science").random((3, self._firms.count))
        research = self._firms.ratios["research"]
        alive = staff > 0
        has = alive & (certified < np.clip(research * 7, 0, 0.75)) & (self._firms.size > 200)
        number = np.floor(staff * research * (0.05 + 0.25 * patents)).astype(np.int64)
        number += (year - self._plan.start // 100) * (number > 0)
        return {
            "high_tech_certified": Column(has.astype(np.int64), 0),
            "specialised": Column((has & (special < 0.25)).astype(np.int64), 0),
            "invention_patents": Column(np.where(alive, number, 0), 0),
        }

    def _discharge(self, year: int, water: Ints, energy: Ints) -> dict[str, Column]:
        dirt, air, used = self._plan.chance("discharge").random((3, self._firms.count))
        better = 0.96 ** (year - self._plan.start // 100)
        waste = np.rint(energy * (0.02 + 0.15 * air)).astype(np.int64)
        return {
            "cod": Column(np.rint(water * 0.6 * (0.3 + dirt) * better).astype(np.int64), 4),
            "nox": Column(np.rint(energy * 0.08 * (0.3 + air) * better).astype(np.int64), 4),
            "solid_waste": Column(waste, 2),
            "solid_waste_used": Column(np.floor(waste * (0.6 + 0.39 * used)).astype(np.int64), 2),
        }
