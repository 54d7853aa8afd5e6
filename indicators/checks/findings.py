"""Findings of checks (审核发现): units for which a rule is FALSE, both figures, and its weight."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indicators.arrays import Flags, Ratios
from indicators.checks.compiling import Check
from indicators.checks.evaluation import FALSE, Judged, applied
from indicators.checks.influence import influence, tier
from indicators.checks.operands import CheckCells, Positions, UnitOperands
from indicators.periods import format_period

#: Stays in a stored message: the reader's view puts the unit's name in its place.
UNIT_PLACE = "{unit}"


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """Units for which one rule is FALSE in one period, all (n,), by position in the register.

    left, right: floats nearest to both sides, NaN for none; influence: per mille, NaN for none;
    district: position in the grouping's members, -1 for none.
    """

    check: Check
    period: int
    units: Positions
    left: Ratios
    right: Ratios
    influence: Ratios
    tier: NDArray[Any]
    district: NDArray[np.int32]
    _judged: Judged
    _place: Positions  # of each finding among the units judged

    def message(self, number: int) -> tuple[str, str]:
        """(Chinese, English) of one finding; {unit} is left for whoever knows the name."""
        place = int(self._place[number])
        rule = self.check.rule
        facts = message_facts(
            UNIT_PLACE, self.period, self._judged.left.at(place), self._judged.right.at(place)
        )
        return rule.message.zh.format(**facts), rule.message.en.format(**facts)


def findings(cells: CheckCells, check: Check, period: int, units: Flags | None = None) -> Findings:
    """Judge the flagged units (all: None) by the rule in the period.

    A unit that reported nothing of the rule's table in the period is not judged: that it is missing
    is a matter of completeness.
    """
    size = cells.register.size(check.unit_kind)
    at = np.arange(size) if units is None else np.flatnonzero(units)
    operands = UnitOperands(cells, check.unit_kind, period, at)
    judged = applied(check.condition, check.when, operands, len(at))
    place = np.flatnonzero(judged.truth == FALSE)
    place = place[_returned(cells, check, period, at[place])]
    found = at[place]
    weight = np.full(len(at), np.nan)
    if check.rule.influence is not None and len(found):
        table = cells.catalogue.table[check.rule.table]
        totals, there = cells.district_totals(table, check.rule.influence, period)
        weight = influence(judged.left, judged.right, totals[at], there[at], len(at))
    weight = weight[place]
    district = cells.district_of(check.unit_kind, period)[found] if len(found) else found
    return Findings(
        check,
        period,
        found,
        judged.left.floats(len(at))[place],
        judged.right.floats(len(at))[place],
        weight,
        tier(weight),
        district.astype(np.int32),
        judged,
        place,
    )


def _returned(cells: CheckCells, check: Check, period: int, units: Positions) -> Flags:
    """(n,) whether the unit reported anything of the rule's table."""
    found = np.zeros(len(units), bool)
    for item in cells.catalogue.table[check.rule.table].items:
        if found.all():
            break
        found |= cells.values(check.rule.table, item, period)[1][units]
    return found


def message_facts(
    unit: str, period: int, left: Fraction | None, right: Fraction | None
) -> Mapping[str, str]:
    """What the placeholders of a rule's messages stand for."""
    return {
        "unit": unit,
        "period": format_period(period),
        "left": figure_text(left),
        "right": figure_text(right),
        "difference": difference_text(left, right),
    }


def difference_text(left: Fraction | None, right: Fraction | None) -> str:
    """By how much right is off left, in per cent of left: 10.9 %; — where there is no share."""
    if left is None or right is None or not left:
        return "—"
    tenths = round(abs(left - right) * 1000 / abs(left))
    return f"{tenths // 10:,}.{tenths % 10} %"


def figure_text(value: Fraction | None) -> str:
    """Up to 4 decimals, thousands apart: 1,234.5; — for none."""
    if value is None:
        return "—"
    whole, part = divmod(abs(round(value * 10**4)), 10**4)
    sign = "-" if value < 0 and (whole or part) else ""
    return f"{sign}{whole:,}" + (f".{part:04d}".rstrip("0") if part else "")
