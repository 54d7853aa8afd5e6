"""Every panel's SQL, run as the user that only reads, on both example cities."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from clickhouse_driver import Client

from dashboards.boards import ALERTS_BOARD, BOARDS, CITY_BOARD, RETURNS_BOARD
from dashboards.panels import Board, Kind, Panel, Source
from storage.clickhouse import connect
from tests.dashboards.choices import Answer, ask, choose
from tests.dashboards.traced_city import Traced
from tests.dashboards.two_cities import SILENT, Cities

pytestmark = pytest.mark.integration

SQL_PANELS = [
    pytest.param(board, panel, id=f"{board.uid}: {panel.title}")
    for board in BOARDS
    for panel in board.panels
    if panel.source is Source.STORE
]
NUMBER = re.compile(r"(U?Int|Float|Decimal)")


@pytest.fixture(scope="module")
def reader(cities: Cities) -> Iterator[Client]:
    with connect(cities.reader_url, read_only=True) as client:
        yield client


@pytest.fixture(scope="module")
def owner(cities: Cities) -> Iterator[Client]:
    with connect(cities.owner_url) as client:
        yield client


def plain(kind: str) -> str:
    return re.sub(r"^(?:LowCardinality|Nullable)\((.*)\)$", r"\1", kind)


def run(reader: Client, board: Board, title: str, **given: str) -> Answer:
    panel = next(panel for panel in board.panels if panel.title == title)
    assert isinstance(panel.query, str)
    return ask(reader, panel.query, choose(reader, board, **given))


@pytest.mark.parametrize("city", ["aus_retail", "lishui"])
@pytest.mark.parametrize(("board", "panel"), SQL_PANELS)
def test_a_reader_may_ask_it_and_its_columns_fit_the_panel(
    reader: Client, board: Board, panel: Panel, city: str
) -> None:
    assert isinstance(panel.query, str)
    answer = ask(reader, panel.query, choose(reader, board, city=city))
    names = [name for name, _ in answer.columns]
    kinds = [plain(kind) for _, kind in answer.columns]
    assert len(set(names)) == len(names)
    assert not any("Tuple" in kind or "Array" in kind or "Aggregate" in kind for kind in kinds)
    if panel.is_time:
        assert names[0] == "time"
        assert re.match(r"Date(Time)?", kinds[0])
        assert panel.label in names
        assert kinds[names.index(panel.label)] == "String"
        assert NUMBER.match(kinds[-1])
        times = [row[0] for row in answer.rows]
        assert times == sorted(times)
        keys = [(row[0], row[names.index(panel.label)]) for row in answer.rows]
        assert len(set(keys)) == len(keys)
    if panel.kind is Kind.BARS:
        assert kinds[0] == "String"
        assert NUMBER.match(kinds[1])
    assert {column.name for column in panel.columns} <= set(names)


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.uid)
def test_each_variable_offers_text_and_value_once(reader: Client, board: Board) -> None:
    chosen = choose(reader, board)
    for variable in board.variables:
        if variable.query:
            rows = ask(reader, variable.query, chosen).rows
            assert len({row[0] for row in rows}) == len(rows) > 0
            assert all(len(row) == 2 and all(row) for row in rows)


@pytest.mark.parametrize("measure", ["current", "ytd", "rolling12"])
def test_the_numbers_of_the_headline_equal_the_view(
    reader: Client, owner: Client, measure: str
) -> None:
    city = "aus_retail"
    shown = run(reader, CITY_BOARD, "所选指标", city=city, measure=measure).rows
    told = owner.execute(
        "SELECT value FROM v_indicator WHERE city = %(city)s AND indicator = 'turnover'"
        " AND level = 'city' AND measure = %(measure)s AND period = '2018-M12'",
        {"city": city, "measure": measure},
    )
    assert shown == told
    assert shown[0][0] > 0


def test_the_published_figure_is_shown_where_there_is_one(reader: Client) -> None:
    rows = run(reader, CITY_BOARD, "全市主要指标", city="lishui").records()
    firms = [row for row in rows if row["指标"] == "规上工业企业数"]
    assert [(row["数值"], row["数据属性"]) for row in firms] == [
        (942.0, "公布数"),
        (942.0, "上报数"),
    ]
    assert run(reader, CITY_BOARD, "数据属性与单位", city="lishui").rows == [("公布数 万元/亩",)]


def test_the_districts_equal_the_view_and_the_silent_are_missing_not_zero(
    reader: Client, owner: Client
) -> None:
    rows = run(reader, CITY_BOARD, "分层级与上年同期", city="aus_retail").records()
    told = owner.execute(
        "SELECT value, units, expected_units FROM v_indicator WHERE city = 'aus_retail'"
        " AND indicator = 'turnover' AND level = 'district' AND by_level = ''"
        " AND measure = 'current' AND period = '2018-M12' ORDER BY value DESC NULLS LAST"
    )
    assert [(r["本期"], r["填报单位数"], r["应报单位数"]) for r in rows] == told
    assert [row["状态"] for row in rows if row["本期"] is None] == ["缺报"] * len(SILENT)
    assert len(
        run(reader, CITY_BOARD, "分层级比较（由高到低）", city="aus_retail").rows
    ) == 8 - len(SILENT)


def test_last_year_stands_a_year_later_in_the_series(reader: Client, owner: Client) -> None:
    rows = run(reader, CITY_BOARD, "全市走势", city="aus_retail").records()
    before = {row["time"].date(): row["value"] for row in rows if row["line"] == "上年同期"}
    told = dict(
        owner.execute(
            "SELECT addYears(period_end, 1), value FROM v_indicator WHERE city = 'aus_retail'"
            " AND indicator = 'turnover' AND level = 'city' AND measure = 'current'"
            " AND period_end <= '2017-12-31'"
        )
    )
    assert before == told


def test_the_returns_board_tells_completeness_of_the_view(reader: Client, owner: Client) -> None:
    rows = run(reader, RETURNS_BOARD, "所选报告期报送情况", city="aus_retail").records()
    told = owner.execute(
        "SELECT sum(expected), sum(received), sum(missing) FROM v_completeness"
        " WHERE city = 'aus_retail' AND level = 'district' AND period = '2018-M12'"
    )
    districts = [row for row in rows if row["应报"] < 50]
    sums = tuple(sum(row[name] for row in districts) for name in ("应报", "已报", "未报"))
    assert [sums] == told
    assert sums == (50, 36, 14)


def test_the_ledger_panel_accounts_for_every_observation(reader: Client) -> None:
    for city in ("aus_retail", "lishui"):
        (row,) = run(
            reader, RETURNS_BOARD, "颗粒归仓：数据去向（全部报表，笔）", city=city
        ).records()
        assert row["申报"] == row["接收"] + row["退回"]
        assert row["接收"] == sum(row[name] for name in ("现行", "被更正", "隔离", "死信", "在途"))
        assert row["现行"] > 0


@pytest.fixture(scope="module")
def tracer(traced: Traced) -> Iterator[Client]:
    with connect(traced.reader_url, read_only=True) as client:
        yield client


def of_traced(tracer: Client, board: Board, title: str, **given: str) -> list[dict[str, Any]]:
    return run(tracer, board, title, city="traced", **given).records()


def test_a_quote_at_district_level_doubles_no_row_and_says_what_it_is(tracer: Client) -> None:
    rows = of_traced(tracer, CITY_BOARD, "分层级与上年同期", level="district")
    assert [(r["名称"], r["本期"], r["数据属性"], r["填报单位数"]) for r in rows] == [
        ("E区", 6.5, "核定数", None),
        ("W区", 5.0, "监测数", 1),
    ]
    bars = of_traced(tracer, CITY_BOARD, "分层级比较（由高到低）", level="district")
    assert bars == [{"name": "E区 核定数", "value": 6.5}, {"name": "W区 监测数", "value": 5.0}]
    lines = of_traced(tracer, CITY_BOARD, "分层级走势", level="district")
    assert [row["subject"] for row in lines] == ["E区 核定数", "W区 监测数"]


def of_joined(tracer: Client, board: Board, title: str, **given: str) -> list[dict[str, Any]]:
    chosen = {"city": "joined", "indicator": "output", **given}
    return run(tracer, board, title, **chosen).records()


def test_the_total_of_overlapping_members_is_none_of_them(tracer: Client) -> None:
    bars = of_joined(tracer, CITY_BOARD, "分层级比较（由高到低）", level="zone")
    assert bars == [{"name": "P园 监测数", "value": 33.0}, {"name": "Q园 监测数", "value": 20.0}]
    lines = of_joined(tracer, CITY_BOARD, "分层级走势", level="zone")
    assert {row["subject"] for row in lines} == {"P园 监测数", "Q园 监测数"}
    rows = of_joined(tracer, CITY_BOARD, "分层级与上年同期", level="zone")
    assert [(row["名称"], row["本期"]) for row in rows] == [
        ("P园", 33.0), ("Q园", 20.0), ("合计(剔重)", 41.0),
    ]  # fmt: skip
    states = run(tracer, RETURNS_BOARD, "逐期报送状态", city="joined", table="M", level="zone")
    assert {row["subject"] for row in states.records()} == {"P园", "Q园"}
    told = run(tracer, RETURNS_BOARD, "所选报告期报送情况", city="joined", table="M", level="zone")
    assert [(row["名称"], row["已报"]) for row in told.records()] == [
        ("汇总市", 4), ("合计(剔重)", 3), ("P园", 2), ("Q园", 2),
    ]  # fmt: skip


def test_quarters_stand_among_no_months(tracer: Client) -> None:
    months = of_joined(tracer, CITY_BOARD, "全市走势", period="2026-M03")
    now = [(row["time"].month, row["value"]) for row in months if row["line"] == "本期"]
    assert now == [(1, 65.0), (2, 65.0), (3, 65.0), (1, 71.0), (2, 71.0), (3, 71.0)]
    quarters = of_joined(tracer, CITY_BOARD, "全市走势", period="2026-Q1")
    assert [row["value"] for row in quarters if row["line"] == "本期"] == [195.0, 213.0]
    each = of_joined(tracer, CITY_BOARD, "分层级走势", level="district", period="2026-Q1")
    assert [(row["subject"], row["value"]) for row in each if row["time"].year == 2026] == [
        ("E区 监测数", 99.0), ("W区 监测数", 114.0),
    ]  # fmt: skip


def test_an_indicator_of_months_and_quarters_has_one_row_in_the_headline(tracer: Client) -> None:
    for period, shown in (("2026-M03", "2026年3月"), ("2026-Q1", "2026年一季度")):
        rows = of_joined(tracer, CITY_BOARD, "全市主要指标", period=period)
        assert [row["报告期"] for row in rows if row["指标"] == "产值"] == [shown]
        assert len(rows) == 6
    assert choose(tracer, CITY_BOARD, city="joined", indicator="output")["period"] == "2026-M03"


def test_an_indicator_without_current_figures_is_in_the_headline_by_its_window(
    tracer: Client,
) -> None:
    rows = of_joined(tracer, CITY_BOARD, "全市主要指标", period="2026-M03")
    (told,) = [row for row in rows if row["指标"] == "累计地均产值（本年累计）"]
    # the quarter's output of A, B, C and N over land that holds: 4 + 4 + 2 + 2
    assert told["数值"] == 213 / 12
    assert choose(tracer, CITY_BOARD, city="joined", indicator="so_far")["period"] == "2026-M03"


def test_a_quoted_figure_has_no_coverage(tracer: Client) -> None:
    assert run(tracer, CITY_BOARD, "所选指标", city="traced").rows == [(5.25,)]
    assert run(tracer, CITY_BOARD, "覆盖率（填报/应报单位）", city="traced").rows == [(None,)]


def test_the_returns_of_two_tables_are_never_mixed(tracer: Client, traced: Traced) -> None:
    with connect(traced.owner_url) as owner:
        both = owner.execute(
            "SELECT uniqExact(table_code) FROM v_completeness WHERE level = 'district'"
            " AND subject = 'E' AND period = '2026-M03'"
        )
    assert both[0][0] > 1
    told = of_traced(tracer, RETURNS_BOARD, "逐期报送状态", table="T", level="district")
    keys = [(row["time"], row["subject"]) for row in told]
    assert len(set(keys)) == len(keys) > 0


def test_there_is_no_rate_of_punctuality_where_nothing_is_due(reader: Client) -> None:
    given = {"city": "aus_retail", "table": "retail_monthly"}
    open_month = run(reader, RETURNS_BOARD, "按时率（全市）", period="2018-M12", **given).rows
    assert open_month == [(0.72,)]
    history = run(reader, RETURNS_BOARD, "按时率（全市）", period="2018-M10", **given).rows
    assert history == [(None,)]
    received = run(reader, RETURNS_BOARD, "完整率（全市）", period="2018-M10", **given).rows
    assert received == [(1.0,)]
    panel = next(p for p in RETURNS_BOARD.panels if p.title == "按时率（全市）")
    assert panel.none == "无时限"


def test_figures_on_a_line_are_named_and_periods_are_told_in_chinese(reader: Client) -> None:
    given = {"city": "lishui", "indicator": "value_added_per_energy"}
    rows = run(reader, CITY_BOARD, "分层级与上年同期", **given).records()
    assert [row["红黄线"] for row in rows] == [""] * 7 + ["触黄线", "触黄线", "触红线"]
    assert {
        row["报告期"] for row in run(reader, CITY_BOARD, "全市主要指标", **given).records()
    } == {"2019年"}


def test_findings_that_are_corrected_come_after_the_open_ones(reader: Client) -> None:
    rows = run(reader, ALERTS_BOARD, "异常数据", city="lishui").records()
    assert [(row["单位代码"], row["状态"]) for row in rows] == [
        ("yunhe", "open"), ("jinyun", "corrected"),
    ]  # fmt: skip
    assert {row["指标项"] for row in rows} == {"亩均税收"}
