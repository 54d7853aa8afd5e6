"""What no single file of a catalogue can know: faults between its parts, each with where it is.

`path: sentence`; the path is `<file stem>.<position>.<field>`, from which the loader finds file and
line.
"""

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from indicators.correspondence import scheme_faults
from indicators.errors import PeriodError
from indicators.formula_faults import deflator_faults, derived_faults, indicator_faults
from indicators.frame.models import frame_faults
from indicators.items import Item, ItemKind
from indicators.periods import parse_period
from indicators.register_tables import register_table_faults

if TYPE_CHECKING:
    from indicators.catalogue import Catalogue

#: Files whose entries have a code, and most an id, that no two of them share.
_CODED: Final = (
    "sources",
    "groupings",
    "items",
    "tables",
    "reporters",
    "indicators",
    "checks",
    "correspondences",
    "register_tables",
)


def faults(catalogue: "Catalogue") -> Iterable[str]:
    """Every fault of the whole catalogue; none if it is good."""
    for stem in _CODED:
        entries = getattr(catalogue, stem)
        for field in ("id", "code"):
            counts = Counter(getattr(entry, field, None) for entry in entries)
            for position, entry in enumerate(entries):
                value = getattr(entry, field, None)
                if value is not None and counts[value] > 1:
                    yield f"{stem}.{position}.{field}: {value!r} is used more than once"
    yield from _table_faults(catalogue)
    yield from scheme_faults(catalogue)
    yield from frame_faults(catalogue.frame)
    yield from register_table_faults(catalogue)
    yield from derived_faults(catalogue)
    yield from deflator_faults(catalogue)
    for position, indicator in enumerate(catalogue.indicators):
        yield from indicator_faults(catalogue, indicator, f"indicators.{position}")
    for position, reporter in enumerate(catalogue.reporters):
        for code in reporter.tables:
            if code not in catalogue.table and code not in catalogue.register_table:
                yield f"reporters.{position}.tables: no table {code!r}"
        if (reporter.grouping is None) != (reporter.member is None):
            yield f"reporters.{position}.grouping: grouping and member go together"
        elif reporter.grouping is not None:
            grouping = catalogue.grouping.get(reporter.grouping)
            if grouping is None:
                yield f"reporters.{position}.grouping: no grouping {reporter.grouping!r}"
            elif reporter.member not in {member.code for member in grouping.members}:
                yield f"reporters.{position}.member: {reporter.member!r} is no member of it"
    for position, due in enumerate(catalogue.calendar):
        if due.table not in catalogue.table:
            yield f"calendar.{position}.table: no table {due.table!r}"
        try:
            parse_period(due.period)
        except PeriodError:
            yield f"calendar.{position}.period: {due.period!r} is not a period"
    for position, rule in enumerate(catalogue.anomalies):
        if rule.table not in catalogue.table or rule.item not in catalogue.table[rule.table].items:
            yield f"anomalies.{position}.item: table {rule.table!r} has no item {rule.item!r}"


def _table_faults(catalogue: "Catalogue") -> Iterable[str]:
    owners: dict[tuple[str, str], str] = {}
    for position, table in enumerate(catalogue.tables):
        if table.only is not None and table.only.attribute is None:
            yield f"tables.{position}.only: a table asks units by an attribute of the register"
        if table.source not in catalogue.source:
            yield f"tables.{position}.source: no source {table.source!r}"
        for field in ("items", "mandatory"):
            for code in getattr(table, field):
                if code not in catalogue.item:
                    yield f"tables.{position}.{field}: no item {code!r}"
        for code in table.items:
            owner = owners.setdefault((table.source, code), table.code)
            if owner != table.code:
                yield f"tables.{position}.items: {code!r} of this source is already in {owner!r}"
        for code in [*table.mandatory, *([table.size_item] if table.size_item else [])]:
            if code not in table.items:
                yield f"tables.{position}.mandatory: {code!r} is not among its items"
    for position, item in enumerate(catalogue.items):
        yield from _item_faults(catalogue, item, f"items.{position}")
        if item.prior is None:
            continue
        prior = catalogue.item.get(item.prior)
        if prior is None:
            yield f"items.{position}.prior: no item {item.prior!r}"
            continue
        alike = (prior.reported, prior.kind, prior.january)
        if alike != (item.reported, item.kind, item.january):
            yield f"items.{position}.prior: {prior.code!r} is of another kind or reported otherwise"
        for table in catalogue.tables:
            if item.code in table.items and prior.code not in table.items:
                yield (
                    f"items.{position}.prior: table {table.code!r} asks for {item.code!r} but not"
                    f" for {prior.code!r}"
                )


def _item_faults(catalogue: "Catalogue", item: Item, at: str) -> Iterable[str]:
    for code in item.sources:
        if code not in catalogue.source:
            yield f"{at}.sources: no source {code!r}"
    if item.january == "merged" and item.kind is not ItemKind.FLOW:
        yield f"{at}.january: only a flow is reported for two months together"
    if item.month_item is None:
        return
    month = catalogue.item.get(item.month_item)
    if item.reported != "year_to_date":
        yield f"{at}.month_item: only an item reported year-to-date has one"
    elif month is None:
        yield f"{at}.month_item: no item {item.month_item!r}"
    elif month.reported != "current" or month.kind is not ItemKind.FLOW:
        yield f"{at}.month_item: {month.code!r} is no flow reported for the month"
