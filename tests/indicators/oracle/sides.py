"""The two sides of a formula for one unit: items, derived values, constant prices, added up."""

from dataclasses import dataclass, field
from fractions import Fraction

from indicators.catalogue import Indicator
from indicators.items import Condition, Derived
from indicators.periods import format_period
from tests.indicators.oracle.city import OracleCity
from tests.indicators.oracle.reading import Reader, Reading
from tests.indicators.oracle.spans import Span


@dataclass(slots=True)
class Entry:
    """One unit in one side of a figure."""

    numerator: Fraction
    denominator: Fraction
    readings: list[Reading] = field(default_factory=list)

    @property
    def short(self) -> bool:
        return any(reading.short for reading in self.readings)

    @property
    def adjusted(self) -> bool:
        return any(reading.adjusted for reading in self.readings)

    @property
    def held(self) -> list[Span]:
        return [reading.held for reading in self.readings if reading.held is not None]


@dataclass(frozen=True, slots=True)
class Formula:
    """An indicator's formula over one unit."""

    city: OracleCity
    indicator: Indicator
    unit: str

    def items(self) -> list[str]:
        """Every item that has to have a value, those behind derived values included."""
        derived = self.city.catalogue.derived_value
        named = [derived[c].items if c in derived else [c] for c in self.indicator.items]
        return list(dict.fromkeys(code for part in named for code in part))

    def current(self, window: str, at: Span) -> Entry | None:
        """The unit as of a period in which it is in scope, None where it does not enter."""
        if not self.city.in_scope(self.indicator, self.unit, at):
            return None
        reader = Reader(self.city, self.indicator, self.unit)
        read = {code: reader.current(code, window, at) for code in self.items()}
        found = {code: one for code, one in read.items() if one is not None}
        if len(found) < len(read):
            return None
        values = {code: one.value for code, one in found.items()}
        return Entry(*self._sides(values, {}), list(found.values()))

    def base(self, kind: str, window: str, at: Span) -> Entry | None:
        """The very terms of the window as they were before, by the kind of growth (rule 13)."""
        reader = Reader(self.city, self.indicator, self.unit)
        read = {code: reader.base(code, kind, window, at) for code in self.items()}
        values = {code: value for code, value in read.items() if value is not None}
        prices = self.prices(window, at, at)
        if len(values) < len(read) or prices is None:
            return None
        return Entry(*self._sides(values, prices))

    def published(self, window: str, at: Span, priced_at: Span) -> Entry | None:
        """The unit as of the base period itself, at the prices of `priced_at`."""
        entry = self.current(window, at)
        prices = self.prices(window, priced_at, at)
        if entry is None or prices is None:
            return None
        reader = Reader(self.city, self.indicator, self.unit)
        read = {code: reader.current(code, window, at) for code in self.items()}
        values = {code: one.value for code, one in read.items() if one is not None}
        return Entry(*self._sides(values, prices), entry.readings)

    def prices(self, window: str, at: Span, member_at: Span) -> dict[str, Fraction] | None:
        """Code of the formula → index / 100 of the period; None where an index lacks."""
        found = {}
        for code, name in self.indicator.constant_prices.items():
            deflator = self.city.catalogue.deflator[name]
            series = deflator.ytd if window == "ytd" else deflator.current
            if deflator.by is not None:
                grouping = self.city.catalogue.grouping[deflator.by]
                of = self.city.members(grouping, self.unit, member_at) & deflator.members.keys()
                if len(of) != 1:
                    return None
                own = deflator.members[of.pop()]
                series = own.ytd if window == "ytd" else own.current
            index = series.get(format_period(at.period))
            if index is None:
                return None
            found[code] = Fraction(index) / 100
        return found

    def _sides(
        self, values: dict[str, Fraction], prices: dict[str, Fraction]
    ) -> tuple[Fraction, Fraction]:
        def side(factors: dict[str, Fraction]) -> Fraction:
            return sum(
                (
                    factor * self._value(code, values) * prices.get(code, Fraction(1))
                    for code, factor in factors.items()
                ),
                Fraction(0),
            )

        denominator = side(self.indicator.denominator) if self.indicator.is_ratio else Fraction(1)
        return side(self.indicator.numerator), denominator

    def _value(self, code: str, values: dict[str, Fraction]) -> Fraction:
        derived: Derived | None = self.city.catalogue.derived_value.get(code)
        if derived is None:
            return values[code]
        if derived.when is not None and not self._holds(derived.when, values):
            return Fraction(0)
        return Fraction(1) if derived.item is None else values[derived.item]

    def _holds(self, condition: Condition, values: dict[str, Fraction]) -> bool:
        if condition.attribute is not None:
            told = self.city.attributes[self.unit].get(condition.attribute, "")
            return told in condition.one_of or any(
                told.startswith(beginning) for beginning in condition.starts_with
            )
        assert condition.item is not None
        value = values[condition.item]
        return (
            (condition.below is None or value < Fraction(condition.below))
            and (condition.above is None or value > Fraction(condition.above))
            and (condition.equals is None or value == Fraction(condition.equals))
        )
