"""Reads a simulated city's files by themselves, with nothing of the simulation."""

import csv
import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from catalog.loader import load
from catalog.register import read_register
from granary.keys import unit_id
from indicators.arrays import Amounts, Flags, Instants
from indicators.catalogue import Catalogue
from indicators.checks.check_cells import CheckCells
from indicators.checks.findings import findings
from indicators.periods import format_period, parse_period, period_end
from indicators.register import Register


@dataclass(frozen=True, slots=True)
class Line:
    """One row of one data file, with where it stands."""

    file: str
    reporter: str
    table: str
    unit: str  # as written: a code or a key
    period: str
    cells: dict[str, str]


def amount(text: str) -> int:
    """A decimal text in 10^-4."""
    whole, _, part = text.lstrip("-").partition(".")
    value = int(whole) * 10**4 + int(part.ljust(4, "0") or 0)
    return -value if text.startswith("-") else value


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class CityFiles:
    """A folder that `granary simulate city` wrote."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def json(self, name: str) -> Any:
        return json.loads((self.folder / name).read_text(encoding="utf-8"))

    @cached_property
    def truth(self) -> dict[str, Any]:
        return dict(self.json("truth.json"))

    @cached_property
    def manifest(self) -> dict[str, Any]:
        return dict(self.json("data.json"))

    @cached_property
    def catalogue(self) -> Catalogue:
        return load(self.folder)

    @cached_property
    def register(self) -> Register:
        rows = read_register(self.folder, self.catalogue)
        register = Register()
        register.apply(rows, [unit_id(row.kind, row.code) for row in rows])
        return register

    @cached_property
    def lines(self) -> list[Line]:
        """Every row of every data file, in the order of the manifest."""
        found = []
        for entry in self.manifest["files"]:
            for row in read_csv(self.folder / entry["file"]):
                unit, period = row.pop("unit"), row.pop("period")
                found.append(
                    Line(entry["file"], entry["reporter"], entry["table"], unit, period, row)
                )
        return found

    @cached_property
    def units(self) -> dict[tuple[str, str], dict[str, str]]:
        return {(row["kind"], row["code"]): row for row in read_csv(self.folder / "units.csv")}

    @cached_property
    def spans(self) -> dict[str, list[tuple[str, str]]]:
        """Enterprise → times on the list, [from, to), open as '9999'."""
        found = defaultdict(list)
        for row in read_csv(self.folder / "list_decisions.csv"):
            found[row["unit_code"]].append((row["valid_from"], row["valid_to"] or "9999"))
        return dict(found)

    @cached_property
    def places(self) -> dict[tuple[str, str, str], list[tuple[str, str, str]]]:
        """(kind, unit, grouping) → (member, from, to), open as '' and '9999'."""
        found = defaultdict(list)
        for row in read_csv(self.folder / "memberships.csv"):
            key = (row["unit_kind"], row["unit_code"], row["grouping"])
            found[key].append((row["member"], row["valid_from"], row["valid_to"] or "9999"))
        return dict(found)

    def member(self, kind: str, unit: str, grouping: str, period: str) -> str:
        """The member of a partition that the unit is in on the period's last day, '' for none."""
        end = period_end(parse_period(period)).isoformat()
        spans = self.places.get((kind, unit, grouping), [])
        return next((name for name, start, to in spans if start <= end < to), "")

    def is_listed(self, unit: str, period: str) -> bool:
        end = period_end(parse_period(period)).isoformat()
        return any(start <= end < to for start, to in self.spans.get(unit, []))

    @cached_property
    def owners(self) -> dict[str, list[tuple[str, str, str]]]:
        """Power account → (unit, from, to)."""
        found = defaultdict(list)
        for row in read_csv(self.folder / "correspondences.csv"):
            span = (row["valid_from"], row["valid_to"] or "9999")
            found[row["key"]].append((row["unit_code"], *span))
        return dict(found)

    def owner(self, key: str, period: str) -> str:
        end = period_end(parse_period(period)).isoformat()
        return next((u for u, start, to in self.owners.get(key, []) if start <= end < to), "")

    @cached_property
    def accepted(self) -> dict[tuple[str, str, int], dict[str, int]]:
        """(table, item, period) → unit → value in 10^-4, as the city would hold them.

        Rows on units without right are refused, keys become units and their values are added; what
        a hard check would refuse is left in.
        """
        found: dict[tuple[str, str, int], dict[str, int]] = defaultdict(dict)
        for line in self.lines:
            table = self.catalogue.table[line.table]
            reporter = self.catalogue.reporter[line.reporter]
            unit = self.owner(line.unit, line.period) if table.keys else line.unit
            if not unit:
                continue
            if reporter.grouping:
                kind = table.unit_kind
                here = self.member(kind, unit, reporter.grouping, line.period)
                if here != reporter.member:
                    continue
            for item, text in line.cells.items():
                cells = found[line.table, item, parse_period(line.period)]
                cells[unit] = cells.get(unit, 0) * bool(table.keys) + amount(text)
        return found

    def values(self, table: str, item: str, period: int) -> tuple[Amounts, Flags]:
        """As `indicators.cells.Cells`."""
        found = self.accepted.get((table, item, period), {})
        codes = self.register.codes(self.catalogue.table[table].unit_kind)
        return (
            np.array([found.get(code, 0) for code in codes], np.int64),
            np.array([code in found for code in codes], bool),
        )

    def periods(self, table: str) -> set[int]:
        return {period for name, _, period in self.accepted if name == table}

    def arrivals(self, table: str, period: int) -> Instants:
        return np.zeros(self.register.size(self.catalogue.table[table].unit_kind), np.int64)

    @cached_property
    def findings(self) -> set[tuple[str, str, str]]:
        """(rule, unit, period) of everything that the catalogue's checks find."""
        cells = CheckCells(self.catalogue, self.register, self)
        found = set()
        for check in self.catalogue.compiled_checks:
            for period in self.periods(check.rule.table):
                named = findings(cells, check, period)
                codes = self.register.codes(check.unit_kind)
                text = format_period(period)
                found |= {(check.rule.code, codes[int(at)], text) for at in named.units}
        return found


def last_day(period: str) -> date:
    return period_end(parse_period(period))
