"""Panels and boards as plain values: what is asked, how it is drawn, which question it answers.

Grafana's JSON is made of these in `dashboards.grafana.build`; tests run every panel's SQL. In SQL a
board's variable is written `${name:sqlstring}`, which Grafana replaces by a quoted text.
"""

from dataclasses import dataclass, field
from enum import StrEnum

#: Palette of the UK Analysis Function: dark blue, turquoise, dark pink, orange, grey.
BLUE, TEAL, PINK, ORANGE, GREY = "#12436D", "#28A197", "#801650", "#F46A25", "#8096A8"


class Kind(StrEnum):
    """Grafana's core panels that the boards use."""

    STAT = "stat"
    TABLE = "table"
    SERIES = "timeseries"
    BARS = "bargauge"
    STATUS = "status-history"


class Source(StrEnum):
    """Uids of the two data sources."""

    STORE = "granary-clickhouse"
    METRICS = "granary-prometheus"


@dataclass(frozen=True, slots=True)
class Word:
    """What a stored value is shown as: text always, colour only beside it."""

    value: str
    text: str
    colour: str


@dataclass(frozen=True, slots=True)
class Column:
    """How one column of a table is shown; `words` replace values, `width` is in pixels."""

    name: str
    unit: str = ""
    decimals: int | None = None
    width: int = 0
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel. `query` is SQL or, for Source.METRICS, PromQL (several, each with its legend).

    A SERIES or STATUS panel's SQL gives `time` (Date or DateTime, ascending), then text columns
    that become labels, then numbers. `label` names the label that a series is called by. Sizes in
    Grafana's grid of 24 columns.
    """

    title: str
    kind: Kind
    query: str | tuple[tuple[str, str], ...]
    meaning: str
    width: int
    height: int
    source: Source = Source.STORE
    unit: str = ""
    decimals: int | None = None
    label: str = ""
    words: tuple[Word, ...] = ()
    columns: tuple[Column, ...] = ()
    colours: tuple[str, ...] = (BLUE,)
    #: (value, colour) at which a stat changes colour; the first is the base.
    steps: tuple[tuple[float | None, str], ...] = ()
    #: What stands where there is no value.
    none: str = "—"

    @property
    def is_time(self) -> bool:
        return self.kind in (Kind.SERIES, Kind.STATUS)


@dataclass(frozen=True, slots=True)
class Variable:
    """A choice at the top of a board. The SQL gives value and text, the first row is the default.

    `options` (value, text) instead of SQL: a fixed list.
    """

    name: str
    label: str
    query: str = ""
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Board:
    """One question. Panels are laid out in reading order, row by row."""

    uid: str
    title: str
    question: str
    variables: tuple[Variable, ...]
    panels: tuple[Panel, ...]
    refresh: str
    since: str
    tags: tuple[str, ...] = field(default=("granary",))
