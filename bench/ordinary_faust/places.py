"""Who is where and who is on the list, in dictionaries, as an ordinary program would keep it."""

from collections import defaultdict
from collections.abc import Iterable
from functools import cache

from granary.keys import unit_id
from granary.records import RegisterRow
from indicators.catalogue import Catalogue
from indicators.periods import period_end

Subject = tuple[str, str, str, str]  # level, subject, by_level, by_subject


class Places:
    """Units, list status and memberships of one city."""

    def __init__(self, catalogue: Catalogue, rows: Iterable[RegisterRow]) -> None:
        self.catalogue = catalogue
        self.key: dict[str, int] = {}
        self.order: dict[str, int] = {}
        self._attributes: dict[str, dict[str, str]] = {}
        self._memberships: dict[str, list[RegisterRow]] = defaultdict(list)
        for row in rows:
            if row.action == "put_unit":
                self.order.setdefault(row.code, len(self.order))
                self.key[row.code] = unit_id(row.kind, row.code)
                self._attributes[row.code] = dict(row.attributes)
            elif row.action == "put_membership":
                self._memberships[row.code].append(row)
        self.listed = cache(self._listed)
        self.members = cache(self._members)
        self.subjects = cache(self._subjects)
        self.expected = cache(self._expected)

    def _listed(self, unit: str, period: int) -> bool:
        end = period_end(period).isoformat()
        attributes = self._attributes[unit]
        after = attributes.get("listed_from", "") <= end
        return after and (not attributes.get("listed_to") or end < attributes["listed_to"])

    def _members(self, unit: str, grouping: str, period: int) -> list[str]:
        """Members that the unit is in, and the total that counts it once where they may overlap."""
        end = period_end(period).isoformat()
        found = [
            row.member
            for row in self._memberships[unit]
            if row.grouping == grouping
            and row.valid_from <= end
            and (not row.valid_to or end < row.valid_to)
        ]
        if found and not self.catalogue.grouping[grouping].partition:
            found.append("total")
        return found

    def overlaps(self, unit: str, period: int, subject: Subject) -> bool:
        """Whether the subject is a total, and the unit in more than one of its members."""
        level, member, by_level, _ = subject
        if member != "total" or by_level:
            return False
        return len(self.members(unit, level, period)) > 2

    def _subjects(
        self, unit: str, period: int, levels: tuple[str | tuple[str, str], ...]
    ) -> list[Subject]:
        """Every subject of these levels that the unit belongs to."""
        found: list[Subject] = []
        for level in levels:
            if level == "city":
                found.append(("city", self.catalogue.city.code, "", ""))
            elif isinstance(level, str):
                found += [(level, member, "", "") for member in self.members(unit, level, period)]
            else:
                found += [
                    (level[0], one, level[1], other)
                    for one in self.members(unit, level[0], period)
                    for other in self.members(unit, level[1], period)
                ]
        return found

    def every_subject(self, levels: tuple[str | tuple[str, str], ...]) -> list[Subject]:
        """Every subject of these levels, units or not."""
        found: list[Subject] = []
        groups = {group.code: group.subjects for group in self.catalogue.groupings}
        for level in levels:
            if level == "city":
                found.append(("city", self.catalogue.city.code, "", ""))
            elif isinstance(level, str):
                found += [(level, member, "", "") for member in groups[level]]
            else:
                found += [
                    (level[0], one, level[1], other)
                    for one in groups[level[0]]
                    for other in groups[level[1]]
                ]
        return found

    def _expected(
        self, period: int, levels: tuple[str | tuple[str, str], ...]
    ) -> dict[Subject, int]:
        """Units on the list, by subject."""
        counts: dict[Subject, int] = defaultdict(int)
        for unit in self.order:
            if self.listed(unit, period):
                for subject in self.subjects(unit, period, levels):
                    counts[subject] += 1
        return counts
