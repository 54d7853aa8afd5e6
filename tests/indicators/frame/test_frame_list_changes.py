"""Changes of the survey list that nobody has decided are told; decided ones are not."""

from dataclasses import replace

from granary.records import RegisterRow
from indicators.frame.list_changes import unexplained
from tests.indicators.cities import unit
from tests.indicators.frame.feeds import no_span, span


def put(code: str, **told: str) -> RegisterRow:
    return unit(code, "X", **told)[0]


def reasoned(row: RegisterRow, **why: str) -> RegisterRow:
    return replace(row, attributes=tuple(sorted(why.items())))


def told(*records: list[RegisterRow]) -> list[tuple[int, str, str]]:
    rows = ((version, row) for version, record in enumerate(records) for row in record)
    return [(one.version, one.unit, one.what) for one in unexplained(rows)]


def test_dates_that_change_without_another_reason_are_told() -> None:
    first = put("A", listed_from="2020-01-01", list_reason="年度升规")
    assert told(
        [first, put("B", listed_from="2021-01-01")],
        [replace(first, name="新名")],
        [put("A", listed_from="2020-01-01", listed_to="2026-01-01", list_reason="年度升规")],
        [put("A", listed_from="2020-01-01", listed_to="2027-01-01", list_reason="规下")],
        [
            put("C", listed_from="2026-01-01"),
            put("D", listed_from="2026-01-01", list_reason="拆分"),
        ],
    ) == [(0, "B", "入库"), (2, "A", "退库"), (4, "C", "入库")]


def test_a_register_that_keeps_no_reasons_is_told_of_what_changes_and_not_of_who_is_new() -> None:
    assert told(
        [put("A"), put("B", listed_from="2021-01-01")],
        [put("B", listed_from="2022-01-01")],
        [RegisterRow("drop_unit", "enterprise", "B"), RegisterRow("drop_unit", "enterprise", "A")],
        [RegisterRow("put_unit", "candidate", "tax.A")],
    ) == [(1, "B", "在库起止变更"), (2, "B", "退库")]


def test_a_span_needs_a_reason_at_both_ends_and_is_not_taken_back_unseen() -> None:
    entry = reasoned(span("A", "2020-01-01"), reason="月度新建入库")
    exit_ = reasoned(
        span("A", "2020-01-01", "2026-01-01"), reason="月度新建入库", end_reason="停产"
    )
    bare = span("B", "2020-01-01", "2026-01-01")
    assert told(
        [put("A", listed_from="2019-01-01"), put("B")],
        [put("A"), entry, span("B", "2020-01-01")],
        [exit_, bare],
        [no_span("A", "2020-01-01"), no_span("A", "2000-01-01")],
    ) == [(1, "B", "入库"), (2, "B", "退库"), (3, "A", "入库决定撤销")]
