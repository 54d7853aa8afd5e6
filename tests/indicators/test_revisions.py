"""What a figure's change between two moments is made of."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.revisions import BEFORE, Steps, explained, moves, revision_statistics

UNITS, ITEMS = 4, ("a", "b")
SIDES = ({"a": Fraction(1), "b": Fraction(-2)}, {"b": Fraction(3, 2000)})
Told = tuple[int, int, int, int | None]  # submission, unit, item, value; None: not reported

_VALUES = st.none() | st.integers(-(10**14), 10**14)
_CHANGES = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, UNITS - 1), st.integers(0, 1), _VALUES),
    max_size=20,
)
_OPENING = st.dictionaries(
    st.tuples(st.integers(0, UNITS - 1), st.integers(0, 1)), _VALUES, max_size=8
)
_FLAGS = st.lists(st.booleans(), min_size=UNITS, max_size=UNITS)


def steps(told: Sequence[Told], order: Sequence[int]) -> Steps:
    submission, unit, item, value = ([row[at] for row in told] for at in range(4))
    return Steps(
        np.array(unit, np.int64),
        np.array(item, np.int64),
        np.array(order, np.int64),
        np.array(submission, np.int64),
        np.array([one or 0 for one in value], np.int64),
        np.array([one is not None for one in value], bool),
    )


def side(cells: dict[tuple[int, int], int | None], held: Sequence[bool], number: int) -> int:
    """The side's sum in 10^-10, by fractions."""
    total = Fraction(0)
    for unit in range(UNITS):
        values = [cells.get((unit, item)) for item in range(len(ITEMS))]
        if held[unit] and None not in values:
            total += sum(
                SIDES[number].get(c, 0) * (v or 0) for c, v in zip(ITEMS, values, strict=True)
            )
    return int(total * 10**6)


@given(_OPENING, _CHANGES, _FLAGS, _FLAGS, st.integers(0, 1))
def test_returns_and_register_explain_the_difference_exactly(
    opening: dict[tuple[int, int], int | None],
    changes: list[Told],
    then: list[bool],
    now: list[bool],
    number: int,
) -> None:
    told: list[Told] = [(BEFORE, unit, item, value) for (unit, item), value in opening.items()]
    order = [0] * len(told) + list(range(1, len(changes) + 1))
    moved = moves(steps([*told, *changes], order), ITEMS, SIDES)
    cells, by_hand = dict(opening), {}
    for submission, unit, item, value in changes:
        was = side(cells, now, number)
        cells[unit, item] = value
        by_hand[submission] = by_hand.get(submission, 0) + side(cells, now, number) - was
    difference = side(cells, now, number) - side(opening, then, number)
    found = explained(moved, number, np.array(then), np.array(now), difference)
    assert found.rest == 0
    assert {k: v for k, v in found.by_submission.items() if v} == {
        k: v for k, v in by_hand.items() if v
    }
    assert found.register == side(opening, now, number) - side(opening, then, number)


def test_two_cells_of_one_return_complete_a_unit_in_one_move() -> None:
    told: list[Told] = [(7, 0, 0, 10), (7, 0, 1, 1)]
    moved = moves(steps(told, [1, 1]), ITEMS, SIDES)
    assert (moved.unit.tolist(), moved.change[0].tolist()) == ([0], [8 * 10**6])


def test_what_nothing_explains_is_the_rest() -> None:
    everybody = np.ones(1, bool)
    moved = moves(steps([(BEFORE, 0, 0, 5), (1, 0, 0, 8)], [0, 1]), ("a",), ({"a": Fraction(1)},))
    found = explained(moved, 0, everybody, everybody, 4 * 10**6)
    assert (found.by_submission, found.register, found.rest) == ({1: 3 * 10**6}, 0, 10**6)


def test_revision_statistics_leave_out_what_was_not_known_at_both_moments() -> None:
    found = revision_statistics(np.array([100.0, 50.0, np.nan]), np.array([110.0, 45.0, 7.0]))
    assert found is not None
    assert (found.figures, found.mean, found.mean_absolute) == (2, 2.5, 7.5)
    assert found.relative_mean_absolute == pytest.approx(15 / 155, rel=1e-15)
    assert revision_statistics(np.array([np.nan]), np.array([1.0])) is None
