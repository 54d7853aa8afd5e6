"""Keys without a unit are named in the log before the cells that carry them.

A cell travels with a 64-bit id. So that a key which the register does not know can be shown to a
person, it is put into the register as a thing of its own, whose kind is the scheme and whose code
is the key; then the chunks follow.
"""

import hashlib
from collections.abc import Sequence
from typing import Final

import numpy as np

from granary.records import RegisterRow, encode_register
from indicators.correspondence import Correspondence
from ingest.awaiting import Relaying, in_log_soon
from ingest.errors import BusyError
from storage.control import intents, schema

#: Keys of one register record: well under the broker's message limit, quick to fold.
_AT_ONCE: Final = 20_000


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
        if not in_log_soon(self._control_url, self._relay, city, asked):
            raise BusyError("keys without a unit are not in the log yet.")

    def _ask(self, city: int, scheme: str, keys: Sequence[str]) -> str:
        digest = hashlib.sha256("\n".join((scheme, *keys)).encode()).hexdigest()
        record = f"keys:{scheme}:{digest[:32]}"
        rows = [RegisterRow("put_unit", scheme, key, key) for key in keys]
        with schema.engine(self._control_url).begin() as connection:
            intents.submit(connection, city, "register", record, encode_register(record, rows))
        return record
