"""What messages of findings quote: figures, dates and texts of one unit, as a reader sees them."""

import math
from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Final

from indicators.checks.compiling import Check
from indicators.checks.evaluation import Operands, evaluated
from indicators.checks.numbers import Numbers
from indicators.checks.tree import DAYS, TEXTS

NOTHING: Final = "—"


class FactTexts:
    """Texts of a rule's facts, of the units that the operands are of."""

    def __init__(self, check: Check, operands: Operands) -> None:
        self._numbers: dict[str, tuple[Numbers, bool]] = {}
        self._texts: dict[str, Sequence[str]] = {}
        for name, fact in check.facts.items():
            if isinstance(fact, TEXTS):
                self._texts[name] = operands.texts(fact)
            else:
                self._numbers[name] = evaluated(fact, operands), isinstance(fact, DAYS)

    def at(self, place: int) -> Mapping[str, str]:
        """Name → text, of the unit at this place; — for what is not known."""
        found = {
            name: figure_text(of.at(place), day=day) for name, (of, day) in self._numbers.items()
        }
        for name, texts in self._texts.items():
            found[name] = texts[place if len(texts) != 1 else 0] or NOTHING
        return found


def figure_text(value: Fraction | None, *, day: bool = False) -> str:
    """Up to 4 decimals, thousands apart: 1,234.5; of a date 2026-03-31; — for none."""
    if value is None:
        return NOTHING
    if day:
        return day_text(math.floor(value))
    whole, part = divmod(abs(round(value * 10**4)), 10**4)
    sign = "-" if value < 0 and (whole or part) else ""
    return f"{sign}{whole:,}" + (f".{part:04d}".rstrip("0") if part else "")


def day_text(ordinal: int) -> str:
    """ISO date of a proleptic ordinal; the first or last date there is, beyond."""
    first, last = date.min.toordinal(), date.max.toordinal()
    return date.fromordinal(min(max(ordinal, first), last)).isoformat()


def difference_text(left: Fraction | None, right: Fraction | None) -> str:
    """By how much right is off left, in per cent of left: 10.9 %; — where there is no share."""
    if left is None or right is None or not left:
        return NOTHING
    tenths = round(abs(left - right) * 1000 / abs(left))
    return f"{tenths // 10:,}.{tenths % 10} %"
