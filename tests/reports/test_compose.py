"""Page one, quality and alerts on a small city made by hand."""

from dataclasses import replace
from typing import Any

import pytest

from reports.compose import meeting_report
from reports.document import Table, plain
from reports.facts import AlertFact, Card, Finding, MeetingFacts, Return, Subject, Value
from reports.html import render_html
from reports.phrases import window_words

PERIOD, DUE, NOW = 202603, 1_000_000, 2_000_000
CARD = Card(
    "output", "产值", "万元", 1, "operation", "monitor", "higher", "t", "产值", ["city", "district"]
)
LINED = replace(
    CARD, code="energy", name="能耗", direction="lower", decimals=2, yellow=80.0, red=100.0,
    lines_measure="current", lines_source="示例", consequence="约谈",
)  # fmt: skip


def figure(card: Card, subject: str, number: float | None, **other: Any) -> Value:
    facts = {
        "level": "city" if subject == "river" else "district",
        "period": PERIOD,
        "measure": "current",
        "standing": "监测数",
        "units": 1,
        "expected_units": 1,
        "reason": "" if number is not None else "no_units",
        "provisional": False,
        "known_ms": 5,
        "catalogue_version": 3,
        **other,
    }
    return Value(indicator=card.code, subject=subject, value=number, **facts)


def facts(**other: Any) -> MeetingFacts:
    base = {
        "city": "river",
        "city_name": "江城",
        "time_zone": "Asia/Shanghai",
        "period": PERIOD,
        "as_of_ms": None,
        "made_ms": NOW,
        "catalogue_version": 3,
        "cards": [CARD, LINED],
        "subjects": [Subject("district", "east", "东区"), Subject("district", "west", "西区")],
        "tables": {"t": "月报"},
        "level_names": {"district": "区县"},
        "values": [
            figure(CARD, "river", 30.0),
            figure(CARD, "east", 20.0),
            figure(CARD, "west", 10.0),
            figure(CARD, "river", -0.02, measure="yoy_same"),
            figure(CARD, "east", 0.05, measure="yoy_same"),
            figure(CARD, "west", -0.116, measure="yoy_same"),
            figure(LINED, "east", 100.0),
            figure(LINED, "west", 120.0, provisional=True),
        ],
    }
    return MeetingFacts(**{**base, **other})


def tables(given: MeetingFacts) -> dict[str, list[list[str]]]:
    return {
        block.name: [[plain(cell) for cell in row.cells] for row in block.rows]
        for block in meeting_report(given).blocks
        if isinstance(block, Table)
    }


def words(given: MeetingFacts) -> str:
    return "\n".join(plain(getattr(block, "text", ())) for block in meeting_report(given).blocks)


def test_a_provisional_figure_is_shown_as_such_and_is_past_no_line() -> None:
    found = tables(facts())
    reds = [row for row in found["behind"] if "红线" in row[1]]
    assert [(row[2], row[3]) for row in reds] == [
        ("东区", "现为100.00万元（监测数），与红线差0.00")
    ]
    assert [row[-1] for row in found["energy/district"]] == ["—", "1/1", "1/1*"]


def test_a_red_line_asks_for_a_decision_with_its_consequence() -> None:
    asked = "1.东区（100.00）能耗触及红线（100.00万元），请会议决定是否按目录规定启动：约谈。"
    assert asked in words(facts())


def growing(*rates: tuple[str, float], card: Card = CARD) -> list[Value]:
    return [figure(card, who, rate, measure="yoy_same") for who, rate in rates]


def test_growth_below_the_citys_is_told_in_percentage_points() -> None:
    values = growing(("river", 0.02), ("east", 0.05), ("west", -0.076))
    (row,) = tables(facts(values=values))["behind"]
    assert row == ["1", "产值同口径增速低于全市（2.0%）", "西区", "低9.6个百分点"]


def test_a_falling_city_is_on_page_one_with_the_districts_that_fell_and_once() -> None:
    rows = [row for row in tables(facts())["behind"] if "产值" in row[1]]
    assert rows == [["2", "全市产值同口径比上年同期下降2.0%", "西区", "下降11.6%"]]
    lag = growing(("river", -0.02), ("east", -0.01), ("west", -0.116))
    assert [row[2] for row in tables(facts(values=lag))["behind"]] == ["西区、东区"]
    energy = replace(CARD, name="能耗", direction="lower")
    risen = growing(("river", 0.02), ("east", 0.05), ("west", -0.116), card=energy)
    (row,) = tables(facts(cards=[energy], values=risen))["behind"]
    assert row[1:] == ["全市能耗同口径比上年同期增长2.0%", "东区", "增长5.0%"]


def test_a_falling_city_is_said_to_fall() -> None:
    assert "同口径比上年同期下降2.0%" in words(facts())
    assert "2个地区中1个增长，增长面50.0%" in words(facts())


def test_the_overdue_are_named_with_what_is_missing_and_the_late_are_never_on_time() -> None:
    returns = [
        Return("t", "city", "river", 4, 3, 1, 2, 1, DUE),
        Return("t", "district", "east", 2, 2, 0, 2, 0, DUE),
        Return("t", "district", "west", 2, 1, 1, 0, 1, DUE),
    ]
    given = facts(returns=returns)
    found = tables(given)
    assert [row[-1] for row in found["completeness/t/district"]] == ["逾期未报", "迟报", "逾期未报"]
    assert found["completeness/t/district"][1][6:8] == ["100.0%", "0.0%"]
    (row,) = [row for row in found["behind"] if "逾期" in row[1]]
    assert row[2:] == ["西区", "应报2家，未报1家；时限1970年1月1日08:16:40"]
    assert "西区（未报1家、应报2家）未按时限报齐《月报》" in words(given)


def test_before_the_instant_nobody_is_overdue() -> None:
    returns = [Return("t", "district", "west", 2, 1, 1, 0, 1, NOW + 1)]
    assert not [row for row in tables(facts(returns=returns))["behind"] if "逾期" in row[1]]


def test_alerts_and_findings_are_listed_with_their_words() -> None:
    alert = AlertFact(
        id="A1",
        kind="overdue",
        level="红线",
        subject_level="district",
        subject="west",
        indicator="",
        period="2026-M03",
        state="resolved",
        opened_ms=DUE,
        closed_ms=NOW,
        text="西区逾期。",
    )
    finding = Finding(
        "U3", "三号厂", "output", "产值", "2026-M03", "far_from_own_median", 9.25,
        "为中位数的 10.3 倍",
    )  # fmt: skip
    found = tables(facts(alerts=[alert], findings=[finding], finding_count=30))
    assert found["alerts"][0][:4] == ["红线", "逾期未报", "西区", "西区逾期。"]
    assert found["alerts"][0][-1] == "已解除"
    assert found["findings"][0] == [
        "三号厂", "产值", "偏离自身历史水平", "为中位数的 10.3 倍", "9.3",
    ]  # fmt: skip


def test_names_are_escaped_in_html() -> None:
    given = facts(city_name="<script>江城</script>")
    assert "<script>" not in render_html(meeting_report(given))


def test_page_one_keeps_the_gravest_and_says_how_many_more_there_are() -> None:
    many = [replace(CARD, code=f"c{at}", name=f"指标{at}") for at in range(14)]
    rates = [("river", 0.02), ("east", 0.05), ("west", -0.03)]
    values = [figure(LINED, "east", 150.0)]
    values += [one for card in many for one in growing(*rates, card=card)]
    document = meeting_report(facts(cards=[*many, LINED], values=values))
    (behind,) = [b for b in document.blocks if isinstance(b, Table) and b.name == "behind"]
    assert "【红线】" in plain(behind.rows[0].cells[1])
    assert len(behind.rows) == 9
    assert plain(behind.notes[-1]) == "　　另有6项，见分地区指标各表。"


def test_districts_past_one_line_share_a_row_and_all_are_named() -> None:
    many = [Subject("district", f"d{at}", f"第{at}区") for at in range(5)]
    values = [figure(LINED, one.code, 150.0 + at) for at, one in enumerate(many)]
    (row,) = tables(facts(subjects=many, values=values))["behind"]
    assert row[1:] == [
        "【红线】能耗触及红线（100.00万元）",
        "第4区、第3区、第2区、第1区、第0区",
        "现为154.00、153.00、152.00、151.00、150.00万元（监测数），"
        "与红线分别差54.00、53.00、52.00、51.00、50.00",
    ]


def test_page_one_says_what_its_figures_cover() -> None:
    values = [
        figure(
            CARD, "river", 0.02, measure="yoy_same", units=8, expected_units=10, provisional=True
        ),
        figure(CARD, "east", 0.05, measure="yoy_same"),
        figure(CARD, "west", -0.03, measure="yoy_same", units=2, expected_units=3),
    ]
    document = meeting_report(facts(values=values))
    (behind,) = [b for b in document.blocks if isinstance(b, Table) and b.name == "behind"]
    assert plain(behind.notes[0]) == (
        "注：表中数值为2026年3月数；产值全市入算8家、应报10家（初步数）；西区产值入算2家、应报3家。"
    )


def test_page_one_warns_of_open_findings_and_counts_alerts() -> None:
    finding = Finding("U3", "三号厂", "output", "产值", "2026-M03", "far_from_own_median", 9.0, "x")
    said = words(facts(findings=[finding], finding_count=1))
    assert "待核实的异常数据1条，涉及产值，核实前有关数值和增速慎用，详见第七部分。" in said
    assert "慎用" not in words(facts())


def without_growth(card: Card) -> list[Value]:
    return [figure(card, "river", 30.0), figure(card, "east", 20.0), figure(card, "west", 10.0)]


def test_a_districts_sum_is_never_said_to_be_below_the_citys_sum() -> None:
    given = facts(cards=[CARD], values=without_growth(CARD))
    assert "behind" not in tables(given)
    assert "低于全市" not in words(given)
    assert "产值没有同期增速，本期不作地区高低比较。" in words(given)


def test_a_ratio_is_compared_with_the_citys_ratio_where_there_is_one() -> None:
    ratio = replace(CARD, ratio=True)
    (row,) = tables(facts(cards=[ratio], values=without_growth(ratio)))["behind"]
    assert row[1:] == ["产值低于全市（监测数30.0万元）", "西区、东区", "分别低20.0、10.0万元"]
    lonely = facts(cards=[ratio], values=without_growth(ratio)[1:])
    assert "behind" not in tables(lonely)
    assert "产值没有全市数，本期" in words(lonely)


def test_growth_of_what_should_fall_is_behind_when_it_is_above_the_citys() -> None:
    energy = replace(CARD, code="energy", name="能耗", direction="lower")
    values = growing(("river", -0.01), ("east", 0.02), ("west", -0.03), card=energy)
    (row,) = tables(facts(cards=[energy], values=values))["behind"]
    assert row[1:] == ["能耗同口径增速高于全市（-1.0%）", "东区", "高3.0个百分点"]


def test_an_indicator_without_a_better_side_puts_nobody_behind() -> None:
    neutral = replace(CARD, direction="none")
    rates = [("river", 0.02), ("east", 0.05), ("west", -0.03)]
    given = facts(cards=[neutral], values=growing(*rates, card=neutral))
    assert "behind" not in tables(given)
    assert "不作地区高低比较" not in words(given)


def test_an_indicator_without_a_current_figure_is_told_by_its_window() -> None:
    rolled = replace(CARD, code="per_mu", name="亩均税收", unit="万元/亩", ratio=True,
                     plain="rolling12")  # fmt: skip
    of_year = {"measure": "rolling12"}
    values = [
        figure(rolled, "river", 18.9, **of_year),
        figure(rolled, "east", 20.0, **of_year),
        figure(rolled, "west", 15.0, **of_year),
    ]
    given = facts(cards=[rolled], values=values)
    said = words(given)
    assert "全市亩均税收（近12个月）18.9万元/亩" in said
    assert "没有全市数" not in said
    rows = tables(given)["per_mu/district"]
    assert [row[:2] for row in rows] == [["全市", "18.9"], ["东区", "20.0"], ["西区", "15.0"]]
    behind = next(rows for name, rows in tables(given).items() if name.startswith("behind"))
    assert any("亩均税收（近12个月）低于全市" in cell for row in behind for cell in row)


@pytest.mark.parametrize(
    ("measure", "period", "words"),
    [("ytd", 202603, "1—3月累计"), ("ytd", 202601, ""), ("ytd", 202600, ""),
     ("rolling12", 202603, "近12个月"), ("rolling12", 202622, "近4个季度"),
     ("rolling12", 202600, ""), ("current", 202603, ""), ("yoy_same", 202603, "")],
)  # fmt: skip
def test_a_window_is_named_where_it_is_more_than_the_period(
    measure: str, period: int, words: str
) -> None:
    assert window_words(measure, period) == words
