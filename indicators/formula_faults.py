"""Faults of formulas: what an indicator, a derived value or a deflator asks for and cannot have.

`path: sentence`, as in `indicators.catalogue_faults`.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from indicators.errors import PeriodError
from indicators.items import Deflator, Item, ItemKind, Series
from indicators.periods import parse_period
from indicators.vocabulary import (
    CITY_LEVEL,
    CONTRIBUTIONS,
    GROWTHS,
    MATCHED,
    MEASURES,
    NOMINAL,
    PARTS,
    ROLLING,
    SAME,
    UNIT_LEVEL,
    split_measure,
)

if TYPE_CHECKING:
    from indicators.catalogue import Catalogue, Indicator, Table

#: Decimals that a factor and a price index have together: sums are kept in 10^-10, values in 10^-4.
_DECIMALS = 6


def derived_faults(catalogue: "Catalogue") -> Iterable[str]:
    """Faults of derived.yaml."""
    seen = set(catalogue.item)
    for position, derived in enumerate(catalogue.derived):
        at = f"derived.{position}"
        if derived.code in seen:
            yield f"{at}.code: {derived.code!r} is used more than once"
        seen.add(derived.code)
        for field, code in (("item", derived.item), ("when", derived.when and derived.when.item)):
            item = catalogue.item.get(code or "")
            if code is not None and item is None:
                yield f"{at}.{field}: no item {code!r}"
            elif item is not None and not item.additive:
                yield f"{at}.{field}: a reported ratio enters no other formula"


def deflator_faults(catalogue: "Catalogue") -> Iterable[str]:
    """Faults of deflators.yaml."""
    for position, deflator in enumerate(catalogue.deflators):
        at = f"deflators.{position}"
        series: dict[str, Mapping[str, Decimal]] = {
            "current": deflator.current,
            "ytd": deflator.ytd,
        }
        if (deflator.by is None) != (not deflator.members):
            yield f"{at}.by: by and members go together"
        elif deflator.by is not None:
            grouping = catalogue.grouping.get(deflator.by)
            if grouping is None:
                yield f"{at}.by: no grouping {deflator.by!r}"
            elif not grouping.partition:
                yield f"{at}.by: members of {deflator.by!r} may overlap, a unit has one index"
            known = {member.code for member in grouping.members} if grouping else set()
            for code, one in deflator.members.items():
                if grouping is not None and code not in known:
                    yield f"{at}.members.{code}: {code!r} is no member of it"
                series |= _of_member(code, one)
        for place, indices in series.items():
            for period, index in indices.items():
                try:
                    parse_period(period)
                except PeriodError:
                    yield f"{at}.{place}.{period}: {period!r} is not a period"
                if index <= 0 or index != round(index, 4):
                    yield f"{at}.{place}.{period}: an index is above 0 and has up to 4 decimals"


def _of_member(code: str, series: Series) -> dict[str, Mapping[str, Decimal]]:
    return {f"members.{code}.current": series.current, f"members.{code}.ytd": series.ytd}


def indicator_faults(catalogue: "Catalogue", indicator: "Indicator", at: str) -> Iterable[str]:
    """Faults of one indicator; `at` is its place."""
    table = catalogue.table.get(indicator.table)
    if table is None:
        yield f"{at}.table: no table {indicator.table!r}"
        return
    if not indicator.numerator:
        yield f"{at}.numerator: a formula has at least one item"
    for side in ("numerator", "denominator"):
        for code, factor in getattr(indicator, side).items():
            yield from _item_faults(catalogue, indicator, table, code, f"{at}.{side}")
            if (factor * 10**_DECIMALS).denominator != 1:
                yield f"{at}.{side}: factor of {code!r} needs more than 6 decimals"
    items = [item for _, item in _items(catalogue, indicator)]
    yield from _measure_faults(indicator, items, at)
    yield from _price_faults(catalogue, indicator, items, at)
    for frequency in indicator.also:
        if not table.frequency.finer(frequency):
            yield f"{at}.also: a {frequency.value} is no longer period than the table's"
    for level in indicator.levels:
        if isinstance(level, tuple):
            if level not in catalogue.crosses:
                yield f"{at}.levels: {list(level)} is not among the catalogue's crosses"
        elif level not in (CITY_LEVEL, UNIT_LEVEL) and level not in catalogue.grouping:
            yield f"{at}.levels: no grouping {level!r}"
    if any(not item.additive for item in items):
        if any(split_measure(measure)[1] in PARTS for measure in indicator.measures):
            yield f"{at}.measures: a reported ratio has no shares and no contributions"
        if [level for level in indicator.levels if level not in (table.unit_kind, UNIT_LEVEL)]:
            yield f"{at}.levels: a reported ratio can only be shown for the units it is about"
        if indicator.is_ratio:
            yield f"{at}.denominator: a reported ratio enters no other formula"
    for number, quote in enumerate(indicator.quoted):
        quoted = catalogue.table.get(quote.table)
        if quoted is None or quote.item not in quoted.items:
            yield f"{at}.quoted.{number}: table {quote.table!r} has no item {quote.item!r}"


def _items(catalogue: "Catalogue", indicator: "Indicator") -> Iterator[tuple[str, Item]]:
    """(code of the formula, item) of the items that the formula reads."""
    for code in indicator.items:
        derived = catalogue.derived_value.get(code)
        for one in [code] if derived is None else derived.items:
            if one in catalogue.item:
                yield code, catalogue.item[one]


def _item_faults(
    catalogue: "Catalogue", indicator: "Indicator", table: "Table", code: str, at: str
) -> Iterable[str]:
    """Whether tables give the item for the periods of the indicator's figures."""
    derived = catalogue.derived_value.get(code)
    for one in [code] if derived is None else derived.items:
        item = catalogue.item.get(one)
        tables = catalogue.tables_with.get((table.unit_kind, one), ())
        if one in table.items:
            tables = (table.code,)
        if item is None or not tables:
            yield f"{at}: table {table.code!r} has no item {one!r}"
            continue
        for other in (catalogue.table[name] for name in tables):
            for frequency in (table.frequency, *indicator.also):
                if frequency.finer(other.frequency) and item.kind is not ItemKind.STOCK:
                    yield (
                        f"{at}: {one!r} of table {other.code!r} is reported too seldom for a"
                        f" {frequency.value}, and only a stock holds"
                    )
                elif other.frequency.finer(frequency) and item.kind not in _OF_LONGER:
                    yield f"{at}: {one!r} has no value over a {frequency.value}"


_OF_LONGER = (ItemKind.FLOW, ItemKind.STOCK)


def _measure_faults(indicator: "Indicator", items: list[Item], at: str) -> Iterable[str]:
    for measure in indicator.measures:
        kind = split_measure(measure)[1]
        if measure not in MEASURES:
            yield f"{at}.measures: no measure {measure!r}"
        elif indicator.is_ratio and kind in PARTS:
            yield f"{at}.measures: a ratio of sums has no shares and no contributions: {measure!r}"
        elif kind in (*GROWTHS, *CONTRIBUTIONS):
            for item in items:
                if item.real_growth_only and not indicator.constant_prices:
                    yield (
                        f"{at}.measures: {measure!r} of {item.code!r} is told at constant prices"
                        " only; give constant_prices"
                    )


def _price_faults(
    catalogue: "Catalogue", indicator: "Indicator", items: list[Item], at: str
) -> Iterable[str]:
    factors: dict[str, Fraction] = {**indicator.numerator, **indicator.denominator}
    for code, name in indicator.constant_prices.items():
        deflator = catalogue.deflator.get(name)
        if code not in factors:
            yield f"{at}.constant_prices: {code!r} is not in the formula"
        elif deflator is None:
            yield f"{at}.constant_prices: no deflator {name!r}"
        else:
            every: list[Deflator | Series] = [deflator, *deflator.members.values()]
            for one in every:
                for index in {*one.current.values(), *one.ytd.values()}:
                    if (factors[code] * Fraction(index) * 10**4).denominator != 1:
                        yield (
                            f"{at}.constant_prices: factor of {code!r} times index {index} needs"
                            " more than 6 decimals"
                        )
    if not indicator.constant_prices:
        return
    for measure in indicator.measures:
        window, kind = split_measure(measure)
        grows = kind in (*GROWTHS, *CONTRIBUTIONS)
        if grows and (window == ROLLING or kind not in (SAME, MATCHED, NOMINAL, *CONTRIBUTIONS)):
            yield (
                f"{at}.measures: {measure!r} at constant prices would need another index than"
                " that of the same period of the year before"
            )
