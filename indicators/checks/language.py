"""The expression language of checks: text to tree, and every reason why a text is no condition.

Python's parser reads the text, nothing of it is ever executed: each kind of syntax node that has a
meaning here is translated, every other one is a fault (decision 0016). Numbers, dates, texts and
conditions are never mixed.

    rd_expense <= revenue
    abs(revenue - revenue_prior - growth) <= 0.01 and reported(revenue)
    output >= previous(output)
    not within(revenue, year_ago(revenue), 350, 1350)
    abs(tax - from_source(tax, "tax")) <= 0.05 * tax
    abs(turnover - sum_of_units(turnover, "turnover_monthly")) <= 0.5
    started == 1 or date("planned_start") > period_end()
    land_rented_out == sum_pointing(let_area, "lease_annual", "lessor")
"""

import ast
import re
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from indicators.checks.expression_error import ExpressionError
from indicators.checks.functions import FUNCTIONS
from indicators.checks.tree import (
    DAYS,
    NUMBERS,
    TEXTS,
    Arithmetic,
    Binary,
    Both,
    Comparison,
    Condition,
    Constant,
    Day,
    DayShift,
    Fact,
    Negative,
    Node,
    Not,
    Number,
    Quantity,
    Read,
    Relation,
    Text,
    TextComparison,
    WrittenText,
)

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
_IN_CHINESE: Final = {"number": "数值", "date": "日期", "text": "文字", "condition": "条件"}


def compiled(text: str, catalogue: "Catalogue", table: "Table") -> Condition:
    """The condition that `text` writes, for units of the table.

    Raises:
        ExpressionError: syntax, an unknown name, function or source, a number where a condition is
            due or the other way round, a date compared with a number, too long or too deep; the
            first fault met.
    """
    found = _read(text, catalogue, table)
    if isinstance(found, (*NUMBERS, *DAYS, *TEXTS)):
        sort = sort_of(found)
        raise ExpressionError(
            f"is a {sort}; a check is a condition, such as a <= b",
            f"是{_IN_CHINESE[sort]};审核规则应为条件,如 a <= b",
        )
    return found


def compiled_fact(text: str, catalogue: "Catalogue", table: "Table") -> Fact:
    """The number, date or text that `text` writes, for units of the table.

    Raises:
        ExpressionError: as `compiled`, and a condition.
    """
    found = _read(text, catalogue, table)
    if not isinstance(found, (*NUMBERS, *DAYS, *TEXTS)):
        raise ExpressionError(
            "is a condition; a fact is a number, a date or a text",
            "是条件;引用的事实应为数值、日期或文字",
        )
    return found


def sort_of(node: Node) -> str:
    """number, date, text or condition."""
    if isinstance(node, NUMBERS):
        return "number"
    if isinstance(node, DAYS):
        return "date"
    return "text" if isinstance(node, TEXTS) else "condition"


def _read(text: str, catalogue: "Catalogue", table: "Table") -> Node:
    if len(text) > LONGEST:
        raise ExpressionError(f"longer than {LONGEST} signs", f"超过{LONGEST}个字符")
    try:
        root = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        said = getattr(error, "msg", "") or "cannot be read"
        column = getattr(error, "offset", None) or 0
        raise ExpressionError(
            f"cannot be read at sign {column}: {said}", f"第{column}个字符处语法有误"
        ) from error
    return Reading(text.strip(), catalogue, table).of(root, 0)


@dataclass(slots=True)
class Reading:
    """One text being translated, for units of the table."""

    text: str
    catalogue: "Catalogue"
    table: "Table"
    nodes: int = 0

    def of(self, node: ast.expr, depth: int) -> Node:
        self.nodes += 1
        if depth > _DEEPEST or self.nodes > _MOST_NODES:
            raise ExpressionError(
                f"deeper than {_DEEPEST} or of more than {_MOST_NODES} parts; make two rules of it",
                f"嵌套超过{_DEEPEST}层或超过{_MOST_NODES}个部分,请拆成两条规则",
            )
        match node:
            case ast.Constant(value=str(text)):
                return WrittenText(text)
            case ast.Constant():
                return self._constant(node)
            case ast.Name(id=name):
                return self.item(name)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return Negative(self.number(operand, depth))
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.number(operand, depth)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return Not(self.condition(operand, depth))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
                return self._arithmetic(_ARITHMETIC[type(op)], left, right, depth)
            case ast.BoolOp(op=op, values=values):
                conditions = tuple(self.condition(value, depth) for value in values)
                return Both("and" if isinstance(op, ast.And) else "or", conditions)
            case ast.Compare(left=left, ops=ops, comparators=others):
                return self._comparison([left, *others], ops, depth)
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                return self._call(name, args, depth)
            case _:
                shown = self.source(node)
                raise ExpressionError(
                    f"{shown!r} is not of the language", f"“{shown}”不属于审核表达式"
                )

    def number(self, node: ast.expr, depth: int) -> Number:
        found = self.of(node, depth + 1)
        if not isinstance(found, NUMBERS):
            raise self._other_sort(node, found, "number")
        return found

    def condition(self, node: ast.expr, depth: int) -> Condition:
        found = self.of(node, depth + 1)
        if isinstance(found, (*NUMBERS, *DAYS, *TEXTS)):
            raise self._other_sort(node, found, "condition")
        return found

    def read(self, node: ast.expr, depth: int) -> Read:
        found = self.of(node, depth + 1)
        if not isinstance(found, Read):
            shown = self.source(node)
            raise ExpressionError(f"{shown!r} must be an item", f"“{shown}”应为指标项")
        return found

    def quoted(self, node: ast.expr) -> str:
        """The text of a quoted name."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value
        shown = self.source(node)
        raise ExpressionError(f"{shown!r} must be a quoted name", f"“{shown}”应为带引号的名称")

    def source(self, node: ast.expr) -> str:
        """The text as written, of a node that may be shown in a fault."""
        return (ast.get_source_segment(self.text, node) or "")[:60]

    def item(self, code: str) -> Read:
        """A unit's value of the item, in the period that is judged."""
        catalogue, table = self.catalogue, self.table
        if code not in catalogue.item:
            raise ExpressionError(f"no item {code!r}", f"没有指标项“{code}”")
        tables = catalogue.tables_with.get((table.unit_kind, code), ())
        if code in table.items:
            tables = (table.code,)
        restarts = catalogue.item[code].reported == "year_to_date"
        return Read(code, self.alike(code, tables), restarts=restarts)

    def alike(self, code: str, tables: tuple[str, ...]) -> tuple[str, ...]:
        """Those of the tables that are reported as often as the rule's."""
        if not tables:
            kind = self.table.unit_kind
            raise ExpressionError(
                f"no table of {kind!r} has item {code!r}", f"没有{kind}的报表含指标项“{code}”"
            )
        frequency = self.table.frequency
        alike = tuple(one for one in tables if self.catalogue.table[one].frequency is frequency)
        if not alike:
            raise ExpressionError(
                f"no table with item {code!r} is reported by the {frequency.value}",
                f"含指标项“{code}”的报表与本规则报表频率不同",
            )
        return alike

    def about(self, table: "Table") -> "Reading":
        """The same text, read for units of another table."""
        return Reading(self.text, self.catalogue, table, self.nodes)

    def _other_sort(self, node: ast.expr, found: Node, wanted: str) -> ExpressionError:
        shown, sort = self.source(node), sort_of(found)
        return ExpressionError(
            f"{shown!r} is a {sort} where a {wanted} is due",
            f"“{shown}”是{_IN_CHINESE[sort]},此处应为{_IN_CHINESE[wanted]}",
        )

    def _constant(self, node: ast.Constant) -> Constant:
        written = self.source(node)
        if not _DECIMAL.fullmatch(written):
            raise ExpressionError(
                f"{written!r} is no number such as 12 or 0.05", f"“{written}”不是数字,应如12、0.05"
            )
        return Constant(Fraction(written))

    def _arithmetic(
        self, sign: Arithmetic, left: ast.expr, right: ast.expr, depth: int
    ) -> Number | Day:
        """Numbers; a date and days after or before it; two dates: the days between them."""
        one = self.of(left, depth + 1)
        if not isinstance(one, DAYS):
            if not isinstance(one, NUMBERS):
                raise self._other_sort(left, one, "number")
            return Binary(sign, one, self.number(right, depth))
        other = self.of(right, depth + 1)
        if isinstance(other, DAYS) and sign == "-":
            return Binary("-", one, other)
        if isinstance(other, NUMBERS) and sign in ("+", "-"):
            return DayShift("+" if sign == "+" else "-", one, other)
        raise ExpressionError(
            "of a date there is only: date + days, date - days, date - date",
            "日期只能:日期+天数、日期-天数、日期-日期",
        )

    def _comparison(self, parts: list[ast.expr], ops: list[ast.cmpop], depth: int) -> Condition:
        for op in ops:
            if type(op) not in _RELATIONS:
                raise ExpressionError("only < <= > >= == != compare", "比较只能用 < <= > >= == !=")
        relations = tuple(_RELATIONS[type(op)] for op in ops)
        sides = [self.of(one, depth + 1) for one in parts]
        sorts = [sort_of(side) for side in sides]
        if "condition" in sorts:
            at = sorts.index("condition")
            raise self._other_sort(parts[at], sides[at], "number")
        if len(set(sorts)) > 1:
            one, other = sorts[0], next(sort for sort in sorts if sort != sorts[0])
            raise ExpressionError(
                f"compares a {one} with a {other}",
                f"不能将{_IN_CHINESE[one]}与{_IN_CHINESE[other]}比较",
            )
        if sorts[0] == "text":
            return _texts_compared([side for side in sides if isinstance(side, TEXTS)], relations)
        quantities: list[Quantity] = [side for side in sides if isinstance(side, (*NUMBERS, *DAYS))]
        return Comparison(tuple(quantities), relations)

    def _call(self, name: str, args: list[ast.expr], depth: int) -> Node:
        known = FUNCTIONS.get(name)
        if known is None:
            raise ExpressionError(
                f"no function {name!r}; there are {', '.join(sorted(FUNCTIONS))}",
                f"没有函数“{name}”;可用:{'、'.join(sorted(FUNCTIONS))}",
            )
        least, most, make = known
        if not least <= len(args) <= most:
            wanted = str(least) if least == most else f"{least} or more"
            raise ExpressionError(
                f"{name} takes {wanted} arguments",
                f"函数{name}需要{least}个{'' if least == most else '以上'}参数",
            )
        return make(self, args, depth)


def _texts_compared(sides: list[Text], relations: tuple[Relation, ...]) -> TextComparison:
    if len(sides) != 2 or relations[0] not in ("==", "!="):
        raise ExpressionError("of two texts only == and != tell", "文字只能用 == 或 != 两两比较")
    return TextComparison(sides[0], sides[1], relations[0] == "==")
