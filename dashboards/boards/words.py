"""SQL that several boards share: names for codes, periods in Chinese, one standing of several."""

from dashboards.panels import Variable

CITY = Variable(
    "city",
    "城市",
    "SELECT code, min(name) FROM v_subject WHERE level = 'city' AND code = city"
    " GROUP BY code ORDER BY code",
)

#: level, code → name of subjects; units of a kind that is named like a level are the same bodies.
SUBJECTS = (
    "(SELECT level, code, min(name) AS name FROM v_subject WHERE city = ${city:sqlstring}"
    " GROUP BY level, code)"
)

#: Of overlapping members the subject that holds each unit once: beside them, never one of them.
TOTAL = "'total'"

#: Ascending: the highest standing last.
STANDING_RANK = "indexOf(['监测数', '上报数', '核定数', '公布数'], standing)"
#: Figures that are quoted as they stand: no units of ours are behind them.
QUOTED = "('公布数', '核定数')"
_HIGHEST_FIRST = f"ORDER BY value IS NULL, {STANDING_RANK} DESC"


def names_of(kind: str) -> str:
    """code → name of the city's items, tables or reporters, as a table to join."""
    return (
        f"(SELECT code, argMax(name_zh, version) AS name FROM dimension WHERE class = '{kind}'"
        " AND city IN (SELECT city_id FROM v_subject WHERE level = 'city'"
        " AND code = ${city:sqlstring}) GROUP BY code)"
    )


def highest(columns: str, where: str, each: str = "") -> str:
    """Rows of v_indicator, one for `each` (columns): the highest standing that has a value.

    A standing without a value hides none that has one. Without `each` a single row.
    """
    limit = f"LIMIT 1 BY {each}" if each else "LIMIT 1"
    return f"SELECT {columns} FROM v_indicator WHERE {where} {_HIGHEST_FIRST} {limit}"


def frequency(period: str) -> str:
    """'-M', '-Q' or '': of one kind of period only, so that no quarter stands among months."""
    return f"substring({period}, 5, 2)"


def finest_first(period: str) -> str:
    """To order periods by: months before quarters before years."""
    return f"indexOf(['-M', '-Q', ''], {frequency(period)})"


def period_zh(column: str) -> str:
    """2018-M12 → 2018年12月, 2018-Q4 → 2018年四季度, 2018 → 2018年; '' stays ''."""
    year, part = f"substring({column}, 1, 4)", f"substring({column}, 7)"
    quarter = f"transform({part}, ['1', '2', '3', '4'], ['一', '二', '三', '四'], '')"
    return (
        f"multiIf({column} = '', '', length({column}) = 4, concat({column}, '年'),"
        f" substring({column}, 6, 1) = 'Q', concat({year}, '年', {quarter}, '季度'),"
        f" concat({year}, '年', toString(toUInt8OrZero({part})), '月'))"
    )


def level_zh(column: str) -> str:
    """The Chinese word of a level; an unknown one stays as it is."""
    return (
        f"transform({column}, ['district', 'industry', 'zone', 'ecosystem', 'park', 'department'],"
        f" ['区县', '行业', '功能区', '产业生态圈', '园区', '部门'], {column})"
    )
