"""What enterprises do: activities with the proportions that their figures keep.

The proportions are rough orders of magnitude, chosen so that figures hang together; no source is
claimed for them.
"""

from dataclasses import dataclass
from typing import Final, Literal

from granary.simulate.places import FARMING, MANUFACTURING, SERVICES

INDUSTRY, BUILDING, TRADE, ESTATE, SERVICE, AGRICULTURE = (
    "工业", "建筑业", "批零住餐", "房地产", "服务业", "农业",
)  # fmt: skip
SECTIONS: Final = {
    "A": ("农、林、牧、渔业", "Farming"),
    "C": ("制造业", "Manufacturing"),
    "D": ("电力、热力、燃气及水生产和供应业", "Energy and water supply"),
    "E": ("建筑业", "Construction"),
    "F": ("批发和零售业", "Trade"),
    "G": ("交通运输、仓储和邮政业", "Transport and storage"),
    "H": ("住宿和餐饮业", "Hotels and catering"),
    "I": ("信息传输、软件和信息技术服务业", "Information services"),
    "K": ("房地产业", "Real estate"),
    "L": ("租赁和商务服务业", "Leasing and business services"),
    "M": ("科学研究和技术服务业", "Research and technical services"),
    "R": ("文化、体育和娱乐业", "Culture, sports and entertainment"),
}
DIVISIONS: Final = {
    "C13": ("农副食品加工业", "Food processing"),
    "C15": ("酒、饮料和精制茶制造业", "Beverages"),
    "C26": ("化学原料和化学制品制造业", "Chemicals"),
    "C27": ("医药制造业", "Medicine"),
    "C30": ("非金属矿物制品业", "Non-metallic minerals"),
    "C33": ("金属制品业", "Metal products"),
    "C34": ("通用设备制造业", "General machinery"),
    "C36": ("汽车制造业", "Vehicles"),
    "C37": ("铁路、船舶、航空航天和其他运输设备制造业", "Railway, aerospace and other transport"),
    "C38": ("电气机械和器材制造业", "Electrical machinery"),
    "C39": ("计算机、通信和其他电子设备制造业", "Electronics"),
}
Season = Literal["factory", "heavy", "food", "building", "trade", "service", "farm"]


@dataclass(frozen=True, slots=True)
class Activity:
    """One activity. Ratios are per 万元 of turnover, land and staff per 万元 of a year's.

    share: of the city's enterprises; spread: of log sizes; growth: a year; output_per_head: 万元 a
    year; power: 万千瓦时; coal: 吨标准煤, electricity included; water: m³; land: m².
    """

    sector: str
    class_code: str
    section: str
    division: str
    ecosystems: tuple[str, ...]
    words: tuple[str, ...]
    season: Season
    share: float
    spread: float
    growth: float
    added: float
    output_per_head: float
    power: float
    coal: float
    water: float
    land: float
    tax: float
    margin: float
    research: float
    export: float

    @property
    def zone_type(self) -> str:
        if self.sector == AGRICULTURE:
            return FARMING
        return MANUFACTURING if self.sector in (INDUSTRY, BUILDING) else SERVICES

    @property
    def weights(self) -> int:
        """Column of `District.weights`."""
        return (MANUFACTURING, SERVICES, FARMING).index(self.zone_type)


ACTIVITIES: Final = (
    Activity(
        INDUSTRY, "3919", "C", "C39", ("electronics", "digital"),
        ("电子", "微电子", "光电"), "factory",
        .085, 1.30, .08, .22, 150, .045, .08, .9, .75, .035, .055, .040, .35,
    ),
    Activity(
        INDUSTRY, "3974", "C", "C39", ("electronics",),
        ("显示", "芯片", "传感"), "factory",
        .035, 1.35, .10, .28, 160, .060, .10, 1.6, .70, .040, .070, .060, .30,
    ),
    Activity(
        INDUSTRY, "3612", "C", "C36", ("vehicles",),
        ("汽车", "车业"), "factory",
        .025, 1.45, .03, .21, 170, .035, .07, .7, .85, .055, .050, .025, .06,
    ),
    Activity(
        INDUSTRY, "3670", "C", "C36", ("vehicles", "machinery"),
        ("汽配", "零部件"), "factory",
        .060, 1.10, .04, .24, 105, .050, .10, .8, 1.10, .040, .050, .022, .08,
    ),
    Activity(
        INDUSTRY, "3741", "C", "C37", ("aviation",),
        ("航空", "航天"), "factory",
        .025, 1.20, .09, .30, 110, .040, .08, .7, 1.00, .035, .060, .060, .12,
    ),
    Activity(
        INDUSTRY, "2720", "C", "C27", ("medicine",),
        ("医药", "制药"), "factory",
        .050, 1.15, .07, .36, 110, .050, .12, 1.8, .95, .070, .110, .050, .06,
    ),
    Activity(
        INDUSTRY, "2770", "C", "C27", ("medicine", "electronics"),
        ("生物", "医疗器械"), "factory",
        .025, 1.10, .11, .38, 90, .040, .08, 1.2, .90, .060, .120, .070, .10,
    ),
    Activity(
        INDUSTRY, "3824", "C", "C38", ("energy", "machinery"),
        ("电气", "新能源"), "factory",
        .045, 1.20, .09, .22, 130, .050, .10, .6, .90, .035, .050, .030, .10,
    ),
    Activity(
        INDUSTRY, "3484", "C", "C34", ("machinery",),
        ("机械", "装备", "自动化"), "factory",
        .060, 1.05, .05, .25, 95, .045, .09, .7, 1.10, .040, .060, .035, .10,
    ),
    Activity(
        INDUSTRY, "3311", "C", "C33", ("machinery", "materials"),
        ("金属", "钢构"), "heavy",
        .040, 1.05, .02, .20, 100, .080, .18, .8, 1.15, .035, .035, .015, .05,
    ),
    Activity(
        INDUSTRY, "2614", "C", "C26", ("materials",),
        ("化工", "新材料"), "heavy",
        .030, 1.20, .03, .22, 150, .120, .45, 3.5, 1.05, .045, .055, .025, .06,
    ),
    Activity(
        INDUSTRY, "3021", "C", "C30", ("materials", "energy"),
        ("建材", "混凝土"), "heavy",
        .030, 1.00, -.01, .22, 120, .100, .40, 1.5, 1.20, .040, .040, .010, .01,
    ),
    Activity(
        INDUSTRY, "1371", "C", "C13", ("food",),
        ("食品", "粮油"), "food",
        .050, 1.05, .04, .20, 120, .035, .08, 2.2, .95, .030, .045, .008, .03,
    ),
    Activity(
        INDUSTRY, "1523", "C", "C15", ("food", "commerce"),
        ("酒业", "饮品"), "food",
        .020, 1.15, .05, .32, 100, .030, .07, 2.8, .90, .090, .090, .006, .02,
    ),
    Activity(
        INDUSTRY, "4511", "D", "", ("energy",),
        ("燃气", "热力"), "service",
        .008, 1.10, .04, .22, 220, .030, .12, .6, .80, .035, .060, .004, .00,
    ),
    Activity(
        BUILDING, "4790", "E", "", (),
        ("建设", "建工"), "building",
        .060, 1.20, .01, .22, 60, .006, .02, .3, .35, .030, .030, .004, .00,
    ),
    Activity(
        TRADE, "5126", "F", "", ("commerce",),
        ("商贸", "贸易"), "trade",
        .090, 1.25, .04, .10, 320, .003, .01, .1, .25, .018, .025, .001, .02,
    ),
    Activity(
        TRADE, "5211", "F", "", ("commerce",),
        ("超市", "百货"), "trade",
        .040, 1.10, .03, .14, 120, .020, .03, .4, .50, .022, .030, .001, .00,
    ),
    Activity(
        TRADE, "6110", "H", "", ("commerce", "culture"),
        ("酒店", "餐饮"), "trade",
        .030, .90, .05, .35, 25, .050, .10, 3.0, .80, .030, .050, .001, .00,
    ),
    Activity(
        SERVICE, "5990", "G", "", ("logistics",),
        ("物流", "仓储"), "service",
        .045, 1.10, .05, .28, 70, .020, .12, .4, 1.00, .025, .040, .005, .00,
    ),
    Activity(
        SERVICE, "6513", "I", "", ("digital", "electronics"),
        ("软件", "信息技术", "数据"), "service",
        .060, 1.25, .12, .48, 60, .008, .01, .2, .20, .045, .100, .110, .04,
    ),
    Activity(
        SERVICE, "7281", "L", "", ("commerce",),
        ("商务服务", "会展"), "service",
        .030, 1.00, .06, .45, 45, .006, .01, .2, .25, .040, .080, .005, .01,
    ),
    Activity(
        SERVICE, "7320", "M", "", ("medicine", "digital"),
        ("科技", "检测"), "service",
        .030, 1.10, .10, .50, 50, .015, .02, .4, .45, .040, .090, .120, .03,
    ),
    Activity(
        SERVICE, "8810", "R", "", ("culture",),
        ("文化", "传媒"), "service",
        .025, 1.00, .06, .48, 45, .008, .01, .3, .35, .035, .070, .010, .01,
    ),
    Activity(
        ESTATE, "7010", "K", "", (),
        ("置业", "地产"), "building",
        .020, 1.20, -.06, .30, 200, .003, .01, .2, .60, .080, .060, .000, .00,
    ),
    Activity(
        AGRICULTURE, "0141", "A", "", ("food",),
        ("农业", "种业", "生态农业"), "farm",
        .047, .90, .05, .50, 40, .015, .03, 6.0, 2.00, .010, .060, .010, .01,
    ),
)  # fmt: skip
#: Log factors of the months; January and February carry the New Year's dip apart (see `series`).
SEASONS: Final[dict[Season, tuple[float, ...]]] = {
    "factory": (.00, .00, .02, .00, .01, .06, -.02, -.02, .04, .00, .03, .10),
    "heavy": (-.05, -.05, .05, .06, .05, .04, -.04, -.05, .04, .05, .05, .04),
    "food": (.10, .02, -.02, -.04, -.03, -.02, -.04, .00, .06, .02, .02, .08),
    "building": (-.15, -.20, .00, .02, .03, .10, -.05, -.05, .05, .06, .10, .22),
    "trade": (.14, .06, -.03, -.05, .02, .05, -.03, -.03, .02, .08, .06, .12),
    "service": (.00, -.02, .01, .00, .01, .04, -.01, -.01, .02, .00, .02, .08),
    "farm": (-.20, -.25, -.10, .00, .10, .05, -.05, .05, .25, .25, .05, -.05),
}  # fmt: skip
#: How deep the New Year's holiday (春节) cuts into the month it falls in.
HOLIDAY: Final[dict[Season, float]] = {
    "factory": .42, "heavy": .45, "food": .15, "building": .50, "trade": -.10, "service": .18,
    "farm": .10,
}  # fmt: skip
