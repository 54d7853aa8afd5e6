"""The statistical forms that districts collect: amounts to date, 上年同期, merged months."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from granary.simulate.activities import ACTIVITIES
from granary.simulate.economy import Economy, Facts
from granary.simulate.enterprises import Enterprises, Floats, Ints
from granary.simulate.life import Life
from granary.simulate.plan import Plan
from granary.simulate.sheets import Column, Desk, Sheet

MONTHLY: Final = ("finance_monthly", "output_monthly", "energy_monthly")
#: Amounts that are summed over the year; those that forms ask for 上年同期 of too.
_CUMULATED: Final = (
    "output", "sales", "export", "added", "revenue", "cost", "profit", "energy", "electricity",
    "water", "confirmed",
)  # fmt: skip
_PRIOR: Final = ("output", "added", "revenue", "profit", "energy")
#: The enterprise's own reading of its meters and the power company's bill differ by no more.
_METER_SPREAD: Final = 0.011


class Survey:
    """Cumulates facts month by month and fills in the forms of who is on the list."""

    def __init__(
        self,
        plan: Plan,
        firms: Enterprises,
        lives: Life,
        economy: Economy,
        desk: Desk,
        raised: dict[int, tuple[int, float]],
    ) -> None:
        """`raised`: unit → (month of life, factor): its output is told so much too large from then.

        The level of what is told shifts, not the enterprise: cumulated amounts, 上年同期 and what
        depends on output in the form follow the figures told.
        """
        self._plan, self._firms, self._lives = plan, firms, lives
        self._economy, self._desk = economy, desk
        zeros = np.zeros(firms.count, np.int64)
        self.to_date: dict[str, Ints] = {name: zeros.copy() for name in _CUMULATED}
        self._year_ago = {name: [zeros] * 12 for name in _PRIOR}
        self._january = zeros
        self._raised = raised
        #: (unit, period) → (true, told) output of the first month that is raised.
        self.first_raised: dict[int, tuple[int, int]] = {}
        self._years: dict[int, dict[str, Ints]] = {}
        self.sectors: NDArray[np.str_] = firms.sectors()
        self.classes: NDArray[np.str_] = np.array([one.class_code for one in ACTIVITIES])[
            firms.activity
        ]

    def told(self, facts: Facts) -> dict[str, Ints]:
        """What the month adds, as enterprises tell it."""
        # What an enterprise confirms of its value added at the year's end is what it was.
        found: dict[str, Ints] = {
            name: getattr(facts, "added" if name == "confirmed" else name) for name in _CUMULATED
        }
        raised = [
            (unit, by) for unit, (start, by) in self._raised.items() if facts.month.at >= start
        ]
        if raised:
            units = np.array([unit for unit, _ in raised])
            factor = np.array([by for _, by in raised])
            for name in ("output", "sales", "export", "added"):
                found[name] = found[name].copy()
                found[name][units] = np.rint(found[name][units] * factor).astype(np.int64)
            for unit, _ in raised:
                if self._raised[unit][0] == facts.month.at:
                    self.first_raised[unit] = (int(facts.output[unit]), int(found["output"][unit]))
        return found

    def month(self, facts: Facts) -> Iterator[Sheet]:
        """Cumulate the month; sheets of the forms due for it, of reported months alone."""
        period = facts.month.period
        month = period % 100
        told = self.told(facts)
        for name in _CUMULATED:
            so_far = 0 if month == 1 else self.to_date[name]
            self.to_date[name] = so_far + told[name]
        prior = {name: self._year_ago[name][month - 1] for name in _PRIOR}
        for name in _PRIOR:
            self._year_ago[name][month - 1] = self.to_date[name]
        if month == 1:
            self._january = told["output"]
        if month == 12:
            self._years[period // 100] = {
                **self.to_date, "staff": facts.staff, "assets": facts.assets,
            }  # fmt: skip
            self._years.pop(period // 100 - 2, None)
        if period < self._plan.first or month == 1:
            return
        of_month = told["output"] + (self._january if month == 2 else 0)
        listed = self._lives.listed(period)
        for table in MONTHLY:
            if self._desk.has(table):
                columns = getattr(self, f"_{table}")(facts, prior, of_month)
                yield self._sheet(table, period, columns, listed)

    def _sheet(
        self,
        table: str,
        period: int,
        columns: dict[str, tuple[Ints, int]],
        listed: NDArray[np.bool_],
    ) -> Sheet:
        rows = np.flatnonzero(listed & self._desk.asked(table, self.sectors, self.classes))
        district = self._lives.district(self._firms, period)[rows]
        picked = {item: Column(values[rows], places) for item, (values, places) in columns.items()}
        return self._desk.sheet(table, period, rows, picked, member=district)

    def _finance_monthly(
        self, facts: Facts, prior: dict[str, Ints], _: Ints
    ) -> dict[str, tuple[Ints, int]]:
        return {
            "revenue": (self.to_date["revenue"], 1),
            "revenue_prior": (prior["revenue"], 1),
            "profit": (self.to_date["profit"], 1),
            "profit_prior": (prior["profit"], 1),
            "operating_cost": (self.to_date["cost"], 1),
            "assets": (facts.assets, 1),
            "liabilities": (facts.liabilities, 1),
            "receivables": (facts.receivables, 1),
            "average_employees": (facts.staff, 0),
        }

    def _output_monthly(
        self, _: Facts, prior: dict[str, Ints], of_month: Ints
    ) -> dict[str, tuple[Ints, int]]:
        return {
            "output": (self.to_date["output"], 1),
            "output_prior": (prior["output"], 1),
            "output_month": (of_month, 1),
            "sales_output": (self.to_date["sales"], 1),
            "export_delivery": (self.to_date["export"], 1),
            "value_added": (self.to_date["added"], 1),
            "value_added_prior": (prior["added"], 1),
        }

    def _energy_monthly(
        self, facts: Facts, prior: dict[str, Ints], _: Ints
    ) -> dict[str, tuple[Ints, int]]:
        chance = self._plan.chance("meters", facts.month.period)
        off = chance.normal(0, _METER_SPREAD, self._firms.count).clip(
            -2 * _METER_SPREAD, 2 * _METER_SPREAD
        )
        read = np.rint(facts.electricity * (1 + off)).astype(np.int64)
        return {
            "energy": (self.to_date["energy"], 2),
            "energy_prior": (prior["energy"], 2),
            "electricity": (read, 4),
        }

    def quarter(self, facts: Facts, period: int) -> Iterator[Sheet]:
        """Forms of the quarter that ends with the month."""
        table = "operation_quarterly"
        if not self._desk.has(table):
            return
        chance = self._plan.chance("orders", period)
        months = chance.uniform(1.2, 4.5, self._firms.count)
        usual: Floats = self._firms.size * 10 / 12
        capacity = np.rint(usual * 3 * (1.15 + 0.4 * self._spare())).astype(np.int64)
        capacity = np.maximum(capacity, facts.output * 3)
        orders = np.rint(usual * months * (facts.month.works > 0)).astype(np.int64)
        columns = {"orders": (orders, 1), "capacity_output": (capacity, 1)}
        yield self._sheet(table, period, columns, self._lives.listed(facts.month.period))

    def _spare(self) -> Floats:
        return self._plan.chance("capacity").random(self._firms.count)

    def of_year(self, year: int) -> dict[str, Ints]:
        """What the year came to as told: cumulated amounts, staff and assets at its end."""
        return self._years[year]

    def year(self, year: int) -> Iterator[Sheet]:
        """Yearly forms of a year that is over."""
        period, sums = year * 100, self._years[year]
        listed = self._lives.listed(period)
        ratios, count = self._firms.ratios, self._firms.count
        new, share, staff_share = self._plan.chance("year", year).random((3, count))
        research = np.floor(sums["revenue"] * ratios["research"].clip(0, 0.5)).astype(np.int64)
        researchers = np.floor(sums["staff"] * (0.02 + 0.2 * staff_share) * (research > 0))
        fresh = sums["water"]
        forms: dict[str, dict[str, tuple[Ints, int]]] = {
            "basics_annual": {
                "registered_capital": (np.rint(self._firms.size * 2.5).astype(np.int64), 1),
                "year_end_employees": (sums["staff"], 0),
            },
            "rd_annual": {
                "rd_expense": (research, 1),
                "rd_revenue": (sums["revenue"], 1),
                "rd_personnel": (np.maximum(researchers.astype(np.int64), research > 0), 0),
                "new_product_sales": (
                    np.floor(sums["revenue"] * 0.4 * new * (research > 0)).astype(np.int64), 1,
                ),
            },
            "water_annual": {
                "fresh_water": (fresh, 0),
                "reused_water": (np.rint(fresh * (0.3 + 1.2 * share)).astype(np.int64), 0),
            },
        }  # fmt: skip
        for table, columns in forms.items():
            if self._desk.has(table):
                yield self._sheet(table, period, columns, listed)
