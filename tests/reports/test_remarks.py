"""What is said beside figures: kinds of growth, bases, windows, and what a table leaves out."""

from dataclasses import replace

from reports.compose import meeting_report
from reports.document import Table, plain
from reports.facts import MeetingFacts
from reports.remarks import Remark, remark
from tests.reports.test_compose import CARD, facts, figure, words

LAST = 202503


def given(*other: object) -> MeetingFacts:
    values = [
        figure(CARD, "river", 30.0),
        figure(CARD, "east", 20.0),
        figure(CARD, "west", 10.0),
        *other,
    ]
    return facts(cards=[CARD], values=values)


def table(of: MeetingFacts) -> Table:
    document = meeting_report(of)
    (found,) = [b for b in document.blocks if isinstance(b, Table) and b.name == "output/district"]
    return found


def titles(of: MeetingFacts) -> list[str]:
    return [plain(column.title).replace("\n", "") for column in table(of).columns]


def notes(of: MeetingFacts) -> str:
    return "\n".join(map(plain, table(of).notes))


def test_a_reason_is_read_with_its_count_and_names() -> None:
    value = figure(
        CARD, "river", None, reason="no_rate:扭亏;units_without_base=7:a,b;short_window=2"
    )
    assert remark(value, "units_without_base") == Remark(7, ("a", "b"))
    assert remark(value, "short_window") == Remark(2, ())
    assert remark(value, "short_base") is None
    assert remark(None, "short_base") is None


def test_growth_has_its_kind_in_its_name_also_to_date() -> None:
    of = given(
        figure(CARD, "river", 0.05, measure="yoy_matched"),
        figure(CARD, "river", 80.0, measure="ytd"),
        figure(CARD, "river", 0.0, measure="ytd_yoy_matched"),
    )
    assert titles(of) == [
        "区县", "3月", "可比匹配增速", "1—3月累计", "可比匹配累计增速", "入算/应报",
    ]  # fmt: skip
    said = words(of)
    assert "可比匹配比上年同期增长5.0%" in said
    assert "1—3月累计80.0万元，可比匹配与上年同期持平。" in said


def test_without_last_year_and_without_growth_no_empty_columns_are_printed() -> None:
    of = given(figure(CARD, "river", None, measure="yoy_same", reason="no_base"))
    assert titles(of) == ["区县", "3月", "入算/应报"]
    assert notes(of) == "注：2025年3月没有入库数据，不列上年数和增速。"


def test_growth_by_reported_bases_needs_no_stored_last_year() -> None:
    of = given(figure(CARD, "river", 0.05, measure="yoy_same"))
    assert titles(of) == ["区县", "3月", "同口径增速", "入算/应报"]
    assert "没有入库数据，同口径增速的基数为各单位上报的上年同期数。" in notes(of)
    stored = given(
        figure(CARD, "river", 0.05, measure="yoy_same"), figure(CARD, "river", 28.0, period=LAST)
    )
    assert "2025年3月" in titles(stored)
    assert "不一定等于上年数一栏" in notes(stored)


def test_units_outside_a_growth_are_counted_and_named() -> None:
    reason = "units_without_base=7:a1,b2"
    of = given(figure(CARD, "river", 0.05, measure="yoy_same", reason=reason))
    assert "没有上年同期数的7家（a1、b2等）不计入同口径增速。" in notes(of)
    matched = given(figure(CARD, "river", 0.05, measure="yoy_matched", reason=reason))
    assert "不是两期都有入库数据的7家（a1、b2等）不计入可比匹配增速。" in notes(matched)


def test_a_year_to_date_of_fewer_units_or_months_says_so() -> None:
    of = given(
        figure(CARD, "river", 80.0, measure="ytd", units=5, expected_units=6,
               reason="short_window=2"),
        figure(CARD, "east", 50.0, measure="ytd", units=0),
        figure(CARD, "river", 0.05, measure="yoy_same"),
    )  # fmt: skip
    assert "1—3月累计中2家只含其在名单的月份。" in notes(of)
    assert "累计数只含各月齐全的单位：东区0家。" in notes(of)
    assert "1—3月累计80.0万元（入算5家、应报6家）" in words(of)


def test_contributions_say_their_kind_and_that_entries_and_exits_have_no_line() -> None:
    parts = [("river", 0.05), ("east", 0.0333333), ("west", 0.0166667)]
    of = given(*(figure(CARD, who, part, measure="contribution") for who, part in parts))
    assert "同口径拉动百分点" in titles(of)
    column = titles(of).index("同口径拉动百分点")
    assert [plain(row.cells[column]) for row in table(of).rows] == ["5.00", "3.33", "1.67"]
    assert "退库单位不计入，两者均未单列。" in notes(of)
    kept = replace(of, cards=[replace(CARD, exits="keep_base")])
    assert "退库单位的上年数计入所在地区的基数，两者均未单列。" in notes(kept)


def test_an_indicator_of_growth_alone_has_no_column_of_amounts() -> None:
    values = [figure(CARD, who, 0.05, measure="yoy_same") for who in ("river", "east")]
    of = facts(cards=[CARD], values=values)
    assert titles(of) == ["区县", "同口径增速", "入算/应报"]
    assert plain(table(of).unit) == "单位：%；数据属性：监测数"
    assert table(of).notes == ()
    assert "2026年3月，全市产值同口径比上年同期增长5.0%。" in words(of)
    assert "没有全市数" not in words(of)


def test_a_sum_has_no_best_and_no_worst_district() -> None:
    assert "最低" not in words(given())
    ratio = [replace(CARD, ratio=True)]
    assert "产值最高的是东区（20.0万元），最低的是西区（10.0万元）" in words(
        facts(cards=ratio, values=given().values)
    )


def test_a_provisional_figure_of_the_city_alone_is_marked_and_explained_too() -> None:
    values = [
        figure(CARD, "river", 30.0, provisional=True),
        figure(CARD, "east", 20.0),
        figure(CARD, "west", 10.0, standing="上报数", provisional=True),
    ]
    mixed = facts(cards=[CARD], values=values)
    assert [plain(row.cells[-1]) for row in table(mixed).rows] == [
        "监测数\n（初步）", "监测数", "上报数\n（初步）",
    ]  # fmt: skip
    alone = facts(cards=[CARD], values=values[:2])
    assert [plain(row.cells[-1]) for row in table(alone).rows] == ["1/1*", "1/1", "—"]
    assert "标*的为初步数，填报未达到定稿要求，可能变动。" in notes(alone)
    assert plain(table(alone).unit) == "单位：万元；数据属性：监测数"


def test_what_the_citys_figure_rests_on_is_told_below_its_table() -> None:
    reason = "zero_denominators=6:a1,b2;prior_adjustment=2;held_stock=3:2024-Q3"
    said = notes(facts(cards=[CARD], values=[
        figure(CARD, "river", 30.0, reason=reason), figure(CARD, "east", 20.0),
    ]))  # fmt: skip
    assert "全市数中3家的时点数沿用以前报告期的数，最早为2024年三季度。" in said
    assert "全市数中2家的本期数由累计数相减得出，含对以前各期的调整。" in said
    assert "全市数中6家（a1、b2等）的分母为零，其分子仍计入全市合计。" in said


def test_members_that_overlap_are_told_with_their_total_and_the_overlap() -> None:
    total = figure(CARD, "total", 25.0, level="district", reason="overlap_units=4")
    assert (
        "各区县的单位有重叠，各行相加为30.0万元；在总计中每个单位只计一次，合计为25.0万元，"
        "其中4家属于多个区县。"
    ) in notes(given(total))
    assert [plain(row.cells[0]) for row in table(given(total)).rows] == ["全市", "东区", "西区"]
    ratio = replace(CARD, ratio=True)
    of = facts(cards=[ratio], values=[
        figure(ratio, "river", 3.0), figure(ratio, "east", 2.0), figure(ratio, "west", 4.0),
        figure(ratio, "total", 2.5, level="district"),
    ])  # fmt: skip
    assert "各区县的单位有重叠；在总计中每个单位只计一次，合计为2.5万元。" in notes(of)


def test_the_first_quarter_is_not_told_again_as_the_year_to_date() -> None:
    first = 202621
    values = [
        figure(CARD, who, number, period=first, measure=measure)
        for who, number in (("river", 30.0), ("east", 20.0), ("west", 10.0))
        for measure in ("current", "ytd")
    ]
    of = facts(cards=[CARD], values=values, period=first)
    assert titles(of) == ["区县", "一季度", "入算/应报"]
    assert "累计" not in words(of)
