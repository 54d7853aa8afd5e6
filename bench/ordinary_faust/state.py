"""The ordinary program's state: cells in a dict, totals in a dict, updated one by one.

Same checks, terms and figures as Granary's stream for the measures of the generated city (current,
ytd, yoy_same, ytd_yoy_same, share; of sums and ratios). It keeps no completeness counts, judges no
series and writes no ledger, so that it does rather less than what it is compared with.
"""

import heapq
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bench.ordinary_faust.places import Places, Subject
from granary.keys import MISSING, REPORTED, WITHDRAWN
from indicators.catalogue import Indicator, Reporter, Table
from indicators.items import ItemKind
from indicators.periods import parse_period, shift, year_before, year_to_date

_LIMIT = 10**14
_NAMED_UNITS = 5
Levels = tuple[str | tuple[str, str], ...]


@dataclass(slots=True)
class Total:
    """Sums of one figure's terms over the units that enter it; units that lack a base."""

    numerator: int = 0
    denominator: int = 0
    units: int = 0
    short: int = 0
    overlap: int = 0
    lacking: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Reading:
    """An indicator's measure that an item enters."""

    indicator: Indicator
    measure: str
    levels: Levels


class OrdinaryState:
    """One city."""

    def __init__(self, places: Places, table: str) -> None:
        catalogue = places.catalogue
        self.places = places
        self.catalogue = catalogue
        self.table: Table = catalogue.table[table]
        self.codes = list(places.order)
        self.cells: dict[tuple[str, str, int], tuple[int, int, int]] = {}
        self.totals: dict[tuple[str, str, int, Subject], Total] = {}
        self.entered: dict[tuple[str, str, int, str], tuple[int, int, bool]] = {}
        self.opened: set[int] = set()
        self.dirty: set[tuple[str, str, int, Subject]] = set()
        self.shares: set[tuple[str, int]] = set()
        self.readings: dict[str, list[Reading]] = {code: [] for code in self.table.items}
        self.every: list[Reading] = []
        for indicator in catalogue.indicators:
            for measure in indicator.measures:
                reading = Reading(indicator, measure, tuple(indicator.levels))
                self.every.append(reading)
                for code in indicator.items:
                    self.readings[code].append(reading)

    def refuse(self, message: dict[str, Any]) -> str:
        """Why an observation is quarantined; '' if it is good. The stream's own rules."""
        reporter: Reporter | None = self.catalogue.reporter.get(message["reporter"])
        if message["table"] != self.table.code:
            return "unknown_table"
        if reporter is None or self.table.code not in reporter.tables:
            return "no_right_on_table"
        unit, item = message["unit"], message["item"]
        if item not in self.readings:
            return "unknown_item"
        period = parse_period(message["period"])
        if not 1 <= period % 100 <= 12:
            return "wrong_period"
        if unit not in self.places.key:
            return "unknown_unit"
        if reporter.grouping is not None and reporter.member not in self.places.members(
            unit, reporter.grouping, period
        ):
            return "no_right_on_unit"
        if abs(message["value"]) > _LIMIT:
            return "beyond_limit"
        status = message["status"]
        if not 0 <= status <= WITHDRAWN:
            return "unknown_status"
        if status == MISSING:
            standing = self.cells.get((unit, item, period))
            if standing is not None and standing[1] not in (MISSING, WITHDRAWN):
                return "missing_over_value"
        return ""

    def apply(
        self, unit: str, item: str, period: int, value: int, status: int, version: int
    ) -> tuple[int, int, int] | None:
        """Set a cell and update every total it enters; returns what stood there before."""
        if period not in self.opened:
            self.opened.add(period)
            for reading in self.every:
                self._open(reading, period)
        key = (unit, item, period)
        before = self.cells.get(key)
        self.cells[key] = (value, status, version)
        for reading in self.readings[item]:
            if reading.measure == "share":
                self.shares.add((reading.indicator.code, period))
                continue
            for later in self._affected(reading.measure, period):
                if later in self.opened:
                    self._update(reading, later, unit)
        return before

    def figures(self) -> list[tuple[Any, ...]]:
        """Rows of every figure touched since the last call, in the order of `FIGURE_COLUMNS`."""
        rows = []
        by_code = self.catalogue.indicator
        for code, measure, period, subject in self.dirty:
            rows.append(self._figure(by_code[code], measure, period, subject))
        for code, period in self.shares:
            rows += [
                self._share(by_code[code], period, subject)
                for subject in self.places.every_subject(tuple(by_code[code].levels))
            ]
        self.dirty.clear()
        self.shares.clear()
        return rows

    def _open(self, reading: Reading, period: int) -> None:
        if reading.measure == "share":
            self.shares.add((reading.indicator.code, period))
            return
        for subject in self.places.every_subject(reading.levels):
            self.dirty.add((reading.indicator.code, reading.measure, period, subject))

    def _affected(self, measure: str, period: int) -> list[int]:
        months = [period]
        if measure.startswith("ytd"):
            months = [shift(period, step) for step in range(13 - period % 100)]
        if measure.endswith("yoy_same"):
            months += [month + 100 for month in months]
        return months

    def _update(self, reading: Reading, period: int, unit: str) -> None:
        """Take the unit's old part out of the totals and put the new one in."""
        indicator, measure = reading.indicator, reading.measure
        key = (indicator.code, measure, period, unit)
        old, new = self.entered.get(key), self._part(indicator, measure, period, unit)
        subjects = self.places.subjects(unit, period, reading.levels)
        for subject in subjects:
            self.dirty.add((indicator.code, measure, period, subject))
        if old == new:
            return
        if new is None:
            self.entered.pop(key, None)
        else:
            self.entered[key] = new
        short = measure.startswith("ytd") and self._is_short(unit, period)
        for subject in subjects:
            total = self.totals.setdefault((indicator.code, measure, period, subject), Total())
            overlap = self.places.overlaps(unit, period, subject)
            if old is not None:
                self._add(total, old, -1, unit, short, overlap)
            if new is not None:
                self._add(total, new, 1, unit, short, overlap)

    def _add(
        self,
        total: Total,
        part: tuple[int, int, bool],
        sign: int,
        unit: str,
        short: bool,
        overlap: bool,
    ) -> None:
        numerator, denominator, enters = part
        if enters:
            total.short += sign * short
            total.overlap += sign * overlap
            total.numerator += sign * numerator
            total.denominator += sign * denominator
            total.units += sign
        elif sign > 0:
            total.lacking.add(self.places.order[unit])
        else:
            total.lacking.discard(self.places.order[unit])

    def _part(
        self, indicator: Indicator, measure: str, period: int, unit: str
    ) -> tuple[int, int, bool] | None:
        """(numerator, denominator, enters) in 10^-10; None if the unit is not behind the figure."""
        if not self.places.listed(unit, period):
            return None
        ytd = measure.startswith("ytd")
        now = self._side(indicator.numerator, unit, period, ytd)
        if now is None:
            return None
        if measure.endswith("yoy_same"):
            base = self._side(indicator.numerator, unit, period, ytd, year_before)
            return (0, 0, False) if base is None else (now, base, True)
        if not indicator.is_ratio:
            return now, 0, True
        below = self._side(indicator.denominator, unit, period, ytd)
        return None if below is None else (now, below, True)

    def _side(
        self,
        factors: dict[str, Any],
        unit: str,
        period: int,
        ytd: bool,
        of: Callable[[int], int] = int,
    ) -> int | None:
        """`of`: the period of which the value is taken for a period of the window."""
        total = 0
        for code, factor in factors.items():
            value = self._item(code, unit, period, ytd, of)
            if value is None:
                return None
            total += int(factor * 10**6) * value
        return total

    def _item(
        self, code: str, unit: str, period: int, ytd: bool, of: Callable[[int], int]
    ) -> int | None:
        last = self.cells.get((unit, code, of(period)))
        if last is None or last[1] != REPORTED:
            return None
        if not ytd or self.catalogue.item[code].kind is not ItemKind.FLOW:
            return last[0]
        total = 0
        for month in year_to_date(period):
            if not self.places.listed(unit, month):
                continue
            cell = self.cells.get((unit, code, of(month)))
            if cell is None or cell[1] != REPORTED:
                return None
            total += cell[0]
        return total

    def _figure(
        self, indicator: Indicator, measure: str, period: int, subject: Subject
    ) -> tuple[Any, ...]:
        total = self.totals.get((indicator.code, measure, period, subject), Total())
        growth = measure.endswith("yoy_same")
        value = math.nan
        reason = ""
        if not total.units:
            reason = "no_units"
        elif growth:
            if total.denominator > 0 and total.numerator >= 0:
                value = (total.numerator - total.denominator) / total.denominator
            else:
                reason = _sign_word(total.numerator, total.denominator)
        elif not indicator.is_ratio:
            value = total.numerator / 10**10
        elif total.denominator:
            value = total.numerator / total.denominator
        else:
            reason = "zero_denominator"
        reasons = [reason] if reason else []
        if total.lacking:
            named = ",".join(self.codes[at] for at in heapq.nsmallest(_NAMED_UNITS, total.lacking))
            reasons.append(f"units_without_base={len(total.lacking)}:{named}")
        if total.short:
            reasons.append(f"short_window={total.short}")
        if total.overlap:
            reasons.append(f"overlap_units={total.overlap}")
        denominator = total.denominator if growth or indicator.is_ratio else 10**10
        return self._row(
            indicator, measure, period, subject, value, total.numerator, denominator, total.units,
            ";".join(reasons),
        )  # fmt: skip

    def _share(self, indicator: Indicator, period: int, subject: Subject) -> tuple[Any, ...]:
        by_level, by_subject = subject[2:]
        part = self.totals.get((indicator.code, "current", period, subject), Total())
        whole = (by_level, by_subject, "", "") if by_level else _city(self.catalogue.city.code)
        of = self.totals.get((indicator.code, "current", period, whole), Total())
        there = part.units > 0 and of.numerator > 0
        value = part.numerator / of.numerator if there else math.nan
        reason = "" if there else "zero_denominator" if part.units else "no_units"
        if part.overlap:
            reason = ";".join(filter(None, (reason, f"overlap_units={part.overlap}")))
        return self._row(
            indicator, "share", period, subject, value, part.numerator, of.numerator, part.units,
            reason,
        )  # fmt: skip

    def _is_short(self, unit: str, period: int) -> bool:
        """Whether the unit was off the list in some month of the year to date."""
        return not all(self.places.listed(unit, month) for month in year_to_date(period))

    def _row(
        self, indicator: Indicator, measure: str, period: int, subject: Subject,
        value: float, numerator: int, denominator: int, units: int, reason: str,
    ) -> tuple[Any, ...]:  # fmt: skip
        level, code, by_level, by_subject = subject
        expected = self.places.expected(period, tuple(indicator.levels)).get(subject, 0)
        provisional = units < self.table.final_share * expected
        return (
            indicator.id, indicator.code, period, measure, level, code, by_level, by_subject,
            value, numerator, denominator, units, expected, reason, int(provisional),
        )  # fmt: skip


#: Names of a figure row's fields.
FIGURE_COLUMNS = (
    "indicator", "indicator_code", "period", "measure", "level", "subject", "by_level",
    "by_subject", "value", "numerator", "denominator", "units", "expected_units", "reason",
    "provisional",
)  # fmt: skip


def _city(code: str) -> Subject:
    return ("city", code, "", "")


def _sign_word(current: int, base: int) -> str:
    if base == 0:
        return "no_base"
    if base > 0:
        return "no_rate:由盈转亏"
    if current > 0:
        return "no_rate:扭亏"
    if current == base:
        return "no_rate:持平"
    return "no_rate:减亏" if current > base else "no_rate:增亏"
