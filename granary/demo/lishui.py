"""Lishui's table of 2019: each district's file as it would send it, and the published row."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import catalog

CITY: Final = "lishui"
DISTRICT_TABLE: Final = "per_mu_districts"
PUBLISHED_TABLE: Final = "per_mu_published"
PUBLISHER: Final = "publisher"
_CITY_ROW: Final = "全市(published)"


@dataclass(frozen=True, slots=True)
class Return:
    """One reporter's file: a wide CSV of one unit, values as the source writes them."""

    reporter: str
    table: str
    period: str
    body: bytes


def folder() -> Path:
    """The catalogue folder of the city."""
    return Path(catalog.__file__).parent / "lishui"


def returns() -> list[Return]:
    """Ten districts' files, then the publisher's."""
    from catalog.loader import load

    members = load(folder()).grouping["district"].members
    code_of = {member.name.zh: member.code for member in members} | {_CITY_ROW: CITY}
    with (folder() / "data" / "districts-2019.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = []
    for row in rows:
        code = code_of[row.pop("district")]
        period = row.pop("period")
        published = code == CITY
        body = f"unit,{','.join(row)}\n{code},{','.join(row.values())}\n".encode()
        found.append(
            Return(
                reporter=PUBLISHER if published else code,
                table=PUBLISHED_TABLE if published else DISTRICT_TABLE,
                period=period,
                body=body,
            )
        )
    return found
