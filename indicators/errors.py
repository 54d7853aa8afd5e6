"""The root of every typed error of Granary: a stable code, facts, and the next step."""

from typing import ClassVar


class GranaryError(Exception):
    """An error with a stable `code` and typed facts; the rim turns it into text for a reader.

    `code` never changes once published; programs compare it, never the message. `next_step` says
    what the person concerned can do about it.
    """

    code: ClassVar[str] = "granary"
    next_step: ClassVar[str] = "See the log of the part that raised it."

    def __init__(self, message: str, /, **facts: object) -> None:
        super().__init__(message)
        self.message = message
        self.facts = facts

    def __str__(self) -> str:
        return f"{self.code}: {self.message} {self.next_step}"


class ArrayMismatchError(GranaryError):
    """Arrays that must be of one length are not; broadcasting would hide it."""

    code = "array_mismatch"
    next_step = "Pass arrays of one length."


class PeriodError(GranaryError):
    """A text or integer is not a period, or not one of the wanted frequency."""

    code = "period"
    next_step = "Write 2026, 2026-Q1 or 2026-M03."
