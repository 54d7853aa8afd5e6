"""When a figure is past a line, when it is not any more, and when nobody may say so."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.catalogue import Lines
from indicators.lines import Direction, LineLevel, LinesOrderError, gap_to, line_level
from indicators.modelling import Name

CONSEQUENCE = Name(zh="约谈", en="summons")


def lines(yellow: float, red: float, hysteresis: float = 0.0) -> Lines:
    return Lines(
        yellow=yellow, red=red, hysteresis=hysteresis, consequence=CONSEQUENCE, source="example"
    )


FLOOR = lines(1.2, 1.0)  # higher is better
CEILING = lines(80, 100)  # lower is better
VALUES = st.floats(-1e6, 1e6)


@pytest.mark.parametrize(
    ("value", "level"),
    [(1.21, LineLevel.CLEAR), (1.2, LineLevel.YELLOW), (1.01, LineLevel.YELLOW),
     (1.0, LineLevel.RED), (-5.0, LineLevel.RED)],
)  # fmt: skip
def test_touching_a_line_is_being_past_it_where_higher_is_better(
    value: float, level: LineLevel
) -> None:
    assert line_level(value, FLOOR, "higher", provisional=False) is level


@pytest.mark.parametrize(
    ("value", "level"),
    [(79.9, LineLevel.CLEAR), (80.0, LineLevel.YELLOW), (100.0, LineLevel.RED)],
)
def test_touching_a_line_is_being_past_it_where_lower_is_better(
    value: float, level: LineLevel
) -> None:
    assert line_level(value, CEILING, "lower", provisional=False) is level


def test_a_level_is_left_only_beyond_its_line_by_more_than_the_hysteresis() -> None:
    held = lines(1.25, 1.0, hysteresis=0.25)
    red = LineLevel.RED
    assert line_level(1.25, held, "higher", provisional=False, before=red) is red
    assert line_level(1.26, held, "higher", provisional=False, before=red) is LineLevel.YELLOW
    assert line_level(1.51, held, "higher", provisional=False, before=red) is LineLevel.CLEAR
    assert line_level(1.26, held, "higher", provisional=False) is LineLevel.CLEAR


def test_lines_in_the_wrong_order_or_without_a_better_side_are_refused() -> None:
    for lawless, direction in ((FLOOR, "lower"), (CEILING, "higher"), (FLOOR, "none")):
        with pytest.raises(LinesOrderError):
            line_level(1.0, lawless, direction, provisional=False)  # type: ignore[arg-type]


def test_a_gap_is_positive_on_the_worse_side_of_the_line() -> None:
    assert gap_to(0.75, 1.0, "higher") == 0.25
    assert gap_to(110, 100, "lower") == 10


@given(VALUES, st.sampled_from(LineLevel))
def test_a_provisional_figure_moves_nothing(value: float, before: LineLevel) -> None:
    assert line_level(value, FLOOR, "higher", provisional=True, before=before) is before


@given(st.sampled_from([None, math.nan]), st.sampled_from(LineLevel))
def test_silence_neither_opens_nor_closes(value: float | None, before: LineLevel) -> None:
    assert line_level(value, FLOOR, "higher", provisional=False, before=before) is before


@given(
    VALUES,
    VALUES,
    st.floats(0, 1e5),
    st.floats(0, 1e5),
    st.sampled_from(["higher", "lower"]),
    st.sampled_from(LineLevel),
)
def test_a_worse_figure_never_has_a_better_level_and_history_never_lowers_one(
    value: float,
    yellow: float,
    apart: float,
    hysteresis: float,
    direction: Direction,
    before: LineLevel,
) -> None:
    worse = 1 if direction == "lower" else -1
    rule = lines(yellow, yellow + worse * apart, hysteresis)
    level = line_level(value, rule, direction, provisional=False, before=before)
    assert line_level(value + worse, rule, direction, provisional=False, before=before) >= level
    assert level >= line_level(value, rule, direction, provisional=False)


@given(st.lists(VALUES, min_size=1, max_size=30))
def test_a_figure_swinging_within_the_hysteresis_is_one_episode(values: list[float]) -> None:
    rule = lines(10.0, 0.0, hysteresis=5.0)
    level = LineLevel.RED
    openings = 0
    for value in values:
        swing = value % 5.0  # between the red line and 5 above it
        after = line_level(swing, rule, "higher", provisional=False, before=level)
        openings += after > level
        level = after
    assert (level, openings) == (LineLevel.RED, 0)
