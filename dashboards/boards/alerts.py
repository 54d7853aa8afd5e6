"""Where is a line touched or a due time past, and what must be verified."""

from dashboards.boards.words import CITY, SUBJECTS, period_zh
from dashboards.panels import BLUE, GREY, ORANGE, PINK, TEAL, Board, Column, Kind, Panel, Word

_ROWS = (
    "SELECT a.level AS `级别`, a.kind AS `类型`, if(n.name = '', a.subject, n.name) AS `对象`,"
    f" if(c.name = '', a.indicator, c.name) AS `指标`, {period_zh('a.period')} AS `报告期`,"
    " a.opened_at AS `发生时间`, a.closed_at AS `解除时间`,"
    " JSONExtractString(a.evidence, 'text_zh') AS `说明`"
    f" FROM v_alert AS a LEFT JOIN {SUBJECTS} AS n"
    " ON n.level = a.subject_level AND n.code = a.subject"
    " LEFT JOIN (SELECT code, name FROM v_indicator_card WHERE city = ${city:sqlstring}) AS c"
    " ON c.code = a.indicator WHERE a.city = ${city:sqlstring}"
)
_COLUMNS = (
    Column("发生时间", "dateTimeAsIso", width=170),
    Column("解除时间", "dateTimeAsIso", width=170),
    Column("级别", width=80, words=(Word("红线", "红线", PINK), Word("预警", "预警", ORANGE))),
    Column("类型", width=100, words=(Word("line", "触线", BLUE), Word("overdue", "逾期未报", BLUE),
                                    Word("notice_failed", "通知失败", BLUE))),
)  # fmt: skip
OPEN_ALERTS = Panel(
    "未解除的预警",
    Kind.TABLE,
    f"{_ROWS} AND a.closed_at IS NULL ORDER BY a.level != '红线', a.opened_at DESC",
    "触黄线、触红线、逾期未报，红线在前。",
    24,
    9,
    columns=_COLUMNS,
)
OPEN_COUNT = Panel(
    "未解除的预警条数",
    Kind.STAT,
    "SELECT countIf(level = '红线') AS `红线`, countIf(level != '红线') AS `预警`"
    " FROM v_alert WHERE city = ${city:sqlstring} AND closed_at IS NULL",
    "尚未解除的红线与预警条数。",
    8,
    4,
    steps=((None, GREY), (1, PINK)),
)
FINDING_COUNT = Panel(
    "待核实的异常数据条数",
    Kind.STAT,
    "SELECT count() AS findings FROM v_anomaly WHERE city = ${city:sqlstring} AND state = 'open'",
    "与本单位历史相差过大、尚未核实也未更正的数据条数。",
    8,
    4,
)
ALERT_HISTORY = Panel(
    "已解除的预警",
    Kind.TABLE,
    f"{_ROWS} AND a.closed_at IS NOT NULL ORDER BY a.closed_at DESC LIMIT 100",
    "最近解除的一百条。",
    24,
    8,
    columns=_COLUMNS,
)
FINDINGS = Panel(
    "异常数据",
    Kind.TABLE,
    "SELECT o.state AS `状态`, o.unit_name AS `单位`, o.unit AS `单位代码`,"
    f" i.name AS `指标项`, i.unit AS `计量单位`, {period_zh('o.period')} AS `报告期`,"
    " toFloat64(o.value) AS `数值`, toFloat64(o.median) AS `历史中位数`,"
    " toFloat64(o.proposed) AS `建议核对`, o.score AS `偏离程度`"
    " FROM v_anomaly AS o LEFT JOIN (SELECT code, name, unit FROM v_item"
    "  WHERE city = ${city:sqlstring}) AS i ON i.code = o.item"
    " WHERE o.city = ${city:sqlstring}"
    " ORDER BY o.state != 'open', o.period_end DESC, o.score DESC LIMIT 100",
    "与本单位同一序列历史中位数相差过大的数据，须核实并说明真实情况；待核实的在前。"
    "偏离程度是与中位数之差相当于几倍的中位绝对偏差（对数）。",
    24,
    8,
    columns=(
        Column("偏离程度", decimals=1),
        Column(
            "状态",
            width=90,
            words=(
                Word("open", "待核实", ORANGE),
                Word("corrected", "已更正", TEAL),
                Word("explained", "已说明", GREY),
            ),
        ),
    ),
)

ALERTS_BOARD = Board(
    "granary-alerts",
    "预警与异常",
    "哪里触线、逾期，哪些数据要核实？",
    (CITY,),
    (OPEN_COUNT, FINDING_COUNT, OPEN_ALERTS, FINDINGS, ALERT_HISTORY),
    "10s",
    "now-12y",
)
