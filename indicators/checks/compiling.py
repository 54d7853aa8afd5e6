"""A rule made ready: both conditions as trees, and what they look at."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from indicators.checks.language import compiled
from indicators.checks.rules import CheckRule
from indicators.checks.tree import Condition, Read, UnitsSum, every

if TYPE_CHECKING:
    from indicators.catalogue import Catalogue


@dataclass(frozen=True, eq=False)
class Check:
    """A rule of a catalogue with its conditions compiled."""

    rule: CheckRule
    unit_kind: str
    condition: Condition
    when: Condition | None

    @cached_property
    def reads(self) -> frozenset[Read]:
        return frozenset(node for node in self._nodes() if isinstance(node, Read))

    @cached_property
    def sums(self) -> frozenset[UnitsSum]:
        return frozenset(node for node in self._nodes() if isinstance(node, UnitsSum))

    @property
    def within_return(self) -> bool:
        """Whether one return alone decides: own table, own period, no other source."""
        return not self.sums and all(
            not read.foreign
            and read.earlier == read.years == 0
            and read.tables == (self.rule.table,)
            for read in self.reads
        )

    def _nodes(self) -> Iterator[object]:
        for root in (self.condition, self.when):
            if root is not None:
                yield from every(root)


def check_of(catalogue: "Catalogue", rule: CheckRule) -> Check:
    """The rule made ready.

    Raises:
        ExpressionError: an expression is faulty; a loaded catalogue has none such.
    """
    table = catalogue.table[rule.table]
    return Check(
        rule,
        table.unit_kind,
        compiled(rule.expression, catalogue, table),
        None if rule.when is None else compiled(rule.when, catalogue, table),
    )
