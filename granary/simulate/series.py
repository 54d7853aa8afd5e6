"""What enterprises really turn over month by month: level, season, trend, shocks and noise.

Amounts are whole numbers of the last place that forms ask for (0.1 万元), so that sums are exact.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from granary.simulate.activities import ACTIVITIES, HOLIDAY, INDUSTRY, SEASONS
from granary.simulate.enterprises import Enterprises, Flags, Floats, Ints
from granary.simulate.life import Life, shrunken
from granary.simulate.plan import Plan

#: Day of the Chinese New Year (春节).
NEW_YEAR: Final = {
    2009: (1, 26), 2010: (2, 14), 2011: (2, 3), 2012: (1, 23), 2013: (2, 10), 2014: (1, 31),
    2015: (2, 19), 2016: (2, 8), 2017: (1, 28), 2018: (2, 16), 2019: (2, 5), 2020: (1, 25),
    2021: (2, 12), 2022: (2, 1), 2023: (1, 22), 2024: (2, 10), 2025: (1, 29), 2026: (2, 17),
    2027: (2, 6), 2028: (1, 26), 2029: (2, 13), 2030: (2, 3), 2031: (1, 23), 2032: (2, 11),
    2033: (1, 31), 2034: (2, 19), 2035: (2, 8),
}  # fmt: skip
#: Work stands still from about a week before until two weeks after it.
_DAYS_BEFORE, _DAYS_AFTER = 6, 14
_OWN_PERSISTENCE, _OWN_SHOCK, _NOISE = 0.7, 0.045, 0.025
_CITY_PERSISTENCE, _CITY_SHOCK = 0.8, 0.012
#: Log factors stay within these bounds, so that chance alone never looks like an error.
_BOUND: Final = 0.22
_SLUMP_SHARE, _SLUMP, _SLUMP_MONTHS = 0.06, -0.30, (3, 7)
#: Of an ordinary month's need: what stands still still draws power and water.
STANDING_POWER: Final = 0.04


@dataclass(frozen=True, eq=False)
class Month:
    """One month of life: all (units,).

    output: 0.1 万元, of industry its output, of the others what they turn over less two per cent;
    works: 0 to 1, how much of a unit is in production; chance: log factor of the month, for what
    moves with it.
    """

    at: int
    period: int
    output: Ints
    works: Floats


def months(plan: Plan, firms: Enterprises, lives: Life) -> Iterator[Month]:
    """Every month of life, oldest first; one month is held at a time."""
    count = firms.count
    base = np.where(shrunken(firms, lives), firms.threshold * 0.45, firms.size) * 10 / 12 / 1.02
    growth = firms.growth + lives.shrink
    seasons = [np.array(SEASONS[one.season]) for one in ACTIVITIES]
    holidays = np.array([HOLIDAY[one.season] for one in ACTIVITIES])
    slump_from, slump_to = _slumps(plan, count)
    own = plan.chance("own", "start").normal(0, 0.06, count)
    city = np.zeros(len(ACTIVITIES))
    last = len(plan.lived) - 1
    for at, period in enumerate(plan.lived):
        chance = plan.chance("own", period)
        own = _OWN_PERSISTENCE * own + chance.normal(0, _OWN_SHOCK, count)
        noise = plan.chance("noise", period).normal(0, _NOISE, count)
        city = _CITY_PERSISTENCE * city + plan.chance("city", period).normal(
            0, _CITY_SHOCK, len(ACTIVITIES)
        )
        month = period % 100
        season = np.array([one[month - 1] for one in seasons])
        season = season + np.log1p(-holidays * holiday_share(period // 100, month))
        log = (season + city)[firms.activity] + growth * (at - last) / 12
        log += (own + noise).clip(-_BOUND, _BOUND)
        log += np.where((slump_from <= at) & (at < slump_to), _SLUMP, 0.0)
        works = lives.alive(at)
        output = np.rint(base * np.exp(log) * works).astype(np.int64)
        # A unit that works turns something over; 0 means that it stands still.
        output = np.where((works > 0) & (output < 1), 1, output)
        yield Month(at, period, output, works)


def holiday_share(year: int, month: int) -> float:
    """Share of the New Year's standstill that falls into the month."""
    if month > 2 or year not in NEW_YEAR:
        return 0.5 if month <= 2 else 0.0
    centre = date(year, *NEW_YEAR[year]).toordinal()
    first = date(year, month, 1).toordinal()
    end = date(year, month + 1, 1).toordinal()
    days = min(end, centre + _DAYS_AFTER) - max(first, centre - _DAYS_BEFORE)
    return max(0, days) / (_DAYS_BEFORE + _DAYS_AFTER)


def industrial(firms: Enterprises) -> Flags:
    """(units,) enterprises of industry."""
    return np.array([one.sector == INDUSTRY for one in ACTIVITIES])[firms.activity]


def _slumps(plan: Plan, count: int) -> tuple[Ints, Ints]:
    """Months in which a unit's orders fail: [from, to), (0, 0) for who has none."""
    chance = plan.chance("slumps")
    has = chance.random(count) < _SLUMP_SHARE * len(plan.lived) / 12
    start = chance.integers(len(plan.lived), size=count)
    length = chance.integers(*_SLUMP_MONTHS, size=count)
    return np.where(has, start, 0), np.where(has, start + length, 0)
