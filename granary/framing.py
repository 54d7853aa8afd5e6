"""Deciding on a case of frame coverage (应统未统): who may decide what, through the log.

Decisions are intents of the control store; the gateway's relay puts them into the city's log. Each
is made on what somebody saw: where another decision has come since, it is refused.
"""

import hashlib
from collections.abc import Sequence

from sqlalchemy import Connection

from granary.frame_records import FRAME_DECISION, LINK_KIND, FrameDecision
from granary.one_line import NAME_LENGTH, TEXT_LENGTH, not_one_line
from granary.records import encode_record
from indicators.errors import GranaryError
from indicators.frame.states import Case, State, decided
from storage.control import cities, intents
from storage.control.errors import IntentConflictError
from storage.control.schema import engine
from storage.frame_reads import SeenCase


class FrameRefusedError(GranaryError):
    """There is no such case to decide on, or it is not said who decides."""

    code = "frame_refused"
    next_step = "Name a case of `granary frame list`, its new state, and a person."


class FrameConflictError(GranaryError):
    """Somebody else has decided on the case since it was seen."""

    code = "frame_conflict"
    next_step = "Look at the case again, then decide on what it is now."


def submit_frame_decision(
    control_url: str, city_id: int, seen: SeenCase, decision: FrameDecision
) -> str:
    """Ask for a decision on the case as it was seen; the id of the record asked for.

    Of two people who saw the same, the first is taken; the other is told what the case is now.

    Raises:
        FrameRefusedError: it is no case, or a text is missing, long, or has several lines.
        indicators.frame.states.TransitionRefusedError: the state does not lead there, or the reason
            does not go with it.
        FrameConflictError: another decision was asked for since.
    """
    require_told(decision)
    if seen.kind != "case" or seen.case != decision.case:
        raise FrameRefusedError(
            f"{decision.case!r} is no case; {seen.kind!r} rows are not decided."
        )
    _require_way(seen, decision)
    with engine(control_url).begin() as connection:
        cities.by_id(connection, city_id)
        earlier = _decisions(connection, city_id, decision.case)
        if len(earlier) != seen.decisions:
            raise _conflict(seen, earlier)
        # Numbered, so that of two decisions made at once on the same state only one is taken.
        record = decision.record(f"frame:{_short(decision.case)}:{len(earlier) + 1}")
        try:
            intents.submit(connection, city_id, "control", record.id, encode_record(record))
        except IntentConflictError:
            raise _conflict(seen, _decisions(connection, city_id, decision.case)) from None
        return record.id


def require_told(decision: FrameDecision) -> None:
    """Refuse a decision of nobody, and texts that would not stand on one line of a paper.

    Raises:
        FrameRefusedError: as said.
    """
    fault = not_one_line(
        (
            ("by", decision.by, NAME_LENGTH),
            ("owner", decision.owner or "-", NAME_LENGTH),
            ("link", decision.link_unit or "-", NAME_LENGTH),
            ("document", decision.document or "-", TEXT_LENGTH),
            ("remark", decision.remark or "-", TEXT_LENGTH),
        )
    )
    if fault:
        raise FrameRefusedError(fault)
    if decision.link_unit and decision.link_kind != LINK_KIND:
        raise FrameRefusedError(f"link: a candidate can only be a unit of kind {LINK_KIND!r}.")
    if decision.state not in set(State):
        raise FrameRefusedError(f"state: one of {', '.join(State)} is needed.")


def _require_way(seen: SeenCase, decision: FrameDecision) -> None:
    listed = seen.state == State.LISTED
    beneath = State.TO_VERIFY if listed else State(seen.state)
    decided(Case(0, state=beneath, listed_from=int(listed)), decision.verdict(), as_of=0)


def _short(case: str) -> str:
    """The case's code as part of a record's id, which the control store keeps in 255 signs."""
    if len(case) <= NAME_LENGTH:
        return case
    return hashlib.sha256(case.encode()).hexdigest()


def _decisions(connection: Connection, city_id: int, case: str) -> list[FrameDecision]:
    records = intents.in_force(connection, city_id, FRAME_DECISION)
    return [one for one in map(FrameDecision.of, records) if one.case == case]


def _conflict(seen: SeenCase, earlier: Sequence[FrameDecision]) -> FrameConflictError:
    if not earlier:
        return FrameConflictError(f"{seen.case!r} is not as it was seen.")
    last = earlier[-1]
    now = f"{last.state} {last.reason}".strip()
    return FrameConflictError(
        f"{seen.case!r} was seen as {seen.state}; {last.by} has since made it {now}.",
        state=last.state,
        reason=last.reason,
        by=last.by,
    )
