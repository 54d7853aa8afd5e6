"""Candidate feeds: what tax, business registration, power company and projects know of units."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from granary.simulate.activities import ACTIVITIES
from granary.simulate.economy import Facts
from granary.simulate.enterprises import Enterprises, Ints
from granary.simulate.faults.frame import REFUSED, FramePlan, Stranger
from granary.simulate.places import DISTRICTS
from granary.simulate.plan import Plan
from granary.simulate.register import City, iso, write_rows
from granary.simulate.writing import decimal_text
from indicators.catalogue import Catalogue
from indicators.periods import format_period

COLUMNS: Final = (
    "key", "name", "credit_code", "address", "sector", "class_code", "district", "size", "as_of",
    "founded",
)  # fmt: skip
FEEDS: Final = ("tax", "business", "power", "projects")
#: Feeds that know a planted unit.
_KNOWN_TO: Final = {
    "grown": ("tax",), "grown_several_feeds": ("tax", "business", "power"),
    "left_the_list": ("tax",), "nearly": ("tax",), "listed_next_month": ("tax",),
    "leaves_later": ("tax",), "tax_says_less": ("tax", "power"),
    "new_company": ("tax", "business"), "power_only": ("power",), "project_only": ("projects",),
    "without_code": ("power",), "nearly_stranger": ("tax", "business"), "below_near": ("tax",),
    "no_threshold": ("tax", "business"), "branch": ("tax", "business"), "old_number": ("power",),
    "elsewhere": ("tax",),
}  # fmt: skip
#: Shares of ordinary enterprises that the feeds beside tax name.
_BUSINESS_SHARE, _POWER_SHARE = 0.15, 0.10


@dataclass(frozen=True, slots=True)
class Candidate:
    """One row of one feed; size in 0.01 万元, None where the feed tells none."""

    feed: str
    key: str
    name: str
    credit_code: str
    address: str
    activity: int
    district: int
    size: int | None
    founded: str = ""

    def row(self, as_of: str) -> Sequence[str]:
        one = ACTIVITIES[self.activity]
        size = "" if self.size is None else decimal_text(self.size, 2)
        return (
            self.key, self.name, self.credit_code, self.address, one.sector, one.class_code,
            DISTRICTS[self.district].code, size, as_of, self.founded,
        )  # fmt: skip

    @property
    def case(self) -> str:
        """What a case of it is called."""
        return self.credit_code or f"{self.feed}.{self.key}"


def candidates(city: City, frame: FramePlan, sales: Ints, facts: Facts) -> list[Candidate]:
    """Rows of all feeds as of the last month.

    `sales`: (units,) declared in the newest twelve months, 0.01 万元; `facts`: of the last month.
    Tax names every enterprise that works; the others some of them.
    """
    plan, firms, lives = city.plan, city.firms, city.lives
    district = lives.district(firms, plan.last)
    draw = plan.chance("feeds").random((2, firms.count))
    new = lives.founded >= plan.last_day.toordinal() - 3 * 365
    power_guess = np.rint(sales * plan.chance("guess").uniform(0.85, 1.15, firms.count))
    accounts = dict(zip(city.accounts.owner.tolist(), city.accounts.keys.tolist(), strict=True))
    found = []
    for at in np.flatnonzero(facts.month.works > 0).tolist():
        kind = frame.registered.get(at)
        feeds = _KNOWN_TO[kind] if kind else _usual_feeds(bool(new[at]), *draw[:, at].tolist())
        sizes = {"tax": int(sales[at]), "power": int(power_guess[at]), "business": None}
        if kind == "tax_says_less":
            sizes["power"] = round(float(firms.threshold[at]) * 140)
        code, name = firms.codes[at], firms.names[at]
        keys = {"tax": code, "business": _registration(at), "power": accounts[at]}
        told = (name, code, firms.addresses[at], int(firms.activity[at]), int(district[at]))
        founded = {"business": iso(lives.founded[at])}
        found += [
            Candidate(feed, keys[feed], *told, sizes[feed], founded.get(feed, "")) for feed in feeds
        ]
    for number, one in enumerate(frame.strangers):
        found += _of_stranger(plan, number, one)
    return found


def _of_stranger(plan: Plan, number: int, one: Stranger) -> list[Candidate]:
    keys = {
        "tax": one.credit_code,
        "business": _registration(10_000_000 + number),
        "power": f"52{number:08d}",
        "projects": f"竣工{plan.year}-{number:04d}",
    }
    told = (one.name, one.credit_code, one.address, one.activity, one.district)
    founded = {"business": f"{plan.year - 1}-06-01"}
    return [
        Candidate(
            feed, keys[feed], *told, None if feed == "business" else one.size, founded.get(feed, "")
        )
        for feed in _KNOWN_TO[one.kind]
    ]


def _usual_feeds(new: bool, business: float, power: float) -> tuple[str, ...]:
    """Feeds that name an enterprise nothing was planted at; new ones are registered of late."""
    registered = business < _BUSINESS_SHARE * (4 if new else 1)
    return ("tax", *(("business",) * registered), *(("power",) * (power < _POWER_SHARE)))


def _registration(number: int) -> str:
    """An old registration number (注册号) of fifteen digits."""
    return f"5101{number:011d}"


def write_candidates(
    folder: Path, plan: Plan, catalogue: Catalogue, found: Sequence[Candidate]
) -> list[dict[str, Any]]:
    """candidates/<feed>.csv; what the manifest says of each, with who sends it as which table."""
    tables = {one.feed: one.code for one in catalogue.register_tables if one.feed}
    senders = {table: one.code for one in catalogue.reporters for table in one.tables}
    (folder / "candidates").mkdir(exist_ok=True)
    as_of = format_period(plan.last)
    told = []
    for feed in FEEDS:
        rows = [one.row(as_of) for one in found if one.feed == feed]
        write_rows(folder / "candidates" / f"{feed}.csv", COLUMNS, rows)
        file = f"candidates/{feed}.csv"
        entry = {"file": file, "feed": feed, "as_of": as_of, "rows": len(rows)}
        told.append({**entry, "table": tables[feed], "reporter": senders[tables[feed]]})
    return told


def frame_truth(
    city: City, frame: FramePlan, found: Sequence[Candidate], near_share: float
) -> dict[str, Any]:
    """What frame coverage has to find, by the sizes that the feeds really tell."""
    plan, firms = city.plan, city.firms
    of: dict[str, list[Candidate]] = {}
    for one in found:
        of.setdefault(one.case, []).append(one)
    truth: dict[str, list[dict[str, Any]]] = {
        "cases": [], "to_refuse": [], "near": [], "decoys": [],
    }  # fmt: skip
    codes = {firms.codes[at]: kind for at, kind in frame.registered.items()}
    for case, kind in codes.items():
        _tell(truth, of.get(case, []), kind, True, firms, near_share, "")
    for number, stranger in enumerate(frame.strangers):
        case = _of_stranger(plan, number, stranger)[0].case
        like = firms.codes[stranger.like] if stranger.like >= 0 else ""
        _tell(truth, of.get(case, []), stranger.kind, False, firms, near_share, like)
    return {"as_of": format_period(plan.last), **truth}


def _tell(
    truth: dict[str, list[dict[str, Any]]], rows: list[Candidate], kind: str, registered: bool,
    firms: Enterprises, near_share: float, like: str,
) -> None:  # fmt: skip
    if not rows:
        return
    first = next((one for one in rows if one.size is not None), rows[0])
    sector = ACTIVITIES[first.activity].sector
    line = float(firms.threshold[firms.sectors() == sector][0])
    size = (first.size or 0) / 100
    entry: dict[str, Any] = {
        "case": first.case, "kind": kind, "name": first.name, "credit_code": first.credit_code,
        "district": DISTRICTS[first.district].code, "sector": sector,
        "size": decimal_text(first.size or 0, 2), "feeds": [one.feed for one in rows],
        "in_register": registered,
    }  # fmt: skip
    if kind in ("listed_next_month", "leaves_later", "tax_says_less", "below_near", "no_threshold"):
        truth["decoys"].append(entry)
    elif kind in REFUSED:
        truth["to_refuse"].append({**entry, "reason": REFUSED[kind], "link_unit": like})
    elif size >= line:
        truth["cases"].append(entry)
    elif size >= near_share * line:
        truth["near"].append(entry)
