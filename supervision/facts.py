"""What supervision decides on: facts of one city at one moment, read from the store.

Plain values without behaviour; `supervision.reading` fills them, `supervision.decisions` reads
them. Instants are UTC ms, periods their ids.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from indicators.catalogue import Catalogue
from indicators.deadlines import Return


@dataclass(frozen=True, slots=True)
class LineFigure:
    """The newest final figure of an indicator with lines, for one subject and standing."""

    indicator: str
    measure: str
    level: str
    subject: str
    period: int
    standing: str
    value: float
    units: int
    expected_units: int
    known_ms: int


@dataclass(frozen=True, slots=True)
class ReturnCounts:
    """How far a subject's return of a table for a period is in."""

    table: str
    period: int
    level: str
    subject: str
    expected: int
    received: int
    late: int

    @property
    def missing(self) -> int:
        return self.expected - self.received


@dataclass(frozen=True, slots=True)
class CityFacts:
    """A city as of the log's record `version`.

    `due` are the instants in force, `told` the returns whose instant the log knows to have passed.
    `figures` may hold one figure a standing for the same subject.
    """

    id: int
    code: str
    version: int
    catalogue: Catalogue
    due: Mapping[Return, int] = field(default_factory=dict)
    told: frozenset[Return] = frozenset()
    figures: Sequence[LineFigure] = ()
    returns: Sequence[ReturnCounts] = ()
