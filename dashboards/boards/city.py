"""How does the city stand, which districts carry it, which fall behind."""

from dashboards.boards.words import (
    CITY,
    QUOTED,
    STANDING_RANK,
    SUBJECTS,
    TOTAL,
    finest_first,
    frequency,
    highest,
    level_zh,
    period_zh,
)
from dashboards.panels import BLUE, GREY, ORANGE, PINK, Board, Column, Kind, Panel, Variable, Word
from indicators.vocabulary import PLAIN_MEASURES

INDICATOR = Variable(
    "indicator",
    "指标",
    "SELECT code, name FROM v_indicator_card WHERE city = ${city:sqlstring} ORDER BY id",
)
PERIOD = Variable(
    "period",
    "报告期",
    f"SELECT period, {period_zh('period')} FROM v_indicator WHERE city = ${{city:sqlstring}}"
    " AND indicator = ${indicator:sqlstring} AND level != 'unit'"
    f" AND measure IN {PLAIN_MEASURES} AND units > 0"
    f" GROUP BY period ORDER BY {finest_first('period')}, max(period_end) DESC",
)
LEVEL = Variable(
    "level",
    "层级",
    f"SELECT DISTINCT level, {level_zh('level')} FROM v_indicator"
    " WHERE city = ${city:sqlstring} AND indicator = ${indicator:sqlstring}"
    " AND level NOT IN ('city', 'unit') AND by_level = '' ORDER BY level != 'district', level",
)
MEASURE = Variable(
    "measure",
    "取值",
    options=(
        ("current", "当期"),
        ("ytd", "本年累计"),
        ("rolling12", "近一年滚动（12个月或4个季度）"),
    ),
)

#: Plain figures of the chosen indicator: no crosses, all units.
_INDICATOR = (
    "city = ${city:sqlstring} AND indicator = ${indicator:sqlstring} AND by_level = ''"
    " AND scope = 'all'"
)
_WHOLE = f"{_INDICATOR} AND level = 'city'"
_PARTS = f"{_INDICATOR} AND level = ${{level:sqlstring}}"
_MEMBERS = f"{_PARTS} AND subject != {TOTAL}"
_NOW = "measure = ${measure:sqlstring} AND period = ${period:sqlstring}"
_YEAR_AGO = (
    "measure = ${measure:sqlstring} AND period ="
    " concat(toString(toUInt16(substring(${period:sqlstring}, 1, 4)) - 1),"
    " substring(${period:sqlstring}, 5))"
)
_SAME = (
    "measure = concat(if(${measure:sqlstring} = 'current', '',"
    " concat(${measure:sqlstring}, '_')), 'yoy_same') AND period = ${period:sqlstring}"
)
#: A quoted figure has no units of ours behind it: no coverage, rather than 1 of 1.
_UNITS = f"if(v.standing IN {QUOTED}, NULL, v.units)"
_EXPECTED = f"if(v.standing IN {QUOTED}, NULL, v.expected_units)"

_CITY_PLAIN = (
    "city = ${city:sqlstring} AND level = 'city' AND by_level = '' AND scope = 'all'"
    f" AND measure IN {PLAIN_MEASURES}"
)

HEADLINE = Panel(
    "全市主要指标",
    Kind.TABLE,
    "SELECT concat(c.name, multiIf(v.measure = 'rolling12', '（近一年滚动）', v.measure = 'ytd',"
    " '（本年累计）', '')) AS `指标`, v.value AS `数值`, c.unit AS `单位`,"
    " if(v.measure = 'current', g.value, NULL) AS `同比（同口径）`,"
    f" {period_zh('v.period')} AS `报告期`, {_UNITS} AS `填报单位数`, {_EXPECTED} AS `应报单位数`,"
    " v.standing AS `数据属性`, if(v.provisional, '初步', '') AS `状态`"
    " FROM v_indicator AS v"
    " INNER JOIN v_indicator_card AS c ON c.city = v.city AND c.code = v.indicator"
    " LEFT JOIN (SELECT indicator, period, standing, any(value) AS value FROM v_indicator"
    "  WHERE city = ${city:sqlstring} AND level = 'city' AND by_level = '' AND scope = 'all'"
    "  AND measure = 'yoy_same' GROUP BY indicator, period, standing) AS g"
    "  ON g.indicator = v.indicator AND g.period = v.period AND g.standing = v.standing"
    " WHERE v.city = ${city:sqlstring} AND v.level = 'city' AND v.by_level = ''"
    " AND v.scope = 'all' AND c.city = ${city:sqlstring} AND (v.indicator, v.measure) IN"
    "  (SELECT indicator, argMin(measure, indexOf(['current', 'rolling12', 'ytd'], measure))"
    f"  FROM v_indicator WHERE {_CITY_PLAIN} GROUP BY indicator)"
    " AND (v.indicator, v.period) IN (SELECT indicator, argMax(period,"
    f"   (period = ${{period:sqlstring}}, -{finest_first('period')}, period_end)) FROM v_indicator"
    f"  WHERE {_CITY_PLAIN} AND units > 0 AND period_end <= (SELECT max(period_end)"
    "   FROM v_indicator WHERE city = ${city:sqlstring} AND level != 'unit'"
    "   AND period = ${period:sqlstring}) GROUP BY indicator)"
    " ORDER BY c.id, indexOf(['公布数', '核定数', '上报数', '监测数'], v.standing)",
    "每个指标截至所选报告期的最近一期全市数（当期；没有当期的为近一年滚动或本年累计）；既有月度又有季度、年度数的，所选为季度或年度时才列。公布数按发布引用，监测数由单位数据汇总；"
    "同一指标有几种数据属性时分行列出。覆盖率不足且未到期的标“初步”。",
    16,
    8,
    columns=(
        Column("同比（同口径）", "percentunit", 1),
        Column("填报单位数", width=100),
        Column("应报单位数", width=100),
    ),
)
NOW = Panel(
    "所选指标",
    Kind.STAT,
    highest("value", f"{_WHOLE} AND {_NOW}"),
    "所选城市、指标、报告期、取值方式的全市数，取有数的最高数据属性；单位和属性见右。",
    4,
    4,
)
GROWTH = Panel(
    "同比（同口径）",
    Kind.STAT,
    highest("value", f"{_WHOLE} AND {_SAME}"),
    "同口径增长：本期名单内的单位，与这些单位的上年同期相比。",
    4,
    4,
    unit="percentunit",
    decimals=1,
)
COVERAGE = Panel(
    "覆盖率（填报/应报单位）",
    Kind.STAT,
    highest(
        f"if(expected_units = 0 OR standing IN {QUOTED}, NULL, units / expected_units) AS coverage",
        f"{_WHOLE} AND {_NOW}",
    ),
    "进入这个数的单位占应报单位的比重；不足规定比重且未到期时，数为初步数。公布数、核定数直接引用，没有覆盖率，不显示。",
    4,
    4,
    unit="percentunit",
    decimals=1,
)
STANDING = Panel(
    "数据属性与单位",
    Kind.STAT,
    "SELECT concat(v.standing, if(v.provisional, '（初步）', ''), ' ', c.unit) AS standing"
    f" FROM ({highest('standing, provisional, indicator', f'{_WHOLE} AND {_NOW}')}) AS v"
    " INNER JOIN v_indicator_card AS c ON c.code = v.indicator WHERE c.city = ${city:sqlstring}",
    "监测数、上报数、核定数或公布数，取有数的最高一个；后面是计量单位。",
    4,
    4,
)

_SHOWN = "subject, value, units, expected_units, provisional, standing"
_DISTRICTS = f"({highest(_SHOWN, f'{_MEMBERS} AND {_NOW}', 'subject')})"
_WITH_TOTAL = f"({highest(_SHOWN, f'{_PARTS} AND {_NOW}', 'subject')})"
_NAMED = f"LEFT JOIN {SUBJECTS} AS n ON n.level = ${{level:sqlstring}} AND n.code = v.subject"
DISTRICTS = Panel(
    "分层级比较（由高到低）",
    Kind.BARS,
    f"SELECT concat(n.name, ' ', v.standing) AS name, v.value AS value FROM {_DISTRICTS} AS v"
    f" {_NAMED} WHERE v.value IS NOT NULL ORDER BY value DESC, name",
    "所选层级各主体的数，由高到低，后面是数据属性；缺报的不在图中，见右表。",
    10,
    10,
)


def _touches(line: str) -> str:
    """触红即警示: a figure that touches a line is past it."""
    return f"if(c.direction = 'lower', v.value >= c.{line}, v.value <= c.{line})"


_LINE = (
    "multiIf(v.value IS NULL OR c.red IS NULL OR c.lines_measure != ${measure:sqlstring}, '',"
    f" NOT {_touches('yellow')} AND NOT {_touches('red')}, '', v.provisional, '暂不判线',"
    f" {_touches('red')}, '触红线', '触黄线')"
)
DISTRICT_TABLE = Panel(
    "分层级与上年同期",
    Kind.TABLE,
    "SELECT n.name AS `名称`, v.value AS `本期`, b.value AS `上年同期`,"
    " g.value AS `同比（同口径）`, v.standing AS `数据属性`,"
    f" {_UNITS} AS `填报单位数`, {_EXPECTED} AS `应报单位数`,"
    " if(v.value IS NULL, '缺报', if(v.provisional, '初步', '')) AS `状态`,"
    f" {_LINE} AS `红黄线`"
    f" FROM {_WITH_TOTAL} AS v {_NAMED}"
    f" LEFT JOIN ({highest('subject, value', f'{_PARTS} AND {_YEAR_AGO}', 'subject')}) AS b"
    "  ON b.subject = v.subject"
    f" LEFT JOIN ({highest('subject, value', f'{_PARTS} AND {_SAME}', 'subject')}) AS g"
    "  ON g.subject = v.subject"
    " CROSS JOIN (SELECT direction, yellow, red, lines_measure FROM v_indicator_card"
    "  WHERE city = ${city:sqlstring} AND code = ${indicator:sqlstring} LIMIT 1) AS c"
    f" ORDER BY v.subject = {TOTAL}, v.value DESC NULLS LAST, `名称`",
    "本期、上年同期、同口径增长与覆盖，每个主体取有数的最高数据属性。空值为缺报或无基数，不当作零；"
    "触线即警示，初步数暂不判线。成员有重叠的，合计（每个单位只计一次）列在最后。",
    14,
    10,
    columns=(
        Column("同比（同口径）", "percentunit", 1),
        Column(
            "红黄线",
            words=(
                Word("触红线", "触红线", PINK),
                Word("触黄线", "触黄线", ORANGE),
                Word("暂不判线", "暂不判线", GREY),
            ),
        ),
    ),
)
_OVER_TIME = (
    "measure = ${measure:sqlstring}"
    f" AND {frequency('period')} = {frequency('${period:sqlstring}')}"
)
_LATEST = f"(SELECT max(period_end) FROM v_indicator WHERE {_WHOLE} AND {_OVER_TIME})"
SERIES = Panel(
    "全市走势",
    Kind.SERIES,
    "SELECT toDateTime(day) AS time, line, value FROM ("
    f" SELECT period_end AS day, '本期' AS line, argMax(value, {STANDING_RANK}) AS value"
    f"  FROM v_indicator WHERE {_WHOLE} AND {_OVER_TIME} GROUP BY day"
    " UNION ALL"
    " SELECT addYears(period_end, 1) AS day, '上年同期' AS line,"
    f"  argMax(value, {STANDING_RANK}) AS value FROM v_indicator"
    f"  WHERE {_WHOLE} AND {_OVER_TIME} GROUP BY day HAVING day <= {_LATEST}"
    ") ORDER BY time, line",
    "所选指标的全市数与上年同期，按指标的计量单位，取有数的最高数据属性。点位在报告期的最后一天。",
    12,
    10,
    label="line",
    colours=(BLUE, GREY),
)
_EACH_PERIOD = highest(
    "subject, period_end, value, standing", f"{_MEMBERS} AND {_OVER_TIME}", "subject, period_end"
)
DISTRICT_SERIES = Panel(
    "分层级走势",
    Kind.SERIES,
    "SELECT toDateTime(v.period_end) AS time, concat(n.name, ' ', v.standing) AS subject,"
    f" v.value AS value FROM ({_EACH_PERIOD}) AS v {_NAMED}"
    " WHERE v.value IS NOT NULL ORDER BY time, subject",
    "所选层级各主体的走势，按指标的计量单位，每期取有数的最高数据属性。",
    12,
    10,
    label="subject",
    colours=(),
)

CITY_BOARD = Board(
    "granary-city",
    "全市主要指标与分区县",
    "全市现在怎么样，哪些区县带动、哪些落后？",
    (CITY, INDICATOR, PERIOD, MEASURE, LEVEL),
    (HEADLINE, NOW, GROWTH, COVERAGE, STANDING, DISTRICTS, DISTRICT_TABLE, SERIES, DISTRICT_SERIES),
    "10s",
    "now-12y",
)
