"""Recomputation finds what is not as it must be, and nothing while a worker is at work."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from storage.clickhouse import connect
from storage.fold_reads import FoldReads
from storage.standing import FIGURES, Standing
from stream.recompute import Difference, checked
from stream.recovery import recover
from tests.storage.filled import FEBRUARY, JANUARY, begun, fold_into
from tests.stream.catalogues import changed, rich, without_indicator
from tests.stream.logs import Log

pytestmark = pytest.mark.integration


def differences(url: str) -> list[Difference]:
    """What `granary recompute --check` does for a city."""
    return checked(recover(FoldReads(url), 1, 0, 10**9), Standing(url)).differences


def corrections(log: Log, count: int) -> None:
    """Every cell again and again, so that every figure changes with each."""
    for number in range(count):
        cells = [
            (f"u{at}", item, period, 100 * number + at + item)
            for at in range(4)
            for item in (1, 2)
            for period in (JANUARY, FEBRUARY)
        ]
        log.submission(f"S{len(log.messages)}", cells, per_chunk=5)


@pytest.fixture
def log(database: str) -> Log:
    log = begun()
    corrections(log, 2)
    fold_into(database, log)
    return log


def test_figures_in_force_are_as_recomputed(database: str, log: Log) -> None:
    found = checked(recover(FoldReads(database), log.city, 0, 10**9), Standing(database))
    assert found.figures > 20
    assert found.differences == []


def test_nothing_differs_while_corrections_are_being_stored(database: str, log: Log) -> None:
    corrections(log, 8)
    with ThreadPoolExecutor(1) as others:
        folding = others.submit(fold_into, database, log)
        looks = 0
        while not folding.done():
            assert differences(database) == []
            looks += 1
        folding.result()
    assert looks > 3
    assert differences(database) == []


def test_a_figure_that_a_catalogue_retired_stands_no_more_and_comes_back_with_another(
    database: str,
) -> None:
    log = begun(given=rich())
    corrections(log, 1)
    first = rich()
    shorter = changed(without_indicator(first.indicators[-1].code))
    again = first.model_copy(update={"version": shorter.version + 1})
    standing, counts = Standing(database), []
    for number, catalogue in enumerate((first, shorter, again)):
        if number:
            log.catalogue(catalogue, f"catalogue:{number + 1}")
        fold_into(database, log)
        assert differences(database) == []
        rows = standing.rows(FIGURES, log.city, len(log.messages))
        counts.append(rows["indicator"].count(first.indicators[-1].id))
    assert counts[0] == counts[2] > counts[1] == 0


@pytest.mark.parametrize(
    ("statement", "check"),
    [
        pytest.param(
            "ALTER TABLE figure_history UPDATE numerator = numerator + 1 WHERE level = 'city'",
            "figure",
            id="a figure's numerator was changed",
        ),
        pytest.param(
            "ALTER TABLE figure_history DELETE WHERE level = 'district'",
            "figure",
            id="figures are gone",
        ),
        pytest.param(
            "ALTER TABLE figure_current UPDATE units = units + 1 WHERE level = 'city'",
            "figure_current",
            id="a figure in force is not the history's last",
        ),
        pytest.param(
            "ALTER TABLE figure_current DELETE WHERE level = 'city'",
            "figure_current",
            id="a figure is not in force",
        ),
        pytest.param(
            "ALTER TABLE figure_history DELETE WHERE level = 'city'",
            "figure_current",
            id="a figure in force has no history",
        ),
        pytest.param(
            "ALTER TABLE completeness_history UPDATE received = received + 1 WHERE level = 'city'",
            "completeness",
            id="a count was changed",
        ),
        pytest.param(
            "ALTER TABLE completeness_current DELETE WHERE level = 'city'",
            "completeness_current",
            id="a count is not in force",
        ),
    ],
)
def test_each_planted_difference_is_found(
    database: str, log: Log, statement: str, check: str
) -> None:
    connect(database, mutations_sync=2).execute(statement)
    assert check in {one.check for one in differences(database)}
