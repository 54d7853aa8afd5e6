"""Random cities: a register with a history, and observations with corrections and withdrawals."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from granary.keys import unit_id
from granary.records import RegisterRow
from indicators.arrays import Amounts, Flags, Instants
from indicators.catalogue import Catalogue, Indicator
from indicators.figures import Figures
from indicators.register import Register
from tests.indicators.cities import NoCalendar
from tests.indicators.oracle.city import REPORTED, WITHDRAWN, OracleCity, Revision
from tests.indicators.oracle.rich_catalogue import MEMBERS, TABLES, rich

FIRST_YEAR, LAST_MONTH = 2023, 202606
_FIRST_FIGURE_YEAR = 2024
_LARGEST = 10**14


@dataclass(slots=True)
class Logs:
    """What happened in a city, in order."""

    catalogue: Catalogue
    register: list[RegisterRow]
    observations: list[Revision] = field(default_factory=list)

    def oracle(self) -> OracleCity:
        city = OracleCity(self.catalogue)
        city.register(self.register)
        city.observe(self.observations)
        return city

    def core(self) -> Figures:
        """The core over the same city."""
        register = Register()
        keys = [unit_id(row.kind, row.code) for row in self.register]
        register.apply(self.register, keys)
        return Figures(self.catalogue, register, LoggedCells(self.observations, register),
                       NoCalendar())  # fmt: skip


class LoggedCells:
    """`Cells` over a log of revisions: the later row of a cell wins."""

    def __init__(self, observations: list[Revision], register: Register) -> None:
        self._units = {code: at for at, code in enumerate(register.codes("enterprise"))}
        self._blocks: dict[tuple[str, str, int], tuple[Amounts, Flags]] = {}
        self._periods: dict[str, set[int]] = {}
        for row in observations:
            key = (row.table, row.item, row.period)
            amounts, there = self._blocks.setdefault(key, self._empty())
            at = self._units[row.unit]
            there[at] = row.status == REPORTED
            amounts[at] = row.amount if there[at] else 0
            self._periods.setdefault(row.table, set()).add(row.period)

    def _empty(self) -> tuple[Amounts, Flags]:
        return np.zeros(len(self._units), np.int64), np.zeros(len(self._units), bool)

    def values(self, table: str, item: str, period: int) -> tuple[Amounts, Flags]:
        return self._blocks.get((table, item, period)) or self._empty()

    def periods(self, table: str) -> set[int]:
        return self._periods.get(table, set())

    def arrivals(self, table: str, period: int) -> Instants:
        return np.full(len(self._units), -1, np.int64)


def periods_of(frequency: str) -> list[int]:
    """All periods that a random city reports."""
    parts = {"month": range(1, 13), "quarter": range(21, 25), "year": range(1)}[frequency]
    last = {"month": LAST_MONTH, "quarter": 202622, "year": 202500}[frequency]
    years = range(FIRST_YEAR, LAST_MONTH // 100 + 1)
    return [p for year in years for part in parts if (p := year * 100 + part) <= last]


def figure_periods(logs: Logs, indicator: Indicator) -> list[int]:
    """Periods of the indicator's figures, of its own frequency and of the longer ones."""
    frequencies = [logs.catalogue.table[indicator.table].frequency, *indicator.also]
    return [p for one in frequencies for p in periods_of(one) if p // 100 >= _FIRST_FIGURE_YEAR]


def random_city(seed: int, units: int) -> Logs:
    """A city of that many units; the same seed gives the same city."""
    drawn = random.Random(seed)
    catalogue = rich(drawn.choice(["drop", "keep_base"]),
                     drawn.choice(["listed", "listed", "listed", "all", "none"]))  # fmt: skip
    codes = [f"u{at}" for at in range(units)]
    logs = Logs(catalogue, [row for code in codes for row in _registered(drawn, code, codes)])
    if drawn.random() < 0.2:
        logs.register.append(RegisterRow("drop_unit", "enterprise", drawn.choice(codes)))
    for code in codes:
        logs.observations += _reports(drawn, catalogue, code)
    logs.observations += random_revisions(drawn, logs, drawn.randint(0, 30))
    return logs


def _registered(drawn: random.Random, code: str, codes: list[str]) -> list[RegisterRow]:
    attributes = {"class_code": drawn.choice(["3911", "41", "1310", ""])}
    if drawn.random() < 0.35:
        attributes["listed_from"] = _day(drawn)
    if drawn.random() < 0.25:
        attributes["listed_to"] = _day(drawn)
    if code != codes[0] and drawn.random() < 0.08:
        attributes["part_of"] = codes[0]
    rows = [RegisterRow("put_unit", "enterprise", code, code, attributes=tuple(attributes.items()))]
    for grouping, members in MEMBERS.items():
        rows += _placed(drawn, code, grouping, members)
    return rows


def _placed(drawn: random.Random, code: str, grouping: str, members: str) -> list[RegisterRow]:
    def put(member: str, first: str = "", after: str = "") -> RegisterRow:
        return RegisterRow("put_membership", "enterprise", code, grouping=grouping, member=member,
                           valid_from=first, valid_to=after)  # fmt: skip

    if drawn.random() < 0.1:
        return []
    if grouping == "zone":
        chosen = drawn.sample(members, drawn.randint(1, 3))
        return [put(member, *_validity(drawn)) for member in chosen]
    if drawn.random() < 0.3:  # a move
        day = _day(drawn)
        before, after = drawn.sample(members, 2)
        return [put(before, "", day), put(after, day)]
    return [put(drawn.choice(members))]


def _validity(drawn: random.Random) -> tuple[str, str]:
    return (_day(drawn) if drawn.random() < 0.2 else "", _day(drawn) if drawn.random() < 0.2
            else "")  # fmt: skip


def _day(drawn: random.Random) -> str:
    return f"{drawn.randint(2023, 2026)}-{drawn.randint(1, 12):02d}-{drawn.choice(['01', '15'])}"


def _reports(drawn: random.Random, catalogue: Catalogue, code: str) -> list[Revision]:
    """What one unit reports over the years: nearly everything, or little."""
    lacking = drawn.choice([0.0, 0.0, 0.01, 0.05, 0.4])
    rows = []
    for table, (_, frequency, items) in TABLES.items():
        if drawn.random() < 0.05:
            continue
        for item in items:
            style = drawn.choice(["small", "small", "any", "large", "zero", "month"])
            seldom = 0.6 if item in ("tp", "cump", "stkp") else lacking
            for period in periods_of(frequency):
                merged = catalogue.item[item].january == "merged" and frequency == "month"
                if drawn.random() >= seldom and not (merged and period % 100 == 1):
                    rows.append(Revision(table, item, period, code, amount(drawn, style)))
    return rows


def amount(drawn: random.Random, style: str) -> int:
    """A value in 10^-4 of its unit."""
    if style == "zero":
        return drawn.choice([0, 0, 0, 10_000])
    if style == "large":
        return drawn.choice([-1, 1]) * drawn.randint(_LARGEST // 2, _LARGEST)
    if style == "any":
        return drawn.randint(-(10**6), 10**7)
    return drawn.randint(1, 900) * 10_000


def random_revisions(
    drawn: random.Random, logs: Logs, count: int, tables: Sequence[str] = tuple(TABLES)
) -> list[Revision]:
    """Corrections, withdrawals, and values that become missing, not applicable or estimated."""
    codes = list(dict.fromkeys(row.code for row in logs.register))
    found = []
    for _ in range(count):
        table = drawn.choice(tables)
        _, frequency, items = TABLES[table]
        item, period = drawn.choice(items), drawn.choice(periods_of(frequency))
        merged = logs.catalogue.item[item].january == "merged" and frequency == "month"
        if merged and period % 100 == 1:
            period += 1
        status = drawn.choice([REPORTED, REPORTED, REPORTED, drawn.randint(1, WITHDRAWN)])
        value = amount(drawn, drawn.choice(["small", "any", "zero"])) if status == REPORTED else 0
        found.append(Revision(table, item, period, drawn.choice(codes), value, status))
    return found
