"""Indicator cards (指标卡) and cities as the store names them, and what a measure is traced to."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from dashboards.console.errors import UnknownCityError, UnknownIndicatorError
from dashboards.console.store import Row, Store
from indicators.catalogue import MEASURES
from indicators.periods import rolling, shift, year_to_date

#: Growth kinds from the default of the domain (同口径) to the weakest.
GROWTH_KINDS = ("yoy_same", "yoy_matched", "yoy_nominal")


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

    @property
    def items(self) -> list[str]:
        return list(dict.fromkeys([*self.numerator, *self.denominator]))

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def cities(store: Store) -> list[Row]:
    """[{city, name}] of every city the store knows, by code."""
    return store.query(
        "SELECT code AS city, name_zh AS name FROM dimension FINAL WHERE class = 'city'"
        " ORDER BY code"
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
    """{code: name} of the city's items, reporters, tables or sources; raises UnknownCityError."""
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


def window_of(measure: str, period: int) -> list[int]:
    """Period ids whose observations stand behind a measure at a period, base periods included."""
    own = [period]
    if measure.startswith("ytd"):
        own = year_to_date(period)
    elif measure.startswith("rolling12"):
        own = rolling(period)
    if "yoy" in measure or "contribution" in measure:
        return [one - 100 for one in own] + own
    if measure == "mom":
        return [shift(period, -1), period]
    return own


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
