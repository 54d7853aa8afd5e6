"""Department keys (部门主键) at the door: which unit each row is about, and units' figures of them.

A file of a table with `keys` names units by keys of a department. Each cell is taken for the unit
that has the key at the row's period. Where a unit has several keys, its figure is the exact sum of
their cells: only whole, so a unit is refused if any of its keys is missing from the file. A key of
no unit is taken as it is; the stream sets its cells aside as `unmatched`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from granary.keys import MISSING, NOT_APPLICABLE, REPORTED
from indicators.arrays import Index
from indicators.catalogue import Catalogue
from indicators.checks.facts import figure_text
from indicators.correspondence import Correspondence
from indicators.periods import format_period
from ingest.checks.gathered import Numbers
from ingest.checks.tally import Facts, Flags, Tally
from ingest.checks.width import plain

#: A key becomes the code of a thing in the register, and codes are written so.
_KEY: Final = re.compile(r"[^\s:/?#&]{1,64}")
#: Missing keys that a message names.
_NAMED: Final = 5
#: Sums below this cannot leave 64 bits.
_SAFE: Final = 1 << 62
Positions = NDArray[np.intp]


@dataclass(slots=True, eq=False)
class KeyCells:
    """Cells that passed one by one, all (n,), and the keys and columns they name by number.

    `value` and `status` of a unit's first cell become those of the unit's figure.
    """

    key: Numbers
    item_ids: NDArray[np.uint32]
    period: Numbers
    value: NDArray[np.int64]
    status: NDArray[np.int8]
    row: NDArray[np.int64]
    label: Numbers
    labels: Sequence[str]


@dataclass(frozen=True, slots=True, eq=False)
class UnitCells:
    """Which cells stand for units: positions, and the number of each one's unit.

    `unit_ids` and `unit_texts` are the stored id and the code of each number, the key's where it
    has no unit.
    """

    at: Positions
    unit: Numbers
    unit_ids: list[int]
    unit_texts: list[str]


class FileKeys:
    """Keys as one file writes them, numbered as its units are."""

    def __init__(self, correspondence: Correspondence, catalogue: Catalogue, tally: Tally) -> None:
        self._of = correspondence
        self._catalogue = catalogue
        self._tally = tally
        self._known = frozenset(correspondence.keys)
        self.keys: list[str] = []
        self.ids: list[int] = []
        self._lawful: list[bool] = []
        self._key: Numbers = np.zeros(0, np.int32)
        self._lone: Positions = np.zeros(0, np.intp)  # cells whose key has no unit

    def learn(self, texts: Sequence[str]) -> list[int]:
        """Number further texts; the ids under which they would be stored."""
        keys = [text if text in self._known else self._written(text) for text in texts]
        ids = [self._of.id_of(key) for key in keys]
        lawful = np.array([key in self._known for key in keys], bool)
        new = np.flatnonzero(~lawful)
        lawful[new] = [bool(_KEY.fullmatch(keys[at]) and keys[at].isprintable()) for at in new]
        lawful[new] &= self._of.free(np.array(ids, np.uint64)[new])
        self.keys += keys
        self.ids += ids
        self._lawful += lawful.tolist()
        return ids

    def _written(self, text: str) -> str:
        """The key that a text means: as it stands where it is known so, else in half width."""
        key = text.strip()
        return key if key in self._known else plain(text)

    def lawful(self, key: Numbers) -> Flags:
        """(rows,) whether a key can be kept at all."""
        return np.array(self._lawful, bool)[key]

    def unit_of(self, key: Numbers, period: Index, wanted: Flags) -> Index:
        """(rows,) index of the unit that has the key at the period, where wanted; else -1."""
        found = np.full(len(key), -1, np.int32)
        ids = np.array(self.ids, np.uint64)
        for one in np.unique(period[wanted]):
            here = np.flatnonzero(wanted & (period == one))
            found[here] = self._of.unit_of(ids[key[here]], int(one))
        return found

    def units(self, cells: KeyCells, at: Positions) -> UnitCells:
        """What the cells at these positions, no key twice, come to: figures of units.

        Refuses units that are told in part, and several keys where the item does not add.
        """
        period = np.array(self._tally.period_ids, np.int32)[cells.period[at]]
        unit = self.unit_of(cells.key[at], period, np.ones(len(at), bool))
        # Cells of one figure side by side, the first of the file in front.
        order = np.lexsort((cells.row[at], unit, period, cells.item_ids[at]))
        at, unit, period = at[order], unit[order], period[order]
        lone = unit < 0
        begins = np.ones(len(at), bool)
        begins[1:] = lone[1:] | (
            (unit[1:] != unit[:-1])
            | (period[1:] != period[:-1])
            | (cells.item_ids[at][1:] != cells.item_ids[at][:-1])
        )
        starts = np.flatnonzero(begins)
        figure = np.cumsum(begins) - 1
        good = self._whole(cells, at, unit, period, starts, figure)
        good &= self._added(cells, at, starts, figure, good)
        kept = starts[good]
        # Several cells declare one observation, and observations are what is counted.
        more = np.diff(starts, append=len(at))[good] - 1
        self._tally.combine(cells.period[at[kept]], more)
        return self._numbered(cells, at[kept], unit[kept])

    def _whole(
        self,
        cells: KeyCells,
        at: Positions,
        unit: Index,
        period: Index,
        starts: Positions,
        figure: Positions,
    ) -> Flags:
        """(figures,) those of which every key of the unit is there, and none declared missing."""
        expected = np.ones(len(starts), np.int64)
        for one in np.unique(period):
            here = np.flatnonzero((period[starts] == one) & (unit[starts] >= 0))
            expected[here] = self._of.how_many(int(one))[unit[starts[here]]]
        there = np.diff(starts, append=len(at))
        status = cells.status[at]
        missing, reported = (
            np.bincount(figure[status == one], minlength=len(starts)) > 0
            for one in (MISSING, REPORTED)
        )
        short = (there < expected) | (missing & reported)

        def facts(position: int) -> dict[str, object]:
            first = starts[figure[position]]
            which = at[figure == figure[position]]
            given = {self.keys[key] for key in cells.key[which[cells.status[which] != MISSING]]}
            keys = self._of.keys_of(int(unit[first]), int(period[first]))
            lacking = [key for key in keys if key not in given]
            more = len(lacking) - _NAMED
            return {
                **self._named(int(unit[first]), int(period[first])),
                "keys": "、".join(lacking[:_NAMED]),
                "more_zh": f"等{len(lacking)}个" if more > 0 else "",
                "more_en": f" and {more} more" if more > 0 else "",
            }

        self._refuse("incomplete_keys", cells, at, short[figure], facts)
        whole: Flags = ~short
        return whole

    def _added(
        self, cells: KeyCells, at: Positions, starts: Positions, figure: Positions, good: Flags
    ) -> Flags:
        """(figures,) those that can be added, among the good; their first cells take the sums."""
        numbers, of_figure = np.unique(cells.item_ids[at[starts]], return_inverse=True)
        items = [self._catalogue.item_by_id[int(one)] for one in numbers]
        several = good & (np.diff(starts, append=len(at)) > 1)
        apart = several & np.array([not item.additive for item in items], bool)[of_figure]

        def facts(position: int) -> dict[str, object]:
            item = items[of_figure[figure[position]]]
            return {"item_zh": item.name.zh, "item": item.code}

        self._refuse("keys_do_not_add", cells, at, apart[figure], facts)
        value = np.where(cells.status[at] == REPORTED, cells.value[at], 0)
        largest = int(np.abs(value).max(initial=0)) * int(np.bincount(figure).max(initial=0))
        exact: Any = value if largest < _SAFE else value.astype(object)
        sums = np.add.reduceat(exact, starts) if len(starts) else exact
        limits = np.array([item.limit * 10**4 for item in items], np.int64)[of_figure]
        beyond = several & ~apart & np.array(abs(sums) > limits, bool)

        def too_large(position: int) -> dict[str, object]:
            item = items[of_figure[figure[position]]]
            return {
                "text": figure_text(Fraction(int(sums[figure[position]]), 10**4)),
                "limit": f"{item.limit:,}",
                "unit": item.unit,
            }

        self._refuse("beyond_limit", cells, at, beyond[figure], too_large)
        taken = np.flatnonzero(several & ~apart & ~beyond)
        status = cells.status[at]
        missing, reported = (
            np.bincount(figure[status == one], minlength=len(starts)) > 0
            for one in (MISSING, REPORTED)
        )
        told = np.where(reported, REPORTED, np.where(missing, MISSING, NOT_APPLICABLE))
        first = at[starts[taken]]
        cells.value[first] = sums[taken].astype(np.int64)
        cells.status[first] = told[taken].astype(np.int8)
        fit: Flags = ~(apart | beyond)
        return fit

    def _numbered(self, cells: KeyCells, at: Positions, unit: Index) -> UnitCells:
        matched = unit >= 0
        ids = np.array(self.ids, np.uint64)[cells.key[at]]
        ids[matched] = self._of.unit_ids(unit[matched])
        distinct, first, number = np.unique(ids, return_index=True, return_inverse=True)
        texts = [self.keys[key] for key in cells.key[at[first]]]
        places = np.flatnonzero(matched[first])
        for place, code in zip(places, self._of.unit_codes(unit[first[places]]), strict=True):
            texts[place] = code
        self._key, self._lone = cells.key, at[~matched]
        return UnitCells(at, number.astype(np.int32), distinct.tolist(), texts)

    def tell_unmatched(self, taken: Positions, row: NDArray[np.int64]) -> tuple[str, ...]:
        """The keys without a unit among the cells taken: a finding each, and nothing is refused.

        `row` (n,) is that of every cell `units` was asked about.
        """
        rows: dict[str, list[int]] = {}
        lone = taken[np.isin(taken, self._lone)]
        for position in lone[np.argsort(row[lone], kind="stable")]:
            rows.setdefault(self.keys[self._key[position]], []).append(int(row[position]))
        scheme = self._of.scheme
        for key, found in rows.items():
            facts = {"text": key, "cells": len(found), "scheme": scheme.code}
            self._tally.findings.add(
                "unmatched",
                row=found[0],
                column="unit",
                cells=0,
                facts={**facts, "scheme_zh": scheme.name.zh},
            )
        return tuple(rows)

    def _named(self, unit: int, period: int) -> dict[str, object]:
        (code,) = self._of.unit_codes(np.array([unit], np.int32))
        return {"unit": code, "period": format_period(period), "scheme_zh": self._of.scheme.name.zh}

    def _refuse(self, rule: str, cells: KeyCells, at: Positions, bad: Flags, facts: Facts) -> None:
        places = np.flatnonzero(bad)
        if len(places):
            places = places[np.argsort(cells.row[at[places]], kind="stable")]
            self._tally.refuse(
                rule,
                cells.row[at[places]],
                lambda k: cells.labels[cells.label[at[k]]],
                cells.period[at[places]],
                np.ones(len(places), np.int64),
                places,
                facts,
            )
