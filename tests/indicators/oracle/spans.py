"""Periods as stretches of months, for the second computation: 2026-Q1 is three months from M01."""

from calendar import monthrange
from datetime import date
from typing import NamedTuple

LENGTHS = {"month": 1, "quarter": 3, "year": 12}


class Span(NamedTuple):
    """`length` months from month number `first`, counted from January of the year 0."""

    first: int
    length: int

    @property
    def last_day(self) -> date:
        year, month = divmod(self.first + self.length - 1, 12)
        return date(year, month + 1, monthrange(year, month + 1)[1])

    @property
    def opens_year(self) -> bool:
        return self.first % 12 == 0

    @property
    def month(self) -> int:
        """1…12 for a month, 0 for anything longer."""
        return self.first % 12 + 1 if self.length == 1 else 0

    @property
    def period(self) -> int:
        """The stored integer of the period."""
        year, month = divmod(self.first, 12)
        part = {1: month + 1, 3: 21 + month // 3, 12: 0}[self.length]
        return year * 100 + part

    def back(self, steps: int) -> "Span":
        return Span(self.first - steps * self.length, self.length)

    def years_back(self, years: int) -> "Span":
        return Span(self.first - 12 * years, self.length)

    def parts(self, length: int) -> list["Span"]:
        return [Span(self.first + step, length) for step in range(0, self.length, length)]

    def window(self, window: str) -> list["Span"]:
        """Spans of this length that a window ending here holds, oldest first."""
        if window == "ytd":
            count = (self.first % 12) // self.length + 1
        else:
            count = 12 // self.length if window == "rolling12" else 1
        return [self.back(step) for step in reversed(range(count))]


def span(period: int) -> Span:
    """The span of a stored integer."""
    year, part = divmod(period, 100)
    if part == 0:
        return Span(year * 12, 12)
    return Span(year * 12 + (part - 21) * 3, 3) if part > 20 else Span(year * 12 + part - 1, 1)
