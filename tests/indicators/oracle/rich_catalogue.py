"""A catalogue that has every feature of the statistical core, for random cities."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from indicators.catalogue import Catalogue
from indicators.vocabulary import CONTRIBUTIONS, MEASURES, split_measure
from tests.indicators.cities import name

#: table → (source, frequency, items)
TABLES: dict[str, tuple[str, str, list[str]]] = {
    "M": ("district", "month", ["t", "tp", "cum", "cump", "curm", "plain", "jan", "emp", "stk",
                                "stkp"]),
    "TAX": ("tax", "month", ["tax", "taxy", "debt"]),
    "PW": ("power", "month", ["tax", "kwh"]),
    "QT": ("zone", "quarter", ["land", "qcum"]),
    "LAND": ("land", "year", ["land", "debt"]),
    "Y": ("annual", "year", ["yflow", "land"]),
}  # fmt: skip
_ITEMS: dict[str, dict[str, Any]] = {
    "t": {"prior": "tp"},
    "tp": {},
    "cum": {"reported": "year_to_date", "january": "merged", "prior": "cump",
            "month_item": "curm"},
    "cump": {"reported": "year_to_date", "january": "merged"},
    "curm": {"january": "merged"},
    "plain": {"reported": "year_to_date", "month_item": "t"},
    "jan": {"january": "merged"},
    "emp": {"kind": "average"},
    "stk": {"kind": "stock", "prior": "stkp"},
    "stkp": {"kind": "stock"},
    "tax": {"sources": ["power", "tax"]},
    "taxy": {"reported": "year_to_date"},
    "debt": {"kind": "stock", "sources": ["land"]},
    "kwh": {"january": "merged"},
    "land": {"kind": "stock", "sources": ["land", "zone"]},
    "qcum": {"reported": "year_to_date"},
    "yflow": {},
}  # fmt: skip
ITEM_IDS = {code: at for at, code in enumerate(_ITEMS, 1)}
MEMBERS = {"district": "XYZ", "industry": "ab", "zone": "PQR"}
_CROSSES = [["district", "industry"], ["district", "zone"], ["zone", "industry"]]
_LEVELS = ["city", "district", "zone", "unit", *_CROSSES]


def _measures(*, ratio: bool = False, priced: bool = False) -> list[str]:
    """Every measure that the formula may have."""
    found = []
    for measure in sorted(MEASURES):
        window, kind = split_measure(measure)
        parts = kind == "share" or kind in CONTRIBUTIONS
        unpriced = kind in ("mom", "two_year_same") or (kind not in ("", "share") and window ==
                                                        "rolling12")  # fmt: skip
        if not (ratio and parts) and not (priced and unpriced):
            found.append(measure)
    return found


def _formulas() -> Iterable[dict[str, Any]]:
    both = ["quarter", "year"]
    yield {"code": "output", "numerator": {"t": 1}}
    yield {"code": "output_long", "numerator": {"t": 1, "stk": "1/8"}, "also": both}
    yield {"code": "cumulative", "numerator": {"cum": 1}, "also": both}
    yield {"code": "plain", "numerator": {"plain": "2/5", "t": -1}, "also": both}
    yield {"code": "january", "numerator": {"jan": 1}, "also": both}
    yield {"code": "per_head", "numerator": {"cum": 10}, "denominator": {"emp": 1}}
    yield {"code": "of_two", "numerator": {"cum": 1}, "denominator": {"t": 1, "jan": 1}}
    yield {"code": "tax_per_mu", "numerator": {"tax": 1}, "denominator": {"land": "3/2000"},
           "also": both}  # fmt: skip
    yield {"code": "kwh", "numerator": {"kwh": 1, "debt": 1}, "also": ["quarter"]}
    yield {"code": "tax", "numerator": {"tax": 1}}
    yield {"code": "losing", "numerator": {"losing": 1}, "denominator": {"count": 1},
           "also": ["year"]}  # fmt: skip
    yield {"code": "losses", "numerator": {"losses": 1, "high": "1/4"}}
    yield {"code": "heads", "numerator": {"count": 1}}
    yield {"code": "real", "numerator": {"t": 1}, "constant_prices": {"t": "all"},
           "also": ["quarter"]}  # fmt: skip
    yield {"code": "real_by", "numerator": {"cum": 1, "t": 1}, "constant_prices": {"cum": "by"}}
    yield {"code": "reduction", "numerator": {"plain": 1}, "denominator": {"t": 1},
           "constant_prices": {"t": "by"}}  # fmt: skip
    yield {"code": "quarterly", "table": "QT", "numerator": {"qcum": 1, "taxy": 1},
           "denominator": {"land": 1}, "also": ["year"]}  # fmt: skip
    yield {"code": "quarterly_flow", "table": "QT", "numerator": {"qcum": 1, "kwh": -1}}
    yield {"code": "quarterly_tax", "table": "QT", "numerator": {"tax": 1, "debt": 1},
           "also": ["year"]}  # fmt: skip
    yield {"code": "yearly", "table": "Y", "denominator": {"land": 1},
           "numerator": {"yflow": 1, "cum": 1, "qcum": -1, "tax": 1}}  # fmt: skip


def _series(seed: int) -> dict[str, dict[str, str]]:
    """Indices of most periods: some lack."""
    periods = [f"{year}-M{month:02d}" for year in range(2024, 2027) for month in range(1, 13)]
    periods += [f"{year}-Q{quarter}" for year in range(2024, 2027) for quarter in range(1, 5)]
    told = [period for at, period in enumerate(periods) if (at + seed) % 11]
    return {
        "current": {
            period: f"{100 + (at * 7 + seed) % 13 - 6}.5" for at, period in enumerate(told)
        },
        "ytd": {period: f"{101 + (at * 5 + seed) % 9 - 4}" for at, period in enumerate(told)},
    }


@cache
def rich(exits: str = "drop", expected: str = "listed") -> Catalogue:
    """The catalogue; `exits` of every indicator, `expected` of the tables M and QT."""
    indicators = []
    for at, formula in enumerate(_formulas(), 1):
        measures = _measures(ratio="denominator" in formula, priced="constant_prices" in formula)
        indicators.append(
            {"id": at, "name": name(formula["code"]), "unit": "1", "decimals": 2, "table": "M",
             "dimension": "operation", "measures": measures, "levels": _LEVELS, "exits": exits,
             **formula}
        )  # fmt: skip
    sources = list(dict.fromkeys(source for source, _, _ in TABLES.values()))
    return Catalogue.model_validate({
        "version": 1,
        "city": {"code": "example", "name": name("示例")},
        "sources": [{"id": at, "code": code, "name": name(code)}
                    for at, code in enumerate(sources, 1)],
        "groupings": [
            {"id": at, "code": code, "name": name(code), "partition": code != "zone",
             "members": [{"code": member, "name": name(member)} for member in members]}
            for at, (code, members) in enumerate(MEMBERS.items(), 1)
        ],
        "items": [{"id": ITEM_IDS[code], "code": code, "name": name(code), "unit": "1",
                   "decimals": 4, "kind": "flow", **item} for code, item in _ITEMS.items()],
        "tables": [
            {"id": at, "code": code, "name": name(code), "frequency": frequency,
             "source": source, "items": items, "mandatory": items[:1], "purpose": "statistical",
             "legal_basis": "example", "expected": expected if code in ("M", "QT") else "listed"}
            for at, (code, (source, frequency, items)) in enumerate(TABLES.items(), 1)
        ],
        "reporters": [{"code": "all", "name": name("全市"), "tables": list(TABLES)}],
        "indicators": indicators,
        "crosses": _CROSSES,
        "derived": [
            {"code": "count", "name": name("单位数")},
            {"code": "losing", "name": name("亏损"), "when": {"item": "t", "below": 0}},
            {"code": "losses", "name": name("亏损额"), "item": "t",
             "when": {"item": "stk", "below": 500, "above": "-0.5"}},
            {"code": "high", "name": name("高技术"), "item": "cum",
             "when": {"attribute": "class_code", "one_of": ["41"], "starts_with": ["39"]}},
        ],
        "deflators": [
            {"code": "all", "name": name("价格"), "source": "example", **_series(3)},
            {"code": "by", "name": name("价格"), "source": "example", "by": "industry",
             "members": {"a": _series(1), "b": _series(5)}},
        ],
    })  # fmt: skip
