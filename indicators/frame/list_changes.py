"""Changes of who is on the survey list (在库) that no decision explains.

A list decision gives its reason: in the attributes of its span, or in `list_reason` of the unit.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from indicators.frame.book import ENTERPRISE
from indicators.register import LIST_GROUPING, RegisterChange

#: What happened, as a reader is told.
ENTERED, LEFT, MOVED, TAKEN_BACK = "入库", "退库", "在库起止变更", "入库决定撤销"

Dates = tuple[str, str]
_NOWHERE: Dates = ("", "")


@dataclass(frozen=True, slots=True)
class ListChange:
    """One change without a reason, by the record of this version; dates ISO, '' open or none."""

    version: int
    unit: str
    name: str
    what: str
    was: Dates
    now: Dates


@dataclass(slots=True)
class _Unit:
    name: str
    dates: Dates
    reason: str
    active: bool


def unexplained(rows: Iterable[tuple[int, RegisterChange]]) -> Iterator[ListChange]:
    """Changes without a reason among (version, row) in the log's order.

    Told are: dates of a unit that change while its `list_reason` stays as it was or is blank; a
    listed unit that is dropped; a span put without `reason`, or ended without `end_reason`, and one
    taken back. A new unit is told if it gives no reason although the register has reasons. Dates of
    a unit that has spans say nothing.
    """
    seen = _Seen()
    for version, record in groupby(rows, key=itemgetter(0)):
        changes = [row for _, row in record if row.kind == ENTERPRISE]
        seen.by_spans |= {row.code for row in changes if row.grouping == LIST_GROUPING}
        for row in changes:
            yield from seen.take(version, row)


class _Seen:
    """Units and their spans as the register had them before a row."""

    def __init__(self) -> None:
        self.by_spans: set[str] = set()
        self._units: dict[str, _Unit] = {}
        self._spans: dict[str, dict[str, str]] = {}  # unit → first day → last day's successor
        self._reasoned = False

    def take(self, version: int, row: RegisterChange) -> Iterator[ListChange]:
        unit = self._units.get(row.code)
        name = row.name or (unit.name if unit else "")
        if row.action == "put_unit":
            yield from self._put(version, row, unit)
        elif row.action == "drop_unit" and unit is not None and unit.active:
            unit.active = False
            spans = self._spans.get(row.code, {})
            open_spans = [(first, last) for first, last in spans.items() if not last]
            was = max(open_spans, default=_NOWHERE) if spans else unit.dates
            if was != _NOWHERE and not was[1]:
                yield ListChange(version, row.code, name, LEFT, was, _NOWHERE)
        elif row.grouping == LIST_GROUPING:
            yield from self._span(version, row, name)

    def _put(self, version: int, row: RegisterChange, unit: _Unit | None) -> Iterator[ListChange]:
        told = dict(row.attributes)
        now = (told.get("listed_from", ""), told.get("listed_to", ""))
        reason = told.get("list_reason", "")
        self._reasoned = self._reasoned or bool(reason)
        if unit is None or not unit.active:
            was, unsaid = _NOWHERE, self._reasoned and not reason
        else:
            was, unsaid = unit.dates, reason in ("", unit.reason)
        if now != was and unsaid and row.code not in self.by_spans:
            yield ListChange(version, row.code, row.name, _what(was, now), was, now)
        self._units[row.code] = _Unit(row.name, now, reason, True)

    def _span(self, version: int, row: RegisterChange, name: str) -> Iterator[ListChange]:
        told, spans = dict(row.attributes), self._spans.setdefault(row.code, {})
        last = spans.pop(row.valid_from, None)
        was = _NOWHERE if last is None else (row.valid_from, last)
        if row.action == "drop_membership":
            if last is not None:
                yield ListChange(version, row.code, name, TAKEN_BACK, was, _NOWHERE)
            return
        spans[row.valid_from] = row.valid_to
        now = (row.valid_from, row.valid_to)
        if last is None and not told.get("reason"):
            yield ListChange(version, row.code, name, ENTERED, was, now)
        elif last != row.valid_to and row.valid_to and not told.get("end_reason"):
            yield ListChange(version, row.code, name, LEFT, was, now)


def _what(was: Dates, now: Dates) -> str:
    if was[0] == now[0] and not was[1]:
        return LEFT
    return ENTERED if was == _NOWHERE else MOVED
