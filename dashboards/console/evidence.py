"""The observations of a figure's units: how each of them counts, or why it does not."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from dashboards.console.cards import city_id
from dashboards.console.factors import Count, Factors
from dashboards.console.held_cells import HeldCells, Slot
from dashboards.console.observed import STATUSES, provenance
from dashboards.console.reasons import Reasons
from dashboards.console.sides import FACTOR_SCALE, NUMERATOR, SIDES, Asked, FigureSides
from dashboards.console.store import Row, Store
from granary.keys import ESTIMATED, REPORTED, unit_id
from indicators.catalogue import Catalogue, Quoted
from indicators.effects import feeding_tables
from indicators.periods import format_period, frequency_of, period_end
from indicators.vocabulary import UNIT_LEVEL

_CELLS = """
SELECT source, item, period, unit, value, status, version FROM observation_current FINAL
WHERE city = %(city_id)s AND source IN %(sources)s AND item IN %(items)s
  AND period IN %(periods)s
"""
_ONE_UNIT = " AND unit = %(unit)s"
_PERIODS = """
SELECT DISTINCT period FROM observation_current
WHERE city = %(city_id)s AND source = %(source)s AND item IN %(items)s
"""
_VALUE_SCALE: Final = 10**4


@dataclass(frozen=True, slots=True, eq=False)
class Observed:
    """Stored rows of a figure's units: columns of one length. `at` is the register's index, `slot`
    a position in `slots`."""

    slots: Sequence[Slot]
    slot: NDArray[np.int64]
    at: NDArray[np.int32]
    value: NDArray[np.int64]
    status: NDArray[np.int8]
    version: NDArray[np.uint64]


def known_periods(store: Store, city: str, sides: FigureSides) -> dict[str, frozenset[int]]:
    """table → its periods, of the tables slower than the figure: their stocks hold over it."""
    catalogue, frequency = sides.catalogue, frequency_of(sides.asked.period)
    found = {}
    for table in feeding_tables(catalogue, sides.indicator):
        if not frequency.finer(table.frequency):
            continue
        rows = store.query(
            _PERIODS,
            {
                "city_id": city_id(store, city),
                "source": catalogue.source[table.source].id,
                "items": tuple(catalogue.item[code].id for code in table.items),
            },
        )
        found[table.code] = frozenset(int(row["period"]) for row in rows)
    return found


def read_observed(
    store: Store, city: str, sides: FigureSides, known: dict[str, frozenset[int]]
) -> Observed:
    """Rows of the sources that the figure reads: another reporting line stands beside a figure."""
    catalogue, asked = sides.catalogue, sides.asked
    slots = sorted(sides.slots(known))
    keys = [
        (
            catalogue.source[catalogue.table[table].source].id,
            catalogue.item[item].id,
            period,
        )
        for table, item, period in slots
    ]
    among = np.zeros(sides.size + 1, bool)  # the last one is for -1: no unit of the register read
    for part in sides.parts(HeldCells({}, sides.size, known)):
        among[:-1] |= part.among
    columns = (
        store.columns(
            _CELLS + (_ONE_UNIT if asked.level == UNIT_LEVEL else ""),
            {
                "city_id": city_id(store, city),
                "sources": tuple({source for source, _, _ in keys}) or (0,),
                "items": tuple({item for _, item, _ in keys}) or (0,),
                "periods": tuple({period for _, _, period in keys}) or (0,),
                "unit": unit_id(sides.kind, asked.subject),
            },
        )
        or [np.zeros(0, np.int64)] * 7
    )
    source, item, period, unit, value, status, version = columns
    slot = _slot_of(keys, source, item, period)
    at = sides.register.index_of_any(sides.kind, unit.astype(np.uint64))
    kept = among[at] & (slot >= 0)
    return Observed(slots, slot[kept], at[kept], value[kept], status[kept], version[kept])


def _slot_of(
    keys: Sequence[tuple[int, int, int]], *columns: NDArray[np.integer[Any]]
) -> NDArray[np.int64]:
    """(rows,) position of each row's (source, item, period) among the keys, -1 for none of them.

    Every value of a column is one of some key.
    """
    values = [np.unique([key[at] for key in keys]) for at in range(len(columns))]
    table = np.full([len(one) for one in values], -1, np.int64)
    for number, key in enumerate(keys):
        place = tuple(int(np.searchsorted(one, of)) for one, of in zip(values, key, strict=True))
        table[place] = number
    rows = (np.searchsorted(one, column) for one, column in zip(values, columns, strict=True))
    found: NDArray[np.int64] = table[tuple(rows)]
    return found


def held(seen: Observed, size: int, known: dict[str, frozenset[int]]) -> HeldCells:
    """The reported values as the core reads them."""
    slots = {}
    for number in np.unique(seen.slot).tolist():
        here = (seen.slot == number) & (seen.status == REPORTED)
        value, there = np.zeros(size, np.int64), np.zeros(size, bool)
        value[seen.at[here]], there[seen.at[here]] = seen.value[here], True
        slots[seen.slots[number]] = (value, there)
    return HeldCells(slots, size, known)


def order_of(catalogue: Catalogue, seen: Observed, factors: Factors) -> NDArray[np.intp]:
    """Rows in the order of the sheet: what counts first, then the newest, then the largest."""
    counted = np.zeros(len(seen.at), bool)
    position = {slot: number for number, slot in enumerate(seen.slots)}
    for slot, by_side in factors.linear.items():
        here = seen.slot == position[slot]
        for factor in by_side.values():
            counted[here] |= factor[seen.at[here]] != 0
    for one in factors.counts:
        rests = np.array([position[slot] for slot in one.slots] + [-1], np.int64)
        counted |= rests[one.rests_on[seen.at]] == seen.slot
    items = np.array([catalogue.item[item].id for _, item, _ in seen.slots], np.int64)
    periods = np.array([period for _, _, period in seen.slots], np.int64)
    order = (-np.abs(seen.value), items[seen.slot], -periods[seen.slot], ~counted)
    return np.lexsort((seen.at, *order))


def told(
    store: Store,
    city: str,
    sides: FigureSides,
    cells: HeldCells,
    seen: Observed,
    factors: Factors,
    chosen: NDArray[np.intp],
) -> list[Row]:
    """The chosen rows in the words of v_observation, with what each does in the figure."""
    catalogue, register, kind = sides.catalogue, sides.register, sides.kind
    codes, names = register.codes(kind), register.names(kind)
    brought = provenance(store, city, seen.version[chosen].tolist())
    reasons = Reasons(sides, cells, factors)
    rows = []
    for row in chosen.tolist():
        at, status = int(seen.at[row]), int(seen.status[row])
        slot = table, item, period = seen.slots[int(seen.slot[row])]
        entered, counts = factors.of(slot, at), factors.counted(slot, at)
        counted = any(entered.values()) or bool(counts)
        why, lacks = ("", []) if counted else reasons.of(slot, at, status)
        source = catalogue.table[table].source
        rows.append(
            {
                **_observation(source, codes[at], item, period, int(seen.value[row]), status),
                **brought[int(seen.version[row])],
                "unit_name": names[at],
                "part_of": register.attributes(kind, at).get("part_of", ""),
                "counted": counted,
                **{side: factor_text(entered.get(side, 0)) for side in SIDES},
                "counts": [_count(catalogue, one, at) for one in counts],
                "why": why,
                "lacks": lacks,
            }
        )
    return rows


def registered(sides: FigureSides, factors: Factors, limit: int) -> tuple[list[Row], int]:
    """Units that are counted by the register alone, at most `limit` of them, and their number.

    No observation is read of them: the row is the unit itself, in the words of `told`.
    """
    register, kind = sides.register, sides.kind
    found = [
        (one, at)
        for one in factors.counts
        for at in np.flatnonzero((one.factor != 0) & (one.rests_on < 0)).tolist()
    ]
    rows = [
        {
            "source": "",
            "unit": register.codes(kind)[at],
            "item": one.code,
            "period": format_period(one.period),
            "period_end": period_end(one.period),
            "value": Decimal(1),
            "status": "registered",
            "submission": "",
            "arrived_at": None,
            "known_from": None,
            "unit_name": register.names(kind)[at],
            "part_of": "",
            "counted": True,
            **dict.fromkeys(SIDES, ""),
            "counts": [_count(sides.catalogue, one, at)],
            "why": "",
            "lacks": [],
        }
        for one, at in found[:limit]
    ]
    return rows, len(found)


def _count(catalogue: Catalogue, one: Count, at: int) -> Row:
    """That the unit is counted as one, and by which derived value."""
    return {
        "into": one.into,
        "item": one.code,
        "name": catalogue.derived_value[one.code].name.zh,
        "factor": factor_text(int(one.factor[at])),
    }


def quoted_rows(
    store: Store, city: str, catalogue: Catalogue, quote: Quoted, asked: Asked
) -> list[Row]:
    """The row by which a figure was entered from elsewhere, as `told` tells rows."""
    table, item = catalogue.table[quote.table], catalogue.item[quote.item]
    found = store.query(
        _CELLS + _ONE_UNIT,
        {
            "city_id": city_id(store, city),
            "sources": (catalogue.source[table.source].id,),
            "items": (item.id,),
            "periods": (asked.period,),
            "unit": unit_id(table.unit_kind, asked.subject),
        },
    )
    brought = provenance(store, city, (row["version"] for row in found))
    return [
        {
            **_observation(
                table.source, asked.subject, item.code, row["period"], row["value"], row["status"]
            ),
            **brought[row["version"]],
            "unit_name": "",
            "part_of": "",
            "counted": row["status"] == REPORTED,
            **dict.fromkeys(SIDES, ""),
            NUMERATOR: "1" if row["status"] == REPORTED else "",
            "counts": [],
            "why": "" if row["status"] == REPORTED else "no_value",
            "lacks": [],
        }
        for row in found
    ]


def factor_text(factor: int) -> str:
    """A factor in 10^-6 as plain decimals: 1500 → 0.0015; '' for none."""
    return format((Decimal(factor) / FACTOR_SCALE).normalize(), "f") if factor else ""


def _observation(
    source: str, unit: str, item: str, period: int, value: int, status: int
) -> dict[str, Any]:
    shown = status in (REPORTED, ESTIMATED)
    return {
        "source": source,
        "unit": unit,
        "item": item,
        "period": format_period(period),
        "period_end": period_end(period),
        "value": Decimal(value) / _VALUE_SCALE if shown else None,
        "status": STATUSES[status],
    }
