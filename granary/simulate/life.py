"""What happens to enterprises: openings, closures, pauses, moves, and decisions about the list."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from granary.simulate.activities import ACTIVITIES
from granary.simulate.enterprises import Enterprises, Flags, Floats, Ints, counties_of, zones_of
from granary.simulate.places import DISTRICTS, Places, district_weights
from granary.simulate.plan import Plan
from indicators.periods import period_end, shift

NEVER: Final = 10**6  # a position beyond every month
OPEN: Final = date.max.toordinal()
#: Shares of the listed enterprises to which it happens, a year.
_OPENS, _RISES, _CLOSES, _SHRINKS, _LEAVES, _MERGES, _PAUSES = (
    0.04,
    0.06,
    0.03,
    0.025,
    0.004,
    0.003,
    0.01,
)
_UNLISTED_OPENS, _UNLISTED_CLOSES = 0.06, 0.05
_MOVES, _CHANGES_ZONE = 0.02, 0.015
#: The online list of survey units begins with it.
_FIRST_LIST: Final = 2011
#: By month of opening.
_WAITS: Final = (3, 3, 4, 5, 6, 7, 6, 5, 4, 4, 3, 3)
#: A new plant reaches its size in half a year.
_RAMP: Final = np.array([0.45, 0.58, 0.70, 0.80, 0.90, 0.96])
ENTRY_NEW, ENTRY_YEAR, ENTRY_SPLIT = "月度新建入库", "年度升规", "拆分"
EXIT_SMALL, EXIT_STOPPED, EXIT_CANCELLED, EXIT_LEFT, EXIT_MERGED = (
    "规下", "停产", "注销", "迁出", "合并",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Life:
    """Months are positions in `Plan.lived`, days proleptic ordinals; all (units,).

    It produces from `opens` until before `closes`, not from `pauses` until before `resumes`. On the
    list in [spans[:, k, 0], spans[:, k, 1]) for k = 0, 1; an empty span is (0, 0). `move_day` is 0
    for who never moves; district, county, zone and park from that day are those `after`.
    """

    founded: Ints
    produces_from: Ints
    opens: Ints
    closes: Ints
    pauses: Ints
    resumes: Ints
    spans: NDArray[np.int64]
    entry: NDArray[np.str_]  # (units, 2)
    leaving: NDArray[np.str_]  # (units, 2)
    shrink: Floats  # what is added to the growth a year
    move_day: Ints
    district_after: Ints
    county_after: Ints
    zone_after: Ints
    park_after: Ints

    def alive(self, month: int) -> Floats:
        """(units,) how much of its size a unit works with in that month, 0 to 1."""
        age = month - self.opens
        ramp = np.where(self.opens <= 0, 1.0, np.append(_RAMP, 1.0)[np.clip(age, 0, len(_RAMP))])
        works = (age >= 0) & (month < self.closes)
        works &= (month < self.pauses) | (month >= self.resumes)
        return np.where(works, ramp, 0.0)

    def listed(self, period: int) -> Flags:
        """(units,) on the list on the period's last day."""
        end = period_end(period).toordinal()
        within = (self.spans[:, :, 0] <= end) & (end < self.spans[:, :, 1])
        on_list: Flags = within[:, 0] | within[:, 1]
        return on_list

    def moved(self, period: int) -> Flags:
        """(units,) whether the move, if any, is over on the period's last day."""
        end = period_end(period).toordinal()
        over: Flags = (self.move_day > 0) & (self.move_day <= end)
        return over

    def district(self, firms: Enterprises, period: int) -> Ints:
        """(units,) supervising district on the period's last day."""
        return np.where(self.moved(period), self.district_after, firms.district)


def life(plan: Plan, places: Places, firms: Enterprises) -> Life:
    """What happens to each enterprise within the plan's months of life."""
    count, months = firms.count, len(plan.lived)
    years = months / 12
    draw = plan.chance("life").random(count)
    edges = np.cumsum([_OPENS, _RISES, _CLOSES, _SHRINKS, _LEAVES, _MERGES, _PAUSES]) * years
    edges *= min(1.0, 0.6 / edges[-1])  # most enterprises of a long time keep quiet
    fate = np.where(firms.listed, np.searchsorted(edges, draw, side="right"), 99)
    opens_now = (fate == 0) | (~firms.listed & (draw < _UNLISTED_OPENS * years))
    gone = (fate == 2) | (fate == 4) | (fate == 5)
    closes_now = gone | (~firms.listed & (draw > 1 - _UNLISTED_CLOSES * years))
    when = plan.chance("when").integers
    opens = np.where(opens_now, when(3, months - 5, count), 0)
    opens = np.where(opens + _waits(plan, opens) < months, opens, 0)
    closes = np.where(closes_now, when(6, months - 1, count), NEVER)
    closes = np.where(closes_now & (closes <= opens + 3), NEVER, closes)
    summers = np.array([at for at in range(months - 5) if plan.lived[at] % 100 in (5, 6, 7)])
    pauses = np.where(fate == 6, summers[when(len(summers), size=count)], NEVER)
    resumes = np.where(fate == 6, pauses + when(3, 6, count), NEVER)
    founded, produces = _dates(plan, opens)
    spans, entry, leaving = _spans(plan, firms, fate, founded, opens, closes, pauses, resumes)
    return Life(
        founded, produces, opens, closes, pauses, resumes, spans, entry, leaving,
        np.where(fate == 3, -0.30, 0.0), *_moves(plan, places, firms),
    )  # fmt: skip


def _waits(plan: Plan, opens: Ints) -> Ints:
    """Months from opening to the list: so many that its first cumulated output is no tenth of the
    next year's, which every check of units would name.
    """
    waits = np.array([_WAITS[month % 100 - 1] for month in plan.lived])
    return waits[opens]


def month_start(plan: Plan, position: int) -> int:
    """Ordinal of the first day of a month of life; positions beyond the last one are good too."""
    period = shift(plan.start, position)
    return date(period // 100, period % 100, 1).toordinal()


def _dates(plan: Plan, opens: Ints) -> tuple[Ints, Ints]:
    """Founding and beginning of production."""
    starts = np.array([month_start(plan, at) for at in range(len(plan.lived))])
    before = plan.chance("founded").integers(400, 365 * 24, len(opens))
    building = plan.chance("building").integers(200, 600, len(opens))
    produces = np.where(opens > 0, starts[opens], starts[0] - before + 180)
    return produces - np.where(opens > 0, building, 180), produces


def _spans(
    plan: Plan, firms: Enterprises, fate: Ints, founded: Ints, opens: Ints, closes: Ints,
    pauses: Ints, resumes: Ints,
) -> tuple[NDArray[np.int64], NDArray[np.str_], NDArray[np.str_]]:  # fmt: skip
    count, months = firms.count, len(plan.lived)
    starts = np.array([month_start(plan, at) for at in range(months + 6)])
    januaries = np.array([at for at, month in enumerate(plan.lived) if month % 100 == 1 and at])
    chance = plan.chance("list")
    # Risen above the threshold in some year since it was founded, the list beginning in January.
    year = np.array([date.fromordinal(day).year for day in founded.tolist()]) + 1
    year = np.maximum(year, _FIRST_LIST)
    later = np.maximum(plan.start // 100 - year + 1, 1)
    year = np.minimum(year + (chance.random(count) * later).astype(np.int64), plan.start // 100)
    new_years = {one: date(one, 1, 1).toordinal() for one in range(1970, plan.year + 1)}
    first = np.array([new_years[one] for one in year.tolist()])
    lag = chance.integers(2, 5, count)
    january = starts[januaries[chance.integers(len(januaries), size=count)]]
    spans = np.zeros((count, 2, 2), np.int64)
    entry, leaving = np.full((count, 2), "", "U6"), np.full((count, 2), "", "U6")
    new = (fate == 0) & (opens > 0)
    listing = starts[np.minimum(opens + _waits(plan, opens), months - 1)]
    spans[:, 0, 0] = np.where(new, listing, first)
    spans[:, 0, 0] = np.where(fate == 1, january, spans[:, 0, 0])
    spans[:, 0, 1] = OPEN
    entry[:, 0] = np.where(new, np.where(lag == 4, ENTRY_SPLIT, ENTRY_NEW), ENTRY_YEAR)
    ends = np.isin(fate, (2, 4, 5)) & (closes < NEVER)
    spans[:, 0, 1] = np.where(ends, starts[np.minimum(closes, months) + lag], spans[:, 0, 1])
    said = np.where(fate == 4, EXIT_LEFT, np.where(fate == 5, EXIT_MERGED, EXIT_STOPPED))
    said = np.where((fate == 2) & (lag > 2), EXIT_CANCELLED, said)
    leaving[:, 0] = np.where(ends, said, "")
    shrinks = (fate == 3) & np.isfinite(firms.threshold)
    spans[:, 0, 1] = np.where(shrinks, january, spans[:, 0, 1])
    leaving[:, 0] = np.where(shrinks, EXIT_SMALL, leaving[:, 0])
    paused = fate == 6
    spans[:, 0, 1] = np.where(paused, starts[np.minimum(pauses, months) + 2], spans[:, 0, 1])
    leaving[:, 0] = np.where(paused, EXIT_STOPPED, leaving[:, 0])
    spans[:, 1, 0] = np.where(paused, starts[np.minimum(resumes, months)], 0)
    spans[:, 1, 1] = np.where(paused, OPEN, 0)
    entry[:, 1] = np.where(paused, ENTRY_NEW, "")
    spans[~firms.listed], entry[~firms.listed], leaving[~firms.listed] = 0, "", ""
    return spans, entry, leaving


def shrunken(firms: Enterprises, lives: Life) -> Flags:
    """(units,) who left the list because it had become too small."""
    return (lives.shrink < 0) & np.isfinite(firms.threshold)


def _moves(plan: Plan, places: Places, firms: Enterprises) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """(day, district, county, zone, park) after the move, most of them in the middle of a year."""
    count, months = firms.count, len(plan.lived)
    years = months / 12
    draw, far = plan.chance("moves").random((2, count))
    moves = draw < _MOVES * years
    changes = ~moves & (draw < (_MOVES + _CHANGES_ZONE) * years) & (firms.zone >= 0)
    middles = [
        at for at, month in enumerate(plan.lived) if 4 <= month % 100 <= 10 and 2 < at < months - 1
    ]
    starts = np.array([month_start(plan, at) for at in middles])
    day = starts[plan.chance("move days").integers(len(starts), size=count)]
    day = day + np.where(plan.chance("fifteenth").random(count) < 0.2, 14, 0)
    columns = np.array([one.weights for one in ACTIVITIES])[firms.activity]
    district = firms.district.copy()
    for column in range(3):
        edges = np.cumsum(district_weights(column))
        to = np.minimum(np.searchsorted(edges, far, side="right"), len(DISTRICTS) - 1)
        district = np.where(moves & (columns == column), to, district)
    moves &= district != firms.district
    county = np.where(moves, counties_of(plan, district, salt="after"), firms.county)
    zone, park = zones_of(plan, places, firms.activity, district, salt="after")
    changes &= zone != firms.zone
    either = moves | changes
    return (
        np.where(either, day, 0),
        np.where(moves, district, firms.district),
        county,
        np.where(either, zone, firms.zone),
        np.where(either, park, firms.park),
    )
