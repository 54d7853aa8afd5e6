"""What counts as reported, what counts as on time, and what enters no rate."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.completeness import NOT_YET, Completeness, completeness
from indicators.errors import ArrayMismatchError
from indicators.membership import Membership

DUE = 1_000
UNIT = st.tuples(st.booleans(), st.sampled_from([DUE - 1, DUE, DUE + 1, NOT_YET]))


def returns(*at: int, expected: bool = True, due: int | None = DUE) -> Completeness:
    """One subject, one unit for each arrival."""
    members = Membership(np.arange(len(at), dtype=np.intp), np.array([0, len(at)], np.intp))
    flags = np.full(len(at), expected)
    return completeness(members, flags, np.array(at, np.int64), due)


def test_the_due_instant_itself_is_late() -> None:
    found = returns(DUE - 1, DUE, DUE + 1, NOT_YET)
    assert (found.expected[0], found.received[0], found.on_time[0]) == (4, 3, 1)
    assert (found.late[0], found.missing[0]) == (2, 1)


def test_where_no_instant_is_set_nothing_is_late() -> None:
    found = returns(5, NOT_YET, due=None)
    assert (found.on_time[0], found.late[0], found.missing[0]) == (1, 0, 1)


def test_an_unexpected_return_enters_no_rate_but_is_counted() -> None:
    found = returns(DUE - 1, expected=False)
    assert (found.expected[0], found.received[0], found.unexpected[0]) == (0, 0, 1)


def test_arrays_of_two_lengths_are_refused() -> None:
    members = Membership(np.zeros(0, np.intp), np.array([0, 0], np.intp))
    with pytest.raises(ArrayMismatchError):
        completeness(members, np.ones(2, bool), np.zeros(1, np.int64), DUE)


@given(st.lists(UNIT, max_size=30))
def test_counts_equal_a_plain_loop(units: list[tuple[bool, int]]) -> None:
    members = Membership(np.arange(len(units), dtype=np.intp), np.array([0, len(units)], np.intp))
    flags = np.array([expected for expected, _ in units], bool)
    found = completeness(members, flags, np.array([at for _, at in units], np.int64), DUE)
    came = [(expected, at != NOT_YET, NOT_YET < at < DUE) for expected, at in units]
    assert found.expected[0] == sum(e for e, _, _ in came)
    assert found.received[0] == sum(e and c for e, c, _ in came)
    assert found.on_time[0] == sum(e and t for e, _, t in came)
    assert found.unexpected[0] == sum(c and not e for e, c, _ in came)
