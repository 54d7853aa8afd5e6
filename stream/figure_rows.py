"""Figures of a drain as rows: blocks are kept as they come, and every column is made once.

A record over a long history alters tens of thousands of blocks of a few subjects each; columns made
block by block would cost more than the figures themselves.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indicators.arrays import Flags
from indicators.figure_block import FigureBlock
from indicators.membership import Positions

Columns = dict[str, NDArray[Any] | list[Any]]


@dataclass(frozen=True, slots=True)
class Mark:
    """What the rows of one log record have in common."""

    city: int
    city_code: str
    version: int
    known_ms: int
    catalogue_version: int


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    """A block and the positions of its subjects that make rows."""

    block: FigureBlock
    at: Positions
    mark: Mark


class FigureRows:
    """Blocks in log order."""

    def __init__(self) -> None:
        self._kept: list[_Kept] = []
        self._columns: Columns | None = None
        self.count = 0  # rows

    def add(self, block: FigureBlock, mark: Mark) -> None:
        """Append the emitted subjects of a block."""
        at = np.flatnonzero(block.emit)
        if at.size:
            self._kept.append(_Kept(block, at, mark))
            self._columns = None
            self.count += len(at)

    def every(self) -> Columns:
        """All rows, in log order."""
        if self._columns is None:
            self._columns = _columns(self._kept)
        return self._columns

    def latest(self) -> Columns:
        """Of every figure the row of the last record that wrote it."""
        later: dict[tuple[Any, ...], Flags] = {}
        last: list[_Kept] = []
        for kept in reversed(self._kept):
            block = kept.block
            key = (
                block.indicator.code, block.period, block.measure, block.level, block.by_level,
                block.standing,
            )  # fmt: skip
            written = later.get(key)
            if written is None:
                written = later[key] = np.zeros(len(block.emit), bool)
            at = kept.at[~written[kept.at]]
            if at.size:
                written[at] = True
                last.append(kept if len(at) == len(kept.at) else replace(kept, at=at))
        if len(last) == len(self._kept) and sum(len(kept.at) for kept in last) == self.count:
            return self.every()
        return _columns(last[::-1])


def _columns(kept: Sequence[_Kept]) -> Columns:
    counts = [len(one.at) for one in kept]

    def each(value: Callable[[_Kept], Any], kind: Any) -> NDArray[Any]:
        """A value of the block for each of its rows."""
        return np.repeat(np.array([value(one) for one in kept], kind), counts)

    def rows(vector: Callable[[FigureBlock], NDArray[Any]]) -> NDArray[Any]:
        return np.concatenate([vector(one.block)[one.at] for one in kept])

    def texts(of: Callable[[FigureBlock], Sequence[str]]) -> list[str]:
        return [line[at] for one in kept for line in (of(one.block),) for at in one.at.tolist()]

    return {
        "city": each(lambda one: one.mark.city, np.int64),
        "city_code": each(lambda one: one.mark.city_code, object),
        "indicator": each(lambda one: one.block.indicator.id, np.int64),
        "indicator_code": each(lambda one: one.block.indicator.code, object),
        "period": each(lambda one: one.block.period, np.int64),
        "measure": each(lambda one: one.block.measure, object),
        "scope": each(lambda _: "all", object),
        "standing": each(lambda one: one.block.standing.value, object),
        "level": each(lambda one: one.block.level, object),
        "subject": texts(lambda block: block.subjects),
        "by_level": each(lambda one: one.block.by_level, object),
        "by_subject": texts(lambda block: block.by_subjects),
        "value": rows(lambda block: block.value),
        # Python integers: the store's 128-bit columns take no others.
        "numerator": rows(lambda block: block.numerator).tolist(),
        "denominator": rows(lambda block: block.denominator).tolist(),
        "units": rows(lambda block: block.units),
        "expected_units": rows(lambda block: block.expected),
        "reason": texts(lambda block: block.reason),
        "provisional": rows(lambda block: block.provisional).astype(np.int64),
        "version": each(lambda one: one.mark.version, np.uint64),
        "known_from": each(lambda one: one.mark.known_ms, np.int64),
        "catalogue_version": each(lambda one: one.mark.catalogue_version, np.int64),
        "retired": each(lambda _: 0, np.int64),
    }
