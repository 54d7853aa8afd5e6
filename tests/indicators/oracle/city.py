"""A city as the second computation sees it: plain dictionaries folded from logs of changes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from granary.records import RegisterRow
from indicators.catalogue import Catalogue, Grouping, Indicator
from tests.indicators.oracle.spans import Span

REPORTED, MISSING, NOT_APPLICABLE, ESTIMATED, WITHDRAWN = range(5)


@dataclass(frozen=True, slots=True)
class Revision:
    """One row of one submission; `amount` in 10^-4 of the item's unit."""

    table: str
    item: str
    period: int
    unit: str
    amount: int
    status: int = REPORTED


@dataclass(slots=True)
class OracleCity:
    """What stands after the changes folded so far."""

    catalogue: Catalogue
    kind: str = "enterprise"
    attributes: dict[str, dict[str, str]] = field(default_factory=dict)
    active: dict[str, bool] = field(default_factory=dict)
    memberships: dict[tuple[str, str, str, str], str] = field(default_factory=dict)
    standing: dict[tuple[str, str, int, str], Fraction] = field(default_factory=dict)

    def register(self, rows: Iterable[RegisterRow]) -> None:
        """Fold changes of the register."""
        for row in rows:
            self.active.setdefault(row.code, False)
            self.attributes.setdefault(row.code, {})
            key = (row.code, row.grouping, row.member, row.valid_from)
            if row.action == "put_unit":
                self.active[row.code] = True
                self.attributes[row.code] = dict(row.attributes)
            elif row.action == "drop_unit":
                self.active[row.code] = False
            elif row.action == "put_membership":
                self.memberships[key] = row.valid_to
            elif row.action == "drop_membership":
                self.memberships.pop(key, None)

    def observe(self, revisions: Sequence[Revision]) -> None:
        """Fold observations: the later row of a cell wins, and only a reported one is a value."""
        for row in revisions:
            key = (row.table, row.item, row.period, row.unit)
            self.standing.pop(key, None)
            if row.status == REPORTED:
                self.standing[key] = Fraction(row.amount, 10**4)

    def stored(self, table: str, item: str, at: Span, unit: str) -> Fraction | None:
        return self.standing.get((table, item, at.period, unit))

    def in_scope(self, indicator: Indicator, unit: str, at: Span) -> bool:
        """Whether the unit is on the list of the indicator's own table in the period."""
        attributes = self.attributes[unit]
        if not self.active[unit] or attributes.get("part_of"):
            return False
        if self.catalogue.table[indicator.table].expected != "listed":
            return True
        return _in_force(attributes.get("listed_from"), attributes.get("listed_to"), at)

    def members(self, grouping: Grouping, unit: str, at: Span) -> set[str]:
        """Members of the grouping that the unit is in on the period's last day."""
        known = {member.code for member in grouping.members}
        return {
            member
            for (code, of, member, valid_from), valid_to in self.memberships.items()
            if (code, of) == (unit, grouping.code)
            and member in known
            and _in_force(valid_from, valid_to, at)
        }

    def belongs(self, level: str, subject: str, unit: str, at: Span) -> bool:
        """Whether the unit is part of that subject in the period."""
        if level == "city":
            return True
        if level == "unit":
            return subject == unit
        members = self.members(self.catalogue.grouping[level], unit, at)
        return bool(members) if self.is_total(level, subject) else subject in members

    def is_total(self, level: str, subject: str) -> bool:
        grouping = self.catalogue.grouping.get(level)
        return grouping is not None and not grouping.partition and subject == "total"


def _in_force(first: str | None, after: str | None, at: Span) -> bool:
    """Whether the last day lies in [first, after)."""
    day = at.last_day.isoformat()
    return (not first or first <= day) and (not after or day < after)
