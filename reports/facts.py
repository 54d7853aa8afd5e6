"""What the meeting report is made of: one frozen picture of a city, read once.

`reports.gather` fills it from the store, `reports.compose` turns it into a paper. Periods
are ids, instants UTC ms. Growth, shares and contributions are fractions (0.052 = 5.2 %).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from indicators.lines import Direction
from indicators.vocabulary import CITY_LEVEL

#: Standings from the lowest to the highest: papers use the highest available.
STANDINGS = ("监测数", "上报数", "核定数", "公布数")


@dataclass(frozen=True, slots=True)
class Card:
    """An indicator as the catalogue known by the instant describes it."""

    code: str
    name: str
    unit: str
    decimals: int
    dimension: str
    role: str
    direction: Direction
    table: str
    formula: str
    levels: Sequence[str]  # crosses left out
    catalogue_version: int = 1
    yellow: float | None = None
    red: float | None = None
    lines_measure: str = ""
    lines_source: str = ""
    consequence: str = ""
    reward: str = ""
    note: str = ""
    exits: str = "drop"  # base of 同口径: units that left the list are dropped, or keep_base
    plain: str = "current"  # the measure by which it is told; others only where it has no current
    ratio: bool = False  # a ratio, formed or reported: does not grow with the size of the subject


@dataclass(frozen=True, slots=True)
class Value:
    """One row of `view`: v_indicator, or v_indicator_history as of an instant."""

    indicator: str
    level: str
    subject: str
    period: int
    measure: str
    standing: str
    value: float | None
    units: int
    expected_units: int
    reason: str
    provisional: bool
    known_ms: int
    catalogue_version: int
    view: str = "v_indicator"


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject of a level, in catalogue order."""

    level: str
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Return:
    """One row of `view`: v_completeness, or completeness_history as of an instant."""

    table: str
    level: str
    subject: str
    expected: int
    received: int
    on_time: int
    late: int
    missing: int
    due_ms: int | None
    known_ms: int = 0
    view: str = "v_completeness"


@dataclass(frozen=True, slots=True)
class AlertFact:
    """One row of v_alert; `state` is `standing` where only that is known of an earlier instant."""

    id: str
    kind: str
    level: str
    subject_level: str
    subject: str
    indicator: str
    period: str
    state: str
    opened_ms: int
    closed_ms: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One row of v_anomaly that is open: nobody has replaced the value it is about."""

    unit: str
    unit_name: str
    item: str
    item_name: str
    period: str
    kind: str
    score: float
    evidence: str


@dataclass(frozen=True)
class MeetingFacts:
    """Everything the paper may speak of."""

    city: str
    city_name: str
    time_zone: str
    period: int
    as_of_ms: int | None  # None: as known now
    made_ms: int
    catalogue_version: int  # of the cards, names and lines; each figure has its own
    cards: Sequence[Card]
    subjects: Sequence[Subject]
    tables: Mapping[str, str]  # code → name
    values: Sequence[Value]
    returns: Sequence[Return] = ()
    alerts: Sequence[AlertFact] = ()
    findings: Sequence[Finding] = ()
    finding_count: int = 0
    level_names: Mapping[str, str] = field(default_factory=dict)
    counters: Mapping[str, str] = field(default_factory=dict)  # table → 量词 of its units

    @cached_property
    def _best(self) -> dict[tuple[str, str, str, int, str], Value]:
        """The value of the highest standing; one without a value hides none that has one."""
        found: dict[tuple[str, str, str, int, str], Value] = {}
        order = sorted(self.values, key=lambda one: (one.value is not None, _rank(one.standing)))
        for value in order:
            found[value.indicator, value.level, value.subject, value.period, value.measure] = value
        return found

    def value(
        self, card: Card, level: str, subject: str, measure: str, period: int | None = None
    ) -> Value | None:
        """The figure of the highest standing there is; None where none was ever computed."""
        at = self.period if period is None else period
        return self._best.get((card.code, level, subject, at, measure))

    def whole(self, card: Card, measure: str, period: int | None = None) -> Value | None:
        """The city's figure."""
        return self.value(card, CITY_LEVEL, self.city, measure, period)

    def counter(self, table: str) -> str:
        """By what word a table's units are counted: 家 for enterprises."""
        return self.counters.get(table, "家")

    def counter_of(self, indicator: str) -> str:
        """By what word the units behind an indicator are counted."""
        return next((self.counter(one.table) for one in self.cards if one.code == indicator), "家")

    def members(self, level: str) -> list[Subject]:
        """Subjects of a level in catalogue order."""
        return [one for one in self.subjects if one.level == level]

    def name(self, level: str, code: str) -> str:
        """A subject's name; its code where nothing names it."""
        if level == CITY_LEVEL:
            return self.city_name
        return next((one.name for one in self.members(level) if one.code == code), code)


def _rank(standing: str) -> int:
    return STANDINGS.index(standing) if standing in STANDINGS else -1
