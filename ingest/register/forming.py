"""What each row of a submitted register file asks for, as changes of the register."""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from catalog.changes import RegisterRow, RegisterState
from catalog.register_reading import CODE
from indicators.catalogue import Catalogue
from indicators.register import KEY_PREFIX, LIST_GROUPING, LIST_MEMBER
from indicators.register_tables import Held, RegisterTable
from ingest.findings import Findings
from ingest.register.candidates import form_candidate
from ingest.register.proposals import Proposed
from ingest.register.reading import ACTION, ACTION_REASON, Row

_DROP: Final = frozenset({"drop", "撤销"})
_TOLD: Final = ("reason", "document", "end_reason", "end_document")
_LIST_DATES: Final = frozenset({"listed_from", "listed_to", "list_reason"})
#: A unit that leaves the list by then, having no first day on it, never was on it.
_NEVER: Final = "1970-01-01"
#: Columns that say what a unit is, not what it is like.
_NO_ATTRIBUTES: Final = frozenset({"kind", "code", "name", ACTION, ACTION_REASON})
_CODES: Final = frozenset(
    {"code", "unit_code", "credit_code", "key", "member", "grouping", "part_of"}
)


@dataclass(frozen=True, slots=True)
class Forming:
    """What rows are formed by: the table, the catalogue, the register, the month of arrival."""

    table: RegisterTable
    catalogue: Catalogue
    state: RegisterState
    month: int
    findings: Findings

    def refuse(self, row: Row, rule: str, column: str = "", **facts: object) -> None:
        self.findings.add(rule, row=row.number, column=column, facts=facts)


def form(row: Row, by: Forming) -> Proposed | None:
    """The row's changes; None, with findings, where it is none."""
    if by.table.holds == "candidates":
        return form_candidate(row, by.table, by.catalogue, by.state, by.month, by.findings)
    plain = {
        column: unicodedata.normalize("NFKC", text).strip() if column in _CODES else text
        for column, text in row.cells.items()
    }
    row = Row(row.number, plain)
    action = row[ACTION]
    if action and action not in _DROP:
        by.refuse(row, "unknown_action", ACTION, text=action)
        return None
    reason = row[ACTION_REASON] or (row["reason"] if by.table.holds == "list_decisions" else "")
    if action and not reason:
        by.refuse(row, "no_action_reason", ACTION_REASON)
        return None
    kind_column = "kind" if by.table.holds == "units" else "unit_kind"
    for column, wanted in ((kind_column, by.table.unit_kind), ("scheme", by.table.scheme)):
        if row[column] and row[column] != wanted:
            by.refuse(row, "other_kind", column, wanted=wanted or "", text=row[column])
            return None
    return _FORMS[by.table.holds](row, by, reason if action else "")


def _unit(row: Row, by: Forming, why: str) -> Proposed | None:
    unit = (by.table.unit_kind, row["code"])
    known = by.state.units.get(unit)
    changes: list[RegisterRow]
    if why:
        if known is None:
            by.refuse(row, "nothing_to_withdraw", "code")
            return None
        spans = by.state.spans.get(unit, {})
        changes = [RegisterRow("drop_membership", *unit, "", *span) for span in spans]
        changes.append(RegisterRow("drop_unit", *unit))
    else:
        name = row["name"] or (known[0] if known else "")
        if not name:
            by.refuse(row, "no_name", "name")
            return None
        attributes = dict(known[1]) if known else {}
        attributes |= {
            column: text
            for column, text in row.cells.items()
            if text and column not in _NO_ATTRIBUTES
        }
        kept = tuple(sorted(attributes.items()))
        changes = [RegisterRow("put_unit", *unit, name, attributes=kept)]
    return Proposed(row.number, unit, unit, unit, changes, "code", why)


def _membership(row: Row, by: Forming, why: str) -> Proposed | None:
    span = (row["grouping"], row["member"], row["valid_from"])
    return _of_span(row, by, why, span, (row["unit_code"], row["grouping"]), {})


def _list_decision(row: Row, by: Forming, why: str) -> Proposed | None:
    span = (LIST_GROUPING, LIST_MEMBER, row["valid_from"])
    told = {column: row[column] for column in _TOLD if row[column]}
    asked = _of_span(row, by, why, span, (row["unit_code"],), told)
    if asked is None or why:
        return asked
    return _decided_from_now_on(asked, row, by)


def _decided_from_now_on(asked: Proposed, row: Row, by: Forming) -> Proposed:
    """The first decision on a unit replaces its dates on the list: they become a stay of their own.

    A stay that the row itself tells is not told twice; one that ended before it could begin is how
    units.csv says that a unit never was on the list.
    """
    name, attributes = by.state.units[asked.unit]
    dates = {column: text for column, text in attributes if column in _LIST_DATES}
    listed = (dates.get("listed_from", ""), dates.get("listed_to", ""))
    if not any(listed):
        return asked
    kept = tuple((column, text) for column, text in attributes if column not in _LIST_DATES)
    changes = [*asked.changes, RegisterRow("put_unit", *asked.unit, name, attributes=kept)]
    entered = (("reason", dates["list_reason"]),) if dates.get("list_reason") else ()
    if listed[0] == row["valid_from"]:
        told = tuple(sorted({**dict(entered), **dict(changes[0].attributes)}.items()))
        changes[0] = replace(changes[0], attributes=told)
    elif listed[0] or listed[1] > _NEVER:
        span = (LIST_GROUPING, LIST_MEMBER, listed[0])
        changes.append(RegisterRow("put_membership", *asked.unit, "", *span, listed[1], entered))
    return replace(asked, changes=changes)


def _correspondence(row: Row, by: Forming, why: str) -> Proposed | None:
    if not CODE.fullmatch(row["key"]):
        by.refuse(row, "bad_key", "key", text=row["key"])
        return None
    span = (f"{KEY_PREFIX}{by.table.scheme}", row["key"], row["valid_from"])
    return _of_span(row, by, why, span, (row["key"],), {})


def _of_span(
    row: Row,
    by: Forming,
    why: str,
    span: tuple[str, str, str],
    together: tuple[str, ...],
    told: Mapping[str, str],
) -> Proposed | None:
    unit = (by.table.unit_kind, row["unit_code"])
    if unit not in by.state.units:
        by.refuse(row, "unknown_unit", "unit_code", text=unit[1], hint_zh="", hint_en="")
        return None
    known = by.state.spans.get(unit, {}).get(span)
    if why:
        if known is None:
            by.refuse(row, "nothing_to_withdraw", "unit_code")
            return None
        change = RegisterRow("drop_membership", *unit, "", *span)
    else:
        attributes = (dict(known[1]) if known else {}) | dict(told)
        if not row["valid_to"]:  # open: an end that is told belongs to a span that has one
            attributes = {
                column: text
                for column, text in attributes.items()
                if column in told or not column.startswith("end_")
            }
        kept = tuple(sorted(attributes.items()))
        change = RegisterRow("put_membership", *unit, "", *span, row["valid_to"], kept)
    identity = (*unit, *span)
    return Proposed(row.number, unit, identity, together, [change], "unit_code", why)


_FORMS: Final[Mapping[Held, Callable[[Row, Forming, str], Proposed | None]]] = {
    "units": _unit,
    "memberships": _membership,
    "list_decisions": _list_decision,
    "correspondences": _correspondence,
}
