"""Yellow and red lines (黄线, 红线) of constraint indicators: where a figure stands.

Pure. 触红即警示: a figure that touches a line is past it. A level once reached is left only when
the figure is better than its line by more than the hysteresis, so that a figure swinging about a
line is one episode. A provisional figure moves nothing, and neither does a figure without a value:
silence neither opens nor closes an episode.
"""

import math
from enum import IntEnum
from typing import Literal

from indicators.catalogue import Lines
from indicators.errors import GranaryError

Direction = Literal["higher", "lower", "none"]


class LineLevel(IntEnum):
    """How far past its lines a figure is; the order is the order of gravity."""

    CLEAR = 0
    YELLOW = 1  # 预警
    RED = 2  # 红线


class LinesOrderError(GranaryError):
    """Lines that no figure can pass in the right order, or an indicator with no better side."""

    code = "lines_order"
    next_step = "Give the indicator a direction; red lies beyond yellow on its worse side."


def line_level(
    value: float | None,
    lines: Lines,
    direction: Direction,
    *,
    provisional: bool,
    before: LineLevel = LineLevel.CLEAR,
) -> LineLevel:
    """Level of a figure, given the level `before` of the same subject's episode.

    `value` None or NaN, or a provisional figure, leaves `before` as it was.

    Raises:
        LinesOrderError: the direction is `none`, or red is on the better side of yellow.
    """
    worse = _sign(direction)
    if (lines.red - lines.yellow) * worse < 0:
        raise LinesOrderError("The red line lies on the better side of the yellow one.")
    if provisional or value is None or math.isnan(value):
        return before
    level = LineLevel.CLEAR
    for line, reached in ((lines.yellow, LineLevel.YELLOW), (lines.red, LineLevel.RED)):
        slack = lines.hysteresis if before >= reached else 0.0
        if (value - (line - slack * worse)) * worse >= 0:
            level = reached
    return level


def gap_to(value: float, line: float, direction: Direction) -> float:
    """By how much the figure is worse than the line (negative: better), in the figure's unit.

    Raises:
        LinesOrderError: the direction is `none`.
    """
    return (value - line) * _sign(direction)


def _sign(direction: Direction) -> int:
    """+1 where larger figures are worse, -1 where smaller ones are."""
    if direction == "none":
        raise LinesOrderError("An indicator with lines has a better and a worse side.")
    return 1 if direction == "lower" else -1
