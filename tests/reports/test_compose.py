"""Page one, quality and alerts on a small city made by hand."""

from dataclasses import replace
from typing import Any

from reports.compose import meeting_report
from reports.document import Table, plain
from reports.facts import AlertFact, Card, Finding, MeetingFacts, Return, Subject, Value
from reports.html import render_html

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
    assert [(row[2], row[3]) for row in reds] == [("东区", "100.00万元，等于红线100.00")]
    assert found["energy/district"][-1][-1] == "监测数（初步）"


def test_a_red_line_asks_for_a_decision_with_its_consequence() -> None:
    assert "1.东区能耗触及红线，请会议决定是否按目录规定启动：约谈。" in words(facts())


def test_growth_below_the_citys_is_told_in_percentage_points() -> None:
    rows = [row for row in tables(facts())["behind"] if row[1].startswith("产值")]
    assert rows == [["2", "产值同口径增速低于全市（-2.0%）", "西区", "低9.6个百分点"]]


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
    assert "西区未按时限报齐《月报》" in words(given)


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
    many = [Subject("district", f"d{at}", f"第{at}区") for at in range(14)]
    values = [figure(LINED, one.code, 150.0 + at) for at, one in enumerate(many)]
    document = meeting_report(facts(subjects=many, values=values))
    (behind,) = [b for b in document.blocks if isinstance(b, Table) and b.name == "behind"]
    assert len(behind.rows) == 10
    assert plain(behind.notes[0]) == "另有4项，见分地区指标各表。"


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
    assert row[1:] == ["产值低于全市监测数30.0万元", "西区、东区", "分别低20.0、10.0万元"]
    lonely = facts(cards=[ratio], values=without_growth(ratio)[1:])
    assert "behind" not in tables(lonely)
    assert "产值没有全市数，本期" in words(lonely)


def test_growth_of_what_should_fall_is_behind_when_it_is_above_the_citys() -> None:
    energy = replace(CARD, code="energy", name="能耗", direction="lower")
    rates = [("river", 0.02), ("east", 0.05), ("west", -0.03)]
    values = [figure(energy, who, rate, measure="yoy_same") for who, rate in rates]
    (row,) = tables(facts(cards=[energy], values=values))["behind"]
    assert row[1:] == ["能耗同口径增速高于全市（2.0%）", "东区", "高3.0个百分点"]


def test_an_indicator_without_a_better_side_puts_nobody_behind() -> None:
    neutral = replace(CARD, direction="none")
    rates = [("river", 0.02), ("east", 0.05), ("west", -0.03)]
    values = [figure(neutral, who, rate, measure="yoy_same") for who, rate in rates]
    given = facts(cards=[neutral], values=values)
    assert "behind" not in tables(given)
    assert "不作地区高低比较" not in words(given)
