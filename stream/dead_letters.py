"""Watch over dead letters: a feed that is mostly undecodable halts its city, it is not binned.

The window goes on across restarts, because it begins with the last records of the ledger: a worker
that is restarted again and again still sends no more than the limit to the bin.
"""

from collections import deque
from collections.abc import Iterable
from typing import Final

from stream.errors import DeadLetterLimitError

#: Records among which the share of dead letters is watched.
DEAD_WINDOW: Final = 100


class DeadLetterWatch:
    """Counts the dead letters among the last `DEAD_WINDOW` records of one city."""

    def __init__(self, city: int, share: float, latest_kinds: Iterable[str] = ()) -> None:
        self._city = city
        self._most = share * DEAD_WINDOW
        self._died = deque((kind == "dead" for kind in latest_kinds), maxlen=DEAD_WINDOW)

    def note(self, died: bool) -> None:
        """Count one more record; a good one is always let through.

        Raises:
            DeadLetterLimitError: a dead letter too many. It is not to be binned.
        """
        self._died.append(died)
        found = sum(self._died)
        if died and len(self._died) == DEAD_WINDOW and found > self._most:
            raise DeadLetterLimitError(
                f"{found} of the last {DEAD_WINDOW} records are undecodable.", city=self._city
            )
