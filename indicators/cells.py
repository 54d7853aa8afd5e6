"""What the core asks of whoever keeps the observations: the cube live, the store in batch."""

from typing import Protocol

from indicators.arrays import Amounts, Flags, Instants


class Cells(Protocol):
    """Current observations of one city, as vectors over all units of the table's kind.

    A call may block while a block is paged in; it raises only what the store raises. Arrays belong
    to the owner: read, never write.
    """

    def values(self, table: str, item: str, period: int) -> tuple[Amounts, Flags]:
        """(units,) values in 10^-4, 0 where none stands; (units,) whether a reported one does."""
        ...

    def periods(self, table: str) -> set[int]:
        """Periods of which any cell was ever accepted."""
        ...

    def arrivals(self, table: str, period: int) -> Instants:
        """(units,) UTC ms at which the unit's mandatory items first were complete; -1 not yet."""
        ...


class Calendar(Protocol):
    """Due instants in force."""

    def due(self, table: str, period: int) -> int | None:
        """UTC ms before which a return is on time; None where no instant is set."""
        ...

    def closed(self, table: str, period: int) -> bool:
        """Whether the log has said that the due instant is past."""
        ...
