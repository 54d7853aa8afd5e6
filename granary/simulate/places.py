"""Where things are: districts, counties, zones, parks and ecosystems of the simulated city.

Districts and counties are real (GB/T 2260); how special areas lie over counties is simplified.
Zones and parks are invented.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from granary.simulate.plan import Plan
from indicators.periods import shift

MANUFACTURING, SERVICES, FARMING = "advanced_manufacturing", "modern_services", "urban_agriculture"


@dataclass(frozen=True, slots=True)
class District:
    """A supervised body (督办单位), the counties it lies in, and its weights.

    `weights`: how many enterprises of industry and construction, of services, of farming there are.
    """

    code: str
    zh: str
    counties: tuple[str, ...]
    weights: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class County:
    """A county-level division with its code of GB/T 2260."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Zone:
    """A functional zone (功能区): the first of its districts leads (牵头)."""

    code: str
    zh: str
    en: str
    type: str
    districts: tuple[str, ...]
    theme: str  # code of the ecosystem most of its enterprises are of
    parks: int = 0
    valid_from: str = ""
    valid_to: str = ""
    successors: tuple[str, ...] = ()


COUNTIES: Final = (
    County("510104", "锦江区", "Jinjiang"),
    County("510105", "青羊区", "Qingyang"),
    County("510106", "金牛区", "Jinniu"),
    County("510107", "武侯区", "Wuhou"),
    County("510108", "成华区", "Chenghua"),
    County("510112", "龙泉驿区", "Longquanyi"),
    County("510113", "青白江区", "Qingbaijiang"),
    County("510114", "新都区", "Xindu"),
    County("510115", "温江区", "Wenjiang"),
    County("510116", "双流区", "Shuangliu"),
    County("510117", "郫都区", "Pidu"),
    County("510118", "新津区", "Xinjin"),
    County("510121", "金堂县", "Jintang"),
    County("510129", "大邑县", "Dayi"),
    County("510131", "蒲江县", "Pujiang"),
    County("510181", "都江堰市", "Dujiangyan"),
    County("510182", "彭州市", "Pengzhou"),
    County("510183", "邛崃市", "Qionglai"),
    County("510184", "崇州市", "Chongzhou"),
    County("510185", "简阳市", "Jianyang"),
)
DISTRICTS: Final = (
    District("jinjiang", "锦江区", ("510104",), (0.4, 6.0, 0.0)),
    District("qingyang", "青羊区", ("510105",), (1.0, 6.0, 0.0)),
    District("jinniu", "金牛区", ("510106",), (1.2, 5.5, 0.0)),
    District("wuhou", "武侯区", ("510107",), (1.5, 5.5, 0.0)),
    District("chenghua", "成华区", ("510108",), (1.2, 5.0, 0.0)),
    District("longquanyi", "龙泉驿区", ("510112",), (6.0, 2.5, 0.6)),
    District("qingbaijiang", "青白江区", ("510113",), (3.5, 2.0, 0.5)),
    District("xindu", "新都区", ("510114",), (5.5, 2.5, 0.8)),
    District("wenjiang", "温江区", ("510115",), (3.5, 1.8, 1.0)),
    District("shuangliu", "双流区", ("510116",), (5.0, 3.5, 0.6)),
    District("pidu", "郫都区", ("510117",), (4.5, 2.2, 1.0)),
    District("xinjin", "新津区", ("510118",), (3.0, 1.0, 1.0)),
    District("jianyang", "简阳市", ("510185",), (2.5, 1.0, 1.8)),
    District("dujiangyan", "都江堰市", ("510181",), (1.8, 1.4, 1.5)),
    District("pengzhou", "彭州市", ("510182",), (3.0, 0.8, 2.0)),
    District("qionglai", "邛崃市", ("510183",), (2.2, 0.7, 2.2)),
    District("chongzhou", "崇州市", ("510184",), (2.8, 0.7, 1.8)),
    District("jintang", "金堂县", ("510121",), (2.5, 0.8, 2.0)),
    District("dayi", "大邑县", ("510129",), (2.2, 0.7, 1.6)),
    District("pujiang", "蒲江县", ("510131",), (1.5, 0.5, 2.0)),
    District("gaoxin", "高新区", ("510107", "510116", "510117"), (6.0, 7.0, 0.0)),
    District("tianfu", "天府新区", ("510116", "510112"), (2.5, 4.0, 0.6)),
    District("dongbu", "东部新区", ("510185",), (1.5, 1.0, 1.0)),
)
#: Twelve ecosystems (产业生态圈): code, names, how many of the zones have it as their theme.
ECOSYSTEMS: Final = (
    ("electronics", "电子信息", "Electronics"),
    ("vehicles", "汽车和轨道交通", "Vehicles and rail"),
    ("aviation", "航空航天", "Aviation and space"),
    ("medicine", "医药健康", "Medicine and health"),
    ("materials", "新材料", "New materials"),
    ("energy", "绿色低碳", "Green energy"),
    ("machinery", "智能制造", "Intelligent machinery"),
    ("food", "都市农业和食品", "Farming and food"),
    ("digital", "数字经济", "Digital economy"),
    ("logistics", "现代物流", "Logistics"),
    ("commerce", "现代商贸", "Commerce"),
    ("culture", "文创旅游", "Culture and tourism"),
)
#: Themes and home districts of the zones: (type, theme, word, districts from which leads are taken)
_KINDS: Final = (
    (MANUFACTURING, "electronics", "电子信息",
     ("gaoxin", "pidu", "shuangliu", "chongzhou", "jianyang")),
    (MANUFACTURING, "vehicles", "汽车", ("longquanyi", "qingbaijiang", "xindu")),
    (MANUFACTURING, "aviation", "航空", ("shuangliu", "pengzhou", "xindu", "qingyang")),
    (MANUFACTURING, "medicine", "医药", ("wenjiang", "gaoxin", "pengzhou", "tianfu", "dayi")),
    (MANUFACTURING, "materials", "新材料",
     ("qingbaijiang", "pengzhou", "jintang", "xinjin", "qionglai")),
    (MANUFACTURING, "energy", "绿色能源", ("jintang", "dongbu", "pidu", "xinjin", "shuangliu")),
    (MANUFACTURING, "machinery", "智能装备", ("xindu", "wuhou", "dayi", "jinniu", "dongbu")),
    (MANUFACTURING, "food", "食品", ("pidu", "qionglai", "pujiang", "dujiangyan", "jianyang")),
    (SERVICES, "digital", "数字经济",
     ("gaoxin", "tianfu", "chenghua", "wuhou", "jinniu", "xinjin")),
    (SERVICES, "logistics", "物流", ("qingbaijiang", "shuangliu", "longquanyi", "xindu", "dongbu")),
    (SERVICES, "commerce", "商贸", ("jinjiang", "qingyang", "jinniu", "chenghua", "wuhou")),
    (SERVICES, "culture", "文创", ("qingyang", "jinjiang", "dujiangyan", "chenghua", "tianfu")),
    (FARMING, "food", "都市农业", ("chongzhou", "dayi", "pujiang", "jintang", "qionglai")),
)  # fmt: skip
#: Zones in force of each type, as of 58 named in 2021: 32, 21, 5.
ZONES_IN_FORCE: Final = {MANUFACTURING: 32, SERVICES: 21, FARMING: 5}
#: Districts beside each other, for zones over several.
_NEIGHBOURS: Final = {
    "gaoxin": "pidu", "pidu": "gaoxin", "shuangliu": "tianfu", "tianfu": "shuangliu",
    "wenjiang": "shuangliu", "longquanyi": "qingbaijiang", "jianyang": "dongbu",
    "dongbu": "jianyang", "qingbaijiang": "jintang", "chongzhou": "dayi", "xindu": "qingbaijiang",
    "jinjiang": "chenghua",
}  # fmt: skip
_SPANNING: Final = 9  # zones over two districts or three


@dataclass(frozen=True)
class Places:
    """The zones of one plan; districts, counties and ecosystems are the same for all."""

    zones: tuple[Zone, ...]
    merged: int = field(repr=False)  # position of the zone that was merged into another
    divided: int = field(repr=False)  # position of the zone that was split into two
    change_day: str = ""  # of both

    @cached_property
    def zone_at(self) -> dict[str, int]:
        return {zone.code: at for at, zone in enumerate(self.zones)}

    @cached_property
    def current(self) -> list[int]:
        """Positions of the zones in force in the last month."""
        return [at for at, zone in enumerate(self.zones) if not zone.valid_to]

    @cached_property
    def parks(self) -> list[tuple[str, str, str, int]]:
        """(code, Chinese, English, position of the zone) of every park; codes P01-1 and so on."""
        return [
            (f"P{zone.code[1:]}-{number}", f"{zone.zh[:-3]}{numeral}园", f"{zone.en} {number}", at)
            for at, zone in enumerate(self.zones)
            for number, numeral in zip(range(1, zone.parks + 1), "一二三", strict=False)
        ]

    def zones_of(self, district: str, zone_type: str) -> list[int]:
        """Positions of zones in force of that type that the district has a part of."""
        return [
            at
            for at in self.current
            if district in self.zones[at].districts and self.zones[at].type == zone_type
        ]


def places(plan: Plan) -> Places:
    """58 zones in force, one merged into another and one split into two of them a year ago.

    In the middle of the reported months; the split one's successors begin on that day.
    """
    chance = plan.chance("places")
    middle = shift(plan.first, plan.months // 2)
    day = f"{middle // 100}-{middle % 100:02d}-01"
    zones: list[Zone] = []
    for zone_type, count in ZONES_IN_FORCE.items():
        kinds = [kind for kind in _KINDS if kind[0] == zone_type]
        for number in range(count):
            _, theme, word, leads = kinds[number % len(kinds)]
            turn = number // len(kinds)
            lead = leads[turn % len(leads)]
            spans = len(zones) % (58 // _SPANNING) == 0 and lead in _NEIGHBOURS
            districts = (lead, _NEIGHBOURS[lead]) if spans else (lead,)
            if spans and len(zones) == 0:
                districts = (*districts, "shuangliu")
            zones.append(
                Zone(
                    f"Z{len(zones) + 1:02d}",
                    f"{_stem(lead)}{word}{_turn(turn, leads)}功能区",
                    f"{lead.capitalize()} {theme} zone{_turn_en(turn, leads)}",
                    zone_type,
                    districts,
                    theme,
                    parks=int(chance.integers(2, 4)) if zone_type == MANUFACTURING else 0,
                )
            )
    parent, left, right = zones[1], zones[2], zones[10]
    zones[2] = replace(left, valid_from=day)
    zones[10] = replace(right, valid_from=day)
    old = Zone("Z59", "旧汽车配件功能区", "Old vehicle parts zone", MANUFACTURING,
               parent.districts, parent.theme, 0, "", day, (parent.code,))  # fmt: skip
    whole = Zone("Z60", "旧航空产业功能区", "Old aviation zone", MANUFACTURING,
                 (left.districts[0], right.districts[0]), left.theme, 0, "", day,
                 (left.code, right.code))  # fmt: skip
    return Places((*zones, old, whole), merged=58, divided=59, change_day=day)


def district_weights(column: int) -> NDArray[np.float64]:
    """(districts,) shares of enterprises of that column of `District.weights`."""
    weights = np.array([district.weights[column] for district in DISTRICTS])
    shares: NDArray[np.float64] = weights / weights.sum()
    return shares


def _district(code: str) -> District:
    return next(one for one in DISTRICTS if one.code == code)


def _stem(district: str) -> str:
    """The district's name without what kind of a district it is."""
    name = _district(district).zh
    return name.removesuffix("新区") if name.endswith("新区") and len(name) > 3 else name[:-1]


def _turn(turn: int, leads: tuple[str, ...]) -> str:
    return "" if turn < len(leads) else "第" + "二三四"[turn // len(leads) - 1]


def _turn_en(turn: int, leads: tuple[str, ...]) -> str:
    return "" if turn < len(leads) else f" {turn // len(leads) + 1}"
