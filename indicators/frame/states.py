"""States of a case of frame coverage (应统未统): what people decide, what the fold sets.

待核实 → 拟申报 → 已入库, or 不符合 with a reason. That a unit is on the list (已入库) nobody
decides here: the register says so, and while it does the state beneath is kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from indicators.errors import GranaryError


class State(StrEnum):
    """Where a case stands."""

    TO_VERIFY = "to_verify"  # 待核实
    TO_DECLARE = "to_declare"  # 拟申报: confirmed 应统未统
    LISTED = "listed"  # 已入库
    NOT_ELIGIBLE = "not_eligible"  # 不符合


BELOW: Final = "未达标"
SAME_UNIT: Final = "重复"
#: Why a unit does not belong on the list.
REASONS: Final = ("非法人", "非本行业", "异地经营", BELOW, SAME_UNIT)
#: Told of a case that was ruled out as 未达标 and whose size later is at the threshold again.
REOPENED: Final = "重新达标"

_NEXT: Final[Mapping[State, frozenset[State]]] = {
    State.TO_VERIFY: frozenset({State.TO_VERIFY, State.TO_DECLARE, State.NOT_ELIGIBLE}),
    State.TO_DECLARE: frozenset({State.TO_VERIFY, State.TO_DECLARE, State.NOT_ELIGIBLE}),
    State.NOT_ELIGIBLE: frozenset({State.TO_VERIFY, State.NOT_ELIGIBLE}),
    State.LISTED: frozenset(),
}


class TransitionRefusedError(GranaryError):
    """A case cannot be decided so from where it stands."""

    code = "frame_transition"
    next_step = "Decide from the state that is shown; what is ruled out is first taken up again."


@dataclass(frozen=True, slots=True)
class Case:
    """One case. `opened_ms`: known time of the record that opened it (again), UTC ms.

    `judged_on`: period of the candidate that the last decision was made on. `listed_from`: first
    day, as an ordinal, of the span by which the unit is on the list; 0 while it is not.
    """

    opened_ms: int
    state: State = State.TO_VERIFY
    reason: str = ""
    by: str = ""
    document: str = ""
    remark: str = ""
    owner: str = ""
    link: str = ""  # code of the registered unit that the candidate is
    decided_ms: int = 0
    judged_on: int = 0
    listed_from: int = 0

    @property
    def shown(self) -> State:
        """The state a reader sees: the list outranks what was decided beneath."""
        return State.LISTED if self.listed_from else self.state


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a person decides of a case."""

    state: State
    reason: str
    by: str
    document: str
    remark: str
    owner: str
    link: str
    decided_ms: int


@dataclass(frozen=True, slots=True)
class Sight:
    """What feeds and register show of one candidate.

    present: some feed names it. qualifies: its size is at its sector's threshold or above, and it
    is not on the list. listed_from: first day of the span by which it is on the list, 0 for none.
    span_stands: whether the register still has the span that began on the case's `listed_from`.
    """

    present: bool
    qualifies: bool = False
    as_of: int = 0
    listed_from: int = 0
    span_stands: bool = False


def decided(case: Case, verdict: Verdict, as_of: int) -> Case:
    """The case after a decision made on the candidate's facts of the period `as_of`.

    Deciding the same state again names another owner or gives a remark.

    Raises:
        TransitionRefusedError: the state does not lead there, or the reason does not go with it.
    """
    if verdict.state not in _NEXT[case.shown]:
        raise TransitionRefusedError(
            f"a case that is {case.shown.value} cannot become {verdict.state.value}."
        )
    require_reason(verdict)
    return replace(
        case,
        state=verdict.state,
        reason=verdict.reason,
        by=verdict.by,
        document=verdict.document,
        remark=verdict.remark,
        owner=verdict.owner or case.owner,
        link=verdict.link,
        decided_ms=verdict.decided_ms,
        judged_on=as_of,
    )


def require_reason(verdict: Verdict) -> None:
    """Refuse a reason that does not go with the state.

    Raises:
        TransitionRefusedError: not_eligible without one of `REASONS`, another state with a reason,
            or a registered unit named for anything but 重复.
    """
    if verdict.state is State.NOT_ELIGIBLE and verdict.reason not in REASONS:
        raise TransitionRefusedError(f"not_eligible needs a reason: one of {', '.join(REASONS)}.")
    if verdict.state is not State.NOT_ELIGIBLE and verdict.reason:
        raise TransitionRefusedError(f"only not_eligible has a reason, not {verdict.state.value}.")
    if verdict.link and verdict.reason != SAME_UNIT:
        raise TransitionRefusedError(f"a registered unit is named only with reason {SAME_UNIT}.")


def followed(case: Case | None, sight: Sight, known_ms: int) -> Case | None:
    """The case after feeds or register changed; None where there is none, or none any more.

    Opened by a candidate that qualifies; closed when an undecided one no longer does. On the list:
    已入库. Off it again: back to what was decided if the list decision was withdrawn, anew if the
    unit left the list. Ruled out as 未达标 and at the threshold at a later period: taken up again.
    The same sight twice changes nothing.
    """
    if case is None:
        return Case(known_ms) if sight.qualifies else None
    if not sight.present:
        return case if case.listed_from or case.decided_ms else None
    if sight.listed_from:
        if sight.listed_from == case.listed_from:
            return case
        return replace(case, listed_from=sight.listed_from)
    if case.listed_from:
        if sight.span_stands:
            return Case(known_ms) if sight.qualifies else None
        case = replace(case, listed_from=0)
    if case.state is State.TO_VERIFY and not sight.qualifies:
        return None
    if _met_again(case, sight):
        return replace(case, state=State.TO_VERIFY, reason=REOPENED, opened_ms=known_ms)
    return case


def _met_again(case: Case, sight: Sight) -> bool:
    ruled_out = case.state is State.NOT_ELIGIBLE and case.reason == BELOW
    return ruled_out and sight.qualifies and sight.as_of > case.judged_on
