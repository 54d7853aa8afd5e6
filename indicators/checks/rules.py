"""Rules by which returns are checked (审核规则): the model of checks.yaml."""

from typing import Annotated, Literal

from pydantic import Field

from indicators.modelling import Code, Model, Name

#: What a message may quote: the unit's name, the period, both figures of the comparison, and their
#: difference in per cent of the left one.
PLACEHOLDERS = frozenset({"unit", "period", "left", "right", "difference"})

FactName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,30}$")]


class CheckRule(Model):
    """checks.yaml: a condition that must hold for each unit of a table in each of its periods.

    `expression` is written in the language of `indicators.checks.language`. It is TRUE, FALSE (a
    finding), or NULL where an operand is missing. `when` says to whom it applies: where it is not
    TRUE the result is NULL. Messages quote {unit}, {period}, {left}, {right}, {difference} and the
    rule's facts.
    """

    id: Annotated[int, Field(ge=1)]
    code: Code
    name: Name
    table: Code
    severity: Literal["hard", "soft"] = Field(
        "soft", description="hard: refused where the file itself shows it; soft: stored, flagged"
    )
    expression: str
    when: str | None = Field(None, description="a condition: to whom the rule applies")
    message: Name
    facts: dict[FactName, str] = Field(
        default_factory=dict,
        description="name → expression of a number, date or text that messages may quote as {name}",
    )
    influence: Code | None = Field(
        None, description="item of the table by which the error's influence is told (差错影响度)"
    )
    source: str = Field(description="where the rule and its numbers come from")
