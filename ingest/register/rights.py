"""What a district may change of the register: units of its own member, on the days they are its."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from catalog.changes import RegisterRow, RegisterState
from indicators.catalogue import Catalogue, Reporter
from indicators.correspondence import CANDIDATE
from ingest.register.proposals import Proposed

Unit = tuple[str, str]
Days = tuple[int, int]  # first, and the first behind the last
_ALWAYS: Final = 0
_FOREVER: Final = date.max.toordinal() + 1


@dataclass(frozen=True, slots=True)
class RegisterRights:
    """What one reporter may change; one without a grouping may change everything.

    today: ISO date of arrival in the city. What a unit is like holds on no day of its own, so there
    the unit has to be the reporter's on that day.
    """

    catalogue: Catalogue
    reporter: Reporter
    state: RegisterState
    today: str

    def own(self, asked: Sequence[Proposed]) -> Iterator[tuple[Proposed, bool]]:
        """Each row and whether it may enter. A new unit of a district is put into its member."""
        if self.reporter.grouping is None:
            yield from ((one, True) for one in asked)
            return
        ours = [one for one in asked if self._of_own_grouping(one)]
        allowed = {id(one) for one in ours if self._may_place(one)}
        gained: dict[Unit, list[Days]] = {}
        for one in ours:
            if id(one) in allowed and not one.why:
                change = one.changes[0]
                gained.setdefault(one.unit, []).append(_days(change.valid_from, change.valid_to))
        for one in asked:
            if self._of_own_grouping(one):
                yield one, id(one) in allowed
            elif one.changes[0].grouping:
                mine = [*self._spans(one.unit, own=True), *gained.get(one.unit, [])]
                yield one, all(_covered(days, mine) for days in self._changed(one.changes[0]))
            else:
                yield self._with_place(one), self._may_describe(one)

    def _of_own_grouping(self, one: Proposed) -> bool:
        return one.changes[0].grouping == self.reporter.grouping

    def _may_place(self, one: Proposed) -> bool:
        """Into its own member, on days on which no other has the unit."""
        change = one.changes[0]
        if change.member != self.reporter.member:
            return False
        if change.action == "drop_membership":
            return True
        others = self._spans(one.unit, own=False)
        days = _days(change.valid_from, change.valid_to)
        new = [part for part in self._changed(change) if part[0] < days[1] and days[0] < part[1]]
        return not any(_meet(part, other) for part in new for other in others)

    def _may_describe(self, one: Proposed) -> bool:
        if one.unit[0] == CANDIDATE:
            return self._is_own_candidate(one)
        if not self._grouped(one.unit[0]):
            return False
        theirs = self._spans(one.unit, own=False)
        if one.unit not in self.state.units:
            return not theirs
        if one.changes[-1].action == "drop_unit" and theirs:
            return False  # what it was elsewhere would be withdrawn with it
        day = date.fromisoformat(self.today).toordinal()
        return any(first <= day < end for first, end in self._spans(one.unit, own=True))

    def _is_own_candidate(self, asked: Proposed) -> bool:
        known = self.state.units.get(asked.unit)
        told = [dict(asked.changes[0].attributes)] + ([dict(known[1])] if known else [])
        return all(one.get("district") == self.reporter.member for one in told)

    def _with_place(self, one: Proposed) -> Proposed:
        """A new unit of the district with its place in it; it is in force as long as the member."""
        known = self.state.units.get(one.unit)
        if one.unit[0] == CANDIDATE or known is not None or one.why:
            return one
        grouping = self.catalogue.grouping[self.reporter.grouping or ""]
        (member,) = (one for one in grouping.members if one.code == self.reporter.member)
        place = RegisterRow(
            "put_membership", *one.unit, "", grouping.code, member.code,
            member.valid_from or "", member.valid_to or "",
        )  # fmt: skip
        return replace(one, changes=[*one.changes, place])

    def _grouped(self, kind: str) -> bool:
        return kind in self.catalogue.grouping[self.reporter.grouping or ""].unit_kinds

    def _spans(self, unit: Unit, *, own: bool) -> list[Days]:
        """Days on which the unit is in the reporter's member, or in another of its grouping."""
        return [
            _days(valid_from, valid_to)
            for (grouping, member, valid_from), (valid_to, _) in self.state.spans.get(
                unit, {}
            ).items()
            if grouping == self.reporter.grouping and (member == self.reporter.member) is own
        ]

    def _changed(self, change: RegisterRow) -> list[Days]:
        """Days of which the row says something else than the register in force."""
        unit = (change.kind, change.code)
        known = self.state.spans.get(unit, {}).get(
            (change.grouping, change.member, change.valid_from)
        )
        if change.action == "drop_membership":
            return [_days(change.valid_from, known[0] if known else "")]
        days = _days(change.valid_from, change.valid_to)
        if known is None:
            return [days]
        before = _days(change.valid_from, known[0])
        if known[1] != change.attributes:
            return [(days[0], max(days[1], before[1]))]
        low, high = sorted((days[1], before[1]))
        return [(low, high)] if low < high else []


def _days(first: str, end: str) -> Days:
    """Ordinals of the span; what is no date counts as open here, and is refused as such later."""
    return _day(first, _ALWAYS), _day(end, _FOREVER)


def _day(text: str, open_day: int) -> int:
    try:
        return date.fromisoformat(text).toordinal() if text else open_day
    except ValueError:
        return open_day


def _meet(one: Days, other: Days) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _covered(days: Days, spans: Sequence[Days]) -> bool:
    start = days[0]
    for first, end in sorted(spans):
        if first > start:
            return False
        start = max(start, end)
        if start >= days[1]:
            return True
    return start >= days[1]
