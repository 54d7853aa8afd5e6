"""What no single file of a catalogue can know: faults between its parts, each with where it is.

`path: sentence`; the path is `<file stem>.<position>.<field>`, from which the loader finds file and
line.
"""

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from indicators.errors import PeriodError
from indicators.periods import parse_period
from indicators.vocabulary import CITY_LEVEL, MEASURES, PARTS, UNIT_LEVEL, split_measure

if TYPE_CHECKING:
    from indicators.catalogue import Catalogue, Indicator


def faults(catalogue: "Catalogue") -> Iterable[str]:
    """Every fault of the whole catalogue; none if it is good."""
    for stem in ("sources", "groupings", "items", "tables", "reporters", "indicators"):
        entries = getattr(catalogue, stem)
        for field in ("id", "code"):
            counts = Counter(getattr(entry, field, None) for entry in entries)
            for position, entry in enumerate(entries):
                value = getattr(entry, field, None)
                if value is not None and counts[value] > 1:
                    yield f"{stem}.{position}.{field}: {value!r} is used more than once"
    yield from _table_faults(catalogue)
    yield from _indicator_faults(catalogue)
    for position, reporter in enumerate(catalogue.reporters):
        for code in reporter.tables:
            if code not in catalogue.table:
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
        if item.prior is None:
            continue
        prior = catalogue.item.get(item.prior)
        if prior is None:
            yield f"items.{position}.prior: no item {item.prior!r}"
            continue
        if (prior.reported, prior.kind) != (item.reported, item.kind):
            yield f"items.{position}.prior: {prior.code!r} is of another kind or reported otherwise"
        for table in catalogue.tables:
            if item.code in table.items and prior.code not in table.items:
                yield (
                    f"items.{position}.prior: table {table.code!r} asks for {item.code!r} but not"
                    f" for {prior.code!r}"
                )


def _indicator_faults(catalogue: "Catalogue") -> Iterable[str]:
    crosses = set(catalogue.crosses)
    for position, indicator in enumerate(catalogue.indicators):
        at = f"indicators.{position}"
        table = catalogue.table.get(indicator.table)
        if table is None:
            yield f"{at}.table: no table {indicator.table!r}"
            continue
        if not indicator.numerator:
            yield f"{at}.numerator: a formula has at least one item"
        for side in ("numerator", "denominator"):
            for code, factor in getattr(indicator, side).items():
                if code not in table.items:
                    yield f"{at}.{side}: table {table.code!r} has no item {code!r}"
                elif (factor * 10**6).denominator != 1:
                    yield f"{at}.{side}: factor of {code!r} needs more than 6 decimals"
        yield from _measure_faults(indicator, at)
        for level in indicator.levels:
            if isinstance(level, tuple):
                if level not in crosses:
                    yield f"{at}.levels: {list(level)} is not among the catalogue's crosses"
            elif level not in (CITY_LEVEL, UNIT_LEVEL) and level not in catalogue.grouping:
                yield f"{at}.levels: no grouping {level!r}"
        items = [catalogue.item[code] for code in indicator.items if code in catalogue.item]
        whole = [level for level in indicator.levels if level not in (table.unit_kind, UNIT_LEVEL)]
        if any(not item.additive for item in items):
            if any(split_measure(measure)[1] in PARTS for measure in indicator.measures):
                yield f"{at}.measures: a reported ratio has no shares and no contributions"
            if whole:
                yield f"{at}.levels: a reported ratio can only be shown for the units it is about"
            if indicator.is_ratio:
                yield f"{at}.denominator: a reported ratio enters no other formula"
        for number, quote in enumerate(indicator.quoted):
            quoted = catalogue.table.get(quote.table)
            if quoted is None or quote.item not in quoted.items:
                yield f"{at}.quoted.{number}: table {quote.table!r} has no item {quote.item!r}"


def _measure_faults(indicator: "Indicator", at: str) -> Iterable[str]:
    for measure in indicator.measures:
        if measure not in MEASURES:
            yield f"{at}.measures: no measure {measure!r}"
        elif indicator.is_ratio and split_measure(measure)[1]:
            # Growth of a ratio has two sides of two sums each: no one numerator and denominator.
            yield (
                f"{at}.measures: {measure!r} of a ratio is not computed; it has levels only"
                " (current, ytd, rolling12)"
            )
