"""Yearly and quarterly returns of the zones' sample that are about enterprises."""

from collections.abc import Sequence

from granary.demo.zones_city import QUARTERS, YEARS, Enterprise, csv_text, decimal_text
from granary.demo.zones_land import Land


def yearly_files(firms: Sequence[Enterprise], land: Land) -> dict[str, str]:
    """Table → text of its file."""
    rows: dict[str, list[Sequence[object]]] = {name: [] for name in _YEARLY}
    for year in YEARS:
        for firm in firms:
            grown = year - 2024
            sales = firm.size * 10 * 12  # 0.1 万元
            staff = 30 + firm.size // 15 + grown * 3
            share = 1 + firm.at % 6
            add = {
                "basics_annual": (decimal_text(firm.size * 15, 1), staff),
                "rd_annual": (
                    decimal_text(sales * share // 100 + grown * 50, 1), decimal_text(sales, 1),
                    staff * share // 30 + 1, decimal_text(sales * (firm.at % 5) // 10, 1),
                ),
                "land_annual": (*(decimal_text(area, 2) for area in land.told(firm.at, year)),
                                decimal_text(firm.size * 100 * (8 + firm.at % 9), 2)),
                "science_annual": (int(firm.at % 3 == 0), int(firm.at % 8 == 0),
                                   firm.at % 9 + grown),
            }  # fmt: skip
            if firm.industrial:
                add |= {
                    "water_annual": (firm.size * 6, firm.size * (2 + firm.at % 5)),
                    "environment_annual": (
                        decimal_text(0 if firm.at % 6 == 0 else firm.size * (4 - grown), 4),
                        decimal_text(firm.size * 5, 4), decimal_text(firm.size * 20, 2),
                        decimal_text(firm.size * (12 + firm.at % 7), 2),
                    ),
                    "confirmation_annual": (
                        decimal_text(sales * 24 // 10 + grown, 2),
                        decimal_text(firm.size * 12 * (3 + firm.at % 5), 2), staff,
                    ),
                }  # fmt: skip
            for name, values in add.items():
                rows[name].append((firm.code, year, *values))
    quarterly: list[Sequence[object]] = [
        (firm.code, f"{year}-Q{quarter}", *_orders(firm, year, quarter))
        for year, quarter in QUARTERS
        for firm in firms
        if firm.industrial
    ]
    return {
        **{name: csv_text(("unit", "period", *_YEARLY[name]), rows[name]) for name in rows},
        "operation_quarterly": csv_text(("unit", "period", "orders", "capacity_output"), quarterly),
    }


def _orders(firm: Enterprise, year: int, quarter: int) -> Sequence[str]:
    return decimal_text(firm.size * (18 + quarter + year % 5), 1), decimal_text(firm.size * 40, 1)


_YEARLY = {
    "basics_annual": ("registered_capital", "year_end_employees"),
    "water_annual": ("fresh_water", "reused_water"),
    "rd_annual": ("rd_expense", "rd_revenue", "rd_personnel", "new_product_sales"),
    "land_annual": (
        "land_own",
        "land_rented_in",
        "land_rented_out",
        "land_in_use",
        "fixed_investment",
    ),
    "environment_annual": ("cod", "nox", "solid_waste", "solid_waste_used"),
    "science_annual": ("high_tech_certified", "specialised", "invention_patents"),
    "confirmation_annual": ("confirmed_value_added", "confirmed_energy", "confirmed_employees"),
}
