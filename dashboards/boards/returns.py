"""Who is not on the list, who has not reported, who was late, and where is every observation."""

from dashboards.boards.frame import COVERAGE, COVERAGE_BY_SIZE, OPEN_CASES
from dashboards.boards.words import CITY, SUBJECTS, TOTAL, level_zh, names_of, period_zh
from dashboards.panels import (
    BLUE,
    GREY,
    ORANGE,
    PINK,
    TEAL,
    Board,
    Column,
    Kind,
    Panel,
    Variable,
    Word,
)

TABLE = Variable(
    "table",
    "报表",
    f"SELECT t.code, t.name FROM {names_of('table')} AS t WHERE t.code IN ("
    " SELECT table_code FROM v_completeness WHERE city = ${city:sqlstring} AND expected > 0)"
    " ORDER BY t.code",
)
PERIOD = Variable(
    "period",
    "报告期",
    f"SELECT period, {period_zh('period')} FROM v_completeness"
    " WHERE city = ${city:sqlstring} AND table_code = ${table:sqlstring}"
    " GROUP BY period ORDER BY max(period_end) DESC",
)
LEVEL = Variable(
    "level",
    "层级",
    f"SELECT DISTINCT level, {level_zh('level')} FROM v_completeness"
    " WHERE city = ${city:sqlstring} AND table_code = ${table:sqlstring}"
    " AND expected > 0 ORDER BY level = 'city', level != 'district', level",
)

_TABLE = "v.city = ${city:sqlstring} AND v.table_code = ${table:sqlstring}"
_PERIOD = f"{_TABLE} AND v.period = ${{period:sqlstring}}"
_STATES = (
    Word("0", "无应报", GREY),
    Word("1", "按时或已报齐", TEAL),
    Word("2", "迟报补齐", ORANGE),
    Word("3", "未报（未到期或无时限）", BLUE),
    Word("4", "逾期未报", PINK),
)
_STATE = (
    "multiIf(v.expected = 0, 0, v.missing = 0 AND v.late = 0, 1, v.missing = 0, 2,"
    " v.due_at IS NULL OR now() < v.due_at, 3, 4)"
)
_NAMED = f"INNER JOIN {SUBJECTS} AS n ON n.level = v.level AND n.code = v.subject"

RETURNS_STATUS = Panel(
    "逐期报送状态",
    Kind.STATUS,
    f"SELECT toDateTime(v.period_end) AS time, n.name AS subject, toUInt8({_STATE}) AS state"
    f" FROM v_completeness AS v {_NAMED} WHERE {_TABLE} AND v.level = ${{level:sqlstring}}"
    f" AND v.subject != {TOTAL}"
    " AND v.period_end > addMonths((SELECT max(v.period_end) FROM v_completeness AS v"
    f"  WHERE {_TABLE}), -36) ORDER BY time, subject",
    "所选报表每个主体一行，每格一期：按时或报齐、迟报补齐、未报、逾期未报。最近三十六个月。",
    24,
    9,
    label="subject",
    words=_STATES,
)
RETURNS_TABLE = Panel(
    "所选报告期报送情况",
    Kind.TABLE,
    "SELECT n.name AS `名称`, v.expected AS `应报`, v.received AS `已报`,"
    " if(v.due_at IS NULL, NULL, v.on_time) AS `按时`,"
    " if(v.due_at IS NULL, NULL, v.late) AS `迟报`,"
    " v.missing AS `未报`,"
    f" transform({_STATE}, [{', '.join(word.value for word in _STATES)}],"
    f" [{', '.join(repr(word.text) for word in _STATES)}], '') AS `状态`,"
    " v.due_at AS `上报时限`"
    f" FROM v_completeness AS v {_NAMED}"
    f" WHERE {_PERIOD} AND v.level IN ('city', ${{level:sqlstring}})"
    f" ORDER BY v.level != 'city', v.subject != {TOTAL}, v.missing DESC, v.late DESC, `名称`",
    "所选报表应报、已报、按时、迟报、未报的单位数，未报多的在前。没有设上报时限的，不分按时与迟报。",
    14,
    10,
    columns=(
        Column("上报时限", "dateTimeAsIso"),
        Column("状态", words=tuple(Word(word.text, word.text, word.colour) for word in _STATES)),
    ),
)


def _rate(column: str) -> str:
    return (
        f"SELECT if(sum(v.expected) = 0, NULL, sum(v.{column}) / sum(v.expected)) AS {column}"
        f" FROM v_completeness AS v WHERE {_PERIOD} AND v.level = 'city'"
    )


RECEIVED = Panel(
    "完整率（全市）",
    Kind.STAT,
    _rate("received"),
    "所选报表已上报的单位占应报单位的比重。",
    5,
    5,
    unit="percentunit",
    decimals=1,
    none="无应报",
)
ON_TIME = Panel(
    "按时率（全市）",
    Kind.STAT,
    f"{_rate('on_time')} AND v.due_at IS NOT NULL",
    "所选报表在上报时限前报齐的单位占应报单位的比重；时限当刻到达的算迟报。没有设时限的报表没有按时率。",
    5,
    5,
    unit="percentunit",
    decimals=1,
    none="无时限",
)
LEDGER = Panel(
    "颗粒归仓：数据去向（全部报表，笔）",
    Kind.STAT,
    "SELECT sum(declared) AS `申报`, sum(accepted) AS `接收`, sum(rejected) AS `退回`,"
    " sum(stored) AS `现行`, sum(superseded) AS `被更正`, sum(quarantined) AS `隔离`,"
    " sum(dead) AS `死信`, sum(pending) AS `在途` FROM v_ledger WHERE city = ${city:sqlstring}",
    "申报 = 接收 + 退回；接收 = 现行 + 被更正 + 隔离 + 死信 + 在途，逐笔可查。",
    10,
    5,
)
SUBMISSIONS = Panel(
    "最新报送（全部报表）",
    Kind.TABLE,
    "SELECT l.arrived_at AS `到达时间`, if(r.name = '', l.reporter, r.name) AS `报送主体`,"
    f" t.name AS `报表`, {period_zh('l.period')} AS `报告期`,"
    " l.declared AS `申报`, l.accepted AS `接收`, l.rejected AS `退回`, l.stored AS `现行`,"
    " l.superseded AS `被更正`, l.quarantined AS `隔离`, l.dead AS `死信`, l.pending AS `在途`,"
    " if(l.settled, '已入库', '处理中') AS `状态`, l.submission AS `报送编号`"
    f" FROM v_ledger AS l LEFT JOIN {names_of('reporter')} AS r ON r.code = l.reporter"
    f" LEFT JOIN {names_of('table')} AS t ON t.code = l.table_code"
    " WHERE l.city = ${city:sqlstring}"
    " ORDER BY l.arrived_at DESC, l.submission DESC, l.period DESC LIMIT 50",
    "最近五十份报送（按报告期分行）及其每一笔数据的去向，单位：笔。",
    24,
    9,
    columns=(Column("到达时间", "dateTimeAsIso"),),
)

RETURNS_BOARD = Board(
    "granary-returns",
    "应统尽统与报送及时",
    "谁该入库没入库、谁没报、谁迟报，报来的数据都在哪里？",
    (CITY, TABLE, PERIOD, LEVEL),
    (
        RETURNS_STATUS,
        RETURNS_TABLE,
        RECEIVED,
        ON_TIME,
        LEDGER,
        SUBMISSIONS,
        OPEN_CASES,
        COVERAGE,
        COVERAGE_BY_SIZE,
    ),
    "10s",
    "now-12y",
)
