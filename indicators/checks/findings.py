"""Findings of checks (审核发现): units for which a rule is FALSE, both figures, and its weight."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indicators.arrays import Flags, Ratios
from indicators.checks.compiling import Check
from indicators.checks.evaluation import FALSE, Judged, applied
from indicators.checks.facts import FactTexts, day_text, difference_text, figure_text
from indicators.checks.influence import influence, tier
from indicators.checks.operands import CheckCells, Positions, UnitOperands
from indicators.periods import format_period

#: Stays in a stored message: the reader's view puts the unit's name in its place.
UNIT_PLACE = "{unit}"


@dataclass(frozen=True, eq=False)
class Findings:
    """Units for which one rule is FALSE in one period, all (n,), by position in the register.

    left, right: floats nearest to both sides, NaN for none; a date as 20260331. influence: per
    mille, NaN for none; district: position in the grouping's members, -1 for none.
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
    _operands: UnitOperands  # of the units found alone

    @cached_property
    def _facts(self) -> FactTexts:
        return FactTexts(self.check, self._operands)

    def message(self, number: int) -> tuple[str, str]:
        """(Chinese, English) of one finding; {unit} is left for whoever knows the name."""
        place = int(self._place[number])
        rule = self.check.rule
        facts = {
            **self._facts.at(number),
            **message_facts(UNIT_PLACE, self.period, self._judged, place),
        }
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
        *_sides(judged, len(at), place),
        weight,
        tier(weight),
        district.astype(np.int32),
        judged,
        place,
        UnitOperands(cells, check.unit_kind, period, found),
    )


def _sides(judged: Judged, units: int, place: Positions) -> tuple[Ratios, Ratios]:
    """(n,) both figures of the units at these places; dates as whole numbers such as 20260331."""
    days = np.broadcast_to(judged.days, (units,))[place]

    def told(side: Ratios) -> Ratios:
        dated = days & ~np.isnan(side)
        found = side.copy()
        found[dated] = [int(day_text(int(day)).replace("-", "")) for day in side[dated].tolist()]
        return found

    left, right = (told(side.floats(units)[place]) for side in (judged.left, judged.right))
    return left, right


def _returned(cells: CheckCells, check: Check, period: int, units: Positions) -> Flags:
    """(n,) whether the unit reported anything of the rule's table."""
    found = np.zeros(len(units), bool)
    for item in cells.catalogue.table[check.rule.table].items:
        if found.all():
            break
        found |= cells.values(check.rule.table, item, period)[1][units]
    return found


def message_facts(unit: str, period: int, judged: Judged, place: int) -> Mapping[str, str]:
    """What the placeholders of a rule's messages stand for, of the unit at this place."""
    left, right = judged.left.at(place), judged.right.at(place)
    day = bool(judged.days[place if len(judged.days) != 1 else 0])
    return {
        "unit": unit,
        "period": format_period(period),
        "left": figure_text(left, day=day),
        "right": figure_text(right, day=day),
        "difference": difference_text(left, right),
    }
