"""Rules by which a value is called anomalous: the models of anomalies.yaml."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from indicators.modelling import Code, Model


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
