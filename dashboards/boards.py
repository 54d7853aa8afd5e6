"""The boards, by question: how does the city stand, who reports, what is wrong, does it flow."""

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
from dashboards.pipeline import PIPELINE

CITY = Variable(
    "city",
    "城市",
    "SELECT code, min(name) FROM v_subject WHERE level = 'city' AND code = city"
    " GROUP BY code ORDER BY code",
)
INDICATOR = Variable(
    "indicator",
    "指标",
    "SELECT code, name FROM v_indicator_card WHERE city = ${city:sqlstring} ORDER BY id",
)
PERIOD = Variable(
    "period",
    "报告期",
    "SELECT period, period FROM v_indicator WHERE city = ${city:sqlstring}"
    " AND indicator = ${indicator:sqlstring} AND level != 'unit' AND measure = 'current'"
    " AND units > 0 GROUP BY period ORDER BY max(period_end) DESC",
)
RETURN_PERIOD = Variable(
    "period",
    "报告期",
    "SELECT period, period FROM v_completeness WHERE city = ${city:sqlstring}"
    " GROUP BY period ORDER BY max(period_end) DESC",
)
_LEVEL_WORD = (
    "transform(level, ['district', 'industry', 'zone', 'ecosystem', 'park', 'department'],"
    " ['区县', '行业', '功能区', '产业生态圈', '园区', '部门'], level)"
)
RETURN_LEVEL = Variable(
    "level",
    "层级",
    f"SELECT DISTINCT level, {_LEVEL_WORD} FROM v_completeness WHERE city = ${{city:sqlstring}}"
    " AND level != 'city' ORDER BY level != 'district', level",
)
LEVEL = Variable(
    "level",
    "层级",
    f"SELECT DISTINCT level, {_LEVEL_WORD} FROM v_indicator WHERE city = ${{city:sqlstring}}"
    " AND indicator = ${indicator:sqlstring} AND level NOT IN ('city', 'unit')"
    " AND by_level = '' ORDER BY level != 'district', level",
)
MEASURE = Variable(
    "measure",
    "取值",
    options=(("current", "当期"), ("ytd", "本年累计"), ("rolling12", "近12个月")),
)

#: Names of subjects; units of a kind that is named like a level are the same bodies.
_NAMES = (
    "(SELECT level, code, min(name) AS name FROM v_subject WHERE city = ${city:sqlstring}"
    " GROUP BY level, code)"
)
_PICKED = (
    "city = ${city:sqlstring} AND indicator = ${indicator:sqlstring} AND by_level = ''"
    " AND scope = 'all'"
)
#: 同口径 of the chosen window; a published figure beside a computed one has the higher standing.
_GROWTH = "if(${measure:sqlstring} = 'current', '', concat(${measure:sqlstring}, '_'))"
_RANK = "indexOf(['监测数', '上报数', '核定数', '公布数'], standing)"
_NEWEST = f"ORDER BY {_RANK} DESC LIMIT 1"

HEADLINE = Panel(
    "全市主要指标",
    Kind.TABLE,
    "SELECT c.name AS `指标`, v.value AS `数值`, c.unit AS `单位`, g.value AS `同比(同口径)`,"
    " v.period AS `报告期`, v.units AS `填报单位`, v.expected_units AS `应报单位`,"
    " v.standing AS `数据属性`, if(v.provisional, '初步', '') AS `状态`"
    " FROM v_indicator AS v"
    " INNER JOIN v_indicator_card AS c ON c.city = v.city AND c.code = v.indicator"
    " LEFT JOIN (SELECT indicator, period, any(value) AS value FROM v_indicator"
    "  WHERE city = ${city:sqlstring} AND level = 'city' AND by_level = '' AND scope = 'all'"
    "  AND measure = 'yoy_same' GROUP BY indicator, period) AS g"
    "  ON g.indicator = v.indicator AND g.period = v.period"
    " WHERE v.city = ${city:sqlstring} AND v.level = 'city' AND v.by_level = ''"
    " AND v.scope = 'all' AND v.measure = 'current' AND c.city = ${city:sqlstring}"
    " AND (v.indicator, v.period_end) IN (SELECT indicator, max(period_end) FROM v_indicator"
    "  WHERE city = ${city:sqlstring} AND level = 'city' AND by_level = '' AND scope = 'all'"
    "  AND measure = 'current' AND units > 0 AND period_end <= (SELECT max(period_end)"
    "   FROM v_indicator WHERE city = ${city:sqlstring} AND level != 'unit'"
    "   AND measure = 'current' AND period = ${period:sqlstring}) GROUP BY indicator)"
    " ORDER BY c.id, indexOf(['公布数', '核定数', '上报数', '监测数'], v.standing)",
    "每个指标最近一期的全市数:公布数按发布引用,监测数由单位数据汇总,不足覆盖率的标“初步”。",
    16,
    8,
    columns=(
        Column("同比(同口径)", "percentunit", 1),
        Column("填报单位", width=90),
        Column("应报单位", width=90),
    ),
)

NOW = Panel(
    "所选指标",
    Kind.STAT,
    f"SELECT value FROM v_indicator WHERE {_PICKED} AND level = 'city'"
    f" AND measure = ${{measure:sqlstring}} AND period = ${{period:sqlstring}} {_NEWEST}",
    "所选城市、指标、报告期、取值方式的全市数,取数据属性最高的一个。",
    4,
    4,
)
GROWTH = Panel(
    "同比(同口径)",
    Kind.STAT,
    f"SELECT value FROM v_indicator WHERE {_PICKED} AND level = 'city'"
    f" AND measure = concat({_GROWTH}, 'yoy_same') AND period = ${{period:sqlstring}} {_NEWEST}",
    "同口径增长:本期名单内的单位,与这些单位的上年同期相比。",
    4,
    4,
    unit="percentunit",
    decimals=1,
)
COVERAGE = Panel(
    "覆盖(填报/应报)",
    Kind.STAT,
    "SELECT if(expected_units = 0, NULL, units / expected_units) AS coverage FROM v_indicator"
    f" WHERE {_PICKED} AND level = 'city'"
    f" AND measure = ${{measure:sqlstring}} AND period = ${{period:sqlstring}} {_NEWEST}",
    "进入这个数的单位占应报单位的比重;不足规定比重且未到期时,数为初步数。",
    4,
    4,
    unit="percentunit",
    decimals=1,
)
STANDING = Panel(
    "数据属性",
    Kind.STAT,
    "SELECT concat(standing, if(provisional, '(初步)', '')) AS standing FROM v_indicator"
    f" WHERE {_PICKED} AND level = 'city'"
    f" AND measure = ${{measure:sqlstring}} AND period = ${{period:sqlstring}} {_NEWEST}",
    "监测数、上报数、核定数或公布数;取最高的一个。",
    4,
    4,
)

_DISTRICT_ROWS = (
    f"SELECT n.name AS name, v.value AS value FROM v_indicator AS v LEFT JOIN {_NAMES} AS n"
    " ON n.level = v.level AND n.code = v.subject"
    " WHERE v.city = ${city:sqlstring} AND v.indicator = ${indicator:sqlstring}"
    " AND v.level = ${level:sqlstring} AND v.by_level = '' AND v.scope = 'all'"
    " AND v.measure = ${measure:sqlstring} AND v.period = ${period:sqlstring}"
)
DISTRICTS = Panel(
    "分层级位次",
    Kind.BARS,
    f"{_DISTRICT_ROWS} AND v.value IS NOT NULL ORDER BY value DESC, name",
    "所选层级各单位的数,由高到低;缺报的不在图中,见右表。",
    10,
    10,
)
DISTRICT_TABLE = Panel(
    "分层级与上年同期",
    Kind.TABLE,
    "SELECT n.name AS `名称`, v.value AS `本期`, b.value AS `上年同期`,"
    " g.value AS `同比(同口径)`, v.units AS `填报单位`, v.expected_units AS `应报单位`,"
    " if(v.value IS NULL, '缺报', if(v.provisional, '初步', '')) AS `状态`,"
    " v.standing AS `数据属性`"
    f" FROM v_indicator AS v LEFT JOIN {_NAMES} AS n"
    " ON n.level = v.level AND n.code = v.subject"
    " LEFT JOIN (SELECT subject, value FROM v_indicator"
    f"  WHERE {_PICKED} AND level = ${{level:sqlstring}} AND measure = ${{measure:sqlstring}}"
    "   AND period = concat(toString(toUInt16(substring(${period:sqlstring}, 1, 4)) - 1),"
    "   substring(${period:sqlstring}, 5))) AS b ON b.subject = v.subject"
    " LEFT JOIN (SELECT subject, value FROM v_indicator"
    f"  WHERE {_PICKED} AND level = ${{level:sqlstring}}"
    f"   AND measure = concat({_GROWTH}, 'yoy_same') AND period = ${{period:sqlstring}}) AS g"
    "  ON g.subject = v.subject"
    " WHERE v.city = ${city:sqlstring} AND v.indicator = ${indicator:sqlstring}"
    " AND v.level = ${level:sqlstring} AND v.by_level = '' AND v.scope = 'all'"
    " AND v.measure = ${measure:sqlstring} AND v.period = ${period:sqlstring}"
    " ORDER BY v.value DESC NULLS LAST, `名称`",
    "本期、上年同期、同口径增长与覆盖;空值为缺报或无基数,不当作零。",
    14,
    10,
    columns=(Column("同比(同口径)", "percentunit", 1),),
)
SERIES = Panel(
    "全市走势",
    Kind.SERIES,
    "SELECT toDateTime(day) AS time, line, value FROM ("
    f" SELECT period_end AS day, '本期' AS line, argMax(value, {_RANK}) AS value FROM v_indicator"
    f"  WHERE {_PICKED} AND level = 'city' AND measure = ${{measure:sqlstring}} GROUP BY day"
    " UNION ALL"
    " SELECT addYears(period_end, 1) AS day, '上年同期' AS line,"
    f"  argMax(value, {_RANK}) AS value FROM v_indicator"
    f"  WHERE {_PICKED} AND level = 'city' AND measure = ${{measure:sqlstring}}"
    "  GROUP BY day HAVING day <= (SELECT max(period_end) FROM v_indicator"
    f"   WHERE {_PICKED} AND level = 'city' AND measure = ${{measure:sqlstring}})"
    ") ORDER BY time, line",
    "所选指标的全市数与上年同期。点位在报告期的最后一天。",
    12,
    10,
    label="line",
    colours=(BLUE, GREY),
)
DISTRICT_SERIES = Panel(
    "分层级走势",
    Kind.SERIES,
    "SELECT toDateTime(v.period_end) AS time, n.name AS subject, v.value AS value"
    f" FROM v_indicator AS v LEFT JOIN {_NAMES} AS n ON n.level = v.level AND n.code = v.subject"
    " WHERE v.city = ${city:sqlstring} AND v.indicator = ${indicator:sqlstring}"
    " AND v.level = ${level:sqlstring} AND v.by_level = '' AND v.scope = 'all'"
    " AND v.measure = ${measure:sqlstring} AND v.value IS NOT NULL ORDER BY time, subject",
    "所选层级各单位的走势。",
    12,
    10,
    label="subject",
    colours=(),
)

CITY_BOARD = Board(
    "granary-city",
    "全市主要指标与分区县",
    "全市现在怎么样,哪些区县带动、哪些落后?",
    (CITY, INDICATOR, PERIOD, MEASURE, LEVEL),
    (HEADLINE, NOW, GROWTH, COVERAGE, STANDING, DISTRICTS, DISTRICT_TABLE, SERIES, DISTRICT_SERIES),
    "10s",
    "now-12y",
)

_STATES = (
    Word("0", "无应报", GREY),
    Word("1", "按时或已报齐", TEAL),
    Word("2", "迟报补齐", ORANGE),
    Word("3", "未报(未到期)", BLUE),
    Word("4", "逾期未报", PINK),
)
_STATE = (
    "multiIf(v.expected = 0, 0, v.missing = 0 AND v.late = 0, 1, v.missing = 0, 2,"
    " v.due_at IS NULL OR now() < v.due_at, 3, 4)"
)
RETURNS_STATUS = Panel(
    "各区县逐期报送状态",
    Kind.STATUS,
    f"SELECT toDateTime(v.period_end) AS time, n.name AS subject, toUInt8({_STATE}) AS state"
    f" FROM v_completeness AS v INNER JOIN {_NAMES} AS n"
    " ON n.level = v.level AND n.code = v.subject"
    " WHERE v.city = ${city:sqlstring} AND v.level = ${level:sqlstring}"
    " AND v.period_end > addMonths((SELECT max(period_end) FROM v_completeness"
    "  WHERE city = ${city:sqlstring}), -36) ORDER BY time, subject",
    "每格一期:按时、迟报补齐、未到期、逾期未报。最近三十六个月。",
    24,
    9,
    label="subject",
    words=_STATES,
)
RETURNS_TABLE = Panel(
    "所选报告期报送情况",
    Kind.TABLE,
    "SELECT n.name AS `名称`, v.table_code AS `报表`, v.expected AS `应报`, v.received AS `已报`,"
    " v.on_time AS `按时`, v.late AS `迟报`, v.missing AS `未报`,"
    f" transform({_STATE}, [0, 1, 2, 3, 4],"
    " ['无应报', '按时或已报齐', '迟报补齐', '未报(未到期)', '逾期未报'], '') AS `状态`,"
    " v.due_at AS `截止时间`"
    f" FROM v_completeness AS v INNER JOIN {_NAMES} AS n"
    " ON n.level = v.level AND n.code = v.subject"
    " WHERE v.city = ${city:sqlstring} AND v.level IN ('city', ${level:sqlstring})"
    " AND v.period = ${period:sqlstring}"
    " ORDER BY v.level != 'city', v.missing DESC, v.late DESC, `名称`",
    "应报、已报、按时、迟报、未报的单位数;未报多的在前。",
    14,
    10,
    columns=(Column("截止时间", "dateTimeAsIso"),),
)
ON_TIME = Panel(
    "按时率(全市)",
    Kind.STAT,
    "SELECT if(sum(expected) = 0, NULL, sum(on_time) / sum(expected)) AS on_time"
    " FROM v_completeness WHERE city = ${city:sqlstring} AND level = 'city'"
    " AND period = ${period:sqlstring}",
    "按时上报的单位占应报单位的比重。",
    5,
    5,
    unit="percentunit",
    decimals=1,
)
RECEIVED = Panel(
    "完整率(全市)",
    Kind.STAT,
    "SELECT if(sum(expected) = 0, NULL, sum(received) / sum(expected)) AS received"
    " FROM v_completeness WHERE city = ${city:sqlstring} AND level = 'city'"
    " AND period = ${period:sqlstring}",
    "已上报的单位占应报单位的比重。",
    5,
    5,
    unit="percentunit",
    decimals=1,
)
LEDGER = Panel(
    "颗粒归仓:数据去向",
    Kind.STAT,
    "SELECT sum(declared) AS `申报`, sum(accepted) AS `接收`, sum(rejected) AS `退回`,"
    " sum(stored) AS `现行`, sum(superseded) AS `被更正`, sum(quarantined) AS `隔离`,"
    " sum(dead) AS `死信`, sum(pending) AS `在途` FROM v_ledger WHERE city = ${city:sqlstring}",
    "接收 = 现行 + 被更正 + 隔离 + 死信 + 在途,逐笔可查。",
    10,
    5,
)
SUBMISSIONS = Panel(
    "最新报送",
    Kind.TABLE,
    "SELECT arrived_at AS `到达时间`, reporter AS `报送主体`, period AS `报告期`,"
    " declared AS `申报`, accepted AS `接收`, rejected AS `退回`, stored AS `现行`,"
    " superseded AS `被更正`, quarantined AS `隔离`, dead AS `死信`, pending AS `在途`,"
    " if(settled, '已入库', '处理中') AS `状态`, submission AS `报送编号`"
    " FROM v_ledger WHERE city = ${city:sqlstring}"
    " ORDER BY arrived_at DESC, submission DESC, period DESC LIMIT 50",
    "最近五十份报送(按报告期)及其每一笔数据的去向。",
    24,
    9,
    columns=(Column("到达时间", "dateTimeAsIso"),),
)

RETURNS_BOARD = Board(
    "granary-returns",
    "应统尽统与报送及时",
    "谁没报、谁迟报,报来的数据都在哪里?",
    (CITY, RETURN_PERIOD, RETURN_LEVEL),
    (RETURNS_STATUS, RETURNS_TABLE, RECEIVED, ON_TIME, LEDGER, SUBMISSIONS),
    "10s",
    "now-12y",
)

_ALERT_ROWS = (
    "SELECT level AS `级别`, kind AS `类型`, n.name AS `对象`, indicator AS `指标`,"
    " period AS `报告期`, opened_at AS `发生时间`, closed_at AS `解除时间`, state AS `状态`,"
    " JSONExtractString(evidence, 'text_zh') AS `说明`"
    f" FROM v_alert AS a LEFT JOIN {_NAMES} AS n"
    " ON n.level = a.subject_level AND n.code = a.subject"
    " WHERE a.city = ${city:sqlstring}"
)
_ALERT_COLUMNS = (
    Column("发生时间", "dateTimeAsIso", width=170),
    Column("解除时间", "dateTimeAsIso", width=170),
    Column("级别", width=80, words=(Word("红线", "红线", PINK), Word("预警", "预警", ORANGE))),
    Column("类型", width=100, words=(Word("line", "触线", BLUE), Word("overdue", "逾期未报", BLUE),
                                    Word("notice_failed", "通知失败", BLUE))),
)  # fmt: skip
OPEN_ALERTS = Panel(
    "未解除的预警",
    Kind.TABLE,
    f"{_ALERT_ROWS} AND a.closed_at IS NULL ORDER BY a.level != '红线', a.opened_at DESC",
    "触黄线、触红线、逾期未报,红线在前。",
    24,
    9,
    columns=_ALERT_COLUMNS,
)
OPEN_COUNT = Panel(
    "未解除",
    Kind.STAT,
    "SELECT countIf(level = '红线') AS `红线`, countIf(level != '红线') AS `预警`"
    " FROM v_alert WHERE city = ${city:sqlstring} AND closed_at IS NULL",
    "尚未解除的红线与预警条数。",
    8,
    4,
    steps=((None, GREY), (1, PINK)),
)
FINDING_COUNT = Panel(
    "待核实的异常数据",
    Kind.STAT,
    "SELECT count() AS findings FROM v_anomaly WHERE city = ${city:sqlstring} AND state = 'open'",
    "与本单位历史相差过大、尚未核实的数据条数。",
    8,
    4,
)
ALERT_HISTORY = Panel(
    "已解除的预警",
    Kind.TABLE,
    f"{_ALERT_ROWS} AND a.closed_at IS NOT NULL ORDER BY a.closed_at DESC LIMIT 100",
    "最近解除的一百条。",
    24,
    8,
    columns=_ALERT_COLUMNS,
)
FINDINGS = Panel(
    "异常数据",
    Kind.TABLE,
    "SELECT unit_name AS `单位`, unit AS `单位代码`, item AS `指标项`, period AS `报告期`,"
    " toFloat64(value) AS `数值`, toFloat64(median) AS `历史中位数`,"
    " toFloat64(proposed) AS `建议核对`, score AS `偏离程度`, state AS `状态`"
    " FROM v_anomaly WHERE city = ${city:sqlstring}"
    " ORDER BY period_end DESC, score DESC LIMIT 100",
    "与本单位同一序列历史中位数相差过大的数据,须核实并说明真实情况。",
    24,
    8,
    columns=(Column("偏离程度", decimals=1),),
)

ALERTS_BOARD = Board(
    "granary-alerts",
    "预警与异常",
    "哪里触线、逾期,哪些数据要核实?",
    (CITY,),
    (OPEN_COUNT, FINDING_COUNT, OPEN_ALERTS, FINDINGS, ALERT_HISTORY),
    "10s",
    "now-12y",
)

BOARDS = (CITY_BOARD, RETURNS_BOARD, ALERTS_BOARD, PIPELINE)
