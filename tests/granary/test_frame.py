"""`granary frame`: what is listed, decided on what was seen, and refused with what it is now."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from granary.cli import frame
from granary.frame_records import FrameDecision
from granary.framing import (
    FrameConflictError,
    FrameRefusedError,
    submit_frame_decision,
)
from granary.loads import submit_catalogue
from granary.records import Record, RegisterRow
from granary.settings import read_settings
from indicators.frame.states import TransitionRefusedError
from storage.clickhouse import connect
from storage.control import cities, intents
from storage.control.schema import create, engine, reading
from storage.fold_reads import FoldReads
from storage.frame_reads import SeenCase, seen_case
from storage.standing import Standing
from stream.recompute import checked
from stream.recovery import recover
from tests.indicators.cities import unit
from tests.indicators.frame.feeds import candidate, framed, span
from tests.storage.filled import fold_into
from tests.stream.logs import Log

pytestmark = pytest.mark.integration

RUNNER = CliRunner()


def named(code: str, name: str, **told: str) -> list[RegisterRow]:
    """A registered unit that is not on the list."""
    put, *others = unit(code, "X", listed_to="2020-01-01", **told)
    return [replace(put, name=name), *others]


@pytest.fixture
def log() -> Log:
    """Two units on the list; a case with a credit code, one without, one nearly so."""
    log = Log()
    log.catalogue(framed())
    log.register(
        [
            *unit("U", "X", address="天府大道1号"), span("U", "2020-01-01"),
            *unit("V", "Y"), span("V", "2020-01-01"),
            *named("W", "公司88号有限公司", address="天府大道1号"),
            candidate("U", "8000"), candidate("V", "2000"), candidate("A", "2500"),
            candidate("N", "1600", district="Y"),
            candidate("88", "3000.5", feed="power", credit_code="", address="天府大道1号"),
        ]
    )  # fmt: skip
    return log


@pytest.fixture
def data(tmp_path: Path, database: str, log: Log) -> Path:
    """The folder of an instance whose store holds the log."""
    folder = tmp_path / "data"
    folder.mkdir()
    url = read_settings(data=folder).control_url
    create(url)
    with engine(url).begin() as connection:
        cities.assign(connection, "example")
    submit_catalogue(url, 1, framed())
    up = {"kafka": "localhost:1", "clickhouse_native": database, "control": url}
    (folder / "up.json").write_text(json.dumps(up), encoding="utf-8")
    fold_into(database, log)
    return folder


def run(data: Path, *given: str, code: int = 0) -> Result:
    app = typer.Typer()
    frame.add_to(app)
    result = RUNNER.invoke(app, ["frame", *given, "--data", str(data)])
    assert result.exit_code == code, result.output
    return result


def asked(data: Path, log: Log, database: str, *given: str) -> list[dict[str, Any]]:
    """Decide, let the log take what was asked for, and list the cases."""
    run(data, "decide", *given, "--city", "example", "--by", "张三")
    with reading(read_settings(data=data).control_url) as connection:
        for record in intents.in_force(connection, 1, "frame_decision"):
            log.control(record)
    fold_into(database, log)
    return list(json.loads(run(data, "list", "--json").stdout))


def test_a_decision_goes_by_the_control_store_into_the_views_and_is_held_to_recomputation(
    data: Path, log: Log, database: str
) -> None:
    assert "应统未统  A  公司A  example X 工业  2500万元/2000万元  待核实  责任X" in (
        run(data, "list", "--city", "example").stdout
    )
    more = ["--document", "府统〔2026〕3号", "--owner", "高新统计局", "--remark", "已走访"]
    rows = asked(data, log, database, "A", "--state", "to_declare", *more)
    (row,) = (row for row in rows if row["case"] == "A")
    told = [row[name] for name in ("state", "decided_by", "document", "owner", "remark", "size")]
    assert told == ["to_declare", "张三", "府统〔2026〕3号", "高新统计局", "已走访", "2500"]
    assert [row["case"] for row in rows] == ["A", "power.88", "N"]
    of_y = json.loads(run(data, "list", "--district", "Y", "--json").stdout)
    assert [row["case"] for row in of_y] == ["N"]
    (city, *_) = json.loads(run(data, "coverage", "--json").stdout)
    assert city["by_count"] == {"numerator": 2, "denominator": 3, "value": pytest.approx(2 / 3)}
    assert city["by_size"]["value"] == pytest.approx(10_000 / 12_500)
    lines = run(data, "coverage", "--city", "example").stdout.splitlines()
    assert lines[0].startswith(
        "example city example  2026-M06  户数 2/3 = 66.67%  规模 10000/12500万元 = 80.00%"
    )
    assert differences(database) == []
    client = connect(database, mutations_sync=2)
    for table in ("frame_current", "frame_history"):
        client.execute(f"ALTER TABLE {table} UPDATE near = 9 WHERE level = 'city'")
    client.execute("ALTER TABLE frame_case_current DELETE WHERE case_code = 'A'")
    assert differences(database) == [("frame", "city example"), ("frame_case_current", "A")]


def differences(database: str) -> list[tuple[str, str]]:
    """What recomputation from the stored records finds otherwise than it stands."""
    found = checked(recover(FoldReads(database), 1, 0, 10**9), Standing(database))
    return [(one.check, one.what) for one in found.differences]


def test_of_two_who_saw_the_same_the_second_is_refused_and_a_link_is_made_by_a_person(
    data: Path, log: Log, database: str
) -> None:
    url = read_settings(data=data).control_url
    seen = seen_case(connect(database), "example", "A")
    assert seen == SeenCase("A", "case", "to_verify", "", "公司A", "", 0)
    one = FrameDecision("A", "to_declare", "", "张三", decided_ms=1)
    other = FrameDecision("A", "not_eligible", "非法人", "李四", decided_ms=2)
    assert submit_frame_decision(url, 1, seen, one) == "frame:A:1"
    with pytest.raises(FrameConflictError, match="张三 has since made it to_declare"):
        submit_frame_decision(url, 1, seen, other)
    refused = run(data, "decide", "A", "--city", "example", "--state", "to_verify", "--by", "李四",
                  code=2)  # fmt: skip
    assert "张三 has since made it to_declare" in refused.output
    with reading(url) as connection:
        assert len(intents.in_force(connection, 1, "frame_decision")) == 1
    near = json.loads(run(data, "proposals", "power.88", "--city", "example", "--json").stdout)
    assert [(one["code"], one["address_score"]) for one in near] == [("W", 100.0)]
    refused = run(data, "decide", "power.88", "--city", "example", "--state", "not_eligible",
                  "--reason", "重复", "--link", "nobody", "--by", "张三", code=2)  # fmt: skip
    assert "no unit 'nobody'" in refused.output
    rows = asked(data, log, database, "power.88", "--state", "not_eligible", "--reason", "重复",
                 "--link", "U")  # fmt: skip
    (row,) = (row for row in rows if row["case"] == "power.88")
    assert (row["state"], row["reason"], row["linked_unit"]) == ("not_eligible", "重复", "U")
    late = ["decide", "power.88", "--city", "example", "--state", "to_verify", "--by", "李四"]
    assert "is not_eligible 重复" in run(data, *late, "--was", "to_verify", code=2).output
    unknown = ["decide", "nobody", "--city", "example", "--state", "to_verify", "--by", "张三"]
    run(data, *unknown, code=2)
    unsaid = json.loads(run(data, "changes", "--city", "example", "--json", code=1).stdout)
    assert [(one["unit"], one["what"]) for one in unsaid] == [("U", "入库"), ("V", "入库")]


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"state": "listed"}, TransitionRefusedError),
        ({"state": "not_eligible"}, TransitionRefusedError),
        ({"state": "to_declare", "reason": "非法人"}, TransitionRefusedError),
        ({"state": "maybe"}, FrameRefusedError),
        ({"by": " "}, FrameRefusedError),
        ({"document": "一\n二"}, FrameRefusedError),
        ({"case": "B"}, FrameRefusedError),
        ({"reason": "重复", "state": "not_eligible", "link_unit": "U"}, FrameRefusedError),
    ],
)
def test_a_decision_that_cannot_be_is_not_asked_for(
    given: dict[str, str], error: type[Exception]
) -> None:
    seen = SeenCase("A", "case", "to_verify", "", "公司A", "", 0)
    told = {"case": "A", "state": "to_declare", "reason": "", "by": "张三"} | given
    decision = FrameDecision.of(Record("frame:A:1", "frame_decision", dict(told)))
    with pytest.raises(error):
        submit_frame_decision("sqlite://", 1, seen, decision)
