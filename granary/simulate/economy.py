"""What an enterprise's month comes to in everything that anybody asks for; forms take from it."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from granary.simulate.enterprises import Enterprises, Flags, Floats, Ints
from granary.simulate.life import NEVER, Life
from granary.simulate.plan import Plan
from granary.simulate.series import STANDING_POWER, Month, industrial

#: Energy per output falls by so much a year (logarithm).
_SAVING: Final = -0.045
#: A plant that stands still draws less than what a check of electricity without output allows.
_STANDING_MOST: Final = 0.9


@dataclass(frozen=True, eq=False)
class Facts:
    """One month of every enterprise, all (units,) whole numbers of the last place.

    Amounts are in 0.1 万元, energy in 0.01 吨标准煤, electricity in 0.0001 万千瓦时, water in
    立方米; assets and the like are of the month's end.
    """

    month: Month
    output: Ints
    sales: Ints
    export: Ints
    added: Ints
    revenue: Ints
    cost: Ints
    profit: Ints
    assets: Ints
    liabilities: Ints
    receivables: Ints
    staff: Ints
    energy: Ints
    electricity: Ints
    water: Ints


class Economy:
    """Makes facts of months; holds what is fixed for each enterprise."""

    def __init__(self, plan: Plan, firms: Enterprises, lives: Life) -> None:
        count = firms.count
        self._plan, self._firms, self._lives = plan, firms, lives
        self.industrial: Flags = industrial(firms)
        draw = plan.chance("balance").random((4, count))
        self._assets: Floats = firms.size * 10 * (0.7 + 1.1 * draw[0])
        self._debt: Floats = 0.25 + 0.5 * draw[1]
        self._owed: Floats = 0.05 + 0.2 * draw[2]
        self._cost: Floats = 0.70 + 0.14 * draw[3]
        self.staff: Floats = np.maximum(2.0, firms.size / firms.ratios["output_per_head"])

    def facts(self, month: Month) -> Facts:
        """Everything of that month."""
        firms, ratios, at = self._firms, self._firms.ratios, month.at
        chance = self._plan.chance("facts", month.period)
        wobble = chance.normal(0, 1, (7, firms.count)).clip(-2, 2)
        output = month.output
        amount = output / 10  # 万元
        revenue = np.rint(output * 1.02).astype(np.int64)
        revenue = np.where(self.industrial, revenue, np.maximum(revenue, np.sign(output)))
        sales = np.rint(output * (0.975 + 0.012 * wobble[0])).astype(np.int64)
        profit = np.rint(revenue * (ratios["margin"] * (1 + 0.15 * wobble[1]))).astype(np.int64)
        drift = np.exp(0.004 * (at - len(self._plan.lived)) + 0.004 * wobble[2])
        exists = month.works > 0
        # Who stops is still paid in the month after: January's output may be told with February's.
        employing = np.maximum(month.works, self._lives.alive(at - 1) if at else 0)
        assets = np.rint(self._assets * drift * np.where(exists, 1.0, 0.6)).astype(np.int64)
        coal = amount * ratios["coal"] * np.exp(_SAVING * (at - len(self._plan.lived)) / 12)
        power = amount * ratios["power"] * (1 + 0.03 * wobble[3]) * 1e4
        return Facts(
            month,
            output=output,
            sales=sales,
            export=np.floor(sales * ratios["export"]).astype(np.int64),
            added=np.rint(output * ratios["added"]).astype(np.int64),
            revenue=revenue,
            cost=np.rint(revenue * self._cost).astype(np.int64),
            profit=profit,
            assets=assets,
            liabilities=np.rint(assets * self._debt * (1 + 0.01 * wobble[4])).astype(np.int64),
            receivables=np.rint(assets * self._owed * (1 + 0.05 * wobble[5])).astype(np.int64),
            staff=np.rint(self.staff * np.sqrt(employing)).astype(np.int64),
            energy=np.rint(coal * (1 + 0.02 * wobble[3]) * 100).astype(np.int64),
            electricity=np.where(exists, np.rint(power), self._standing(at)).astype(np.int64),
            water=np.rint(amount * ratios["water"] * (1 + 0.05 * wobble[6])).astype(np.int64),
        )

    def _standing(self, at: int) -> Floats:
        """0.0001 万千瓦时 of plants that stand still: paused, or in their month of closing."""
        lives = self._lives
        there = (lives.opens <= at) & ((lives.closes == NEVER) | (lives.closes == at))
        usual = self._firms.size / 12 * self._firms.ratios["power"] * STANDING_POWER
        return np.where(there, np.rint(np.minimum(usual, _STANDING_MOST) * 1e4), 0.0)
