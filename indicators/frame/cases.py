"""Cases of frame coverage over time: opened, decided, listed, taken up again, closed.

The memory that feeds and register alone do not have: who was a case before, and what was decided.
It is a fold: the same sights and decisions in the same order give the same cases.
"""

from collections.abc import Iterable, Mapping

import numpy as np

from indicators.arrays import Index
from indicators.frame.matching import Matched
from indicators.frame.states import (
    SAME_UNIT,
    Case,
    Sight,
    TransitionRefusedError,
    Verdict,
    decided,
    followed,
)


class Cases:
    """Cases by key of the candidate in the book, those whose candidate no feed names included."""

    def __init__(self) -> None:
        self._cases: dict[int, Case] = {}

    @property
    def by_key(self) -> Mapping[int, Case]:
        return self._cases

    def links(self) -> dict[int, str]:
        """Key of a candidate → code of the registered unit that it was decided to be."""
        return {
            key: case.link
            for key, case in self._cases.items()
            if case.link and case.reason == SAME_UNIT
        }

    def follow(self, seen: Matched, known_ms: int, only: Iterable[int] | None = None) -> None:
        """Take what feeds and register show as of a record; `only`: keys that may have changed."""
        keys = np.fromiter(self._cases if only is None else only, np.int32)
        places = _places(seen, keys)
        for key, place in zip(keys.tolist(), places.tolist(), strict=True):
            self._take(key, self._sight(seen, key, place), known_ms)
        if only is None:
            known = np.zeros(len(seen.key), bool)
            known[places[places >= 0]] = True
            for place in np.flatnonzero(seen.qualifies & ~known).tolist():
                self._cases[int(seen.key[place])] = Case(known_ms)

    def decide(self, seen: Matched, key: int, verdict: Verdict) -> bool:
        """Take a decision; False, and no effect, where there is no such case or it leads nowhere.

        Two may have decided at once, or the register may have listed the unit meanwhile.
        """
        case = self._cases.get(key)
        if case is None:
            return False
        place = seen.place(key)
        as_of = int(seen.as_of[place]) if place >= 0 else case.judged_on
        try:
            self._cases[key] = decided(case, verdict, as_of)
        except TransitionRefusedError:
            return False
        return True

    def _take(self, key: int, sight: Sight, known_ms: int) -> None:
        case = followed(self._cases.get(key), sight, known_ms)
        if case is None:
            self._cases.pop(key, None)
        else:
            self._cases[key] = case

    def _sight(self, seen: Matched, key: int, place: int) -> Sight:
        if place < 0:
            return Sight(present=False)
        entry, case = int(seen.entry[place]), self._cases.get(key)
        left = case is not None and case.listed_from > 0 and not entry
        return Sight(
            present=True,
            qualifies=bool(seen.qualifies[place]),
            as_of=int(seen.as_of[place]),
            listed_from=entry,
            span_stands=left
            and case is not None
            and seen.listing.has_span(int(seen.unit[place]), case.listed_from),
        )


def _places(seen: Matched, keys: Index) -> Index:
    """(n,) position of each key's candidate, -1 where no feed names it."""
    if not len(seen.key):
        return np.full(len(keys), -1, np.int32)
    near = np.minimum(np.searchsorted(seen.key, keys), len(seen.key) - 1)
    return np.where(seen.key[near] == keys, near, -1).astype(np.int32)
