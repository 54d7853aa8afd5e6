"""What changed between two moments, from a real store: by whom, and nothing left over."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from granary.cli.main import make_app
from granary.keys import WITHDRAWN, unit_id
from granary.records import Manifest, ManifestChunk, RegisterRow, encode_record
from granary.wire import (
    ChunkHeader,
    chunk_headers,
    content_hash,
    encode_observations,
    observations_of,
    record_headers,
)
from storage.clickhouse import connect
from storage.revision_report import Revision, RevisionReport
from storage.revisions import figures_known
from tests.indicators.cities import catalogue
from tests.storage.filled import FEBRUARY, JANUARY, begun, fold_into
from tests.stream.logs import Log

pytestmark = pytest.mark.integration

SCALE = 10**10


def withdraw(log: Log, name: str, unit: str, item: int, period: int) -> None:
    """撤销 of one cell."""
    columns = (
        np.array([unit_id("enterprise", unit)], np.uint64),
        np.array([item], np.uint32),
        np.array([period], np.int32),
        np.zeros(1, np.int64),
        np.array([WITHDRAWN], np.int8),
    )
    digest = content_hash(*columns)
    header = ChunkHeader(log.city, name, "all", "T", 1, 1, digest, 1_000)
    log.put(chunk_headers(header), encode_observations(observations_of(*columns)))
    chunk = ManifestChunk(1, digest, {period: 1})
    told = Manifest(name, "all", "T", 1_000, {period: 1}, {period: 1}, {period: 0}, [chunk])
    log.put(record_headers("manifest", log.city), encode_record(told.record()))


def known(log: Log) -> int:
    """The instant at which all that the log holds is known."""
    return log.messages[-1].known_ms


def report(url: str, from_ms: int, to_ms: int, **narrowed: Any) -> dict[Any, Revision]:
    with connect(url) as client:
        made = RevisionReport(client, "example", 1, from_ms, to_ms)
        found = made.revisions({"period": JANUARY, "measure": "current", **narrowed}, None)
    return {(one.key[0], one.key[4]): one for one in found}


def first_returns() -> Log:
    log = begun()
    cells = [(f"u{at}", item, JANUARY, 10 * (at + 1)) for at in range(3) for item in (1, 3, 4)]
    log.submission("S1", cells)
    return log


def test_corrections_late_units_and_withdrawals_are_told_with_who_sent_them(database: str) -> None:
    log = first_returns()
    then = known(log)
    log.submission("S2", [("u0", 1, JANUARY, 13)], reporter="onlyX")  # 10 → 13
    log.submission("S3", [("u3", 1, JANUARY, 40), ("u0", 1, JANUARY, 12)])  # late, and 13 → 12
    withdraw(log, "S4", "u1", 1, JANUARY)  # 20 → nothing
    fold_into(database, log)
    one = report(database, then, known(log), indicator_code="output", level="city")
    (city,) = one.values()
    assert city.then is not None and city.now is not None
    assert (city.then.value, city.now.value, city.difference) == (60, 82, 22)
    assert {"correction", "late_units", "withdrawal"} <= set(city.kinds)
    by_whom = [(s.submission.submission, s.submission.reporter, s.cells, s.numerator // SCALE)
               for s in city.shares]  # fmt: skip
    assert by_whom == [("S2", "onlyX", 1, 3), ("S3", "all", 2, 39), ("S4", "all", 1, -20)]
    assert city.numerator is not None
    assert (city.numerator.register, city.numerator.rest) == (0, 0)


def test_a_unit_that_moves_is_the_registers_part_and_its_correction_the_reporters(
    database: str,
) -> None:
    log = first_returns()
    then = known(log)
    log.register(
        [
            RegisterRow("drop_membership", "enterprise", "u0", grouping="district", member="X"),
            RegisterRow("put_membership", "enterprise", "u0", grouping="district", member="Y"),
        ],
        "register:2",
    )
    log.submission("S2", [("u0", 1, JANUARY, 15)])
    fold_into(database, log)
    found = report(database, then, known(log), indicator_code="output", level="district")
    x, y = found["output", "X"].numerator, found["output", "Y"].numerator
    assert x is not None and y is not None
    assert (x.register, sum(x.by_submission.values()), x.rest) == (-10 * SCALE, 0, 0)
    assert (y.register, sum(y.by_submission.values()), y.rest) == (10 * SCALE, 5 * SCALE, 0)
    assert "register_change" in found["output", "X"].kinds


def test_both_sides_of_a_ratio_are_explained_exactly(database: str) -> None:
    log = first_returns()
    then = known(log)
    log.submission("S2", [("u0", 3, JANUARY, 30), ("u3", 3, JANUARY, 8), ("u3", 4, JANUARY, 2000)])
    fold_into(database, log)
    found = report(database, then, known(log), indicator_code="tax_per_mu", level="city")
    (city,) = found.values()
    assert city.numerator is not None and city.denominator is not None
    assert city.numerator.by_submission == {0: 28 * SCALE}
    assert city.denominator.by_submission == {0: 3 * SCALE}
    assert (city.numerator.rest, city.denominator.rest) == (0, 0)


def test_figures_and_cells_are_those_known_at_each_moment(database: str) -> None:
    log = first_returns()
    then = known(log)
    log.submission("S2", [("u0", 1, JANUARY, 11), ("u0", 1, FEBRUARY, 7)])
    between = known(log)
    log.submission("S3", [("u0", 1, JANUARY, 10)])
    fold_into(database, log)
    narrowed = {"indicator_code": "output", "measure": "current", "level": "city"}
    with connect(database) as client:
        values = [
            [one.value for one in figures_known(
                client, "example", at, {**narrowed, "period": JANUARY}).values()]
            for at in (then, between, known(log))
        ]  # fmt: skip
        made = RevisionReport(client, "example", 1, then, known(log))
        cells = [(one.period, one.old, one.new, one.submission.submission)
                 for one in made.cells({"indicator_code": "output"}, "T")]  # fmt: skip
    assert values == [[60], [61], [60]]
    assert sorted(cells) == [
        (JANUARY, 100_000, 110_000, "S2"),
        (JANUARY, 110_000, 100_000, "S3"),
        (FEBRUARY, None, 70_000, "S2"),
    ]
    assert report(database, then, known(log), indicator_code="output", level="city") == {}


def test_a_formula_that_a_later_catalogue_changed_is_the_unexplained_rest(database: str) -> None:
    log = first_returns()
    then = known(log)
    indicators = [one.model_dump(mode="json") for one in catalogue().indicators]
    indicators[0]["numerator"] = {"t": 2}
    log.catalogue(catalogue(version=2, indicators=indicators), "catalogue:2")
    log.submission("S2", [("u0", 1, JANUARY, 11)])
    fold_into(database, log)
    found = report(database, then, known(log), indicator_code="output", level="city")
    (city,) = found.values()
    assert city.numerator is not None and "catalogue_change" in city.kinds
    assert city.numerator.by_submission == {0: 2 * SCALE}
    assert (city.numerator.register, city.numerator.rest) == (0, 60 * SCALE)


def test_whatever_came_between_nothing_of_a_plain_figure_is_left_unexplained(
    database: str,
) -> None:
    chance = np.random.default_rng(4)
    log = first_returns()
    moments = [known(log)]
    for number in range(12):
        unit = f"u{chance.integers(4)}"
        if number % 4 == 3:
            member = "XY"[int(chance.integers(2))]
            drops = [
                RegisterRow("drop_membership", "enterprise", unit, grouping="district", member=one)
                for one in "XY"
            ]
            put = RegisterRow(
                "put_membership", "enterprise", unit, grouping="district", member=member
            )
            log.register([*drops, put], f"register:{number + 2}")
        elif number % 5 == 4:
            withdraw(log, f"W{number}", unit, 1, JANUARY)
        else:
            items = chance.choice([1, 3, 4], size=2, replace=False)
            cells = [(unit, int(item), JANUARY, int(chance.integers(1, 99))) for item in items]
            log.submission(f"R{number}", cells)
        moments.append(known(log))
    fold_into(database, log)
    seen = 0
    for then, now in (
        (moments[0], moments[-1]),
        (moments[3], moments[9]),
        (moments[5], moments[6]),
    ):
        for one in report(database, then, now).values():
            assert one.numerator is not None and one.numerator.rest == 0
            assert one.denominator is None or one.denominator.rest == 0
            seen += 1
    assert seen > 8


def test_the_command_tells_figures_or_cells_and_writes_them_to_a_file(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = first_returns()
    log.submission("S2", [("u0", 1, JANUARY, 13)])
    fold_into(database, log)
    monkeypatch.setenv("GRANARY_CLICKHOUSE", database)
    monkeypatch.setenv("GRANARY_CONTROL", f"sqlite:///{tmp_path}/control.sqlite")
    monkeypatch.setattr("granary.cli.reports.Instance", lambda settings: Folded())
    ends = ["--from", "1970-01-01T00:03:00", "--to", "1970-01-01T01:00:00"]
    file = tmp_path / "revisions.csv"

    def run(*more: str) -> Result:
        return CliRunner().invoke(make_app(), ["revisions", *ends, *more])

    told = run("--indicator", "output", "--level", "city", "--json", "--out", str(file))
    assert told.exit_code == 1, told.output
    (row,) = [one for one in json.loads(told.output)["figures"] if one["measure"] == "current"]
    assert (row["value_then"], row["value_now"], row["percent"]) == (60, 63, 5)
    assert (row["returns"][0]["submission"], row["returns"][0]["numerator"]) == ("S2", "3")
    assert row["numerator_unexplained"] == "0"
    assert "S2:3" in file.read_text("utf-8-sig")
    cells = run("--observations")
    assert (cells.exit_code, cells.output) == (1, "2026-M01 u0 t: 10 → 13 (reported), S2 of all\n")
    assert run("--indicator", "output", "--min-percent", "50", "--level", "city").exit_code == 0
    assert run("--indicator", "tax_per_mu").output == "Nothing changed.\n"
    assert run("--city", "elsewhere").exit_code == 2


class Folded:
    """A log whose every record is folded."""

    def log_end(self, city: str) -> int:
        return 0

    def ledger_next(self, city: str) -> int:
        return 0
