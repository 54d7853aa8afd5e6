"""What tables ask for (指标项), and what is made of it before it is summed.

Pure models of items.yaml, derived.yaml and deflators.yaml.
"""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from indicators.modelling import Code, Model, Name


class ItemKind(StrEnum):
    """Only flows cumulate, subtract and sum over time."""

    FLOW = "flow"  # 时期
    STOCK = "stock"  # 时点
    AVERAGE = "average"  # 平均
    RATIO = "ratio"  # a ratio reported as such: never summed, over units or over time


class Item(Model):
    """items.yaml: one thing a table asks for (指标项)."""

    id: Annotated[int, Field(ge=1)]
    code: Code
    name: Name
    unit: str
    decimals: Annotated[int, Field(ge=0, le=4)]
    kind: ItemKind
    reported: Literal["current", "year_to_date"] = "current"
    stage: Literal["progress", "annual", "verified"] = "progress"
    concept: str = ""
    price: Literal["current", "constant", "none"] = "none"
    sign: Literal["any", "not_negative"] = "any"
    prior: Code | None = Field(
        None, description="code of the item in which units report 上年同期 of this one"
    )
    january: Literal["reported", "merged"] = Field(
        "reported", description="merged: January and February are reported together, in February"
    )
    month_item: Code | None = Field(
        None, description="of a year-to-date item: the one that reports its current month (本月)"
    )
    real_growth_only: bool = Field(
        False, description="growth only at constant prices, as of value added"
    )
    sources: list[Code] = Field(
        default_factory=list, description="sources by precedence, where several report the item"
    )
    limit: Annotated[int, Field(gt=0, le=10**10)] = 10**10
    tolerance: Annotated[Decimal, Field(ge=0, lt=1)] | None = Field(
        None, description="share of the first source's figure by which another may differ: 0.05"
    )
    tolerance_floor: Annotated[Decimal, Field(ge=0, le=10**10, decimal_places=4)] | None = Field(
        None, description="in the item's unit: sources that differ by no more than this agree"
    )

    @property
    def additive(self) -> bool:
        return self.kind is not ItemKind.RATIO


class Condition(Model):
    """Which units a derived value is about: by the value of an item, or by an attribute.

    Of an item: `below`, `above` (both exclusive) and `equals` compare in the item's unit. Of an
    attribute of the register: `one_of` whole values, or `starts_with` (four-digit classes by their
    first digits).
    """

    item: Code | None = None
    below: Decimal | None = None
    above: Decimal | None = None
    equals: Decimal | None = None
    attribute: str | None = None
    one_of: list[str] = Field(default_factory=list)
    starts_with: list[str] = Field(default_factory=list)

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        bounds = [bound is not None for bound in (self.below, self.above, self.equals)]
        if (self.item is None) == (self.attribute is None):
            raise ValueError("a condition is about an item or about an attribute")
        if self.item is not None and not any(bounds):
            raise ValueError("a condition on an item needs below, above or equals")
        for bound in (self.below, self.above, self.equals):
            if bound is not None and bound != round(bound, 4):
                raise ValueError("a bound has up to 4 decimals")
        if self.attribute is not None and (any(bounds) or not self.one_of + self.starts_with):
            raise ValueError("a condition on an attribute needs one_of or starts_with")
        return self


class Derived(Model):
    """derived.yaml: a value made of a unit's items: counted, or an item where a condition holds.

    `item` None counts units (in units of 1); otherwise the item's value where the condition holds
    and zero elsewhere. There is a value where every item named is reported; without any item,
    everywhere.
    """

    code: Code
    name: Name
    item: Code | None = None
    when: Condition | None = None

    @property
    def items(self) -> list[str]:
        """Codes of the items it is made of, each once."""
        named = (self.item, self.when.item if self.when else None)
        return list(dict.fromkeys(code for code in named if code is not None))


class Deflator(Model):
    """deflators.yaml: price indices, the same period of the year before = 100 (上年同期=100).

    `current` and `ytd`: period → index of the period, and of the year to date. With `by`, a
    grouping, the series are a member's each: `members` → the two. Indices have up to 4 decimals.
    """

    code: Code
    name: Name
    current: dict[str, Decimal] = Field(default_factory=dict)
    ytd: dict[str, Decimal] = Field(default_factory=dict)
    by: Code | None = None
    members: dict[Code, "Series"] = Field(default_factory=dict)
    source: str


class Series(Model):
    """Price indices of one member of a grouping."""

    current: dict[str, Decimal] = Field(default_factory=dict)
    ytd: dict[str, Decimal] = Field(default_factory=dict)
