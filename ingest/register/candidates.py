"""Rows of candidate feeds (应统未统线索): units that might have to be on the survey list."""

import unicodedata
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Final, Protocol

from catalog.changes import RegisterRow, RegisterState
from catalog.credit_code import is_credit_code_shaped, wrong_check_digit
from catalog.register_reading import CODE
from indicators.catalogue import Catalogue
from indicators.correspondence import CANDIDATE
from indicators.errors import PeriodError
from indicators.frame.book import UNKNOWN, amount, plain_code
from indicators.periods import format_period, parse_period, period_end
from indicators.register_tables import RegisterTable
from ingest.findings import Findings
from ingest.register.proposals import Proposed
from ingest.register.reading import Row

_DISTRICT: Final = "district"
_NO_ATTRIBUTES: Final = frozenset({"name"})
#: Without these nobody can say whether a unit belongs on the list; their Chinese headers.
_JUDGED_BY: Final = {"sector": "行业门类", "size": "近12个月销售额"}


class Refuse(Protocol):
    """Tells a fault of the row; the facts are what the rule's words quote."""

    def __call__(self, rule: str, column: str, **facts: object) -> None: ...


def form_candidate(
    row: Row,
    table: RegisterTable,
    catalogue: Catalogue,
    state: RegisterState,
    month: int,
    findings: Findings,
) -> Proposed | None:
    """The candidate the row tells of; None, with findings, where it tells none.

    A blank erases nothing that an earlier file told. A row older than what is known is refused.
    `month`: period id of the month of arrival.
    """
    cells = dict(row.cells)
    for column in ("key", "size", "as_of", "class_code"):
        cells[column] = unicodedata.normalize("NFKC", row[column]).strip()
    cells["size"] = cells["size"].replace(",", "")
    cells["credit_code"] = plain_code(row["credit_code"])
    before = len(findings.listed) + findings.unlisted

    def refuse(rule: str, column: str, **facts: object) -> None:
        first = len(findings.listed) + findings.unlisted == before
        findings.add(rule, row=row.number, column=column, cells=int(first), facts=facts)

    key, code = cells["key"], f"{table.feed}.{cells['key']}"
    if not key:
        refuse("no_key", "key")
    elif not CODE.fullmatch(code):
        refuse("bad_candidate_key", "key", text=key)
    _check_credit_code(cells["credit_code"], refuse)
    if cells["size"] and amount(cells["size"]) == UNKNOWN:
        refuse("not_a_size", "size", text=row["size"])
    known = state.units.get((CANDIDATE, code))
    attributes = dict(known[1]) if known else {}
    _check_as_of(cells, attributes.get("as_of", ""), month, refuse)
    _check_district(cells, catalogue, refuse)
    name = cells["name"] or (known[0] if known else "")
    if not name:
        refuse("no_name", "name")
    if len(findings.listed) + findings.unlisted > before:
        return None
    attributes |= {
        column: text for column, text in cells.items() if text and column not in _NO_ATTRIBUTES
    }
    attributes["feed"] = str(table.feed)
    _tell_blanks(row, attributes, findings)
    unit = (CANDIDATE, code)
    kept = tuple(sorted(attributes.items()))
    change = RegisterRow("put_unit", *unit, name, attributes=kept)
    return Proposed(row.number, unit, unit, unit, [change], "key")


def _tell_blanks(row: Row, attributes: Mapping[str, str], findings: Findings) -> None:
    """Say what cannot be done with a row that enters all the same."""
    blank = [column for column in _JUDGED_BY if not attributes.get(column)]
    if blank:
        facts = {
            "columns_zh": "、".join(_JUDGED_BY[column] for column in blank),
            "columns_en": ", ".join(blank),
        }
        findings.add("unplaced", row=row.number, column=blank[0], cells=0, facts=facts)
    if not attributes.get(_DISTRICT):
        findings.add("no_district", row=row.number, column=_DISTRICT, cells=0)


def _check_credit_code(code: str, refuse: Refuse) -> None:
    """Blank or a credit code: frame coverage takes equal ones (无, 不详) for one unit."""
    hint = {"hint_zh": "", "hint_en": ""}
    if not code:
        return
    if is_credit_code_shaped(code):
        right = wrong_check_digit(code)
        if right is None:
            return
        hint = {"hint_zh": f",校验位应为{right}", "hint_en": f": its check digit would be {right}"}
    refuse("credit_code", "credit_code", text=code, **hint)


def _check_as_of(cells: dict[str, str], known: str, month: int, refuse: Refuse) -> None:
    text = cells["as_of"]
    found = _period_of(text)
    if found is None:
        refuse("not_a_period", "as_of", text=text)
        return
    cells["as_of"], last_day = found
    before = _period_of(known) if known else None
    if last_day > period_end(month):
        refuse("future_period", "as_of", text=text)
    elif before is not None and last_day < before[1]:
        refuse("older_row", "as_of", text=text, known=known)


@lru_cache(maxsize=1024)  # a file of a hundred thousand rows is of a period or two
def _period_of(text: str) -> tuple[str, date] | None:
    """(SDMX text, last day) of a period, which may be written 2026年6月; None where it is none."""
    try:
        period = parse_period(text)
    except PeriodError:
        return None
    return format_period(period), period_end(period)


def _check_district(cells: dict[str, str], catalogue: Catalogue, refuse: Refuse) -> None:
    """A district may be written by its code or its Chinese name."""
    grouping, text = catalogue.grouping.get(_DISTRICT), cells.get("district", "")
    if not text or grouping is None:
        return
    for member in grouping.members:
        if text in (member.code, member.name.zh):
            cells["district"] = member.code
            return
    refuse("unknown_member", "district", text=text)
