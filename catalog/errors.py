"""Faults of a catalogue or register: every one with its file, its place and both languages."""

from collections.abc import Sequence
from dataclasses import dataclass

from indicators.errors import GranaryError


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing to correct. `line` is 1-based, 0 for the whole file; `field` may be ''."""

    file: str
    line: int
    field: str
    en: str
    zh: str

    def __str__(self) -> str:
        place = self.file if not self.line else f"{self.file}:{self.line}"
        return f"{place}: {self.field + ': ' if self.field else ''}{self.en} ({self.zh})"


class _FaultyError(GranaryError):
    def __init__(self, message: str, faults: Sequence[Fault]) -> None:
        self.faults = tuple(sorted(faults))
        lines = "\n".join(f"  {fault}" for fault in self.faults)
        super().__init__(f"{message}\n{lines}\n", faults=len(self.faults))


class CatalogueError(_FaultyError):
    """A catalogue folder has faults; `faults` lists every one."""

    code = "catalogue"
    next_step = "Correct these places, then run `granary catalog check DIR` again."


class RegisterError(_FaultyError):
    """A register's files have faults; `faults` lists every one."""

    code = "register"
    next_step = "Correct these rows, then run `granary register load DIR` again."


class ApplicationError(_FaultyError):
    """Files of applications have faults; `faults` lists every one."""

    code = "application"
    next_step = "Correct these cells, then run `granary screen` again."
