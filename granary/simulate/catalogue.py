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
from granary.simulate.activities import (
    BUILDING,
    DIVISIONS,
    ESTATE,
    INDUSTRY,
    SECTIONS,
    SERVICE,
    TRADE,
)
from granary.simulate.places import COUNTIES, DISTRICTS, ECOSYSTEMS, Places
from granary.simulate.plan import Plan, SimulationError
from granary.simulate.policies import (
    EXAMPLE,
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
#: Thresholds where catalog/zones has no frame.yaml. That of industry is the one in force; the
#: others vary by trade and are examples.
_THRESHOLDS: Final = {
    INDUSTRY: ("2000", "规模以上工业统计范围:年主营业务收入2000万元及以上"),
    TRADE: ("2000", f"{EXAMPLE}:限额以上批发业为2000万元"),
    SERVICE: ("1000", EXAMPLE),
    BUILDING: ("3000", EXAMPLE),
    ESTATE: ("1000", EXAMPLE),
}
_FEEDS: Final = (
    ("tax", "税务申报", "Tax declarations"),
    ("business", "市场主体登记", "Business registration"),
    ("power", "用电户", "Power accounts"),
    ("projects", "竣工项目", "Completed projects"),
)
#: Feed → code of its source and of its reporter.
_SENDERS: Final = {"tax": "tax", "business": "market", "power": "power", "projects": "investment"}


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
    return {one["sector"]: float(one["size"]) for one in frame_of(content)["thresholds"]}


def frame_of(content: Content) -> Entry:
    """The frame's policy: that of catalog/zones where it has one."""
    if content.get("frame"):
        return dict(content["frame"])
    return {
        "thresholds": [
            {"sector": sector, "size": size, "source": source}
            for sector, (size, source) in _THRESHOLDS.items()
        ],
        "near_share": "0.8",
        "due_days": "30",
        "feeds": [
            {"code": code, "name": {"zh": zh, "en": en}, "rank": str(rank)}
            for rank, (code, zh, en) in enumerate(_FEEDS, 1)
        ],
    }


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
    _add_keys(found)
    found["frame"] = frame_of(zones)
    if "register_tables" in LISTS:
        _add_feeds(found)
    return found


def _add_keys(found: Content) -> None:
    """Power accounts as keys of the power company's table, unless the catalogue has its own."""
    if not any(one["code"] == ACCOUNTS for one in found.get("correspondences") or []):
        scheme = {"code": ACCOUNTS, "name": {"zh": "用电户号", "en": "Power account"},
                  "unit_kind": "enterprise", "source": "power"}  # fmt: skip
        found["correspondences"] = [*(found.get("correspondences") or []), scheme]
    found["tables"] = [
        {**one, "keys": one.get("keys", ACCOUNTS)} if one["code"] == "power_monthly" else one
        for one in found["tables"]
    ]
    found["items"] = [
        {**one, "tolerance": one.get("tolerance", "0.05")} if one["code"] == "electricity" else one
        for one in found["items"]
    ]


def _add_feeds(found: Content) -> None:
    """A table for each feed of candidates, and who sends it, where the catalogue has none."""
    there = {one.get("feed") for one in found.get("register_tables") or []}
    tables, reporters = [*(found.get("register_tables") or [])], [*found["reporters"]]
    if "market" not in {one["code"] for one in found["sources"]}:
        number = max(int(one["id"]) for one in found["sources"]) + 1
        name = {"zh": "市市场监督管理局", "en": "City market supervision office"}
        found["sources"] = [*found["sources"], {"id": str(number), "code": "market", "name": name}]
        reporters.append({"code": "market", "name": name, "tables": []})
    for code, zh, en in _FEEDS:
        if code in there:
            continue
        sender = _SENDERS[code]
        table = f"candidates_{code}"
        tables.append({
            "code": table, "name": {"zh": f"名录比对来源:{zh}", "en": f"Candidates: {en}"},
            "holds": "candidates", "feed": code, "source": sender, "purpose": "administrative",
            "legal_basis": "示例: 依据部门数据共享协议 (example)",
        })  # fmt: skip
        reporters = [
            {**one, "tables": [*one["tables"], table]} if one["code"] == sender else one
            for one in reporters
        ]
    found["register_tables"], found["reporters"] = tables, reporters


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
