"""Effects of locking a table's period, and of reopening it (锁定, 解锁)."""

from collections.abc import Sequence

import numpy as np

from granary.lock_records import LOCK, Decision
from granary.records import Record
from granary.wire import UnreadableMessageError
from indicators.arrays import Flags
from indicators.catalogue import Catalogue
from indicators.locks import Lock
from stream.consequences import Choice, Consequences
from stream.errors import UnreadableRecordError
from stream.kept import kept_keys
from stream.outcome import Entry
from stream.retirement import retire
from stream.state import CityState


def fold_decision(state: CityState, entry: Entry, record: Record) -> None:
    """Take a lock, which writes nothing; or reopen, and state the period anew as it is now.

    1. End the lock: observations are taken again, figures and counts follow the state again.
    2. Write the figures and the completeness of the period, as of this record.
    3. Retire what the lock kept and the catalogue in force has no more.
    """
    released = take_decision(state, entry.version, record, state.catalogue)
    if not released or state.catalogue is None:
        return
    catalogue = state.catalogue
    (first, *_) = released
    tables = {first.table} & catalogue.table.keys()
    # An indicator may have got another own table meanwhile.
    moved = {number for lock in released for number in lock.own}
    tables |= {one.table for one in catalogue.indicators if one.id in moved}
    touched: dict[str, dict[int, Flags]] = {
        table: {first.period: np.ones(state.register.size(catalogue.table[table].unit_kind), bool)}
        for table in sorted(tables)
    }
    Consequences(state, entry.rows, entry.version, entry.known_ms).write(
        touched, Choice(every_subject=True, only_here=True)
    )
    retire(state, entry, kept_keys(state, released))


def take_decision(
    state: CityState, version: int, record: Record, catalogue: Catalogue | None
) -> Sequence[Lock]:
    """Take a decision into the locks in force; what a reopening released, its own period first.

    `catalogue` is the one in force at the record.

    Raises:
        UnreadableRecordError: it is none, or lacks something.
    """
    try:
        decision = Decision.of(record)
    except UnreadableMessageError as error:
        raise UnreadableRecordError(str(error)) from error
    if decision.type == LOCK:
        state.locks.lock(decision.table, decision.period, version, catalogue)
        return ()
    return state.locks.reopen(decision.table, decision.period)
