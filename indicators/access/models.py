"""Models of access.yaml: what a project must meet before it comes into a zone (准入), by year.

Standards, ceilings, industry directories and the negative list are what a city decides; none of
them stands in code. Every rule has an id, which results name, and its `basis`; example values say
so. Class codes are those of one edition of GB/T 4754, written by their first two to four digits.
"""

from fractions import Fraction
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from indicators.modelling import Code, Model, Name
from indicators.policies.models import Positive, Year

Decimals = Annotated[int, Field(ge=0, le=6)]


class Named(Model):
    """A code that rules use, with what people call it."""

    code: Code
    name: Name


class Sector(Named):
    """A sector (产业类别) that standards are set for.

    classes: the classes it is made of. Where given, a project of another class is not of this
    sector, and one of these classes needs not say its sector.
    """

    classes: list[str] = Field(default_factory=list)


class OtherUnit(Model):
    """A further unit in which an input may be given: 1 of it = `factor` of the input's unit."""

    unit: str
    factor: Positive
    decimals: Decimals = 4
    columns: list[str] = Field(default_factory=list)


class Input(Named):
    """What an application (申请) says of the project: an operand of the rules.

    A number is in `unit`, with up to `decimals`; `also` are other units it may be given in. A flag
    is 是 or 否; a choice is one of `choices`. `columns`: further headings, beside code and names.
    table, item: where the value of a registered project is read; an administrative table.
    """

    kind: Literal["number", "flag", "choice"] = "number"
    unit: str = ""
    decimals: Decimals = 2
    also: list[OtherUnit] = Field(default_factory=list)
    choices: list[str] = Field(default_factory=list)
    columns: list[str] = Field(default_factory=list)
    negative: bool = Field(False, description="the number may be below zero")
    table: Code | None = None
    item: Code | None = None


class Scope(Model):
    """Which projects a rule is for; an empty list leaves its side open.

    zones and zone_types exclude each other. `classes` hold first digits: "39" is every 39xx.
    """

    zones: list[Code] = Field(default_factory=list)
    zone_types: list[Code] = Field(default_factory=list)
    sectors: list[Code] = Field(default_factory=list)
    classes: list[str] = Field(default_factory=list)


class Line(Scope):
    """The line of a standard for some projects: a value, or `exempt` where none is set."""

    id: Code
    at: Fraction | None = None
    exempt: bool = False
    basis: str


class Standard(Named):
    """A figure of the project and the line it must keep: 投资强度, 亩均税收, 单位能耗 …

    The figure is one linear combination of inputs, or the ratio of two. Of the lines that match a
    project the most specific one holds; the line itself is within (不低于, 不高于).
    """

    relation: Literal["at_least", "at_most"]
    unit: str
    decimals: Decimals
    numerator: dict[Code, Fraction]
    denominator: dict[Code, Fraction] = Field(default_factory=dict)
    lines: Annotated[list[Line], Field(min_length=1)]


class Directory(Model):
    """A zone's industry directory (三图一表): classes encouraged, allowed, barred.

    The longest first digits decide; `unlisted` says what holds for a class in none of the lists.
    """

    id: Code
    name: Name
    zones: list[Code] = Field(default_factory=list)
    zone_types: list[Code] = Field(default_factory=list)
    encouraged: list[str] = Field(default_factory=list)
    allowed: list[str] = Field(default_factory=list)
    barred: list[str] = Field(default_factory=list)
    unlisted: Literal["allowed", "barred"]
    basis: str

    @property
    def sectors(self) -> tuple[str, ...]:
        """None: a directory is bound to places alone."""
        return ()

    @property
    def classes(self) -> tuple[str, ...]:
        """None: its classes are what it decides, not whom it is for."""
        return ()


class Condition(Model):
    """One thing that is so or not: a class, a flag, a choice, or a figure beyond a bound.

    `above` and `below` exclude the bound itself.
    """

    classes: list[str] = Field(default_factory=list)
    input: Code | None = None
    holds: bool | None = None
    one_of: list[str] = Field(default_factory=list)
    numerator: dict[Code, Fraction] = Field(default_factory=dict)
    denominator: dict[Code, Fraction] = Field(default_factory=dict)
    above: Fraction | None = None
    below: Fraction | None = None
    unit: str = ""
    decimals: Decimals = 2


class Negative(Scope):
    """A rule of the negative list: a project of which all of `when` holds is not admitted."""

    id: Code
    kind: Code
    name: Name
    when: Annotated[list[Condition], Field(min_length=1)]
    basis: str


class Access(Model):
    """access.yaml: the access policy of one year."""

    code: Code
    name: Name
    year: Year
    edition: str = Field(description="edition of GB/T 4754 of every class code: 2017")
    zone_grouping: Code = "zone"
    unit_kind: Code = Field("project", description="kind of registered unit that is screened")
    zone_types: list[Named] = Field(default_factory=list)
    sectors: list[Sector] = Field(default_factory=list)
    inputs: Annotated[list[Input], Field(min_length=1)]
    standards: list[Standard] = Field(default_factory=list)
    directories: list[Directory] = Field(default_factory=list)
    kinds: list[Named] = Field(default_factory=list, description="kinds of the negative list")
    negative: list[Negative] = Field(default_factory=list)
    source: str

    @cached_property
    def input(self) -> dict[str, Input]:
        return {one.code: one for one in self.inputs}

    @cached_property
    def sector(self) -> dict[str, Sector]:
        return {one.code: one for one in self.sectors}
