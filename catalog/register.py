"""A city's register (名录) as CSV: units, memberships, list decisions, keys of departments.

CSV because a register may hold 100,000 units. Dates are ISO; `*_to` is the first day on which it no
longer holds. The format is described in docs/catalog.md.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from catalog.changes import RegisterRow
from catalog.errors import RegisterError
from catalog.register_lists import (
    CORRESPONDENCE_COLUMNS,
    CORRESPONDENCES,
    LIST_COLUMNS,
    LIST_DECISIONS,
    read_correspondences,
    read_list_decisions,
)
from catalog.register_memberships import MEMBERSHIP_COLUMNS, MEMBERSHIPS, read_memberships
from catalog.register_reading import Reading
from catalog.register_units import UNIT_COLUMNS, UNITS, read_units
from indicators.catalogue import Catalogue

__all__ = [
    "CORRESPONDENCES",
    "CORRESPONDENCE_COLUMNS",
    "FILES",
    "LIST_COLUMNS",
    "LIST_DECISIONS",
    "MEMBERSHIPS",
    "MEMBERSHIP_COLUMNS",
    "UNITS",
    "UNIT_COLUMNS",
    "read_register",
    "register_of",
]

_READERS: Final[Mapping[str, Callable[[bytes, Reading], None]]] = {
    UNITS: read_units,
    MEMBERSHIPS: read_memberships,
    LIST_DECISIONS: read_list_decisions,
    CORRESPONDENCES: read_correspondences,
}
#: Files of a register, in the order in which they are read.
FILES: Final = tuple(_READERS)


def read_register(directory: Path, catalogue: Catalogue) -> list[RegisterRow]:
    """The whole register as puts, units before what they are in, in the order of the files.

    A folder without units.csv has an empty register.

    Raises:
        RegisterError: every fault, with file, row (line of the file) and column.
    """
    there = {name: directory / name for name in FILES if (directory / name).is_file()}
    contents = {name: path.read_bytes() for name, path in there.items()}
    return register_of(contents, catalogue, str(directory))


def register_of(
    contents: Mapping[str, bytes], catalogue: Catalogue, whence: str = "the files"
) -> list[RegisterRow]:
    """As `read_register`, of file names (`FILES`) and their bytes; `whence` is for the message.

    Raises:
        RegisterError: as `read_register`.
    """
    reading = Reading(catalogue)
    for name, read in _READERS.items():
        if name in contents:
            read(contents[name], reading)
    if reading.faults:
        raise RegisterError(f"the register in {whence} has faults:", reading.faults)
    return reading.rows
