"""Which of a policy's lines holds for a project: the most specific one that matches.

Pure. A line is more specific than another where it says no less about place, sector and class, and
more about one of them: a zone says more than its type, a longer class code more than a shorter.
Two lines of which neither is more specific are refused by the loader, not decided here in silence.
What a project does not say is neither a match nor none, and is named.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from indicators.errors import GranaryError

#: Names of what a project says of itself, as missing operands are named.
ZONE, ZONE_TYPE, SECTOR, CLASS = "zone", "zone_type", "sector", "class_code"

#: How much is said about (place, sector, class).
Rank = tuple[int, int, int]


class AmbiguousRuleError(GranaryError):
    """Two lines hold for one project and neither is more specific."""

    code = "ambiguous_rule"
    next_step = "Run `granary catalog check DIR` and make one of the two lines more specific."


class Scoped(Protocol):
    """A rule that may be bound to zones or their types, to sectors, to classes."""

    @property
    def zones(self) -> Sequence[str]: ...
    @property
    def zone_types(self) -> Sequence[str]: ...
    @property
    def sectors(self) -> Sequence[str]: ...
    @property
    def classes(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class Standpoint:
    """What places a project under rules; None is not said, '' is none of those that rules name."""

    zone: str | None = None
    zone_type: str | None = None
    sector: str | None = None
    class_code: str | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """Whether a rule is for a project: `holds` None where that depends on what is `missing`."""

    holds: bool | None
    rank: Rank = (0, 0, 0)
    missing: frozenset[str] = frozenset()


def match(scope: Scoped, standpoint: Standpoint, type_of: Mapping[str, str]) -> Match:
    """Whether the scope holds; `type_of` gives the zones' types, as far as they have one."""
    missing: set[str] = set()
    place = 2 if scope.zones else 1 if scope.zone_types else 0
    if scope.zones and standpoint.zone is None:
        kind = standpoint.zone_type
        if kind is not None and all(type_of.get(zone, kind) != kind for zone in scope.zones):
            return Match(False)
        missing.add(ZONE)
    elif scope.zones and standpoint.zone not in scope.zones:
        return Match(False)
    if scope.zone_types and standpoint.zone_type is None:
        missing.add(ZONE_TYPE)
    elif scope.zone_types and standpoint.zone_type not in scope.zone_types:
        return Match(False)
    if scope.sectors and standpoint.sector is None:
        missing.add(SECTOR)
    elif scope.sectors and standpoint.sector not in scope.sectors:
        return Match(False)
    digits = 0
    if scope.classes and standpoint.class_code is None:
        missing.add(CLASS)
        digits = max(map(len, scope.classes))
    elif scope.classes:
        digits = longest_prefix(scope.classes, standpoint.class_code or "")
        if not digits:
            return Match(False)
    rank = (place, 1 if scope.sectors else 0, digits)
    return Match(None if missing else True, rank, frozenset(missing))


def longest_prefix(prefixes: Iterable[str], code: str) -> int:
    """Digits of the longest prefix of the code; 0 where none of them begins it."""
    return max((len(one) for one in prefixes if one and code.startswith(one)), default=0)


ScopedT = TypeVar("ScopedT", bound=Scoped)


@dataclass(frozen=True, slots=True)
class Held(Generic[ScopedT]):
    """The line that holds, None for none; or what must be known first (`missing`)."""

    line: ScopedT | None = None
    missing: frozenset[str] = frozenset()


def held(
    lines: Iterable[ScopedT], standpoint: Standpoint, type_of: Mapping[str, str]
) -> Held[ScopedT]:
    """The most specific line that matches.

    A line that might match, were more known, is waited for unless the one found outranks it anyway.

    Raises:
        AmbiguousRuleError: two match, neither is more specific, and no more is to be known.
    """
    found = [(match(line, standpoint, type_of), line) for line in lines]
    matching = [(one.rank, line) for one, line in found if one.holds]
    best = _most_specific(matching)
    missing: set[str] = set()
    for one, _ in found:
        if one.holds is None and (best is None or not covers(best[0], one.rank)):
            missing |= one.missing
    if missing:
        return Held(missing=frozenset(missing))
    if best is None and matching:
        raise AmbiguousRuleError(f"{len(matching)} lines hold alike for one project.")
    return Held() if best is None else Held(best[1])


def covers(rank: Rank, other: Rank) -> bool:
    """Whether the first says no less than the other about place, sector and class."""
    return all(one >= two for one, two in zip(rank, other, strict=True))


def _most_specific(matching: Sequence[tuple[Rank, ScopedT]]) -> tuple[Rank, ScopedT] | None:
    for rank, line in matching:
        others = [other for other, one in matching if one is not line]
        if all(covers(rank, other) and rank != other for other in others):
            return rank, line
    return None
