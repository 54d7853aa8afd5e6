"""Writes catalog/zones' register and sample data: `python -m granary.demo.zones_sample`.

Everything is invented and follows from one seed, so that a second run writes the same bytes. The
result is committed: small feeds by which every indicator of the catalogue has a figure.
"""

import csv
import io
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import catalog
from catalog.credit_code import wrong_check_digit
from catalog.register import MEMBERSHIP_COLUMNS

_SEED = 20240901
_MONTHS = [
    (year, month)
    for year in (2024, 2025, 2026)
    for month in range(1, 13)
    if (2024, 9) <= (year, month) <= (2026, 10)
]
_YEARS = (2024, 2025)
_QUARTERS = [(2025, 1), (2025, 2), (2025, 3), (2025, 4), (2026, 1), (2026, 2), (2026, 3)]
_UNIT_COLUMNS = (
    *("kind", "code", "name", "sector", "class_code", "class_edition", "founded"),
    *("in_production", "listed_from", "listed_to", "list_reason", "zone_type", "lead_district"),
)
#: zone, districts it lies in (the first one leads), type, and the activity of its enterprises
_ZONES = (
    ("Z01", "示例电子信息功能区", ("gaoxin", "pidu"), "advanced_manufacturing", "electronics"),
    ("Z02", "示例汽车功能区", ("longquanyi",), "advanced_manufacturing", "vehicles"),
    ("Z03", "示例医药功能区", ("wenjiang", "shuangliu"), "advanced_manufacturing", "medicine"),
    ("Z04", "示例软件服务功能区", ("tianfu",), "modern_services", "software"),
    ("Z05", "示例物流服务功能区", ("qingbaijiang",), "modern_services", "logistics"),
    ("Z06", "示例都市农业功能区", ("chongzhou", "dayi"), "urban_agriculture", "food"),
)
#: activity → sector, class, section, division of manufacturing, ecosystem, name
_ACTIVITIES = {
    "electronics": ("工业", "3919", "C", "C39", "electronics", "电子"),
    "vehicles": ("工业", "3612", "C", "C36", "vehicles", "汽车"),
    "medicine": ("工业", "2720", "C", "C27", "medicine", "医药"),
    "software": ("服务业", "6513", "I", "", "services", "软件"),
    "logistics": ("服务业", "5990", "G", "", "services", "物流"),
    "food": ("工业", "1371", "C", "C13", "food", "食品"),
}
_REGION = {"gaoxin": "510109", "tianfu": "510116"}
#: Units with a fate of their own, by position.
LOSSMAKING, STOPPED, LANDLESS, MOVED, TWO_ECOSYSTEMS, OUTSIDE, LEFT = 3, 14, 21, 5, 2, 59, 25


@dataclass(frozen=True, slots=True)
class Enterprise:
    """An invented enterprise; `size` is its output (turnover) of an ordinary month, 万元."""

    at: int
    code: str
    district: str
    zone: str
    activity: str
    size: int

    @property
    def industrial(self) -> bool:
        return _ACTIVITIES[self.activity][0] == "工业"


def enterprises() -> list[Enterprise]:
    """Sixty enterprises, ten of each zone's activity; the last one is in no zone."""
    draw = random.Random(_SEED)
    found = []
    for at in range(60):
        zone, _, districts, _, activity = _ZONES[at // 10]
        district = districts[at % len(districts)]
        body = f"91{_REGION.get(district, '510100')}MA6{at:05d}X"
        right = wrong_check_digit(body + "0")
        size = draw.randint(400, 9000)
        found.append(
            Enterprise(
                at,
                body + (right or "0"),
                district,
                "" if at == OUTSIDE else zone,
                activity,
                size,
            )
        )
    return found


def files() -> dict[str, str]:
    """File name, below catalog/zones, → text of register and data."""
    firms = enterprises()
    return {
        **_register(firms),
        **{f"data/{name}.csv": text for name, text in _monthly(firms).items()},
        **{f"data/{name}.csv": text for name, text in _yearly(firms).items()},
        **{f"data/{name}.csv": text for name, text in _construction().items()},
    }


def _register(firms: Sequence[Enterprise]) -> dict[str, str]:
    units: list[Sequence[object]] = []
    places: list[Sequence[object]] = []

    def put(kind: str, code: str, grouping: str, member: str, *valid: str) -> None:
        places.append((kind, code, grouping, member, *(valid or ("", ""))))

    for firm in firms:
        sector, class_code, section, division, ecosystem, word = _ACTIVITIES[firm.activity]
        listed_to, reason = ("2026-01-01", "退库:注销") if firm.at == LEFT else ("", "年度升规")
        started = f"{2008 + firm.at % 12}-0{1 + firm.at % 9}-01"
        units.append(
            ("enterprise", firm.code, f"示例{word}{firm.at + 1:02d}号公司", sector, class_code,
             "2017", started, started, "2021-01-01", listed_to, reason, "", "")
        )  # fmt: skip
        if firm.at == MOVED:
            put("enterprise", firm.code, "district", "gaoxin", "", "2025-07-01")
            put("enterprise", firm.code, "district", "pidu", "2025-07-01", "")
        else:
            put("enterprise", firm.code, "district", firm.district)
        if firm.zone == "Z02" and firm.at % 2:  # the old zone was merged into this one
            put("enterprise", firm.code, "zone", "Z07", "", "2025-01-01")
            put("enterprise", firm.code, "zone", "Z02", "2025-01-01", "")
        elif firm.zone:
            put("enterprise", firm.code, "zone", firm.zone)
        put("enterprise", firm.code, "ecosystem", ecosystem)
        if firm.at == TWO_ECOSYSTEMS:
            put("enterprise", firm.code, "ecosystem", "vehicles")
        if firm.zone in ("Z01", "Z03"):
            park = "P03" if firm.zone == "Z03" else f"P0{1 + firm.at % 2}"
            put("enterprise", firm.code, "park", park)
        put("enterprise", firm.code, "industry", section)
        if division:
            put("enterprise", firm.code, "manufacturing", division)
    old = ("Z07", "示例旧制造功能区", ("longquanyi",), "advanced_manufacturing", "vehicles")
    for zone, name, districts, zone_type, _ in (*_ZONES, old):
        closed = ("2025-01-01", "并入Z02") if zone == "Z07" else ("", "")
        units.append(
            ("zone", zone, name, "", "", "", "", "", "2020-01-01", *closed, zone_type, districts[0])
        )
        put("zone", zone, "zone", zone)
        put("zone", zone, "district", districts[0])
        put("zone", zone, "zone_type", zone_type)
    for zone, _, districts, _, activity in _ZONES:
        for number in range(4):
            district = districts[number % len(districts)]
            for kind, letter, name in (("project", "X", "项目"), ("parcel", "L", "地块")):
                code = f"{letter}{zone}{number + 1}"
                units.append((kind, code, f"示例{name}{code}", *[""] * 10))
                put(kind, code, "district", district)
                put(kind, code, "zone", zone)
                if kind == "project":
                    put(kind, code, "ecosystem", _ACTIVITIES[activity][4])
                elif zone in ("Z01", "Z03"):
                    park = "P03" if zone == "Z03" else f"P0{1 + number % 2}"
                    put(kind, code, "park", park)
    for district in sorted({place for zone in _ZONES for place in zone[2]}):
        units.append(("district", district, f"自报:{district}", *[""] * 10))
        put("district", district, "district", district)
    return {"units.csv": _text(_UNIT_COLUMNS, units),
            "memberships.csv": _text(MEMBERSHIP_COLUMNS, places)}  # fmt: skip


def _monthly(firms: Sequence[Enterprise]) -> dict[str, str]:
    rows: dict[str, list[Sequence[object]]] = {name: [] for name in _MONTHLY}
    own: dict[tuple[str, str], int] = {}
    for firm in firms:
        draw = random.Random(_SEED + firm.at)
        made: dict[tuple[int, int], int] = {}  # output in 0.1 万元
        for year, month in [(year, month) for year in (2023, 2024, 2025, 2026)
                            for month in range(1, 13)]:  # fmt: skip
            season = {1: 92, 2: 70, 3: 108, 6: 112, 12: 118}.get(month, 100)
            growth = 100 + 5 * (year - 2023) + firm.at % 5
            noise = draw.randint(95, 105)
            stopped = firm.at == STOPPED and (year, month) >= (2026, 5)
            made[year, month] = 0 if stopped else firm.size * season * growth * noise // 100_000
        for year, month in _MONTHS:
            period = f"{year}-M{month:02d}"
            output = sum(made[year, one] for one in range(1, month + 1))
            before = sum(made[year - 1, one] for one in range(1, month + 1))
            now = made[year, month] + (made[year, 1] if month == 2 else 0)
            margin = -4 if firm.at == LOSSMAKING else 3 + firm.at % 6
            listed = firm.at != LEFT or year < 2026
            if month != 1 and listed:
                _survey(rows, firm, period, output, before, now, made[year, month], margin)
                key = firm.district if firm.at != MOVED or period >= "2025-M07" else "gaoxin"
                own[key, period] = own.get((key, period), 0) + now * firm.industrial
            month_output = made[year, month]
            tax = month_output * (4 + firm.at % 4) // 10
            kwh = month_output * (30 + firm.at % 20)
            rows["tax_monthly"].append(
                (firm.code, period, _places(tax, 2), _places(month_output * 101 // 10, 2))
            )
            rows["power_monthly"].append((firm.code, period, _places(kwh, 4)))
            rows["water_monthly"].append((firm.code, period, month_output * (2 + firm.at % 3) // 4))
            rows["employment_monthly"].append(
                (firm.code, period, 30 + firm.size // 15 + (year - 2024) * 3 + month % 3)
            )
    for (district, period), value in own.items():
        # 龙泉驿区 tells more than its units add up to; the others agree.
        told = value * 103 // 100 if district == "longquanyi" else value
        rows["district_totals"].append((district, period, _places(told, 1)))
    return {name: _text(("unit", "period", *_MONTHLY[name]), rows[name]) for name in rows}


_MONTHLY = {
    "finance_monthly": ("revenue", "revenue_prior", "profit", "profit_prior", "operating_cost",
                        "assets", "liabilities", "receivables", "average_employees"),
    "output_monthly": ("output", "output_prior", "output_month", "sales_output",
                       "export_delivery", "value_added", "value_added_prior"),
    "energy_monthly": ("energy", "energy_prior", "electricity"),
    "tax_monthly": ("tax_paid", "declared_sales"),
    "power_monthly": ("electricity",),
    "water_monthly": ("water_use",),
    "employment_monthly": ("insured_employees",),
    "district_totals": ("district_output",),
}  # fmt: skip


def _survey(
    rows: dict[str, list[Sequence[object]]], firm: Enterprise, period: str,
    output: int, before: int, now: int, of_month: int, margin: int,
) -> None:  # fmt: skip
    """Rows of the statistical forms; amounts in 0.1 万元. Industry's forms are for industry."""
    revenue, revenue_before = output * 102 // 100, before * 102 // 100
    assets = firm.size * 10 * 14
    profits = (revenue * margin // 100, revenue_before * margin // 100)
    liabilities = assets * (40 + firm.at % 30) // 100
    amounts = (revenue, revenue_before, *profits, revenue * 80 // 100, assets, liabilities)
    rows["finance_monthly"].append(
        (
            firm.code,
            period,
            *(_places(value, 1) for value in (*amounts, assets // 9)),
            30 + firm.size // 15,
        )
    )
    if not firm.industrial:
        return
    rate = 22 + firm.at % 8
    values = (output, before, now, output * 97 // 100, output * (firm.at % 4) // 10,
              output * rate // 100, before * rate // 100)  # fmt: skip
    rows["output_monthly"].append((firm.code, period, *(_places(value, 1) for value in values)))
    use = 3 + firm.at % 5
    rows["energy_monthly"].append(
        (
            firm.code,
            period,
            _places(output * use // 10, 2),
            _places(before * use * 104 // 1000, 2),
            _places(of_month * (30 + firm.at % 20), 4),
        )
    )


def _yearly(firms: Sequence[Enterprise]) -> dict[str, str]:
    rows: dict[str, list[Sequence[object]]] = {name: [] for name in _YEARLY}
    for year in _YEARS:
        for firm in firms:
            grown = year - 2024
            sales = firm.size * 10 * 12  # 0.1 万元
            land = 0 if firm.at == LANDLESS else firm.size * 700  # 0.01 m²
            rented = land // 5 if firm.at % 7 == 0 else 0
            staff = 30 + firm.size // 15 + grown * 3
            share = 1 + firm.at % 6
            add = {
                "basics_annual": (_places(firm.size * 15, 1), staff),
                "rd_annual": (_places(sales * share // 100 + grown * 50, 1), _places(sales, 1),
                              staff * share // 30 + 1, _places(sales * (firm.at % 5) // 10, 1)),
                "land_annual": (_places(land, 2), _places(rented, 2), _places(land // 10, 2),
                                _places(firm.size * 100 * (8 + firm.at % 9), 2)),
                "science_annual": (int(firm.at % 3 == 0), int(firm.at % 8 == 0),
                                   firm.at % 9 + grown),
            }  # fmt: skip
            if firm.industrial:
                add |= {
                    "water_annual": (firm.size * 6, firm.size * (2 + firm.at % 5)),
                    "environment_annual": (
                        _places(0 if firm.at % 6 == 0 else firm.size * (4 - grown), 4),
                        _places(firm.size * 5, 4), _places(firm.size * 20, 2),
                        _places(firm.size * (12 + firm.at % 7), 2),
                    ),
                    "confirmation_annual": (_places(sales * 24 // 10 + grown, 2),
                                            _places(firm.size * 12 * (3 + firm.at % 5), 2), staff),
                }  # fmt: skip
            for name, values in add.items():
                rows[name].append((firm.code, year, *values))
    quarterly: list[Sequence[object]] = [
        (firm.code, f"{year}-Q{quarter}", *_orders(firm, year, quarter))
        for year, quarter in _QUARTERS
        for firm in firms
        if firm.industrial
    ]
    return {
        **{name: _text(("unit", "period", *_YEARLY[name]), rows[name]) for name in rows},
        "operation_quarterly": _text(("unit", "period", "orders", "capacity_output"), quarterly),
    }


def _orders(firm: Enterprise, year: int, quarter: int) -> Sequence[str]:
    return _places(firm.size * (18 + quarter + year % 5), 1), _places(firm.size * 40, 1)


_YEARLY = {
    "basics_annual": ("registered_capital", "year_end_employees"),
    "water_annual": ("fresh_water", "reused_water"),
    "rd_annual": ("rd_expense", "rd_revenue", "rd_personnel", "new_product_sales"),
    "land_annual": ("land_own", "land_rented_in", "land_rented_out", "fixed_investment"),
    "environment_annual": ("cod", "nox", "solid_waste", "solid_waste_used"),
    "science_annual": ("high_tech_certified", "specialised", "invention_patents"),
    "confirmation_annual": ("confirmed_value_added", "confirmed_energy", "confirmed_employees"),
}


def _construction() -> dict[str, str]:
    projects: list[Sequence[object]] = []
    parcels: list[Sequence[object]] = []
    zones: list[Sequence[object]] = []
    for place, (zone, *_) in enumerate(_ZONES):
        for number in range(4):
            total = 400_000 * (number + 1) + 90_000 * place  # 0.1 万元
            for year, month in _MONTHS:
                reached = (year - 2024) * 2 + number + (month > 6)
                done = total * month * (2 + number) // 300
                projects.append(
                    (f"X{zone}{number + 1}", f"{year}-M{month:02d}", _places(total, 1),
                     _places(total // 4, 1), _places(done, 1), 1,
                     *(int(reached >= stage) for stage in (2, 3, 5, 6, 8)))
                )  # fmt: skip
            area = 2_000_000 * (number + 1) + place * 130_000  # 0.01 m²
            for year in _YEARS:
                built = 0 if number == 3 and year == _YEARS[0] else area * (5 + number) // 10
                parcels.append(
                    (f"L{zone}{number + 1}", year, _places(area, 2), _places(built, 2),
                     _places(built * 2, 2), int(number == 3))
                )  # fmt: skip
        for at, (year, quarter) in enumerate(_QUARTERS):
            land = 400_000_000 + 30_000_000 * place
            zones.append(
                (zone, f"{year}-Q{quarter}", _places(1_500_000 * (1 + (at + place) % 3), 2),
                 *(_places(land * part // 1000, 2) for part in (1000, 20 + 9 * place, 60)),
                 _places(land // 20, 2), _places(land // 20 * (60 + 3 * at) // 100, 2),
                 12, 4 + at, 10 + at, 8 + at)
            )  # fmt: skip
    return {
        "project_monthly": _text(
            ("unit", "period", "total_investment", "year_plan", "invested", "signed",
             "land_obtained", "started", "completed", "producing", "at_capacity"), projects),
        "parcel_annual": _text(
            ("unit", "period", "parcel_area", "parcel_built", "parcel_floor", "parcel_overdue"),
            parcels),
        "zone_quarterly": _text(
            ("unit", "period", "land_supplied", "zone_built_land", "idle_land",
             "inefficient_land", "factory_built", "factory_occupied", "facilities_planned",
             "facilities_reached", "tasks_due", "tasks_done"), zones),
    }  # fmt: skip


def _places(value: int, decimals: int) -> str:
    """A whole number of last places as a decimal text: (1234, 1) → 123.4."""
    whole, part = divmod(abs(value), 10**decimals)
    return f"{'-' if value < 0 else ''}{whole}.{part:0{decimals}d}"


def _text(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def zones_folder() -> Path:
    """The catalogue folder of the zones' city."""
    return Path(catalog.__file__).parent / "zones"


def main() -> None:
    for name, text in files().items():
        path = zones_folder() / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
