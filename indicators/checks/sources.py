"""Differences between sources (来源间差异): rules made of the items that state a tolerance.

Where two sources report an item for a unit and period, they may differ by `tolerance` of the first
source's figure, or by `tolerance_floor`, whichever is more. Each pair of tables is a rule of its
own, written in the language of checks.yaml, so that it is judged, weighed, ended and recomputed as
those are.
"""

import zlib
from collections.abc import Iterator
from decimal import Decimal
from itertools import combinations
from typing import TYPE_CHECKING, Final

from indicators.checks.rules import CheckRule
from indicators.items import Item
from indicators.modelling import Name

if TYPE_CHECKING:
    from indicators.catalogue import Catalogue, Table

#: Rules of checks.yaml have ids below this one, rules made here above it.
FIRST_ID: Final = 1 << 31
#: What their codes begin with; no rule of checks.yaml may.
PREFIX: Final = "sources."


def source_rules(catalogue: "Catalogue") -> Iterator[CheckRule]:
    """A rule for each two tables of different sources that have an item with a tolerance.

    Only tables about one kind of unit and of one frequency are held against each other: an annual
    figure is no other account of a monthly one. The source that is read first comes first.
    """
    for item in catalogue.items:
        if item.tolerance is None and item.tolerance_floor is None:
            continue
        for (_, code), tables in catalogue.tables_with.items():
            if code != item.code:
                continue
            for first, second in combinations((catalogue.table[one] for one in tables), 2):
                if first.frequency is second.frequency and first.source != second.source:
                    yield _rule(catalogue, item, first, second)


def _rule(catalogue: "Catalogue", item: Item, first: "Table", second: "Table") -> CheckRule:
    one, other = (catalogue.source[table.source].name for table in (first, second))
    read = f"item({item.code!r})"
    here, there = (f"from_source({read}, {table.source!r})" for table in (first, second))
    share, floor = item.tolerance or Decimal(0), item.tolerance_floor or Decimal(0)
    zh, en = (
        "{{unit}}{{period}}{item}({unit}):{one}{{left}}与{other}{{right}}相差{{difference}},"
        "超过允许范围({allowed})",
        "{{unit}}, {{period}}: {item} ({unit}) is {{left}} by {one} and {{right}} by {other},"
        " {{difference}} apart; allowed: {allowed}",
    )
    return CheckRule(
        id=FIRST_ID | zlib.crc32(f"{item.id}:{first.id}:{second.id}".encode()) >> 1,
        code=f"{PREFIX}{item.code}"[:64],
        name=Name(
            zh=f"{item.name.zh}:来源间差异", en=f"{item.name.en}: difference between sources"
        ),
        table=first.code,
        severity="soft",
        expression=f"abs({here} - {there}) <= max({share:f} * abs({here}), {floor:f})",
        message=Name(
            zh=zh.format(
                item=_plain(item.name.zh), unit=_plain(item.unit), one=_plain(one.zh),
                other=_plain(other.zh), allowed=_allowed(item, "或"),
            ),
            en=en.format(
                item=_plain(item.name.en), unit=_plain(item.unit), one=_plain(one.en),
                other=_plain(other.en), allowed=_allowed(item, " or "),
            ),
        ),
        influence=item.code if item.additive else None,
        source="items.yaml",
    )  # fmt: skip


def _allowed(item: Item, joined: str) -> str:
    """The tolerance as a reader is told it: 5 %, 10 万元."""
    told = []
    if item.tolerance is not None:
        told.append(f"{(item.tolerance * 100).normalize():f} %")
    if item.tolerance_floor is not None:
        told.append(f"{item.tolerance_floor:f} {_plain(item.unit)}")
    return joined.join(told)


def _plain(text: str) -> str:
    """The text as it stands in a message: its braces name nothing."""
    return text.replace("{", "{{").replace("}", "}}")
