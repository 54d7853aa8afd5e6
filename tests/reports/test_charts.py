"""The chart's words say what is drawn."""

from dataclasses import replace

import pytest

from reports.charts import chart
from tests.reports.test_compose import CARD, LINED, facts, figure, growing

APART = [figure(CARD, "river", 30.0), figure(CARD, "east", 20.0), figure(CARD, "west", 10.0)]
BEFORE = [figure(CARD, "river", 20.0 + at, period=202500 + at) for at in (1, 2, 3)]
THIS_YEAR = [figure(CARD, "river", 29.0, period=202602)]


def title(*values: object, card: object = CARD) -> str:
    drawn = chart(facts(cards=[card], values=list(values)))
    assert drawn is not None
    assert drawn.png.startswith(b"\x89PNG")
    return f"{drawn.title}：{drawn.description}"


@pytest.mark.slow
def test_the_title_names_growth_lines_and_last_year_only_where_they_are_drawn() -> None:
    rates = growing(("river", 0.02), ("east", 0.05), ("west", -0.03))
    assert title(*APART, *THIS_YEAR, *BEFORE, *rates) == (
        "产值走势与各地区增速：2026年1月至2026年3月全市产值与上年同期对比"
    )
    assert title(*APART, *THIS_YEAR) == "产值走势：2026年1月至2026年3月全市产值"
    assert title(*APART).startswith("各地区产值：")
    lined = [replace(one, indicator="energy") for one in APART]
    assert title(*lined, card=LINED).startswith("各地区能耗与红线、黄线：")


def test_one_district_alone_is_no_ranking() -> None:
    assert chart(facts(cards=[CARD], values=APART[:2])) is None
