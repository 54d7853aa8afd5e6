"""Units of one kind as arrays, and what the register says of them at a period.

A view is made when first asked after a change, and keeps every answer: it may be asked the same
thing for many figures. Everything holds as of the period's last day.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import Final, TypeVar

import numpy as np

from indicators.arrays import Flags, Ids, Index
from indicators.catalogue import Grouping
from indicators.membership import Membership, by_subject, everybody, with_total
from indicators.periods import period_end
from indicators.register_fold import (
    ALWAYS,
    FOREVER,
    KEY_PREFIX,
    LIST_GROUPING,
    NO_SPANS,
    Dates,
    SpanVectors,
    Units,
)
from indicators.vocabulary import TOTAL

Answer = TypeVar("Answer")
NO_UNITS: Final = Units(Dates())


class KindView:
    """What `Register` answers for one kind; unit vectors are (units,), dropped ones included."""

    def __init__(self, units: Units) -> None:
        self._units = units
        self.size = len(units.codes)
        self.ids: Ids = np.array(units.ids, np.uint64)
        self.active: Flags = np.array(units.active, bool)
        self.counted: Flags = np.array(units.counted, bool)
        self._order = np.argsort(self.ids, kind="stable").astype(np.int32)
        self._sorted_ids = self.ids[self._order]
        self._listed_from = units.dates.days(units.listed_from, ALWAYS)
        self._listed_to = units.dates.days(units.listed_to, FOREVER)
        self._kept: dict[Hashable, object] = {}

    def kept(self, key: Hashable, make: Callable[[], Answer]) -> Answer:
        """The answer under the key, made when first asked for."""
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]  # type: ignore[return-value]

    def spans(self, grouping: str) -> SpanVectors:
        found = self._units.spans.get(grouping)
        if found is None:
            return NO_SPANS
        return self.kept(("spans", grouping), found.vectors)

    def index_of(self, ids: Ids) -> Index:
        """(n,) unit index of each stored key, -1 where no unit ever had it."""
        return _looked_up(self._sorted_ids, self._order, ids)

    def listed(self, period: int) -> Flags:
        """Counted units on the list: by their recorded decisions, else by their own two dates."""
        end = _end(period)
        return self.kept(("listed", end), lambda: self._listed(end))

    def _listed(self, end: int) -> Flags:
        on_list: Flags = (self._listed_from <= end) & (end < self._listed_to)
        decided = self.spans(LIST_GROUPING)
        if len(decided.unit):
            on_list[decided.unit] = False
            on_list[decided.unit[decided.at(end)]] = True
        return on_list & self.counted

    def list_spans(self) -> SpanVectors:
        """Spans of counted units on the list, in order of unit and first day."""
        return self.kept("list spans", self._list_spans)

    def _list_spans(self) -> SpanVectors:
        decided = self.spans(LIST_GROUPING)
        by_dates = self.counted.copy()
        by_dates[decided.unit] = False
        own = np.flatnonzero(by_dates).astype(np.int32)
        chosen = np.flatnonzero(self.counted[decided.unit])
        unit = np.concatenate([own, decided.unit[chosen]])
        first = np.concatenate([self._listed_from[own], decided.first[chosen]])
        last = np.concatenate([self._listed_to[own], decided.last[chosen]])
        order = np.lexsort((first, unit))
        return SpanVectors(unit[order], np.zeros_like(unit), first[order], last[order])

    def texts(self, attribute: str) -> Sequence[str]:
        """(units,) the attribute's text, '' for none."""
        return self.kept(
            ("texts", attribute), lambda: [one.get(attribute, "") for one in self._units.attributes]
        )

    def having(self, attribute: str, one_of: Sequence[str], starts_with: Sequence[str]) -> Flags:
        wanted, beginnings = frozenset(one_of), tuple(starts_with)

        def made() -> Flags:
            return np.array(
                [one in wanted or one.startswith(beginnings) for one in self.texts(attribute)], bool
            )

        return self.kept(("having", attribute, wanted, beginnings), made)

    def unit_of_keys(
        self, scheme: str, key_ids: Ids, period: int, key_id: Callable[[str, str], int]
    ) -> Index:
        grouping = KEY_PREFIX + scheme
        spans, end = self.spans(grouping), _end(period)
        if not len(spans.unit):
            return np.full(len(key_ids), -1, np.int32)

        def sorted_keys() -> tuple[Ids, Index]:
            ids = np.fromiter((key_id(scheme, key) for key in spans.names.texts), np.uint64)
            order = np.argsort(ids, kind="stable").astype(np.int32)
            return ids[order], order

        def owners() -> Index:
            owner = np.full(len(spans.names.texts), -1, np.int32)
            chosen = np.flatnonzero(spans.at(end) & self.active[spans.unit])
            # The last one written to a place stays there: the one that began last.
            chosen = chosen[np.lexsort((spans.unit[chosen], spans.first[chosen]))]
            owner[spans.member[chosen]] = spans.unit[chosen]
            return owner

        ids, order = self.kept(("keys", grouping), sorted_keys)
        owner = self.kept(("owners", grouping, self._segment(grouping, period)), owners)
        key = _looked_up(ids, order, key_ids)
        return np.where(key >= 0, owner[key], np.int32(-1)).astype(np.int32)

    def in_member(self, grouping: str, member: str, period: int) -> Flags:
        spans = self.spans(grouping)
        chosen = spans.at(_end(period))
        if member != TOTAL:
            chosen &= spans.member == spans.names.known(member)
        flags = np.zeros(self.size, bool)
        flags[spans.unit[chosen]] = True
        return flags

    def membership(self, grouping: Grouping | None, period: int) -> Membership:
        if grouping is None:
            return self.kept("everybody", lambda: everybody(self.size))
        key = ("membership", grouping.code, grouping.subjects, self._segment(grouping.code, period))
        return self.kept(key, lambda: self._membership(grouping, period))

    def _membership(self, grouping: Grouping, period: int) -> Membership:
        ordered = self.kept(
            ("ordered", grouping.code, grouping.subjects), lambda: self._ordered(grouping)
        )
        chosen = np.flatnonzero(ordered.at(_end(period)))
        subject, unit = ordered.member[chosen], ordered.unit[chosen]
        # A unit whose spans in a member overlap, which no loader lets through, is in it once.
        again = (subject[1:] == subject[:-1]) & (unit[1:] == unit[:-1])
        if again.any():
            once = np.concatenate([[True], ~again])
            subject, unit = subject[once], unit[once]
        starts = np.searchsorted(subject, np.arange(len(grouping.members) + 1))
        members = Membership(unit.astype(np.intp), starts)
        return members if grouping.partition else with_total(members)

    def _ordered(self, grouping: Grouping) -> SpanVectors:
        """Spans by subject and unit, `member` being the subject; those of no subject left out.

        Ordered once, so that a period needs no sorting of its own.
        """
        spans = self.spans(grouping.code)
        order = {member.code: at for at, member in enumerate(grouping.members)}
        subject_of = np.array([order.get(name, -1) for name in spans.names.texts], np.int32)
        subject = subject_of[spans.member]
        at = np.lexsort((spans.unit, subject))
        at = at[np.searchsorted(subject[at], 0) :]
        return SpanVectors(spans.unit[at], subject[at], spans.first[at], spans.last[at])

    def crossed(self, first: Grouping, second: Grouping, period: int) -> Membership:
        key = (
            "crossed",
            first.code,
            second.code,
            self._segment(first.code, period),
            self._segment(second.code, period),
            first.subjects,
            second.subjects,
        )
        return self.kept(key, lambda: self._crossed(first, second, period))

    def _crossed(self, first: Grouping, second: Grouping, period: int) -> Membership:
        one = self.membership(first, period)
        other = self.membership(second, period)
        subject_one = np.repeat(np.arange(one.subjects), np.diff(one.starts))
        subject_other = np.repeat(np.arange(other.subjects), np.diff(other.starts))
        by_unit = np.argsort(other.units, kind="stable")
        low = np.searchsorted(other.units[by_unit], one.units, side="left")
        high = np.searchsorted(other.units[by_unit], one.units, side="right")
        repeats = high - low
        pair = np.repeat(np.arange(len(one.units)), repeats)
        step = np.arange(len(pair)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
        partner = by_unit[low[pair] + step]
        subject = subject_one[pair] * other.subjects + subject_other[partner]
        return by_subject(one.units[pair], subject.astype(np.int32), one.subjects * other.subjects)

    def is_margin(self, first: Grouping, second: Grouping, axis: int, period: int) -> bool:
        kept = (first, second)[1 - axis]
        crossed = self.crossed(first, second, period)
        members = self.membership(kept, period)

        def made() -> bool:
            subject = np.repeat(np.arange(crossed.subjects), np.diff(crossed.starts))
            parted = np.divmod(subject, len(second.subjects))[1 - axis]
            again = by_subject(crossed.units, parted.astype(np.int32), members.subjects)
            return np.array_equal(again.starts, members.starts) and np.array_equal(
                again.units, members.units
            )

        return self.kept(("margin", axis, id(crossed), id(members)), made)  # both are kept here

    def _segment(self, grouping: str, period: int) -> int:
        """Number of the stretch of days, between two changes of the grouping, a period ends in."""
        spans = self.spans(grouping)
        breaks = self.kept(
            ("breaks", grouping), lambda: np.unique(np.concatenate([spans.first, spans.last]))
        )
        return int(np.searchsorted(breaks, _end(period), side="right"))


def _looked_up(sorted_ids: Ids, order: Index, ids: Ids) -> Index:
    """(n,) place of each id in the unsorted vector, -1 where it is not there."""
    if not len(sorted_ids):
        return np.full(len(ids), -1, np.int32)
    near = np.minimum(np.searchsorted(sorted_ids, ids), len(sorted_ids) - 1)
    return np.where(sorted_ids[near] == ids, order[near], np.int32(-1)).astype(np.int32)


def _end(period: int) -> int:
    return period_end(period).toordinal()
