"""A generated city as files: catalogue folder, register CSV, submissions as reporters send them."""

import csv
from pathlib import Path
from typing import Any

import yaml

from bench.city_catalogue import ITEMS
from bench.generator import KIND, Columns, GeneratedCity
from granary.keys import MISSING
from granary.records import RegisterRow
from indicators.periods import format_period

_UNIT_COLUMNS = ("kind", "code", "name", "listed_from", "listed_to", "list_reason")
_LISTS = ("sources", "groupings", "items", "tables", "reporters", "indicators", "anomalies")


def write_city(city: GeneratedCity, folder: Path) -> None:
    """The folder that `granary up --catalog` takes: YAML files and the register."""
    write_catalogue(city, folder)
    write_register(city.register(), folder)


def write_catalogue(city: GeneratedCity, folder: Path, version: int = 1) -> None:
    """The YAML files alone."""
    folder.mkdir(parents=True, exist_ok=True)
    content: dict[str, Any] = city.catalogue_version(version).model_dump(mode="json")
    head = {**content["city"], "version": version, "crosses": content["crosses"]}
    _dump(folder / "city.yaml", head)
    for stem in _LISTS:
        _dump(folder / f"{stem}.yaml", content[stem])


def write_register(rows: list[RegisterRow], folder: Path) -> None:
    """units.csv and memberships.csv."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "units.csv").open("w", encoding="utf-8", newline="") as file:
        units = csv.DictWriter(file, _UNIT_COLUMNS, restval="")
        units.writeheader()
        for row in rows:
            if row.action == "put_unit":
                units.writerow(
                    {"kind": row.kind, "code": row.code, "name": row.name, **dict(row.attributes)}
                )
    with (folder / "memberships.csv").open("w", encoding="utf-8", newline="") as file:
        memberships = csv.writer(file)
        memberships.writerow(
            ("unit_kind", "unit_code", "grouping", "member", "valid_from", "valid_to")
        )
        for row in rows:
            if row.action == "put_membership":
                memberships.writerow(
                    (KIND, row.code, row.grouping, row.member, row.valid_from, row.valid_to)
                )


def csv_body(city: GeneratedCity, columns: Columns) -> bytes:
    """A long CSV (unit, item, period, value) of the rows in the order given; `/` is missing."""
    return "".join(
        [
            "unit,item,period,value\n",
            *(",".join(cells) + "\n" for cells in cell_texts(city, columns)),
        ]
    ).encode()


def cell_texts(city: GeneratedCity, columns: Columns) -> list[tuple[str, str, str, str]]:
    """(unit, item, period, value) as a reporter writes them; values are exact decimals."""
    code_of = city.code_of
    items = {number: (item[0], item[4]) for number, item in enumerate(ITEMS, 1)}
    periods = {int(p): format_period(int(p)) for p in set(columns.period.tolist())}
    return [
        (
            code_of[unit],
            items[item][0],
            periods[period],
            "/" if status == MISSING else decimal_text(value, items[item][1]),
        )
        for unit, item, period, value, status in zip(
            columns.unit.tolist(), columns.item.tolist(), columns.period.tolist(),
            columns.value.tolist(), columns.status.tolist(), strict=True,
        )
    ]  # fmt: skip


def decimal_text(value: int, decimals: int) -> str:
    """An integer in 10^-4 with that many decimals, which hold it exactly."""
    whole, part = divmod(abs(value) // 10 ** (4 - decimals), 10**decimals)
    text = f"{whole}.{part:0{decimals}d}" if decimals else str(whole)
    return f"-{text}" if value < 0 else text


def _dump(path: Path, content: Any) -> None:
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
