"""What screening says: one result a rule, with both figures, and the verdict on the whole.

Pure data. Figures are exact fractions; whoever prints them rounds, and prints the exact comparison
beside.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from math import ceil
from typing import Literal

from indicators.access.scopes import Standpoint
from indicators.modelling import Name

#: Value of an input: a number in the input's unit, a flag, or a choice.
Value = Fraction | bool | str
Relation = Literal["at_least", "at_most"]


class Outcome(StrEnum):
    """Of one rule."""

    PASS = "通过"
    FAIL = "不通过"
    MISSING = "缺项"  # an operand is missing: neither zero nor a pass
    NOT_APPLICABLE = "不适用"


class Verdict(StrEnum):
    """Of the whole application."""

    ADMITTED = "通过"  # at least one rule applies, and every one that does passes
    REFUSED = "不予准入"
    INCOMPLETE = "资料不全"


class Part(StrEnum):
    """Which part of the policy a rule belongs to."""

    STANDARD = "standard"
    DIRECTORY = "directory"
    NEGATIVE = "negative"


class Listing(StrEnum):
    """Where a class stands in an industry directory."""

    ENCOURAGED = "鼓励类"
    ALLOWED = "允许类"
    BARRED = "禁止类"
    UNLISTED = "目录外"


@dataclass(frozen=True, slots=True)
class Application:
    """A project that asks to come in (申请), or a registered one.

    values: input code → value, without the inputs that are not given. `class_edition` None: that
    of the policy.
    """

    code: str
    name: str = ""
    at: Standpoint = field(default_factory=Standpoint)
    class_edition: str | None = None
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A figure beside its line. The denominator is 1 where the figure is no ratio; else above 0."""

    numerator: Fraction
    denominator: Fraction
    relation: Relation
    line: Fraction
    inclusive: bool
    unit: str
    decimals: int

    @property
    def kept(self) -> bool:
        """Whether the line is kept: by cross-multiplication, so that no quotient is rounded."""
        bound = self.line * self.denominator
        if self.numerator == bound:
            return self.inclusive
        return (self.numerator > bound) == (self.relation == "at_least")

    @property
    def value(self) -> Fraction:
        return self.numerator / self.denominator

    @property
    def room(self) -> Fraction:
        """How far the figure is on the good side of its line; below zero on the bad one."""
        gap = self.value - self.line
        return gap if self.relation == "at_least" else -gap


@dataclass(frozen=True, slots=True)
class Short:
    """By how much one input misses the line: to be raised, or (above False) lowered by `amount`."""

    input: str
    amount: Fraction
    raise_it: bool


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What one rule says of one application.

    kind: of a standard its code, of the negative list the rule's kind, else ''. `missing` names
    inputs and zone, zone_type, sector, class_code; `zero` says that the denominator is not above 0.
    """

    rule: str
    part: Part
    kind: str
    name: Name
    outcome: Outcome
    basis: str
    missing: tuple[str, ...] = ()
    zero: bool = False
    comparison: Comparison | None = None
    short: Short | None = None
    listing: Listing | None = None


@dataclass(frozen=True, slots=True)
class Screening:
    """Every rule's result for one application."""

    application: Application
    results: tuple[RuleResult, ...]

    @property
    def verdict(self) -> Verdict:
        """Silence never admits: where no rule applies, the application is incomplete."""
        outcomes = {one.outcome for one in self.results}
        if Outcome.FAIL in outcomes:
            return Verdict.REFUSED
        if Outcome.MISSING in outcomes or Outcome.PASS not in outcomes:
            return Verdict.INCOMPLETE
        return Verdict.ADMITTED


def short_of(
    comparison: Comparison, numerator: Mapping[str, Fraction], decimals: Mapping[str, int]
) -> Short | None:
    """What the numerator's one input lacks, rounded so that the amount suffices; else None.

    `decimals`: input → decimals of the amount.
    """
    if comparison.kept or len(numerator) != 1:
        return None
    ((code, factor),) = numerator.items()
    if factor <= 0:
        return None
    lacking = comparison.line * comparison.denominator - comparison.numerator
    step = Fraction(1, 10 ** decimals[code])
    amount = ceil(abs(lacking) / factor / step) * step
    return Short(code, amount, raise_it=comparison.relation == "at_least")
