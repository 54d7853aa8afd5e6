"""A small city whose figures are of several tables, of quarters, of counts, and of zones that
overlap."""

from decimal import Decimal
from typing import Any

from granary.records import RegisterRow
from indicators.catalogue import Catalogue
from tests.folded_city import Cell, FoldedCity
from tests.indicators.cities import name
from tests.indicators.several_tables import item, table

CITY, NOW, YEAR_AGO = "joined", 202603, 202503


def catalogue() -> Catalogue:
    """Monthly M, power of two sources, yearly land Y; quarters of the output; two zones."""
    levels = ["city", "district", "zone"]
    lines = [f"contribution{line}" for line in ("", "_continuing", "_entries", "_exits")]

    def indicator(number: int, code: str, title: str, numerator: Any, **more: Any) -> Any:
        return {"id": number, "code": code, "name": name(title), "unit": "万元", "decimals": 2,
                "dimension": "operation", "table": "M", "numerator": numerator,
                "levels": levels, "direction": "higher", **more}  # fmt: skip

    return Catalogue.model_validate(
        {
            "version": 1,
            "city": {"code": CITY, "name": name("汇总市")},
            "sources": [
                {"id": 1, "code": "own", "name": name("本线")},
                {"id": 2, "code": "tax", "name": name("税务")},
            ],
            "groupings": [
                {"id": 1, "code": "district", "name": name("区县"), "partition": True,
                 "members": [{"code": code, "name": name(f"{code}区")} for code in "EW"]},
                {"id": 2, "code": "zone", "name": name("功能区"), "partition": False,
                 "members": [{"code": code, "name": name(f"{code}园")} for code in "PQ"]},
            ],
            "items": [
                item(1, "out"),
                item(2, "profit"),
                item(3, "power", sources=["tax", "own"]),
                item(4, "area", "stock"),
            ],
            "tables": [
                table(1, "M", ["out", "profit"], source="own", mandatory=["out"]),
                table(2, "D", ["power"], source="own", expected="none"),
                table(3, "X", ["power"], source="tax", expected="none"),
                table(4, "Y", ["area"], "year", source="own", expected="none"),
            ],
            "derived": [
                {"code": "losing", "name": name("亏损单位数"),
                 "when": {"item": "profit", "below": 0}},
                {"code": "making", "name": name("制造业单位数"),
                 "when": {"attribute": "industry", "starts_with": ["13"]}},
            ],
            "reporters": [{"code": "all", "name": name("全市"), "tables": ["M", "D", "X", "Y"]}],
            "indicators": [
                indicator(1, "output", "产值", {"out": 1}, also=["quarter", "year"],
                          exits="keep_base", measures=["current", "ytd", "yoy_same", *lines]),
                indicator(2, "intensity", "单耗", {"power": 1}, denominator={"out": 1},
                          measures=["current", "yoy_same"]),
                indicator(3, "per_area", "地均产值", {"out": 1}, denominator={"area": 1}),
                indicator(4, "losers", "亏损家数", {"losing": 1}),
                indicator(5, "makers", "制造业家数", {"making": 1}),
                indicator(6, "so_far", "累计地均产值", {"out": 1}, denominator={"area": 1},
                          measures=["ytd"]),
            ],
        }
    )  # fmt: skip


def register() -> list[RegisterRow]:
    """A in both zones, B in one, C in none; G left the list with the year, N came with it."""
    rows = [RegisterRow("put_unit", "city", CITY, "汇总市")]
    rows += [RegisterRow("put_unit", "district", code, f"{code}区") for code in "EW"]
    for code, district, zones, facts in (
        ("A", "E", "PQ", {"industry": "1310"}),
        ("B", "E", "P", {}),
        ("C", "W", "", {"industry": "1399"}),
        ("G", "W", "Q", {"listed_to": "2026-01-01"}),
        ("N", "W", "Q", {"listed_from": "2026-01-01"}),
    ):
        rows.append(
            RegisterRow("put_unit", "enterprise", code, f"{code}厂", attributes=(*facts.items(),))
        )
        rows += [
            RegisterRow("put_membership", "enterprise", code, grouping=grouping, member=member)
            for grouping, member in (("district", district), *(("zone", zone) for zone in zones))
        ]
    return rows


def fill(url: str, number: int) -> None:
    """Output of the first quarters of two years, power, land of two years, and a loss."""
    city = FoldedCity(url, number)
    city.begin(catalogue(), register())
    months: list[Cell] = []
    for year, by_unit in ((2025, {"A": 10, "B": 20, "C": 30, "G": 5, "N": 4}),
                          (2026, {"A": 12, "B": 21, "C": 30, "N": 8})):  # fmt: skip
        months += [
            (unit, "out", year * 100 + month, Decimal(value))
            for month in (1, 2, 3)
            for unit, value in by_unit.items()
        ]
    months += [(unit, "profit", NOW, Decimal(value)) for unit, value in
               (("A", -2), ("B", 3), ("C", -1), ("N", 0))]  # fmt: skip
    city.submit("S-1", "all", "M", months)
    power = [("A", 6, 5), ("B", 7, 7), ("C", 9, 9), ("N", 2, 1)]
    both = [(unit, period, value) for unit, *values in power
            for period, value in zip((NOW, YEAR_AGO), values, strict=True)]  # fmt: skip
    city.submit("S-2", "all", "D", [(u, "power", p, Decimal(v)) for u, p, v in both])
    city.submit("S-3", "all", "X", [("A", "power", p, Decimal(8)) for p in (NOW, YEAR_AGO)])
    land = [(unit, "area", 202400, Decimal(2)) for unit in "ABCN"]
    land += [(unit, "area", 202500, Decimal(4)) for unit in "AB"]
    city.submit("S-4", "all", "Y", land)
