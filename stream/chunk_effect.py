"""Effect of a chunk of observations: judged, put into the cube, and what that alters.

The hot path: whole columns, no loop over observations. Python loops run over the chunk's periods.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from granary.wire import Observations
from indicators.arrays import Flags
from indicators.catalogue import Table
from stream.check_findings import watch_cells
from stream.consequences import Choice, Consequences
from stream.findings import add_findings
from stream.judge import REASONS, Judged, judge
from stream.outcome import Entry
from stream.records import ChunkRecord
from stream.state import CityState

Places = NDArray[np.intp]


def fold_chunk(state: CityState, entry: Entry, chunk: ChunkRecord) -> None:
    """Everything but the ledger row; the chunk is known to be new."""
    header, observations = chunk.header, chunk.observations
    judged = judge(
        observations,
        header.table,
        header.reporter,
        state.catalogue,
        state.register,
        state.cube,
        state.locks,
    )
    bad = np.flatnonzero(judged.reason)
    _add_quarantine(state, entry, observations, judged, bad)
    _add_periods(state, entry, chunk, judged)
    good = judged.accepted
    if judged.table is not None and len(good):
        _store(state, entry, chunk, judged, judged.table, good)
    entry.outcome.observations += len(observations)
    entry.outcome.quarantined += len(bad)


def _add_quarantine(
    state: CityState, entry: Entry, observations: Observations, judged: Judged, bad: Places
) -> None:
    entry.rows.add(
        "quarantine",
        len(bad),
        city=state.city,
        version=np.full(len(bad), entry.version, np.uint64),
        ordinal=bad,
        unit=observations.unit[bad],
        item=observations.item[bad],
        period=observations.period[bad],
        value=observations.value[bad],
        status=observations.status[bad],
        reason=[REASONS[code] for code in judged.reason[bad]],
    )


def _add_periods(state: CityState, entry: Entry, chunk: ChunkRecord, judged: Judged) -> None:
    observations = chunk.observations
    for at, period in enumerate(observations.periods):
        here = observations.period_index == at
        entry.rows.add(
            "ledger_period",
            1,
            city=state.city,
            version=np.array([entry.version], np.uint64),
            submission=chunk.header.submission,
            period=int(period),
            rows=int(here.sum()),
            quarantined=int((here & (judged.reason != 0)).sum()),
        )


def _store(
    state: CityState, entry: Entry, chunk: ChunkRecord, judged: Judged, table: Table, good: Places
) -> None:
    """Store the accepted rows, and what follows from them."""
    catalogue, observations = state.require_catalogue(), chunk.observations
    source = catalogue.source[table.source].id
    item = observations.item[good]
    entry.rows.add(
        "observation_current",
        len(good),
        city=state.city,
        source=source,
        item=item,
        period=observations.period[good],
        unit=observations.unit[good],
        value=observations.value[good],
        status=observations.status[good],
        version=np.full(len(good), entry.version, np.uint64),
    )
    items = {catalogue.item_by_id[int(number)].code for number in np.unique(item)}
    brought = _brought(state, table, judged, good, chunk) if catalogue.compiled_checks else {}
    watch = watch_cells(state, table.code, items, brought)
    touched: dict[int, Flags] = {}
    fresh = {int(period) for period in observations.periods} - state.opened(table)
    for at, period in enumerate(observations.periods):
        here = good[observations.period_index[good] == at]
        if len(here):
            touched[int(period)] = _put(
                state, entry, chunk, table, int(period), judged, here, source
            )
    watch.write(entry)
    add_findings(state, table, items, touched, entry.version, entry.known_ms, entry.rows)
    Consequences(state, entry.rows, entry.version, entry.known_ms).write(
        {table.code: touched}, Choice(items=items, fresh={table.code: fresh})
    )


def _brought(
    state: CityState, table: Table, judged: Judged, good: Places, chunk: ChunkRecord
) -> dict[int, Flags]:
    """Period → (units,) units of which the record brings something."""
    size = state.register.size(table.unit_kind)
    period = chunk.observations.period[good]
    brought = {int(one): np.zeros(size, bool) for one in np.unique(period)}
    for one, flags in brought.items():
        flags[judged.unit[good[period == one]]] = True
    return brought


def _put(
    state: CityState,
    entry: Entry,
    chunk: ChunkRecord,
    table: Table,
    period: int,
    judged: Judged,
    here: Places,
    source: int,
) -> Flags:
    """Set one period's cells, the rows at `here`; returns (units,) the units touched."""
    observations, arrived_ms = chunk.observations, chunk.header.arrived_ms
    version, cube = entry.version, state.cube
    key = (table.code, period)
    if key not in entry.outcome.held:
        cube.block(table.code, period)
        cube.hold([key])
        entry.outcome.held.add(key)
    row, unit = judged.row[here], judged.unit[here]
    replaced = cube.put(
        table, period, row, unit, observations.value[here], observations.status[here], version
    )
    old = here[replaced.at]
    entry.rows.add(
        "observation_superseded",
        len(old),
        city=state.city,
        source=source,
        item=observations.item[old],
        period=period,
        unit=observations.unit[old],
        value=replaced.value,
        status=replaced.status,
        version=replaced.version,
        superseded_by=np.full(len(old), version, np.uint64),
    )
    versions, counts = np.unique(replaced.version, return_counts=True)
    entry.rows.add(
        "supersession",
        len(versions),
        city=state.city,
        version=np.full(len(versions), version, np.uint64),
        period=period,
        superseded_version=versions,
        rows=counts.astype(np.int64),
    )
    units = np.unique(unit)
    complete = cube.newly_complete(table, period, units, arrived_ms)
    add_returns(state, entry, table, period, complete, arrived_ms)
    touched = np.zeros(state.register.size(table.unit_kind), bool)
    touched[units] = True
    return touched


def add_returns(
    state: CityState, entry: Entry, table: Table, period: int, complete: Any, arrived_ms: Any
) -> None:
    """Note when the units at `complete` first had all mandatory items."""
    entry.rows.add(
        "unit_return",
        len(complete),
        city=state.city,
        table_id=table.id,
        period=period,
        unit=state.register.ids(table.unit_kind)[complete],
        arrived_ms=arrived_ms,
        version=np.full(len(complete), entry.version, np.uint64),
    )
