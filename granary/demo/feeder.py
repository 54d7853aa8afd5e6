"""Plays the demonstration's script against an instance, from where it was."""

from collections.abc import Callable, Sequence
from typing import Final

import structlog

from granary.clock import Clock
from granary.demo.script import Push, SetDue, Step
from granary.demo.sender import Sender, StoppedError, Waiter
from granary.demo.state import DemoState
from granary.records import Record, encode_record
from indicators.periods import parse_period
from storage.control import cities, intents
from storage.control.errors import IntentConflictError
from storage.control.schema import engine

log = structlog.get_logger(__name__)

#: Sets a month's due instant: (city, table, period, due instant in UTC ms).
DueSetter = Callable[[str, str, str, int], None]
_MS: Final = 1000
_SETTLE_POLL_S: Final = 0.5
#: Behind by more than this, the steps after it are put off as well.
_SLIP_MS: Final = 1000


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
        state: DemoState,
        sender: Sender,
        due_setter: DueSetter,
        clock: Clock,
        waiter: Waiter,
        *,
        fast: bool = False,
    ) -> None:
        self._steps = steps
        self._state = state
        self._sender = sender
        self._set_due = due_setter
        self._clock = clock
        self._waiter = waiter
        self._fast = fast

    def run(self) -> bool:
        """Play what is left; True if the script came to its end, False if it was stopped.

        1. What is sent at once: pushed, the receipt noted. A crash repeats the last push.
        2. Wait until the store has all of it, so that live months are seen as they come in.
        3. Live steps at their distances. A resumed run goes on at once with its next step; one that
           was held up for long keeps its pace rather than catching up in a rush.

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
                    if not self._settle():
                        return False
                    began_ms = self._clock.now_ms() - step.at * _MS
                behind_ms = self._clock.now_ms() - (began_ms + step.at * _MS)
                if behind_ms > _SLIP_MS:
                    began_ms += behind_ms
                if self._waiter.wait(max(-behind_ms, 0.0) / _MS):
                    return False
            try:
                submission = self._play(step)
            except StoppedError:
                return False
            self._state.mark(step.key, submission)
        log.info("demo_ended", steps=len(self._steps))
        return True

    def _settle(self) -> bool:
        """Wait until the store has what was sent at once; False if the end was asked for."""
        for step in self._steps:
            submission = self._state.submission(step.key)
            if step.at >= 0 or not submission or not isinstance(step, Push):
                continue
            while not self._sender.is_settled(step, submission):
                if self._waiter.wait(_SETTLE_POLL_S):
                    return False
        log.info("history_settled")
        return True

    def _play(self, step: Step) -> str:
        """Do the step; the submission it led to, '' for none."""
        if isinstance(step, SetDue):
            due_ms = self._clock.now_ms() + int(step.due_in * _MS)
            self._set_due(step.city, step.table, step.period, due_ms)
            log.info("released", table=step.table, period=step.period)
            return ""
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
        return str(receipt.get("submission") or "")
