"""Held to what stood when they were locked: figures and counts that recomputation leaves alone."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from indicators.locks import Locks
from storage.standing import COMPLETENESS, FIGURES, Kind

Columns = Mapping[str, Sequence[Any]]
Key = tuple[Any, ...]
#: What of a row's key says whether a lock keeps it; its period comes last.
_TOLD_BY: Final = {
    FIGURES: ("indicator", "standing", "period"),
    COMPLETENESS: ("table_id", "period"),
}


class Kept:
    """What the locks in force keep of one kind of row, and since which version each of it."""

    def __init__(self, kind: Kind, locks: Locks) -> None:
        self._kind = kind
        self._since: dict[Key, int] = {}
        for lock in locks.holding():
            table = lock.made_of
            if table is not None and kind is FIGURES:
                for number in (*lock.own, *lock.quoted):
                    self._keep((number, table.standing.value, lock.period), lock.version)
            elif table is not None and lock.keeps_counts:
                self._keep((table.id, lock.period), lock.version)

    def parted(self, rows: Columns) -> tuple[Columns, Columns]:
        """(rows that no lock keeps, rows that one does), as named columns."""
        since = [self._since_of(key) for key in self._keys(rows)] if self._since else []
        if not any(since):
            return rows, _chosen(rows, [False] * len(since))
        kept = [at > 0 for at in since]
        return _chosen(rows, [not at for at in kept]), _chosen(rows, kept)

    def then(self, read: Callable[[Kind, int, Sequence[int]], Columns]) -> Iterator[Columns]:
        """Rows that stood when they were locked.

        `read` gives the rows of some periods that stood before a version.
        """
        for version in sorted(set(self._since.values())):
            periods = {key[-1] for key, since in self._since.items() if since == version}
            rows = read(self._kind, version, sorted(periods))
            yield _chosen(rows, [self._since_of(key) == version for key in self._keys(rows)])

    def _keep(self, key: Key, version: int) -> None:
        """What several locks keep has stood since the first of them."""
        self._since[key] = min(version, self._since.get(key, version))

    def _keys(self, rows: Columns) -> Iterator[Key]:
        return zip(*(rows[name] for name in _TOLD_BY[self._kind] if name in rows), strict=True)

    def _since_of(self, key: Key) -> int:
        return self._since.get(key, 0)


def _chosen(rows: Columns, wanted: Sequence[bool]) -> Columns:
    return {
        name: [value for value, chosen in zip(column, wanted, strict=False) if chosen]
        for name, column in rows.items()
    }
