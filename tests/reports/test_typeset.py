"""Marks among Chinese signs are full-width; figures and other languages keep theirs."""

import pytest

from reports.typeset import typeset


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("约谈,并暂停新增用能指标(示例)", "约谈，并暂停新增用能指标（示例）"),
        ("州(代表区市县)", "州（代表区市县）"),
        ("现价。其中项(分项序列)入库,不进入合计", "现价。其中项（分项序列）入库，不进入合计"),
        ("销售 8,120 万元, 为中位数", "销售 8,120 万元，为中位数"),
        ("示例值 (example values, no source)", "示例值 (example values, no source)"),
        ("R&D经费(%)", "R&D经费（%）"),
        ("15:24:54", "15:24:54"),
        ("Turnover (leavers stay)", "Turnover (leavers stay)"),
    ],
)
def test_marks_are_those_of_a_chinese_paper(typed: str, printed: str) -> None:
    assert typeset(typed) == printed
    assert typeset(printed) == printed
