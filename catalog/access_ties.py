"""Lines of an access policy of which two would hold for one project, neither more specific.

Every kind of project that the rules can tell apart is tried once: each zone they name and one more
of each type; each class they name, by its first digits, and any other; each sector it may be of.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from catalog.located import Place
from indicators.access.models import Access
from indicators.access.scopes import AmbiguousRuleError, Scoped, Standpoint, held
from indicators.access.zones import zone_types
from indicators.catalogue import Catalogue

Problem = tuple[Place, str, str]


def tie_problems(catalogue: Catalogue, policy: Access, at: Place) -> Iterable[Problem]:
    """One problem a standard, and one for the directories, at the first kind of project found."""
    type_of = zone_types(catalogue, policy)
    sets: list[tuple[Place, Sequence[Scoped]]] = [
        ((*at, "standards", number, "lines"), one.lines)
        for number, one in enumerate(policy.standards)
    ]
    sets.append(((*at, "directories"), policy.directories))
    for place, lines in sets:
        for standpoint in _standpoints(policy, lines, type_of):
            try:
                held(lines, standpoint, type_of)
            except AmbiguousRuleError:
                en, zh = _told(standpoint)
                yield (
                    place,
                    f"two of them hold alike for {en}; say more in one of them",
                    f"对{zh}有两条同样适用,须使其中一条更具体",
                )
                break


def _standpoints(
    policy: Access, lines: Sequence[Scoped], type_of: Mapping[str, str]
) -> Iterator[Standpoint]:
    zones = dict.fromkeys(zone for line in lines for zone in line.zones)
    places = [(zone, type_of.get(zone, "")) for zone in zones]
    places += [("", kind.code) for kind in policy.zone_types] or [("", "")]
    classes = dict.fromkeys(digits for line in lines for digits in line.classes)
    if classes:  # a sector's classes tell which of them it can have
        classes |= dict.fromkeys(digits for one in policy.sectors for digits in one.classes)
    for zone, kind in places:
        for digits in (*classes, ""):
            for sector in _sectors(policy, digits) if classes else _all(policy):
                yield Standpoint(zone, kind, sector, digits)


def _all(policy: Access) -> Sequence[str]:
    return [one.code for one in policy.sectors] or [""]


def _sectors(policy: Access, digits: str) -> Sequence[str]:
    """Sectors a class that begins so may be of: those that list it, else those that list none."""
    claimed = [one.code for one in policy.sectors if digits.startswith(tuple(one.classes))]
    return claimed or [one.code for one in policy.sectors if not one.classes] or [""]


def _told(at: Standpoint) -> tuple[str, str]:
    parts = (
        ("zone", "功能区", at.zone),
        ("zone type", "功能区类型", at.zone_type if not at.zone else ""),
        ("sector", "产业类别", at.sector),
        ("class", "行业代码", at.class_code),
    )
    said = [(en, zh, value) for en, zh, value in parts if value]
    return (
        ", ".join(f"{en} {value}" for en, _, value in said) or "any project",
        "、".join(f"{zh}{value}" for _, zh, value in said) or "任何项目",
    )
