"""Faults of members of groupings: validity, successors, lead district, and what they lie in."""

from collections.abc import Iterable, Mapping

from catalog.located import Place
from indicators.catalogue import Catalogue
from indicators.groupings import Grouping, Member
from indicators.policies.models import Index

_Problem = tuple[Place, str, str]
_FOREVER = "9999-12-31"


def grouping_problems(catalogue: Catalogue) -> Iterable[_Problem]:
    """Every problem as (place, English, Chinese)."""
    for position, grouping in enumerate(catalogue.groupings):
        at: Place = ("groupings", position)
        container = _container(catalogue, grouping)
        if grouping.within is not None and container is None:
            yield (*at, "within"), *_no_grouping(grouping.within)
        elif container is grouping:
            yield (*at, "within"), "a grouping does not lie in itself", "分组不能属于自身"
        members = {member.code: member for member in grouping.members}
        for number, member in enumerate(grouping.members):
            place: Place = (*at, "members", number)
            yield from _validity(member, place)
            yield from _successors(member, members, place)
            yield from _lead(catalogue, grouping, member, place)
            yield from _within(grouping, container, member, place)
    for position, index in enumerate(catalogue.indices):
        yield from _types(catalogue, index, ("indices", position))


def _types(catalogue: Catalogue, index: Index, at: Place) -> Iterable[_Problem]:
    """An index ranks zones of one type; a member that does not say its type is taken as meant."""
    grouping = catalogue.grouping.get(index.level)
    type_of = {one.code: one.type for one in grouping.members} if grouping else {}
    for number, code in enumerate(index.members):
        if index.zone_type is not None and type_of.get(code) not in (None, index.zone_type):
            yield (
                (*at, "members", number),
                f"{code!r} is of type {type_of[code]!r}, the index is of {index.zone_type!r}",
                f"{code!r}的类型为{type_of[code]!r},不属于{index.zone_type!r}类",
            )


def _container(catalogue: Catalogue, grouping: Grouping) -> Grouping | None:
    return None if grouping.within is None else catalogue.grouping.get(grouping.within)


def _validity(member: Member, at: Place) -> Iterable[_Problem]:
    if member.valid_from and member.valid_to and member.valid_to <= member.valid_from:
        yield (*at, "valid_to"), "valid_to must be after valid_from", "valid_to应晚于valid_from"
    if member.successors and member.valid_to is None:
        yield (
            (*at, "valid_to"),
            "a member with successors says when it ended",
            "有后继成员的须填写valid_to",
        )


def _successors(member: Member, members: Mapping[str, Member], at: Place) -> Iterable[_Problem]:
    for code in member.successors:
        successor = members.get(code)
        place = (*at, "successors")
        if successor is None:
            yield place, *_no_member(code)
        elif member.code in successors_of(members, code) | {code}:
            yield (
                place,
                f"{code!r} is, by its successors, an earlier one of {member.code!r}",
                f"{member.code!r}与{code!r}互为后继",
            )
        elif member.valid_to and (successor.valid_to or _FOREVER) <= member.valid_to:
            yield (
                place,
                f"{code!r} ended on {successor.valid_to}, before it could succeed",
                f"{code!r}于{successor.valid_to}已终止,不能作为后继",
            )


def successors_of(members: Mapping[str, Member], code: str) -> set[str]:
    """Codes of the members that took the member's place, and of those that took theirs."""
    found: set[str] = set()
    ahead = [code]
    while ahead:
        member = members.get(ahead.pop())
        new = set(member.successors) - found if member else set()
        found |= new
        ahead += new
    return found


def _lead(
    catalogue: Catalogue, grouping: Grouping, member: Member, at: Place
) -> Iterable[_Problem]:
    if member.lead is None:
        return
    leads = catalogue.grouping.get(grouping.lead_grouping)
    if leads is None:
        yield (*at, "lead"), *_no_grouping(grouping.lead_grouping)
    elif member.lead not in {one.code for one in leads.members}:
        yield (*at, "lead"), *_no_member(member.lead, leads)


def _within(
    grouping: Grouping, container: Grouping | None, member: Member, at: Place
) -> Iterable[_Problem]:
    if member.within is None:
        return
    if grouping.within is None:
        yield (
            (*at, "within"),
            "the grouping does not say in which grouping its members lie",
            "分组未填写within",
        )
    elif container is not None and member.within not in {one.code for one in container.members}:
        yield (*at, "within"), *_no_member(member.within, container)


def _no_grouping(code: str) -> tuple[str, str]:
    return f"no grouping {code!r}", f"没有分组{code!r}"


def _no_member(code: str, grouping: Grouping | None = None) -> tuple[str, str]:
    if grouping is None:
        return f"no member {code!r} of this grouping", f"本分组没有成员{code!r}"
    return f"no member {code!r} of {grouping.code!r}", f"分组{grouping.code!r}没有成员{code!r}"
