"""What differs between two catalogues of one city, entry by entry, and what must never differ."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

from pydantic import BaseModel

from indicators.catalogue import Catalogue

#: Parts that are files of one mapping.
MAPPINGS: Final = ("frame",)
#: Lists whose entries have an id that stored rows carry.
NUMBERED: Final = ("sources", "groupings", "items", "tables", "indicators", "checks")
#: What names an entry that has no code, as far as it has these.
_NAMING: Final = ("table", "item", "indicator", "level", "subject", "body", "period", "measure")


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that changed: its path within the entry, and both values as a reader writes them.

    None: the field is not there on that side.
    """

    path: str
    old: str | None
    new: str | None

    def __str__(self) -> str:
        return f"{self.path} {_shown(self.old)} → {_shown(self.new)}"


@dataclass(frozen=True, slots=True)
class Difference:
    """One entry that was added, removed or changed; `changes` tell the fields of a changed one."""

    part: str
    entry: str
    kind: Literal["added", "removed", "changed"]
    changes: tuple[FieldChange, ...] = ()

    def __str__(self) -> str:
        changed = f": {'; '.join(str(change) for change in self.changes)}" if self.changes else ""
        return f"{_SIGNS[self.kind]} {self.part} {self.entry}{changed}"


_SIGNS = {"added": "+", "removed": "-", "changed": "~"}


def catalogue_differences(
    old: Catalogue | None,
    new: Catalogue,
    *,
    old_year: int | None = None,
    new_year: int | None = None,
) -> list[Difference]:
    """What `new` changes; everything is added where there was none. The version is not told.

    With a year, of entries that are bound to a year only that year's are looked at, and the year
    itself is no difference: so two years of one catalogue are compared.
    """
    found: list[Difference] = []
    lists = [part for part in type(new).model_fields if _is_list(new, part) or _is_list(old, part)]
    if old is not None:
        before, after = (one.model_dump(mode="json", exclude={*lists}) for one in (old, new))
        for part in after:
            changes = tuple(_changes("", before[part], after[part]))
            if part != "version" and changes:
                file = f"{part}.yaml" if part in MAPPINGS else "city.yaml"
                found.append(Difference(file, part, "changed", changes))
    for part in sorted(lists, key=lambda part: part not in NUMBERED):
        was = _entries(old, part, old_year) if old is not None else {}
        found += _of_list(part, was, _entries(new, part, new_year))
    return found


def _is_list(catalogue: Catalogue | None, part: str) -> bool:
    value = getattr(catalogue, part, None)
    return isinstance(value, list) and bool(value) and isinstance(value[0], BaseModel)


def _of_list(
    part: str, was: dict[str, dict[str, Any]], to_be: dict[str, dict[str, Any]]
) -> Iterator[Difference]:
    for key, entry in to_be.items():
        if key not in was:
            yield Difference(part, key, "added")
        elif changes := tuple(_changes("", was[key], entry)):
            yield Difference(part, key, "changed", changes)
    for key in was:
        if key not in to_be:
            yield Difference(part, key, "removed")


def _entries(catalogue: Catalogue, part: str, year: int | None) -> dict[str, dict[str, Any]]:
    entries: dict[str, dict[str, Any]] = {}
    for model in getattr(catalogue, part):
        entry = model.model_dump(mode="json")
        if year is not None and "year" in entry and entry.pop("year") != year:
            continue
        name = _name(entry)
        # A second entry of the same name is told apart by its position among them.
        key, count = name, 1
        while key in entries:
            count += 1
            key = f"{name} #{count}"
        entries[key] = entry
    return entries


def _name(entry: dict[str, Any]) -> str:
    own = next((field for field in ("code", "id") if field in entry), None)
    naming = (own,) if own is not None else _NAMING
    parts = [str(entry[field]) for field in naming if entry.get(field) not in (None, "")]
    if "year" in entry:
        parts.append(str(entry["year"]))
    return " ".join(parts) or "entry"


def _changes(path: str, was: object, to_be: object) -> Iterator[FieldChange]:
    """The leaves that differ; a list of plain values is one leaf."""
    if was == to_be:
        return
    before, after = _by_name(was), _by_name(to_be)
    if before is None or after is None:
        yield FieldChange(path, _text(was), _text(to_be))
        return
    for name in dict.fromkeys([*before, *after]):
        inner = f"{path}.{name}" if path else name
        if name in before and name in after:
            yield from _changes(inner, before[name], after[name])
        else:
            old = _text(before[name]) if name in before else None
            yield FieldChange(inner, old, _text(after[name]) if name in after else None)
    if list(before) != list(after) and set(before) == set(after) and isinstance(was, list):
        yield FieldChange(path, ", ".join(before), ", ".join(after))


def _by_name(value: object) -> dict[str, Any] | None:
    """Parts by name: a mapping, or a list of entries; None for what is compared whole."""
    if isinstance(value, dict):
        return value
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        return None
    named: dict[str, Any] = {}
    for at, one in enumerate(value):
        name = _name(one)
        named[str(at) if name == "entry" or name in named else name] = one
    return named


def _text(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_text(part)}" for name, part in value.items()) or "{}"
    if isinstance(value, list):
        return "[" + ", ".join(_text(part) for part in value) + "]"
    return "null" if value is None else str(value)


def _shown(text: str | None) -> str:
    return "(none)" if text is None else text or '""'


def reused_ids(earlier: Iterable[Catalogue], new: Catalogue) -> list[str]:
    """Sentences on ids or codes of `new` that stood for something else in an earlier catalogue.

    Stored rows carry the id: a reused one would turn old rows into figures of another thing.
    """
    code_of: dict[tuple[str, int], str] = {}
    id_of: dict[tuple[str, str], int] = {}
    for catalogue in earlier:
        for part in NUMBERED:
            for entry in getattr(catalogue, part):
                code_of[part, entry.id] = entry.code
                id_of[part, entry.code] = entry.id
    sentences = []
    for part in NUMBERED:
        for entry in getattr(new, part):
            code = code_of.get((part, entry.id), entry.code)
            number = id_of.get((part, entry.code), entry.id)
            if code != entry.code:
                sentences.append(f"{part}: id {entry.id} is {code!r}, it cannot be {entry.code!r}")
            if number != entry.id:
                sentences.append(
                    f"{part}: {entry.code!r} has id {number}, it cannot get {entry.id}"
                )
    return sentences
