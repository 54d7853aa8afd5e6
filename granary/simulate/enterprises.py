"""The enterprises as they are throughout: what they do, where they began, how large they are.

All arrays are (units,), in the order of their serial numbers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from granary.simulate.activities import ACTIVITIES, Activity
from granary.simulate.names import addresses, credit_codes, enterprise_names
from granary.simulate.places import COUNTIES, DISTRICTS, Places, district_weights
from granary.simulate.plan import Plan

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

#: Where a sector has no threshold, sizes are drawn as if it had this one, 万元 a year.
_USUAL_SIZE: Final = 1000.0
#: Unlisted units stay so far below the threshold that growth and chance do not lift them to the
#: share from which they are 准规上.
UNLISTED_CEILING: Final = 0.58
_IN_ZONE: Final = 0.6
_IN_PARK: Final = 0.55
_SECOND_ECOSYSTEM: Final = 0.3


@dataclass(frozen=True, eq=False)
class Enterprises:
    """Invented enterprises; positions index `ACTIVITIES`, `DISTRICTS`, `COUNTIES`, `Places.zones`.

    size: turnover of the twelve months up to the last one, were it alive in all of them, 万元.
    zone, park: -1 where it is in none. district and zone are those it begins in.
    """

    codes: Sequence[str]
    names: Sequence[str]
    addresses: Sequence[str]
    activity: Ints
    district: Ints
    county: Ints
    zone: Ints
    park: Ints
    second_ecosystem: Flags
    size: Floats
    threshold: Floats  # of its sector, 万元; infinite where the sector has none
    growth: Floats  # a year, of the logarithm
    listed: Flags  # on the survey list at some time, see `life`
    ratios: Mapping[str, Floats]  # field of `Activity` → the unit's own proportion

    @property
    def count(self) -> int:
        return len(self.codes)

    def activity_of(self, at: int) -> Activity:
        return ACTIVITIES[int(self.activity[at])]

    def sectors(self) -> NDArray[np.str_]:
        return np.array([one.sector for one in ACTIVITIES])[self.activity]


def enterprises(plan: Plan, places: Places, thresholds: Mapping[str, float]) -> Enterprises:
    """The plan's enterprises. `thresholds`: sector → 万元 a year."""
    count = plan.units
    activity = _pick(plan, "activity", np.array([one.share for one in ACTIVITIES]), count)
    district = np.zeros(count, np.int64)
    columns = np.array([one.weights for one in ACTIVITIES])[activity]
    for column in range(3):
        chosen = _pick(plan, f"district/{column}", district_weights(column), count)
        district = np.where(columns == column, chosen, district)
    county = counties_of(plan, district)
    zone, park = zones_of(plan, places, activity, district)
    of_sector = np.array([thresholds.get(one.sector, np.inf) for one in ACTIVITIES])
    threshold = of_sector[activity]
    listed, size = _sizes(plan, activity, threshold)
    chance = plan.chance("words")
    words = [
        one.words[int(draw * len(one.words))]
        for one, draw in zip((ACTIVITIES[a] for a in activity), chance.random(count), strict=True)
    ]
    places_zh = [DISTRICTS[at].zh for at in district]
    growth = np.array([one.growth for one in ACTIVITIES])[activity]
    return Enterprises(
        codes=credit_codes([COUNTIES[at].code for at in county], serials(plan, count)),
        names=enterprise_names(plan, [_short(name) for name in places_zh], words),
        addresses=addresses(plan, [COUNTIES[at].zh for at in county]),
        activity=activity,
        district=district,
        county=county,
        zone=zone,
        park=park,
        second_ecosystem=plan.chance("ecosystems").random(count) < _SECOND_ECOSYSTEM,
        size=size,
        threshold=threshold,
        growth=growth + plan.chance("growth").normal(0, 0.05, count).clip(-0.12, 0.15),
        listed=listed,
        ratios=_ratios(plan, activity),
    )


def serials(plan: Plan, count: int, *, salt: str = "serials") -> Ints:
    """(count,) distinct numbers below 31^6, scattered; another salt gives a disjoint set."""
    span = 31**6 // 4
    start = {"serials": 0, "strangers": 1, "branches": 2}[salt] * span
    step = 7919 * 31 + 2  # prime to the span, so that steps never meet
    first = int(plan.chance(salt).integers(span))
    return start + (first + step * np.arange(count, dtype=np.int64)) % span


def _pick(plan: Plan, name: str, weights: Floats, count: int) -> Ints:
    edges = np.cumsum(weights / weights.sum())
    drawn = np.searchsorted(edges, plan.chance(name).random(count), side="right")
    return np.minimum(drawn, len(weights) - 1).astype(np.int64)


def counties_of(plan: Plan, district: Ints, *, salt: str = "") -> Ints:
    """(units,) a county of the district: special areas lie in several."""
    position = {county.code: at for at, county in enumerate(COUNTIES)}
    draw = plan.chance("counties", salt).random(len(district))
    found = np.zeros(len(district), np.int64)
    for at, one in enumerate(DISTRICTS):
        here = district == at
        which = (draw[here] * len(one.counties)).astype(np.int64)
        found[here] = np.array([position[code] for code in one.counties])[which]
    return found


def zones_of(
    plan: Plan, places: Places, activity: Ints, district: Ints, *, salt: str = ""
) -> tuple[Ints, Ints]:
    """(units,) zone and park, -1 for none.

    A zone of the unit's district that suits its activity, those of its theme before others.
    """
    inside, which, parked, park_draw = plan.chance("zones", salt).random((4, len(district)))
    zone, park = np.full(len(district), -1, np.int64), np.full(len(district), -1, np.int64)
    first_park: dict[int, list[int]] = {}
    for at, (_, _, _, owner) in enumerate(places.parks):
        first_park.setdefault(owner, []).append(at)
    for kind, one in enumerate(ACTIVITIES):
        for where, body in enumerate(DISTRICTS):
            here = np.flatnonzero((activity == kind) & (district == where) & (inside < _IN_ZONE))
            there = places.zones_of(body.code, one.zone_type)
            if not there or not here.size:
                continue
            themed = [z for z in there if places.zones[z].theme in one.ecosystems]
            pool = np.array(themed * 4 + there)
            zone[here] = pool[(which[here] * len(pool)).astype(np.int64)]
    for owner, parks in first_park.items():
        here = np.flatnonzero((zone == owner) & (parked < _IN_PARK))
        park[here] = np.array(parks)[(park_draw[here] * len(parks)).astype(np.int64)]
    return zone, park


def _sizes(plan: Plan, activity: Ints, threshold: Floats) -> tuple[Flags, Floats]:
    """Who is on the list, and a log-normal size on the right side of the threshold."""
    count = len(activity)
    spread = np.array([one.spread for one in ACTIVITIES])[activity]
    line = np.where(np.isfinite(threshold), threshold, _USUAL_SIZE)
    listed = plan.chance("listed").random(count) < plan.listed_share
    tail = np.abs(plan.chance("sizes").normal(0, 1, count))
    large = line * 1.08 * np.exp(0.25 + spread * tail)
    small = line * np.minimum(UNLISTED_CEILING, 0.5 * np.exp(-0.9 * tail))
    # The largest enterprise of a city is of the order of a hundred thousand million yuan.
    return listed, np.where(listed, np.minimum(large, 2_500_000.0), np.maximum(small, 12.0))


def _ratios(plan: Plan, activity: Ints) -> dict[str, Floats]:
    """Each unit's own proportions, about those of its activity."""
    spreads = {
        "added": 0.12, "output_per_head": 0.30, "power": 0.35, "coal": 0.35, "water": 0.40,
        "land": 0.40, "tax": 0.30, "margin": 0.55, "research": 0.50, "export": 0.60,
    }  # fmt: skip
    found = {}
    for name, spread in spreads.items():
        usual = np.array([getattr(one, name) for one in ACTIVITIES])[activity]
        noise = plan.chance("ratios", name).normal(0, 1, len(activity)).clip(-2, 2)
        found[name] = usual * np.exp(spread * noise - spread**2 / 2)
    found["added"] = found["added"].clip(0.07, 0.58)
    found["tax"] = found["tax"].clip(0.002, 0.14)
    found["export"] = found["export"].clip(0.0, 0.9)
    # A few enterprises make losses, and keep making them.
    losing = plan.chance("losses").random(len(activity)) < 0.12
    found["margin"] = np.where(losing, -found["margin"], found["margin"]).clip(-0.25, 0.4)
    return found


def _short(district: str) -> str:
    return district[:-1] if not district.endswith("新区") or len(district) < 4 else district[:-2]
