"""Register of the zones' sample: units with what is kept of them, and where they belong."""

from collections.abc import Mapping, Sequence

from catalog.register import MEMBERSHIP_COLUMNS
from granary.demo.zones_city import (
    ACTIVITIES,
    DISTRICT_NAMES,
    LEFT,
    MOVED,
    TWO_ECOSYSTEMS,
    ZONES,
    Enterprise,
    csv_text,
)
from granary.demo.zones_land import Land, land_units
from granary.demo.zones_projects import project_attributes, project_codes
from granary.demo.zones_stages import stage_units
from granary.demo.zones_tasks import task_units

_COLUMNS = (
    *("kind", "code", "name", "sector", "class_code", "class_edition", "founded"),
    *("in_production", "listed_from", "listed_to", "list_reason", "zone_type", "lead_district"),
    *("investor", "signed_on", "land_on", "started_on", "completed_on", "producing_on"),
    *("capacity_on", "planned_start", "planned_producing", "complete_by", "parcel", "enterprise"),
    *("split", "lessor", "lessee", "zone", "body", "due"),
    *("agreed_investment", "agreed_output", "agreed_tax"),
)


class _Register:
    """Rows so far."""

    def __init__(self) -> None:
        self.units: list[Sequence[str]] = []
        self.places: list[Sequence[str]] = []

    def unit(self, kind: str, code: str, name: str, told: Mapping[str, str] | None = None) -> None:
        row = {"kind": kind, "code": code, "name": name, **(told or {})}
        self.units.append([row.get(column, "") for column in _COLUMNS])

    def put(self, kind: str, code: str, grouping: str, member: str, *valid: str) -> None:
        self.places.append((kind, code, grouping, member, *(valid or ("", ""))))


def register_files(firms: Sequence[Enterprise], land: Land) -> dict[str, str]:
    """File name → text of units.csv and memberships.csv."""
    found = _Register()
    for firm in firms:
        _enterprise(found, firm)
    _zones(found)
    _things(found)
    _relations(found, firms, land)
    for district in sorted({place for zone in ZONES for place in zone[2]}):
        found.unit("district", district, DISTRICT_NAMES[district])
        found.put("district", district, "district", district)
    return {
        "units.csv": csv_text(_COLUMNS, found.units),
        "memberships.csv": csv_text(MEMBERSHIP_COLUMNS, found.places),
    }


def _enterprise(found: _Register, firm: Enterprise) -> None:
    sector, class_code, section, division, ecosystem, word = ACTIVITIES[firm.activity]
    started = f"{2008 + firm.at % 12}-0{1 + firm.at % 9}-01"
    listed_to, reason = ("2026-01-01", "退库:注销") if firm.at == LEFT else ("", "年度升规")
    told = {"sector": sector, "class_code": class_code, "class_edition": "2017",
            "founded": started, "in_production": started, "listed_from": "2021-01-01",
            "listed_to": listed_to, "list_reason": reason}  # fmt: skip
    found.unit("enterprise", firm.code, f"示例{word}{firm.at + 1:02d}号公司", told)
    if firm.at == MOVED:
        found.put("enterprise", firm.code, "district", "gaoxin", "", "2025-07-01")
        found.put("enterprise", firm.code, "district", "pidu", "2025-07-01", "")
    else:
        found.put("enterprise", firm.code, "district", firm.district)
    if firm.zone == "Z02" and firm.at % 2:  # the old zone was merged into this one
        found.put("enterprise", firm.code, "zone", "Z07", "", "2025-01-01")
        found.put("enterprise", firm.code, "zone", "Z02", "2025-01-01", "")
    elif firm.zone:
        found.put("enterprise", firm.code, "zone", firm.zone)
    found.put("enterprise", firm.code, "ecosystem", ecosystem)
    if firm.at == TWO_ECOSYSTEMS:
        found.put("enterprise", firm.code, "ecosystem", "vehicles")
    if firm.zone in ("Z01", "Z03"):
        park = "P03" if firm.zone == "Z03" else f"P0{1 + firm.at % 2}"
        found.put("enterprise", firm.code, "park", park)
    found.put("enterprise", firm.code, "industry", section)
    if division:
        found.put("enterprise", firm.code, "manufacturing", division)


def _zones(found: _Register) -> None:
    old = ("Z07", "示例旧制造功能区", ("longquanyi",), "advanced_manufacturing", "vehicles")
    for zone, name, districts, zone_type, _ in (*ZONES, old):
        told = {"listed_from": "2020-01-01", "zone_type": zone_type, "lead_district": districts[0]}
        if zone == "Z07":
            told |= {"listed_to": "2025-01-01", "list_reason": "并入Z02"}
        found.unit("zone", zone, name, told)
        found.put("zone", zone, "zone", zone)
        found.put("zone", zone, "district", districts[0])
        found.put("zone", zone, "zone_type", zone_type)


def _things(found: _Register) -> None:
    """Projects and parcels, four each in a zone."""
    for project, zone, place, number in project_codes():
        _, _, districts, _, activity = ZONES[place]
        due = "2024-06-30" if number == 3 else "2023-06-30"
        kept = {"project": project_attributes(project, number), "parcel": {"complete_by": due}}
        for kind, word in (("project", "项目"), ("parcel", "地块")):
            code = project if kind == "project" else f"L{project[1:]}"
            found.unit(kind, code, f"示例{word}{code}", kept[kind])
            found.put(kind, code, "district", districts[number % len(districts)])
            found.put(kind, code, "zone", zone)
            if kind == "project":
                found.put(kind, code, "ecosystem", ACTIVITIES[activity][4])
            elif zone in ("Z01", "Z03"):
                found.put(kind, code, "park", "P03" if zone == "Z03" else f"P0{1 + number % 2}")


def _relations(found: _Register, firms: Sequence[Enterprise], land: Land) -> None:
    """Shares, leases and contract stages where their parcel is; tasks where their body is."""
    districts = {zone: of for zone, _, of, *_ in ZONES}
    for kind, code, name, told in (*land_units(firms, land), *stage_units(firms, land)):
        zone, number = told["parcel"][1:4], int(told["parcel"][-1]) - 1
        found.unit(kind, code, name, told)
        found.put(kind, code, "district", districts[zone][number % len(districts[zone])])
        found.put(kind, code, "zone", zone)
    for kind, code, name, told in task_units():
        found.unit(kind, code, name, told)
        found.put(kind, code, "district", told["body"])
        found.put(kind, code, "zone", told["zone"])
