"""A rule made ready: both conditions as trees, and what they look at."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal

from indicators.checks.language import compiled, compiled_fact
from indicators.checks.rules import CheckRule
from indicators.checks.tree import (
    OUTSIDE,
    TEXTS,
    AttributeDay,
    AttributeNumber,
    Condition,
    Fact,
    Node,
    Others,
    PointedName,
    PointedValue,
    PointingNames,
    PointingSum,
    Read,
    UnitsSum,
    WrittenText,
    every,
)

if TYPE_CHECKING:
    from indicators.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class TypedAttribute:
    """An attribute of units of a kind that a rule reads as more than a text."""

    kind: str
    name: str
    sort: Literal["date", "number"]


@dataclass(frozen=True, eq=False)
class Check:
    """A rule of a catalogue with its conditions compiled.

    facts: what its messages quote beside both figures. kinds: of the units, beside those judged,
    whose place in the register changes what is found. attributes: what it reads as a date or a
    number in the register.
    """

    rule: CheckRule
    unit_kind: str
    condition: Condition
    when: Condition | None
    facts: Mapping[str, Fact]
    kinds: frozenset[str]
    attributes: frozenset[TypedAttribute]

    @cached_property
    def reads(self) -> frozenset[Read]:
        return frozenset(node for node in self._nodes() if isinstance(node, Read))

    @cached_property
    def others(self) -> frozenset[Others]:
        """What it asks of other units."""
        return frozenset(node for node in self._nodes() if isinstance(node, _OTHERS))

    @property
    def within_return(self) -> bool:
        """Whether one return alone decides: own table, own period, nothing else."""
        beside = any(isinstance(node, _BESIDE) for node in self._nodes())
        return not beside and all(
            not read.foreign
            and read.earlier == read.years == 0
            and read.tables == (self.rule.table,)
            for read in self.reads
        )

    def _nodes(self) -> Iterator[Node]:
        yield from _nodes(self.condition, self.when, self.facts)


_OTHERS: Final = (UnitsSum, PointingSum, PointedValue)
_BESIDE: Final = (*OUTSIDE, *(one for one in TEXTS if one is not WrittenText))


def items_asked(other: Others) -> frozenset[str]:
    """Items of the other table that it is told by: the one read, and those of its condition."""
    where = None if isinstance(other, PointedValue) else other.where
    asked = {other.item}
    if where is not None:
        asked |= {node.item for node in every(where) if isinstance(node, Read)}
    return frozenset(asked)


def _nodes(
    condition: Condition, when: Condition | None, facts: Mapping[str, Fact]
) -> Iterator[Node]:
    for root in (condition, when, *facts.values()):
        if root is not None:
            yield from every(root)


def check_of(catalogue: "Catalogue", rule: CheckRule) -> Check:
    """The rule made ready.

    Raises:
        ExpressionError: an expression is faulty; a loaded catalogue has none such.
    """
    table = catalogue.table[rule.table]
    condition = compiled(rule.expression, catalogue, table)
    when = None if rule.when is None else compiled(rule.when, catalogue, table)
    facts = {name: compiled_fact(text, catalogue, table) for name, text in rule.facts.items()}
    kinds: set[str] = set()
    attributes: set[TypedAttribute] = set()
    for node in _nodes(condition, when, facts):
        attributes |= _typed(node, table.unit_kind)
        match node:
            case UnitsSum() | PointingSum() | PointedValue():
                kinds.add(catalogue.table[node.table].unit_kind)
                if not isinstance(node, PointedValue) and node.where is not None:
                    other = catalogue.table[node.table].unit_kind
                    attributes |= {one for part in every(node.where) for one in _typed(part, other)}
            case PointedName(kind=kind):
                kinds.add(kind)
            case PointingNames(table=code, shown=shown):
                kinds |= {catalogue.table[code].unit_kind, shown.kind}
    return Check(
        rule, table.unit_kind, condition, when, facts, frozenset(kinds), frozenset(attributes)
    )


def _typed(node: Node, kind: str) -> set[TypedAttribute]:
    match node:
        case AttributeDay(attribute=name):
            return {TypedAttribute(kind, name, "date")}
        case AttributeNumber(attribute=name):
            return {TypedAttribute(kind, name, "number")}
    return set()
