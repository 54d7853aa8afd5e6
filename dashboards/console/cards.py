"""Indicator cards (指标卡) and cities as the store names them, and what a measure is traced to."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from dashboards.console.errors import UnknownCityError, UnknownIndicatorError
from dashboards.console.store import Row, Store
from indicators.catalogue import MEASURES
from indicators.periods import format_period, parse_period, rolling, shift, year_to_date

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
        "SELECT city, any(name) AS name FROM v_subject WHERE level = 'city' GROUP BY city"
        " ORDER BY city"
    )


def check_city(store: Store, city: str) -> None:
    """Raises UnknownCityError."""
    if all(row["city"] != city for row in cities(store)):
        raise UnknownCityError(f"There is no city {city!r}.", city=city)


def cards(store: Store, city: str) -> list[Card]:
    """Cards of the city's indicators in catalogue order."""
    rows = store.query("SELECT * FROM v_indicator_card WHERE city = %(city)s", {"city": city})
    found = [_card(row) for row in rows]
    order = {row["indicator"]: row.get("id", at) for at, row in enumerate(rows)}
    return sorted(found, key=lambda card: order[card.indicator])


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


def window_texts(measure: str, period: str) -> list[str]:
    """`window_of` in SDMX texts."""
    return [format_period(one) for one in window_of(measure, parse_period(period))]


def _card(row: Mapping[str, Any]) -> Card:
    facts = {**json.loads(row.get("attributes") or "{}"), **row}
    return Card(
        indicator=facts["indicator"],
        name_zh=facts["name_zh"],
        name_en=facts["name_en"],
        unit=facts["unit"],
        decimals=int(facts["decimals"]),
        dimension=facts["dimension"],
        role=facts["role"],
        direction=facts["direction"],
        table=facts.get("table_code") or facts.get("table") or "",
        numerator=_mapping(facts.get("numerator")),
        denominator=_mapping(facts.get("denominator")),
        numerator_text=facts.get("numerator_text") or "",
        denominator_text=facts.get("denominator_text") or "",
        measures=_list(facts.get("measures")) or ["current"],
        levels=_list(facts.get("levels")),
        yellow=facts.get("yellow"),
        red=facts.get("red"),
        lines_measure=facts.get("lines_measure") or "current",
        lines_source=facts.get("lines_source") or "",
        consequence_zh=facts.get("consequence_zh") or "",
        reward_zh=facts.get("reward_zh") or "",
        note=facts.get("note") or "",
    )


def _mapping(value: Any) -> dict[str, str]:
    found = json.loads(value) if isinstance(value, str) and value else value
    return {str(code): str(factor) for code, factor in (found or {}).items()}


def _list(value: Any) -> list[Any]:
    found = json.loads(value) if isinstance(value, str) and value else value
    return list(found or [])
