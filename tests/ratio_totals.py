"""丽水's ratios of 2019, and the totals of them that must never be shown: sums and plain means."""

import csv
import re
from decimal import Decimal
from statistics import fmean

from catalog.loader import load
from tests.folded_city import CATALOG

_DATA = CATALOG / "lishui/data/districts-2019.csv"
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def forbidden_totals() -> dict[str, set[float]]:
    """indicator → sum and mean of the districts' ratios, none of them a district's own.

    The districts' firms do add up, to 942.
    """
    catalogue = load(CATALOG / "lishui")
    of_item = {item: one.code for one in catalogue.indicators for item in one.numerator}
    items = catalogue.table["per_mu_districts"].items[:-1]  # firms come last
    with _DATA.open(encoding="utf-8") as file:
        *districts, city = ([*row.values()][2:] for row in csv.DictReader(file))
    lawful = {float(text) for row in [*districts, city] for text in row if text != "/"}
    found = {}
    for at, item in enumerate(items):
        told = [Decimal(row[at]) for row in districts if row[at] != "/"]
        found[of_item[item]] = {float(sum(told)), fmean(map(float, told))} - lawful
    return found


def printed_totals() -> set[str]:
    """The same as they would be printed, with the indicators' two places."""
    totals = {total for totals in forbidden_totals().values() for total in totals}
    return {f"{total:.2f}" for total in totals} - _lawful_texts()


def _lawful_texts() -> set[str]:
    return set(_NUMBER.findall(_DATA.read_text(encoding="utf-8")))


def numbers_in(text: str) -> set[str]:
    """Numbers of a text, without the separators between thousands."""
    return set(_NUMBER.findall(re.sub(r"(?<=\d),(?=\d{3})", "", text)))
