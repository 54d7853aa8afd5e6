"""Indicator cards (指标卡) and cities as the store names them."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from dashboards.console.errors import UnknownCityError, UnknownIndicatorError
from dashboards.console.store import Row, Store
from indicators.vocabulary import MATCHED, MEASURES, NOMINAL, SAME

#: Growth kinds from the default of the domain (同口径) to the weakest.
GROWTH_KINDS = (SAME, MATCHED, NOMINAL)


@dataclass(frozen=True, slots=True)
class Card:
    """What a reader must know about an indicator; codes of items with exact factors as text."""

    indicator: str
    name_zh: str
    name_en: str
    unit: str
    decimals: int
    dimension: str
    role: str
    direction: str
    table: str
    numerator: dict[str, str]
    denominator: dict[str, str]
    numerator_text: str
    denominator_text: str
    measures: list[str]
    levels: list[str | list[str]]
    yellow: float | None
    red: float | None
    lines_measure: str
    lines_source: str
    consequence_zh: str
    reward_zh: str
    note: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def cities(store: Store) -> list[Row]:
    """[{city, name, time_zone}] of every city the store knows, by code."""
    return store.query(
        "SELECT code AS city, name_zh AS name,"
        " JSONExtractString(attributes, 'time_zone') AS time_zone"
        " FROM dimension FINAL WHERE class = 'city' ORDER BY code"
    )


@lru_cache(maxsize=1024)
def city_id(store: Store, city: str) -> int:
    """The stored key of a city; it never changes, so it is asked once.

    Raises:
        UnknownCityError: there is no such city.
    """
    rows = store.query(
        "SELECT id FROM dimension FINAL WHERE class = 'city' AND code = %(city)s", {"city": city}
    )
    if not rows:
        raise UnknownCityError(f"There is no city {city!r}.", city=city)
    return int(rows[0]["id"])


def names(store: Store, city: str, kind: str) -> dict[str, str]:
    """{code: name} of the city: its items, reporters, tables, levels or sources; raises
    UnknownCityError."""
    rows = store.query(
        "SELECT code, name_zh FROM dimension FINAL"
        " WHERE city = %(id)s AND class = %(kind)s ORDER BY id, code",
        {"id": city_id(store, city), "kind": kind},
    )
    return {row["code"]: row["name_zh"] for row in rows}


def cards(store: Store, city: str) -> list[Card]:
    """Cards of the city's indicators in catalogue order; raises UnknownCityError."""
    rows = store.query(
        "SELECT code, name_zh, name_en, attributes FROM dimension FINAL"
        " WHERE city = %(id)s AND class = 'indicator' ORDER BY id",
        {"id": city_id(store, city)},
    )
    return [_card(row) for row in rows]


def card(store: Store, city: str, indicator: str) -> Card:
    """One card.

    Raises:
        UnknownIndicatorError: the city has no such indicator.
    """
    for found in cards(store, city):
        if found.indicator == indicator:
            return found
    raise UnknownIndicatorError(f"{city} has no indicator {indicator!r}.", indicator=indicator)


def growth_of(measure: str) -> list[str]:
    """Measures telling the growth of a plain measure, the preferred kind first."""
    window = "" if measure == "current" else f"{measure}_"
    return [name for kind in GROWTH_KINDS if (name := f"{window}{kind}") in MEASURES]


def _card(row: Mapping[str, Any]) -> Card:
    facts = json.loads(row["attributes"])
    return Card(
        indicator=row["code"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        lines_measure=facts["lines_measure"] or "current",
        **{name: facts[name] for name in _FACTS},
    )


#: Fields of a card that the catalogue's attributes carry under the same name.
_FACTS = (
    "unit", "decimals", "dimension", "role", "direction", "table", "numerator", "denominator",
    "numerator_text", "denominator_text", "measures", "levels", "yellow", "red", "lines_source",
    "consequence_zh", "reward_zh", "note",
)  # fmt: skip
