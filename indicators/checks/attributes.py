"""What the register keeps of units, as numbers and dates: parsed once while the units stay.

An attribute that cannot be read so is none; the loader of registers refuses such a text.
"""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Final

import numpy as np

from indicators.arrays import Amounts, Flags
from indicators.checks.numbers import VALUE_SCALE
from indicators.register import Register

#: Up to 14 digits and 4 decimals: a number of 10^-4 that 64 bits hold.
_DECIMAL: Final = re.compile(r"-?[0-9]{1,14}(\.[0-9]{1,4})?")


def number_of(text: str) -> int | None:
    """The number in 10^-4 that a register's text writes; None where it writes none."""
    return int(Decimal(text) * VALUE_SCALE) if _DECIMAL.fullmatch(text) else None


def day_of(text: str) -> int | None:
    """The proleptic ordinal of the ISO date that a register's text writes; None for none."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found.toordinal() if found.isoformat() == text else None


def attribute_numbers(register: Register, kind: str, attribute: str) -> tuple[Amounts, Flags]:
    """(units,) the attribute's number in 10^-4, and whether there is one."""
    key = ("attribute_numbers", attribute)
    return register.kept(kind, key, lambda: _read(register, kind, attribute, number_of))


def attribute_days(register: Register, kind: str, attribute: str) -> tuple[Amounts, Flags]:
    """(units,) the attribute's date as ordinal in 10^-4, and whether there is one."""

    def day(text: str) -> int | None:
        found = day_of(text)
        return None if found is None else found * VALUE_SCALE

    key = ("attribute_days", attribute)
    return register.kept(kind, key, lambda: _read(register, kind, attribute, day))


def _read(
    register: Register, kind: str, attribute: str, read: Callable[[str], int | None]
) -> tuple[Amounts, Flags]:
    found = [read(text) for text in register.texts(kind, attribute)]
    values = np.array([one or 0 for one in found], np.int64)
    return values, np.array([one is not None for one in found], bool)
