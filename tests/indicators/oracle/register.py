"""The register as of a day, a second time: from the files' meaning, and from a log of rows.

Written from docs/catalog.md: dates are compared as dates, memberships are sets of codes; nothing of
the register's own code is used.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from granary.records import RegisterRow

#: A unit's time in something: from the first day to the one on which it holds no longer.
Stay = tuple[date | None, date | None]


def holds(stay: Stay, day: date) -> bool:
    """Whether the stay has begun by the day and has not ended."""
    first, last = stay
    return (first is None or first <= day) and (last is None or day < last)


@dataclass(slots=True)
class Facts:
    """What is said of units; `parts` are 其中 of another, `listed` the list dates of units.csv."""

    units: dict[str, str] = field(default_factory=dict)  # code → sector
    parts: set[str] = field(default_factory=set)
    listed: dict[str, Stay] = field(default_factory=dict)
    decisions: dict[str, list[Stay]] = field(default_factory=dict)
    members: dict[tuple[str, str, str], list[Stay]] = field(default_factory=dict)
    keys: dict[tuple[str, str], list[Stay]] = field(default_factory=dict)  # key, unit

    def on_list(self, day: date) -> set[str]:
        """Units on the list: by their decisions where they have any, else by their dates."""
        found = set()
        for code in self.units:
            if code in self.parts:
                continue
            stays = self.decisions.get(code) or [self.listed.get(code, (None, None))]
            if any(holds(stay, day) for stay in stays):
                found.add(code)
        return found

    def of_sector(self, sector: str) -> set[str]:
        return {code for code, own in self.units.items() if own == sector}

    def in_member(self, grouping: str, member: str, day: date) -> set[str]:
        """Codes in the member, whatever else holds of the unit."""
        return {
            code
            for (code, level, name), stays in self.members.items()
            if (level, name) == (grouping, member) and any(holds(stay, day) for stay in stays)
        }

    def owner(self, key: str, day: date) -> str | None:
        """The registered unit that the key belongs to."""
        owners = {
            code
            for (name, code), stays in self.keys.items()
            if name == key and code in self.units and any(holds(stay, day) for stay in stays)
        }
        return next(iter(owners), None)


def replayed(rows: Iterable[RegisterRow]) -> Facts:
    """What a log of rows leaves, each row taken as the wire format says it is to be."""
    facts = Facts()
    spans: dict[tuple[str, str, str, str], str] = {}
    attributes: dict[str, Mapping[str, str]] = {}
    for row in rows:
        identity = (row.code, row.grouping, row.member, row.valid_from)
        match row.action:
            case "put_unit":
                attributes[row.code] = dict(row.attributes)
            case "drop_unit":
                attributes.pop(row.code, None)
            case "put_membership":
                spans[identity] = row.valid_to
            case "drop_membership":
                spans.pop(identity, None)
    for code, told in attributes.items():
        facts.units[code] = told.get("sector", "")
        facts.listed[code] = (as_date(told.get("listed_from")), as_date(told.get("listed_to")))
        if told.get("part_of"):
            facts.parts.add(code)
    for (code, grouping, member, valid_from), valid_to in spans.items():
        stay = (as_date(valid_from), as_date(valid_to))
        if grouping == ":list":
            facts.decisions.setdefault(code, []).append(stay)
        elif grouping.startswith(":key."):
            facts.keys.setdefault((member, code), []).append(stay)
        else:
            facts.members.setdefault((code, grouping, member), []).append(stay)
    return facts


def as_date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def counts(members: Sequence[set[str]], of: set[str]) -> list[int]:
    """How many of the units are in each member, and in any of them, each counted once (剔重)."""
    return [len(one & of) for one in (*members, set().union(*members))]
