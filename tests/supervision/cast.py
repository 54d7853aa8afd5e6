"""The standing cast: a city of two districts, one of them always late, and what they are asked."""

from typing import Any

from indicators.catalogue import Catalogue
from supervision.facts import CityFacts, LineFigure, ReturnCounts

PERIOD, LATER = 202603, 202604
DUE = 1_000_000
NAME = {"zh": "名", "en": "name"}


def named(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


def catalogue(*, yellow: float = 1.2, red: float = 1.0, hysteresis: float = 0.1) -> Catalogue:
    """One table, one constraint indicator with lines (higher is better), two districts."""
    members = [
        {"code": "swift", "name": named("迅捷区", "Swift")},
        {"code": "tardy", "name": named("迟缓区", "Tardy")},
    ]
    reporters = [
        {
            "code": f"{code}-office",
            "name": NAME,
            "tables": ["energy"],
            "grouping": "district",
            "member": code,
        }
        for code in ("swift", "tardy")
    ]
    return Catalogue.model_validate(
        {
            "version": 7,
            "city": {"code": "river", "name": named("江城", "River")},
            "sources": [{"id": 1, "code": "district", "name": NAME}],
            "groupings": [
                {"id": 1, "code": "district", "name": NAME, "partition": True, "members": members}
            ],
            "items": [
                {"id": 1, "code": "added", "name": named("增加值", "value added"),
                 "unit": "万元", "decimals": 2, "kind": "flow"},
                {"id": 2, "code": "energy", "name": named("能耗", "energy"),
                 "unit": "吨标准煤", "decimals": 2, "kind": "flow"},
            ],
            "tables": [
                {"id": 3, "code": "energy", "name": named("能耗表", "energy return"),
                 "frequency": "month", "source": "district", "items": ["added", "energy"],
                 "purpose": "administrative", "legal_basis": "example"}
            ],
            "reporters": reporters,
            "indicators": [
                {"id": 4, "code": "per_energy", "name": named("单位能耗增加值", "value per energy"),
                 "unit": "万元/吨标准煤", "decimals": 2, "dimension": "green",
                 "role": "constraint", "direction": "higher", "table": "energy",
                 "numerator": {"added": 1}, "denominator": {"energy": 1},
                 "levels": ["city", "district"],
                 "lines": {"yellow": yellow, "red": red, "hysteresis": hysteresis,
                           "consequence": named("约谈", "summons"), "source": "example"}}
            ],
        }
    )  # fmt: skip


def figure(value: float, *, subject: str = "tardy", period: int = PERIOD, **other: Any) -> Any:
    facts: dict[str, Any] = {"standing": "监测数", "units": 3, "expected_units": 3, "known_ms": 5}
    return LineFigure(
        indicator="per_energy",
        measure="current",
        level="district",
        subject=subject,
        period=period,
        value=value,
        **{**facts, **other},
    )


def counts(received: int, *, subject: str = "tardy", late: int = 0, expected: int = 3) -> Any:
    return ReturnCounts("energy", PERIOD, "district", subject, expected, received, late)


def facts(
    *,
    figures: list[LineFigure] | None = None,
    returns: list[ReturnCounts] | None = None,
    due_ms: int = DUE,
    told: bool = True,
    rules: Catalogue | None = None,
) -> CityFacts:
    key = ("energy", PERIOD)
    return CityFacts(
        id=1,
        code="river",
        version=1,
        catalogue=rules or catalogue(),
        due={key: due_ms},
        told=frozenset({key} if told else ()),
        figures=figures or [],
        returns=returns or [],
    )
