"""Zones and enterprises of the zones' sample: invented, and a function of one seed."""

import csv
import io
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from catalog.credit_code import wrong_check_digit

SEED: Final = 20240901
MONTHS: Final = [
    (year, month)
    for year in (2024, 2025, 2026)
    for month in range(1, 13)
    if (2024, 9) <= (year, month) <= (2026, 10)
]
YEARS: Final = (2024, 2025)
QUARTERS: Final = [(2025, 1), (2025, 2), (2025, 3), (2025, 4), (2026, 1), (2026, 2), (2026, 3)]
#: zone, districts it lies in (the first one leads), type, and the activity of its enterprises
ZONES = (
    ("Z01", "示例电子信息功能区", ("gaoxin", "pidu"), "advanced_manufacturing", "electronics"),
    ("Z02", "示例汽车功能区", ("longquanyi",), "advanced_manufacturing", "vehicles"),
    ("Z03", "示例医药功能区", ("wenjiang", "shuangliu"), "advanced_manufacturing", "medicine"),
    ("Z04", "示例软件服务功能区", ("tianfu",), "modern_services", "software"),
    ("Z05", "示例物流服务功能区", ("qingbaijiang",), "modern_services", "logistics"),
    ("Z06", "示例都市农业功能区", ("chongzhou", "dayi"), "urban_agriculture", "food"),
)
#: activity → sector, class, section, division of manufacturing, ecosystem, name
ACTIVITIES = {
    "electronics": ("工业", "3919", "C", "C39", "electronics", "电子"),
    "vehicles": ("工业", "3612", "C", "C36", "vehicles", "汽车"),
    "medicine": ("工业", "2720", "C", "C27", "medicine", "医药"),
    "software": ("服务业", "6513", "I", "", "services", "软件"),
    "logistics": ("服务业", "5990", "G", "", "services", "物流"),
    "food": ("工业", "1371", "C", "C13", "food", "食品"),
}
_REGION = {"gaoxin": "510109", "tianfu": "510116"}
#: Districts that the sample's zones lie in.
DISTRICT_NAMES: Final = {
    "gaoxin": "高新区", "pidu": "郫都区", "longquanyi": "龙泉驿区", "wenjiang": "温江区",
    "shuangliu": "双流区", "tianfu": "天府新区", "qingbaijiang": "青白江区",
    "chongzhou": "崇州市", "dayi": "大邑县",
}  # fmt: skip
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
        return ACTIVITIES[self.activity][0] == "工业"


def enterprises() -> list[Enterprise]:
    """Sixty enterprises, ten of each zone's activity; the last one is in no zone."""
    draw = random.Random(SEED)
    found = []
    for at in range(60):
        zone, _, districts, _, activity = ZONES[at // 10]
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


def decimal_text(value: int, decimals: int) -> str:
    """A whole number of last places as a decimal text: (1234, 1) → 123.4."""
    whole, part = divmod(abs(value), 10**decimals)
    return f"{'-' if value < 0 else ''}{whole}.{part:0{decimals}d}"


def csv_text(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A CSV file of the rows."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()
