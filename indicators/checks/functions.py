"""Functions of the expression language: each makes a node of its arguments, or refuses them."""

import ast
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from indicators.checks.expression_error import ExpressionError
from indicators.checks.tree import (
    AttributeDay,
    AttributeNumber,
    AttributeText,
    Condition,
    Constant,
    Function,
    Negative,
    Node,
    PeriodDay,
    PointedName,
    PointedValue,
    PointingNames,
    PointingSum,
    Read,
    Reported,
    UnitsSum,
    Within,
    every,
)

if TYPE_CHECKING:
    from indicators.catalogue import Table
    from indicators.checks.language import Reading

_ATTRIBUTE = re.compile(r"[a-z][a-z0-9_]*")
_OTHERS: Final = (UnitsSum, PointingSum, PointedValue, PointedName, PointingNames)


def _item(reading: "Reading", args: list[ast.expr], depth: int) -> Read:
    """item("code"): for a code that Python would not read as a name."""
    return reading.item(reading.quoted(args[0]))


def _absolute(reading: "Reading", args: list[ast.expr], depth: int) -> Function:
    return Function("abs", (reading.number(args[0], depth),))


def _least(reading: "Reading", args: list[ast.expr], depth: int) -> Function:
    return Function("min", tuple(reading.number(one, depth) for one in args))


def _greatest(reading: "Reading", args: list[ast.expr], depth: int) -> Function:
    return Function("max", tuple(reading.number(one, depth) for one in args))


def _previous(reading: "Reading", args: list[ast.expr], depth: int) -> Read:
    read = reading.read(args[0], depth)
    return replace(read, earlier=read.earlier + 1)


def _year_ago(reading: "Reading", args: list[ast.expr], depth: int) -> Read:
    read = reading.read(args[0], depth)
    return replace(read, years=read.years + 1)


def _from_source(reading: "Reading", args: list[ast.expr], depth: int) -> Read:
    read, source = reading.read(args[0], depth), reading.quoted(args[1])
    catalogue = reading.catalogue
    if source not in catalogue.source:
        raise ExpressionError(f"no source {source!r}", f"没有来源“{source}”")
    tables = tuple(
        code
        for code in catalogue.tables_with.get((reading.table.unit_kind, read.item), ())
        if catalogue.table[code].source == source
    )
    if not tables:
        raise ExpressionError(
            f"source {source!r} has no item {read.item!r}",
            f"来源“{source}”没有指标项“{read.item}”",
        )
    return replace(read, tables=reading.alike(read.item, tables), foreign=True)


def _reported(reading: "Reading", args: list[ast.expr], depth: int) -> Reported:
    return Reported(reading.read(args[0], depth))


def _within(reading: "Reading", args: list[ast.expr], depth: int) -> Within:
    left, right = (reading.number(one, depth) for one in args[:2])
    low, high = (_bound(reading, one, depth) for one in args[2:])
    if low > high:
        raise ExpressionError("within: low is above high", "within:下限大于上限")
    return Within(left, right, low, high)


def _bound(reading: "Reading", node: ast.expr, depth: int) -> Fraction:
    found = reading.number(node, depth)
    sign = 1
    if isinstance(found, Negative):
        sign, found = -1, found.of
    if not isinstance(found, Constant):
        raise ExpressionError("within: low and high are numbers", "within:上下限应为数字")
    return sign * found.value


def _sum_of_units(reading: "Reading", args: list[ast.expr], depth: int) -> UnitsSum:
    code, table = _summed(reading, args)
    kind = reading.table.unit_kind
    grouping = reading.catalogue.grouping.get(kind)
    if grouping is None or table.unit_kind not in grouping.unit_kinds:
        raise ExpressionError(
            f"{kind!r} is no grouping of the units of table {table.code!r}",
            f"“{kind}”不是报表“{table.code}”所属单位的分组",
        )
    return UnitsSum(code, table.code, grouping.code, _where(reading, table, args[2:], depth))


def _sum_pointing(reading: "Reading", args: list[ast.expr], depth: int) -> PointingSum:
    code, table = _summed(reading, args)
    where = _where(reading, table, args[3:], depth)
    return PointingSum(code, table.code, _attribute(reading, args[2]), where)


def _value_at(reading: "Reading", args: list[ast.expr], depth: int) -> PointedValue:
    code, table = _item_of_table(reading, args)
    return PointedValue(code, table.code, _attribute(reading, args[2]))


def _summed(reading: "Reading", args: list[ast.expr]) -> tuple[str, "Table"]:
    code, table = _item_of_table(reading, args)
    if not reading.catalogue.item[code].additive:
        raise ExpressionError(
            f"{code!r} is a ratio and cannot be added", f"“{code}”为比率,不能相加"
        )
    return code, table


def _item_of_table(reading: "Reading", args: list[ast.expr]) -> tuple[str, "Table"]:
    """An item and the table it is read from, which is reported as often as the rule's."""
    code = args[0].id if isinstance(args[0], ast.Name) else reading.quoted(args[0])
    table = _table(reading, args[1])
    if code not in table.items:
        raise ExpressionError(
            f"table {table.code!r} has no item {code!r}", f"报表“{table.code}”没有指标项“{code}”"
        )
    if table.frequency is not reading.table.frequency:
        raise ExpressionError(
            f"table {table.code!r} is not reported by the {reading.table.frequency.value}",
            f"报表“{table.code}”与本规则报表频率不同",
        )
    return code, table


def _table(reading: "Reading", node: ast.expr) -> "Table":
    name = reading.quoted(node)
    table = reading.catalogue.table.get(name)
    if table is None:
        raise ExpressionError(f"no table {name!r}", f"没有报表“{name}”")
    return table


def _where(
    reading: "Reading", table: "Table", args: Sequence[ast.expr], depth: int
) -> Condition | None:
    """Which of the table's units are added: told by what each of them returned in the period."""
    if not args:
        return None
    about = reading.about(table)
    found = about.condition(args[0], depth)
    reading.nodes = about.nodes
    for node in every(found):
        other = isinstance(node, Read) and (
            node.tables != (table.code,) or node.earlier or node.years or node.foreign
        )
        if other or isinstance(node, _OTHERS):
            raise ExpressionError(
                f"which units are added is told by items of {table.code!r} in the period,"
                " attributes and dates alone",
                f"汇总条件只能用报表“{table.code}”本期指标项、名录属性和日期",
            )
    return found


def _attribute(reading: "Reading", node: ast.expr) -> str:
    name = reading.quoted(node)
    if not _ATTRIBUTE.fullmatch(name):
        raise ExpressionError(
            f"{name!r} is no attribute of a register: lower-case letters, digits and _",
            f"“{name}”不是名录属性名:应为小写字母、数字和下划线",
        )
    return name


def _kind(reading: "Reading", node: ast.expr) -> str:
    catalogue, kind = reading.catalogue, reading.quoted(node)
    known = {table.unit_kind for table in catalogue.tables}
    for grouping in catalogue.groupings:
        known |= {*grouping.unit_kinds}
    if kind not in known:
        raise ExpressionError(
            f"no kind of unit {kind!r}; there are {', '.join(sorted(known))}",
            f"没有单位类型“{kind}”;可用:{'、'.join(sorted(known))}",
        )
    return kind


def _number(reading: "Reading", args: list[ast.expr], depth: int) -> AttributeNumber:
    return AttributeNumber(_attribute(reading, args[0]))


def _date(reading: "Reading", args: list[ast.expr], depth: int) -> AttributeDay:
    return AttributeDay(_attribute(reading, args[0]))


def _text(reading: "Reading", args: list[ast.expr], depth: int) -> AttributeText:
    return AttributeText(_attribute(reading, args[0]))


def _period_start(reading: "Reading", args: list[ast.expr], depth: int) -> PeriodDay:
    return PeriodDay(last=False)


def _period_end(reading: "Reading", args: list[ast.expr], depth: int) -> PeriodDay:
    return PeriodDay(last=True)


def _name_at(reading: "Reading", args: list[ast.expr], depth: int) -> PointedName:
    return PointedName(_kind(reading, args[0]), _attribute(reading, args[1]))


def _names_pointing(reading: "Reading", args: list[ast.expr], depth: int) -> PointingNames:
    table = _table(reading, args[0])
    shown = PointedName(_kind(reading, args[2]), _attribute(reading, args[3]))
    return PointingNames(table.code, _attribute(reading, args[1]), shown)


_Maker = Callable[["Reading", list[ast.expr], int], Node]
#: name → (least arguments, most, what makes the node)
FUNCTIONS: Final[dict[str, tuple[int, int, _Maker]]] = {
    "item": (1, 1, _item),
    "abs": (1, 1, _absolute),
    "min": (2, 20, _least),
    "max": (2, 20, _greatest),
    "previous": (1, 1, _previous),
    "year_ago": (1, 1, _year_ago),
    "from_source": (2, 2, _from_source),
    "sum_of_units": (2, 3, _sum_of_units),
    "sum_pointing": (3, 4, _sum_pointing),
    "value_at": (3, 3, _value_at),
    "number": (1, 1, _number),
    "date": (1, 1, _date),
    "text": (1, 1, _text),
    "period_start": (0, 0, _period_start),
    "period_end": (0, 0, _period_end),
    "name_at": (2, 2, _name_at),
    "names_pointing": (4, 4, _names_pointing),
    "reported": (1, 1, _reported),
    "within": (4, 4, _within),
}
