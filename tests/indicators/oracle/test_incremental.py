"""What is computed again after a change, with what stood before, is everything computed anew."""

import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.arrays import Flags
from indicators.effects import touched_figures
from indicators.figure_block import FigureBlock
from tests.indicators.oracle.city import Revision
from tests.indicators.oracle.random_cities import (
    Logs,
    figure_periods,
    random_city,
    random_revisions,
)
from tests.indicators.oracle.rich_catalogue import TABLES, rich
from tests.indicators.oracle.sides import Formula

Told = dict[tuple[Any, ...], tuple[Any, ...]]


def told(blocks: Iterator[FigureBlock]) -> Told:
    """Figures that are emitted, as they would be stored."""
    return {
        (block.period, block.measure, block.level, subject, block.by_level, by): (
            int(block.numerator[at]), int(block.denominator[at]), repr(block.value[at]),
            int(block.units[at]), int(block.expected[at]), block.reason[at],
            bool(block.provisional[at]),
        )
        for block in blocks
        for at, (subject, by) in enumerate(zip(block.subjects, block.by_subjects, strict=True))
        if block.emit[at]
    }  # fmt: skip


def touched_by(logs: Logs, changes: list[Revision]) -> dict[str, dict[int, Flags]]:
    """table → period → (units,) flags."""
    codes = list(logs.oracle().active)
    found: dict[str, dict[int, Flags]] = {}
    for row in changes:
        flags = found.setdefault(row.table, {}).setdefault(row.period, np.zeros(len(codes), bool))
        flags[codes.index(row.unit)] = True
    return found


@pytest.mark.parametrize("code", [indicator.code for indicator in rich().indicators])
@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 10**9), units=st.integers(2, 8), count=st.integers(1, 3))
def test_touched_figures_and_those_before_are_all_figures(
    code: str, seed: int, units: int, count: int
) -> None:
    logs = random_city(seed, units)
    drawn = random.Random(seed)
    indicator = logs.catalogue.indicator[code]
    measures = sorted({"mom", *drawn.sample(indicator.measures, 4)} & {*indicator.measures})
    periods = figure_periods(logs, indicator)
    items = {*Formula(logs.oracle(), indicator, "").items(), "curm", "tp", "cump", "stkp"}
    tables = [code for code, (_, _, asked) in TABLES.items() if items & {*asked}]
    changes = random_revisions(drawn, logs, count, tables)

    before = logs.core()
    standing = {m: told(b for p in periods for b in before.of(indicator, p, m, None))
                for m in measures}  # fmt: skip
    touched = touched_by(logs, changes)
    logs.observations += changes
    after = logs.core()
    for measure in measures:
        named = touched_figures(logs.catalogue, indicator, measure, touched, set(periods))
        again = told(
            b for p, flags in named.items() for b in after.of(indicator, p, measure, flags)
        )
        whole = told(b for p in periods for b in after.of(indicator, p, measure, None))
        assert standing[measure] | again == whole
