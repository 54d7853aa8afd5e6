"""Plays the demonstration's script against an instance, from where it was."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import structlog

from granary.clock import Clock
from granary.demo.script import Push, SetDue, Step
from granary.demo.sender import Sender, StoppedError, Waiter
from granary.demo.state import DemoState
from granary.wire import Record, encode_record
from indicators.periods import parse_period
from storage.control import cities, intents
from storage.control.errors import IntentConflictError
from storage.control.schema import engine

log = structlog.get_logger(__name__)

#: Sets a month's due instant: (city, table, period, due instant in UTC ms).
DueSetter = Callable[[str, str, str, int], None]
_MS: Final = 1000


def set_due(control_url: str, city: str, table: str, period: str, due_ms: int) -> None:
    """Ask for a `calendar` record. Where the month has an instant already it stays: a release is
    announced once.

    Raises:
        UnknownCityError: the instance has no such city.
    """
    record = Record(
        f"demo-calendar:{table}:{period}",
        "calendar",
        {
            "table": table,
            "period": parse_period(period),
            "report_by_ms": due_ms,
            "accept_by_ms": due_ms,
        },
    )
    try:
        with engine(control_url).begin() as connection:
            number = cities.get(connection, city).id
            intents.submit(connection, number, "control", record.id, encode_record(record))
    except IntentConflictError:
        log.info("due_instant_stays", table=table, period=period)


class Feeder:
    """Runs the steps in order. Each may be repeated, so a kill at any moment costs nothing."""

    def __init__(
        self,
        steps: Sequence[Step],
        data: Path,
        sender: Sender,
        due_setter: DueSetter,
        clock: Clock,
        waiter: Waiter,
        *,
        fast: bool = False,
    ) -> None:
        self._steps = steps
        self._state = DemoState(data)
        self._sender = sender
        self._set_due = due_setter
        self._clock = clock
        self._waiter = waiter
        self._fast = fast

    def run(self) -> bool:
        """Play what is left; True if the script came to its end, False if it was stopped.

        A resumed run goes on at once with its next step and keeps the distances after it.

        Raises:
            DemoRefusedError: the gateway refused a file for good.
        """
        left = self._state.left(step.key for step in self._steps)
        began_ms: float | None = None
        for step in self._steps:
            if step.key not in left:
                continue
            if step.at >= 0 and not self._fast:
                if began_ms is None:
                    began_ms = self._clock.now_ms() - step.at * _MS
                if self._waiter.wait((began_ms + step.at * _MS - self._clock.now_ms()) / _MS):
                    return False
            try:
                self._play(step)
            except StoppedError:
                return False
            self._state.mark(step.key)
        log.info("demo_ended", steps=len(self._steps))
        return True

    def _play(self, step: Step) -> None:
        if isinstance(step, SetDue):
            due_ms = self._clock.now_ms() + int(step.due_in * _MS)
            self._set_due(step.city, step.table, step.period, due_ms)
            log.info("released", table=step.table, period=step.period)
        else:
            self._push(step)

    def _push(self, step: Push) -> None:
        receipt = self._sender.send(step)
        log.info(
            "pushed",
            city=step.city,
            reporter=step.reporter,
            period=step.period,
            submission=receipt.get("submission"),
            accepted=receipt.get("accepted"),
            rejected=receipt.get("rejected"),
            repeated=receipt.get("repeated"),
        )
