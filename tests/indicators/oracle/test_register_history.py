"""Random registers and their histories, against a second computation of every answer as of a day.

After each load the register must say what the files say; as of each record of a log, and of any
earlier one, what the rows so far leave.
"""

import random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.changes import difference
from catalog.register import register_of
from granary import loads
from granary.keys import unit_id
from granary.records import RegisterRow
from indicators.periods import period_end
from indicators.register import Register
from tests.indicators.oracle.random_registers import (
    CODES,
    KEYS,
    MONTHS,
    city,
    files,
    later,
    register,
    rows,
)
from tests.indicators.oracle.register import Facts, counts, replayed

CITY = city()
KIND = "enterprise"
SEEDS = st.integers(0, 10**9)


def apply(found: Register, changes: list[RegisterRow]) -> None:
    found.apply(changes, [unit_id(row.kind, row.code) for row in changes])


def differences(found: Register, plain: Facts, months: list[int]) -> list[str]:
    """Every answer about these months that the two do not share."""
    wrong: list[str] = []
    known = list(found.codes(KIND))

    def codes(at: np.ndarray[tuple[int], np.dtype[np.intp]]) -> set[str]:
        return {known[one] for one in at.tolist()}

    def hold(what: str, got: object, wanted: object) -> None:
        if got != wanted:
            wrong.append(f"{what}: {got} is not {wanted}")

    for month in months:
        day = period_end(month)
        listed = plain.on_list(day)
        expected = {
            "T": listed,
            "some": listed & plain.of_sector("工业"),
            "every": set(plain.units) - plain.parts,
        }
        hold(f"listed {month}", codes(np.flatnonzero(found.listed(KIND, month))), listed)
        for table, units in expected.items():
            scope = found.scope(CITY.table[table], month)
            hold(f"expected in {table} {month}", codes(np.flatnonzero(scope)), units)
        for grouping in CITY.groupings:
            members = found.membership(KIND, grouping, month)
            sets = [plain.in_member(grouping.code, one.code, day) for one in grouping.members]
            for at, wanted in enumerate(sets):
                part = members.units[members.starts[at] : members.starts[at + 1]]
                hold(f"{grouping.code} {at} {month}", codes(part), wanted)
                hold(f"once in {grouping.code} {at} {month}", len(part), len(wanted))
                code = grouping.members[at].code
                within = found.in_member(KIND, grouping.code, code, month)
                hold(f"in {grouping.code} {code} {month}", codes(np.flatnonzero(within)), wanted)
            counted = members.count(found.scope(CITY.table["T"], month)).tolist()
            wanted_counts = counts(sets, listed)
            if grouping.partition:
                wanted_counts.pop()
            hold(f"counts of {grouping.code} {month}", counted, wanted_counts)
    return wrong


def owners(found: Register, month: int) -> list[str | None]:
    ids = np.array([unit_id("meter", key) for key in KEYS], np.uint64)
    at = found.unit_of_keys(KIND, "meter", ids, month).tolist()
    return [found.codes(KIND)[one] if one >= 0 else None for one in at]


@settings(max_examples=150, deadline=None)
@given(SEEDS)
def test_after_every_load_of_files_the_register_says_what_the_files_say(seed: int) -> None:
    drawn = random.Random(seed)
    found, log, facts = Register(unit_id), list[RegisterRow](), register(drawn)
    for _ in range(4):
        asked_for = difference(log, register_of(files(facts), CITY))
        changes = [row for record in loads.register_records(asked_for) for row in record]
        log += changes
        apply(found, changes)
        assert differences(found, facts, drawn.sample(MONTHS, 3)) == []
        for month in drawn.sample(MONTHS, 2):
            day = period_end(month)
            assert owners(found, month) == [facts.owner(key, day) for key in KEYS]
        assert difference(log, register_of(files(facts), CITY)) == []
        facts = later(drawn, facts)


@settings(max_examples=150, deadline=None)
@given(SEEDS)
def test_as_of_every_record_of_a_log_the_register_is_what_the_rows_so_far_leave(seed: int) -> None:
    drawn = random.Random(seed)
    log = [RegisterRow("put_unit", KIND, code, code) for code in drawn.sample(CODES, 5)]
    found, position = Register(unit_id), 0
    log += rows(drawn, 40)
    while position < len(log):
        record = log[position : position + drawn.choice([1, 3, 8])]
        apply(found, record)
        position += len(record)
        months = drawn.sample(MONTHS, 2)
        assert differences(found, replayed(log[:position]), months) == []
    earlier = drawn.randrange(len(log))
    again = Register(unit_id)
    apply(again, log[:earlier])
    assert differences(again, replayed(log[:earlier]), MONTHS) == []
