"""The cube: what leaves memory comes back the same, and what is being stored never leaves."""

import numpy as np

from granary.keys import ESTIMATED, NOT_APPLICABLE, REPORTED, unit_id
from stream.cube import Cube
from stream.rows import Rows
from tests.indicators.cities import catalogue, unit
from tests.stream.memory_store import MemoryStore

MONTHS = [202600 + month for month in range(1, 7)]


def cube_of(store: MemoryStore, most_cells: int) -> Cube:
    cube = Cube(1, store, most_cells)
    rows = [row for at in range(4) for row in unit(f"u{at}", "X")]
    cube.register.apply(rows, [unit_id(row.kind, row.code) for row in rows])
    cube.upto = 100
    cube.reset(catalogue())
    return cube


def put(cube: Cube, store: MemoryStore, period: int, version: int) -> None:
    """Set item t of all four units, and store it as a drain would."""
    table = cube.table("T")
    units = np.arange(4, dtype=np.int32)
    values = np.arange(4, dtype=np.int64) + period
    cube.block("T", period)
    cube.hold([("T", period)])
    row = np.zeros(4, np.int32)
    cube.put(table, period, row, units, values, np.zeros(4, np.int8), version)
    rows = Rows()
    rows.add(
        "observation_current", 4, city=1, source=1, item=1, period=period,
        unit=cube.register.ids("enterprise"), value=values, status=np.zeros(4, np.int8),
        version=np.full(4, version, np.uint64),
    )  # fmt: skip
    store.keep(rows)


def test_an_evicted_block_is_read_back_the_same() -> None:
    store = MemoryStore()
    cube = cube_of(store, most_cells=16)
    for number, period in enumerate(MONTHS):
        put(cube, store, period, number + 1)
        cube.release([("T", period)])
    assert cube.live_cells <= 16
    for period in MONTHS:
        values, has = cube.values("T", "t", period)
        assert values.tolist() == [period + at for at in range(4)]
        assert has.all()


def test_a_block_that_is_still_being_stored_is_never_evicted() -> None:
    store = MemoryStore()
    cube = cube_of(store, most_cells=0)
    put(cube, store, MONTHS[0], 1)
    put(cube, store, MONTHS[1], 2)
    store.tables.clear()  # nothing could be read back
    cube.release([("T", MONTHS[1])])
    assert cube.values("T", "t", MONTHS[0])[0].tolist() == [MONTHS[0] + at for at in range(4)]


def test_a_new_unit_widens_blocks_already_in_memory() -> None:
    store = MemoryStore()
    cube = cube_of(store, most_cells=10**6)
    put(cube, store, MONTHS[0], 1)
    rows = unit("late", "Y")
    cube.register.apply(rows, [unit_id(row.kind, row.code) for row in rows])
    values, has = cube.values("T", "t", MONTHS[0])
    assert has.tolist() == [True] * 4 + [False]
    assert values[4] == 0


def test_an_estimate_never_counts_as_received_and_any_report_that_replaces_it_does() -> None:
    cube = cube_of(MemoryStore(), most_cells=10**9)
    table, units = cube.table("T"), np.arange(3, dtype=np.int32)
    row, values = np.zeros(3, np.int32), np.ones(3, np.int64)
    first = np.array([ESTIMATED, REPORTED, NOT_APPLICABLE], np.int8)
    cube.put(table, MONTHS[0], row, units, values, first, 1)
    assert cube.newly_complete(table, MONTHS[0], units, 5).tolist() == [1, 2]
    cube.put(table, MONTHS[0], row[:1], units[:1], values[:1], np.zeros(1, np.int8), 2)
    assert cube.newly_complete(table, MONTHS[0], units, 6).tolist() == [0]
