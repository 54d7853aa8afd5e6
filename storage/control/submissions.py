"""Submissions (报送), their idempotency keys, and the head of each reporter, table and period.

A submission is registered in one transaction with its key and receipt, is `receiving` until the log
has all of it, and then `accepted` or `refused` for good. The head of a period is the submission
accepted last.
"""

from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import Connection, Row, delete, insert, select, update

from storage.control.schema import head, hold, idempotency, submission

Status = Literal["receiving", "accepted", "refused"]
Lane = tuple[int, str, str]  # city, reporter, table
#: Periods handled in one statement; far below SQLite's limit of variables.
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Submission:
    """One registered submission. `receipt` is what its sender is told once it is finished."""

    id: str
    city: int
    reporter: str
    table: str
    body_sha256: str
    period_asked: str
    spool: str
    judged_at: int
    content_hash: str
    periods: tuple[int, ...]  # with accepted cells
    declared: int
    accepted: int
    rejected: int
    chunks: int
    status: Status
    owner: str
    receipt: dict[str, Any]
    arrived_ms: int

    @property
    def lane(self) -> Lane:
        """Within a lane submissions go to the log one after the other."""
        return self.city, self.reporter, self.table


@dataclass(frozen=True, slots=True)
class KeyUse:
    """What an idempotency key was used for; `repeated`: answered by another submission."""

    body_sha256: str
    submission: str
    repeated: bool


def register(connection: Connection, new: Submission, key: str, now_ms: int) -> None:
    """Write the submission and, unless '', its key.

    Raises:
        sqlalchemy.exc.IntegrityError: the id or key is taken; nothing is written then.
    """
    connection.execute(
        insert(submission).values(
            id=new.id,
            city=new.city,
            reporter=new.reporter,
            table_code=new.table,
            body_sha256=new.body_sha256,
            period_asked=new.period_asked,
            spool=new.spool,
            judged_at=new.judged_at,
            content_hash=new.content_hash,
            periods=list(new.periods),
            declared=new.declared,
            accepted=new.accepted,
            rejected=new.rejected,
            chunks=new.chunks,
            status=new.status,
            owner=new.owner,
            receipt=new.receipt,
            arrived_ms=new.arrived_ms,
        )
    )
    if key:
        use_key(connection, new, key, new.body_sha256, repeated=False, now_ms=now_ms)


def lock_lane(connection: Connection, lane: Lane) -> None:
    """Keep other gateways from registering in the lane until this transaction ends."""
    city, reporter, table = lane
    hold(connection, f"lane:{city}:{reporter}:{table}")


def use_key(
    connection: Connection,
    of: Submission,
    key: str,
    body_sha256: str,
    *,
    repeated: bool,
    now_ms: int,
) -> None:
    """Bind a key to a body and the submission that answers it."""
    connection.execute(
        insert(idempotency).values(
            city=of.city,
            reporter=of.reporter,
            key=key,
            body_sha256=body_sha256,
            submission=of.id,
            repeated=int(repeated),
            created_ms=now_ms,
        )
    )


def key_use(connection: Connection, city: int, reporter: str, key: str) -> KeyUse | None:
    """What the reporter used the key for."""
    row = connection.execute(
        select(idempotency).where(
            idempotency.c.city == city,
            idempotency.c.reporter == reporter,
            idempotency.c.key == key,
        )
    ).first()
    return None if row is None else KeyUse(row.body_sha256, row.submission, bool(row.repeated))


def find(connection: Connection, submission_id: str) -> Submission | None:
    """The submission of that id."""
    row = connection.execute(select(submission).where(submission.c.id == submission_id)).first()
    return None if row is None else _submission(row)


def repeated_by(connection: Connection, like: Submission) -> Submission | None:
    """The earlier submission that `like` repeats.

    It is the head of all of its periods, has the same accepted content, and declared as much, so
    that its receipt is true of the repetition as well.
    """
    heads: set[str] = set()
    found = 0
    for start in range(0, len(like.periods), _AT_ONCE):
        rows = connection.scalars(
            select(head.c.submission).where(
                *_lane(head, like), head.c.period.in_(like.periods[start : start + _AT_ONCE])
            )
        ).all()
        found += len(rows)
        heads.update(rows)
    if found < len(like.periods) or len(heads) != 1:
        return None
    earlier = find(connection, heads.pop())
    if earlier is None or earlier.content_hash != like.content_hash:
        return None
    return earlier if earlier.declared == like.declared else None


def receiving(connection: Connection, lane: Lane | None = None) -> list[Submission]:
    """Submissions the log may not have whole, in order of registration; of one lane if given."""
    wanted = select(submission).where(submission.c.status == "receiving")
    if lane is not None:
        city, reporter, table = lane
        wanted = wanted.where(
            submission.c.city == city,
            submission.c.reporter == reporter,
            submission.c.table_code == table,
        )
    return [_submission(row) for row in connection.execute(wanted.order_by(submission.c.sequence))]


def finish(connection: Connection, of: Submission, now_ms: int) -> None:
    """The log has all of it: give it its final status, and make it the head of its periods."""
    changed = connection.execute(
        update(submission)
        .where(submission.c.id == of.id, submission.c.status == "receiving")
        .values(status="accepted" if of.accepted else "refused", finished_ms=now_ms)
    )
    if not changed.rowcount:
        return  # somebody else finished it, and perhaps a later one since
    for start in range(0, len(of.periods), _AT_ONCE):
        part = of.periods[start : start + _AT_ONCE]
        connection.execute(delete(head).where(*_lane(head, of), head.c.period.in_(part)))
        connection.execute(
            insert(head),
            [
                {
                    "city": of.city,
                    "reporter": of.reporter,
                    "table_code": of.table,
                    "period": period,
                    "submission": of.id,
                }
                for period in part
            ],
        )


def replace_outcome(connection: Connection, by: Submission) -> None:
    """Give a submission that is still receiving another outcome than it was registered with."""
    connection.execute(
        update(submission)
        .where(submission.c.id == by.id, submission.c.status == "receiving")
        .values(
            spool=by.spool,
            content_hash=by.content_hash,
            periods=list(by.periods),
            accepted=by.accepted,
            rejected=by.rejected,
            chunks=by.chunks,
            receipt=by.receipt,
        )
    )


def _lane(table: Any, of: Submission) -> tuple[Any, ...]:
    return (
        table.c.city == of.city,
        table.c.reporter == of.reporter,
        table.c.table_code == of.table,
    )


def _submission(row: Row[Any]) -> Submission:
    return Submission(
        id=row.id,
        city=row.city,
        reporter=row.reporter,
        table=row.table_code,
        body_sha256=row.body_sha256,
        period_asked=row.period_asked,
        spool=row.spool,
        judged_at=row.judged_at,
        content_hash=row.content_hash,
        periods=tuple(row.periods),
        declared=row.declared,
        accepted=row.accepted,
        rejected=row.rejected,
        chunks=row.chunks,
        status=row.status,
        owner=row.owner,
        receipt=row.receipt,
        arrived_ms=row.arrived_ms,
    )
