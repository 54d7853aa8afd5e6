"""memberships.csv: which unit is in which member of a grouping, from when to when."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from catalog.grouping_faults import successors_of
from catalog.register_reading import OPEN_END, OPEN_START, Columns, Reading, Stretches, lines
from indicators.groupings import Grouping, Member

MEMBERSHIPS: Final = "memberships.csv"
MEMBERSHIP_COLUMNS: Final = (
    "unit_kind",
    "unit_code",
    "grouping",
    "member",
    "valid_from",
    "valid_to",
)
#: Members of one grouping, at most: a key of a span holds unit and member in 63 bits.
_MEMBER_SPAN: Final = 1 << 32


@dataclass(slots=True)
class _Place:
    """A member as a kind's rows name it: its number in the grouping, and its validity in days."""

    grouping: Grouping
    member: Member
    number: int
    first: int
    last: int


@dataclass(slots=True)
class _Group:
    """Spans of one grouping: units by member, and the member of each span."""

    grouping: Grouping
    stretches: Stretches = field(default_factory=Stretches)
    unit: "array[int]" = field(default_factory=lambda: array("i"))
    member: "array[int]" = field(default_factory=lambda: array("i"))


def read_memberships(content: bytes, to: Reading) -> None:
    """Add the memberships, and what is wrong with them."""
    places: dict[tuple[str, str, str], _Place | None] = {}
    groups: dict[str, _Group] = {}
    units = list(to.number)
    columns = Columns(MEMBERSHIP_COLUMNS[:4], MEMBERSHIP_COLUMNS)
    for line, texts in lines(MEMBERSHIPS, content, columns, to):
        kind, code, grouping, member, valid_from, valid_to = texts
        unit = to.unit_number(MEMBERSHIPS, line, (kind, code))
        key = (kind, grouping, member)
        place = places[key] if key in places else places.setdefault(key, _place(to, *key))
        if place is None:
            _tell_no_place(to, line, *key)
        span = to.span(MEMBERSHIPS, line, valid_from, valid_to)
        if span is None or place is None or unit < 0:
            continue
        if span[0] < place.first or span[1] > place.last:
            _tell_outside(to, line, place, span)
        group = groups.get(grouping)
        if group is None:
            group = groups[grouping] = _Group(place.grouping)
        # In an overlapping grouping a unit may be in several members, in one member once at a time.
        whole = 0 if place.grouping.partition else place.number + 1
        group.stretches.add(unit * _MEMBER_SPAN + whole, span, line)
        group.unit.append(unit)
        group.member.append(place.number)
        names = (place.grouping.code, place.member.code)  # one text each, not one a row
        to.put(units[unit], *names, (valid_from, valid_to))
    for group in groups.values():
        for at, earlier in group.stretches.overlaps():
            kind, code = units[group.unit[at]]
            name = group.grouping.code
            to.find(
                MEMBERSHIPS,
                group.stretches.line[at],
                "valid_from",
                f"{kind}:{code} is in {name!r} already by row {earlier}",
                f"{kind}:{code}在分组{name!r}中的有效期与第{earlier}行重叠",
            )
    for group in groups.values():
        container = groups.get(group.grouping.within or "")
        if container is not None:
            _check_within(to, group, container, units)


def _place(to: Reading, kind: str, grouping: str, member: str) -> _Place | None:
    group = to.catalogue.grouping.get(grouping)
    if group is None or kind not in group.unit_kinds:
        return None
    for number, one in enumerate(group.members):
        if one.code == member:
            first = to.day(one.valid_from or "", OPEN_START)
            return _Place(group, one, number, first, to.day(one.valid_to or "", OPEN_END))
    return None


def _tell_no_place(to: Reading, line: int, kind: str, grouping: str, member: str) -> None:
    group = to.catalogue.grouping.get(grouping)
    if group is None:
        en, zh = f"no grouping {grouping!r}", f"没有分组{grouping!r}"
        to.find(MEMBERSHIPS, line, "grouping", en, zh)
    elif member not in {one.code for one in group.members}:
        en, zh = f"no member {member!r} of {grouping!r}", f"分组{grouping!r}没有成员{member!r}"
        to.find(MEMBERSHIPS, line, "member", en, zh)
    else:
        wanted = ", ".join(map(repr, group.unit_kinds))
        en = f"{grouping!r} groups units of kind {wanted}"
        to.find(MEMBERSHIPS, line, "unit_kind", en, f"{grouping!r}的单位类型为{wanted}")


def _tell_outside(to: Reading, line: int, place: _Place, span: tuple[int, int]) -> None:
    member, name = place.member, place.grouping.code
    if span[0] < place.first:
        en = f"{member.code!r} of {name!r} exists from {member.valid_from} only"
        zh = f"分组{name!r}的成员{member.code!r}自{member.valid_from}起才存在"
        to.find(MEMBERSHIPS, line, "valid_from", en, zh)
    if span[1] > place.last:
        after = ", ".join(member.successors)
        en = f"{member.code!r} of {name!r} ended on {member.valid_to}"
        zh = f"分组{name!r}的成员{member.code!r}已于{member.valid_to}终止"
        if after:
            en, zh = f"{en}; its successors: {after}", f"{zh},后继为{after}"
        to.find(MEMBERSHIPS, line, "valid_to", en, zh)


def _check_within(
    to: Reading, inner: _Group, outer: _Group, units: Sequence[tuple[str, str]]
) -> None:
    """A unit in a park (inner) is in the park's zone (outer) or its successor, if in any."""
    lawful = _lawful(inner.grouping, outer.grouping)
    _, first, last, line = inner.stretches.vectors()
    _, outer_first, outer_last, outer_line = outer.stretches.vectors()
    member, outer_member = np.array(inner.member, np.int64), np.array(outer.member, np.int64)
    mine, theirs = _pairs(np.array(inner.unit, np.int64), np.array(outer.unit, np.int64))
    together = (first[mine] < outer_last[theirs]) & (outer_first[theirs] < last[mine])
    strange = together & ~lawful[member[mine], outer_member[theirs]]
    for pair in np.flatnonzero(strange):
        at, other = mine[pair], theirs[pair]
        start = max(first[at], outer_first[other])
        end = min(last[at], outer_last[other])
        if not outer.grouping.partition:
            rightful = theirs[together & ~strange & (mine == at)]
            spans = zip(outer_first[rightful], outer_last[rightful], strict=True)
            if _covered(start, end, sorted(spans)):
                continue  # of several zones one is the park's
        kind, code = units[inner.unit[at]]
        park = inner.grouping.members[member[at]]
        zone = outer.grouping.members[outer_member[other]].code
        to.find(
            MEMBERSHIPS,
            int(line[at]),
            "member",
            f"{park.code!r} lies in {park.within!r}, {kind}:{code} is in {zone!r}"
            f" by row {outer_line[other]}",
            f"{park.code!r}属于{park.within!r},而{kind}:{code}按第{outer_line[other]}行在{zone!r}",
        )


def _lawful(inner: Grouping, outer: Grouping) -> "np.ndarray[tuple[int, int], np.dtype[np.bool_]]":
    """(inner members, outer members) whether a unit may be in both."""
    members = {member.code: member for member in outer.members}
    found = np.ones((len(inner.members), len(outer.members)), bool)
    for at, park in enumerate(inner.members):
        if park.within is not None:
            allowed = successors_of(members, park.within) | {park.within}
            found[at] = [member.code in allowed for member in outer.members]
    return found


def _pairs(
    mine: "np.ndarray[tuple[int], np.dtype[np.int64]]",
    theirs: "np.ndarray[tuple[int], np.dtype[np.int64]]",
) -> tuple[
    "np.ndarray[tuple[int], np.dtype[np.intp]]", "np.ndarray[tuple[int], np.dtype[np.intp]]"
]:
    """Positions of every pair of spans that are one unit's."""
    order = np.argsort(theirs, kind="stable")
    low = np.searchsorted(theirs[order], mine, side="left")
    repeats = np.searchsorted(theirs[order], mine, side="right") - low
    pair = np.repeat(np.arange(len(mine)), repeats)
    step = np.arange(len(pair)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    return pair, order[low[pair] + step]


def _covered(start: int, end: int, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether the spans, in order of their beginnings, cover [start, end)."""
    for first, last in spans:
        if first > start:
            return False
        start = max(start, last)
    return start >= end
