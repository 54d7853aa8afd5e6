"""A small city in which every rule of what counts has a unit of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from granary.records import RegisterRow
from indicators.catalogue import Catalogue
from storage.migrations import migrate
from tests.dashboards import joined_city
from tests.folded_city import Cell, FoldedCity
from tests.indicators.cities import name
from tests.storage.embedded.server_process import OWNER, PASSWORDS, READER

CITY, NOW, YEAR_AGO = "traced", 202603, 202503
ONE = {
    "dimension": "operation",
    "decimals": 2,
    "direction": "higher",
    "levels": ["city", "district", "unit"],
}


def catalogue() -> Catalogue:
    """Table T for every unit of the register, its source `own`; U asks the same of another line;
    P is what the city published, V what the bureau verified of its districts."""
    items = [
        ("tax", "flow", {}),
        ("land", "stock", {}),
        ("sales", "flow", {"prior": "sales_before"}),
        ("sales_before", "flow", {}),
        ("output", "flow", {"reported": "year_to_date"}),
        ("share", "ratio", {}),
    ]
    legal = {"purpose": "administrative", "legal_basis": "example", "frequency": "month"}
    own = [code for code, _, _ in items if code != "share"]
    return Catalogue.model_validate(
        {
            "version": 1,
            "city": {"code": CITY, "name": name("溯源市")},
            "sources": [
                {"id": 1, "code": "own", "name": name("本线")},
                {"id": 2, "code": "power", "name": name("电力")},
                {"id": 3, "code": "gazette", "name": name("公报")},
                {"id": 4, "code": "bureau", "name": name("上级")},
            ],
            "groupings": [
                {"id": 1, "code": "district", "name": name("区县"), "partition": True,
                 "members": [{"code": code, "name": name(f"{code}区")} for code in "EW"]}
            ],
            "items": [
                {"id": number, "code": code, "name": name(f"项目{code}"), "unit": "万元",
                 "decimals": 2, "kind": kind, **more}
                for number, (code, kind, more) in enumerate(items, 1)
            ],
            "tables": [
                {"id": 1, "code": "T", "name": name("主表"), "source": "own", "items": own,
                 "mandatory": ["tax"], "expected": "all", **legal},
                {"id": 2, "code": "U", "name": name("电力表"), "source": "power",
                 "items": ["tax"], "expected": "none", **legal},
                {"id": 3, "code": "P", "name": name("公报表"), "source": "gazette",
                 "unit_kind": "city", "items": ["share"], "standing": "公布数", **legal},
                {"id": 4, "code": "V", "name": name("核定表"), "source": "bureau",
                 "unit_kind": "district", "items": ["share"], "standing": "核定数", **legal},
            ],
            "reporters": [{"code": "all", "name": name("全市"), "tables": ["T", "U", "P", "V"]}],
            "indicators": [
                {"id": 1, "code": "tax_per_land", "name": name("地均税收"), "unit": "万元/亩",
                 "table": "T", "numerator": {"tax": 1}, "denominator": {"land": 1},
                 "quoted": [{"table": "P", "item": "share"},
                            {"table": "V", "item": "share", "level": "district"}], **ONE},
                {"id": 2, "code": "sales", "name": name("销售"), "unit": "万元", "table": "T",
                 "numerator": {"sales": 1}, "measures": ["current", "yoy_same"], **ONE},
                {"id": 3, "code": "output", "name": name("产出"), "unit": "万元", "table": "T",
                 "numerator": {"output": 1}, "measures": ["current", "ytd"], **ONE},
            ],
        }
    )  # fmt: skip


def register() -> list[RegisterRow]:
    """X and Y in the east, Z in the west with its list time long past; Xa is a part of X."""
    rows = [RegisterRow("put_unit", "city", CITY, "溯源市")]
    rows += [RegisterRow("put_unit", "district", code, f"{code}区") for code in "EW"]
    for code, district, more in (
        ("X", "E", {}),
        ("Y", "E", {}),
        ("Z", "W", {"listed_to": "2020-01-01"}),
        ("Xa", "E", {"part_of": "X"}),
    ):
        rows += [
            RegisterRow("put_unit", "enterprise", code, f"{code}厂", attributes=(*more.items(),)),
            RegisterRow("put_membership", "enterprise", code, grouping="district", member=district),
        ]
    return rows


@dataclass(frozen=True)
class Traced:
    """Where the city is, for its owner and for a user that only reads."""

    owner_url: str
    reader_url: str


def fill(port: int) -> Traced:
    """Migrate an empty server and fold the city into it, and the one of several tables beside."""
    owner, reader = (
        f"clickhouse://{user}:{PASSWORDS[user]}@127.0.0.1:{port}/granary"
        for user in (OWNER, READER)
    )
    migrate(owner)
    _city(owner)
    joined_city.fill(owner, 2)
    return Traced(owner, reader)


def _city(url: str, number: int = 1) -> None:
    """X tax 10, land 2; Y tax 30, no land; Z tax 5, land 1; the power line says 99 of X. The bureau
    verified 6.5 of the east; of the west it says 缺报."""
    city = FoldedCity(url, number)
    city.begin(catalogue(), register())

    def submit(name: str, table: str, *cells: tuple[str, str, int, str | None]) -> None:
        found: Sequence[Cell] = [
            (u, i, p, None if value is None else Decimal(value)) for u, i, p, value in cells
        ]
        city.submit(name, "all", table, found)

    submit(
        "S-1", "T",
        ("X", "tax", NOW, "10"), ("X", "land", NOW, "2"), ("Y", "tax", NOW, "30"),
        ("Z", "tax", NOW, "5"), ("Z", "land", NOW, "1"), ("Xa", "tax", NOW, "4"),
        ("Xa", "land", NOW, "1"),
    )  # fmt: skip
    submit("S-2", "U", ("X", "tax", NOW, "99"))
    submit("S-3", "P", (CITY, "share", NOW, "5.25"))
    submit(
        "S-4", "T",
        ("X", "sales", YEAR_AGO, "50"), ("Y", "sales", YEAR_AGO, "40"),
        ("X", "sales", NOW, "66"), ("Y", "sales", NOW, "44"), ("Z", "sales", NOW, "7"),
        ("X", "sales_before", NOW, "55"),
    )  # fmt: skip
    submit(
        "S-5", "T",
        ("X", "output", 202602, "20"), ("X", "output", NOW, "32"), ("Y", "output", NOW, "9"),
    )  # fmt: skip
    submit("S-6", "V", ("E", "share", NOW, "6.5"), ("W", "share", NOW, None))
