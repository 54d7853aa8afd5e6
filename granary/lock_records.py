"""Decisions to lock a table's period or to reopen it (锁定, 解锁), as control records of the log.

A leaf, as `granary.records` is.
"""

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from typing import Final

from granary.records import Record
from granary.wire import UnreadableMessageError

LOCK: Final = "lock"
REOPEN: Final = "reopen"
#: Types of the control records that are decisions.
DECISIONS: Final[Collection[str]] = (LOCK, REOPEN)


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided, why, by whom, on which document ('' for none), and when (UTC ms)."""

    type: str
    table: str
    period: int
    reason: str
    by: str
    document: str
    decided_ms: int

    def record(self, record_id: str) -> Record:
        body = asdict(self)
        return Record(record_id, body.pop("type"), body)

    @classmethod
    def of(cls, record: Record) -> "Decision":
        """Raises UnreadableMessageError when the record is no decision, or lacks something."""
        body = record.body
        try:
            if record.type not in DECISIONS:
                raise ValueError(f"{record.type!r} is neither of {DECISIONS}")
            return cls(
                type=record.type,
                table=str(body["table"]),
                period=int(body["period"]),
                reason=str(body["reason"]),
                by=str(body["by"]),
                document=str(body.get("document", "")),
                decided_ms=int(body.get("decided_ms", 0)),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise UnreadableMessageError(f"record {record.id}: {error!r}") from error


def locks_in_force(decisions: Iterable[Decision]) -> dict[tuple[str, int], Decision]:
    """(table, period) → the lock in force, after the decisions in their order; the first holds."""
    locks: dict[tuple[str, int], Decision] = {}
    for decision in decisions:
        key = (decision.table, decision.period)
        if decision.type == LOCK:
            locks.setdefault(key, decision)
        else:
            locks.pop(key, None)
    return locks
