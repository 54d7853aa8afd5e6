"""`granary bench register`: three ways to ask a register, one answer; another answer is refused."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from bench import register
from bench.register import Config, UnequalError, run
from granary.cli.bench import bench


def test_the_command_measures_every_step_and_holds_three_ways_equal() -> None:
    result = CliRunner().invoke(bench, ["register", "--units", "1000", "--plain", "2", "--json"])
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    rows = {one["name"]: one["rows"] for one in found["runs"]}
    assert rows["fold"] == rows["read and check the files"] == rows["encode as records"]
    assert rows["as of a month, 120 times"] == rows["Polars, as of a month, 120 times"] > 900_000
    # One in a hundred moved (a row dropped, a row put twice), one came, one went with its spans.
    assert 30 <= found["config"]["rows_changed"] <= 70


def test_a_unit_more_in_one_answer_is_no_equality(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = register._ours

    def one_more(*asked: object) -> register._Month:
        month = ours(*asked)  # type: ignore[arg-type]
        return register._Month(month.pairs, np.append(month.expected, 10**6))

    monkeypatch.setattr(register, "_ours", one_more)
    with pytest.raises(UnequalError):
        run(Config(units=200, plain=1), lambda _: None)
