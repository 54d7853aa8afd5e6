"""What is measured (目录): the models a city's catalogue is validated against.

Pure data. The loader (`catalog.loader`) reads YAML into these and reports file, line and field; the
stream gets the same models from the log's `catalogue` control record. Ids are explicit integers,
never reused, because stored rows carry them.
"""

from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from indicators.catalogue_faults import faults
from indicators.periods import Frequency
from indicators.vocabulary import CITY_LEVEL

Code = Annotated[str, Field(pattern=r"^[^\s:/?#&]{1,64}$")]
EmptyToken = Literal["blank", "missing", "not_applicable"]


def _blank_only() -> dict[str, EmptyToken]:
    return {"": "blank"}


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Name(Model):
    """A name for readers of Chinese, and one in English."""

    zh: str
    en: str


class Standing(StrEnum):
    """Whose figure it is (数据属性)."""

    MONITORED = "监测数"
    REPORTED = "上报数"
    VERIFIED = "核定数"
    PUBLISHED = "公布数"


class City(Model):
    """city.yaml: the city itself."""

    code: Code
    name: Name
    time_zone: str = "Asia/Shanghai"
    note: str = ""


class Source(Model):
    """sources.yaml: a reporting line; sources never overwrite each other."""

    id: Annotated[int, Field(ge=1, le=65535)]
    code: Code
    name: Name


class Member(Model):
    """A member of a grouping: a district, an industry, a zone, …"""

    code: Code
    name: Name


class Grouping(Model):
    """groupings.yaml: a way to put units together; its code is the `level` of its subjects.

    partition: every unit is in at most one member, so the members' totals add to the city's.
    principle: by what a unit belongs to a member.
    """

    id: Annotated[int, Field(ge=1)]
    code: Code
    name: Name
    unit_kind: Code = "enterprise"
    partition: bool
    principle: Literal["operation", "registration", "tax", "land"] = "operation"
    members: list[Member]


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
    limit: Annotated[int, Field(gt=0, le=10**10)] = 10**10

    @property
    def additive(self) -> bool:
        return self.kind is not ItemKind.RATIO


class Table(Model):
    """tables.yaml: what a reporter fills in (报表)."""

    id: Annotated[int, Field(ge=1)]
    code: Code
    name: Name
    frequency: Frequency
    unit_kind: Code = "enterprise"
    source: Code
    items: list[Code]
    mandatory: list[Code] = Field(default_factory=list, description="default: all items")
    expected: Literal["listed", "all", "none"] = Field(
        "listed", description="who must report: units on the list in the period, every unit, nobody"
    )
    standing: Standing = Standing.MONITORED
    purpose: Literal["statistical", "administrative"]
    legal_basis: str
    tokens: dict[str, EmptyToken] = Field(
        default_factory=_blank_only, description="meaning of each empty-like token"
    )
    mixed_file: Literal["good_cells_in", "all_or_nothing"] = "good_cells_in"
    size_item: Code | None = Field(None, description="item by which completeness by value is told")
    final_share: Annotated[float, Field(ge=0, le=1)] = Field(
        0.9, description="coverage from which figures are no longer provisional"
    )


class Reporter(Model):
    """reporters.yaml: who fills in tables (报送主体), and on whose units."""

    code: Code
    name: Name
    tables: list[Code]
    grouping: Code | None = Field(None, description="with `member`: only units of this member")
    member: Code | None = None


class Lines(Model):
    """The yellow and red line of a constraint indicator (黄线, 红线), with what red brings.

    `source` says where the values come from; example values say so.
    """

    yellow: float
    red: float
    measure: str = "current"
    hysteresis: Annotated[float, Field(ge=0)] = 0.0
    consequence: Name
    source: str


class Quoted(Model):
    """A figure entered from elsewhere for one subject, with the standing of its table."""

    table: Code
    item: Code
    level: Code = CITY_LEVEL


class Indicator(Model):
    """indicators.yaml: a published figure: a sum, or a ratio of two linear combinations of items.

    A unit qualifies for a figure if every item of its formula is reported. `measures` are windows
    and kinds of contracts: current, ytd, rolling12, mom, yoy_same, yoy_matched, yoy_nominal, the
    same after a window (ytd_yoy_same, …), share, contribution.
    """

    id: Annotated[int, Field(ge=1)]
    code: Code
    name: Name
    unit: str
    decimals: Annotated[int, Field(ge=0, le=6)]
    dimension: Literal["investment_output", "innovation", "green", "construction", "operation"]
    role: Literal["monitor", "incentive", "constraint"] = "monitor"
    direction: Literal["higher", "lower", "none"] = "none"
    table: Code
    numerator: dict[Code, Fraction]
    denominator: dict[Code, Fraction] = Field(default_factory=dict)
    measures: list[str] = Field(default_factory=lambda: ["current"])
    levels: list[Code | tuple[Code, Code]]
    exits: Literal["drop", "keep_base"] = "drop"
    lines: Lines | None = None
    reward: Name | None = None
    quoted: list[Quoted] = Field(default_factory=list)
    note: str = ""

    @property
    def items(self) -> list[str]:
        """Codes of every item of the formula, each once."""
        return list(dict.fromkeys([*self.numerator, *self.denominator]))

    @property
    def is_ratio(self) -> bool:
        return bool(self.denominator)


class Due(Model):
    """calendar.yaml: when a return is due. Instants in city time, `2026-04-06T24:00` allowed."""

    table: Code
    period: str
    report_by: str
    accept_by: str | None = None


class UnitErrorBand(Model):
    """value / median, or its inverse, that a unit wrong by `factor` explains (单位错误)."""

    factor: Annotated[int, Field(gt=1)]
    low: Annotated[float, Field(gt=1)]
    high: Annotated[float, Field(gt=1)]

    @model_validator(mode="after")
    def _around(self) -> Self:
        if not self.low < self.factor < self.high:
            raise ValueError("low < factor < high must hold")
        return self


def _example_bands() -> list[UnitErrorBand]:
    """千元 for 万元, 元 for 千元, 元 for 万元; all as wide as the one that has a source."""
    return [UnitErrorBand(factor=f, low=0.35 * f, high=1.35 * f) for f in (10, 1_000, 10_000)]


class AnomalyRule(Model):
    """anomalies.yaml: thresholds of the rule |x - median| / MAD on the log scale."""

    table: Code
    item: Code
    history: Annotated[int, Field(ge=24)] = Field(
        24, description="values of the series before it is judged"
    )
    score: Annotated[float, Field(gt=0)] = 8.0
    minimum_ratio: Annotated[float, Field(gt=1)] = Field(
        3.0, description="value / median (or its inverse) below which nothing is said"
    )
    unit_errors: list[UnitErrorBand] = Field(
        default_factory=_example_bands,
        description="the first band that holds the ratio explains the value; [] explains none",
    )
    source: str


class Catalogue(Model):
    """A city's whole catalogue for the years it covers; `version` names it in every figure."""

    version: Annotated[int, Field(ge=1)]
    city: City
    sources: list[Source]
    groupings: list[Grouping]
    items: list[Item]
    tables: list[Table]
    reporters: list[Reporter]
    indicators: list[Indicator]
    crosses: list[tuple[Code, Code]] = Field(default_factory=list)
    calendar: list[Due] = Field(default_factory=list)
    anomalies: list[AnomalyRule] = Field(default_factory=list)

    @cached_property
    def item(self) -> dict[str, Item]:
        return {item.code: item for item in self.items}

    @cached_property
    def item_by_id(self) -> dict[int, Item]:
        return {item.id: item for item in self.items}

    @cached_property
    def table(self) -> dict[str, Table]:
        return {table.code: table for table in self.tables}

    @cached_property
    def source(self) -> dict[str, Source]:
        return {source.code: source for source in self.sources}

    @cached_property
    def grouping(self) -> dict[str, Grouping]:
        return {grouping.code: grouping for grouping in self.groupings}

    @cached_property
    def reporter(self) -> dict[str, Reporter]:
        return {reporter.code: reporter for reporter in self.reporters}

    @cached_property
    def indicator(self) -> dict[str, Indicator]:
        return {indicator.code: indicator for indicator in self.indicators}

    @model_validator(mode="after")
    def _whole(self) -> Self:
        """What no single file can know. All faults are listed, each with where it is."""
        found = list(faults(self))
        if found:
            raise ValueError("\n".join(found))
        return self


def mandatory_items(table: Table) -> list[str]:
    """Items without which a unit has not reported the table."""
    return table.mandatory or table.items
