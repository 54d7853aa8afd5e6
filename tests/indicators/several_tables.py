"""A small city whose figures come out of several tables, frequencies and sources."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from indicators.arrays import Amounts, Flags, Instants
from indicators.catalogue import Catalogue
from indicators.figure_block import FigureBlock
from indicators.figures import Figures
from indicators.register import Register
from tests.indicators.cities import NoCalendar, catalogue, name

Given = Mapping[tuple[str, str, int], Sequence[float | None]]


def item(number: int, code: str, kind: str = "flow", **more: Any) -> dict[str, Any]:
    return {"id": number, "code": code, "name": name(code), "unit": "万元", "decimals": 4,
            "kind": kind, **more}  # fmt: skip


def table(number: int, code: str, items: list[str], frequency: str = "month",
          source: str = "district", **more: Any) -> dict[str, Any]:  # fmt: skip
    return {"id": number, "code": code, "name": name(code), "frequency": frequency,
            "source": source, "items": items, "purpose": "administrative",
            "legal_basis": "example", **more}  # fmt: skip


def indicator(number: int, code: str, numerator: Any, denominator: Any = None,
              own: str = "M", **more: Any) -> dict[str, Any]:  # fmt: skip
    return {"id": number, "code": code, "name": name(code), "unit": "万元", "decimals": 2,
            "dimension": "operation", "table": own, "numerator": numerator,
            "denominator": denominator or {}, "levels": ["city", "district"], **more}  # fmt: skip


def city(indicators: list[dict[str, Any]], **changes: Any) -> Catalogue:
    """Monthly M (district) and X (tax), yearly Y (land): out, cum with its month, power, area."""
    given: dict[str, Any] = {
        "sources": [
            {"id": 1, "code": "district", "name": name("区县")},
            {"id": 2, "code": "tax", "name": name("税务")},
        ],
        "items": [
            item(1, "out", january="merged"),
            item(2, "cum", reported="year_to_date", january="merged", month_item="month"),
            item(3, "month"),
            item(4, "profit"),
            item(5, "power", sources=["tax", "district"]),
            item(6, "area", "stock"),
            item(7, "energy"),
        ],
        "tables": [
            table(1, "M", ["out", "cum", "month", "profit", "energy"]),
            table(2, "D", ["power"]),
            table(3, "X", ["power"], source="tax"),
            table(4, "Y", ["area"], "year", expected="none"),
        ],
        "reporters": [{"code": "all", "name": name("全市"), "tables": ["M", "D", "X", "Y"]}],
        "indicators": indicators,
    }
    return catalogue(**{**given, **changes})


class TableCells:
    """`Cells` from {(table, item, period): [value or None by unit]}; values in whole units."""

    def __init__(self, given: Given, units: int) -> None:
        self._given, self._units = given, units

    def values(self, table: str, item: str, period: int) -> tuple[Amounts, Flags]:
        column = self._given.get((table, item, period), [None] * self._units)
        scaled = [0 if value is None else round(value * 10_000) for value in column]
        return np.array(scaled, np.int64), np.array([value is not None for value in column])

    def periods(self, table: str) -> set[int]:
        return {period for of, _, period in self._given if of == table}

    def arrivals(self, table: str, period: int) -> Instants:
        return np.full(self._units, -1, np.int64)


def block(
    given: Catalogue, register: Register, cells: Given, code: str, period: int, measure: str,
    level: str = "city",
) -> FigureBlock:  # fmt: skip
    figures = Figures(given, register, TableCells(cells, register.size("enterprise")), NoCalendar())
    blocks = figures.of(given.indicator[code], period, measure, None)
    return next(found for found in blocks if found.level == level)
