"""What differs between two registers (名录): who came, moved and left, told with from → to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from catalog.changes import EVERYTHING, Attributes, RegisterState, state_after
from indicators.register import KEY_PREFIX, LIST_GROUPING, RegisterChange

_OPEN = ("", "9999-12-31")
#: What is told of a decision, in this order.
_DECIDED: Final = ("reason", "document", "end_reason", "end_document")

Part = Literal["units", "memberships", "listings", "keys"]
What = Literal["added", "moved", "ended", "changed", "removed"]
PARTS: Final[Sequence[Part]] = ("units", "memberships", "listings", "keys")
WHATS: Final[Sequence[What]] = ("added", "moved", "ended", "changed", "removed")


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs. `place`: the grouping, or a key's scheme and the key; '' of a unit.

    added: new, or open again. moved: the open membership is another member's. ended: there was an
    open one, there is none any more (or the unit's time on the list is over). changed: anything
    else, such as a date or a name. was, becomes: only what differs, '' for nothing.
    """

    part: Part
    what: What
    kind: str
    code: str
    name: str
    place: str = ""
    was: str = ""
    becomes: str = ""


@dataclass(frozen=True, slots=True)
class RegisterCounts:
    """Numbers of units, of (unit, grouping) pairs, of units whose decisions on the list (在库决定)
    differ, and of keys of departments; each counted once, by what became of it (`Difference`)."""

    units_added: int = 0
    units_removed: int = 0
    units_ended: int = 0
    units_changed: int = 0
    memberships_added: int = 0
    memberships_moved: int = 0
    memberships_ended: int = 0
    memberships_changed: int = 0
    listings_added: int = 0
    listings_ended: int = 0
    listings_changed: int = 0
    keys_added: int = 0
    keys_moved: int = 0
    keys_ended: int = 0
    keys_changed: int = 0


def register_counts(old: Iterable[RegisterChange], new: Iterable[RegisterChange]) -> RegisterCounts:
    """Compare two whole registers, each given as puts (`catalog.register.read_register`)."""
    counts: dict[str, int] = {}
    for one in register_differences(state_after(old, EVERYTHING), state_after(new, EVERYTHING)):
        counts[f"{one.part}_{one.what}"] = counts.get(f"{one.part}_{one.what}", 0) + 1
    return RegisterCounts(**counts)


_Unit = tuple[str, str]
_Stay = tuple[str, str, str, Attributes]  # member (or unit, of a key), valid_from, valid_to
_Stays = dict[_Unit, dict[str, set[_Stay]]]  # unit → grouping →


def register_differences(was: RegisterState, becomes: RegisterState) -> list[Difference]:
    """Every difference: units, then memberships, listings, keys, in the order of `becomes`."""
    found = list(_units(was, becomes))
    names = {unit: name for state in (was, becomes) for unit, (name, _) in state.units.items()}
    keys_before: dict[tuple[str, str], set[_Stay]] = {}
    keys_after: dict[tuple[str, str], set[_Stay]] = {}
    spans: list[Difference] = []
    for unit in dict.fromkeys((*becomes.spans, *was.spans)):
        one, other = was.spans.get(unit, {}), becomes.spans.get(unit, {})
        if one == other:
            continue
        before, after = _by_grouping(one), _by_grouping(other)
        for grouping in dict.fromkeys((*after, *before)):
            stays = before.get(grouping, set()), after.get(grouping, set())
            if grouping.startswith(KEY_PREFIX):
                _turn_round(unit, grouping, stays[0], keys_before)
                _turn_round(unit, grouping, stays[1], keys_after)
            elif stays[0] != stays[1]:
                part: Part = "listings" if grouping == LIST_GROUPING else "memberships"
                spans.append(_of_spans(part, unit, names.get(unit, ""), grouping, *stays))
    found += sorted(spans, key=lambda one: PARTS.index(one.part))
    for scheme, key in dict.fromkeys((*keys_after, *keys_before)):
        stays = keys_before.get((scheme, key), set()), keys_after.get((scheme, key), set())
        if stays[0] != stays[1]:
            found.append(_of_spans("keys", (scheme, key), "", scheme, *stays))
    return found


def _units(was: RegisterState, becomes: RegisterState) -> Iterable[Difference]:
    for unit, (name, attributes) in becomes.units.items():
        if unit not in was.units:
            yield Difference("units", "added", *unit, name)
        elif was.units[unit] != (name, attributes):
            old_name, old = was.units[unit]
            before, after = {"name": old_name, **dict(old)}, {"name": name, **dict(attributes)}
            ended = _left(after) and not _left(before)
            differ = [c for c in dict.fromkeys((*before, *after)) if before.get(c) != after.get(c)]
            yield Difference(
                "units", "ended" if ended else "changed", *unit, name,
                was=_fields(before, differ), becomes=_fields(after, differ),
            )  # fmt: skip
    for unit, (name, _) in was.units.items():
        if unit not in becomes.units:
            yield Difference("units", "removed", *unit, name)


def _fields(texts: Mapping[str, str], columns: Iterable[str]) -> str:
    return ", ".join(f"{column}={texts.get(column, '')}" for column in columns)


def _by_grouping(
    spans: Mapping[tuple[str, str, str], tuple[str, Attributes]],
) -> dict[str, set[_Stay]]:
    found: dict[str, set[_Stay]] = {}
    for (grouping, member, valid_from), (valid_to, attributes) in spans.items():
        found.setdefault(grouping, set()).add((member, valid_from, valid_to, attributes))
    return found


def _turn_round(
    unit: _Unit, grouping: str, stays: Iterable[_Stay], keys: dict[tuple[str, str], set[_Stay]]
) -> None:
    """A key is told as being a unit's, not the unit as having the key."""
    for key, valid_from, valid_to, attributes in stays:
        owner = (":".join(unit), valid_from, valid_to, attributes)
        keys.setdefault((grouping.removeprefix(KEY_PREFIX), key), set()).add(owner)


def _of_spans(
    part: Part, unit: _Unit, name: str, place: str, was: set[_Stay], becomes: set[_Stay]
) -> Difference:
    before, after = sorted(was - becomes, key=_order), sorted(becomes - was, key=_order)
    plain = part == "listings"
    return Difference(
        part, _what(was, becomes), *unit, name, "" if plain else place,
        _told(before, member=not plain), _told(after, member=not plain),
    )  # fmt: skip


def _order(stay: _Stay) -> tuple[str, str, str]:
    return stay[1], stay[0], stay[2]


def _told(stays: Iterable[_Stay], *, member: bool) -> str:
    texts = []
    for code, valid_from, valid_to, attributes in stays:
        words = [code] if member else []
        words.append(f"[{valid_from or '…'}, {valid_to or '…'})")
        told = dict(attributes)
        words += [told[column] for column in dict.fromkeys((*_DECIDED, *told)) if column in told]
        texts.append(" ".join(words))
    return "; ".join(texts)


def _what(was: set[_Stay], becomes: set[_Stay]) -> What:
    before, after = _open(was), _open(becomes)
    if not was or (after and not before):
        return "added"
    if (before and not after) or not becomes:
        return "ended"
    return "moved" if before != after else "changed"


def _open(stays: Iterable[_Stay]) -> set[str]:
    return {member for member, _, valid_to, _ in stays if valid_to in _OPEN}


def _left(texts: Mapping[str, str]) -> bool:
    return texts.get("listed_to", "") not in _OPEN
