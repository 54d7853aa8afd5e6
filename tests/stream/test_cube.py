"""The cube: what leaves memory comes back the same, and what is being stored never leaves."""

import numpy as np

from granary.wire import unit_id
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
