"""The vectorised judge gives what slow fractions give, for whatever expression and data."""

from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from indicators.arrays import Flags
from indicators.checks.evaluation import FALSE, NULL, TRUE, Judged, judged
from indicators.checks.language import compiled
from indicators.checks.tree import Outside, Read, Text
from tests.indicators.cities import catalogue

CATALOGUE = catalogue()
ITEMS = ("t", "tp", "tax", "land")
Row = dict[str, int | None]


class Given:
    """Operands from one row of values in 10^-4 per unit; another period is the next unit's row."""

    def __init__(self, rows: list[Row]) -> None:
        self.rows = rows

    def read(self, read: Read) -> tuple[NDArray[Any], Flags]:
        found = [row_of(self.rows, at, read) for at in range(len(self.rows))]
        has = np.array([one is not None for one in found], bool)
        return np.array([one or 0 for one in found], np.int64), has

    def outside(self, node: Outside) -> tuple[NDArray[Any], Flags]:
        raise AssertionError(node)

    def texts(self, node: Text) -> list[str]:
        raise AssertionError(node)


def row_of(rows: list[Row], at: int, read: Read) -> int | None:
    return rows[(at + read.earlier + 2 * read.years) % len(rows)][read.item]


Slow = Any  # Fraction | None of a number, bool | None of a condition


def slow_number(text: Any, rows: list[Row], at: int) -> Slow:
    """The number a nested tuple writes, by Python's fractions."""
    kind, *parts = text
    if kind == "constant":
        return Fraction(parts[0])
    if kind == "item":
        name, earlier, years = parts
        found = rows[(at + earlier + 2 * years) % len(rows)][name]
        return None if found is None else Fraction(found, 10**4)
    values = [slow_number(part, rows, at) for part in parts]
    if any(value is None for value in values):
        return None
    match kind:
        case "+":
            return values[0] + values[1]
        case "-":
            return values[0] - values[1]
        case "*":
            return values[0] * values[1]
        case "/":
            return values[0] / values[1] if values[1] else None
        case "negative":
            return -values[0]
        case "abs":
            return abs(values[0])
        case "min":
            return min(values)
        case _:
            return max(values)


def slow_condition(text: Any, rows: list[Row], at: int) -> bool | None:
    kind, *parts = text
    if kind == "reported":
        return slow_number(parts[0], rows, at) is not None
    if kind == "not":
        found = slow_condition(parts[0], rows, at)
        return None if found is None else not found
    if kind in ("and", "or"):
        found_all = [slow_condition(part, rows, at) for part in parts]
        deciding = kind == "or"
        if deciding in found_all:
            return deciding
        return None if None in found_all else not deciding
    if kind == "within":
        ratio = slow_number(("/", parts[0], parts[1]), rows, at)
        return None if ratio is None else Fraction(parts[2]) <= ratio <= Fraction(parts[3])
    left, right = (slow_number(part, rows, at) for part in parts)
    if left is None or right is None:
        return None
    return {
        "<": left < right,
        "<=": left <= right,
        ">": left > right,
        ">=": left >= right,
        "==": left == right,
        "!=": left != right,
    }[kind]


def written(text: Any) -> str:
    kind, *parts = text
    if kind == "constant":
        return str(parts[0])
    if kind == "item":
        name, earlier, years = parts
        return "previous(" * earlier + "year_ago(" * years + name + ")" * (earlier + years)
    if kind == "within":
        return f"within({written(parts[0])}, {written(parts[1])}, {parts[2]}, {parts[3]})"
    if kind in ("abs", "min", "max", "reported"):
        return f"{kind}({', '.join(map(written, parts))})"
    if kind == "negative":
        return f"(-{written(parts[0])})"
    if kind == "not":
        return f"(not {written(parts[0])})"
    return f"({f' {kind} '.join(map(written, parts))})"


CONSTANTS = st.sampled_from(["0", "1", "0.05", "1.5", "10000", "123456789012345.0123456789"])
ITEM = st.tuples(st.just("item"), st.sampled_from(ITEMS), st.integers(0, 1), st.integers(0, 1))
NUMBER = st.recursive(
    ITEM | st.tuples(st.just("constant"), CONSTANTS),
    lambda inner: (
        st.tuples(st.sampled_from(["+", "-", "*", "/", "min", "max"]), inner, inner)
        | st.tuples(st.sampled_from(["negative", "abs"]), inner)
    ),
    max_leaves=6,
)
COMPARISON = st.tuples(st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), NUMBER, NUMBER)
WITHIN = st.tuples(
    st.just("within"), NUMBER, NUMBER, st.sampled_from(["0", "0.5"]), st.sampled_from(["1", "350"])
)
CONDITION = st.recursive(
    COMPARISON | WITHIN | st.tuples(st.just("reported"), ITEM),
    lambda inner: (
        st.tuples(st.sampled_from(["and", "or"]), inner, inner) | st.tuples(st.just("not"), inner)
    ),
    max_leaves=4,
)
VALUE = st.none() | st.sampled_from([0, 1, -1, 10**4]) | st.integers(-(10**14), 10**14)
ROWS = st.lists(st.fixed_dictionaries(dict.fromkeys(ITEMS, VALUE)), min_size=1, max_size=5)


@settings(max_examples=400, deadline=None)
@given(text=CONDITION, rows=ROWS)
def test_every_condition_over_every_data_is_what_fractions_say(text: Any, rows: list[Row]) -> None:
    condition = compiled(written(text), CATALOGUE, CATALOGUE.table["T"])
    found = judged(condition, Given(rows), len(rows))
    named = {True: TRUE, False: FALSE, None: NULL}
    expected = [named[slow_condition(text, rows, at)] for at in range(len(rows))]
    assert found.truth.tolist() == expected
    assert len(found.left.floats(len(rows))) == len(rows)


def of(text: str, *rows: Row) -> Judged:
    condition = compiled(text, CATALOGUE, CATALOGUE.table["T"])
    full = [dict.fromkeys(ITEMS) | row for row in rows]
    return judged(condition, Given(full), len(full))


def test_values_at_the_limit_of_64_bits_are_multiplied_without_wrapping() -> None:
    found = of("t * t * t > 0", {"t": 10**14})
    assert found.truth.tolist() == [TRUE]


def test_a_missing_operand_makes_the_result_null_and_both_sides_are_told() -> None:
    found = of("tax <= t", {"tax": 60_000, "t": 50_000}, {"tax": 1})
    assert found.truth.tolist() == [FALSE, NULL]
    assert (found.left.at(0), found.right.at(0)) == (Fraction(6), Fraction(5))
    assert found.right.at(1) is None


def test_the_sides_are_those_of_the_part_that_is_false() -> None:
    found = of("t >= 1 and tax <= t", {"tax": 60_000, "t": 50_000}, {"tax": 0, "t": 5_000})
    assert [found.left.at(0), found.right.at(0)] == [6, 5]
    assert [found.left.at(1), found.right.at(1)] == [Fraction(1, 2), 1]


def test_a_chain_tells_the_pair_that_is_false() -> None:
    found = of("0.01 <= tax / t <= 0.3", {"tax": 40_000, "t": 80_000})
    assert found.truth.tolist() == [FALSE]
    assert (found.left.at(0), found.right.at(0)) == (Fraction(1, 2), Fraction(3, 10))


def test_no_units_are_judged_without_fault() -> None:
    condition = compiled("t / tp <= 1 or t > 0.3", CATALOGUE, CATALOGUE.table["T"])

    class Nobody:
        def read(self, _: Read) -> tuple[NDArray[Any], Flags]:
            return np.zeros(0, np.int64), np.zeros(0, bool)

        def outside(self, _: Outside) -> tuple[NDArray[Any], Flags]:
            return np.zeros(0, np.int64), np.zeros(0, bool)

        def texts(self, _: Text) -> list[str]:
            return []

    assert len(judged(condition, Nobody(), 0).truth) == 0
