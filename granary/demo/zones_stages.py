"""Land supplied by stages (分期供地) in the zones' sample: contract stages and what was reached.

Two parcels of each zone have two stages each. Planted: GLZ021-1 stays below the agreed investment
from its due date on, GLZ031-1 reaches it a quarter late, GLZ051-2 stays below the agreed tax.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from granary.demo.zones_city import QUARTERS, ZONES, Enterprise, csv_text, decimal_text
from granary.demo.zones_land import Land, parcel_code

#: number of the stage → due date; agreed investment, yearly output and yearly tax, 万元
_STAGES: Final = {
    1: ("2025-12-31", (8_000, 12_000, 600)),
    2: ("2026-09-30", (16_000, 24_000, 1_200)),
}
MISSED, LATE, LOW_TAX = "GLZ021-1", "GLZ031-1", "GLZ051-2"
_INVESTED_LATE: Final = (2_000, 4_000, 6_000, 7_000, 9_000, 12_000, 16_000)


def _parcels() -> Iterator[str]:
    for zone, *_ in ZONES:
        yield from (parcel_code(zone, number) for number in (0, 1))


def stage_units(
    firms: Sequence[Enterprise], land: Land
) -> Iterator[tuple[str, str, str, Mapping[str, str]]]:
    """(kind, code, name, attributes) of the contract stages."""
    for parcel in _parcels():
        for number, (due, agreed) in _STAGES.items():
            told = {"parcel": parcel, "zone": parcel[1:4], "due": due, "listed_from": "2024-06-30",
                    "enterprise": firms[land.hosted[parcel][0]].code}  # fmt: skip
            amounts = zip(("investment", "output", "tax"), agreed, strict=True)
            told |= {f"agreed_{name}": str(amount) for name, amount in amounts}
            yield "land_stage", f"G{parcel}-{number}", f"示例地块{parcel}第{number}期", told


def stage_files() -> dict[str, str]:
    """Table → text of its file."""
    rows: list[Sequence[object]] = []
    for at, (year, quarter) in enumerate(QUARTERS):
        for parcel in _parcels():
            for number in _STAGES:
                code = f"G{parcel}-{number}"
                rows.append((code, f"{year}-Q{quarter}", *_reached(code, at)))
    header = ("unit", "period", "stage_investment", "stage_output", "stage_tax")
    return {"stage_quarterly": csv_text(header, rows)}


def _reached(code: str, at: int) -> Sequence[str]:
    """Investment, output and tax at the end of the quarter at this place, 万元."""
    investment, output, tax = (total * (at + 1) // 6 for total in _STAGES[2][1])
    if code == MISSED:
        investment = min(investment, 6_000)
    elif code == LATE:
        investment = _INVESTED_LATE[at]
    elif code == LOW_TAX:
        tax = min(tax, 900)
    return [decimal_text(10 * value, 1) for value in (investment, output, tax)]
