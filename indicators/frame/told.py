"""Cases of frame coverage as a reader is told them: who, how large, by whom, where it stands."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from indicators.arrays import Index
from indicators.catalogue import Catalogue
from indicators.frame.book import CANDIDATE, ENTERPRISE, UNKNOWN, FrameBook
from indicators.frame.matching import Matched, known_units
from indicators.frame.models import Frame
from indicators.frame.placing import first_told, placed
from indicators.frame.states import Case, State
from indicators.frame.words import CASE, NEAR, OVER, UNPLACED
from indicators.periods import period_end
from indicators.register import Register

DISTRICT = "district"
#: Begins the code of an over-covered unit's row; no code of a catalogue or register holds ':'.
OVER_PREFIX = "over:"

_EPOCH = date(1970, 1, 1)


class CaseRow(NamedTuple):
    """One row of the work list; sizes in 10^-4 of 万元, -1 unknown; periods as ids, 0 for none.

    due: days since 1970 in city time, 0 for none; opened_ms and decided_ms UTC ms, 0 for none.
    """

    case: str
    kind: str
    name: str
    credit_code: str
    address: str
    district: str
    sector: str
    class_code: str
    feed: str
    feeds: str
    size: int
    threshold: int
    as_of: int
    state: str
    reason: str
    list_month: int
    owner: str
    due: int
    opened_ms: int
    decided_ms: int
    decided_by: str
    document: str
    remark: str
    linked_unit: str


_NOBODY = Case(0)


def case_rows(
    catalogue: Catalogue,
    frame: Frame,
    book: FrameBook,
    register: Register,
    seen: Matched,
    cases: Mapping[int, Case],
) -> Iterator[CaseRow]:
    """Rows of every case whose candidate is named by a feed, of 准规上, of 行业待定, and of units
    over-covered.

    `cases`: by key of the candidate. Each fact is that of the first feed in rank that tells it.
    """
    keys = seen.key.tolist()
    is_case = np.array([key in cases for key in keys], bool)
    chosen = np.flatnonzero(is_case | seen.near | seen.unplaced).astype(np.int32)
    districts = _districts(catalogue, register, seen, seen.unit[chosen], chosen)
    due = _DueDates(catalogue, frame)
    texts, names = book.texts.texts, register.names(CANDIDATE)
    for place, at in enumerate(chosen.tolist()):
        case = cases.get(keys[at])
        shown = case or _NOBODY
        rows = seen.rows[seen.starts[at] : seen.starts[at + 1]].tolist()
        facts = [register.attributes(CANDIDATE, row) for row in rows]
        district = districts[place] or first_told(facts, DISTRICT)
        yield CaseRow(
            case=book.case_code(keys[at]),
            kind=CASE if case else NEAR if seen.near[at] else UNPLACED,
            name=next((names[row] for row in rows if names[row]), ""),
            credit_code=book.credit_code(keys[at]),
            address=first_told(facts, "address"),
            district=district,
            sector=texts[seen.sector[at]],
            class_code=first_told(facts, "class_code"),
            feed=texts[book.feed[int(seen.row[at])]],
            feeds=",".join(dict.fromkeys(texts[book.feed[row]] for row in rows)),
            size=int(seen.size[at]),
            threshold=int(seen.threshold[at]),
            as_of=int(seen.as_of[at]),
            state=shown.shown.value if case else "",
            reason="" if shown.shown is State.LISTED else shown.reason,
            list_month=_month(shown.listed_from),
            owner=(shown.owner or district) if case else "",
            due=due.of(shown.opened_ms) if case else 0,
            opened_ms=shown.opened_ms,
            decided_ms=shown.decided_ms,
            decided_by=shown.by,
            document=shown.document,
            remark=shown.remark,
            linked_unit=shown.link,
        )
    yield from _over(catalogue, frame, book, register, seen)


def _over(
    catalogue: Catalogue, frame: Frame, book: FrameBook, register: Register, seen: Matched
) -> Iterator[CaseRow]:
    """Units on the list that no feed names at its newest period, where one names everybody."""
    known, newest = known_units(book, register, frame, seen)
    if not newest:
        return
    on_list = seen.listing.on_list(period_end(newest).toordinal())
    units = np.flatnonzero(on_list & ~known).astype(np.int32)
    districts = _districts(catalogue, register, seen, units, None)
    amounts = {one.sector: one.amount for one in frame.thresholds}
    codes, names = register.codes(ENTERPRISE), register.names(ENTERPRISE)
    for district, unit in zip(districts, units.tolist(), strict=True):
        facts = register.attributes(ENTERPRISE, unit)
        key = book.unit_key[unit] if unit < len(book.unit_key) else -1
        yield CaseRow(
            case=OVER_PREFIX + codes[unit],
            kind=OVER,
            name=names[unit],
            credit_code=book.credit_code(key) if key >= 0 else "",
            address=facts.get("address", ""),
            district=district,
            sector=facts.get("sector", ""),
            class_code=facts.get("class_code", ""),
            feed="",
            feeds="",
            size=UNKNOWN,
            threshold=amounts.get(facts.get("sector", ""), 0),
            as_of=newest,
            state=State.TO_VERIFY.value,
            reason="",
            list_month=0,
            owner=district,
            due=0,
            opened_ms=0,
            decided_ms=0,
            decided_by="",
            document="",
            remark="",
            linked_unit="",
        )


def _districts(
    catalogue: Catalogue, register: Register, seen: Matched, units: Index, chosen: Index | None
) -> list[str]:
    """District of each unit, or of each chosen candidate, at the newest period; '' for none."""
    grouping = catalogue.grouping.get(DISTRICT)
    if grouping is None or ENTERPRISE not in grouping.unit_kinds or not len(units):
        return [""] * len(units)
    found = placed(register, grouping, seen, units, chosen, seen.newest)
    return found.first_member(len(units))


def _month(day: int) -> int:
    """Period of the month that the ordinal lies in; 0 where the day is none or open."""
    if day <= 1:
        return 0
    found = date.fromordinal(day)
    return found.year * 100 + found.month


class _DueDates:
    """Due dates of cases, counted from the day in city time on which they were opened."""

    def __init__(self, catalogue: Catalogue, frame: Frame) -> None:
        self._zone = ZoneInfo(catalogue.city.time_zone)
        self._days = timedelta(days=frame.due_days)
        self._known: dict[int, int] = {}

    def of(self, opened_ms: int) -> int:
        """Days since 1970."""
        found = self._known.get(opened_ms)
        if found is None:
            opened = datetime.fromtimestamp(opened_ms / 1000, self._zone).date()
            found = self._known[opened_ms] = (opened + self._days - _EPOCH).days
        return found
