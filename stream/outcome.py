"""What folding records of the log yields: rows to store, blocks to keep, counts."""

from dataclasses import dataclass, field

from stream.rows import Rows


@dataclass(slots=True)
class Outcome:
    """What a drain's records wrote: rows to store, blocks to keep, counts."""

    rows: Rows = field(default_factory=Rows)
    held: set[tuple[str, int]] = field(default_factory=set)
    observations: int = 0
    quarantined: int = 0
    dead: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """The record being folded: its version, since when it is known, and where its rows go."""

    version: int
    known_ms: int
    outcome: Outcome

    @property
    def rows(self) -> Rows:
        return self.outcome.rows
