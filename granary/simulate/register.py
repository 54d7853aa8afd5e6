"""Writes the register: units, memberships, list decisions, correspondences of power accounts."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np

from catalog.register import (
    CORRESPONDENCE_COLUMNS,
    CORRESPONDENCES,
    LIST_COLUMNS,
    LIST_DECISIONS,
    MEMBERSHIP_COLUMNS,
    MEMBERSHIPS,
    UNITS,
)
from granary.simulate.accounts import Accounts
from granary.simulate.activities import ACTIVITIES
from granary.simulate.catalogue import ACCOUNTS
from granary.simulate.construction import Construction
from granary.simulate.enterprises import Enterprises
from granary.simulate.land import Land
from granary.simulate.life import EXIT_SMALL, NEVER, OPEN, Life, month_start
from granary.simulate.places import COUNTIES, DISTRICTS, Places
from granary.simulate.plan import Plan
from granary.simulate.things import Things

UNIT_COLUMNS: Final = (
    "kind", "code", "name", "sector", "class_code", "class_edition", "founded", "in_production",
    "listed_from", "listed_to", "list_reason", "address", "zone_type", "lead_district", "investor",
    "signed_on", "land_on", "started_on", "completed_on", "producing_on", "capacity_on",
    "planned_start", "planned_producing", "complete_by", "parcel", "enterprise", "split", "lessor",
    "lessee", "zone", "body", "due", "agreed_investment", "agreed_output", "agreed_tax",
)  # fmt: skip
#: End of the list for who never was on it: blank dates would say that it always has been.
_NEVER_LISTED: Final = "1970-01-01"
_BLANK: Final = ("",) * len(UNIT_COLUMNS)
Row = Sequence[str]


@dataclass(frozen=True, eq=False)
class City:
    """Everything that is fixed about a simulated city."""

    plan: Plan
    places: Places
    firms: Enterprises
    lives: Life
    accounts: Accounts
    construction: Construction
    land: Land

    @property
    def things(self) -> tuple[Things, ...]:
        """Everything that is a unit and no enterprise, zone or district, kind by kind."""
        return (self.construction.projects, self.construction.tasks, *self.land.kinds)


@dataclass(frozen=True, slots=True)
class Stay:
    """A time in one zone: positions of zone and park (-1 for none), days as ISO texts."""

    zone: int
    park: int
    valid_from: str
    valid_to: str


def write_register(folder: Path, city: City, unmatched: Iterable[int]) -> None:
    """The four files. `unmatched`: positions of accounts that are left out of correspondences."""
    write_rows(folder / UNITS, UNIT_COLUMNS, _units(city))
    write_rows(folder / MEMBERSHIPS, MEMBERSHIP_COLUMNS, _memberships(city))
    write_rows(folder / LIST_DECISIONS, LIST_COLUMNS, _list_decisions(city))
    rows = _correspondences(city, frozenset(unmatched))
    write_rows(folder / CORRESPONDENCES, CORRESPONDENCE_COLUMNS, rows)


def write_rows(path: Path, header: Row, rows: Iterable[Row]) -> None:
    """A CSV file of texts that hold no comma and no quote."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(",".join(header) + "\n")
        file.writelines(",".join(row) + "\n" for row in rows)


def iso(ordinal: int) -> str:
    """The day as text; '' for none and for ever."""
    return "" if ordinal in (0, OPEN) else date.fromordinal(int(ordinal)).isoformat()


def stays(city: City, zone: int, park: int, odd: bool, since: str, until: str) -> Iterator[Stay]:
    """The time in a zone by the zones that were in force: before a merger or a split, the old one.

    Of the zone that took another in, those with `odd` were in the other before.
    """
    places, day = city.places, city.places.change_day
    if zone < 0:
        return
    of_whole = places.zones[zone].code in places.zones[places.divided].successors
    of_merged = places.zones[zone].code in places.zones[places.merged].successors and odd
    if not (of_whole or of_merged) or (since and since >= day):
        yield Stay(zone, park, since, until)
        return
    old = places.divided if of_whole else places.merged
    if until and until <= day:
        yield Stay(old, -1, since, until)
        return
    yield Stay(old, -1, since, day)
    yield Stay(zone, park, day, until)


def _units(city: City) -> Iterator[Row]:
    firms, lives = city.firms, city.lives
    for at in range(firms.count):
        one = ACTIVITIES[firms.activity[at]]
        founded = iso(lives.founded[at])
        never = ("", "", "") if lives.spans[at, 0, 1] else ("", _NEVER_LISTED, EXIT_SMALL)
        yield (
            "enterprise", firms.codes[at], firms.names[at], one.sector, one.class_code, "2017",
            founded, iso(lives.produces_from[at]), *never, firms.addresses[at],
            *_BLANK[12:],
        )  # fmt: skip
    for zone in city.places.zones:
        begins = zone.valid_from or "2018-01-01"
        reason = f"并入或拆分为{'、'.join(zone.successors)}" if zone.successors else ""
        yield ("zone", zone.code, zone.zh, *[""] * 5, begins, zone.valid_to, reason, "",
               zone.type, zone.districts[0], *_BLANK[14:])  # fmt: skip
    for things in city.things:
        for thing in things:
            told = [thing.attributes.get(column, "") for column in UNIT_COLUMNS[3:]]
            yield (things.kind, thing.code, thing.name, *told)
    for district in DISTRICTS:
        yield ("district", district.code, f"{district.zh}自报汇总", *_BLANK[3:])


def _memberships(city: City) -> Iterator[Row]:
    firms, lives = city.firms, city.lives
    for at, code in enumerate(firms.codes):
        one = ACTIVITIES[firms.activity[at]]
        moved = iso(lives.move_day[at])
        unit = ("enterprise", code)
        for grouping, members, before, after in (
            ("district", DISTRICTS, firms.district[at], lives.district_after[at]),
            ("county", COUNTIES, firms.county[at], lives.county_after[at]),
        ):
            if before == after:
                yield (*unit, grouping, members[before].code, "", "")
            else:
                yield (*unit, grouping, members[before].code, "", moved)
                yield (*unit, grouping, members[after].code, moved, "")
        pieces = [(int(firms.zone[at]), int(firms.park[at]), "", moved)]
        if moved:
            pieces.append((int(lives.zone_after[at]), int(lives.park_after[at]), moved, ""))
        for zone, park, since, until in pieces:
            yield from _stay_rows(city, unit, stays(city, zone, park, at % 2 == 1, since, until))
        ecosystems = one.ecosystems if firms.second_ecosystem[at] else one.ecosystems[:1]
        for ecosystem in ecosystems:
            yield (*unit, "ecosystem", ecosystem, "", "")
        yield (*unit, "industry", one.section, "", "")
        if one.division:
            yield (*unit, "manufacturing", one.division, "", "")
    for body in city.places.zones:
        unit = ("zone", body.code)
        yield (*unit, "zone", body.code, body.valid_from, body.valid_to)
        yield (*unit, "district", body.districts[0], body.valid_from, body.valid_to)
        yield (*unit, "zone_type", body.type, "", "")
    for things in city.things:
        yield from _thing_rows(city, things)
    for district in DISTRICTS:
        yield ("district", district.code, "district", district.code, "", "")


def _thing_rows(city: City, things: Things) -> Iterator[Row]:
    for one in things:
        unit = (things.kind, one.code)
        yield (*unit, "district", DISTRICTS[one.district].code, "", "")
        if one.stays:
            yield from _stay_rows(city, unit, stays(city, one.zone, one.park, one.odd, "", ""))
        else:
            zone = city.places.zones[one.zone]
            yield (*unit, "zone", zone.code, zone.valid_from, "")
        if one.ecosystem:
            yield (*unit, "ecosystem", one.ecosystem, "", "")


def _stay_rows(city: City, unit: Row, found: Iterable[Stay]) -> Iterator[Row]:
    for stay in found:
        days = (stay.valid_from, stay.valid_to)
        yield (*unit, "zone", city.places.zones[stay.zone].code, *days)
        if stay.park >= 0:
            yield (*unit, "park", city.places.parks[stay.park][0], *days)


def _list_decisions(city: City) -> Iterator[Row]:
    lives = city.lives
    for at in np.flatnonzero(lives.spans[:, 0, 1] > 0).tolist():
        for number in range(2):
            start, end = lives.spans[at, number].tolist()
            if not end:
                continue
            said = [str(lives.entry[at, number]), _document(start)]
            left = ["", ""] if end == OPEN else [str(lives.leaving[at, number]), _document(end)]
            yield ("enterprise", city.firms.codes[at], iso(start), iso(end), *said, *left)


def _document(day: int) -> str:
    """A note of whence the decision is; it invents no number of a document."""
    one = date.fromordinal(day)
    return f"模拟审批批次{one.year}年{one.month}月"


def _correspondences(city: City, unmatched: frozenset[int]) -> Iterator[Row]:
    found = city.accounts
    starts = [iso(month_start(city.plan, at)) for at in range(len(city.plan.lived) + 1)]
    owners, begins, ends = (one.tolist() for one in (found.owner, found.begins, found.ends))
    for at, key in enumerate(found.keys.tolist()):
        if at not in unmatched:
            since = starts[begins[at]] if begins[at] else ""
            until = starts[ends[at]] if ends[at] < NEVER else ""
            yield (ACCOUNTS, key, "enterprise", city.firms.codes[owners[at]], since, until)
