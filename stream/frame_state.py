"""Frame coverage (应统尽统) as the fold keeps it: candidates, cases, and the rows that stand.

What stands is a function of register, catalogue and cases; after a record only the rows that differ
from those before it are written. Without a frame.yaml nothing stands, but what feeds said and what
was decided is kept.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from granary.frame_records import LINK_KIND, FrameDecision
from granary.records import RegisterRow
from indicators.catalogue import Catalogue
from indicators.frame.book import CANDIDATE, ENTERPRISE, FrameBook
from indicators.frame.cases import Cases
from indicators.frame.coverage import coverage_rows
from indicators.frame.matching import Matched, matched
from indicators.frame.states import State, Verdict
from indicators.frame.told import case_rows
from indicators.register import Register

Standing = Mapping[str, Mapping[tuple[str, ...], tuple[Any, ...]]]
COVERAGE: Final = "frame"
CASES: Final = "frame_case"
NOTHING: Final[Standing] = {COVERAGE: {}, CASES: {}}


class FrameState:
    """Folds register rows, catalogues and decisions, each after the city's register has them."""

    def __init__(self) -> None:
        self.book = FrameBook()
        self.cases = Cases()
        self._seen: Matched | None = None
        self._links: Mapping[int, str] = {}  # with which it was seen
        self._standing: Standing | None = None

    def take_rows(
        self,
        register: Register,
        catalogue: Catalogue | None,
        rows: Sequence[RegisterRow],
        known_ms: int,
    ) -> None:
        """Take a register record: candidates, credit codes, the list. Once for all its rows."""
        if self.book.apply(register, rows):
            self._follow(register, catalogue, known_ms)
        if any(row.kind in (CANDIDATE, ENTERPRISE) for row in rows):  # districts among them
            self._standing = None

    def take_catalogue(self, register: Register, catalogue: Catalogue, known_ms: int) -> None:
        """Take the catalogue's thresholds, feeds and groupings."""
        self._follow(register, catalogue, known_ms)
        self._standing = None

    def take_decision(
        self,
        register: Register,
        catalogue: Catalogue | None,
        decision: FrameDecision,
        known_ms: int,
    ) -> bool:
        """Take a person's decision; False where it has no effect, as `Cases.decide` says."""
        seen = self._sight(register, catalogue)
        key = self.book.key_of_case(decision.case)
        verdict = _verdict(decision)
        if seen is None or key < 0 or verdict is None:
            return False
        if not self.cases.decide(seen, key, verdict):
            return False
        if self.cases.links() != self._links:
            self._follow(register, catalogue, known_ms)
        else:
            self.cases.follow(seen, known_ms, only=[key])
        self._standing = None
        return True

    def standing(self, register: Register, catalogue: Catalogue | None) -> Standing:
        """Table → key → row, of everything that stands now."""
        if self._standing is None:
            self._standing = self._stand(register, catalogue)
        return self._standing

    def _follow(self, register: Register, catalogue: Catalogue | None, known_ms: int) -> None:
        """Show every case what feeds and register say now.

        A case that begins anew loses its link, so that its unit is seen otherwise: once more then.
        """
        while True:
            self._seen = None
            seen = self._sight(register, catalogue)
            if seen is None:
                return
            self.cases.follow(seen, known_ms)
            if self.cases.links() == self._links:
                return

    def _sight(self, register: Register, catalogue: Catalogue | None) -> Matched | None:
        """What feeds and register show now; None where no frame is in force."""
        frame = catalogue.frame if catalogue else None
        if frame is None:
            return None
        if self._seen is None:
            self._links = self.cases.links()
            self._seen = matched(self.book, register, frame, self._links)
        return self._seen

    def _stand(self, register: Register, catalogue: Catalogue | None) -> Standing:
        seen = self._sight(register, catalogue)
        if seen is None or catalogue is None or catalogue.frame is None:
            return NOTHING
        cases = self.cases.by_key
        counts = coverage_rows(catalogue, register, seen, cases)
        told = case_rows(catalogue, catalogue.frame, self.book, register, seen, cases)
        return {
            COVERAGE: {(row.level, row.subject): row for row in counts},
            CASES: {(row.case,): row for row in told},
        }


def _verdict(decision: FrameDecision) -> Verdict | None:
    """The decision as the core takes it; None where it names a state or a kind there is not."""
    if decision.state not in set(State) or decision.link_kind not in ("", LINK_KIND):
        return None
    return decision.verdict()
