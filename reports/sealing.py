"""Whether everything that was known by an instant can be known already (封存).

As of T is sealed when the log's end, read after T, is not beyond the ledger's next offset. A paper
as of an unsealed instant would show something else when it is asked for again.
"""

from datetime import datetime
from typing import Protocol

from granary.clock import Clock, utc
from reports.errors import FutureInstantError, UnsealedInstantError


class Progress(Protocol):
    """How far a city's log and the fold over it are. Each call may block for a network answer."""

    def log_end(self, city: str) -> int:
        """The offset after the last record of the city's log."""
        ...

    def ledger_next(self, city: str) -> int:
        """The offset after the contiguous prefix of the log that the ledger has."""
        ...


def require_sealed(city: str, as_of_ms: int, clock: Clock, progress: Progress) -> None:
    """Make sure that no record known by the instant is still to come.

    The clock is read before the log's end, and the end before the ledger: a record that arrives in
    between is known later than the instant.

    Raises:
        FutureInstantError: the instant is not past.
        UnsealedInstantError: records that may have been known by then are not folded yet.
    """
    now_ms = clock.now_ms()
    if as_of_ms >= now_ms:
        raise FutureInstantError(
            f"{_text(as_of_ms)} is not past; it is {_text(now_ms)}.", as_of_ms=as_of_ms
        )
    end = progress.log_end(city)
    folded = progress.ledger_next(city)
    if folded < end:
        raise UnsealedInstantError(
            f"the ledger of {city} is at offset {folded} of {end} of its log.",
            city=city, as_of_ms=as_of_ms, ledger_next=folded, log_end=end,
        )  # fmt: skip


def parse_instant(text: str) -> int:
    """UTC ms of an ISO 8601 instant; without a zone it is UTC.

    Raises:
        ValueError: not such an instant.
    """
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        at = at.replace(tzinfo=utc(0).tzinfo)
    return int(at.timestamp() * 1000)


def _text(at_ms: int) -> str:
    return utc(at_ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")
