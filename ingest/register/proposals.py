"""A row of a submitted register file that can be read, before it is known whether it may enter."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from catalog.changes import RegisterRow


@dataclass(frozen=True, slots=True)
class Proposed:
    """What a row asks for.

    identity: no two rows of a file say the same thing; together: rows that enter together or not at
    all, as a move is an end and a beginning; column: where findings about the unit are put; why:
    the reason of a withdrawal, '' for anything else.
    """

    row: int
    unit: tuple[str, str]  # kind, code
    identity: tuple[str, ...]
    together: tuple[str, ...]
    changes: Sequence[RegisterRow] = field(default_factory=tuple)
    column: str = ""
    why: str = ""
