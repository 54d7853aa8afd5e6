"""Findings (审核意见): where in a file something is wrong, by which rule, said in two languages."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

#: Findings listed in a receipt; beyond it only the counts by rule go on, so that a receipt of a
#: file with a million bad cells stays readable and small.
LISTED: Final = 1_000
#: Characters of a cell quoted in a message.
_QUOTED: Final = 40

NO_FACTS: Final[Mapping[str, object]] = {}
Severity = Literal["hard", "soft"]

#: rule → (Chinese, English); filled with the facts of the finding.
RULES: Final[Mapping[str, tuple[str, str]]] = {
    # The file.
    "empty_file": ("文件是空的。", "The file is empty."),
    "no_cells": ("文件只有表头或空白,没有填报任何数据。", "The file declares no cell."),
    "encoding": (
        "文件第{line}行既不是有效的UTF-8,也不是有效的GB18030;请另存为UTF-8编码的CSV。",
        "Line {line} is neither valid UTF-8 nor valid GB18030; save the file as CSV in UTF-8.",
    ),
    "mixed_encoding": (
        "文件第{line}行起不是UTF-8编码,而前面是;请另存为UTF-8编码的CSV。",
        "The file is UTF-8 as far as line {line} and no further; save it as CSV in UTF-8.",
    ),
    "not_text": (
        "文件不是文本,或是没有标记的UTF-16;请另存为UTF-8编码的CSV。",
        "The file is no text, or UTF-16 without a mark; save it as CSV in UTF-8.",
    ),
    "not_a_table": (
        "无法按表格读取:{reason}。",
        "The file cannot be read as a table: {reason}.",
    ),
    "endless_row": (
        "有一行超过{limit:,}字节,整份文件未接收;请检查英文双引号是否成对。",
        "A row is longer than {limit:,} bytes, nothing was taken; is a double quote never closed?",
    ),
    "too_many_bad_rows": (
        "超过{limit:,}行无法读取,整份文件未接收;请检查这是不是本表的文件。",
        "More than {limit:,} rows cannot be read, nothing was taken; is it a file of the table?",
    ),
    "all_or_nothing": (
        "本表须整份无误才接收;文件中有错误,其余{cells:,}个单元格也未接收。",
        "The table takes a file whole or not at all; {cells:,} good cells were therefore refused.",
    ),
    "spool_lost": (
        "网关暂存的数据在送入日志前丢失,有{cells:,}个单元格未接收;请重新报送本文件。",
        "What the gateway had spooled was lost before it reached the log: {cells:,} cells were not"
        " taken. Send the file again.",
    ),
    # The header.
    "no_header": (
        "文件开头没有可以读取的表头;第一行应为列名(单位、指标……)。",
        "The file does not begin with a header; the first row is to name the columns.",
    ),
    "open_quote": (
        "表头中的英文双引号不成对,其后的各行无法分辨;请检查表头。",
        "A double quote in the header is never closed, so the rows behind it cannot be told apart.",
    ),
    "semicolons": (
        "文件以分号分隔;请另存为以逗号分隔的CSV,小数点用“.”。",
        "The file is separated by semicolons; save it as CSV with commas, and write 1.5, not 1,5.",
    ),
    "other_separator": (
        "各列之间用的是“{sign}”;请另存为以英文逗号分隔的CSV。",
        "The columns are separated by '{sign}'; save the file as CSV with commas.",
    ),
    "no_unit_column": (
        "表头(第一行)中没有单位列(“单位”或unit);读到的是:{header}。",
        "The header has no unit column; it reads: {header}.",
    ),
    "no_item_column": (
        "表头(第一行)中没有本表的指标列;读到的是:{header}。",
        "The header has no column of the table's items; it reads: {header}.",
    ),
    "repeated_column": (
        "列“{text}”在表头中出现多次。",
        "Column '{text}' stands in the header more than once.",
    ),
    "ignored_column": (
        "列“{text}”未读取:本文件为长表,只读取单位、指标、报告期、数值四列。",
        "Column '{text}' was not read: a long file has unit, item, period and value.",
    ),
    "no_period": (
        "文件中没有报告期列(“报告期”或period),报送时也没有注明报告期。",
        "There is neither a period column nor a period in the request.",
    ),
    # A row.
    "row_length": (
        "本行有{found}列,表头有{wanted}列。{hint_zh}",
        "The row has {found} columns, the header {wanted}.{hint_en}",
    ),
    "row_quotes": (
        "本行有英文双引号不成对,其后的行可能没有读到;表头有{wanted}列,读到{found}列。",
        "A double quote is left open and may hide the rows below; the header has {wanted} columns,"
        " {found} were read.",
    ),
    "not_an_object": (
        "本行不是一个完整的JSON对象;每行应写一个对象。",
        "The line is not one whole JSON object; write an object a line.",
    ),
    "unknown_unit": (
        "名录中没有代码为“{text}”的单位。{hint_zh}",
        "The register has no unit '{text}'.{hint_en}",
    ),
    "bad_key": (
        "“{text}”不能作为部门主键:应为1至64个字符,不含空格和 : / ? # &。",
        "'{text}' is no key: 1 to 64 signs, no space and none of : / ? # &.",
    ),
    "unmatched": (
        "{scheme_zh}“{text}”没有对应的单位,{cells}个数据已收下待匹配,暂不计入任何单位。",
        "No unit has the key '{text}' of {scheme}: {cells} cells are kept until it is matched.",
    ),
    "incomplete_keys": (
        "单位“{unit}”在{period}还有{scheme_zh}{keys}{more_zh}未在文件中填报,"
        "只按部分主键汇总会少计,本单位该指标未接收。",
        "In {period} unit '{unit}' has further keys that the file leaves out: {keys}{more_en};"
        " nothing of the item is taken for it, as a part would pass for the whole.",
    ),
    "keys_do_not_add": (
        "单位有多个部门主键,而指标“{item_zh}”为比率,不能相加。",
        "The unit has several keys, and item '{item}' is a ratio that cannot be added.",
    ),
    "no_right_on_unit": (
        "报告期{period},单位“{text}”不属于{reporter_zh}的填报范围。",
        "Reporter '{reporter}' has no right on unit '{text}' in {period}.",
    ),
    "unknown_period": (
        "“{text}”不是报告期;请写作2026、2026-Q1或2026-M03(也可写2026年3月)。",
        "'{text}' is not a period; write 2026, 2026-Q1 or 2026-M03.",
    ),
    "period_outside": (
        "报告期“{text}”不在{first}年至{last}年之间,无法入库。",
        "Period '{text}' is not in the years {first} to {last} and cannot be stored.",
    ),
    "wrong_frequency": (
        "报告期“{text}”与本表不符:《{table_zh}》{frequency_zh}。",
        "Period '{text}' is not of the frequency of table '{table}' ({frequency}).",
    ),
    "period_differs": (
        "报告期“{text}”与报送时注明的报告期“{wanted}”不一致。",
        "Period '{text}' differs from the request's period '{wanted}'.",
    ),
    "period_locked": (
        "《{table_zh}》{period}已于{since}由{by}锁定({reason}),文件中本期数据未接收;"
        "确需更正的,由市级监测中心决定解锁后再报。",
        "{period} of table '{table}' is locked since {since} by {by} ({reason}); nothing of it was"
        " taken. The city's monitoring centre may reopen it; send the file again then.",
    ),
    # A cell.
    "unknown_item": (
        "《{table_zh}》没有指标“{text}”。",
        "Table '{table}' has no item '{text}'.",
    ),
    "not_a_number": ("“{text}”不是数字。{hint_zh}", "'{text}' is not a number.{hint_en}"),
    "too_many_decimals": (
        "“{text}”的小数位数过多,本指标{places_zh};四舍五入为{rounded}。",
        "'{text}' has more than {decimals} decimals; rounded it is {rounded}.",
    ),
    "beyond_limit": (
        "“{text}”的绝对值超过上限{limit};请核对计量单位({unit})。",
        "The absolute value of '{text}' is above the limit {limit}; is it in the item's unit?",
    ),
    "negative": (
        "指标“{item}”不能为负数:{text}。",
        "Item '{item}' cannot be negative: {text}.",
    ),
    "duplicate": (
        "与第{other}行重复:同一单位、指标、报告期在文件中只能出现一次,两行均未接收。",
        "Repeats row {other}: a unit, item and period may stand once in a file; neither is taken.",
    ),
}


#: Rules that refuse nothing.
SOFT: Final = frozenset({"ignored_column", "unmatched"})


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault. `row` counts lines from 1, the header included; 0 and '' mean the whole file."""

    rule: str
    message_zh: str
    message_en: str
    row: int = 0
    column: str = ""
    sheet: str = ""
    severity: Severity = "hard"

    def as_json(self) -> dict[str, Any]:
        """{sheet, row, column, rule, severity, message: {zh, en}}; null where it has no place."""
        found = asdict(self)
        return {
            "sheet": found["sheet"] or None,
            "row": found["row"] or None,
            "column": found["column"] or None,
            "rule": found["rule"],
            "severity": found["severity"],
            "message": {"zh": found["message_zh"], "en": found["message_en"]},
        }


@dataclass(slots=True)
class Findings:
    """The first `LISTED` findings, and how many cells each rule refused in all."""

    listed: list[Finding] = field(default_factory=list)
    cells: Counter[str] = field(default_factory=Counter)
    unlisted: int = 0
    _learnt: dict[str, tuple[str, str, Severity]] = field(default_factory=dict)

    @property
    def full(self) -> bool:
        """Whether a further finding would only be counted; its message need not be made."""
        return len(self.listed) >= LISTED

    def add(
        self,
        rule: str,
        *,
        row: int = 0,
        column: str = "",
        cells: int = 1,
        facts: Mapping[str, object] = NO_FACTS,
    ) -> None:
        """Note a fault that refused that many cells.

        Texts among the facts are the sender's and are quoted; those named …_zh and …_en are ours.
        """
        if cells:
            self.cells[rule] += cells
        if self.full:
            self.unlisted += 1
            return
        severity: Severity = "soft" if rule in SOFT else "hard"
        if rule in self._learnt:
            chinese, english, severity = self._learnt[rule]
        else:
            chinese, english = RULES[rule]
        shown = {
            name: value if name.endswith(("_zh", "_en")) else _told(value)
            for name, value in facts.items()
        }
        self.listed.append(
            Finding(
                rule,
                chinese.format(**shown),
                english.format(**shown),
                row,
                quoted(column),
                severity=severity,
            )
        )

    def learn(self, rule: str, chinese: str, english: str, severity: Severity) -> None:
        """Take a rule of the catalogue with its own words; the facts are what they quote."""
        self._learnt[rule] = (chinese, english, severity)

    def count(self, rule: str, cells: int, findings: int) -> None:
        """Count faults whose messages are not listed any more."""
        self.cells[rule] += cells
        self.unlisted += findings


def quoted(text: str) -> str:
    """The text as it can stand in one line of a message."""
    line = "".join(map(_shown, text[: _QUOTED + 1]))
    return line if len(line) <= _QUOTED else line[:_QUOTED] + "…"


def _told(value: object) -> object:
    return quoted(value) if isinstance(value, str) else value


def _shown(sign: str) -> str:
    if sign.isprintable():
        return sign
    return "⏎" if sign in "\r\n" else "�"
