"""Registers and histories of registers drawn at random: as files, and as rows of a log."""

import random
from collections.abc import Iterator
from datetime import date, timedelta

from granary.records import RegisterRow
from indicators.catalogue import Catalogue
from tests.indicators.cities import catalogue, name
from tests.indicators.oracle.register import Facts, Stay

CODES = [f"u{at}" for at in range(7)]
KEYS = [f"K{at}" for at in range(5)]
SECTORS = ("工业", "服务业")
MEMBERS = {"district": "XY", "zone": "PQR", "chain": "abc"}
#: Groupings in whose members a unit may be at once.
OVERLAPPING = frozenset({"zone", "chain"})
MONTHS = [100 * year + month for year in (2025, 2026) for month in (1, 2, 6, 11)]


def city() -> Catalogue:
    """Two districts that part the units, zones and chains that may overlap, keys of meters."""
    groupings = [
        {"id": at, "code": code, "name": name(code), "partition": code not in OVERLAPPING,
         "members": [{"code": member, "name": name(member)} for member in members]}
        for at, (code, members) in enumerate(MEMBERS.items(), 1)
    ]  # fmt: skip
    given = catalogue()
    table = given.tables[0].model_dump(mode="json")
    some = table | {"id": 2, "code": "some", "source": "meters", "mandatory": [],
                    "only": {"attribute": "sector", "one_of": ["工业"]}}  # fmt: skip
    every = table | {"id": 3, "code": "every", "source": "all", "expected": "all"}
    sources = [{"id": 2, "code": "meters", "name": name("供电")},
               {"id": 3, "code": "all", "name": name("全部")}]  # fmt: skip
    return catalogue(
        groupings=groupings,
        tables=[*given.tables, some, every],
        sources=[*given.sources, *sources],
        correspondences=[{"code": "meter", "name": name("户号"), "source": "meters"}],
    )


def a_day(drawn: random.Random) -> date:
    """Among few days, month ends and their neighbours often: boundaries are where errors are."""
    month = drawn.choice(MONTHS)
    end = date(month // 100 + month % 100 // 12, month % 100 % 12 + 1, 1)
    return end + timedelta(drawn.choice([-1, 0, 0, 1, -2, 15]))


def stays(drawn: random.Random, most: int) -> list[Stay]:
    """Up to so many stays one after another, some touching, the first and last perhaps open."""
    days = sorted({a_day(drawn) for _ in range(2 * drawn.randint(0, most))})
    found: list[Stay] = []
    while days:
        first, last = days.pop(0), days.pop(0) if days else None
        found.append((first, last))
        if last is not None and drawn.random() < 0.4:
            days.insert(0, last)  # the next begins on the day this one ends
    if found and drawn.random() < 0.3:
        found[0] = (None, found[0][1])
    if not found and most and drawn.random() < 0.3:
        found = [(None, None)]
    return found


def register(drawn: random.Random) -> Facts:
    """A lawful register: nothing overlaps that must not."""
    facts = Facts()
    there = [code for code in CODES if drawn.random() < 0.8]
    for code in there:
        facts.units[code] = drawn.choice(SECTORS)
        if drawn.random() < 0.15 and code != there[0]:
            facts.parts.add(code)
        facts.decisions[code] = stays(drawn, 3) if drawn.random() < 0.6 else []
        if not facts.decisions[code] and (listed := stays(drawn, 1)):
            facts.listed[code] = listed[0]
        for grouping, members in MEMBERS.items():
            if grouping in OVERLAPPING:
                for member in members:
                    facts.members[code, grouping, member] = stays(drawn, 1)
            else:
                for stay in stays(drawn, 3):
                    place = (code, grouping, drawn.choice(members))
                    facts.members.setdefault(place, []).append(stay)
    for key in KEYS:
        for stay in stays(drawn, 3) if there else []:
            facts.keys.setdefault((key, drawn.choice(there)), []).append(stay)
    return facts


def later(drawn: random.Random, facts: Facts) -> Facts:
    """The next edition of a register: much of it as before, some of it drawn anew."""
    other = register(drawn)
    found = Facts(units={}, parts=set())
    for code in CODES:
        source = other if drawn.random() < 0.4 else facts
        if code in source.units:
            found.units[code] = source.units[code]
            if code in source.parts and found.units.keys() - {code} - facts.parts:
                found.parts.add(code)
            if code in source.listed:
                found.listed[code] = source.listed[code]
            found.decisions[code] = source.decisions.get(code, [])
            found.members |= {
                place: spans for place, spans in source.members.items() if place[0] == code
            }
    for key in KEYS:
        source = other if drawn.random() < 0.4 else facts
        found.keys |= {
            pair: spans
            for pair, spans in source.keys.items()
            if pair[0] == key and pair[1] in found.units
        }
    return found


def files(facts: Facts) -> dict[str, bytes]:
    """The facts as the files of a register folder."""
    whole = next((code for code in facts.units if code not in facts.parts), "")
    units = ["kind,code,name,sector,listed_from,listed_to,part_of"]
    for code, sector in facts.units.items():
        listed = _texts(facts.listed.get(code, (None, None)))
        part_of = whole if code in facts.parts else ""
        units.append(",".join(("enterprise", code, code, sector, *listed, part_of)))
    memberships = ["unit_kind,unit_code,grouping,member,valid_from,valid_to"]
    for (code, grouping, member), spans in facts.members.items():
        memberships += [
            ",".join(("enterprise", code, grouping, member, *_texts(stay))) for stay in spans
        ]
    decisions = ["unit_kind,unit_code,valid_from,valid_to,reason,end_reason"]
    for code, spans in facts.decisions.items():
        for stay in spans:
            ended = "规下" if stay[1] else ""
            decisions.append(",".join(("enterprise", code, *_texts(stay), "年度升规", ended)))
    keys = ["scheme,key,unit_kind,unit_code,valid_from,valid_to"]
    for (key, code), spans in facts.keys.items():
        keys += [",".join(("meter", key, "enterprise", code, *_texts(stay))) for stay in spans]
    named = {"units": units, "memberships": memberships, "list_decisions": decisions,
             "correspondences": keys}  # fmt: skip
    return {f"{stem}.csv": "\n".join(lines).encode() for stem, lines in named.items()}


def _texts(stay: Stay) -> tuple[str, str]:
    return tuple(day.isoformat() if day else "" for day in stay)  # type: ignore[return-value]


def rows(drawn: random.Random, count: int) -> Iterator[RegisterRow]:
    """Rows as anybody might write them into the log, spans that overlap or were never there too."""
    texts = ["", *sorted({a_day(drawn).isoformat() for _ in range(4)})]
    for _ in range(count):
        code = drawn.choice(CODES)
        if drawn.random() < 0.35:
            action = drawn.choice(["put_unit", "put_unit", "drop_unit"])
            told = {"sector": drawn.choice(SECTORS), "listed_from": drawn.choice(texts),
                    "listed_to": drawn.choice(texts),
                    "part_of": drawn.choice(["", "", "u0"])}  # fmt: skip
            attributes = tuple(sorted((k, v) for k, v in told.items() if v))
            yield RegisterRow(action, "enterprise", code, code, attributes=attributes)
            continue
        action = drawn.choice(["put_membership", "put_membership", "drop_membership"])
        grouping = drawn.choice([*MEMBERS, ":list"])
        member = drawn.choice(MEMBERS.get(grouping, ["on_list"]))
        days = (drawn.choice(texts), drawn.choice(texts))
        yield RegisterRow(action, "enterprise", code, "", grouping, member, *days)
