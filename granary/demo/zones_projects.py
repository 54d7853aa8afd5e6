"""Projects of the zones' sample, by month, and the zones' own quarterly returns.

A project of number n reaches its stages half a year after one another. Planted: XZ061 was to start
in March 2026 and has not; XZ062 produces three months after it was to; XZ024 tells a capacity that
the register dates later, XZ033 no production that the register dates earlier; XZ041 told production
without completion in June 2026; the register has XZ053 signed after it got its land. Z03 told its
inefficient land of the first quarter of 2025 above what is built.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from granary.demo.zones_city import MONTHS, QUARTERS, ZONES, csv_text, decimal_text
from granary.demo.zones_tasks import counts

STALLED, OUTPUT_LATE, DATED_LATER, UNTOLD = "XZ061", "XZ062", "XZ024", "XZ033"
OUT_OF_ORDER, SIGNED_AFTER = ("XZ041", "2026-M06"), "XZ053"
#: item → (attribute of its date, half-years after which number 0 reaches it)
_STAGES: Final = {
    "land_obtained": ("land_on", 2),
    "started": ("started_on", 3),
    "completed": ("completed_on", 5),
    "producing": ("producing_on", 6),
    "at_capacity": ("capacity_on", 8),
}
_PRODUCING: Final = 3


def project_codes() -> Iterator[tuple[str, str, int, int]]:
    """(code, zone, place of the zone, number in it)."""
    for place, (zone, *_) in enumerate(ZONES):
        for number in range(4):
            yield f"X{zone}{number + 1}", zone, place, number


def _day(half_year: int, number: int) -> str:
    return f"{2024 + half_year // 2}-{'07' if half_year % 2 else '01'}-{10 + number}"


def project_attributes(code: str, number: int) -> Mapping[str, str]:
    """What the register keeps of a project: investor, dates of its stages, and planned ones."""
    told = {"investor": f"示例投资方{code}", "signed_on": f"2022-03-0{number + 1}"}
    for attribute, after in _STAGES.values():
        if after - number <= 5:  # by October 2026
            told[attribute] = _day(after - number, number)
    told |= {
        "planned_start": _day(3 - number, number),
        "planned_producing": _day(6 - number, number),
    }
    match code:
        case "XZ061":
            told = {name: told[name] for name in ("investor", "signed_on", "land_on")}
            told |= {"planned_start": "2026-03-15", "planned_producing": "2027-06-30"}
        case "XZ062":
            told |= {"planned_producing": "2026-04-30"}
        case "XZ024":
            told |= {"capacity_on": "2026-12-01"}
        case "XZ033":
            told |= {"producing_on": "2026-09-20", "planned_producing": "2026-12-31"}
        case "XZ053":
            told |= {"signed_on": "2024-03-01"}
    return told


def _flags(code: str, number: int, year: int, month: int) -> list[int]:
    """land_obtained … at_capacity of a month."""
    reached = (year - 2024) * 2 + number + (month > 6)
    flags = [int(reached >= after) for _, after in _STAGES.values()]
    if code == STALLED:
        flags[1:] = [0] * 4
    elif code == UNTOLD or (code, f"{year}-M{month:02d}") == OUT_OF_ORDER:
        flags[_PRODUCING] = int(code != UNTOLD)
    return flags


def project_files() -> dict[str, str]:
    """Table → text of its file."""
    rows: list[Sequence[object]] = []
    for code, _, place, number in project_codes():
        total = 400_000 * (number + 1) + 90_000 * place  # 0.1 万元
        for year, month in MONTHS:
            done = total * month * (2 + number) // 300
            amounts = (decimal_text(value, 1) for value in (total, total // 4, done))
            flags = _flags(code, number, year, month)
            rows.append((code, f"{year}-M{month:02d}", *amounts, 1, *flags))
    header = ("unit", "period", "total_investment", "year_plan", "invested", "signed", *_STAGES)
    return {"project_monthly": csv_text(header, rows)}


def zone_files() -> dict[str, str]:
    """Table → text of its file."""
    rows: list[Sequence[object]] = []
    for place, (zone, *_) in enumerate(ZONES):
        land = 400_000_000 + 30_000_000 * place  # 0.01 m²
        for at, (year, quarter) in enumerate(QUARTERS):
            inefficient = 990 if (zone, at) == ("Z03", 0) else 60
            parts = (land * part // 1000 for part in (1000, 20 + 9 * place, inefficient))
            built = land // 20
            supplied = decimal_text(1_500_000 * (1 + (at + place) % 3), 2)
            areas = (*parts, built, built * (60 + 3 * at) // 100)
            rows.append(
                (zone, f"{year}-Q{quarter}", supplied, *(decimal_text(one, 2) for one in areas),
                 12, 4 + at, *counts(zone, at))
            )  # fmt: skip
    header = ("unit", "period", "land_supplied", "zone_built_land", "idle_land",
              "inefficient_land", "factory_built", "factory_occupied", "facilities_planned",
              "facilities_reached", "tasks_due", "tasks_done")  # fmt: skip
    return {"zone_quarterly": csv_text(header, rows)}
