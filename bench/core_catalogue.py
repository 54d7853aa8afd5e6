"""The catalogue of `granary bench core`: 40 monthly items, 40 sums of them, 15 ratios of sums."""

from typing import Any

from indicators.catalogue import Catalogue

TABLE = "monthly"
KIND = "enterprise"
#: Levels of every indicator; groupings whose members overlap have a total besides.
LEVELS: tuple[str | tuple[str, str], ...] = (
    "city", "district", "zone", "ecosystem", "industry",
    ("district", "industry"), ("zone", "district"),
)  # fmt: skip
#: code, Chinese name, members, whether a unit has exactly one
GROUPINGS = (
    ("district", "区县", 23, True),
    ("zone", "功能区", 60, False),
    ("ecosystem", "产业生态", 12, False),
    ("industry", "行业", 40, True),
)
_FLOW_MEASURES = (
    "current", "ytd", "rolling12", "share", "mom", "yoy_same", "yoy_matched", "yoy_nominal",
    "contribution", "ytd_yoy_same",
)  # fmt: skip
_STOCK_MEASURES = (
    "current", "share", "mom", "yoy_same", "yoy_matched", "yoy_nominal", "contribution",
)  # fmt: skip
_RATIO_MEASURES = (
    "current", "ytd", "rolling12", "mom", "yoy_same", "yoy_matched", "yoy_nominal",
)  # fmt: skip
_RATIOS = 15


def core_catalogue(items: int) -> Catalogue:
    """Flows by the month, flows from the year's beginning (累计), and stocks.

    40 items have 15 ratios, fewer items fewer.
    """
    kinds = item_kinds(items)
    codes = [f"{kind}{number:02d}" for number, kind in enumerate(kinds, 1)]
    indicators = [
        _indicator(
            number, code, {code: 1}, {}, _STOCK_MEASURES if kind == "stock" else _FLOW_MEASURES
        )
        for number, (code, kind) in enumerate(zip(codes, kinds, strict=True), 1)
    ]
    for number in range(min(_RATIOS, items * 3 // 8)):
        numerator, denominator = _ratio(codes, number)
        indicators.append(
            _indicator(
                items + number + 1,
                f"ratio{number + 1:02d}",
                numerator,
                denominator,
                _RATIO_MEASURES,
            )
        )
    return Catalogue.model_validate(
        {
            "version": 1,
            "city": {"code": "core", "name": _name("样本市")},
            "sources": [{"id": 1, "code": "district", "name": _name("区县上报")}],
            "groupings": [
                {
                    "id": number,
                    "code": code,
                    "name": _name(zh),
                    "partition": partition,
                    "members": [
                        {"code": member, "name": _name(f"{zh}{member}")}
                        for member in members_of(code, count)
                    ],
                }
                for number, (code, zh, count, partition) in enumerate(GROUPINGS, 1)
            ],
            "crosses": [level for level in LEVELS if isinstance(level, tuple)],
            "items": [
                {
                    "id": number,
                    "code": code,
                    "name": _name(f"指标项{number}"),
                    "unit": "万元",
                    "decimals": 2,
                    "kind": "stock" if kind == "stock" else "flow",
                    "reported": "year_to_date" if kind == "ytd" else "current",
                }
                for number, (code, kind) in enumerate(zip(codes, kinds, strict=True), 1)
            ],
            "tables": [
                {
                    "id": 1,
                    "code": TABLE,
                    "name": _name("月报"),
                    "frequency": "month",
                    "source": "district",
                    "items": codes,
                    "purpose": "statistical",
                    "legal_basis": "样本数据,无统计制度依据",
                }
            ],
            "reporters": [],
            "indicators": indicators,
        }
    )  # fmt: skip


def item_kinds(items: int) -> list[str]:
    """flow, ytd or stock of each item, spread so that few items hold all three."""
    pattern = ("flow", "flow", "stock", "flow", "ytd", "flow", "flow", "stock", "flow", "flow")
    kinds = [pattern[number % len(pattern)] for number in range(items)]
    for number in (3, 13):  # 6 of 40 from the year's beginning
        if number < items:
            kinds[number] = "ytd"
    return kinds


def members_of(grouping: str, count: int) -> list[str]:
    """Codes of a grouping's members."""
    return [f"{grouping[0].upper()}{number:02d}" for number in range(1, count + 1)]


def _ratio(codes: list[str], number: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Ratios of one item over another, of a difference, and with a factor (1亩 = 2000/3 m²)."""
    above, below, less = (
        codes[(number * step + at) % len(codes)] for step, at in ((2, 0), (2, 1), (3, 2))
    )
    if number % 3 == 1 and less not in (above, below):
        return {above: 1, less: -1}, {below: 1}
    return {above: 1}, {below: "3/2000" if number % 3 == 2 else 1}


def _indicator(
    number: int, code: str, numerator: dict[str, Any], denominator: dict[str, Any], measures: Any
) -> dict[str, Any]:
    return {
        "id": number,
        "code": code,
        "name": _name(code),
        "unit": "万元",
        "decimals": 2,
        "dimension": "operation",
        "table": TABLE,
        "numerator": numerator,
        "denominator": denominator,
        "measures": list(measures),
        "levels": list(LEVELS),
    }


def _name(zh: str) -> dict[str, str]:
    return {"zh": zh, "en": zh}
