"""The observations of a figure's units: how each of them counts, or why it does not."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from dashboards.console.cards import city_id
from dashboards.console.observed import STATUSES, provenance
from dashboards.console.sides import (
    DENOMINATOR,
    FACTOR_SCALE,
    NUMERATOR,
    Asked,
    FigureSides,
    HeldCells,
    Slot,
)
from dashboards.console.store import Row, Store
from granary.keys import ESTIMATED, REPORTED, unit_id
from indicators.arrays import Amounts
from indicators.catalogue import Catalogue, Quoted
from indicators.periods import format_period, period_end
from indicators.vocabulary import SHARE, UNIT_LEVEL, split_measure
from indicators.windows import Windows

_CELLS = """
SELECT item, period, unit, value, status, version FROM observation_current FINAL
WHERE city = %(city_id)s AND source = %(source)s AND item IN %(items)s AND period IN %(periods)s
"""
_ONE_UNIT = " AND unit = %(unit)s"
_VALUE_SCALE: Final = 10**4
#: More than any period id.
_SLOT_SPAN: Final = 10**6

Factors = Mapping[Slot, Mapping[str, Amounts]]


@dataclass(frozen=True, slots=True, eq=False)
class Observed:
    """Stored rows of a figure's units: columns of one length; `at` is the register's index."""

    item: NDArray[np.uint32]
    period: NDArray[np.int32]
    at: NDArray[np.int32]
    value: NDArray[np.int64]
    status: NDArray[np.int8]
    version: NDArray[np.uint64]


def read_observed(store: Store, city: str, sides: FigureSides) -> Observed:
    """Rows of the table's own source: other reporting lines stand beside a figure, never in it."""
    catalogue, asked, slots = sides.catalogue, sides.asked, sides.slots()
    table = catalogue.table[sides.indicator.table]
    wanted = {(catalogue.item[code].id, period) for code, period in slots}
    columns = (
        store.columns(
            _CELLS + (_ONE_UNIT if asked.level == UNIT_LEVEL else ""),
            {
                "city_id": city_id(store, city),
                "source": catalogue.source[table.source].id,
                "items": tuple({item for item, _ in wanted}) or (0,),
                "periods": tuple({period for _, period in wanted}) or (0,),
                "unit": unit_id(table.unit_kind, asked.subject),
            },
        )
        or [np.zeros(0, np.int64)] * 6
    )
    item, period, unit, value, status, version = columns
    at = sides.register.index_of_any(table.unit_kind, unit.astype(np.uint64))
    among = np.zeros(sides.size + 1, bool)  # the last one is for -1: no unit of the register read
    for part in sides.parts(HeldCells({}, sides.size)):
        among[:-1] |= part.among
    slot = item.astype(np.int64) * _SLOT_SPAN + period
    kept = among[at] & np.isin(slot, [item * _SLOT_SPAN + period for item, period in wanted])
    return Observed(item[kept], period[kept], at[kept], value[kept], status[kept], version[kept])


def held(catalogue: Catalogue, seen: Observed, size: int) -> HeldCells:
    """The reported values as the core reads them."""
    slots: dict[Slot, tuple[Amounts, NDArray[np.bool_]]] = {}
    for number in np.unique(seen.item).tolist():
        for period in np.unique(seen.period[seen.item == number]).tolist():
            here = (seen.item == number) & (seen.period == period) & (seen.status == REPORTED)
            value, there = np.zeros(size, np.int64), np.zeros(size, bool)
            value[seen.at[here]], there[seen.at[here]] = seen.value[here], True
            slots[catalogue.item_by_id[number].code, period] = (value, there)
    return HeldCells(slots, size)


def order_of(catalogue: Catalogue, seen: Observed, factors: Factors) -> NDArray[np.intp]:
    """Rows in the order of the sheet: what counts first, then the newest, then the largest."""
    counted = np.zeros(len(seen.at), bool)
    for (code, period), by_side in factors.items():
        here = (seen.item == catalogue.item[code].id) & (seen.period == period)
        for factor in by_side.values():
            counted[here] |= factor[seen.at[here]] != 0
    return np.lexsort((seen.at, -np.abs(seen.value), seen.item, -seen.period, ~counted))


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
    source = catalogue.table[sides.indicator.table].source
    codes, names = register.codes(kind), register.names(kind)
    brought = provenance(store, city, seen.version[chosen].tolist())
    reasons = _Reasons(sides, cells)
    rows = []
    for row in chosen.tolist():
        at, status = int(seen.at[row]), int(seen.status[row])
        item, period = catalogue.item_by_id[int(seen.item[row])].code, int(seen.period[row])
        by_side = factors.get((item, period), {})
        entered = {side: int(factor[at]) for side, factor in by_side.items()}
        counted = any(entered.values())
        why, lacks = ("", []) if counted else reasons.of(at, status)
        rows.append(
            {
                **_observation(source, codes[at], item, period, int(seen.value[row]), status),
                **brought[int(seen.version[row])],
                "unit_name": names[at],
                "part_of": register.attributes(kind, at).get("part_of", ""),
                "counted": counted,
                NUMERATOR: factor_text(entered.get(NUMERATOR, 0)),
                DENOMINATOR: factor_text(entered.get(DENOMINATOR, 0)),
                "why": why,
                "lacks": lacks,
            }
        )
    return rows


def quoted_rows(
    store: Store, city: str, catalogue: Catalogue, quote: Quoted, asked: Asked
) -> list[Row]:
    """The row by which a figure was entered from elsewhere, as `told` tells rows."""
    table, item = catalogue.table[quote.table], catalogue.item[quote.item]
    found = store.query(
        _CELLS + _ONE_UNIT,
        {
            "city_id": city_id(store, city),
            "source": catalogue.source[table.source].id,
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
            NUMERATOR: "1" if row["status"] == REPORTED else "",
            DENOMINATOR: "",
            "why": "" if row["status"] == REPORTED else "no_value",
            "lacks": [],
        }
        for row in found
    ]


class _Reasons:
    """Why an observation of one of the figure's units is in no sum of it."""

    def __init__(self, sides: FigureSides, cells: HeldCells) -> None:
        self._sides, self._cells = sides, cells
        table = sides.catalogue.table[sides.indicator.table]
        self._counted = sides.register.counted(sides.kind)
        self._scope = Windows(sides.catalogue, sides.register, cells).scope(
            table, sides.asked.period
        )
        self._enters = np.zeros(sides.size, bool)
        for part in sides.parts(cells):
            self._enters |= part.enters

    def of(self, at: int, status: int) -> tuple[str, list[str]]:
        """A code, and the items of the formula that the unit has not reported for the period."""
        sides = self._sides
        if status != REPORTED:
            return "no_value", []
        if sides.asked.level != UNIT_LEVEL:
            if not self._counted[at]:
                part = sides.register.attributes(sides.kind, at).get("part_of")
                return "part" if part else "dropped", []
            if not self._scope[at]:
                return "not_listed", []
        if self._enters[at]:
            return "cancels", []
        period, table = sides.asked.period, sides.indicator.table
        lacks = [
            code
            for code in sides.indicator.items
            if not self._cells.values(table, code, period)[1][at]
        ]
        grows = split_measure(sides.asked.measure)[1] not in ("", SHARE)
        return "no_base" if grows and not lacks else "incomplete", lacks


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
