"""Where a candidate belongs: the members of each grouping, by the register, else by its feed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from indicators.arrays import Index
from indicators.catalogue import Grouping
from indicators.frame.book import CANDIDATE, ENTERPRISE
from indicators.frame.matching import Matched
from indicators.membership import Membership, by_subject, with_total
from indicators.register import Register


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """Some candidates by member of one grouping; `units` of `members` are positions among them.

    Members are followed by the total where they may overlap, as in `Grouping.subjects`.
    """

    members: Membership
    codes: Sequence[str]

    def first_member(self, size: int) -> list[str]:
        """(size,) code of the member each is in, '' for none; its first in catalogue order."""
        found = [""] * size
        subject = np.repeat(np.arange(self.members.subjects), np.diff(self.members.starts))
        pairs = zip(self.members.units.tolist(), subject.tolist(), strict=True)
        for at, number in reversed(list(pairs)):
            if number < len(self.codes):
                found[at] = self.codes[number]
        return found


def placed(
    register: Register,
    grouping: Grouping,
    seen: Matched,
    units: Index,
    chosen: Index | None,
    period: int,
) -> Placed:
    """Units, or the chosen candidates whose units they are, in the members of the grouping.

    units (n,): -1 for a candidate that is no registered unit; chosen (n,): None to ask no feed.

    A registered unit is where the register has it on the period's last day. One that the register
    has nowhere, and one it does not know, is where a feed says: the attribute that is called as
    the grouping is, of the first feed in rank that fills it in, if the grouping has such a member.
    """
    codes = [member.code for member in grouping.members]
    at, subject = _registered(register, grouping, units, period, len(codes))
    said = np.setdiff1d(np.arange(len(units)), at) if chosen is not None else at[:0]
    order = {code: number for number, code in enumerate(codes)}
    numbers = [
        order.get(first_told(_facts(register, seen, int(candidate)), grouping.code), -1)
        for candidate in (chosen[said].tolist() if chosen is not None else ())
    ]
    known = np.array(numbers, np.int32)
    at = np.concatenate([at, said[known >= 0]]).astype(np.int32)
    subject = np.concatenate([subject, known[known >= 0]]).astype(np.int32)
    members = by_subject(at, subject, len(codes))
    return Placed(members if grouping.partition else with_total(members), codes)


def first_told(facts: Sequence[Mapping[str, str]], attribute: str) -> str:
    """The attribute by the first that fills it in; '' for none."""
    for one in facts:
        text = one.get(attribute, "").strip()
        if text:
            return text
    return ""


def _facts(register: Register, seen: Matched, candidate: int) -> list[dict[str, str]]:
    """Attributes of the candidate by its feeds, first rank first."""
    rows = seen.rows[seen.starts[candidate] : seen.starts[candidate + 1]].tolist()
    return [register.attributes(CANDIDATE, row) for row in rows]


def _registered(
    register: Register, grouping: Grouping, units: Index, period: int, codes: int
) -> tuple[Index, Index]:
    """(position among the units, member) of those that the register has in a member."""
    members = register.membership(ENTERPRISE, grouping, period)
    place = np.full(register.size(ENTERPRISE), -1, np.int32)
    known = np.flatnonzero(units >= 0)
    place[units[known]] = known
    subject = np.repeat(np.arange(members.subjects), np.diff(members.starts))
    at = place[members.units]
    wanted = (at >= 0) & (subject < codes)
    return at[wanted], subject[wanted].astype(np.int32)
