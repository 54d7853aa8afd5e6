"""What differs between two catalogues of one city, entry by entry, and what must never differ."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

from pydantic import BaseModel

from indicators.catalogue import Catalogue

#: Lists whose entries have an id that stored rows carry.
NUMBERED: Final = ("sources", "groupings", "items", "tables", "indicators")
_LISTS: Final = (
    *NUMBERED, "reporters", "derived", "deflators", "calendar", "anomalies",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Difference:
    """One entry that was added, removed or changed; `fields` are those that changed."""

    part: str
    entry: str
    kind: Literal["added", "removed", "changed"]
    fields: tuple[str, ...] = ()

    def __str__(self) -> str:
        changed = f": {', '.join(self.fields)}" if self.fields else ""
        return f"{_SIGNS[self.kind]} {self.part} {self.entry}{changed}"


_SIGNS = {"added": "+", "removed": "-", "changed": "~"}


def catalogue_differences(old: Catalogue | None, new: Catalogue) -> list[Difference]:
    """What `new` changes; everything is added where there was none. The version is not told."""
    found: list[Difference] = []
    if old is not None:
        before, after = old.model_dump(mode="json"), new.model_dump(mode="json")
        found += [
            Difference("city.yaml", part, "changed", _changed(before[part], after[part]))
            for part in ("city", "crosses")
            if before[part] != after[part]
        ]
    for part in _LISTS:
        was = _entries(old, part) if old is not None else {}
        found += _of_list(part, was, _entries(new, part))
    return found


def _of_list(
    part: str, was: dict[str, dict[str, Any]], to_be: dict[str, dict[str, Any]]
) -> Iterator[Difference]:
    for key, entry in to_be.items():
        if key not in was:
            yield Difference(part, key, "added")
        elif was[key] != entry:
            fields = tuple(name for name in entry if entry[name] != was[key].get(name))
            yield Difference(part, key, "changed", fields)
    for key in was:
        if key not in to_be:
            yield Difference(part, key, "removed")


def _changed(before: object, after: object) -> tuple[str, ...]:
    if not isinstance(before, dict) or not isinstance(after, dict):
        return ()
    return tuple(name for name in after if before.get(name) != after[name])


def _entries(catalogue: Catalogue, part: str) -> dict[str, dict[str, Any]]:
    entries: list[BaseModel] = getattr(catalogue, part)
    return {_key(entry): entry.model_dump(mode="json") for entry in entries}


def _key(entry: BaseModel) -> str:
    code = getattr(entry, "code", None)
    if code is not None:
        return str(code)
    fields = ("table", "period") if hasattr(entry, "period") else ("table", "item")
    return " ".join(str(getattr(entry, name)) for name in fields)


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
