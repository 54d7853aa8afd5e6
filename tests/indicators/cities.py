"""Small cities for tests: one table, a register, and cells given as plain numbers."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from granary.keys import unit_id
from granary.records import RegisterRow
from indicators.arrays import Amounts, Flags, Instants
from indicators.catalogue import Catalogue
from indicators.register import Register


def name(text: str) -> dict[str, str]:
    return {"zh": text, "en": text}


def catalogue(**changes: Any) -> Catalogue:
    """One monthly table T of item t (with reported 上年同期 tp), two districts X and Y."""
    base: dict[str, Any] = {
        "version": 1,
        "city": {"code": "example", "name": name("示例")},
        "sources": [{"id": 1, "code": "district", "name": name("区县")}],
        "groupings": [
            {
                "id": 1,
                "code": "district",
                "name": name("区县"),
                "partition": True,
                "members": [{"code": code, "name": name(code)} for code in "XY"],
            }
        ],
        "items": [
            {"id": 1, "code": "t", "name": name("产值"), "unit": "万元", "decimals": 4,
             "kind": "flow", "prior": "tp"},
            {"id": 2, "code": "tp", "name": name("上年同期产值"), "unit": "万元", "decimals": 4,
             "kind": "flow"},
            {"id": 3, "code": "tax", "name": name("税收"), "unit": "万元", "decimals": 4,
             "kind": "flow"},
            {"id": 4, "code": "land", "name": name("用地"), "unit": "m²", "decimals": 2,
             "kind": "stock"},
        ],
        "tables": [
            {"id": 1, "code": "T", "name": name("表"), "frequency": "month", "source": "district",
             "items": ["t", "tp", "tax", "land"], "mandatory": ["t"], "size_item": "t",
             "purpose": "statistical", "legal_basis": "example"}
        ],
        "reporters": [
            {"code": "all", "name": name("全市"), "tables": ["T"]},
            {"code": "onlyX", "name": name("X"), "tables": ["T"], "grouping": "district",
             "member": "X"},
        ],
        "indicators": [
            {"id": 1, "code": "output", "name": name("产值"), "unit": "万元", "decimals": 1,
             "dimension": "operation", "table": "T", "numerator": {"t": 1},
             "measures": ["current", "ytd", "yoy_same", "yoy_matched", "yoy_nominal", "mom",
                          "ytd_yoy_same", "rolling12", "share", "contribution"],
             "levels": ["city", "district"]},
            {"id": 2, "code": "tax_per_mu", "name": name("亩均税收"), "unit": "万元/亩",
             "decimals": 2, "dimension": "investment_output", "table": "T",
             "numerator": {"tax": 1}, "denominator": {"land": "3/2000"},
             "levels": ["city", "district"]},
        ],
    }  # fmt: skip
    return Catalogue.model_validate({**base, **changes})


def unit(code: str, district: str, **attributes: str) -> list[RegisterRow]:
    """Rows that register one enterprise in a district."""
    return [
        RegisterRow("put_unit", "enterprise", code, code, attributes=tuple(attributes.items())),
        RegisterRow("put_membership", "enterprise", code, grouping="district", member=district),
    ]


def register(*units: Sequence[RegisterRow]) -> Register:
    found = Register()
    rows = [row for part in units for row in part]
    found.apply(rows, [unit_id(row.kind, row.code) for row in rows])
    return found


class GivenCells:
    """`Cells` from {period: {item: [value or None by unit]}}; values in whole units."""

    def __init__(
        self,
        given: Mapping[int, Mapping[str, Sequence[float | None]]],
        units: int,
        arrivals: Mapping[int, Sequence[int]] | None = None,
    ) -> None:
        self._given, self._units, self._arrivals = given, units, arrivals or {}

    def values(self, table: str, item: str, period: int) -> tuple[Amounts, Flags]:
        column = self._given.get(period, {}).get(item, [None] * self._units)
        scaled = [0 if value is None else round(value * 10_000) for value in column]
        return np.array(scaled, np.int64), np.array([value is not None for value in column])

    def periods(self, table: str) -> set[int]:
        return set(self._given)

    def arrivals(self, table: str, period: int) -> Instants:
        return np.array(self._arrivals.get(period, [-1] * self._units), np.int64)


#: table → unit → item → value of the period
Told = Mapping[str, Mapping[str, Mapping[str, float]]]


class ToldCells:
    """`Cells` of several tables: what each table's units report in one period."""

    def __init__(self, city: Catalogue, units: Register, told: Told, period: int) -> None:
        self._city, self._units, self._told, self._period = city, units, told, period

    def values(self, table: str, item: str, period: int) -> tuple[Amounts, Flags]:
        codes = self._units.codes(self._city.table[table].unit_kind)
        rows = self._told.get(table, {}) if period == self._period else {}
        found = [rows.get(code, {}).get(item) for code in codes]
        scaled = [round((one or 0) * 10**4) for one in found]
        return np.array(scaled, np.int64), np.array([one is not None for one in found], bool)

    def periods(self, table: str) -> set[int]:
        return {self._period}

    def arrivals(self, table: str, period: int) -> Instants:
        return np.zeros(self._units.size(self._city.table[table].unit_kind), np.int64)


class NoCalendar:
    """Nothing is ever due."""

    def due(self, table: str, period: int) -> int | None:
        return None

    def closed(self, table: str, period: int) -> bool:
        return False
