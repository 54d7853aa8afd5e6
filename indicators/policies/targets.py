"""Targets (差异化目标): where a body stands against its target, and what it still needs.

Time progress (时序进度) is of the data period: January to April is a third of a year; `seasonal` is
last year's share by the same period. Gaps are in percentage points, positive ahead. Source: domain
rules on targets, with their worked figures.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from indicators.periods import year_length
from indicators.policies.models import Target

#: The figure of a period by the target's measure; None where it has no value.
Figure = Callable[[int], float | None]


class State(StrEnum):
    """How a body stands. The values are stored."""

    ON_TRACK = "on_track"
    BEHIND = "behind"  # 滞后
    FAR_BEHIND = "far_behind"  # 严重滞后
    UNKNOWN = "unknown"  # no figure yet


@dataclass(frozen=True, slots=True)
class TargetStanding:
    """A target at one period; None where a number does not apply or cannot be known.

    attainment, time_progress, growth_needed: fractions. gap: percentage points, positive ahead.
    remaining, per_period: in the indicator's unit; per_period is of the periods left in the term.
    """

    state: State
    actual: float | None
    attainment: float | None = None
    time_progress: float | None = None
    gap: float | None = None
    remaining: float | None = None
    per_period: float | None = None
    growth_needed: float | None = None


def elapsed(period: int) -> float:
    """The share of its year that has passed at the end of the period: 2026-M04 → 1/3."""
    part = period % 100
    return (part - 20 if part > 20 else part or 1) / year_length(period)


def periods_read(target: Target, period: int) -> set[int]:
    """Periods whose figures the standing at this period reads."""
    last = _year_end(period)
    read = {period, period - 100, last - 100}
    if target.kind == "five_year" and target.since is not None:
        year = period // 100
        read |= {last - 100 * (year - one) for one in range(target.since + 1, year)}
    return read


def target_standing(
    target: Target, period: int, figure: Figure, *, lower_is_better: bool
) -> TargetStanding:
    """Where the target stands at the period; `figure` answers for `periods_read`."""
    actual = figure(period)
    if actual is None:
        return TargetStanding(State.UNKNOWN, None)
    aim = float(target.value)
    if target.kind in ("growth", "reduction"):
        lower = lower_is_better or target.kind == "reduction"
        gap = (aim - actual if lower else actual - aim) * 100
        return TargetStanding(_state(gap, target), actual, gap=gap, remaining=aim - actual)
    if target.kind == "level":
        gap = (actual / aim - 1) * 100 * (-1 if lower_is_better else 1)
        return TargetStanding(
            _state(gap, target), actual, actual / aim, gap=gap, remaining=aim - actual
        )
    return _cumulated(target, period, actual, figure)


def _cumulated(target: Target, period: int, actual: float, figure: Figure) -> TargetStanding:
    """An amount, a ceiling (用量) or a five-year target, held against the time that has passed."""
    aim, last = float(target.value), figure(_year_end(period) - 100)
    before = figure(period - 100)
    progress: float | None = elapsed(period)
    if target.progress == "seasonal":
        progress = before / last if before is not None and last else None
    left = round((1 - elapsed(period)) * year_length(period))
    if target.kind == "five_year" and target.since is not None and target.ends is not None:
        year, years = period // 100, target.ends - target.since
        for one in range(target.since + 1, year):
            closed = figure(_year_end(period) - 100 * (year - one))
            if closed is None:
                return TargetStanding(State.UNKNOWN, actual)
            actual += closed
        if progress is not None:
            progress = (year - target.since - 1 + progress) / years
        left += (target.ends - year) * year_length(period)
    attainment = actual / aim
    remaining = aim - actual
    gap = None if progress is None else (attainment - progress) * 100
    if gap is not None and target.kind == "ceiling":
        gap = -gap
    needed = None
    if target.kind == "amount" and before is not None and last is not None and last > before:
        needed = remaining / (last - before) - 1
    return TargetStanding(
        State.UNKNOWN if gap is None else _state(gap, target),
        actual,
        attainment,
        progress,
        gap,
        remaining,
        remaining / left if left else None,
        needed,
    )


def _state(gap: float, target: Target) -> State:
    """Beyond the tolerance 滞后, beyond twice of it 严重滞后; on it is not beyond."""
    tolerance = float(target.tolerance)
    if gap < -2 * tolerance and not math.isclose(gap, -2 * tolerance):
        return State.FAR_BEHIND
    if gap < -tolerance and not math.isclose(gap, -tolerance):
        return State.BEHIND
    return State.ON_TRACK


def _year_end(period: int) -> int:
    """The last period of the year, of the period's own frequency."""
    year, length = period // 100, year_length(period)
    return {12: year * 100 + 12, 4: year * 100 + 24, 1: year * 100}[length]
