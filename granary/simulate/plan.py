"""What is asked of a simulated city, and the streams of chance that it is made from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Final

import numpy as np
import xxhash

from indicators.errors import GranaryError
from indicators.periods import period_end, shift

#: Faults planted, each with its rate: of the places where it can stand, see `faults.kinds`.
DEFAULT_RATES: Final[Mapping[str, float]] = {
    "missing": 0.02,
    "late": 0.03,
    "late_file": 0.01,
    "unit_error": 0.02,
    "ytd_as_month": 0.005,
    "level_shift": 0.005,
    "stale_copy": 0.005,
    "moved_unit": 0.1,
    "broken_identity": 0.005,
    "soft_check": 0.005,
    "source_difference": 0.005,
    "unmatched_key": 0.004,
    "lease_difference": 0.03,
    "missed_stage": 0.1,
    "red_line": 0.05,
    "uncounted": 0.01,
    "nearly": 0.005,
    "decoy": 0.005,
}
FEWEST_UNITS: Final = 60
#: The store's figures of a year need the year before; a year of months is the least that has both.
FEWEST_MONTHS: Final = 14
MOST_MONTHS: Final = 240


class SimulationError(GranaryError):
    """A city was asked for that cannot be made."""

    code = "simulation"
    next_step = "See `granary simulate city --help`."


@dataclass(frozen=True)
class Plan:
    """How large a city, over which months, with which faults.

    `units` are enterprises; `last` is the last month's period id. The newest `live` months come as
    files of their own with a day of arrival; everything before is history. `rates` override
    `DEFAULT_RATES`; a rate of 0 plants none of that kind.
    """

    units: int
    months: int
    seed: int
    last: int = 202610
    live: int = 6
    listed_share: float = 0.4
    rates: Mapping[str, float] = field(default_factory=dict)
    clean: bool = False
    code: str = "chengdu_sim"

    def __post_init__(self) -> None:
        unknown = sorted(set(self.rates) - set(DEFAULT_RATES))
        bounds = [
            (self.units >= FEWEST_UNITS, f"a city has at least {FEWEST_UNITS} units"),
            (
                FEWEST_MONTHS <= self.months <= MOST_MONTHS,
                f"from {FEWEST_MONTHS} to {MOST_MONTHS} months",
            ),
            (0 <= self.seed < 2**63, "the seed is a whole number from 0"),
            (1 <= self.last % 100 <= 12, "the last period is a month, such as 2026-M10"),
            (1 <= self.live < self.months, "live months are fewer than all months"),
            (0.05 <= self.listed_share <= 0.95, "the listed share lies between 0.05 and 0.95"),
            (not unknown, f"no kind of fault {unknown}; there are {sorted(DEFAULT_RATES)}"),
            (
                all(0 <= rate <= 1 for rate in self.rates.values()),
                "a rate lies between 0 and 1",
            ),
        ]
        for holds, sentence in bounds:
            if not holds:
                raise SimulationError(f"{sentence}.")

    def rate(self, kind: str) -> float:
        """Share of its possible places at which the fault is planted; 0 in a clean city."""
        return 0.0 if self.clean else self.rates.get(kind, DEFAULT_RATES[kind])

    @cached_property
    def first(self) -> int:
        """The first month that is reported."""
        return shift(self.last, 1 - self.months)

    @cached_property
    def start(self) -> int:
        """The first month of life: January of the year before, for 上年同期 and yearly tables."""
        return (self.first // 100 - 1) * 100 + 1

    @cached_property
    def lived(self) -> list[int]:
        """All months of life, oldest first."""
        found = [self.start]
        while found[-1] != self.last:
            found.append(shift(found[-1], 1))
        return found

    @cached_property
    def reported(self) -> list[int]:
        """The months that have returns."""
        return [month for month in self.lived if month >= self.first]

    @cached_property
    def live_months(self) -> list[int]:
        return self.reported[-self.live :]

    @property
    def year(self) -> int:
        """Year of the last month."""
        return self.last // 100

    @property
    def last_day(self) -> date:
        return period_end(self.last)

    @cached_property
    def years(self) -> list[int]:
        """Years with yearly returns, from the one before the first month's; due in March."""
        newest = self.year - 1 if self.last % 100 >= 3 else self.year - 2
        return list(range(self.first // 100 - 1, newest + 1))

    @cached_property
    def quarters(self) -> list[int]:
        """Quarters that ended within the reported months and are due by the last one."""
        return [
            month // 100 * 100 + 20 + month % 100 // 3
            for month in self.reported
            if month % 100 % 3 == 0 and month < self.last
        ]

    def chance(self, *names: object) -> np.random.Generator:
        """The stream of chance of that name: what one part draws never shifts another's."""
        key = xxhash.xxh64_intdigest("/".join(map(str, names)).encode())
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence([self.seed, key])))
