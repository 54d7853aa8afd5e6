"""What an expression of a check compiles to: a small tree of conditions over exact numbers."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

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
    """Of a unit that is a member of a grouping: the sum of an item over the member's units.

    Over those for which `where` is TRUE, if it is given; so of `PointingSum`.
    """

    item: str
    table: str
    grouping: str
    where: "Condition | None" = None


@dataclass(frozen=True, slots=True)
class PointingSum:
    """The sum of an item over the table's units whose attribute holds this unit's code."""

    item: str
    table: str
    attribute: str
    where: "Condition | None" = None


@dataclass(frozen=True, slots=True)
class PointedValue:
    """The item of another kind's table, of the unit whose code this unit's attribute holds."""

    item: str
    table: str
    attribute: str


@dataclass(frozen=True, slots=True)
class AttributeNumber:
    """A number that the register keeps of the unit, such as an agreed amount."""

    attribute: str


@dataclass(frozen=True, slots=True)
class AttributeDay:
    """A date that the register keeps of the unit, such as a due date."""

    attribute: str


@dataclass(frozen=True, slots=True)
class PeriodDay:
    """The first or the last day of the period that is judged."""

    last: bool


@dataclass(frozen=True, slots=True)
class DayShift:
    """A date some days later, or earlier."""

    sign: Literal["+", "-"]
    day: "Day"
    days: "Number"


@dataclass(frozen=True, slots=True)
class Binary:
    """Two numbers and what is done with them; of two dates the days between them."""

    sign: Arithmetic
    left: "Quantity"
    right: "Quantity"


@dataclass(frozen=True, slots=True)
class Negative:
    """The number with the other sign."""

    of: "Number"


@dataclass(frozen=True, slots=True)
class Function:
    """abs of one number, min or max of several."""

    name: Literal["abs", "min", "max"]
    of: tuple["Number", ...]


@dataclass(frozen=True, slots=True)
class WrittenText:
    """A text as written."""

    text: str


@dataclass(frozen=True, slots=True)
class AttributeText:
    """A text that the register keeps of the unit."""

    attribute: str


@dataclass(frozen=True, slots=True)
class PointedName:
    """The name of the unit of the kind whose code the attribute holds; the code if none has it."""

    kind: str
    attribute: str


@dataclass(frozen=True, slots=True)
class PointingNames:
    """Names of units: those that `shown` names in the table's units that point to this unit."""

    table: str
    attribute: str
    shown: PointedName


Number = (
    Constant
    | Read
    | UnitsSum
    | PointingSum
    | PointedValue
    | AttributeNumber
    | Binary
    | Negative
    | Function
)
Day = AttributeDay | PeriodDay | DayShift
Text = WrittenText | AttributeText | PointedName | PointingNames
Quantity = Number | Day
#: What an operand is told by something else than the unit's own cells.
Outside = UnitsSum | PointingSum | PointedValue | AttributeNumber | AttributeDay | PeriodDay
#: Numbers that other units report.
Others = UnitsSum | PointingSum | PointedValue
#: What a message may quote beside the two figures.
Fact = Number | Day | Text

NUMBERS: Final = (
    *(Constant, Read, UnitsSum, PointingSum, PointedValue, AttributeNumber),
    *(Binary, Negative, Function),
)
DAYS: Final = (AttributeDay, PeriodDay, DayShift)
TEXTS: Final = (WrittenText, AttributeText, PointedName, PointingNames)
OUTSIDE: Final = (UnitsSum, PointingSum, PointedValue, AttributeNumber, AttributeDay, PeriodDay)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A chain: every pair of neighbours is as its relation says. All are numbers, or all dates."""

    numbers: tuple[Quantity, ...]
    relations: tuple[Relation, ...]


@dataclass(frozen=True, slots=True)
class TextComparison:
    """Whether two texts are the same, or not; NULL where one is missing."""

    left: Text
    right: Text
    same: bool


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


Condition = Comparison | TextComparison | Within | Reported | Both | Not
Node = Number | Day | Text | Condition


def children(node: Node) -> tuple[Node, ...]:
    """What the node is made of, in the order written.

    The condition of a sum is about other units than the node is, and is no child of it.
    """
    match node:
        case Binary(left=left, right=right) | Within(left=left, right=right):
            return left, right
        case TextComparison(left=one, right=other):
            return one, other
        case DayShift(day=day, days=days):
            return day, days
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
