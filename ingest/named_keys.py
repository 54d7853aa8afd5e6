"""Keys without a unit are named in the log before the cells that carry them.

A cell travels with a 64-bit id. So that a key which the register does not know can be shown to a
person, it is put into the register as a thing of its own, whose kind is the scheme and whose code
is the key; then the chunks follow.
"""

import hashlib
import threading
from collections.abc import Sequence
from typing import Final, Protocol

import numpy as np

from granary.records import RegisterRow, encode_register
from indicators.correspondence import Correspondence
from ingest.errors import BusyError
from storage.control import intents, schema

#: Keys of one register record: well under the broker's message limit, quick to fold.
_AT_ONCE: Final = 20_000
#: Seconds between two looks, and looks before the sender is asked to come back.
_PAUSE: Final = 0.05
_LOOKS: Final = 600


class Relaying(Protocol):
    """Brings intents into the log; `step` may be called by any thread."""

    def step(self) -> int: ...


class KeyNames:
    """Puts keys into the log of a city. May be called from any thread."""

    def __init__(self, control_url: str, relay: Relaying) -> None:
        self._control_url = control_url
        self._relay = relay

    def put(self, city: int, correspondence: Correspondence, keys: Sequence[str]) -> None:
        """Have the keys in the log; those that are in the register already are left as they are.

        Raises:
            BusyError: whoever relays does not get them into the log in time.
            LogUnavailableError: Kafka does not acknowledge.
        """
        ids = np.array([correspondence.id_of(key) for key in keys], np.uint64)
        named = correspondence.named(ids).tolist()
        new = sorted(key for key, there in zip(keys, named, strict=True) if not there)
        asked = [
            self._ask(city, correspondence.scheme.code, new[start : start + _AT_ONCE])
            for start in range(0, len(new), _AT_ONCE)
        ]
        looks = 0
        pause = threading.Event()
        while not self._produced(city, asked):
            if looks >= _LOOKS:
                raise BusyError("keys without a unit are not in the log yet.")
            looks += 1
            if not self._relay.step():
                pause.wait(_PAUSE)  # another gateway relays

    def _ask(self, city: int, scheme: str, keys: Sequence[str]) -> str:
        digest = hashlib.sha256("\n".join((scheme, *keys)).encode()).hexdigest()
        record = f"keys:{scheme}:{digest[:32]}"
        rows = [RegisterRow("put_unit", scheme, key, key) for key in keys]
        with schema.engine(self._control_url).begin() as connection:
            intents.submit(connection, city, "register", record, encode_register(record, rows))
        return record

    def _produced(self, city: int, records: Sequence[str]) -> bool:
        if not records:
            return True
        with schema.reading(self._control_url) as connection:
            return all(intents.is_produced(connection, city, record) for record in records)
