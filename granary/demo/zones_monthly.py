"""Monthly returns of the zones' sample: output, finance, energy, and what departments report."""

import random
from collections.abc import Sequence

from granary.demo.zones_city import (
    LEFT,
    LOSSMAKING,
    MONTHS,
    MOVED,
    SEED,
    STOPPED,
    Enterprise,
    csv_text,
    decimal_text,
)


def monthly_files(firms: Sequence[Enterprise]) -> dict[str, str]:
    """Table → text of its file."""
    rows: dict[str, list[Sequence[object]]] = {name: [] for name in _MONTHLY}
    own: dict[tuple[str, str], int] = {}
    for firm in firms:
        draw = random.Random(SEED + firm.at)
        made: dict[tuple[int, int], int] = {}  # output in 0.1 万元
        for year, month in [(year, month) for year in (2023, 2024, 2025, 2026)
                            for month in range(1, 13)]:  # fmt: skip
            season = {1: 92, 2: 70, 3: 108, 6: 112, 12: 118}.get(month, 100)
            growth = 100 + 5 * (year - 2023) + firm.at % 5
            noise = draw.randint(95, 105)
            stopped = firm.at == STOPPED and (year, month) >= (2026, 5)
            made[year, month] = 0 if stopped else firm.size * season * growth * noise // 100_000
        for year, month in MONTHS:
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
                (firm.code, period, decimal_text(tax, 2), decimal_text(month_output * 101 // 10, 2))
            )
            rows["power_monthly"].append((firm.code, period, decimal_text(kwh, 4)))
            rows["water_monthly"].append((firm.code, period, month_output * (2 + firm.at % 3) // 4))
            rows["employment_monthly"].append(
                (firm.code, period, 30 + firm.size // 15 + (year - 2024) * 3 + month % 3)
            )
    for (district, period), value in own.items():
        # 龙泉驿区 tells more than its units add up to; the others agree.
        told = value * 103 // 100 if district == "longquanyi" else value
        rows["district_totals"].append((district, period, decimal_text(told, 1)))
    return {name: csv_text(("unit", "period", *_MONTHLY[name]), rows[name]) for name in rows}


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
            *(decimal_text(value, 1) for value in (*amounts, assets // 9)),
            30 + firm.size // 15,
        )
    )
    if not firm.industrial:
        return
    rate = 22 + firm.at % 8
    values = (output, before, now, output * 97 // 100, output * (firm.at % 4) // 10,
              output * rate // 100, before * rate // 100)  # fmt: skip
    rows["output_monthly"].append(
        (firm.code, period, *(decimal_text(value, 1) for value in values))
    )
    use = 3 + firm.at % 5
    rows["energy_monthly"].append(
        (
            firm.code,
            period,
            decimal_text(output * use // 10, 2),
            decimal_text(before * use * 104 // 1000, 2),
            decimal_text(of_month * (30 + firm.at % 20), 4),
        )
    )
