"""Cells that passed the door one by one, gathered until the whole file is known."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indicators.register_fold import Names

Numbers = NDArray[np.int32]


class ColumnNames(Names):
    """Numbers for the distinct texts of one role, in order of first sight."""

    def of(self, column: Any) -> Numbers:
        """(rows,) number of each text of a pyarrow string array."""
        encoded = column.dictionary_encode()
        numbers = [self.number(text) for text in encoded.dictionary.to_pylist()]
        indices: Numbers = encoded.indices.to_numpy()
        return np.array(numbers, np.int32)[indices]


@dataclass(slots=True, eq=False)
class Gathered:
    """Parallel columns in stretches: numbers of unit, item, period, column label; value; row."""

    unit: list[Numbers] = field(default_factory=list)
    item: list[Numbers] = field(default_factory=list)
    period: list[Numbers] = field(default_factory=list)
    label: list[Numbers] = field(default_factory=list)
    value: list[NDArray[np.int64]] = field(default_factory=list)
    status: list[NDArray[np.int8]] = field(default_factory=list)
    row: list[NDArray[np.int64]] = field(default_factory=list)

    def join(self, name: str, kind: type[np.generic]) -> NDArray[Any]:
        """One column of all stretches; the stretches themselves are let go, for they are large."""
        parts = getattr(self, name)
        joined = np.concatenate(parts) if parts else np.zeros(0, kind)
        parts.clear()
        return joined


def ranked(ids: list[int], kind: type[np.generic]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """(distinct ids in order, rank of each number's id)."""
    distinct, rank = np.unique(np.array(ids, kind), return_inverse=True)
    return distinct, rank.astype(np.int64)


def repeats(key: NDArray[np.int64], row: NDArray[np.int64]) -> tuple[NDArray[np.bool_], Any]:
    """Of sorted keys with their rows: (which stand more than once, for those the row of another).

    The first of equal keys is told the second's row, the others the first's.
    """
    same = key[1:] == key[:-1]
    repeated = np.zeros(len(key), bool)
    repeated[1:] |= same
    repeated[:-1] |= same
    keys, rows = key[repeated], row[repeated]
    first = np.flatnonzero(np.diff(keys, prepend=keys[:1] - 1))
    other = rows[np.repeat(first, np.diff(first, append=len(keys)))]
    other[first] = rows[first + 1]
    return repeated, other
