"""Is every unit that ought to be in the survey in it: coverage, and the cases that are open."""

from dashboards.boards.words import SUBJECTS, period_zh
from dashboards.panels import Column, Kind, Panel


def _share(on_list: str, confirmed: str) -> str:
    """在库 / (在库 + 确认应统未统), NULL where nobody ought to be on the list."""
    whole = f"({on_list} + {confirmed})"
    return f"toFloat64({on_list}) / nullIf(toFloat64({whole}), 0)"


_BY_COUNT = _share("v.on_list", "v.confirmed")
_BY_SIZE = _share("v.on_list_size", "v.confirmed_size")
_CITY = "v.city = ${city:sqlstring}"

COVERAGE = Panel(
    "入统覆盖率（全市）",
    Kind.STAT,
    f"SELECT {_BY_COUNT} AS by_count FROM v_frame AS v WHERE {_CITY} AND v.level = 'city'",
    "在库单位占在库与确认应统未统单位之和的比重，按单位数。与报送完整率是两回事。",
    5,
    5,
    unit="percentunit",
    decimals=1,
    none="无候选名单",
)
COVERAGE_BY_SIZE = Panel(
    "入统覆盖率（全市，按销售额）",
    Kind.STAT,
    f"SELECT {_BY_SIZE} AS by_size FROM v_frame AS v WHERE {_CITY} AND v.level = 'city'",
    "同上，按近12个月销售额；在库单位中没有来源销售额的不计入。",
    5,
    5,
    unit="percentunit",
    decimals=1,
    none="无候选名单",
)
OPEN_CASES = Panel(
    "应统未统与入统覆盖（分区市县）",
    Kind.TABLE,
    f"SELECT n.name AS `名称`, {_BY_COUNT} AS `覆盖率（家数）`, {_BY_SIZE} AS `覆盖率（销售额）`,"
    " v.on_list AS `在库`, v.confirmed AS `拟申报`, v.candidates - v.confirmed AS `待核实`,"
    " toFloat64(v.candidates_size) AS `待办销售额（万元）`, c.first AS `最早办理时限`,"
    f" v.near AS `准规上`, {period_zh('v.as_of')} AS `名单截至`"
    f" FROM v_frame AS v INNER JOIN {SUBJECTS} AS n ON n.level = v.level AND n.code = v.subject"
    " LEFT JOIN (SELECT district, min(due) AS first"
    "  FROM v_frame_case WHERE city = ${city:sqlstring} AND kind = 'case'"
    "  AND state IN ('to_verify', 'to_declare') GROUP BY district) AS c ON c.district = v.subject"
    f" WHERE {_CITY} AND v.level IN ('city', 'district')"
    " ORDER BY v.level != 'city', `覆盖率（家数）` ASC NULLS LAST, v.candidates_size DESC, `名称`",
    "覆盖率 = 在库 ÷（在库＋拟申报），低的在前；待核实的不计入。逐户清单见应统未统工作台。",
    14,
    10,
    columns=(
        Column("覆盖率（家数）", "percentunit", 1),
        Column("覆盖率（销售额）", "percentunit", 1),
        Column("待办销售额（万元）", decimals=0),
    ),
)
