"""Registered units beside a candidate: the one that it was decided to be, and those like it."""

from typing import Any

from dashboards.console.in_force import register
from dashboards.console.store import Store
from indicators.frame.book import ENTERPRISE
from indicators.periods import parse_period
from indicators.register import Register


def linked(store: Store, city: str, unit: str, as_of: str) -> dict[str, Any] | None:
    """{unit, name, address, on_list} of the registered unit of that code, None for '' or none.

    on_list: whether it is on the survey list on the last day of `as_of`.
    """
    if not unit:
        return None
    units = register(store, city, ENTERPRISE, (), None)
    at = units.place(ENTERPRISE, unit)
    return _told(units, at, parse_period(as_of)) if at >= 0 else None


def _told(units: Register, at: int, period: int) -> dict[str, Any]:
    return {
        "unit": units.codes(ENTERPRISE)[at],
        "name": units.names(ENTERPRISE)[at],
        "address": units.attributes(ENTERPRISE, at).get("address", ""),
        "on_list": bool(units.listed(ENTERPRISE, period)[at]),
    }
