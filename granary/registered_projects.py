"""Registered projects as applications: what departments reported of them, as it now stands.

Only tables that the access policy names are read, and those are administrative: the loader refuses
others. A value is the latest that is reported; an estimate is none.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from catalog.errors import ApplicationError, Fault
from granary.application_rows import Row
from granary.keys import unit_id
from indicators.access.headings import plain
from indicators.access.models import Access, Named
from indicators.catalogue import Catalogue

_FILE: Final = "register"
_ATTRIBUTES: Final = ("class_code", "class_edition")

QUERY: Final = """
SELECT source, item, period, value, period_end FROM v_observation
WHERE city = %(city)s AND unit_id = %(unit)s AND status = 'reported'
ORDER BY period_end, length(period)
"""


@dataclass(frozen=True, slots=True)
class Registered:
    """A project as a row of an application, and where its values come from."""

    row: Row
    notes: tuple[str, ...]


def registered(
    catalogue: Catalogue,
    policy: Access,
    code: str,
    changes: Iterable[Any],
    observations: Sequence[dict[str, Any]],
    day: date,
) -> Registered:
    """The project as its register entry and its observations say, on `day`.

    changes: rows of the register in log order. observations: rows of `QUERY`, oldest first.

    Raises:
        ApplicationError: no such unit, or it was dropped.
    """
    name, attributes, zones = _entry(policy, code, changes, day)
    cells = {"project": code, "name": name}
    cells |= {field: attributes[field] for field in _ATTRIBUTES if attributes.get(field)}
    if _is_named(policy.sectors, attributes.get("sector", "")):
        cells["sector"] = attributes["sector"]  # the register's own sectors may be other ones
    if len(zones) == 1:
        cells["zone"] = zones[0]
    latest = {(row["source"], row["item"]): row for row in observations}
    notes = []
    for one in policy.inputs:
        if one.table is None or one.item is None:
            continue
        found = latest.get((catalogue.table[one.table].source, one.item))
        if found is not None:
            column = f"{one.code}({catalogue.item[one.item].unit})"
            cells[column] = f"{Decimal(found['value']).normalize():f}"
            notes.append(f"{code} {one.name.zh}:报表{one.table},{found['period']}")
    return Registered(Row(_FILE, 0, cells, prefix=f"{policy.unit_kind}:{code} "), tuple(notes))


def _entry(
    policy: Access, code: str, changes: Iterable[Any], day: date
) -> tuple[str, dict[str, str], list[str]]:
    """(name, attributes, zones on that day) of the unit."""
    name: str | None = None
    attributes: dict[str, str] = {}
    spans: dict[tuple[str, str], str] = {}
    for row in changes:
        if (row.kind, row.code) != (policy.unit_kind, code):
            continue
        if row.action == "put_unit":
            name, attributes = row.name, dict(row.attributes)
        elif row.action == "drop_unit":
            name = None
        elif row.grouping == policy.zone_grouping and row.action == "put_membership":
            spans[row.member, row.valid_from] = row.valid_to
        elif row.grouping == policy.zone_grouping:
            spans.pop((row.member, row.valid_from), None)
    if name is None:
        en, zh = f"no {policy.unit_kind} {code!r} is registered", f"名录中没有项目{code!r}"
        raise ApplicationError("the project cannot be read:", [Fault(_FILE, 0, "", en, zh)])
    today = day.isoformat()
    zones = [
        member
        for (member, valid_from), valid_to in spans.items()
        if valid_from <= today and (not valid_to or today < valid_to)
    ]
    return name, attributes, zones


def _is_named(entries: Iterable[Named], text: str) -> bool:
    wanted = plain(text)
    names = {plain(name) for one in entries for name in (one.code, one.name.zh, one.name.en)}
    return bool(wanted) and wanted in names


def query_values(city: str, policy: Access, code: str) -> dict[str, object]:
    """Parameters of `QUERY`."""
    return {"city": city, "unit": unit_id(policy.unit_kind, code)}
