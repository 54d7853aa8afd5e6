"""Units that ought to be on the list and are not (应统未统), those nearly there, and decoys.

Some are in the register below the threshold and grow past it; some only feeds know.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np

from granary.simulate.activities import ACTIVITIES
from granary.simulate.enterprises import Enterprises, serials
from granary.simulate.life import ENTRY_NEW, ENTRY_YEAR, EXIT_LEFT, EXIT_SMALL, NEVER, OPEN, Life
from granary.simulate.names import addresses, credit_codes, enterprise_names
from granary.simulate.places import COUNTIES, DISTRICTS
from granary.simulate.plan import Plan
from indicators.periods import period_end, shift

#: What becomes of a stranger or a registered unit that is planted, see docs/simulated-city.md.
CASES: Final = ("grown", "grown_several_feeds", "left_the_list", "new_company", "power_only",
                "project_only", "without_code")  # fmt: skip
REFUSED: Final = {"branch": "非法人", "old_number": "重复", "elsewhere": "异地经营"}
DECOYS: Final = ("listed_next_month", "leaves_later", "tax_says_less", "below_near", "no_threshold")
_REGISTERED: Final = frozenset(
    {"grown", "grown_several_feeds", "left_the_list", "nearly", "listed_next_month", "leaves_later",
     "tax_says_less"}
)  # fmt: skip
_BRANCH_OR_OLD: Final = frozenset({"branch", "old_number"})


@dataclass(frozen=True, slots=True)
class Stranger:
    """A unit that only feeds know. `like`: position of a listed enterprise it looks like, or -1."""

    kind: str
    name: str
    credit_code: str
    address: str
    activity: int
    district: int
    size: int  # 0.01 万元
    like: int = -1


@dataclass(frozen=True, slots=True, eq=False)
class FramePlan:
    """Planted units: position of a registered enterprise → its kind, and strangers."""

    registered: dict[int, str]
    strangers: list[Stranger]


def plant_frame(plan: Plan, firms: Enterprises, lives: Life) -> tuple[Enterprises, Life, FramePlan]:
    """Enterprises and lives with the planted ones among them."""
    kinds = _kinds(plan, int((~firms.listed).sum()))
    chance = plan.chance("plant", "frame")
    quiet = ~firms.listed & (lives.opens == 0) & (lives.closes == NEVER) & (lives.move_day == 0)
    quiet &= np.isfinite(firms.threshold)
    pool = chance.permutation(np.flatnonzero(quiet)).tolist()
    registered: dict[int, str] = {}
    for kind in kinds:
        if kind in _REGISTERED and pool:
            registered[pool.pop()] = kind
    firms, lives = _grown(plan, firms, lives, registered)
    return firms, lives, FramePlan(registered, _strangers(plan, firms, lives, kinds))


def _kinds(plan: Plan, unlisted: int) -> list[str]:
    """The kinds to plant, over and over as often as the rates say; each at least once."""
    found: list[str] = []
    for rate, kinds in (
        ("uncounted", CASES),
        ("nearly", ("nearly", "nearly", "nearly_stranger")),
        ("decoy", (*DECOYS, *REFUSED)),
    ):
        share = plan.rate(rate)
        wanted = max(len(kinds), round(share * unlisted)) if share else 0
        found += [kinds[at % len(kinds)] for at in range(wanted)]
    return found


def _grown(
    plan: Plan, firms: Enterprises, lives: Life, registered: dict[int, str]
) -> tuple[Enterprises, Life]:
    """Sizes and list decisions of the registered ones."""
    size, listed = firms.size.copy(), firms.listed.copy()
    spans, entry, leaving = lives.spans.copy(), lives.entry.copy(), lives.leaving.copy()
    growth = firms.growth.copy()
    chance = plan.chance("grown")
    following = period_end(plan.last).toordinal() + 1
    january = date(plan.year, 1, 1).toordinal()
    later = _month_start(shift(plan.last, 3))
    began = date(plan.start // 100 - 1, 1, 1).toordinal()
    for at, kind in registered.items():
        growth[at] = 0.05
        if kind == "tax_says_less":
            continue
        times = 0.92 if kind == "nearly" else float(chance.uniform(1.35, 4.0))
        size[at] = firms.threshold[at] * times
        span = {
            "listed_next_month": (following, OPEN, ENTRY_NEW, ""),
            "leaves_later": (began, later, ENTRY_YEAR, EXIT_LEFT),
            "left_the_list": (began, january, ENTRY_YEAR, EXIT_SMALL),
        }.get(kind)
        if span and lives.founded[at] < span[0]:
            spans[at, 0], entry[at, 0], leaving[at, 0] = span[:2], span[2], span[3]
            listed[at] = True
    return (
        replace(firms, size=size, listed=listed, growth=growth),
        replace(lives, spans=spans, entry=entry, leaving=leaving),
    )


def _strangers(plan: Plan, firms: Enterprises, lives: Life, kinds: list[str]) -> list[Stranger]:
    wanted = [kind for kind in kinds if kind not in _REGISTERED]
    count = len(wanted)
    chance = plan.chance("strangers of feeds")
    usable = [at for at, one in enumerate(ACTIVITIES) if np.isfinite(_threshold(firms, at))]
    activity = np.array(usable)[chance.integers(len(usable), size=count)]
    farming = next(at for at, one in enumerate(ACTIVITIES) if one.section == "A")
    activity = np.where(np.array(wanted) == "no_threshold", farming, activity)
    district = chance.integers(len(DISTRICTS), size=count)
    county = {one.code: at for at, one in enumerate(COUNTIES)}
    where = [county[DISTRICTS[at].counties[0]] for at in district]
    words = [ACTIVITIES[at].words[0] for at in activity]
    stems = [DISTRICTS[at].zh.removesuffix("区") for at in district]
    names = enterprise_names(plan, stems, words, salt="strangers", taken=firms.names)
    codes = credit_codes(
        [COUNTIES[at].code for at in where], serials(plan, count, salt="strangers")
    )
    streets = addresses(plan, [COUNTIES[at].zh for at in where], salt="strangers")
    steady = np.flatnonzero(
        firms.listed & (lives.opens == 0) & (lives.closes == NEVER) & (lives.pauses == NEVER)
        & (lives.spans[:, 0, 1] == OPEN) & (lives.move_day == 0) & np.isfinite(firms.threshold)
    )  # fmt: skip
    twins = chance.permutation(steady).tolist()
    found = []
    for at, kind in enumerate(wanted):
        line = _threshold(firms, int(activity[at]))
        one = Stranger(kind, names[at], codes[at], streets[at], int(activity[at]),
                       int(district[at]), _size(kind, line, float(chance.random())))  # fmt: skip
        if kind in _BRANCH_OR_OLD:
            if not twins:
                continue
            like = int(twins.pop())
            one = replace(
                one, name=firms.names[like], address=firms.addresses[like], like=like,
                activity=int(firms.activity[like]), district=int(firms.district[like]),
                size=_size(kind, float(firms.threshold[like]), float(chance.random())),
            )  # fmt: skip
        if kind in ("without_code", "old_number"):
            one = replace(one, credit_code="")
        if kind == "elsewhere":
            one = replace(one, address=one.address.replace("成都市", "德阳市广汉市·"))
        found.append(one)
    return found


def _threshold(firms: Enterprises, activity: int) -> float:
    """The threshold of the activity's sector, as the enterprises of the activity have it."""
    same = np.flatnonzero(firms.activity == activity)
    return float(firms.threshold[same[0]]) if same.size else np.inf


def _size(kind: str, line: float, draw: float) -> int:
    """0.01 万元: just below or well above the line, as the kind wants it."""
    if kind == "no_threshold":
        return round(3_000_000 * (1 + draw))
    cents = round(line * 100)
    if kind == "below_near":
        return cents * 8 // 10 - 1
    if kind == "nearly_stranger":
        return cents - 1
    return cents if draw < 0.1 else round(cents * (1 + 3 * draw))


def _month_start(period: int) -> int:
    return date(period // 100, period % 100, 1).toordinal()
