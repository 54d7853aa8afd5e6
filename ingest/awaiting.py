"""Waiting until the log has records that were asked for through the control store's intents."""

import threading
from collections.abc import Sequence
from typing import Final, Protocol

from storage.control import intents, schema

#: Seconds between two looks, and looks before giving up: 30 s.
_PAUSE: Final = 0.05
_LOOKS: Final = 600


class Relaying(Protocol):
    """Brings intents into the log; `step` may be called by any thread."""

    def step(self) -> int: ...


def in_log_soon(control_url: str, relay: Relaying, city: int, records: Sequence[str]) -> bool:
    """Relay until the log has all these records; False where it has not in time.

    Raises:
        LogUnavailableError: Kafka does not acknowledge.
    """
    if not records:
        return True
    pause = threading.Event()
    for _ in range(_LOOKS):
        with schema.reading(control_url) as connection:
            if intents.are_produced(connection, city, records):
                return True
        if not relay.step():
            pause.wait(_PAUSE)  # another gateway relays
    return False
