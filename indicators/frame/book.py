"""What feeds say of candidates, and by which code each registered unit is known: a fold of rows.

Kept beside `indicators.register.Register`, whose indices it shares, as growing arrays: after a
record only the rows of that record are read again.
"""

import unicodedata
from array import array
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Final

from indicators.errors import PeriodError
from indicators.periods import parse_period
from indicators.register import LIST_GROUPING, Register, RegisterChange
from indicators.register_fold import Names

#: Kind of the units that feeds name.
CANDIDATE: Final = "candidate"
#: Kind of the units that the survey list is about.
ENTERPRISE: Final = "enterprise"

#: No size is known.
UNKNOWN: Final = -1
_SCALE: Final = 4  # sizes are integers in 10^-4
_MOST: Final = 2**62
#: Begins the key of a candidate without a credit code, so that no unit's code is like it.
_LOOSE: Final = ":"


class FrameBook:
    """Columns by the register's index of the kind; a unit not put so far has key -1."""

    def __init__(self) -> None:
        self.keys = Names()
        self.texts = Names()  # feeds and sectors
        self.blank = self.texts.number("")
        self.key = array("i")  # candidates: identity key
        self.feed = array("i")
        self.sector = array("i")
        self.as_of = array("i")  # period id, 0 for none
        self.size = array("q")  # 10^-4, UNKNOWN for none
        self.active = bytearray()
        self.unit_key = array("i")  # enterprises: identity key
        self._periods: dict[str, int] = {"": 0}

    def apply(self, register: Register, rows: Iterable[RegisterChange]) -> bool:
        """Fold rows that the register has taken already; whether any touches who is a case."""
        touched = False
        for row in rows:
            if row.kind == CANDIDATE:
                touched = True
                self._candidate(register.place(CANDIDATE, row.code), row)
            elif row.kind == ENTERPRISE:
                if row.action == "put_unit":
                    touched = True
                    self._unit(register.place(ENTERPRISE, row.code), row)
                elif row.action == "drop_unit" or row.grouping == LIST_GROUPING:
                    touched = True
        return touched

    def case_code(self, key: int) -> str:
        """What a case of the key is called: the credit code, else the candidate's code."""
        return self.keys.texts[key].removeprefix(_LOOSE)

    def credit_code(self, key: int) -> str:
        """The credit code that the key is, '' for a candidate without one."""
        text = self.keys.texts[key]
        return "" if text.startswith(_LOOSE) else text

    def key_of_case(self, code: str) -> int:
        """Key of the case, -1 if no candidate ever had it."""
        loose = self.keys.known(_LOOSE + code)
        return loose if loose >= 0 else self.keys.known(code)

    def _candidate(self, at: int, row: RegisterChange) -> None:
        while len(self.key) <= at:
            for column in (self.key, self.feed, self.sector, self.as_of, self.size):
                column.append(-1)
            self.active.append(False)
        if row.action == "drop_unit":
            self.active[at] = False
        elif row.action == "put_unit":
            told = dict(row.attributes)
            credit_code = plain_code(told.get("credit_code", ""))
            self.key[at] = self.keys.number(credit_code or _LOOSE + row.code)
            self.feed[at] = self.texts.number(told.get("feed", ""))
            self.sector[at] = self.texts.number(told.get("sector", "").strip())
            self.as_of[at] = self._period(told.get("as_of", ""))
            self.size[at] = amount(told.get("size", ""))
            self.active[at] = True

    def _unit(self, at: int, row: RegisterChange) -> None:
        while len(self.unit_key) <= at:
            self.unit_key.append(-1)
        told = dict(row.attributes)
        code = plain_code(told.get("credit_code", "")) or plain_code(row.code)
        self.unit_key[at] = self.keys.number(code)

    def _period(self, text: str) -> int:
        found = self._periods.get(text)
        if found is None:
            try:
                found = parse_period(text)
            except PeriodError:
                found = 0
            self._periods[text] = found
        return found


def plain_code(text: str) -> str:
    """A credit code as it is compared: no blanks around it, capital, of half width."""
    stripped = text.strip().upper()
    return stripped if stripped.isascii() else unicodedata.normalize("NFKC", stripped)


def amount(text: str) -> int:
    """A decimal text in 10^-4; `UNKNOWN` where it is none, negative, or has more decimals."""
    try:
        scaled = Decimal(text.strip()).scaleb(_SCALE) if text else None
        exact = None if scaled is None else int(scaled)
    except (InvalidOperation, ValueError, OverflowError):
        return UNKNOWN
    if exact is None or exact != scaled or not 0 <= exact < _MOST:
        return UNKNOWN
    return exact
