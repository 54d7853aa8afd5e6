"""Two small cities in the shape of the public views: monthly turnover, and ratios by district.

The retail figures are summed here by plain loops from the unit values below, so that a page's
number can be compared with something that the product did not compute.
"""

import json
import math
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from indicators.periods import between, format_period, period_end, year_to_date
from tests.dashboards.chdb_store import ChdbStore

DISTRICTS = {
    "NSW": "新南威尔士", "VIC": "维多利亚", "QLD": "昆士兰", "WA": "西澳大利亚",
    "SA": "南澳大利亚", "TAS": "塔斯马尼亚", "ACT": "首都领地", "NT": "北领地",
}  # fmt: skip
INDUSTRIES = {"food": "食品零售", "household": "家居用品", "clothing": "服装鞋帽", "cafes": "餐饮外卖"}
_SIZE = {"NSW": 9.0, "VIC": 7.2, "QLD": 5.6, "WA": 3.2, "SA": 1.9, "TAS": 0.6, "ACT": 0.55, "NT": 0.3}
_PART = {"food": 420.0, "household": 180.0, "clothing": 90.0, "cafes": 140.0}
FIRST, LAST = 201601, 201812
#: Districts that have not reported the last month: its city figure is provisional.
SILENT = ("NT", "TAS")
NOW = datetime(2026, 4, 6, 12, 0, tzinfo=UTC)

LISHUI = {
    "LD": ("莲都区", 46.38, 2.27), "JY": ("缙云县", 36.91, 0.51), "LQ": ("龙泉市", 22.97, 1.14),
    "QT": ("青田县", 21.41, 2.03), "YH": ("云和县", 21.36, 0.86), "SC": ("遂昌县", 16.75, 3.05),
    "SY": ("松阳县", 12.15, None), "QY": ("庆元县", 11.78, 0.92), "JN": ("景宁县", 10.06, 1.54),
    "KF": ("开发区", 9.81, 1.11),
}  # fmt: skip


def value_of(district: str, industry: str, period: int) -> Decimal:
    """Turnover of the one unit of a district and industry, one decimal; any fixed rule will do."""
    months = (period // 100 - 2016) * 12 + period % 100 - 1
    season = 1.28 if period % 100 == 12 else 1 + 0.05 * math.sin(months * 0.9)
    raw = _SIZE[district] * _PART[industry] * season * (1.003**months) / 10
    return Decimal(raw).quantize(Decimal("0.1"))


def reported(district: str, period: int) -> bool:
    return not (period == LAST and district in SILENT)


def fill(store: ChdbStore) -> None:
    """Plant both cities."""
    _names(store)
    store.insert("v_indicator", list(_retail_figures()) + list(_lishui_figures()))
    store.insert("v_observation", list(_retail_observations()) + list(_lishui_observations()))
    store.insert("v_completeness", list(_completeness()))
    store.insert("v_ledger", [submission(n) for n in range(12)])
    store.insert("v_alert", _alerts())
    store.insert("v_anomaly", _anomalies())


def turnover(level: str, subject: str, period: int) -> Decimal:
    """Exact turnover of a subject from the unit values."""
    total = Decimal(0)
    for district in DISTRICTS:
        for industry in INDUSTRIES:
            if not reported(district, period):
                continue
            if level == "city" or subject == (district if level == "district" else industry):
                total += value_of(district, industry, period)
    return total


def figure(
    measure: str, level: str, subject: str, period: int, current: Decimal, base: Decimal | None
) -> dict[str, Any]:
    """A v_indicator row of retail turnover; a base makes it a growth."""
    every = [
        d for d in DISTRICTS for i in INDUSTRIES
        if level == "city" or subject == (d if level == "district" else i)
    ]  # fmt: skip
    behind = [district for district in every if reported(district, period)]
    value = None if not behind or base == 0 else float(current if base is None else current / base - 1)
    return {
        "city": "retail", "level": level, "subject": subject, "by_level": "", "by_subject": "",
        "indicator": "turnover", "period": format_period(period), "period_end": period_end(period),
        "measure": measure, "scope": "all", "value": value, "numerator": current,
        "denominator": base, "units": len(behind), "expected_units": len(every),
        "reason": "" if behind else "no_units", "provisional": int(len(behind) < 0.9 * len(every)),
        "standing": "监测数", "known_from": NOW, "catalogue_version": 1,
    }  # fmt: skip


def _retail_figures() -> Any:
    subjects = [("city", "retail")]
    subjects += [("district", code) for code in DISTRICTS]
    subjects += [("industry", code) for code in INDUSTRIES]
    for level, subject in subjects:
        for period in between(FIRST, LAST):
            now = turnover(level, subject, period)
            so_far = sum((turnover(level, subject, one) for one in year_to_date(period)), Decimal(0))
            yield figure("current", level, subject, period, now, None)
            yield figure("ytd", level, subject, period, so_far, None)
            if period < FIRST + 100:
                continue
            # Like for like: the silent districts leave both sides.
            base = sum(
                (
                    value_of(d, i, period - 100)
                    for d in DISTRICTS
                    for i in INDUSTRIES
                    if reported(d, period)
                    and (level == "city" or subject == (d if level == "district" else i))
                ),
                Decimal(0),
            )
            before = sum(
                (turnover(level, subject, one - 100) for one in year_to_date(period)), Decimal(0)
            )
            yield figure("yoy_same", level, subject, period, now, base)
            yield figure("ytd_yoy_same", level, subject, period, so_far, before)


def _lishui_figures() -> Any:
    def row(indicator: str, level: str, subject: str, value: float | None, standing: str) -> Any:
        return {
            "city": "lishui", "level": level, "subject": subject, "by_level": "", "by_subject": "",
            "indicator": indicator, "period": "2019", "period_end": period_end(201900),
            "measure": "current", "scope": "all", "value": value,
            "numerator": None if value is None else Decimal(str(value)), "denominator": None,
            "units": int(value is not None), "expected_units": 1,
            "reason": "" if value is not None else "no_units", "provisional": 0,
            "standing": standing, "known_from": NOW, "catalogue_version": 1,
        }  # fmt: skip

    for code, (_, tax, energy) in LISHUI.items():
        yield row("tax_per_mu", "district", code, tax, "监测数")
        yield row("value_added_per_energy", "district", code, energy, "监测数")
        yield row("labour_productivity", "district", code, tax / 2, "监测数")
        yield row("firms", "district", code, 50 + round(tax), "监测数")
    firms = sum(50 + round(tax) for _, tax, _ in LISHUI.values())
    yield row("firms", "city", "lishui", firms, "监测数")
    yield row("firms", "city", "lishui", 942, "公布数")
    yield row("tax_per_mu", "city", "lishui", 18.9, "公布数")
    yield row("value_added_per_energy", "city", "lishui", 1.14, "公布数")


def _retail_observations() -> Any:
    for period in between(FIRST, LAST):
        for district in DISTRICTS:
            for industry in INDUSTRIES:
                if reported(district, period):
                    yield observation(
                        "retail", f"{district}-{industry}", "turnover", period,
                        value_of(district, industry, period), "reported",
                    )  # fmt: skip


def observation(
    city: str, unit: str, item: str, period: int, value: Decimal | None, status: str
) -> dict[str, Any]:
    return {
        "city": city, "source": "districts", "unit": unit, "item": item,
        "period": format_period(period), "period_end": period_end(period), "value": value,
        "status": status, "submission": "S-000012", "arrived_at": NOW, "known_from": NOW,
    }  # fmt: skip


def _lishui_observations() -> Any:
    for code, (_, tax, energy) in LISHUI.items():
        yield observation("lishui", code, "tax_per_mu", 201900, Decimal(str(tax)), "reported")
        value = None if energy is None else Decimal(str(energy))
        status = "missing" if energy is None else "reported"
        yield observation("lishui", code, "value_added_per_energy", 201900, value, status)


def _completeness() -> Any:
    for period in between(201801, LAST):
        counts: dict[str, tuple[int, int, int]] = {}
        for district in DISTRICTS:
            received = len(INDUSTRIES) if reported(district, period) else 0
            late = 1 if (district, period) in (("WA", 201810), ("ACT", 201811)) else 0
            counts[district] = (len(INDUSTRIES), received, received - late)
        whole = tuple(sum(row[k] for row in counts.values()) for k in range(3))
        due = datetime.combine(period_end(period), datetime.min.time(), UTC) + timedelta(days=7)
        if period == LAST:
            due = NOW + timedelta(hours=1)
        for level, subject, (expected, received, on_time) in [
            ("city", "retail", whole),
            *[("district", code, row) for code, row in counts.items()],
        ]:
            yield {
                "city": "retail", "level": level, "subject": subject, "table_code": "retail_monthly",
                "period": format_period(period), "period_end": period_end(period),
                "expected": expected, "received": received, "on_time": on_time,
                "late": received - on_time, "missing": expected - received, "exempt": 0,
                "extended": 0, "due_at": due,
            }  # fmt: skip
    for code, (_, _, energy) in LISHUI.items():
        yield {
            "city": "lishui", "level": "district", "subject": code, "table_code": "per_mu_annual",
            "period": "2019", "period_end": period_end(201900), "expected": 1,
            "received": int(energy is not None), "on_time": int(energy is not None), "late": 0,
            "missing": int(energy is None), "exempt": 0, "extended": 0, "due_at": None,
        }  # fmt: skip
    yield {
        "city": "lishui", "level": "city", "subject": "lishui", "table_code": "per_mu_annual",
        "period": "2019", "period_end": period_end(201900), "expected": 10, "received": 9,
        "on_time": 9, "late": 0, "missing": 1, "exempt": 0, "extended": 0, "due_at": None,
    }  # fmt: skip


def submission(number: int, arrived: datetime | None = None) -> dict[str, Any]:
    district = list(DISTRICTS)[number % len(DISTRICTS)]
    return {
        "city": "retail", "submission": f"S-{number:06d}", "reporter": district,
        "table_code": "retail_monthly", "period": "2018-M12" if number > 5 else "2018-M11",
        "declared": 19, "accepted": 19 - number % 3, "rejected": number % 3,
        "stored": 19 - number % 3, "superseded": 0, "quarantined": 0, "dead": 0, "pending": 0,
        "settled": 1, "arrived_at": arrived or NOW + timedelta(seconds=7 * number),
    }  # fmt: skip


def _alerts() -> list[dict[str, Any]]:
    common = {"city": "lishui", "kind": "line", "subject_level": "district", "state": "open",
              "indicator": "value_added_per_energy", "period": "2019", "opened_at": NOW,
              "closed_at": None}  # fmt: skip
    return [
        {**common, "id": "a1", "level": "红线", "subject": "JY",
         "evidence": json.dumps({"value": 0.51, "line": 0.6}, ensure_ascii=False)},
        {**common, "id": "a2", "level": "预警", "subject": "YH",
         "evidence": json.dumps({"value": 0.86, "line": 1.0}, ensure_ascii=False)},
        {**common, "city": "retail", "id": "a3", "kind": "overdue", "level": "红线", "subject": "NT",
         "indicator": "", "period": "2018-M10", "state": "closed",
         "closed_at": NOW + timedelta(minutes=5),
         "evidence": json.dumps({"table": "retail_monthly", "missing": 4}, ensure_ascii=False)},
    ]  # fmt: skip


def _anomalies() -> list[dict[str, Any]]:
    return [
        {"city": "retail", "table_code": "retail_monthly", "item": "turnover", "period": "2018-M09",
         "period_end": period_end(201809), "unit": "SA-food", "kind": "median_distance",
         "score": 61.3, "value": Decimal("798.5"), "median": Decimal("79.9"),
         "proposed": Decimal("79.85"), "evidence": json.dumps({"factor": 10}),
         "state": "open", "known_from": NOW},
    ]  # fmt: skip


def _names(store: ChdbStore) -> None:
    store.insert("dimension", [
        {"city": 1, "class": "city", "id": 1, "level": "", "code": "retail"},
        {"city": 2, "class": "city", "id": 2, "level": "", "code": "lishui"},
    ])  # fmt: skip
    subjects = [("retail", "city", "retail", "澳大利亚零售"), ("lishui", "city", "lishui", "丽水市")]
    subjects += [("retail", "district", code, name) for code, name in DISTRICTS.items()]
    subjects += [("retail", "industry", code, name) for code, name in INDUSTRIES.items()]
    subjects += [("lishui", "district", code, entry[0]) for code, entry in LISHUI.items()]
    store.insert("v_subject", [
        dict(zip(("city", "level", "code", "name"), one, strict=True)) for one in subjects
    ])  # fmt: skip
    card = {"name_en": "", "dimension": "operation", "role": "monitor", "direction": "higher",
            "yellow": None, "red": None, "lines_measure": "", "consequence_zh": "", "note": "",
            "denominator": "{}", "table_code": "per_mu_annual"}  # fmt: skip

    def attributes(item: str, levels: list[str], measures: list[str], reward: str = "") -> str:
        return json.dumps({"numerator_text": item, "denominator_text": "", "levels": levels,
                           "measures": measures, "reward_zh": reward,
                           "lines_source": "示例值"}, ensure_ascii=False)  # fmt: skip

    store.insert("v_indicator_card", [
        {**card, "city": "retail", "id": 1, "indicator": "turnover", "name_zh": "零售额",
         "unit": "百万澳元", "decimals": 1, "table_code": "retail_monthly",
         "numerator": '{"turnover": "1"}', "note": "各州零售企业当月营业额。",
         "attributes": attributes("营业额", ["city", "district", "industry"],
                                  ["current", "ytd", "yoy_same", "ytd_yoy_same"])},
        {**card, "city": "lishui", "id": 1, "indicator": "tax_per_mu", "name_zh": "亩均税收",
         "unit": "万元/亩", "decimals": 2, "dimension": "investment_output", "role": "incentive",
         "numerator": '{"tax_per_mu": "1"}',
         "attributes": attributes("亩均税收", ["district"], ["current"], "用地指标奖励(示例)")},
        {**card, "city": "lishui", "id": 2, "indicator": "value_added_per_energy",
         "name_zh": "单位能耗工业增加值", "unit": "万元/吨标准煤", "decimals": 2,
         "dimension": "green", "role": "constraint", "yellow": 1.0, "red": 0.6,
         "lines_measure": "current", "consequence_zh": "暂停新增用能项目(示例)",
         "numerator": '{"value_added_per_energy": "1"}',
         "attributes": attributes("单位能耗工业增加值", ["district"], ["current"])},
        {**card, "city": "lishui", "id": 3, "indicator": "labour_productivity",
         "name_zh": "全员劳动生产率", "unit": "万元/人·年", "decimals": 2, "dimension": "operation",
         "numerator": '{"labour_productivity": "1"}',
         "attributes": attributes("全员劳动生产率", ["district"], ["current"])},
        {**card, "city": "lishui", "id": 4, "indicator": "firms", "name_zh": "规上工业企业数",
         "unit": "家", "decimals": 0, "direction": "none", "numerator": '{"firms": "1"}',
         "attributes": attributes("规上工业企业数", ["city", "district"], ["current"])},
    ])  # fmt: skip
    events = []
    for district in DISTRICTS:
        for industry, name in INDUSTRIES.items():
            code = f"{district}-{industry}"
            events.append(_event(1, "put_unit", code, name=f"{DISTRICTS[district]}·{name}"))
            events.append(_event(1, "put_membership", code, "district", district))
            events.append(_event(1, "put_membership", code, "industry", industry))
    for code, (name, _, _) in LISHUI.items():
        events.append(_event(2, "put_unit", code, name=name))
        events.append(_event(2, "put_membership", code, "district", code))
    store.insert("register_event", events)


def _event(
    city: int, action: str, code: str, grouping: str = "", member: str = "", name: str = ""
) -> dict[str, Any]:
    return {
        "city": city, "version": 1, "ordinal": 0, "action": action, "kind": "series", "code": code,
        "unit": 0, "name": name, "grouping": grouping, "member": member, "valid_from": "",
        "valid_to": "", "attributes": "{}",
    }  # fmt: skip
