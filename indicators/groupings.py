"""Groupings (分组) and their members: districts, zones, parks, industries, …"""

from typing import Annotated, Literal

from pydantic import Field

from indicators.modelling import Code, Day, Model, Name
from indicators.vocabulary import TOTAL


class Member(Model):
    """A member of a grouping: a district, an industry, a zone, …

    It exists from `valid_from` until `valid_to` (exclusive); None is open. One that was merged,
    split or renamed names its `successors`. Nothing is in a member outside its validity.
    """

    code: Code
    name: Name
    type: Code | None = Field(
        None, description="of a zone: 先进制造, 现代服务, 都市农业, …; ranks are within a type"
    )
    lead: Code | None = Field(
        None, description="lead district (牵头): a member of the grouping's `lead_grouping`"
    )
    valid_from: Day | None = Field(None, description="first day, such as 2026-03-01")
    valid_to: Day | None = Field(None, description="first day on which it is no more")
    successors: list[Code] = Field(
        default_factory=list, description="members of this grouping that took its place"
    )
    within: Code | None = Field(
        None,
        description="the member it lies in, of the grouping that the grouping's `within` names",
    )


class Grouping(Model):
    """groupings.yaml: a way to put units together; its code is the `level` of its subjects.

    partition: every unit is in at most one member, so the members' totals add to the city's.
    principle: by what a unit belongs to a member. Where members may overlap, the grouping has one
    subject more, `total`, that holds each of its units once (合计,剔重).
    """

    id: Annotated[int, Field(ge=1)]
    code: Code
    name: Name
    unit_kind: Code = "enterprise"
    also_kinds: list[Code] = Field(
        default_factory=list, description="further kinds of unit it groups: projects, parcels, …"
    )
    partition: bool
    principle: Literal["operation", "registration", "tax", "land"] = "operation"
    lead_grouping: Code = Field(
        "district", description="the grouping whose members lead members of this one"
    )
    within: Code | None = Field(
        None, description="the grouping whose members contain members of this one: parks in zones"
    )
    members: list[Member]

    @property
    def unit_kinds(self) -> tuple[str, ...]:
        """Kinds of unit that may be in its members; each kind has totals of its own."""
        return (self.unit_kind, *self.also_kinds)

    @property
    def subjects(self) -> tuple[str, ...]:
        """Codes of the level's subjects, in the order of its vectors."""
        codes = tuple(member.code for member in self.members)
        return codes if self.partition else (*codes, TOTAL)
