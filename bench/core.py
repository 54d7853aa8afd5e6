"""`granary bench core`: the statistical core over a whole city in memory, beside Polars.

In one process, on the same arrays, one after the other:
1. the full roll-up: every measure of every indicator at every level, for every month;
2. the last months once more, each by the core and then by Polars, held equal figure by figure;
3. drains: observations that arrive together, and the figures that they can alter.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from bench.core_catalogue import TABLE
from bench.core_city import CoreCity, Drain, NoDue, core_city
from bench.core_equal import differences, kept
from bench.core_polars import PolarsCore
from bench.measure import Clock, Run, resident_bytes, total
from indicators.effects import items_behind, touched_figures
from indicators.errors import GranaryError
from indicators.figure_block import FigureBlock
from indicators.figures import Figures

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Config:
    """What is run. Defaults are 100,000 units, 40 items and 36 months: 144 million cells.

    beside: how many of the last months Polars is given. drain: observations of a drain.
    """

    units: int = 100_000
    items: int = 40
    months: int = 36
    beside: int = 6
    drain: int = 100_000
    seed: int = 1


QUICK = Config(units=400, items=10, months=27, beside=2, drain=500)


class UnequalError(GranaryError):
    """The two engines did not make the same figures: their times compare nothing."""

    code = "bench_unequal"
    next_step = "Find which engine breaks a rule of docs/statistics.md; then measure."


def run(config: Config, say: Say) -> dict[str, Any]:
    """The whole bench; returns what `granary bench core --json` prints.

    Raises:
        UnequalError: the core and Polars differ in a figure.
    """
    say(f"a city of {config.units:,} units, {config.items} items, {config.months} months")
    empty = resident_bytes(os.getpid())
    city = core_city(config.units, config.items, config.months, config.seed)
    cells = city.cells.value.size
    held = resident_bytes(os.getpid()) - empty
    facts: dict[str, Any] = {
        "cells": cells,
        "indicators": len(city.catalogue.indicators),
        "bytes_per_cell_of_arrays": round(
            (city.cells.value.nbytes + city.cells.has.nbytes) / cells, 2
        ),
        "bytes_per_cell": round(held / cells, 2),
        "cpus": len(os.sched_getaffinity(0)),
    }
    full = _full(city, say)
    ours, theirs = _beside(city, city.months[-config.beside :], say)
    drains = [_drained(city, drain, name, say) for name, drain in _drains(city, config)]
    facts |= {
        "bytes_per_cell_at_peak": round((full.rss - empty) / cells, 2),
        "seconds_a_month": round(full.seconds / config.months, 3),
        "equal": True,
    }
    return {
        "config": {**asdict(config), **facts},
        "runs": [each.as_json() for each in (full, ours, theirs, *drains)],
        "ratios": {
            "to_polars": round(theirs.seconds / ours.seconds, 2),
            "to_polars_cpu": round(theirs.cpu_s / ours.cpu_s, 2),
        },
    }


def _full(city: CoreCity, say: Say) -> Run:
    """Every figure of every month; a month's windows are forgotten after it."""
    months = []
    for number, period in enumerate(city.months, 1):
        clock = Clock()
        made = sum(len(block.units) for block in _month(city, period))
        months.append(clock.run(str(period), made))
        taken = months[-1].seconds
        say(f"granary: month {number} of {len(city.months)}, {made:,} figures in {taken:.2f} s")
    return total("granary", months)


def _month(city: CoreCity, period: int) -> Iterator[FigureBlock]:
    figures = Figures(city.catalogue, city.register, city.cells, NoDue())
    for indicator in city.catalogue.indicators:
        for measure in indicator.measures:
            yield from figures.of(indicator, period, measure, None)


def _beside(city: CoreCity, periods: list[int], say: Say) -> tuple[Run, Run]:
    """A month by the core, the same by Polars, the next month: what else runs slows both alike.

    Making the frames of Polars and comparing are outside the clocks.
    """
    engine = PolarsCore(city)
    ours, theirs = [], []
    for period in periods:
        engine.load(period)
        clock, made = Clock(), {}
        for block in _month(city, period):
            key, figures = kept(block)
            made[key] = figures
        rows = sum(len(each.units) for each in made.values())
        ours.append(clock.run(str(period), rows))
        clock = Clock()
        frames = list(engine.month(period))
        theirs.append(clock.run(str(period), rows))
        say(
            f"beside: {period}, {rows:,} figures, granary {ours[-1].seconds:.2f} s,"
            f" polars {theirs[-1].seconds:.2f} s"
        )
        for difference in differences(made, frames):
            raise UnequalError(f"{period} {difference}")
    return total("granary, beside Polars", ours), total("Polars", theirs)


def _drains(city: CoreCity, config: Config) -> list[tuple[str, Drain]]:
    """The same number of observations, of many items or one, of the last month or a year ago."""
    few = max(1, config.items // 10)
    shapes = [
        (f"all {config.items} items", config.items, 0),
        (f"{few} of the items", few, 0),
        ("1 item", 1, 0),
        ("1 item", 1, min(12, config.months - 1)),
    ]
    drains = []
    for number, (name, items, ago) in enumerate(shapes):
        drain = city.drain(config.drain, items, ago, number)
        when = f"{ago} months ago" if ago else "last month"
        drains.append((f"drain: {name} of {len(drain.units):,} units, {when}", drain))
    return drains


def drained(city: CoreCity, drain: Drain) -> Iterator[FigureBlock]:
    """Put the drain into the cells and compute the figures that it can alter, and no others."""
    touched = city.apply(drain)
    figures = Figures(city.catalogue, city.register, city.cells, NoDue())
    periods = set(city.months)
    for indicator in city.catalogue.indicators:
        if items_behind(city.catalogue, indicator).isdisjoint(drain.items):
            continue
        for measure in indicator.measures:
            reached = touched_figures(
                city.catalogue, indicator, measure, {TABLE: {drain.period: touched}}, periods
            )
            for period, flags in sorted(reached.items()):
                yield from figures.of(indicator, period, measure, flags)


def _drained(city: CoreCity, drain: Drain, name: str, say: Say) -> Run:
    clock, blocks, made = Clock(), 0, 0
    for block in drained(city, drain):
        blocks += 1
        made += int(np.count_nonzero(block.emit))
    found = clock.run(name, len(drain), figures=made, blocks=blocks)
    say(
        f"{name}: {len(drain):,} observations, {made:,} figures in {blocks:,} blocks,"
        f" {found.seconds:.2f} s = {found.seconds / max(blocks, 1) * 1000:.2f} ms a block"
    )
    return found
