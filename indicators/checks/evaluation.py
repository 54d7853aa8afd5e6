"""Judging a condition for many units at once: TRUE, FALSE, or NULL, and both sides of it.

Kleene's three-valued logic over exact numbers: `and` is the least, `or` the greatest of FALSE <
NULL < TRUE. A comparison with a missing operand is NULL, so is a quotient by zero. No data raise.
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from indicators.arrays import Flags
from indicators.checks import numbers
from indicators.checks.numbers import VALUE_SCALE, Numbers
from indicators.checks.tree import (
    DAYS,
    Binary,
    Both,
    Comparison,
    Condition,
    Constant,
    DayShift,
    Function,
    Negative,
    Not,
    Outside,
    Quantity,
    Read,
    Reported,
    Text,
    TextComparison,
    Within,
)

FALSE: Final = np.int8(0)
NULL: Final = np.int8(1)
TRUE: Final = np.int8(2)
Truth = NDArray[np.int8]

_RELATIONS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


class Operands(Protocol):
    """Values of the units that are judged, in one period."""

    def read(self, read: Read, /) -> tuple[NDArray[Any], Flags]:
        """(units,) values in 10^-4, exact integers; (units,) whether there is one."""
        ...

    def outside(self, node: Outside, /) -> tuple[NDArray[Any], Flags]:
        """(units,) what others report, the register keeps or the period says; whether it is known.

        In 10^-4; a date is its proleptic ordinal. A sum is known if every part of it is.
        """
        ...

    def texts(self, node: Text, /) -> Sequence[str]:
        """(units,) texts, '' for none."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """(units,) truth, and the two sides of the comparison that decided.

    Of `and` the sides are those of the first part that is FALSE, else of the first part; of a chain
    the first pair that is FALSE; of a tolerance abs(a - b) <= c they are a and b.
    days: (units,) or (1,) whether the sides are dates, told as proleptic ordinals.
    """

    truth: Truth
    left: Numbers
    right: Numbers
    days: Flags = field(default_factory=lambda: np.zeros(1, bool))


def judged(condition: Condition, operands: Operands, units: int) -> Judged:
    """The condition for each of the units."""
    found = _condition(condition, operands)
    truth = np.broadcast_to(found.truth, (units,))
    return replace(found, truth=truth)


def applied(condition: Condition, when: Condition | None, operands: Operands, units: int) -> Judged:
    """The condition where `when` is TRUE; NULL elsewhere."""
    found = judged(condition, operands, units)
    if when is None:
        return found
    applies = judged(when, operands, units).truth == TRUE
    return replace(found, truth=np.where(applies, found.truth, NULL))


def _condition(node: Condition, operands: Operands) -> Judged:
    match node:
        case Comparison():
            sides = [evaluated(one, operands) for one in node.numbers]
            pairs = zip(sides[:-1], node.relations, sides[1:], strict=True)
            found = reduce(_both, [_pair(left, sign, right) for left, sign, right in pairs])
            left, right = _differing(node, operands) or (found.left, found.right)
            return Judged(found.truth, left, right, np.array([isinstance(node.numbers[0], DAYS)]))
        case TextComparison():
            return _texts(node, operands)
        case Within():
            left, right = evaluated(node.left, operands), evaluated(node.right, operands)
            ratio = numbers.divided(left, right)
            low = _pair(numbers.constant(node.low), "<=", ratio).truth
            high = _pair(ratio, "<=", numbers.constant(node.high)).truth
            return Judged(np.minimum(low, high), left, right)
        case Reported():
            _, has = operands.read(node.of)
            return Judged(np.where(has, TRUE, FALSE), numbers.nothing(), numbers.nothing())
        case Not():
            found = _condition(node.of, operands)
            return replace(found, truth=TRUE - found.truth)
        case Both(word="and"):
            return reduce(_both, [_condition(one, operands) for one in node.of])
        case Both():
            parts = [_condition(one, operands) for one in node.of]
            truth = reduce(np.maximum, [part.truth for part in parts])
            return reduce(_sided, [replace(part, truth=truth) for part in parts])


def _differing(node: Comparison, operands: Operands) -> tuple[Numbers, Numbers] | None:
    """a and b of a tolerance abs(a - b) <= c, which are the figures a reader compares."""
    for one in node.numbers:
        match one:
            case Function(name="abs", of=(Binary(sign="-", left=left, right=right),)):
                return evaluated(left, operands), evaluated(right, operands)
    return None


def _both(one: Judged, other: Judged) -> Judged:
    second = (other.truth == FALSE) & (one.truth != FALSE)
    sided = Judged(
        np.minimum(one.truth, other.truth),
        numbers.chosen(second, other.left, one.left),
        numbers.chosen(second, other.right, one.right),
        np.where(second, other.days, one.days),
    )
    return _sided(sided, other)


def _sided(one: Judged, other: Judged) -> Judged:
    """`one`, with the sides of `other` where it has none of its own."""
    lacks = ~(one.left.has | one.right.has)
    return Judged(
        one.truth,
        numbers.chosen(lacks, other.left, one.left),
        numbers.chosen(lacks, other.right, one.right),
        np.where(lacks, other.days, one.days),
    )


def _texts(node: TextComparison, operands: Operands) -> Judged:
    left, right = (np.array(operands.texts(one), object) for one in (node.left, node.right))
    alike = (left == right).astype(bool)
    known = (left != "").astype(bool) & (right != "").astype(bool)
    truth = np.where(known, np.where(alike == node.same, TRUE, FALSE), NULL)
    return Judged(truth, numbers.nothing(), numbers.nothing())


def _pair(left: Numbers, sign: str, right: Numbers) -> Judged:
    one, other = numbers.compared(left, right)
    holds = _RELATIONS[sign](one, other).astype(bool)
    truth = np.where(left.has & right.has, np.where(holds, TRUE, FALSE), NULL)
    return Judged(truth, left, right)


def evaluated(node: Quantity, operands: Operands) -> Numbers:
    """The number for each of the units; of a date its proleptic ordinal."""
    match node:
        case Constant():
            return numbers.constant(node.value)
        case Read():
            return Numbers(*_scaled(operands.read(node)))
        case DayShift():
            day, days = evaluated(node.day, operands), evaluated(node.days, operands)
            return _ARITHMETIC[node.sign](day, days)
        case Negative():
            return numbers.negative(evaluated(node.of, operands))
        case Binary():
            left, right = evaluated(node.left, operands), evaluated(node.right, operands)
            return _ARITHMETIC[node.sign](left, right)
        case Function():
            parts = [evaluated(one, operands) for one in node.of]
            if node.name == "abs":
                return numbers.absolute(parts[0])
            return reduce(_least if node.name == "min" else _greatest, parts)
        case _:
            return Numbers(*_scaled(operands.outside(node)))


def _scaled(values: tuple[NDArray[Any], Flags]) -> tuple[NDArray[Any], int, Flags]:
    return values[0], VALUE_SCALE, values[1]


def _least(one: Numbers, other: Numbers) -> Numbers:
    return _extreme(one, other, operator.le)


def _greatest(one: Numbers, other: Numbers) -> Numbers:
    return _extreme(one, other, operator.ge)


def _extreme(one: Numbers, other: Numbers, relation: Callable[[Any, Any], Any]) -> Numbers:
    left, right = numbers.compared(one, other)
    found = numbers.chosen(relation(left, right).astype(bool), one, other)
    return Numbers(found.over, found.under, one.has & other.has)


def _difference(one: Numbers, other: Numbers) -> Numbers:
    return numbers.total(one, numbers.negative(other))


_ARITHMETIC: Final[Mapping[str, Callable[[Numbers, Numbers], Numbers]]] = {
    "+": numbers.total,
    "-": _difference,
    "*": numbers.multiplied,
    "/": numbers.divided,
}
