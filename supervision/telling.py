"""Tells a city's log that a due instant has passed (时限已到).

The log decides what was on time: the `deadline` record stands behind everything that arrived before
the instant. So it is asked for only when no submission that arrived in time is still on its way
into the log, and the silence it reveals is judged after the record has been folded.
"""

from typing import Final

from sqlalchemy import Connection

from granary.clock import Clock
from granary.records import Record, encode_record
from indicators.deadlines import Passed
from indicators.periods import format_period
from storage.control import arrivals, intents
from storage.control.errors import IntentConflictError

#: After the instant: a request that came in time is registered within this (a file of a month's
#: size is checked in about a second).
GRACE_MS: Final = 2_000
#: A submission still on its way this long after the instant waits for a gateway that is down; the
#: deadline is told all the same, or one reporter's accident would keep silence from being seen.
LONGEST_WAIT_MS: Final = 120_000


def tell_passed(connection: Connection, city: int, one: Passed, clock: Clock) -> bool:
    """Ask for the `deadline` record; False if it has to wait for submissions on their way.

    A repeat has no effect: the record's id is that of the return. An instant that was moved after
    it had been told stays told.
    """
    now = clock.now_ms()
    if now < one.due_ms + LONGEST_WAIT_MS and _on_their_way(connection, city, one, now):
        return False
    record_id = f"deadline:{one.table}:{format_period(one.period)}"
    body = {"table": one.table, "period": one.period, "due_ms": one.due_ms}
    payload = encode_record(Record(record_id, "deadline", body))
    try:
        intents.submit(connection, city, "control", record_id, payload, clock)
    except IntentConflictError:
        return True
    return True


def _on_their_way(connection: Connection, city: int, one: Passed, now_ms: int) -> int:
    """Uploads that began in time, and submissions the log may not have whole."""
    return arrivals.on_their_way(connection, city, one.table, one.due_ms, now_ms)
