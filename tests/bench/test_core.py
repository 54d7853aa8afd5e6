"""`granary bench core`: both engines make the same figures, and a drain alters those it names."""

import json
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from bench.core import Config, UnequalError, drained, run
from bench.core_catalogue import KIND, TABLE
from bench.core_city import CoreCity, NoDue, core_city
from bench.core_equal import differences, kept
from bench.core_polars import PolarsCore
from granary.cli.bench import bench
from indicators.figure_block import FigureBlock
from indicators.figures import Figures

UNITS, ITEMS, MONTHS = 120, 10, 27


@pytest.fixture(scope="module")
def city() -> CoreCity:
    return core_city(UNITS, ITEMS, MONTHS, seed=3)


def figures_of(city: CoreCity, period: int) -> list[FigureBlock]:
    figures = Figures(city.catalogue, city.register, city.cells, NoDue())
    return [
        block
        for indicator in city.catalogue.indicators
        for measure in indicator.measures
        for block in figures.of(indicator, period, measure, None)
    ]


def standing(blocks: Iterable[FigureBlock]) -> dict[tuple[object, ...], tuple[object, ...]]:
    """Subject of a block → its figure, reasons included."""
    found = {}
    for one in blocks:
        for at in np.flatnonzero(one.emit).tolist():
            key = (one.indicator.code, one.period, one.measure, one.level, one.by_level,
                   one.subjects[at], one.by_subjects[at])  # fmt: skip
            found[key] = (one.numerator[at], one.denominator[at], one.units[at],
                          one.expected[at], one.reason[at], one.provisional[at])  # fmt: skip
    return found


@pytest.mark.parametrize("month", [0, 1, 11, 12, 14, 23, 26], ids=lambda at: f"month {at + 1}")
def test_polars_makes_the_figures_of_the_core_in_every_measure_and_level(
    city: CoreCity, month: int
) -> None:
    period = city.months[month]
    engine = PolarsCore(city)
    engine.load(period)
    ours = dict(kept(block) for block in figures_of(city, period))
    assert not list(differences(ours, engine.month(period)))


def test_one_sum_that_is_off_by_the_smallest_amount_is_told(city: CoreCity) -> None:
    period = city.months[20]
    engine = PolarsCore(city)
    engine.load(period)
    ours = dict(kept(block) for block in figures_of(city, period))
    key = ("flow01", "yoy_same", "district")
    ours[key] = replace(ours[key], numerator=ours[key].numerator + 1)
    assert list(differences(ours, engine.month(period))) == [f"{key}: numerator"]


def test_the_bench_stops_where_the_engines_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.core.differences", lambda ours, theirs: iter(["a figure"]))
    with pytest.raises(UnequalError, match="a figure"):
        run(Config(units=30, items=3, months=3, beside=1, drain=10), lambda _: None)


@pytest.mark.parametrize("ago", [0, 5, 13])
def test_a_drain_gives_the_figures_of_its_subjects_and_leaves_every_other_as_it_was(
    ago: int,
) -> None:
    city = core_city(60, 3, 15, seed=4)
    before = standing(block for period in city.months for block in figures_of(city, period))
    given = standing(drained(city, city.drain(40, 2, ago, number=1)))
    after = standing(block for period in city.months for block in figures_of(city, period))
    assert given.items() <= after.items()
    assert after == {**before, **given}
    assert given.keys() < after.keys()


def test_the_same_seed_gives_the_same_city_and_another_seed_another(city: CoreCity) -> None:
    again, other = core_city(UNITS, ITEMS, MONTHS, seed=3), core_city(UNITS, ITEMS, MONTHS, seed=5)
    assert np.array_equal(city.cells.value, again.cells.value)
    assert city.register.memberships(KIND) == again.register.memberships(KIND)
    assert not np.array_equal(city.cells.value, other.cells.value)


def test_units_that_are_not_on_the_list_have_no_cells(city: CoreCity) -> None:
    for period in city.months:
        _, has = city.cells.values(TABLE, "flow01", period)
        assert not (has & ~city.register.listed(KIND, period)).any()


def test_the_command_prints_runs_and_ratios_of_equal_figures() -> None:
    found = CliRunner().invoke(
        bench,
        ["core", "--quick", "--units", "60", "--months", "14", "--drain", "20", "--json"],
    )
    assert found.exit_code == 0, found.output
    told = json.loads(found.stdout)
    assert told["config"]["equal"] and told["config"]["cells"] == 60 * 10 * 14
    names = [each["name"] for each in told["runs"]]
    assert names[:3] == ["granary", "granary, beside Polars", "Polars"]
    assert told["runs"][1]["rows"] == told["runs"][2]["rows"] > 0
    assert set(told["ratios"]) == {"to_polars", "to_polars_cpu"}
