"""Registered units beside a candidate: the one that it was decided to be, and those like it."""

from typing import Any, Final

from dashboards.console.cards import cities
from dashboards.console.figures import subject_names
from dashboards.console.in_force import register
from dashboards.console.store import Row, Store
from indicators.frame.book import ENTERPRISE
from indicators.frame.proposals import Matcher
from indicators.periods import parse_period
from indicators.register import Register

#: More than a clerk compares by eye; the likeliest come first.
_SHOWN: Final = 5


def linked(store: Store, city: str, unit: str, as_of: str) -> dict[str, Any] | None:
    """{unit, name, address, on_list} of the registered unit of that code, None for '' or none.

    on_list: whether it is on the survey list on the last day of `as_of`.
    """
    if not unit:
        return None
    units = _units(store, city)
    at = units.place(ENTERPRISE, unit)
    return _told(units, at, as_of) if at >= 0 else None


def proposals(store: Store, city: str, case: Row) -> list[dict[str, Any]]:
    """Registered units of a like name or address, the likeliest first: for a person to look at.

    As `linked`, with score, name_score and address_score of 0 to 100 (address_score None where
    one of the addresses is not known) and `why`. The candidate's own code is not among them.
    """
    units = _units(store, city)
    places = [one["name"] for one in cities(store) if one["city"] == city]
    places += subject_names(store, city).get("district", {}).values()
    matcher = units.kept(ENTERPRISE, ("frame_matcher", *places), lambda: _matcher(units, places))
    active, codes = units.counted(ENTERPRISE), units.codes(ENTERPRISE)
    # One more, because the candidate itself may be registered, though not listed.
    found = [
        one
        for one in matcher.proposals(case["name"], case["address"], limit=_SHOWN + 1)
        if active[one.unit] and codes[one.unit] != case["credit_code"]
    ]
    return [
        {
            **_told(units, one.unit, case["as_of"]),
            "score": one.score,
            "name_score": one.name_score,
            "address_score": one.address_score,
            "why": one.why,
        }
        for one in found[:_SHOWN]
    ]


def _units(store: Store, city: str) -> Register:
    return register(store, city, ENTERPRISE, (), None)


def _matcher(units: Register, places: list[str]) -> Matcher:
    return Matcher(units.names(ENTERPRISE), units.texts(ENTERPRISE, "address"), places)


def _told(units: Register, at: int, as_of: str) -> dict[str, Any]:
    return {
        "unit": units.codes(ENTERPRISE)[at],
        "name": units.names(ENTERPRISE)[at],
        "address": units.attributes(ENTERPRISE, at).get("address", ""),
        "on_list": bool(units.listed(ENTERPRISE, parse_period(as_of))[at]),
    }
