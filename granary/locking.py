"""Locking a table's period and reopening it (锁定, 解锁): who may ask for what, through the log.

Decisions are intents of the control store; the gateway's relay puts them into the city's log. One
that changes nothing asks for nothing, so every command may be repeated.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from granary.clock import Clock
from granary.loads import catalogue_in_force
from granary.lock_records import DECISIONS, LOCK, Decision, locks_in_force
from granary.one_line import NAME_LENGTH, TEXT_LENGTH, not_one_line
from granary.records import encode_record
from indicators.catalogue import Catalogue, Table
from indicators.errors import GranaryError
from indicators.locks import Locks
from indicators.periods import format_period, frequency_of
from storage.control import cities, intents
from storage.control.schema import engine, reading


class LockRefusedError(GranaryError):
    """There is no such period to lock, or it is not said who decides and why."""

    code = "lock_refused"
    next_step = "Name a table of the catalogue, a period of its frequency, a person and a reason."


@dataclass(frozen=True, slots=True)
class LockState:
    """One table's period. `lock`: the decision by which it is locked, asked for or in the log.

    `longer`: quarters and years whose figures stay once this period is locked, or follow again once
    it is reopened. `number`: decisions on the period so far.
    """

    catalogue: Catalogue
    table: Table
    period: int
    lock: Decision | None
    longer: Sequence[int]
    number: int


def lock_state(control_url: str, city_id: int, table: str, period: int) -> LockState:
    """How the period stands by the decisions so far.

    Raises:
        LockRefusedError: the catalogue has no such table, or its periods are of another length.
    """
    with reading(control_url) as connection:
        return _state(connection, city_id, table, period)


def submit_decision(control_url: str, city_id: int, decision: Decision) -> bool:
    """Ask for a lock or a reopening; False where the period is locked, or open, already.

    Raises:
        LockRefusedError: as `lock_state` and `require_told`.
        IntentConflictError: somebody else decided about the period at this very moment.
    """
    require_told(decision)
    with engine(control_url).begin() as connection:
        state = _state(connection, city_id, decision.table, decision.period)
        if (state.lock is not None) is (decision.type == LOCK):
            return False
        period = format_period(decision.period)
        # Numbered, so that of two decisions made at once on the same state only one is taken.
        record = decision.record(f"{decision.table}:{period}:decision:{state.number + 1}")
        return intents.submit(connection, city_id, "control", record.id, encode_record(record))


def new_decision(
    type_: str, state: LockState, reason: str, by: str, document: str, clock: Clock
) -> Decision:
    """A decision made now.

    Raises:
        LockRefusedError: as `require_told`.
    """
    texts = (reason.strip(), by.strip(), document.strip())
    decision = Decision(type_, state.table.code, state.period, *texts, clock.now_ms())
    require_told(decision)
    return decision


def require_told(decision: Decision) -> None:
    """Refuse a decision of nobody, or without a reason.

    Raises:
        LockRefusedError: person or reason is missing, or a text is long or has several lines.
    """
    fault = not_one_line(
        (
            ("by", decision.by, NAME_LENGTH),
            ("reason", decision.reason, TEXT_LENGTH),
            ("document", decision.document or "—", TEXT_LENGTH),
        )
    )
    if fault:
        raise LockRefusedError(fault)


def _state(connection: Connection, city_id: int, table_code: str, period: int) -> LockState:
    cities.by_id(connection, city_id)
    catalogue = catalogue_in_force(connection, city_id)
    table = None if catalogue is None else catalogue.table.get(table_code)
    if catalogue is None or table is None:
        known = ", ".join(catalogue.table) if catalogue else "no catalogue is in force"
        raise LockRefusedError(f"the city has no table {table_code!r} ({known}).")
    if frequency_of(period) is not table.frequency:
        raise LockRefusedError(
            f"{format_period(period)} is no period of table {table_code!r},"
            f" which is filled in by the {table.frequency.value}."
        )
    decisions = [
        Decision.of(record) for record in intents.in_force(connection, city_id, *DECISIONS)
    ]
    locks = locks_in_force(decisions)
    return LockState(
        catalogue,
        table,
        period,
        locks.get((table_code, period)),
        _longer(locks, catalogue, table_code, period),
        sum((one.table, one.period) == (table_code, period) for one in decisions),
    )


def _longer(
    locks: dict[tuple[str, int], Decision], catalogue: Catalogue, table: str, period: int
) -> list[int]:
    folded = Locks()
    for code, locked in locks:
        folded.lock(code, locked, 0, catalogue)
    folded.lock(table, period, 0, catalogue)
    released = folded.reopen(table, period)
    return [lock.period for lock in released if lock.period != period and lock.own]
