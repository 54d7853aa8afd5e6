"""Operands of checks out of a city's cells and register."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indicators.arrays import Flags
from indicators.checks.attributes import attribute_days, attribute_numbers
from indicators.checks.check_cells import DISTRICT, CheckCells, Positions
from indicators.checks.evaluation import Truth, judged
from indicators.checks.numbers import VALUE_SCALE
from indicators.checks.others import pointed_value, pointing_sum, unit_texts, units_sum
from indicators.checks.tree import (
    AttributeDay,
    AttributeNumber,
    Outside,
    PeriodDay,
    PointedValue,
    PointingSum,
    Read,
    Text,
    UnitsSum,
    WrittenText,
)
from indicators.periods import period_end, period_start, shift

__all__ = ["DISTRICT", "CheckCells", "Positions", "UnitOperands", "looked_at", "looking_at"]


class UnitOperands:
    """`evaluation.Operands` of the units at `at` of one table's kind, in one period."""

    def __init__(self, cells: CheckCells, kind: str, period: int, at: Positions) -> None:
        self._cells = cells
        self._kind = kind
        self._period = period
        self._at = at

    def read(self, read: Read, /) -> tuple[NDArray[Any], Flags]:
        """Of each unit the first table's value that is there."""
        period = looked_at(read, self._period)
        value, has = np.zeros(len(self._at), np.int64), np.zeros(len(self._at), bool)
        if period is None:
            return value, has
        for table in read.tables:
            every, there = self._cells.values(table, read.item, period)
            here = there[self._at]
            value = np.where(~has & here, every[self._at], value)
            has = has | here
        return value, has

    def outside(self, node: Outside, /) -> tuple[NDArray[Any], Flags]:
        register = self._cells.register
        match node:
            case UnitsSum():
                where = self._where(node)
                values, has = units_sum(self._cells, node, self._kind, self._period, where)
            case PointingSum():
                where = self._where(node)
                values, has = pointing_sum(self._cells, node, self._kind, self._period, where)
            case PointedValue():
                values, has = pointed_value(self._cells, node, self._kind, self._period)
            case AttributeNumber(attribute=attribute):
                values, has = attribute_numbers(register, self._kind, attribute)
            case AttributeDay(attribute=attribute):
                values, has = attribute_days(register, self._kind, attribute)
            case PeriodDay(last=last):
                day = period_end(self._period) if last else period_start(self._period)
                return np.array([day.toordinal() * VALUE_SCALE]), np.ones(1, bool)
        return values[self._at], has[self._at]

    def _where(self, node: UnitsSum | PointingSum) -> Truth | None:
        """(units of the table,) truth of the condition of a sum, of each of its units."""
        if node.where is None:
            return None
        kind = self._cells.catalogue.table[node.table].unit_kind
        size = self._cells.register.size(kind)
        units = UnitOperands(self._cells, kind, self._period, np.arange(size))
        return judged(node.where, units, size).truth

    def texts(self, node: Text, /) -> Sequence[str]:
        if isinstance(node, WrittenText):
            return [node.text]
        return unit_texts(self._cells, node, self._kind, self._period, self._at)


def looked_at(read: Read, period: int) -> int | None:
    """The period whose value is read where `period` is judged; None where there is none."""
    base = period - 100 * read.years
    found = shift(base, -read.earlier)
    if read.restarts and found // 100 != base // 100:
        return None
    return found


def looking_at(read: Read, period: int) -> int | None:
    """The period in which a value of `period` is read; None where none does."""
    base = shift(period, read.earlier)
    if read.restarts and base // 100 != period // 100:
        return None
    return base + 100 * read.years
