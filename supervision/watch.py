"""One round of supervision (督办轮次): look, decide, record, tell the log, copy to the store.

1. Hold the lease; without it nothing else happens. On taking it, take up what a crash cut off.
2. Read the facts of each city whose ledger moved on, or for which an instant has passed since; not
   before the ledger is where the log ended when the lease was taken.
3. Decide, and record alerts with everything to be sent in one transaction.
4. Ask for `deadline` records of instants that have passed.
5. Copy recorded alerts to ClickHouse. Notices go out from a thread of their own (`notices`).
Each step may be repeated; a crash after any of them is made up for by the next round.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from granary.clock import Clock
from granary.keys import version_of
from indicators.deadlines import Passed, Return, passed
from indicators.periods import parse_period
from storage.control import cities, schema
from storage.control.alerts import Alert
from supervision.copies import AlertRows, copy_alerts
from supervision.decisions import OVERDUE, decide
from supervision.facts import CityFacts
from supervision.reading import Reading
from supervision.recording import Recorder
from supervision.telling import GRACE_MS, tell_passed

_NEVER: Final = -1


@dataclass(slots=True)
class _City:
    """What was last looked at of a city. `unsettled`: the last look led to actions."""

    facts: CityFacts | None = None
    version: int = _NEVER
    looked_ms: int = 0
    unsettled: bool = True
    asked: frozenset[Return] = frozenset()


class Watch:
    """Runs rounds for every city. One thread uses it; `holding` may be read by others."""

    def __init__(
        self,
        control_url: str,
        reading: Reading,
        store: AlertRows,
        recorder: Recorder,
        clock: Clock,
        on_taking: Callable[[], object] = lambda: None,
        log_ends: Callable[[], Mapping[int, int]] = dict,
    ) -> None:
        self._url = control_url
        self._reading = reading
        self._store = store
        self._recorder = recorder
        self._clock = clock
        self._on_taking = on_taking
        self._log_ends = log_ends
        self._ends: Mapping[int, int] = {}  # by partition, when the lease was taken
        self._cities: dict[int, _City] = {}
        self.holding = False

    def round(self) -> bool:
        """One round; False while another process holds the lease.

        Raises what the store and the control store raise; the next round makes up for it.
        """
        held = self._recorder.hold()
        if held and not self.holding:
            self._ends = self._log_ends()
            self._on_taking()
        self.holding = held
        if not held:
            return False
        versions = self._reading.versions()
        for city, behind in self._known():
            if versions.get(city, _NEVER) >= behind:
                self._look(city, self._cities.setdefault(city, _City()), versions[city])
        copy_alerts(self._url, self._store, self._clock)
        return True

    def give_back(self) -> None:
        """Let another process take over at once."""
        if self.holding:
            self.holding = False
            self._recorder.give_back()

    def _known(self) -> list[tuple[int, int]]:
        """(city id, version its ledger must have reached); without a ledger there is no look."""
        with schema.reading(self._url) as connection:
            known = cities.every(connection)
        return [
            (city.id, max(0, version_of(city.generation, self._ends.get(city.partition, 0)) - 1))
            for city in known
        ]

    def _look(self, city: int, seen: _City, version: int) -> None:
        now = self._clock.now_ms()
        fresh = version != seen.version
        if fresh or seen.unsettled or _passing(seen.facts, seen.looked_ms, now):
            live = self._recorder.live(city)
            seen.facts = self._reading.facts(city, version, _watched(live))
            seen.version = version
            if seen.facts is not None:
                actions = decide(seen.facts, live, now)
                self._recorder.record(city, seen.facts.code, actions)
                seen.unsettled = bool(actions)
        seen.looked_ms = now
        if seen.facts is not None:
            self._tell(city, seen, seen.facts, now)

    def _tell(self, city: int, seen: _City, facts: CityFacts, now: int) -> None:
        due = passed(facts.due, facts.told | seen.asked, now - GRACE_MS)
        if not due:
            return
        with schema.engine(self._url).begin() as connection:
            if not self._recorder.holds(connection):
                return
            told = [one for one in due if tell_passed(connection, city, one, self._clock)]
        seen.asked |= {_key(one) for one in told}


def _key(one: Passed) -> Return:
    return one.table, one.period


def _passing(facts: CityFacts | None, after_ms: int, now_ms: int) -> bool:
    """Whether an instant came to pass since the last look."""
    return facts is not None and any(after_ms < at <= now_ms for at in facts.due.values())


def _watched(live: Sequence[Alert] | Iterable[Alert]) -> list[Return]:
    """Returns under a live alert."""
    return [
        (str(alert.evidence["table"]), parse_period(alert.period))
        for alert in live
        if alert.kind == OVERDUE
    ]
