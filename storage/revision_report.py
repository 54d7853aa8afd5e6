"""The revision report (修订情况): what changed between two moments, by how much, by whom."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from indicators.arrays import Flags
from indicators.catalogue import Catalogue, Indicator, Table
from indicators.effects import items_behind
from indicators.items import ItemKind
from indicators.periods import frequency_of
from indicators.register import Register
from indicators.revisions import (
    Explanation,
    Moves,
    RevisionStatistics,
    explained,
    moves,
    revision_statistics,
)
from indicators.vocabulary import CITY_LEVEL
from storage.known import Queries, catalogue_known
from storage.revisions import (
    KEY,
    CellChange,
    CellsBetween,
    FigureThen,
    Return,
    figures_known,
    register_known,
)

_NOTHING = FigureThen(None, 0, 0, 0, 0, "", 0, 0)


@dataclass(frozen=True, slots=True)
class Share:
    """What one return changed in a figure: its cells, and each side's sum in 10^-10."""

    submission: Return
    cells: int
    numerator: int
    denominator: int


@dataclass(slots=True)
class Revision:
    """A figure that changed; `then` or `now` None: it was not there.

    `numerator`, `denominator` explain the sides' differences exactly where the figure is a plain
    sum or a ratio of plain sums of its own table's period; None for any other.
    """

    key: tuple[Any, ...]
    then: FigureThen | None
    now: FigureThen | None
    kinds: list[str] = field(default_factory=list)
    shares: list[Share] = field(default_factory=list)
    numerator: Explanation | None = None
    denominator: Explanation | None = None

    @property
    def difference(self) -> float | None:
        if self.then is None or self.now is None:
            return None
        if self.then.value is None or self.now.value is None:
            return None
        return self.now.value - self.then.value

    @property
    def percent(self) -> float | None:
        """The difference in percent of the value then; None without a value then, or at zero."""
        change = self.difference
        if change is None or self.then is None or not self.then.value:
            return None
        return change / abs(self.then.value) * 100


@dataclass(frozen=True, slots=True)
class _Behind:
    """What one indicator and period rest on."""

    cells: CellsBetween
    changes: Sequence[CellChange]
    moved: Moves
    table: Table


class RevisionReport:
    """Compares a city's figures at two sealed moments. Blocks for the store."""

    def __init__(self, queries: Queries, city: str, number: int, from_ms: int, to_ms: int) -> None:
        self._queries, self._city, self._number = queries, city, number
        self._from, self._to = from_ms, to_ms
        self.catalogue = catalogue_known(queries, number, to_ms)
        self._before = catalogue_known(queries, number, from_ms)
        self._then = register_known(queries, number, from_ms)
        self._now = register_known(queries, number, to_ms)
        self._behind: dict[tuple[str, int], _Behind | None] = {}

    def revisions(self, narrowed: Mapping[str, Any], table: str | None) -> list[Revision]:
        """Figures that differ, by key. `narrowed`: columns of `KEY` with their only value."""
        then = figures_known(self._queries, self._city, self._from, narrowed)
        now = figures_known(self._queries, self._city, self._to, narrowed)
        self.statistics = _statistics(then, now)
        told_otherwise = {key[:-1] for key in then}  # under whatever standing
        found = []
        for key in sorted(then.keys() | now.keys()):
            was, to_be = then.get(key), now.get(key)
            if was == to_be or (table is not None and self._table_of(key[0]) != table):
                continue
            one = Revision(key, was, to_be)
            if was is None and key[:-1] in told_otherwise:
                one.kinds.append("standing_change")
            self._explain(one)
            if _differs(was, to_be) or one.kinds:
                found.append(one)
        return found

    def cells(self, narrowed: Mapping[str, Any], table: str | None) -> Iterator[CellChange]:
        """Each cell changed, of every table or the one, and of an indicator's items or all."""
        catalogue = self.catalogue
        if catalogue is None:
            return
        code = narrowed.get("indicator_code")
        known = catalogue.indicator.get(code or "")
        wanted = None if known is None else items_behind(catalogue, known)
        asked: set[tuple[int, int]] = set()
        for one in catalogue.tables:
            source = catalogue.source[one.source].id
            items = [
                catalogue.item[item].id
                for item in one.items
                if (wanted is None or item in wanted) and table in (None, one.code)
            ]
            items = [item for item in items if (source, item) not in asked]
            asked.update((source, item) for item in items)
            if items:
                yield from CellsBetween(
                    self._queries, self._number, source, items, self._from, self._to,
                    narrowed.get("period"),
                ).changes()  # fmt: skip

    def _table_of(self, indicator: str) -> str:
        found = self.catalogue.indicator.get(indicator) if self.catalogue else None
        return found.table if found else ""

    def _explain(self, one: Revision) -> None:
        kinds, was, to_be = one.kinds, one.then or _NOTHING, one.now or _NOTHING
        behind = self._behind_of(one.key)
        if behind is not None:
            self._attribute(one, behind, was, to_be)
        elif was.numerator != to_be.numerator or was.denominator != to_be.denominator:
            kinds.append("derived")
        if one.then is None:
            kinds.append("new_figure")
        if one.now is None:
            kinds.append("retired")
        elif one.then is not None and self._redefined(one.key[0]):
            kinds.append("catalogue_change")
        if one.then is not None and one.now is not None:
            if was.expected_units != to_be.expected_units and "register_change" not in kinds:
                kinds.append("register_change")
            if was.provisional != to_be.provisional:
                kinds.append("final" if was.provisional else "provisional")

    def _attribute(
        self, one: Revision, behind: _Behind, was: FigureThen, to_be: FigureThen
    ) -> None:
        level, subject, by_level, by_subject = one.key[3:7]
        places = [(level, subject), *([(by_level, by_subject)] if by_level else [])]
        then, now = (
            _held(register, behind.table, places, one.key[1], self._now)
            for register in (self._then, self._now)
        )
        ratio = len(behind.moved.change) > 1
        one.numerator = explained(behind.moved, 0, then, now, to_be.numerator - was.numerator)
        if ratio:
            one.denominator = explained(
                behind.moved, 1, then, now, to_be.denominator - was.denominator
            )
        kind = behind.table.unit_kind
        keys = self._now.ids(kind)[np.flatnonzero(now)]
        held = set(keys.tolist())
        mine = [change for change in behind.changes if change.unit in held]
        cells = Counter(change.submission for change in mine)
        below = one.denominator.by_submission if one.denominator else {}
        for at, told in enumerate(behind.cells.returns):
            sums = one.numerator.by_submission.get(at, 0), below.get(at, 0)
            if cells[told] or any(sums):
                one.shares.append(Share(told, cells[told], *sums))
        if any(change.old is None and change.new is not None for change in mine):
            one.kinds.append("late_units")
        if any(change.old is not None and change.new is not None for change in mine):
            one.kinds.append("correction")
        if any(change.old is not None and change.new is None for change in mine):
            one.kinds.append("withdrawal")
        if any(side and side.register for side in (one.numerator, one.denominator)):
            one.kinds.append("register_change")

    def _redefined(self, code: str) -> bool:
        old = self._before.indicator.get(code) if self._before else None
        new = self.catalogue.indicator.get(code) if self.catalogue else None
        return old != new

    def _behind_of(self, key: tuple[Any, ...]) -> _Behind | None:
        code, period, measure, *_, standing = key
        catalogue = self.catalogue
        indicator = catalogue.indicator.get(code) if catalogue else None
        if catalogue is None or indicator is None:
            return None
        table = catalogue.table[indicator.table]
        if standing != table.standing or not _plain(catalogue, indicator, measure, period):
            return None
        if (code, period) not in self._behind:
            cells = CellsBetween(
                self._queries, self._number, catalogue.source[table.source].id,
                [catalogue.item[item].id for item in indicator.items], self._from, self._to,
                period,
            )  # fmt: skip
            steps = cells.steps(self._now, table.unit_kind)
            sides = [indicator.numerator, *([indicator.denominator] if indicator.is_ratio else [])]
            moved = moves(steps, indicator.items, sides)
            self._behind[code, period] = _Behind(cells, list(cells.changes()), moved, table)
        return self._behind[code, period]


def _differs(was: FigureThen | None, to_be: FigureThen | None) -> bool:
    """Whether a reader sees another figure; the catalogue's version alone is none."""
    if was is None or to_be is None:
        return True
    return any(
        getattr(was, name) != getattr(to_be, name)
        for name in FigureThen.__slots__
        if name != "catalogue_version"
    )


def _held(
    register: Register, table: Table, places: Sequence[tuple[str, str]], period: int,
    latest: Register,
) -> Flags:  # fmt: skip
    """(units of `latest`,) units of the table's list that the subject held by the register."""
    kind = table.unit_kind
    held = register.scope(table, period)
    for level, member in places:
        if level != CITY_LEVEL:
            held = held & register.in_member(kind, level, member, period)
    # Units keep their index for ever: the earlier register's are the first of the later one's.
    return np.concatenate([held, np.zeros(latest.size(kind) - len(held), bool)])


def _plain(catalogue: Catalogue, indicator: Indicator, measure: str, period: int) -> bool:
    """Whether the figure adds up what its own table's cells of the period hold."""
    table = catalogue.table[indicator.table]
    if measure not in ("current", "ytd") or frequency_of(period) != table.frequency:
        return False
    for code in indicator.items:
        item = catalogue.item.get(code)
        if item is None or code not in table.items or item.kind is ItemKind.RATIO:
            return False
        cumulated = item.reported == "year_to_date"
        flow = item.kind is ItemKind.FLOW
        if flow and (cumulated != (measure == "ytd") or item.january == "merged"):
            return False
    return True


def _statistics(
    then: Mapping[tuple[Any, ...], FigureThen], now: Mapping[tuple[Any, ...], FigureThen]
) -> dict[tuple[str, str], RevisionStatistics]:
    """(indicator, measure) → statistics over every figure known at both moments."""
    values: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for key in then.keys() & now.keys():
        was, to_be = then[key].value, now[key].value
        if was is not None and to_be is not None:
            values.setdefault((key[KEY.index("indicator_code")], key[2]), []).append((was, to_be))
    found = {
        name: revision_statistics(*(np.array(side) for side in zip(*pairs, strict=True)))
        for name, pairs in sorted(values.items())
    }
    return {name: one for name, one in found.items() if one is not None}
