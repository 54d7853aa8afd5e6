"""Periods (报告期): SDMX texts, stored integers, and the arithmetic between them.

A period id is year * 100 + (0 for the year | 1..12 for a month | 21..24 for a quarter), so ids of
one frequency sort in time order. Source of the notation: SDMX 2.1 time formats.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from indicators.errors import PeriodError

_SDMX = re.compile(
    r"(?P<year>\d{4})(?:-(?:M(?P<month>\d{2})|Q(?P<quarter>[1-4])|(?P<plain>\d{2})))?"
)
_CHINESE = re.compile(r"(?P<year>\d{4})年(?:(?P<month>\d{1,2})月|(?P<quarter>[一二三四1-4])季度)?")
#: The store keeps a period's last day as days since 1970 in 16 bits, which end on 6 June 2149: a
#: period outside would be stored under another day.
FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 2148
_QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4, "1": 1, "2": 2, "3": 3, "4": 4}


class PeriodOutsideError(PeriodError):
    """A period of a year that cannot be stored."""

    code = "period_outside"
    next_step = f"Send periods of the years {FIRST_YEAR} to {LAST_YEAR}."


class Frequency(StrEnum):
    """How often a table is reported."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    def finer(self, other: "Frequency") -> bool:
        """Whether periods of this frequency are shorter than those of the other."""
        order = (Frequency.MONTH, Frequency.QUARTER, Frequency.YEAR)
        return order.index(self) < order.index(other)


def parse_period(text: str) -> int:
    """Period id of `2026`, `2026-Q1`, `2026-M03`, `2026-03`, `2026年3月`, `2026年一季度`.

    Raises:
        PeriodOutsideError: one of these, but of a year that cannot be stored.
        PeriodError: none of these.
    """
    plain = text.strip().upper().replace("M", "-M", 1).replace("Q", "-Q", 1).replace("--", "-")
    found = _SDMX.fullmatch(plain) or _CHINESE.fullmatch(text.strip())
    if not found:
        raise PeriodError(f"{text!r} is not a period.", text=text)
    parts = found.groupdict()
    year = int(parts["year"])
    month = int(parts.get("month") or parts.get("plain") or 0)
    quarter = _QUARTERS[parts["quarter"]] if parts.get("quarter") else 0
    written = parts.get("month") or parts.get("plain")
    if written and not 1 <= month <= 12:
        raise PeriodError(f"{text!r} is not a period.", text=text)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise PeriodOutsideError(f"{text!r} is not in {FIRST_YEAR} to {LAST_YEAR}.", text=text)
    return year * 100 + (20 + quarter if quarter else month)


def format_period(period: int) -> str:
    """SDMX text of a period id: 202603 → `2026-M03`."""
    year, part = divmod(period, 100)
    if part == 0:
        return f"{year:04d}"
    return f"{year:04d}-Q{part - 20}" if part > 20 else f"{year:04d}-M{part:02d}"


def is_period(period: int) -> bool:
    """Whether the integer is the id of some period."""
    year, part = divmod(period, 100)
    return FIRST_YEAR <= year <= LAST_YEAR and (0 <= part <= 12 or 21 <= part <= 24)


def frequency_of(period: int) -> Frequency:
    """Frequency of a period id."""
    part = period % 100
    if part == 0:
        return Frequency.YEAR
    return Frequency.QUARTER if part > 20 else Frequency.MONTH


def period_end(period: int) -> date:
    """Last day of the period."""
    year, part = divmod(period, 100)
    month = 12 if part == 0 else (part - 20) * 3 if part > 20 else part
    following = date(year + month // 12, month % 12 + 1, 1)
    return following - timedelta(days=1)


def period_start(period: int) -> date:
    """First day of the period."""
    return period_end(shift(period, -1)) + timedelta(days=1)


def shift(period: int, by: int) -> int:
    """The period `by` steps of its own frequency later (earlier if negative)."""
    year, part = divmod(period, 100)
    if part == 0:
        return (year + by) * 100
    base, length = (20, 4) if part > 20 else (0, 12)
    index = year * length + (part - base - 1) + by
    return (index // length) * 100 + base + index % length + 1


def year_before(period: int) -> int:
    """The same period of the year before (上年同期)."""
    return period - 100


def year_to_date(period: int) -> list[int]:
    """The periods of the year up to and including this one: 1月…本月 (本年累计)."""
    base = 20 if period % 100 > 20 else 0
    if period % 100 == 0:
        return [period]
    return [period - period % 100 + part for part in range(base + 1, period % 100 + 1)]


def year_length(period: int) -> int:
    """Periods of this one's frequency in a year."""
    return {Frequency.MONTH: 12, Frequency.QUARTER: 4, Frequency.YEAR: 1}[frequency_of(period)]


def rolling(period: int, length: int = 12) -> list[int]:
    """`length` periods ending with this one, oldest first."""
    return [shift(period, step) for step in range(1 - length, 1)]


def containing(period: int, frequency: Frequency) -> int:
    """The period of that frequency, the same or a longer one, in which this one lies."""
    year, part = divmod(period, 100)
    if frequency is frequency_of(period):
        return period
    return year * 100 + (0 if frequency is Frequency.YEAR else 20 + (part + 2) // 3)


def within(period: int, frequency: Frequency) -> list[int]:
    """The periods of that frequency, the same or a shorter one, that make up this one."""
    year, part = divmod(period, 100)
    if frequency is frequency_of(period):
        return [period]
    if frequency is Frequency.QUARTER:
        return [year * 100 + 20 + quarter for quarter in (1, 2, 3, 4)]
    first = 1 if part == 0 else (part - 20) * 3 - 2
    return [year * 100 + month for month in range(first, 13 if part == 0 else first + 3)]


def between(first: int, last: int) -> Iterator[int]:
    """Periods of one frequency from `first` to `last`, both included."""
    while first <= last:
        yield first
        first = shift(first, 1)
