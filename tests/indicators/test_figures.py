"""The domain's worked examples: growth of three kinds, ratios of sums, shares and contributions."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.amounts import largest
from indicators.catalogue import Catalogue
from indicators.figure_block import FigureBlock
from indicators.figures import Figures
from indicators.membership import Membership, subject_sums
from indicators.register import Register
from tests.indicators.cities import GivenCells, NoCalendar, catalogue, register, unit

BEFORE, NOW = 202503, 202603


def growth_city() -> tuple[Register, GivenCells]:
    """A 100→110; B 100→0 stopped, still listed; C 50→left; D new 0→40; E newly listed 18→24."""
    units = register(
        unit("A", "X"),
        unit("B", "Y"),
        unit("C", "X", listed_to="2026-03-01"),
        unit("D", "Y", listed_from="2026-03-01"),
        unit("E", "X", listed_from="2026-03-01"),
    )
    cells = GivenCells(
        {
            BEFORE: {"t": [100, 100, 50, None, None]},
            NOW: {"t": [110, 0, None, 40, 24], "tp": [None, None, None, 0, 18]},
        },
        5,
    )
    return units, cells


def block(
    given: Catalogue,
    units: Register,
    cells: GivenCells,
    measure: str,
    level: str = "city",
    indicator: str = "output",
) -> FigureBlock:
    figures = Figures(given, units, cells, NoCalendar())
    blocks = figures.of(given.indicator[indicator], NOW, measure, None)
    return next(found for found in blocks if found.level == level)


def in_units(raw: object) -> Fraction:
    return Fraction(int(str(raw)), 10**10)


@pytest.mark.parametrize(
    ("measure", "now", "before", "percent"),
    [("yoy_nominal", 174, 250, "-30.4"), ("yoy_same", 174, 218, "-20.2"),
     ("yoy_matched", 110, 200, "-45.0")],
)  # fmt: skip
def test_the_three_kinds_of_growth_are_those_of_the_domain(
    measure: str, now: int, before: int, percent: str
) -> None:
    found = block(catalogue(), *growth_city(), measure)
    assert (in_units(found.numerator[0]), in_units(found.denominator[0])) == (now, before)
    assert f"{found.value[0] * 100:.1f}" == percent


def test_exits_kept_in_the_base_add_what_left_the_list() -> None:
    given = catalogue()
    kept = given.indicators[0].model_copy(update={"exits": "keep_base"})
    given = catalogue(indicators=[kept.model_dump()])
    assert in_units(block(given, *growth_city(), "yoy_same").denominator[0]) == 268


def test_contributions_of_the_districts_add_up_to_the_growth_of_the_city() -> None:
    parts = block(catalogue(), *growth_city(), "contribution", "district")
    whole = block(catalogue(), *growth_city(), "yoy_same")
    assert sum(int(n) for n in parts.numerator) == int(whole.numerator[0] - whole.denominator[0])
    assert set(parts.denominator.tolist()) == {int(whole.denominator[0])}


def test_a_unit_without_base_is_named() -> None:
    found = block(catalogue(), *growth_city(), "yoy_matched")
    assert found.reason == ["units_without_base=2:D,E"]


def test_a_ratio_is_a_ratio_of_sums_over_the_units_that_report_both() -> None:
    # X tax 10, land 2 mu; Y tax 30, land missing: 5, not 20.
    units = register(unit("A", "X"), unit("B", "X"))
    cells = GivenCells({NOW: {"tax": [10, 30], "land": [Fraction(4000, 3), None]}}, 2)
    land = GivenCells({NOW: {"tax": [10, 30], "land": [2000, None]}}, 2)
    assert cells.periods("T") == {NOW}
    found = block(catalogue(), units, land, "current", indicator="tax_per_mu")
    assert found.value[0] == pytest.approx(10 / 3, rel=1e-15)  # 2,000 m² are exactly 3 mu
    assert (found.units[0], found.expected[0]) == (1, 2)
    assert in_units(found.denominator[0]) == 3


def test_a_citys_ratio_is_neither_sum_nor_mean_of_its_districts() -> None:
    units = register(unit("A", "X"), unit("B", "Y"))
    cells = GivenCells({NOW: {"tax": [573_564, 0], "land": [30_341 * 2000 / 3, 0]}}, 2)
    found = block(catalogue(), units, cells, "current", indicator="tax_per_mu")
    assert f"{found.value[0]:.2f}" == "18.90"


def test_a_reported_zero_denominator_gives_no_value_and_a_reason() -> None:
    units = register(unit("A", "X"))
    cells = GivenCells({NOW: {"tax": [5], "land": [0]}}, 1)
    found = block(catalogue(), units, cells, "current", indicator="tax_per_mu")
    assert np.isnan(found.value[0])
    assert found.reason == ["zero_denominator;zero_denominators=1:A"]


@pytest.mark.parametrize(
    ("now", "before", "word"),
    [(5, -3, "扭亏"), (-1, -3, "减亏"), (-5, -3, "增亏"), (5, 0, "no_base")],
)
def test_a_base_that_is_not_positive_gives_a_word_instead_of_a_rate(
    now: int, before: int, word: str
) -> None:
    cells = GivenCells({BEFORE: {"t": [before]}, NOW: {"t": [now]}}, 1)
    found = block(catalogue(), register(unit("A", "X")), cells, "yoy_same")
    assert np.isnan(found.value[0])
    assert word in found.reason[0]


def test_a_year_to_date_needs_every_month_in_which_the_unit_was_listed() -> None:
    units = register(unit("A", "X"), unit("B", "X"), unit("C", "X", listed_from="2026-03-01"))
    cells = GivenCells(
        {202601: {"t": [1, 1, None]}, 202602: {"t": [2, None, None]}, NOW: {"t": [4, 4, 4]}}, 3
    )
    found = block(catalogue(), units, cells, "ytd")
    assert in_units(found.numerator[0]) == 7 + 4  # A whole; B lacks February; C is new
    assert found.reason == ["short_window=1"]


def test_an_empty_subject_is_zero_units_and_never_left_out() -> None:
    cells = GivenCells({NOW: {"t": [1]}}, 1)
    found = block(catalogue(), register(unit("A", "X")), cells, "current", "district")
    assert list(found.subjects) == ["X", "Y"]
    assert (found.units.tolist(), found.reason[1]) == ([1, 0], "no_units")


@given(
    st.lists(
        st.tuples(st.integers(-(10**14), 10**14), st.booleans(), st.integers(0, 2)), max_size=60
    )
)
def test_subject_sums_equal_a_plain_loop_however_large(
    rows: list[tuple[int, bool, int]],
) -> None:
    order = sorted(range(len(rows)), key=lambda at: rows[at][2])
    counts = [sum(row[2] == subject for row in rows) for subject in range(3)]
    members = Membership(
        np.array(order, np.intp), np.concatenate([[0], np.cumsum(counts)]).astype(np.intp)
    )
    values = np.array([row[0] * 9_000 for row in rows], np.int64)
    flags = np.array([row[1] for row in rows], bool)
    chosen = np.where(flags, values, 0)
    found = subject_sums(chosen, largest(chosen), members)
    plain = [sum(r[0] * 9_000 for r in rows if r[1] and r[2] == s) for s in range(3)]
    assert [int(total) for total in found] == plain
