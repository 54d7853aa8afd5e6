"""What is measured (目录): the models a city's catalogue is validated against.

Pure data. The loader (`catalog.loader`) reads YAML into these and reports file, line and field; the
stream gets the same models from the log's `catalogue` control record. Ids are explicit integers,
never reused, because stored rows carry them.
"""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from indicators.periods import Frequency, parse_period

Code = Annotated[str, Field(pattern=r"^[^\s:/?#&]{1,64}$")]
EmptyToken = Literal["blank", "missing", "not_applicable"]
CITY_LEVEL = "city"
UNIT_LEVEL = "unit"


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
    source: str


_WINDOWS = ("", "ytd", "rolling12")
_KINDS = ("", "yoy_same", "yoy_matched", "yoy_nominal", "mom", "share", "contribution")
#: Every lawful name of a measure.
MEASURES: frozenset[str] = frozenset(
    "_".join(filter(None, (window, kind))) or "current"
    for window in _WINDOWS
    for kind in _KINDS
    if not (window and kind == "mom")
)


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
        faults = list(_faults(self))
        if faults:
            raise ValueError("\n".join(faults))
        return self


def mandatory_items(table: Table) -> list[str]:
    """Items without which a unit has not reported the table."""
    return table.mandatory or table.items


def _faults(catalogue: Catalogue) -> Iterable[str]:
    """Yields `path: sentence`; the path is `<file stem>.<position>.<field>` for the loader."""
    for stem in ("sources", "groupings", "items", "tables", "reporters", "indicators"):
        entries = getattr(catalogue, stem)
        for field in ("id", "code"):
            counts = Counter(getattr(entry, field, None) for entry in entries)
            for position, entry in enumerate(entries):
                value = getattr(entry, field, None)
                if value is not None and counts[value] > 1:
                    yield f"{stem}.{position}.{field}: {value!r} is used more than once"
    yield from _table_faults(catalogue)
    yield from _indicator_faults(catalogue)
    for position, reporter in enumerate(catalogue.reporters):
        for code in reporter.tables:
            if code not in catalogue.table:
                yield f"reporters.{position}.tables: no table {code!r}"
        if (reporter.grouping is None) != (reporter.member is None):
            yield f"reporters.{position}.grouping: grouping and member go together"
        elif reporter.grouping is not None:
            grouping = catalogue.grouping.get(reporter.grouping)
            if grouping is None:
                yield f"reporters.{position}.grouping: no grouping {reporter.grouping!r}"
            elif reporter.member not in {member.code for member in grouping.members}:
                yield f"reporters.{position}.member: {reporter.member!r} is no member of it"
    for position, due in enumerate(catalogue.calendar):
        if due.table not in catalogue.table:
            yield f"calendar.{position}.table: no table {due.table!r}"
        try:
            parse_period(due.period)
        except Exception:
            yield f"calendar.{position}.period: {due.period!r} is not a period"
    for position, rule in enumerate(catalogue.anomalies):
        if rule.table not in catalogue.table or rule.item not in catalogue.table[rule.table].items:
            yield f"anomalies.{position}.item: table {rule.table!r} has no item {rule.item!r}"


def _table_faults(catalogue: Catalogue) -> Iterable[str]:
    owners: dict[tuple[str, str], str] = {}
    for position, table in enumerate(catalogue.tables):
        if table.source not in catalogue.source:
            yield f"tables.{position}.source: no source {table.source!r}"
        for field in ("items", "mandatory"):
            for code in getattr(table, field):
                if code not in catalogue.item:
                    yield f"tables.{position}.{field}: no item {code!r}"
        for code in table.items:
            owner = owners.setdefault((table.source, code), table.code)
            if owner != table.code:
                yield f"tables.{position}.items: {code!r} of this source is already in {owner!r}"
        for code in [*table.mandatory, *([table.size_item] if table.size_item else [])]:
            if code not in table.items:
                yield f"tables.{position}.mandatory: {code!r} is not among its items"
    for position, item in enumerate(catalogue.items):
        if item.prior is not None and item.prior not in catalogue.item:
            yield f"items.{position}.prior: no item {item.prior!r}"


def _indicator_faults(catalogue: Catalogue) -> Iterable[str]:
    crosses = set(catalogue.crosses)
    for position, indicator in enumerate(catalogue.indicators):
        at = f"indicators.{position}"
        table = catalogue.table.get(indicator.table)
        if table is None:
            yield f"{at}.table: no table {indicator.table!r}"
            continue
        if not indicator.numerator:
            yield f"{at}.numerator: a formula has at least one item"
        for side in ("numerator", "denominator"):
            for code, factor in getattr(indicator, side).items():
                if code not in table.items:
                    yield f"{at}.{side}: table {table.code!r} has no item {code!r}"
                elif (factor * 10**6).denominator != 1:
                    yield f"{at}.{side}: factor of {code!r} needs more than 6 decimals"
        for measure in indicator.measures:
            if measure not in MEASURES:
                yield f"{at}.measures: no measure {measure!r}"
        for level in indicator.levels:
            if isinstance(level, tuple):
                if level not in crosses:
                    yield f"{at}.levels: {list(level)} is not among the catalogue's crosses"
            elif level not in (CITY_LEVEL, UNIT_LEVEL) and level not in catalogue.grouping:
                yield f"{at}.levels: no grouping {level!r}"
        items = [catalogue.item[code] for code in indicator.items if code in catalogue.item]
        whole = [level for level in indicator.levels if level not in (table.unit_kind, UNIT_LEVEL)]
        if any(not item.additive for item in items):
            if whole:
                yield f"{at}.levels: a reported ratio can only be shown for the units it is about"
            if indicator.is_ratio:
                yield f"{at}.denominator: a reported ratio enters no other formula"
        for number, quote in enumerate(indicator.quoted):
            quoted = catalogue.table.get(quote.table)
            if quoted is None or quote.item not in quoted.items:
                yield f"{at}.quoted.{number}: table {quote.table!r} has no item {quote.item!r}"
