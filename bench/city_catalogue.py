"""The catalogue of the generated city: ten monthly items, ten indicators, four ways to group."""

from typing import Any

from indicators.catalogue import Catalogue

#: code, Chinese and English name, unit, decimals, kind, sign
ITEMS = (
    ("turnover", "营业收入", "turnover", "万元", 1, "flow", "not_negative"),
    ("tax", "税收", "tax", "万元", 2, "flow", "not_negative"),
    ("land", "用地面积", "land used", "m²", 2, "stock", "not_negative"),
    ("energy", "综合能耗", "energy", "吨标准煤", 3, "flow", "not_negative"),
    ("value_added", "增加值", "value added", "万元", 1, "flow", "any"),
    ("profit", "利润总额", "profit", "万元", 1, "flow", "any"),
    ("employees", "从业人员", "employees", "人", 0, "stock", "not_negative"),
    ("investment", "固定资产投资", "investment", "万元", 1, "flow", "not_negative"),
    ("research", "研发费用", "research spending", "万元", 2, "flow", "not_negative"),
    ("exports", "出口额", "exports", "万元", 1, "flow", "not_negative"),
)
TABLE = "monthly"
#: The reporter that may speak of every unit; each district has one of its own, of its name.
WHOLE_CITY = "bureau"

_BY_PLACE = ["city", "district", "industry", ["district", "industry"]]
#: code, Chinese name, numerator, denominator, measures, levels
_INDICATORS: tuple[tuple[str, str, dict[str, Any], dict[str, Any], list[str], list[Any]], ...] = (
    ("turnover", "营业收入", {"turnover": 1}, {},
     ["current", "ytd", "yoy_same", "ytd_yoy_same", "share"], [*_BY_PLACE, "zone"]),
    ("value_added", "增加值", {"value_added": 1}, {}, ["current", "yoy_same"], _BY_PLACE),
    ("profit", "利润总额", {"profit": 1}, {}, ["current", "yoy_same"], _BY_PLACE),
    ("investment", "投资", {"investment": 1}, {}, ["current", "ytd"], ["city", "district"]),
    ("research", "研发费用", {"research": 1}, {}, ["current"], ["city", "district", "industry"]),
    ("exports", "出口额", {"exports": 1}, {}, ["current"], ["city", "district", "industry"]),
    ("employees", "从业人员", {"employees": 1}, {}, ["current"], ["city", "district", "industry"]),
    ("tax_per_mu", "亩均税收", {"tax": 1}, {"land": "3/2000"}, ["current"], _BY_PLACE[:3]),
    ("energy_intensity", "单位增加值能耗", {"energy": 1}, {"value_added": 1}, ["current"],
     _BY_PLACE[:3]),
    ("profit_margin", "营业收入利润率", {"profit": 1}, {"turnover": 1}, ["current"],
     ["city", "district"]),
)  # fmt: skip


def _name(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


def _members(prefix: str, zh: str, count: int) -> list[dict[str, Any]]:
    return [
        {"code": f"{prefix}{at:02d}", "name": _name(f"{zh}{at}", f"{prefix}{at:02d}")}
        for at in range(1, count + 1)
    ]


def city_catalogue(
    code: str, districts: int, industries: int, zones: int, version: int = 1
) -> Catalogue:
    """The catalogue of a generated city; a version above 1 adds measures, as an edit would."""
    members = {
        "district": _members("D", "区", districts),
        "industry": _members("I", "行业", industries),
        "zone": _members("Z", "功能区", zones),
    }
    indicators = [
        {
            "id": number,
            "code": indicator,
            "name": _name(zh, indicator),
            "unit": "",
            "decimals": 2,
            "dimension": "operation",
            "table": TABLE,
            "numerator": numerator,
            "denominator": denominator,
            "measures": measures + (["mom"] if version > 1 and indicator == "value_added" else []),
            "levels": levels,
        }
        for number, (indicator, zh, numerator, denominator, measures, levels) in enumerate(
            _INDICATORS, 1
        )
    ]
    return Catalogue.model_validate(
        {
            "version": version,
            "city": {"code": code, "name": _name(f"样本市{code}", f"generated city {code}")},
            "sources": [{"id": 1, "code": "district", "name": _name("区县上报", "districts")}],
            "groupings": [
                {
                    "id": number,
                    "code": level,
                    "name": _name(zh, level),
                    "partition": level != "zone",
                    "members": members[level],
                }
                for number, (level, zh) in enumerate(
                    (("district", "区县"), ("industry", "行业"), ("zone", "功能区")), 1
                )
            ],
            "crosses": [["district", "industry"]],
            "items": [
                {
                    "id": number,
                    "code": item,
                    "name": _name(zh, en),
                    "unit": unit,
                    "decimals": decimals,
                    "kind": kind,
                    "sign": sign,
                }
                for number, (item, zh, en, unit, decimals, kind, sign) in enumerate(ITEMS, 1)
            ],
            "tables": [
                {
                    "id": 1,
                    "code": TABLE,
                    "name": _name("月报(样本)", "monthly return (generated)"),
                    "frequency": "month",
                    "source": "district",
                    "items": [item[0] for item in ITEMS],
                    "mandatory": ["turnover", "tax"],
                    "size_item": "turnover",
                    "purpose": "statistical",
                    "legal_basis": "样本数据,无统计制度依据",
                    "tokens": {"": "blank", "/": "missing"},
                }
            ],
            "reporters": [
                {"code": WHOLE_CITY, "name": _name("市级", "whole city"), "tables": [TABLE]},
                *(
                    {
                        "code": member["code"],
                        "name": member["name"],
                        "tables": [TABLE],
                        "grouping": "district",
                        "member": member["code"],
                    }
                    for member in members["district"]
                ),
            ],
            "indicators": indicators,
            "anomalies": [
                {
                    "table": TABLE,
                    "item": "turnover",
                    "history": 24,
                    "score": 8.0,
                    "source": "example threshold of a generated city",
                }
            ],
        }
    )
