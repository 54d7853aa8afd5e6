"""The expression language of checks: text to tree, and every reason why a text is no condition.

Python's parser reads the text, nothing of it is ever executed: each kind of syntax node that has a
meaning here is translated, every other one is a fault (decision 0016).

    rd_expense <= revenue
    abs(revenue - revenue_prior - growth) <= 0.01 and reported(revenue)
    output >= previous(output)
    not within(revenue, year_ago(revenue), 350, 1350)
    abs(tax - from_source(tax, "tax")) <= 0.05 * tax
    abs(turnover - sum_of_units(turnover, "turnover_monthly")) <= 0.5
"""

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Final, NoReturn

from indicators.checks.tree import (
    Arithmetic,
    Binary,
    Both,
    Comparison,
    Condition,
    Constant,
    Function,
    Negative,
    Node,
    Not,
    Number,
    Read,
    Relation,
    Reported,
    UnitsSum,
    Within,
)
from indicators.errors import GranaryError

if TYPE_CHECKING:
    from indicators.catalogue import Catalogue, Table

LONGEST: Final = 1_000
_DEEPEST: Final = 60
_MOST_NODES: Final = 100
_DECIMAL = re.compile(r"[0-9]{1,15}(\.[0-9]{1,10})?")
_ARITHMETIC: Final[dict[type[ast.operator], Arithmetic]] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
}
_RELATIONS: Final[dict[type[ast.cmpop], Relation]] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
_NUMBERS: Final = (Constant, Read, UnitsSum, Binary, Negative, Function)


class ExpressionError(GranaryError):
    """A text is no condition of the language, or names what is not in the catalogue."""

    code = "check_expression"
    next_step = "Correct the expression; docs/catalog.md, checks.yaml, lists what may be written."

    def __init__(self, english: str, chinese: str) -> None:
        super().__init__(english)
        self.english = english
        self.chinese = chinese


def compiled(text: str, catalogue: "Catalogue", table: "Table") -> Condition:
    """The condition that `text` writes, for units of the table.

    Raises:
        ExpressionError: syntax, an unknown name, function or source, a number where a condition is
            due or the other way round, too long or too deep; the first fault met.
    """
    if len(text) > LONGEST:
        _fault(f"longer than {LONGEST} signs", f"超过{LONGEST}个字符")
    try:
        root = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        said = getattr(error, "msg", "") or "cannot be read"
        column = getattr(error, "offset", None) or 0
        raise ExpressionError(
            f"cannot be read at sign {column}: {said}", f"第{column}个字符处语法有误"
        ) from error
    found = _Reading(text.strip(), catalogue, table).of(root, 0)
    if isinstance(found, _NUMBERS):
        _fault(
            "is a number; a check is a condition, such as a <= b",
            "是数值;审核规则应为条件,如 a <= b",
        )
    return found


def _fault(english: str, chinese: str) -> NoReturn:
    raise ExpressionError(english, chinese)


@dataclass(slots=True)
class _Reading:
    """One text being translated."""

    text: str
    catalogue: "Catalogue"
    table: "Table"
    nodes: int = 0

    def of(self, node: ast.expr, depth: int) -> Node:
        self.nodes += 1
        if depth > _DEEPEST or self.nodes > _MOST_NODES:
            _fault(
                f"deeper than {_DEEPEST} or of more than {_MOST_NODES} parts; make two rules of it",
                f"嵌套超过{_DEEPEST}层或超过{_MOST_NODES}个部分,请拆成两条规则",
            )
        match node:
            case ast.Constant():
                return self._constant(node)
            case ast.Name(id=name):
                return self._item(name)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return Negative(self._number(operand, depth))
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self._number(operand, depth)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return Not(self._condition(operand, depth))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
                sign = _ARITHMETIC[type(op)]
                return Binary(sign, self._number(left, depth), self._number(right, depth))
            case ast.BoolOp(op=op, values=values):
                conditions = tuple(self._condition(value, depth) for value in values)
                return Both("and" if isinstance(op, ast.And) else "or", conditions)
            case ast.Compare(left=left, ops=ops, comparators=others):
                return self._comparison(left, ops, others, depth)
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                return self._call(name, args, depth)
            case _:
                shown = self._source(node)
                _fault(f"{shown!r} is not of the language", f"“{shown}”不属于审核表达式")

    def _number(self, node: ast.expr, depth: int) -> Number:
        found = self.of(node, depth + 1)
        if not isinstance(found, _NUMBERS):
            shown = self._source(node)
            _fault(
                f"{shown!r} is a condition where a number is due", f"“{shown}”是条件,此处应为数值"
            )
        return found

    def _condition(self, node: ast.expr, depth: int) -> Condition:
        found = self.of(node, depth + 1)
        if isinstance(found, _NUMBERS):
            shown = self._source(node)
            _fault(
                f"{shown!r} is a number where a condition is due", f"“{shown}”是数值,此处应为条件"
            )
        return found

    def _read(self, node: ast.expr, depth: int) -> Read:
        found = self.of(node, depth + 1)
        if not isinstance(found, Read):
            shown = self._source(node)
            _fault(f"{shown!r} must be an item", f"“{shown}”应为指标项")
        return found

    def _comparison(
        self, left: ast.expr, ops: list[ast.cmpop], others: list[ast.expr], depth: int
    ) -> Comparison:
        for op in ops:
            if type(op) not in _RELATIONS:
                _fault("only < <= > >= == != compare", "比较只能用 < <= > >= == !=")
        return Comparison(
            tuple(self._number(one, depth) for one in (left, *others)),
            tuple(_RELATIONS[type(op)] for op in ops),
        )

    def _constant(self, node: ast.Constant) -> Constant:
        written = self._source(node)
        if not _DECIMAL.fullmatch(written):
            _fault(
                f"{written!r} is no number such as 12 or 0.05", f"“{written}”不是数字,应如12、0.05"
            )
        return Constant(Fraction(written))

    def _item(self, code: str) -> Read:
        catalogue, table = self.catalogue, self.table
        if code not in catalogue.item:
            _fault(f"no item {code!r}", f"没有指标项“{code}”")
        tables = catalogue.tables_with.get((table.unit_kind, code), ())
        if code in table.items:
            tables = (table.code,)
        return Read(code, self._alike(code, tables), restarts=self._restarts(code))

    def _alike(self, code: str, tables: tuple[str, ...]) -> tuple[str, ...]:
        """Those of the tables that are reported as often as the rule's."""
        if not tables:
            kind = self.table.unit_kind
            _fault(f"no table of {kind!r} has item {code!r}", f"没有{kind}的报表含指标项“{code}”")
        frequency = self.table.frequency
        alike = tuple(one for one in tables if self.catalogue.table[one].frequency is frequency)
        if not alike:
            _fault(
                f"no table with item {code!r} is reported by the {frequency.value}",
                f"含指标项“{code}”的报表与本规则报表频率不同",
            )
        return alike

    def _restarts(self, code: str) -> bool:
        return self.catalogue.item[code].reported == "year_to_date"

    def _call(self, name: str, args: list[ast.expr], depth: int) -> Node:
        known = _FUNCTIONS.get(name)
        if known is None:
            _fault(
                f"no function {name!r}; there are {', '.join(sorted(_FUNCTIONS))}",
                f"没有函数“{name}”;可用:{'、'.join(sorted(_FUNCTIONS))}",
            )
        least, most, make = known
        if not least <= len(args) <= most:
            wanted = str(least) if least == most else f"{least} or more"
            _fault(
                f"{name} takes {wanted} arguments",
                f"函数{name}需要{least}个{'' if least == most else '以上'}参数",
            )
        return make(self, args, depth)

    def named(self, args: list[ast.expr], depth: int) -> Read:
        """item("code"): for a code that Python would not read as a name."""
        return self._item(self._text(args[0]))

    def absolute(self, args: list[ast.expr], depth: int) -> Function:
        return Function("abs", (self._number(args[0], depth),))

    def least(self, args: list[ast.expr], depth: int) -> Function:
        return Function("min", tuple(self._number(one, depth) for one in args))

    def greatest(self, args: list[ast.expr], depth: int) -> Function:
        return Function("max", tuple(self._number(one, depth) for one in args))

    def previous(self, args: list[ast.expr], depth: int) -> Read:
        read = self._read(args[0], depth)
        return replace(read, earlier=read.earlier + 1)

    def year_ago(self, args: list[ast.expr], depth: int) -> Read:
        read = self._read(args[0], depth)
        return replace(read, years=read.years + 1)

    def from_source(self, args: list[ast.expr], depth: int) -> Read:
        read, source = self._read(args[0], depth), self._text(args[1])
        catalogue = self.catalogue
        if source not in catalogue.source:
            _fault(f"no source {source!r}", f"没有来源“{source}”")
        tables = tuple(
            code
            for code in catalogue.tables_with.get((self.table.unit_kind, read.item), ())
            if catalogue.table[code].source == source
        )
        if not tables:
            _fault(
                f"source {source!r} has no item {read.item!r}",
                f"来源“{source}”没有指标项“{read.item}”",
            )
        return replace(read, tables=self._alike(read.item, tables), foreign=True)

    def reported(self, args: list[ast.expr], depth: int) -> Reported:
        return Reported(self._read(args[0], depth))

    def sum_of_units(self, args: list[ast.expr], depth: int) -> UnitsSum:
        code = args[0].id if isinstance(args[0], ast.Name) else self._text(args[0])
        name = self._text(args[1])
        table = self.catalogue.table.get(name)
        if table is None:
            _fault(f"no table {name!r}", f"没有报表“{name}”")
        if code not in table.items:
            _fault(f"table {name!r} has no item {code!r}", f"报表“{name}”没有指标项“{code}”")
        if not self.catalogue.item[code].additive:
            _fault(f"{code!r} is a ratio and cannot be added", f"“{code}”为比率,不能相加")
        if table.frequency is not self.table.frequency:
            _fault(
                f"table {name!r} is not reported by the {self.table.frequency.value}",
                f"报表“{name}”与本规则报表频率不同",
            )
        grouping = self.catalogue.grouping.get(self.table.unit_kind)
        if grouping is None or table.unit_kind not in grouping.unit_kinds:
            kind = self.table.unit_kind
            _fault(
                f"{kind!r} is no grouping of the units of table {name!r}",
                f"“{kind}”不是报表“{name}”所属单位的分组",
            )
        return UnitsSum(code, name, grouping.code)

    def within(self, args: list[ast.expr], depth: int) -> Within:
        left, right = (self._number(one, depth) for one in args[:2])
        low, high = (self._bound(one, depth) for one in args[2:])
        if low > high:
            _fault("within: low is above high", "within:下限大于上限")
        return Within(left, right, low, high)

    def _bound(self, node: ast.expr, depth: int) -> Fraction:
        found = self._number(node, depth)
        sign = 1
        if isinstance(found, Negative):
            sign, found = -1, found.of
        if not isinstance(found, Constant):
            _fault("within: low and high are numbers", "within:上下限应为数字")
        return sign * found.value

    def _text(self, node: ast.expr) -> str:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value
        shown = self._source(node)
        _fault(f"{shown!r} must be a quoted name", f"“{shown}”应为带引号的名称")

    def _source(self, node: ast.expr) -> str:
        return (ast.get_source_segment(self.text, node) or "")[:60]


_Maker = Callable[[_Reading, list[ast.expr], int], Node]
#: name → (least arguments, most, what makes the node)
_FUNCTIONS: Final[dict[str, tuple[int, int, _Maker]]] = {
    "item": (1, 1, _Reading.named),
    "abs": (1, 1, _Reading.absolute),
    "min": (2, 20, _Reading.least),
    "max": (2, 20, _Reading.greatest),
    "previous": (1, 1, _Reading.previous),
    "year_ago": (1, 1, _Reading.year_ago),
    "from_source": (2, 2, _Reading.from_source),
    "sum_of_units": (2, 2, _Reading.sum_of_units),
    "reported": (1, 1, _Reading.reported),
    "within": (4, 4, _Reading.within),
}
