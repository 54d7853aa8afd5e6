"""Keys and codes that stored rows carry: unit ids, versions, statuses of an observation."""

from typing import Final

import xxhash

#: A version is generation * GENERATION_SPAN + offset in the city's log.
GENERATION_SPAN: Final = 1 << 48

# Observation statuses on the wire and in the store.
REPORTED, MISSING, NOT_APPLICABLE, ESTIMATED, WITHDRAWN = range(5)


def unit_id(kind: str, code: str) -> int:
    """The stored key of a unit: xxHash64(kind ':' code), seed 0, as ClickHouse's `xxHash64()`."""
    return xxhash.xxh64_intdigest(f"{kind}:{code}".encode(), seed=0)


def version_of(generation: int, offset: int) -> int:
    """Version of what the record at `offset` of log `generation` wrote."""
    return generation * GENERATION_SPAN + offset
