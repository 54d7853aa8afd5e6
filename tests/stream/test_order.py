"""Whatever the order, the chunks and the repeats: the same figures, and the right ones."""

import random
from dataclasses import replace
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from granary.records import RegisterRow
from tests.indicators.oracle.city import OracleCity, Revision
from tests.indicators.oracle.compared import reasons, reasons_of, same_value
from tests.indicators.oracle.computing import Oracle, Subject
from tests.stream.folded import figures, fold
from tests.stream.logs import Log, Row
from tests.stream.memory_store import MemoryStore
from tests.stream.test_several_tables import TABLES, drawn_unit, rich

UNITS = 4
SIDE = 10**10


def drawn_city(seed: int) -> tuple[list[RegisterRow], list[tuple[str, list[Row]]]]:
    """(the register, submissions (table, rows) in which no cell comes twice)."""
    drawn = random.Random(seed)
    rows = [row for at in range(UNITS) for row in drawn_unit(drawn, f"u{at}")]
    submissions: list[tuple[str, list[Row]]] = []
    for table, (items, periods) in TABLES.items():
        cells: list[Row] = [
            (f"u{at}", item, period, drawn.choice([drawn.randrange(-50, 99), drawn.randrange(99)]))
            for at in range(UNITS)
            for item in items
            for period in periods
            if drawn.random() < 0.93
        ]
        drawn.shuffle(cells)
        half = len(cells) // 2 + 1
        submissions += [
            (table, cells[start : start + half]) for start in range(0, len(cells), half)
        ]
    return rows, submissions


def logged(
    rows: list[RegisterRow], submissions: list[tuple[str, list[Row]]], per_chunk: int = 50_000
) -> Log:
    log = Log()
    log.catalogue(rich())
    log.register(rows)
    for number, (table, cells) in enumerate(submissions):
        log.submission(f"s{number}", cells, table=table, per_chunk=per_chunk)
    return log


def folded(log: Log) -> MemoryStore:
    store = MemoryStore()
    fold(log, store)
    return store


@settings(max_examples=2, deadline=None)
@given(seed=st.integers(0, 10**6), per_chunk=st.integers(60, 300))
def test_order_chunking_and_repetition_change_no_figure(seed: int, per_chunk: int) -> None:
    rows, submissions = drawn_city(seed)
    other = submissions.copy()
    random.Random(seed).shuffle(other)
    repeated = [*other, *other[:2]]
    plain = figures(folded(logged(rows, submissions)))
    assert plain
    assert plain == figures(folded(logged(rows, repeated, per_chunk)))


@settings(max_examples=1, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_what_stands_after_corrections_is_what_the_second_computation_gives(seed: int) -> None:
    rows, submissions = drawn_city(seed)
    drawn = random.Random(seed)
    for table, cells in drawn.sample(submissions, 4):
        corrected = drawn.sample(cells, min(9, len(cells)))
        submissions.append((table, [(*cell[:3], drawn.randrange(-9, 500)) for cell in corrected]))
    left = [
        replace(row, action="drop_membership") for row in rows if row.code == "u0" and row.member
    ]
    moved = [*left, *(row for code in ("u0", f"u{UNITS}") for row in drawn_unit(drawn, code))]
    log = logged(rows, submissions)
    log.register(moved, "register:2")
    stands = figures(folded(log))

    city = OracleCity(rich())
    city.register([*rows, *moved])
    for table, cells in submissions:
        city.observe(
            [Revision(table, city.catalogue.item_by_id[item].code, period, unit, value * 10_000)
             for unit, item, period, value in cells if value is not None]
        )  # fmt: skip
    oracle = Oracle(city)
    indicators = {one.id: one for one in city.catalogue.indicators}
    sampled = drawn.sample(sorted(stands), 800)
    for key in sampled:
        indicator, period, measure, level, subject, by = key
        row = stands[key]
        must = oracle.figure(
            indicators[indicator], measure, period, Subject(level, subject, row["by_level"], by)
        )
        assert row["units"] == str(must.units), key
        assert row["expected_units"] == str(must.expected_units), key
        assert reasons(row["reason"]) == reasons_of(must), key
        assert same_value(float(row["value"]), must.value), key
        for side, exact in (("numerator", must.numerator), ("denominator", must.denominator)):
            assert abs(Fraction(int(row[side]), SIDE) - exact) <= Fraction(1, 2 * SIDE), key
