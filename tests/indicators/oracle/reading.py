"""The value of an item for one unit over a window, rules 4 to 10 of docs/statistics.md.

A window is a list of terms to add up: reported cells, and differences of year-to-date ones. What
growth compares is the same list a year before, from the same table.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from indicators.catalogue import Indicator, Table
from indicators.items import Item, ItemKind
from tests.indicators.oracle.city import OracleCity
from tests.indicators.oracle.spans import LENGTHS, Span


class Term(NamedTuple):
    """One value that a window adds up.

    kind: `reported`, the cell of that period; `between`, of a year-to-date item, its last value
    within the period less the one before it; `last`, of a stock or an average.
    """

    kind: str
    at: Span

    def years_back(self, years: int) -> "Term":
        return Term(self.kind, self.at.years_back(years))


@dataclass(frozen=True, slots=True)
class Reading:
    """An item over a window, and what has to be said of it."""

    value: Fraction
    table: Table
    short: bool = False
    held: Span | None = None
    adjusted: bool = False


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads items for one unit and the figures of one indicator."""

    city: OracleCity
    indicator: Indicator
    unit: str

    def tables(self, item: str) -> list[Table]:
        """Rule 4: the own table alone, or the others by the order of the item's sources."""
        catalogue = self.city.catalogue
        own = catalogue.table[self.indicator.table]
        if item in own.items:
            return [own]
        sources = catalogue.item[item].sources
        others = [t for t in catalogue.tables if t.unit_kind == own.unit_kind and item in t.items]

        def place(table: Table) -> tuple[int, int]:
            known = table.source in sources
            return sources.index(table.source) if known else len(sources), table.id

        return sorted(others, key=place)

    def current(self, item: str, window: str, at: Span) -> Reading | None:
        """The item over the window that ends at `at`, from the first table that has it whole."""
        for table in self.tables(item):
            found = self.of_table(table, self.city.catalogue.item[item], window, at)
            if found is not None:
                return found
        return None

    def of_table(self, table: Table, item: Item, window: str, at: Span) -> Reading | None:
        planned = self._terms(table, item, window, at)
        if planned is None:
            return None
        terms, short = planned
        total = _total(self.value(table, item, term) for term in terms)
        if total is None:
            return None
        held = None
        if LENGTHS[table.frequency] > at.length:
            held = self._held(table, item, at)
        adjusted = (
            terms[0].kind == "between" and window == "" and self._adjusted(table, item, at, total)
        )
        return Reading(total, table, short, held, adjusted)

    def base(self, item_code: str, kind: str, window: str, at: Span) -> Fraction | None:
        """What growth compares the item with (rule 13), from the table it is read from now."""
        item = self.city.catalogue.item[item_code]
        read = self.current(item_code, window, at)
        if read is None:
            return None
        if kind == "mom":  # the whole period before, whoever was listed in it
            planned = self._terms(read.table, item, window, at.back(1), listed=False)
            return planned and _total(self.value(read.table, item, t) for t in planned[0])
        planned = self._terms(read.table, item, window, at)
        assert planned is not None
        return _total(self._year_before(read.table, item, kind, term) for term in planned[0])

    def _year_before(self, table: Table, item: Item, kind: str, term: Term) -> Fraction | None:
        """One term before: as the unit reports it later as 上年同期, else as it is stored."""
        told_at = term.years_back(1) if kind == "two_year_same" else term
        before = told_at.years_back(1)
        if kind == "yoy_matched":
            then = self.city.in_scope(self.indicator, self.unit, before.at)
            return self.value(table, item, before) if then else None
        prior = self.city.catalogue.item.get(item.prior or "")
        told = None if prior is None else self.value(table, prior, told_at)
        return self.value(table, item, before) if told is None else told

    def value(self, table: Table, item: Item, term: Term) -> Fraction | None:
        """What a table gives of a term."""
        length = LENGTHS[table.frequency]
        if term.kind == "last" and length > term.at.length:
            held = self._held(table, item, term.at)
            return held and self.city.stored(table.code, item.code, held, self.unit)
        parts = term.at.parts(length)
        last = self.city.stored(table.code, item.code, parts[-1], self.unit)
        if term.kind != "between" or last is None:
            return last
        before = self.city.stored(table.code, item.code, parts[0].back(1), self.unit)
        return None if before is None else last - before

    def _held(self, table: Table, item: Item, at: Span) -> Span | None:
        """The latest period of a coarser table that ended by then and has a value of the unit."""
        length = LENGTHS[table.frequency]
        end = at.first + at.length
        latest = Span(end // length * length - length, length)
        for step in range(40):
            if self.city.stored(table.code, item.code, latest.back(step), self.unit) is not None:
                return latest.back(step)
        return None

    def _terms(
        self, table: Table, item: Item, window: str, at: Span, *, listed: bool = True
    ) -> tuple[list[Term], bool] | None:
        """(what the window adds up, whether periods outside the unit's time were left out).

        `listed` False: every period, in the unit's time or not.
        """
        length = LENGTHS[table.frequency]
        if item.kind is not ItemKind.FLOW:
            lacks = item.kind is not ItemKind.STOCK and length != at.length
            return None if lacks else ([Term("last", at)], False)
        if length > at.length:
            return None
        merged = item.january == "merged" and length == 1
        if merged and (at.month == 1 or (at.month == 2 and not window)):
            return None
        parts = [
            part
            for one in at.window(window)
            for part in one.parts(length)
            if not (merged and part.month == 1)
        ]
        cumulative = item.reported == "year_to_date"
        one_year = parts[0].first // 12 == parts[-1].first // 12
        if cumulative and one_year and _begins_year(parts[0], merged=merged):
            return [Term("reported", parts[-1])], False
        if cumulative and not window:
            return [Term("between", at)], False
        mine = [
            part
            for part in parts
            if not listed or self.city.in_scope(self.indicator, self.unit, part)
        ]
        terms = [
            Term(
                "between" if cumulative and not _begins_year(part, merged=merged) else "reported",
                part,
            )
            for part in mine
        ]
        return terms, len(mine) < len(parts)

    def _adjusted(self, table: Table, item: Item, at: Span, derived: Fraction) -> bool:
        """Rule 8: the month as reported differs from the one that the year-to-dates give."""
        if item.month_item is None or LENGTHS[table.frequency] != at.length:
            return False
        told = self.city.stored(table.code, item.month_item, at, self.unit)
        return told is not None and told != derived


def _begins_year(part: Span, *, merged: bool) -> bool:
    """Whether a year-to-date value of the period is the period's own."""
    return part.opens_year or (merged and part.month == 2)


def _total(values: Iterable[Fraction | None]) -> Fraction | None:
    """The sum, None where one is missing or there is none."""
    found = list(values)
    if not found or any(value is None for value in found):
        return None
    return sum((value for value in found if value is not None), Fraction(0))
