"""What a fault says in Chinese (and a plainer English), by the kind of error."""

import re
from collections.abc import Mapping
from typing import Any

#: pydantic's error type → (English, Chinese); {…} are taken from the error's context.
_BY_TYPE = {
    "missing": ("this field is missing", "缺少必填项"),
    "extra_forbidden": ("no such field", "没有这个字段"),
    "int_parsing": ("must be a whole number", "应为整数"),
    "int_type": ("must be a whole number", "应为整数"),
    "float_parsing": ("must be a number", "应为数字"),
    "float_type": ("must be a number", "应为数字"),
    "fraction_parsing": ("must be a number, such as 1, 0.0015 or 3/2000", "应为数字,如1、0.0015"),
    "decimal_parsing": ("must be a number", "应为数字"),
    "decimal_max_places": (
        "must have at most {decimal_places} decimals",
        "最多{decimal_places}位小数",
    ),
    "string_too_short": ("must not be blank", "不得为空"),
    "bool_parsing": ("must be true or false", "应为true或false"),
    "bool_type": ("must be true or false", "应为true或false"),
    "string_type": ("must be text", "应为文本"),
    "list_type": ("must be a list", "应为列表"),
    "tuple_type": ("must be a list", "应为列表"),
    "dict_type": ("must be a mapping of names to values", "应为键值对"),
    "model_type": ("must be a mapping of fields to values", "应为字段与值的对应"),
    "model_attributes_type": ("must be a mapping of fields to values", "应为字段与值的对应"),
    "literal_error": ("must be one of {expected}", "只能是以下之一:{expected}"),
    "enum": ("must be one of {expected}", "只能是以下之一:{expected}"),
    "greater_than": ("must be above {gt}", "应大于{gt}"),
    "greater_than_equal": ("must be {ge} or more", "不得小于{ge}"),
    "less_than": ("must be below {lt}", "应小于{lt}"),
    "less_than_equal": ("must be {le} or less", "不得大于{le}"),
    "too_long": ("has too many members", "成员过多"),
    "too_short": ("has too few members", "成员过少"),
    "day": ("must be a date such as 2026-03-01", "应为日期,如2026-03-01"),
    "string_pattern_mismatch": (
        "a code has 1 to 64 signs, no space and none of : / ? # &",
        "代码为1至64个字符,不含空格和 : / ? # &",
    ),
}

_SENTENCES = (
    (r"(.+) is used more than once", r"\1重复使用"),
    (r"no (source|grouping|table|item|measure|deflator) (.+)", r"没有\1\2"),
    (r"grouping and member go together", "grouping与member须同时填写"),
    (r"(.+) is no member of it", r"\1不是该分组的成员"),
    (r"(.+) is a kind of unit already", r"\1已是单位类型"),
    (r"no scheme of keys (.+)", r"correspondences.yaml中没有部门主键\1"),
    (
        r"keys of (.+) are those of (.+), the table is about (.+)",
        r"部门主键\1对应的单位类型为\2,报表的单位类型为\3",
    ),
    (r"(.+) is not a period", r"\1不是报告期"),
    (r"no table or grouping is about units of kind (.+)", r"没有报表或分组涉及单位类型\1"),
    (r"table (.+) has no item (.+)", r"报表\1没有指标项\2"),
    (r"(.+) of this source is already in (.+)", r"同一来源的\1已在\2中"),
    (r"(.+) is not among its items", r"\1不在本表指标项中"),
    (r"a formula has at least one item", "公式至少要有一个指标项"),
    (r"factor of (.+) needs more than 6 decimals", r"\1的系数超过6位小数"),
    (r"(.+) is not among the catalogue's crosses", r"\1不在city.yaml的crosses中"),
    (
        r"a reported ratio can only be shown for the units it is about",
        "上报的比率只能按其所属单位展示",
    ),
    (r"a reported ratio enters no other formula", "上报的比率不得进入其他公式"),
    (
        r"a reported ratio has no shares and no contributions",
        "上报的比率没有占比,也没有拉动百分点",
    ),
    (
        r"a ratio of sums has no shares and no contributions: (.+)",
        r"比率指标没有占比,也没有拉动百分点:\1",
    ),
    (
        r"(.+) of (.+) is told at constant prices only; .*",
        r"\2只能按可比价计算增速(\1),须填constant_prices",
    ),
    (r"(.+) at constant prices would need .*", r"可比价下没有\1:缺少相应口径的价格指数"),
    (r"(.+) is not in the formula", r"\1不在公式中"),
    (
        r"factor of (.+) times index (.+) needs more than 6 decimals",
        r"\1的系数乘以指数\2后超过6位小数",
    ),
    (r"a table asks units by an attribute of the register", "报表只能按名录属性限定单位"),
    (r"by and members go together", "by与members须同时填写"),
    (r"members of (.+) may overlap, a unit has one index", r"\1的成员可重叠,单位无法确定唯一指数"),
    (r"an index is above 0 and has up to 4 decimals", "指数应大于0,最多4位小数"),
    (
        r"(.+) of table (.+) is reported too seldom for a .*",
        r"报表\2的\1报送频率过低,且非时点指标,不能沿用",
    ),
    (r"(.+) has no value over a (.+)", r"\1没有较长时期(\2)的值"),
    (r"a (.+) is no longer period than the table's", r"\1不长于报表的报告期"),
    (r"only a flow is reported for two months together", "只有时期指标可1—2月合并报送"),
    (r"only an item reported year-to-date has one", "只有按累计报送的指标项才有本月项"),
    (r"(.+) is no flow reported for the month", r"\1不是按本月报送的时期指标"),
    (
        r"(.+) is of another kind or reported otherwise",
        r"上年同期项\1与本项的性质(时期、时点等)或填报口径(当月、累计)不同",
    ),
    (r"table (.+) asks for (.+) but not for (.+)", r"报表\1有指标项\2,却没有其上年同期项\3"),
    (r"(.+) is a table of figures already", r"\1已是tables.yaml中报表的代码"),
    (r"candidates have a feed, and nothing else has one", "candidates须填feed,其他内容不填feed"),
    (r"frame.yaml has no feed (.+)", r"frame.yaml中没有线索来源\1"),
    (r"(.+) is sent by table (.+) already", r"线索来源\1已由报表\2报送"),
    (
        r"correspondences have a scheme of keys, and nothing else has one",
        "correspondences须填scheme,其他内容不填scheme",
    ),
    (r"keys of (.+) are those of another kind of unit", r"部门主键\1对应另一单位类型"),
)
_NOUNS = {
    "source": "来源",
    "grouping": "分组",
    "table": "报表",
    "item": "指标项",
    "measure": "口径",
    "deflator": "价格指数",
}


def wording(kind: str, message: str, context: Mapping[str, Any]) -> tuple[str, str]:
    """(English, Chinese) for a pydantic error of type `kind`."""
    texts = _BY_TYPE.get(kind)
    if texts is None:
        return message, "填写有误"
    return texts[0].format(**context), texts[1].format(**context)


def in_chinese(sentence: str) -> str:
    """Chinese of a sentence about the catalogue as a whole (`indicators.catalogue`)."""
    for pattern, chinese in _SENTENCES:
        found = re.fullmatch(pattern, sentence)
        if found:
            text = found.expand(chinese)
            for english, noun in _NOUNS.items():
                text = text.replace(f"没有{english}", f"没有{noun}")
            return text
    return "与目录其他部分不符"
