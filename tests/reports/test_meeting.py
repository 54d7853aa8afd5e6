"""Every number of the paper is a number of the store; both formats say the same."""

from decimal import Decimal
from pathlib import Path

import pytest

from reports.errors import CityChoiceError, NothingToReportError, UnknownFormatError
from reports.meeting import write_meeting
from storage.clickhouse import connect
from tests.folded_city import START_MS, Cell, FoldedCity, begin_from
from tests.reports.conftest import Paper, example_cells, write
from tests.reports.oracle import Oracle
from tests.reports.reading import (
    docx_tables,
    docx_text,
    numbers_of,
    read_html,
)

pytestmark = [pytest.mark.integration, pytest.mark.slow]


def test_every_printed_number_equals_the_view_it_names(paper: Paper, papers_url: str) -> None:
    city = dict(paper.document.meta)["city"]
    printed = read_html(paper.html).printed
    assert len(printed) > 40
    with connect(papers_url) as client:
        oracle = Oracle(client, city)
        wrong = [one for one in printed if not oracle.agrees(one)]
    assert wrong == []


def test_no_number_stands_outside_a_marked_element(paper: Paper) -> None:
    assert numbers_of("".join(read_html(paper.html).bare)) == []


def test_word_and_html_print_the_same_numbers_in_the_same_order(paper: Paper) -> None:
    html = numbers_of("".join(read_html(paper.html).words))
    assert numbers_of(docx_text(paper.docx)) == html


def test_the_tables_of_word_are_those_of_html_cell_by_cell(paper: Paper) -> None:
    assert docx_tables(paper.docx) == list(read_html(paper.html).tables.values())


def test_the_same_facts_give_the_same_paper(papers_url: str, tmp_path: Path) -> None:
    first = write(papers_url, "2019", tmp_path / "a")
    again = write(papers_url, "2019", tmp_path / "b")
    assert first.html == again.html


def lishui_tables(papers_url: str, folder: Path) -> dict[str, list[list[str]]]:
    return read_html(write(papers_url, "2019", folder).html).tables


def test_page_one_names_the_red_line_first_with_gap_and_owner(
    papers_url: str, tmp_path: Path
) -> None:
    rows = lishui_tables(papers_url, tmp_path)["behind"]
    assert rows[1] == [
        "1",
        "【红线】单位能耗工业增加值触及红线（0.60万元/吨标准煤）",
        "缙云县",
        "现为0.51万元/吨标准煤（上报数），与红线差0.09",
    ]
    assert rows[2][2:] == [
        "云和县、庆元县", "现为0.86、0.92万元/吨标准煤（上报数），与黄线分别差0.14、0.08",
    ]  # fmt: skip


def test_silence_is_printed_as_silence_and_no_total_of_ratios_is_formed(
    papers_url: str, tmp_path: Path
) -> None:
    tables = lishui_tables(papers_url, tmp_path)
    rows = tables["value_added_per_discharge/district"]
    assert [row[0] for row in rows if row[1] == "缺报"] == ["缙云县", "青田县", "松阳县"]
    assert rows[1][0:2] == ["全市", "611.55"]
    assert rows[1][-1] == "公布数"
    assert tables["standings"][1] == [
        "规上工业企业数（家）", "942", "上报数", "942", "公布数", "0",
    ]  # fmt: skip


def test_a_citys_first_year_puts_no_district_behind_the_citys_sum(
    database: str, tmp_path: Path
) -> None:
    city = FoldedCity(database, 1)
    begin_from(city, "growth-example")
    cells: list[Cell] = [
        (unit, "turnover", 202400, Decimal(value)) for unit, value in (("A", 100), ("B", 50))
    ]
    city.submit("S1", "D1", "turnover_annual", cells)
    read = read_html(write(database, "2024", tmp_path).html)
    assert "behind" not in read.tables
    assert "本期没有触线、逾期未报和落后的事项。" in "".join(read.words)
    assert "没有同期增速，本期不作地区高低比较。" in "".join(read.words)


def test_growth_by_reported_bases_is_printed_where_last_year_is_not_stored(
    database: str, tmp_path: Path
) -> None:
    city = FoldedCity(database, 1)
    begin_from(city, "growth-example")
    city.submit("S2", "D1", "turnover_annual", example_cells(2025))
    read = read_html(write(database, "2025", tmp_path).html)
    rows = read.tables["turnover/district"]
    assert rows[0][1:3] == ["2025年", "同口径\n增速"]
    said = "".join(read.words)
    assert "2024年没有入库数据，同口径增速的基数为各单位上报的上年同期数。" in said
    assert "没有上年同期数的2家（A、B）不计入同口径增速。" in said


def test_retail_by_district_stands_beside_last_year_and_printed_contributions_add_up(
    papers_url: str, tmp_path: Path
) -> None:
    html = write(papers_url, "2018-M12", tmp_path).html
    rows = read_html(html).tables["turnover/district"]
    assert rows[0][1:] == [
        "12月", "2017年\n12月", "同口径\n增速", "1—12月\n累计", "同口径\n累计增速", "占全市",
        "同口径\n拉动\n百分点", "入算/\n应报",
    ]  # fmt: skip
    assert rows[1][:4] == ["全市", "34234.3", "33515.8", "2.1%"]
    points = [Decimal(row[7]) for row in rows[2:]]
    assert sum(points) == Decimal(rows[1][7]) == Decimal("2.14")  # 34,234.3 / 33,515.8 - 1
    assert len(rows) == 10
    said = "".join(read_html(html).words)
    assert "百万澳元，同口径同比增长" in said
    assert "拉动为本期数减同口径上年同期数" in said


def test_an_as_of_paper_knows_only_what_was_known_then(papers_url: str, tmp_path: Path) -> None:
    # 丽水's third district is folded in the eighth second; the published row only at the end.
    early = write(papers_url, "2019", tmp_path, as_of_ms=START_MS + 8_500)
    rows = read_html(early.html).tables["tax_per_mu/district"]
    assert [row[0] for row in rows if row[1] not in ("缺报", "—", "2019年")] == [
        "莲都区", "缙云县", "龙泉市",
    ]  # fmt: skip
    assert "该时刻已知的数据" in early.html


def test_what_cannot_be_reported_is_said(papers_url: str, tmp_path: Path) -> None:
    with pytest.raises(NothingToReportError):
        write(papers_url, "2031", tmp_path, city="lishui")
    with pytest.raises(CityChoiceError):
        write(papers_url, "2031", tmp_path)
    with pytest.raises(CityChoiceError):
        write(papers_url, "2019", tmp_path, city="atlantis")
    document = write(papers_url, "2019", tmp_path).document
    with pytest.raises(UnknownFormatError):
        write_meeting(document, tmp_path / "none", ["pdf"])
    assert not (tmp_path / "none").exists()
