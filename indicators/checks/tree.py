"""What an expression of a check compiles to: a small tree of conditions over exact numbers."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Arithmetic = Literal["+", "-", "*", "/"]
Relation = Literal["<", "<=", ">", ">=", "==", "!="]


@dataclass(frozen=True, slots=True)
class Constant:
    """A number as written, exact."""

    value: Fraction


@dataclass(frozen=True, slots=True)
class Read:
    """A unit's value of an item: of the first of the tables that has one.

    earlier: periods back; years: years back; restarts: the item cumulates from the start of each
    year, so that the first period of a year has no predecessor. foreign: asked of a named source.
    """

    item: str
    tables: tuple[str, ...]
    earlier: int = 0
    years: int = 0
    restarts: bool = False
    foreign: bool = False


@dataclass(frozen=True, slots=True)
class UnitsSum:
    """Of a unit that is a member of a grouping: the sum of an item over the member's units."""

    item: str
    table: str
    grouping: str


@dataclass(frozen=True, slots=True)
class Binary:
    """Two numbers and what is done with them."""

    sign: Arithmetic
    left: "Number"
    right: "Number"


@dataclass(frozen=True, slots=True)
class Negative:
    """The number with the other sign."""

    of: "Number"


@dataclass(frozen=True, slots=True)
class Function:
    """abs of one number, min or max of several."""

    name: Literal["abs", "min", "max"]
    of: tuple["Number", ...]


Number = Constant | Read | UnitsSum | Binary | Negative | Function


@dataclass(frozen=True, slots=True)
class Comparison:
    """A chain: every pair of neighbours is as its relation says."""

    numbers: tuple[Number, ...]
    relations: tuple[Relation, ...]


@dataclass(frozen=True, slots=True)
class Within:
    """low <= left / right <= high: bands by which errors of unit are told (单位错误)."""

    left: Number
    right: Number
    low: Fraction
    high: Fraction


@dataclass(frozen=True, slots=True)
class Reported:
    """Whether a value is there; never NULL."""

    of: Read


@dataclass(frozen=True, slots=True)
class Both:
    """and / or of several conditions."""

    word: Literal["and", "or"]
    of: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite; NULL of NULL."""

    of: "Condition"


Condition = Comparison | Within | Reported | Both | Not
Node = Number | Condition


def children(node: Node) -> tuple[Node, ...]:
    """What the node is made of, in the order written."""
    match node:
        case Binary(left=left, right=right) | Within(left=left, right=right):
            return left, right
        case Comparison(numbers=numbers):
            return numbers
        case Function(of=several) | Both(of=several):
            return several
        case Negative(of=one) | Not(of=one) | Reported(of=one):
            return (one,)
        case _:
            return ()


def every(node: Node) -> Iterator[Node]:
    """The node and all below it."""
    yield node
    for child in children(node):
        yield from every(child)
