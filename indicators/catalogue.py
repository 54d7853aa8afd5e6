"""What is measured (目录): the models a city's catalogue is validated against.

Pure data. The loader (`catalog.loader`) reads YAML into these and reports file, line and field; the
stream gets the same models from the log's `catalogue` control record. Ids are explicit integers,
never reused, because stored rows carry them.
"""

from collections.abc import Callable
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from indicators.access.models import Access
from indicators.anomaly_rules import AnomalyRule
from indicators.catalogue_faults import faults
from indicators.checks.compiling import Check, check_of
from indicators.checks.rules import CheckRule
from indicators.checks.sources import source_rules
from indicators.correspondence import KeyScheme
from indicators.frame.models import Frame
from indicators.groupings import Grouping as Grouping
from indicators.groupings import Member as Member
from indicators.items import Condition, Deflator, Derived, Item
from indicators.modelling import Code, Model, Name, Standing
from indicators.periods import Frequency
from indicators.policies.models import Assessment, Index, Target
from indicators.register_tables import RegisterTable
from indicators.vocabulary import CITY_LEVEL

EmptyToken = Literal["blank", "missing", "not_applicable"]


def _blank_only() -> dict[str, EmptyToken]:
    return {"": "blank"}


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
    only: Condition | None = Field(
        None, description="an attribute that units must have to be asked, such as a sector"
    )
    standing: Standing = Standing.MONITORED
    purpose: Literal["statistical", "administrative"]
    legal_basis: str
    keys: Code | None = Field(
        None, description="the unit column holds a department's keys of this scheme (户号, …)"
    )
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

    A unit qualifies for a figure if every item of its formula is reported. `measures` are names of
    `indicators.vocabulary`: a window (current, ytd, rolling12), a kind, or both joined by `_`.

    The formula names items, and values made of them (derived.yaml). `table` is the one whose list
    says which units belong to the figure, and whose periods have figures; items that it lacks are
    read from the other tables that have them, in the order of the item's `sources`.
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
    also: list[Frequency] = Field(
        default_factory=list, description="longer periods made of the table's: quarter, year"
    )
    exits: Literal["drop", "keep_base"] = "drop"
    constant_prices: dict[Code, Code] = Field(
        default_factory=dict, description="item → deflator: growth is at constant prices (可比价)"
    )
    zone_types: list[Code] = Field(default_factory=list, description="[]: zones of every type")
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
    derived: list[Derived] = Field(default_factory=list)
    deflators: list[Deflator] = Field(default_factory=list)
    indices: list[Index] = Field(default_factory=list)
    targets: list[Target] = Field(default_factory=list)
    assessments: list[Assessment] = Field(default_factory=list)
    calendar: list[Due] = Field(default_factory=list)
    anomalies: list[AnomalyRule] = Field(default_factory=list)
    checks: list[CheckRule] = Field(default_factory=list)
    correspondences: list[KeyScheme] = Field(default_factory=list)
    access: list[Access] = Field(default_factory=list)
    frame: Frame | None = None
    register_tables: list[RegisterTable] = Field(default_factory=list)

    @cached_property
    def item(self) -> dict[str, Item]:
        return {item.code: item for item in self.items}

    @cached_property
    def item_by_id(self) -> dict[int, Item]:
        return {item.id: item for item in self.items}

    @cached_property
    def derived_value(self) -> dict[str, Derived]:
        return {value.code: value for value in self.derived}

    @cached_property
    def deflator(self) -> dict[str, Deflator]:
        return {deflator.code: deflator for deflator in self.deflators}

    @cached_property
    def tables_with(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """(unit kind, item) → codes of the tables that have the item, first in precedence first."""
        found: dict[tuple[str, str], list[Table]] = {}
        for table in self.tables:
            for code in table.items:
                found.setdefault((table.unit_kind, code), []).append(table)
        return {
            key: tuple(table.code for table in sorted(tables, key=self._precedence(key[1])))
            for key, tables in found.items()
        }

    def _precedence(self, item: str) -> Callable[[Table], tuple[int, int]]:
        order = (
            {code: at for at, code in enumerate(self.item[item].sources)}
            if item in self.item
            else {}
        )
        return lambda table: (order.get(table.source, len(order)), table.id)

    @cached_property
    def table(self) -> dict[str, Table]:
        return {table.code: table for table in self.tables}

    @cached_property
    def register_table(self) -> dict[str, RegisterTable]:
        return {table.code: table for table in self.register_tables}

    @cached_property
    def source(self) -> dict[str, Source]:
        return {source.code: source for source in self.sources}

    @cached_property
    def grouping(self) -> dict[str, Grouping]:
        return {grouping.code: grouping for grouping in self.groupings}

    @cached_property
    def scheme(self) -> dict[str, KeyScheme]:
        return {scheme.code: scheme for scheme in self.correspondences}

    @cached_property
    def compiled_checks(self) -> tuple[Check, ...]:
        """Rules of checks.yaml, and those between the sources of an item, made ready."""
        return tuple(check_of(self, rule) for rule in (*self.checks, *source_rules(self)))

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
