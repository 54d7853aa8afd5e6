"""What the demonstration does, and when: a plan made from the data alone, the same every time.

1. Lishui's table and its published row; retail history, one long file a state: at once.
2. Live months: at the release the month's due instant is set, then the states send one by one. One
   state is late now and then; one is silent once, until two releases later.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from granary.demo import lishui, retail
from granary.demo.retail import Observation
from indicators.periods import between, format_period, shift

RETAIL_CITY: Final = "aus_retail"
#: Last month of the data.
LAST_MONTH: Final = 201812
#: The cast: who is late now and then, and who is silent once.
LATE_STATE: Final = "NT"
SILENT_STATE: Final = "TAS"
_LATE_SHARE: Final = 0.3
_SILENT_RELEASES: Final = 2


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between two releases, and from a release to its due instant (shorter)."""

    every: float = 8.0
    due: float = 6.0
    seed: int = 2018
    history_to: int = 201412


@dataclass(frozen=True, slots=True)
class Push:
    """One file sent by one reporter. `key` is its Idempotency-Key and its name in the state.

    `at` is in seconds from the first release, `AT_ONCE` for what is sent before it. A file that is
    `faulty` may be refused whole, and the demonstration goes on.
    """

    at: float
    key: str
    city: str
    reporter: str
    table: str
    period: str  # '' where the file says it
    body: bytes
    faulty: bool = False


@dataclass(frozen=True, slots=True)
class SetDue:
    """The release of a month: its returns are due `due_in` seconds from now."""

    at: float
    key: str
    city: str
    table: str
    period: str
    due_in: float


Step = Push | SetDue
#: Before the first release, one after the other.
AT_ONCE: Final = float("-inf")


def script(pace: Pace) -> list[Step]:
    """All steps in the order of their time.

    Raises:
        granary.demo.retail.DemoDataMissingError: the data are not installed.
    """
    steps = [*_lishui(), *_history(pace), *_live(pace)]
    return sorted(steps, key=lambda step: step.at)  # stable: equal times keep their order


def _lishui() -> Iterator[Step]:
    for one in lishui.returns():
        key = f"demo:{lishui.CITY}:{one.table}:{one.period}:{one.reporter}"
        yield Push(AT_ONCE, key, lishui.CITY, one.reporter, one.table, one.period, one.body)


def _history(pace: Pace) -> Iterator[Step]:
    until = format_period(pace.history_to)
    for state in retail.STATES.values():
        rows = [
            row
            for row in retail.observations()
            if row.state == state and row.period <= pace.history_to
        ]
        key = f"demo:{RETAIL_CITY}:{retail.TABLE}:to-{until}:{state}"
        yield Push(AT_ONCE, key, RETAIL_CITY, state, retail.TABLE, "", retail.as_csv(rows))


def _live(pace: Pace) -> Iterator[Step]:
    chance = random.Random(pace.seed)
    months = list(between(shift(pace.history_to, 1), LAST_MONTH))
    silent = chance.randrange(len(months)) if months else 0
    rows: dict[tuple[int, str], list[Observation]] = {}
    for row in retail.observations():
        rows.setdefault((row.period, row.state), []).append(row)
    states = list(retail.STATES.values())
    for number, month in enumerate(months):
        release = number * pace.every
        period = format_period(month)
        key = f"demo:{RETAIL_CITY}:{retail.TABLE}:{period}"
        yield SetDue(release, key, RETAIL_CITY, retail.TABLE, period, pace.due)
        late = chance.random() < _LATE_SHARE
        chance.shuffle(states)
        for place, state in enumerate(states):
            # The punctual come in the first half, so that a slow machine does not make them late.
            at = release + 0.5 * pace.due * (place + 1) / len(states)
            if state == LATE_STATE and late:
                at = release + pace.due + pace.every / 2
            if state == SILENT_STATE and number == silent:
                at = release + _SILENT_RELEASES * pace.every + pace.due
            body = _month_file(rows[month, state])
            yield Push(at, f"{key}:{state}", RETAIL_CITY, state, retail.TABLE, period, body)


def _month_file(rows: Sequence[Observation]) -> bytes:
    """A month's file: a row a unit, the item as a column, the period said by the request."""
    lines = [f"unit,{retail.ITEM}", *(f"{row.unit},{row.text}" for row in rows)]
    return ("\n".join(lines) + "\n").encode()
