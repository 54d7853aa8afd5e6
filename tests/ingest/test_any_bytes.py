"""Whatever the bytes are, the door's answer is a judgement whose counts add up."""

import json
import tempfile
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from granary.keys import unit_id
from indicators.register import Register
from ingest.checks.files import Format, judge_file
from ingest.checks.rights import Rights
from tests.ingest.cast import REGISTER, catalogue

RULE = {
    "name": {"zh": "规则", "en": "rule"},
    "table": "monthly",
    "message": {"zh": "{unit}{period}{left}{right}", "en": "{left}{right}"},
    "source": "example",
}
CATALOGUE = catalogue(
    checks=[
        {"id": 1, "code": "one", "severity": "hard", "expression": "staff <= turnover", **RULE},
        {"id": 2, "code": "two", "severity": "hard", "expression": "not turnover == 1", **RULE},
        {"id": 3, "code": "three", "expression": "turnover / staff >= 2", **RULE},
        {"id": 4, "code": "four", "severity": "hard", "expression": "reported(profit)", **RULE},
    ]
)
_register = Register()
_register.apply(REGISTER, [unit_id(row.kind, row.code) for row in REGISTER])
RIGHTS = Rights(_register, "shop", CATALOGUE, CATALOGUE.reporter["north"])

FIELD = st.sampled_from(
    [
        "A",
        "B",
        "C",
        "turnover",
        "staff",
        "2026-M01",
        "2026",
        "1",
        "-2.25",
        "1,2",
        "/",
        "",
        '"',
        "万",
    ]
) | st.text(max_size=6)
HEADS = ["unit,item,period,value", "unit\tturnover\tperiod", "unit,turnover,staff", "单位,营业收入"]
TABLES = st.builds(
    lambda head, rows, end: (head + end + end.join(",".join(row) for row in rows)).encode(
        errors="replace"
    ),
    st.sampled_from(HEADS),
    st.lists(st.lists(FIELD, max_size=5), max_size=12),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
JSON_VALUE = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=2),
    max_leaves=3,
)
LINES = st.lists(
    st.dictionaries(
        st.sampled_from(["unit", "item", "period", "value", "turnover", "x"]), JSON_VALUE
    ).map(json.dumps),
    max_size=8,
).map(lambda lines: "\n".join(lines).encode())


def check(body: bytes, format_: Format, period: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.body"
        path.write_bytes(body)
        table, reporter = CATALOGUE.table["monthly"], CATALOGUE.reporter["north"]
        found = judge_file(path, format_, CATALOGUE, RIGHTS, table, reporter, period)
        assert [left.name for left in Path(folder).iterdir()] == ["a.body"]
    assert set(found.declared) == set(found.accepted) == set(found.rejected)
    for number, declared in found.declared.items():
        assert declared == found.accepted[number] + found.rejected[number]
        assert min(found.accepted[number], found.rejected[number]) >= 0
    assert sum(found.accepted.values()) == len(found.value)
    assert sum(found.findings.cells.values()) == sum(found.rejected.values())
    cells = list(zip(found.item, found.period, found.unit, strict=True))
    assert cells == sorted(set(cells)), "log order, no cell twice"
    if not len(found.value):
        assert found.findings.listed, "a refusal says why"


@settings(deadline=None, max_examples=150)
@given(
    st.binary(max_size=200) | TABLES,
    st.sampled_from(["", "2026-M01", "never"]),
)
@example(b'unit,turnover\n"A,1\n', "2026-M01")
@example(b"unit,turnover\nA,1\n\n \nB,2\nA\n", "2026-M01")
@example(b"\xef\xbb\xbf", "")
@example(b"unit,turnover\n\x00,\x00\n", "2026-M01")
@example(b"unit,turnover\r\rA,1\r", "2026-M01")
def test_any_csv_is_judged(body: bytes, period: str) -> None:
    check(body, "csv", period)


@settings(deadline=None, max_examples=150)
@given(st.binary(max_size=200) | LINES, st.sampled_from(["", "2026-M01"]))
@example(b"[" * 100_000, "")
@example(b'{"unit": "\\ud800", "turnover": "\\udfff"}', "2026-M01")
@example(b'{"unit": "A", "turnover": 1, "turnover": 2}', "2026-M01")
@example(b'{"unit": "A", "turnover": ' + b"9" * 5_000 + b"}", "2026-M01")
def test_any_ndjson_is_judged(body: bytes, period: str) -> None:
    check(body, "ndjson", period)
