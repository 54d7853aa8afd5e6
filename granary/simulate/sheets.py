"""A sheet: the rows of one table and period, with who sends each of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from granary.simulate.enterprises import Ints
from indicators.catalogue import Catalogue, Table


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """(rows,) whole numbers of the last place, and how many places these are."""

    values: Ints
    decimals: int

    def to(self, decimals: int) -> Ints:
        """The values in as many places, rounded half up where there are fewer."""
        if decimals >= self.decimals:
            more: Ints = self.values * np.int64(10 ** (decimals - self.decimals))
            return more
        step = 10 ** (self.decimals - decimals)
        fewer: Ints = (self.values + step // 2) // step
        return fewer


@dataclass(slots=True, eq=False)
class Sheet:
    """Rows of one table and period. `units` are positions of the table's kind of unit.

    reporter: position in `reporters`, which are codes. written: what stands in the unit column,
    where that is a department's key; a unit may then have several rows. late: days after the due
    time for rows that come in a file of their own, 0 for the rest.
    """

    table: str
    period: int
    units: Ints
    reporters: Sequence[str]
    reporter: Ints
    columns: dict[str, Column]
    written: NDArray[np.str_] | None = None
    late: Ints | None = field(default=None)

    def keep(self, rows: NDArray[np.bool_]) -> "Sheet":
        """Only the flagged rows."""
        return Sheet(
            self.table,
            self.period,
            self.units[rows],
            self.reporters,
            self.reporter[rows],
            {item: Column(one.values[rows], one.decimals) for item, one in self.columns.items()},
            None if self.written is None else self.written[rows],
            None if self.late is None else self.late[rows],
        )


class Desk:
    """Who reports which table, from the catalogue: makes sheets with the right reporters."""

    def __init__(self, catalogue: Catalogue, members: Mapping[str, Sequence[str]]) -> None:
        """`members`: grouping → codes of its members in the order of positions."""
        self.catalogue = catalogue
        self._of: dict[str, tuple[list[str], dict[str, Ints], int]] = {}
        for table in catalogue.tables:
            self._of[table.code] = self._reporters(table, members)

    def _reporters(
        self, table: Table, members: Mapping[str, Sequence[str]]
    ) -> tuple[list[str], dict[str, Ints], int]:
        codes: list[str] = []
        by_grouping: dict[str, Ints] = {}
        whole = -1
        for reporter in self.catalogue.reporters:
            if table.code not in reporter.tables:
                continue
            codes.append(reporter.code)
            if reporter.grouping is None or reporter.member is None:
                whole = len(codes) - 1
                continue
            order = members[reporter.grouping]
            at = by_grouping.setdefault(reporter.grouping, np.full(len(order), -1, np.int64))
            at[order.index(reporter.member)] = len(codes) - 1
        return codes, by_grouping, whole

    def has(self, table: str) -> bool:
        return table in self._of

    def sheet(
        self,
        table: str,
        period: int,
        units: Ints,
        columns: Mapping[str, Column],
        *,
        member: Ints | None = None,
        grouping: str = "district",
        written: NDArray[np.str_] | None = None,
    ) -> Sheet:
        """Rows of the table; `member` (rows,) says by position whose reporter sends each.

        Only items that the table asks for are kept. Without `member` one reporter sends all.
        """
        codes, by_grouping, whole = self._of[table]
        if member is not None and grouping in by_grouping:
            reporter = by_grouping[grouping][member]
        else:
            reporter = np.full(len(units), whole, np.int64)
        filled = {}
        for item in self.catalogue.table[table].items:
            if item in columns:
                places = self.catalogue.item[item].decimals
                filled[item] = Column(columns[item].to(places), places)
        sheet = Sheet(table, period, units, codes, reporter, filled, written)
        return sheet if (reporter >= 0).all() else sheet.keep(reporter >= 0)

    def position(self, table: str, grouping: str, member: int) -> int:
        """Position of the member's reporter among those of the table; -1 for none."""
        _, by_grouping, _ = self._of[table]
        return int(by_grouping[grouping][member]) if grouping in by_grouping else -1

    def asked(
        self, table: str, sectors: NDArray[np.str_], classes: NDArray[np.str_]
    ) -> NDArray[np.bool_]:
        """(units,) enterprises whom the table asks, by its `only`."""
        only = self.catalogue.table[table].only
        if only is None:
            return np.ones(len(sectors), bool)
        values = {"sector": sectors, "class_code": classes}[only.attribute or ""]
        found = np.isin(values, only.one_of) if only.one_of else np.zeros(len(values), bool)
        for start in only.starts_with:
            found |= np.char.startswith(values, start)
        return found
