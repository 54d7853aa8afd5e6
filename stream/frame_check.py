"""Frame coverage against what stood: every row told anew from the log's records alone.

Cases depend on what came before what, so the fold that tells them anew was restored record by
record; nothing of the rows that stood went into it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from indicators.catalogue import Catalogue
from indicators.register import Register
from storage.frame_rows import FRAME
from storage.standing import Kind
from stream.frame_effect import columns_of
from stream.frame_state import FrameState

Columns = Mapping[str, Sequence[Any]]


class Unlike(NamedTuple):
    """One row that is not what is told anew."""

    check: str
    what: str
    expected: str
    found: str


def frame_unlike(
    frame: FrameState,
    register: Register,
    catalogue: Catalogue | None,
    stood: Mapping[str, Columns],
) -> Iterator[Unlike]:
    """Differences between rows told anew and columns that stood, by name of the current table."""
    standing = frame.standing(register, catalogue)
    for kind in FRAME:
        table = kind.current.removesuffix("_current")
        rows = list(standing[table].values())
        expected = _keyed(kind, columns_of(table, rows) if rows else {})
        found = _keyed(kind, stood.get(kind.current, {}))
        for key in sorted(expected.keys() | found.keys()):
            told, there = expected.get(key, "absent"), found.get(key, "absent")
            if told != there:
                yield Unlike(table, " ".join(key), str(told), str(there))


def frame_apart(kind: Kind, apart: Iterable[tuple[tuple[Any, ...], int, int]]) -> Iterator[Unlike]:
    """Rows in force that are not the last of their history."""
    for key, current, last in apart:
        found = f"version {current}" if current else "absent"
        yield Unlike(
            kind.current, " ".join(map(str, key)), f"as version {last} of the history", found
        )


def _keyed(kind: Kind, columns: Columns) -> dict[tuple[str, ...], tuple[Any, ...]]:
    if not columns:
        return {}
    lines = zip(*(columns[name] for name in (*kind.key, *kind.values)), strict=True)
    width = len(kind.key)
    return {
        tuple(map(str, line[:width])): tuple(_plain(value) for value in line[width:])
        for line in lines
    }


def _plain(value: Any) -> str | int:
    """A value alike from a told row and from the store, which has instants with a zone."""
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return round(value.timestamp() * 1000)
    return int(value)
