"""The full roll-up of `granary bench core` in Polars: same arrays, same groupings, same rules.

Every month is a frame whose rows are the units in one order, so that windows and growth are columns
beside each other and no join of months is needed: kinder to Polars than a long table would be.
Numerators, denominators, units and expected units of every measure are made; what the core says
beside a figure (reasons, remarks with the units' codes, provisional) is not.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce

import numpy as np
import polars as pl

from bench.core_catalogue import KIND, TABLE
from bench.core_city import CoreCity
from bench.core_windows import SCOPE, base_over, column, over_window
from indicators.catalogue import Indicator
from indicators.membership import Membership
from indicators.periods import rolling, shift, year_before
from indicators.places import Level, Places, whole_level
from indicators.vocabulary import (
    CITY_LEVEL,
    CONTRIBUTION,
    MATCHED,
    MONTH,
    NOMINAL,
    ROLLING,
    SAME,
    SHARE,
    YTD,
    split_measure,
)

#: Indicators whose columns are grouped together: bounds memory, and costs a grouping each.
_TOGETHER = 10
_WHOLE = " of the whole"


@dataclass(frozen=True, slots=True)
class Side:
    """Columns of one side: item → sum, and how many units enter."""

    items: Mapping[str, str]
    units: str
    before: bool = False  # placed where its units were a year before


@dataclass(frozen=True, slots=True)
class Placing:
    """Subjects of units: of all in order, or of the `units` given, where some are in several."""

    subject: pl.Series
    units: pl.Series | None


@dataclass(slots=True)
class PolarsCore:
    """Months of one city as frames, and memberships as pairs; made before the clock runs."""

    city: CoreCity
    _months: dict[int, pl.DataFrame] = field(default_factory=dict)
    _placings: dict[tuple[Level, int], Placing] = field(default_factory=dict)

    def load(self, period: int) -> None:
        """Frames of every month and memberships that figures of the period read."""
        places = Places(self.city.catalogue, self.city.register)
        for one in rolling(period, 25):
            if one not in self._months:
                self._months[one] = self._frame(one)
        for level in self.levels:
            for one in (period, year_before(period)):
                members = places.at(KIND, level, one).members
                self._placings[level, one] = _placing(members, self.city.register.size(KIND))

    @property
    def levels(self) -> list[Level]:
        return list(self.city.catalogue.indicators[0].levels)

    def month(self, period: int) -> Iterator[tuple[list[Indicator], Level, pl.DataFrame]]:
        """Figures of some indicators by subject of a level.

        Columns: `subject`, `expected`, the sums and units of the sides (`sides`), and the values
        (`indicator|measure`). A subject without units may lack.
        """
        indicators = self.city.catalogue.indicators
        for start in range(0, len(indicators), _TOGETHER):
            chosen = indicators[start : start + _TOGETHER]
            now, before = self._columns(chosen, period)
            sums: dict[Level, pl.DataFrame] = {}
            for level in self.levels:
                placed = _grouped(now, self._placings[level, period])
                left = _grouped(before, self._placings[level, year_before(period)])
                both = placed.join(left, on="subject", how="full", coalesce=True)
                sums[level] = both.with_columns(pl.exclude("subject").fill_null(0))
            for level in self.levels:
                yield chosen, level, self._with_values(chosen, level, sums)

    def _with_values(
        self, chosen: list[Indicator], level: Level, sums: Mapping[Level, pl.DataFrame]
    ) -> pl.DataFrame:
        """The level's sums with the values of its measures, nulls where there is none."""
        whole = whole_level(level)
        parts = 1 if whole == CITY_LEVEL else len(self.city.catalogue.grouping[str(whole)].subjects)
        frame = sums[level].with_columns((pl.col("subject") % parts).alias("whole"))
        frame = frame.join(
            sums[whole], left_on="whole", right_on="subject", how="left", suffix=_WHOLE
        )
        values = [
            _value(one, measure).alias(f"{one.code}|{measure}")
            for one in chosen
            for measure in one.measures
        ]
        return frame.select(pl.col(sums[level].columns), *values)

    def _frame(self, period: int) -> pl.DataFrame:
        """(units,) each item with null where nothing stands, its flow of the month, the scope."""
        cells, register = self.city.cells, self.city.register
        listed = register.scope(self.city.catalogue.table[TABLE], period)
        columns: dict[str, pl.Series] = {SCOPE: pl.Series(listed)}
        for item in self.city.catalogue.items:
            value, has = cells.values(TABLE, item.code, period)
            told = pl.Series(item.code, value)
            frame = pl.DataFrame({"value": told, "has": has})
            columns[item.code] = frame.select(pl.when("has").then("value"))["value"]
        return pl.DataFrame(columns)

    def _columns(self, chosen: list[Indicator], period: int) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Masked values of all sides: those placed now, and those placed a year before."""
        codes = list(dict.fromkeys(code for one in chosen for code in one.items))
        wide = self._wide(codes, period).lazy()
        values = wide.select(
            [pl.col(column(SCOPE, period)), pl.col(column(SCOPE, year_before(period)))]
            + [one for code in codes for one in self._windows(code, period)]
        )
        now: dict[str, pl.Expr] = {"expected": pl.col(column(SCOPE, period)).cast(pl.Int64)}
        before: dict[str, pl.Expr] = {}
        for indicator in chosen:
            for measure in indicator.measures:
                _masks(indicator, measure, period, now, before)
        # Lazy, so that windows no measure asks for are never made.
        placed, left = pl.collect_all([values.select(**now), values.select(**before)])
        return placed, left

    def _wide(self, codes: list[str], period: int) -> pl.DataFrame:
        """Months side by side: columns `item@period`."""
        return pl.concat(
            [
                frame.select([pl.col(code).alias(column(code, one)) for code in (*codes, SCOPE)])
                for one, frame in self._months.items()
                if shift(period, -24) <= one <= period
            ],
            how="horizontal",
        )

    def _windows(self, code: str, period: int) -> Iterator[pl.Expr]:
        """Values and bases of the item over every window; null where there is none."""
        item = self.city.catalogue.item[code]
        before = year_before(period)
        for window in ("", YTD, ROLLING):
            yield over_window(item, window, period).alias(f"{code}|{window}|now")
            yield base_over(item, window, period).alias(f"{code}|{window}|{SAME}")
            yield over_window(item, window, before).alias(f"{code}|{window}|{NOMINAL}")
        stored = pl.when(column(SCOPE, before)).then(base_over(item, "", period))
        yield stored.alias(f"{code}||{MATCHED}")
        yield over_window(item, "", shift(period, -1)).alias(f"{code}||{MONTH}")


def sides(indicator: Indicator, measure: str) -> tuple[Side, Side | None]:
    """Names of the columns of the current side and of the base; shares and contributions are made
    of those of the sum and of the growth.
    """
    window, kind = split_measure(measure)
    kind = {SHARE: "", CONTRIBUTION: SAME}.get(kind, kind)
    head = f"{indicator.code}|{window}"
    if kind in ("", NOMINAL):
        current = Side({code: f"{head}|{code}" for code in indicator.items}, f"{head}|units")
    else:
        current = Side(
            {code: f"{head}|{kind}|{code}" for code in indicator.items}, f"{head}|{kind}|units"
        )
    if not kind:
        return current, None
    base = {code: f"{head}|{kind}|base|{code}" for code in indicator.items}
    units = f"{head}|{kind}|base|units" if kind == NOMINAL else current.units
    return current, Side(base, units, before=kind == NOMINAL)


def _masks(
    indicator: Indicator,
    measure: str,
    period: int,
    now: dict[str, pl.Expr],
    before: dict[str, pl.Expr],
) -> None:
    """Add the columns of a measure's sides: values of the units that enter, 0 of the others."""
    window, kind = split_measure(measure)
    kind = {SHARE: "", CONTRIBUTION: SAME}.get(kind, kind)
    current, base = sides(indicator, measure)

    def there(of: str) -> pl.Expr:
        return pl.all_horizontal(
            [pl.col(f"{code}|{window}|{of}").is_not_null() for code in current.items]
        )

    enters = pl.col(column(SCOPE, period)) & there("now")
    if base is not None and not base.before:
        enters = enters & there(kind)
    _mask(current, enters, window, "now", now)
    if base is not None and base.before:
        _mask(base, pl.col(column(SCOPE, year_before(period))) & there(kind), window, kind, before)
    elif base is not None:
        _mask(base, enters, window, kind, now)


def _mask(side: Side, enters: pl.Expr, window: str, of: str, into: dict[str, pl.Expr]) -> None:
    if side.units not in into:
        into[side.units] = enters.cast(pl.Int64)
    for code, name in side.items.items():
        if name not in into:
            into[name] = pl.when(enters).then(pl.col(f"{code}|{window}|{of}")).otherwise(0)


def _value(indicator: Indicator, measure: str) -> pl.Expr:
    """The figure itself, of the sums of its sides; null where no unit enters."""
    current, base = sides(indicator, measure)
    kind = split_measure(measure)[1]
    now = _formula(indicator.numerator, current)
    if kind == SHARE:
        value = _over(now, _formula(indicator.numerator, current, _WHOLE))
    elif base is None:
        value = now / 10**4
        if indicator.is_ratio:
            value = _quotient(now, _formula(indicator.denominator, current))
    elif kind == CONTRIBUTION:
        points = now - _formula(indicator.numerator, base)
        value = _over(points, _formula(indicator.numerator, base, _WHOLE))
    elif indicator.is_ratio:
        ratio = _quotient(now, _formula(indicator.denominator, current))
        ratio_base = _quotient(
            _formula(indicator.numerator, base), _formula(indicator.denominator, base)
        )
        value = pl.when(ratio >= 0).then(_over(ratio, ratio_base) - 1)
    else:
        before = _formula(indicator.numerator, base)
        value = pl.when(now >= 0).then(_over(now - before, before))
    return pl.when(pl.col(current.units) > 0).then(value)


def _formula(factors: Mapping[str, Fraction], side: Side, suffix: str = "") -> pl.Expr:
    parts = [
        pl.col(side.items[code] + suffix)
        * (float(factor) if factor.denominator != 1 else int(factor))
        for code, factor in factors.items()
    ]
    return reduce(lambda left, right: left + right, parts)


def _quotient(above: pl.Expr, below: pl.Expr) -> pl.Expr:
    return pl.when(below != 0).then(above / below)


def _over(above: pl.Expr, below: pl.Expr) -> pl.Expr:
    return pl.when(below > 0).then(above / below)


def _grouped(values: pl.DataFrame, placing: Placing) -> pl.DataFrame:
    """Sums by subject."""
    if placing.units is not None:
        values = values[placing.units]
    sums = values.with_columns(placing.subject).group_by("subject").agg(pl.all().sum())
    return sums.filter(pl.col("subject").is_not_null())


def _placing(members: Membership, units: int) -> Placing:
    """A column beside the units where none is in two subjects: it spares Polars a gather."""
    subject = np.repeat(np.arange(members.subjects, dtype=np.uint32), np.diff(members.starts))
    if len(np.unique(members.units)) < len(members.units):
        return Placing(pl.Series("subject", subject), pl.Series(members.units.astype(np.uint32)))
    of_unit = np.full(units, members.subjects, np.uint32)
    of_unit[members.units] = subject
    placed = pl.DataFrame({"subject": of_unit}).select(
        pl.when(pl.col("subject") < members.subjects).then("subject")
    )
    return Placing(placed["subject"], None)
