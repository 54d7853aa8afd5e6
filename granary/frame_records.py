"""Decisions on cases of frame coverage (应统未统), as control records of the log.

A leaf, as `granary.records` is.
"""

from dataclasses import asdict, dataclass
from typing import Final

from granary.records import Record
from granary.wire import UnreadableMessageError
from indicators.frame.states import State, Verdict

#: Type of the control records that are such decisions.
FRAME_DECISION: Final = "frame_decision"
#: Kind of the registered units that a candidate may be.
LINK_KIND: Final = "enterprise"


@dataclass(frozen=True, slots=True)
class FrameDecision:
    """What a case becomes, why, by whom, on which document, and when (UTC ms); '' for nothing.

    link_kind, link_unit: the registered unit that the candidate is (重复). owner: who follows the
    case from now on; '' leaves it.
    """

    case: str
    state: str
    reason: str
    by: str
    document: str = ""
    remark: str = ""
    owner: str = ""
    link_kind: str = ""
    link_unit: str = ""
    decided_ms: int = 0

    def record(self, record_id: str) -> Record:
        return Record(record_id, FRAME_DECISION, asdict(self))

    def verdict(self) -> Verdict:
        """The decision as the core takes it.

        Raises:
            ValueError: there is no such state.
        """
        return Verdict(
            state=State(self.state),
            reason=self.reason,
            by=self.by,
            document=self.document,
            remark=self.remark,
            owner=self.owner,
            link=self.link_unit,
            decided_ms=self.decided_ms,
        )

    @classmethod
    def of(cls, record: Record) -> "FrameDecision":
        """Raises UnreadableMessageError when the record is no such decision, or lacks something."""
        body = record.body
        try:
            if record.type != FRAME_DECISION:
                raise ValueError(f"{record.type!r} is not {FRAME_DECISION!r}")
            texts = {name: str(body[name]) for name in ("case", "state", "reason", "by")}
            others = ("document", "remark", "owner", "link_kind", "link_unit")
            return cls(
                **texts,
                **{name: str(body.get(name) or "") for name in others},
                decided_ms=int(body.get("decided_ms", 0)),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise UnreadableMessageError(f"record {record.id}: {error!r}") from error
