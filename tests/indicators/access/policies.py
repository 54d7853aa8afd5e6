"""A small access policy for the tests, and applications to it."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from indicators.access.models import Access
from indicators.access.results import Application, RuleResult, Value
from indicators.access.scopes import Standpoint
from indicators.access.screening import screen

MU = Fraction(2000, 3)
TYPE_OF = {"Z1": "making", "Z2": "making", "Z3": "services"}


def name(text: str) -> dict[str, str]:
    return {"zh": text, "en": text}


def line(rule: str, **changes: Any) -> dict[str, Any]:
    return {"id": rule, "at": "150", "basis": "示例"} | changes


def policy(**changes: Any) -> Access:
    """One standard at least 150 万元/亩, one ceiling, a directory, two negative rules; changed."""
    body: dict[str, Any] = {
        "code": "test", "name": name("准入"), "year": 2026, "edition": "2017", "source": "示例",
        "zone_types": [{"code": "making", "name": name("制造")},
                       {"code": "services", "name": name("服务")}],
        "sectors": [{"code": "glass", "name": name("玻璃"), "classes": ["305"]},
                    {"code": "other", "name": name("其他")}],
        "inputs": [
            {"code": "land", "name": name("用地面积"), "unit": "平方米",
             "also": [{"unit": "亩", "factor": "2000/3"}]},
            {"code": "invested", "name": name("投资"), "unit": "万元"},
            {"code": "energy", "name": name("能耗"), "unit": "吨"},
            {"code": "value_added", "name": name("增加值"), "unit": "万元", "negative": False},
            {"code": "plan", "name": name("符合规划"), "kind": "flag"},
            {"code": "guidance", "name": name("类别"), "kind": "choice",
             "choices": ["鼓励", "淘汰"]},
        ],
        "standards": [
            {"code": "intensity", "name": name("投资强度"), "relation": "at_least",
             "unit": "万元/亩", "decimals": 2, "numerator": {"invested": 1},
             "denominator": {"land": "0.0015"}, "lines": [line("S1")]},
            {"code": "use", "name": name("单位能耗"), "relation": "at_most", "unit": "吨/万元",
             "decimals": 4, "numerator": {"energy": 1}, "denominator": {"value_added": 1},
             "lines": [line("C1", at="0.5")]},
        ],
        "directories": [
            {"id": "D1", "name": name("目录"), "zones": ["Z1"], "encouraged": ["3912"],
             "allowed": ["39", "305"], "barred": ["391"], "unlisted": "barred", "basis": "示例"},
        ],
        "kinds": [{"code": "land", "name": name("不符合规划")}],
        "negative": [
            {"id": "N1", "kind": "land", "name": name("规划"), "basis": "示例",
             "when": [{"input": "plan", "holds": False}]},
            {"id": "N2", "kind": "land", "name": name("淘汰且高耗能"), "basis": "示例",
             "when": [{"input": "guidance", "one_of": ["淘汰"]},
                      {"numerator": {"energy": 1}, "above": 100}]},
        ],
    }  # fmt: skip
    return Access.model_validate(body | changes)


#: Passes every rule of `policy()`.
GOOD: Mapping[str, Value] = {
    "land": 10 * MU,
    "invested": Fraction(1500),
    "energy": Fraction(50),
    "value_added": Fraction(100),
    "plan": True,
    "guidance": "鼓励",
}
AT_Z1 = Standpoint("Z1", "making", "glass", "3051")


def results(
    given: Access, values: Mapping[str, Value], at: Standpoint = AT_Z1
) -> dict[str, RuleResult]:
    """Rule id → result."""
    application = Application("P1", at=at, values=values)
    return {one.rule: one for one in screen(given, application, TYPE_OF).results}
