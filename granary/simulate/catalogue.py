"""The simulated city's catalogue: that of catalog/zones, with its own groupings and reporters.

Items, tables, indicators and checks are read from catalog/zones and written as they are, so that
what is measured follows whatever changes there.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

import catalog
from catalog.loader import LISTS, MAPPINGS
from catalog.located import read_located
from granary.simulate.activities import DIVISIONS, SECTIONS
from granary.simulate.places import COUNTIES, DISTRICTS, ECOSYSTEMS, Places
from granary.simulate.plan import Plan, SimulationError
from granary.simulate.policies import (
    Content,
    Entry,
    assessment,
    calendar,
    deflator,
    index,
    targets,
)
from indicators.catalogue import Catalogue, City

ACCOUNTS: Final = "power_account"


@cache
def zones_content() -> Content:
    """catalog/zones, file by file, every scalar as text; not to be changed."""
    folder = Path(catalog.__file__).parent / "zones"
    return {path.stem: read_located(path).content for path in sorted(folder.glob("*.yaml"))}


def catalogue_of(content: Content) -> Catalogue:
    """The catalogue that these files hold; `granary catalog check` tells lines where it is faulty.

    Raises:
        ValidationError: an entry is faulty.
    """
    city = {key: value for key, value in content["city"].items() if key in City.model_fields}
    lists = {stem: content.get(stem) or [] for stem in LISTS}
    mappings = {stem: content[stem] for stem in MAPPINGS if content.get(stem)}
    head = {"version": content["city"]["version"], "crosses": content["city"].get("crosses") or []}
    return Catalogue.model_validate({**head, "city": city, **lists, **mappings})


def thresholds(content: Content) -> dict[str, float]:
    """Sector → 万元 of sales in twelve months from which a unit belongs on the list."""
    return {one["sector"]: float(one["size"]) for one in content["frame"]["thresholds"]}


def derived(plan: Plan, places: Places, zones: Content, taxes: Mapping[str, float]) -> Content:
    """Every file of the city's catalogue.

    `taxes`: zone → 万元 that its enterprises paid in the last whole year, for the targets.
    """
    years = plan.year - max(int(one["year"]) for one in zones["indices"])
    found = {**zones}
    found["city"] = {
        **zones["city"],
        "code": plan.code,
        "version": "1",
        "name": {"zh": "成都市(模拟)", "en": "Chengdu (simulated)"},
        "note": "模拟城市。区市县为真实名称,功能区、企业、项目、地块及数值均为虚构;"
        "黄线、红线和目标均为示例值。",
    }
    found["groupings"] = _groupings(plan, places, zones["groupings"])
    found["reporters"] = _reporters(places, zones["reporters"])
    found["calendar"] = calendar(plan, zones)
    found["deflators"] = [deflator(plan, one) for one in zones.get("deflators", [])]
    found["indices"] = [index(places, one, years) for one in zones["indices"]]
    found["targets"] = targets(plan, places, zones, years, taxes)
    found["assessments"] = [
        assessment(places, zones, one, years) for one in zones.get("assessments", [])
    ]
    found["tables"] = [_with_keys(table) for table in zones["tables"]]
    return found


def _with_keys(table: Entry) -> Entry:
    """The power company names its accounts (户号) in the city, not enterprises."""
    return {"keys": ACCOUNTS} | table if table["code"] == "power_monthly" else table


def _groupings(plan: Plan, places: Places, groupings: list[Entry]) -> list[Entry]:
    known = {one["code"]: [member["code"] for member in one["members"]] for one in groupings}
    if known.get("district") != [one.code for one in DISTRICTS]:
        raise SimulationError("catalog/zones has other districts than the simulated city.")
    members = {
        "zone": [_zone_member(places, at) for at in range(len(places.zones))],
        "ecosystem": [_member(*one) for one in ECOSYSTEMS],
        "park": [
            {**_member(code, zh, en), "within": places.zones[owner].code, **_from(places, owner)}
            for code, zh, en, owner in places.parks
        ],
        "industry": [_member(code, *names) for code, names in SECTIONS.items()],
        "manufacturing": [_member(code, *names) for code, names in DIVISIONS.items()],
    }
    found = [
        {**one, "members": members.get(one["code"], one["members"])}
        | ({"within": "zone"} if one["code"] == "park" else {})
        for one in groupings
        if one["code"] != "county"
    ]
    county = {
        "id": str(max(int(one["id"]) for one in groupings) + 1),
        "code": "county",
        "name": {"zh": "县级行政区划", "en": "County (GB/T 2260)"},
        "unit_kind": "enterprise",
        "partition": "true",
        "principle": "operation",
    }
    county |= next((one for one in groupings if one["code"] == "county"), {})
    return [*found, {**county, "members": [_member(one.code, one.zh, one.en) for one in COUNTIES]}]


def _zone_member(places: Places, at: int) -> Entry:
    zone = places.zones[at]
    return {
        **_member(zone.code, zone.zh, zone.en),
        "type": zone.type,
        "lead": zone.districts[0],
        **_from(places, at),
        **({"valid_to": zone.valid_to} if zone.valid_to else {}),
        **({"successors": list(zone.successors)} if zone.successors else {}),
    }


def _from(places: Places, zone: int) -> Entry:
    start = places.zones[zone].valid_from
    return {"valid_from": start} if start else {}


def _member(code: str, zh: str, en: str) -> Entry:
    return {"code": code, "name": {"zh": zh, "en": en}}


def _reporters(places: Places, reporters: list[Entry]) -> list[Entry]:
    """Those of catalog/zones; of zone offices one a zone, with what the first one there reports."""
    office = next(one for one in reporters if one.get("grouping") == "zone")
    offices = [
        {
            **office,
            "code": f"office-{zone.code}",
            "name": {"zh": f"{zone.zh}管理机构", "en": f"{zone.en} office"},
            "member": zone.code,
        }
        for zone in places.zones
    ]
    others = [one for one in reporters if one.get("grouping") != "zone"]
    return [*others, *offices]
