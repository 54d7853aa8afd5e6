"""Where a worker takes a city up again: the fold as the store's ledger vouches for it."""

import json
from collections.abc import Iterable, Sequence
from typing import Protocol

from granary.keys import version_of
from granary.records import Record, RegisterRow
from stream.cube import BlockStore
from stream.dead_letters import DEAD_WINDOW
from stream.fold import CityFold


class FoldStore(BlockStore, Protocol):
    """What recovery reads, as of a version (exclusive), in log order. Blocks; safe to repeat."""

    def next_offset(self, city: int, generation: int) -> int:
        """The offset after the contiguous prefix of ledger rows; 0 for none."""
        ...

    def control_events(self, city: int, upto: int) -> Iterable[tuple[int, str, str, str]]:
        """(version, id, type, body as JSON)."""
        ...

    def register_events(
        self, city: int, upto: int
    ) -> Iterable[tuple[int, str, str, str, str, str, str, str, str, str, str]]:
        """(version, record id, action, kind, code, name, grouping, member, valid_from, valid_to,
        attributes as JSON)."""
        ...

    def known_times(self, city: int, upto: int) -> dict[int, int]:
        """Version → since when it is known (UTC ms), of control and register records."""
        ...

    def chunks_seen(self, city: int, upto: int) -> dict[tuple[str, int], str]:
        """(submission, chunk) → hash of every good chunk."""
        ...

    def manifests_seen(self, city: int, upto: int) -> Sequence[str]:
        """Submissions whose manifest is in the ledger."""
        ...

    def latest_kinds(self, city: int, upto: int, count: int) -> Sequence[str]:
        """Kinds of the last `count` ledger rows."""
        ...


def recover(store: FoldStore, city: int, generation: int, most_cells: int) -> CityFold:
    """The fold of the city's log up to the ledger; blocks are paged in when first needed."""
    fold = CityFold(city, generation, store, most_cells)
    next_offset = store.next_offset(city, generation)
    upto = version_of(generation, next_offset)
    records = [
        (version, Record(record_id, kind, json.loads(body)))
        for version, record_id, kind, body in store.control_events(city, upto)
    ]
    fold.restore(
        records,
        _registers(store, city, upto),
        store.chunks_seen(city, upto),
        store.manifests_seen(city, upto),
        next_offset,
        store.latest_kinds(city, upto, DEAD_WINDOW),
        known=store.known_times(city, upto),
    )
    return fold


def _registers(store: FoldStore, city: int, upto: int) -> list[tuple[int, str, list[RegisterRow]]]:
    grouped: dict[tuple[int, str], list[RegisterRow]] = {}
    for version, record_id, *columns in store.register_events(city, upto):
        grouped.setdefault((version, record_id), []).append(RegisterRow.stored(*columns))
    return [(version, record_id, rows) for (version, record_id), rows in grouped.items()]
