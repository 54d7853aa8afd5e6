"""checks.yaml: every faulty rule is told with file, line, field and reason in two languages."""

import shutil
from pathlib import Path

import pytest

from catalog.errors import CatalogueError, Fault
from catalog.loader import load

RETAIL = Path(__file__).parents[2] / "catalog" / "retail"
RULE = """- id: 1
  code: rule
  name: {{zh: 规则, en: Rule}}
  table: {table}
  expression: {expression}
  message: {{zh: "{message}", en: fine}}
  source: 示例
"""


@pytest.fixture
def city(tmp_path: Path) -> Path:
    folder = tmp_path / "city"
    shutil.copytree(RETAIL, folder)
    return folder


def _faults(city: Path, expression: str, message: str = "{left}", more: str = "") -> list[Fault]:
    table = load(RETAIL).tables[0].code
    text = RULE.format(table=table, expression=expression, message=message) + more
    (city / "checks.yaml").write_text(text, encoding="utf-8")
    try:
        load(city)
    except CatalogueError as error:
        return list(error.faults)
    return []


def _item() -> str:
    return load(RETAIL).tables[0].items[0]


@pytest.mark.parametrize(
    ("expression", "english", "chinese"),
    [
        ("nothing <= 1", "no item 'nothing'", "没有指标项“nothing”"),
        ("ITEM <=", "cannot be read at sign", "语法有误"),
        ("ITEM + 1", "is a number", "是数值"),
        ("ITEM and ITEM <= 1", "number where a condition is due", "此处应为条件"),
        ("abs(ITEM <= 1) < 1", "condition where a number is due", "此处应为数值"),
        ("from_source(ITEM, 'moon') <= 1", "no source 'moon'", "没有来源“moon”"),
        ("sum_of_units(ITEM, 'nowhere') <= 1", "no table 'nowhere'", "没有报表“nowhere”"),
        ("sqrt(ITEM) <= 1", "no function 'sqrt'", "没有函数“sqrt”"),
        ("previous(ITEM, 2) <= 1", "previous takes 1 arguments", "需要1个参数"),
        ("previous(ITEM + 1) <= 1", "must be an item", "应为指标项"),
        ("date('due') <= 1", "compares a date with a number", "不能将日期与数值比较"),
        ("text('kind') <= 'a'", "only == and != tell", "只能用 == 或 !="),
        ("date('due') * 2 <= date('due')", "of a date there is only", "日期只能"),
        ("ITEM + date('due') <= 1", "is a date where a number is due", "此处应为数值"),
        ("period_end() > period_start()", "names no item", "没有指标项"),
        ("number('Due') <= ITEM", "is no attribute of a register", "不是名录属性名"),
        (
            "sum_pointing(ITEM, 'TABLE', 'to', previous(ITEM) > 0) >= 0",
            "which units are added",
            "汇总条件",
        ),
        (
            "sum_pointing(ITEM, 'TABLE', 'to', ITEM) >= 0",
            "is a number where a condition",
            "此处应为条件",
        ),
        ("value_at(ITEM, 'nowhere', 'to') >= 0", "no table 'nowhere'", "没有报表“nowhere”"),
        ("name_at('moon', 'to') == 'x'", "no kind of unit 'moon'", "没有单位类型“moon”"),
        ("ITEM.real <= 1", "is not of the language", "不属于审核表达式"),
        ("ITEM[0] <= 1", "is not of the language", "不属于审核表达式"),
        ("ITEM ** 9 <= 1", "is not of the language", "不属于审核表达式"),
        ("ITEM <= 1e99", "is no number", "不是数字"),
        ("ITEM <= True", "is no number", "不是数字"),
        ("ITEM in ITEM", "only < <= > >= == != compare", "比较只能用"),
        ("1 <= 2", "names no item", "没有指标项"),
        ("ITEM / previous(ITEM) == 1", "seldom exactly a number", "商很少恰好相等"),
        ("reported(ITEM) and ITEM != 1 / ITEM", "seldom exactly a number", "商很少恰好相等"),
        ("within(ITEM, 1, 9, 2)", "low is above high", "下限大于上限"),
        ("within(ITEM, 1, ITEM, 2)", "low and high are numbers", "上下限应为数字"),
        ("ITEM <= " + "-" * 70 + "1", "deeper than", "嵌套超过"),
        ("ITEM <= " + "+".join(["(1+1)"] * 40), "more than 100 parts", "100个部分"),
        ("ITEM <= 1" + " " * 1000 + "or ITEM <= 2", "longer than 1000 signs", "超过1000个字符"),
    ],
)
def test_an_expression_that_is_no_condition_is_refused_at_its_line(
    city: Path, expression: str, english: str, chinese: str
) -> None:
    table = load(RETAIL).tables[0].code
    written = '"' + expression.replace("ITEM", _item()).replace("TABLE", table) + '"'
    (fault,) = _faults(city, written)
    assert (fault.file, fault.line, fault.field) == ("checks.yaml", 5, "0.expression")
    assert english in fault.en
    assert chinese in fault.zh


def test_a_message_that_quotes_what_is_not_there_is_refused(city: Path) -> None:
    (fault,) = _faults(city, f"{_item()} >= 0", "{left.real} {nothing}")[:1]
    assert (fault.file, fault.field) == ("checks.yaml", "0.message.zh")
    assert "left.real" in fault.en


def test_a_brace_left_open_is_refused(city: Path) -> None:
    (fault,) = _faults(city, f"{_item()} >= 0", "{left")
    assert fault.field == "0.message.zh"


@pytest.mark.parametrize(
    ("fact", "quoted", "field", "english"),
    [
        ('due: date("due")', "{due} {left}", "", ""),
        ('due: date("due")', "{left}", "0.facts.due", "no message quotes it"),
        ('left: date("due")', "{left}", "0.facts.left", "stands for something else"),
        ('due: date("due") <= period_end()', "{due}", "0.facts.due", "is a condition"),
        ("due: nothing + 1", "{due}", "0.facts.due", "no item 'nothing'"),
    ],
)
def test_a_fact_is_an_expression_that_a_message_quotes(
    city: Path, fact: str, quoted: str, field: str, english: str
) -> None:
    faults = _faults(city, f"{_item()} >= 0", quoted, more=f"  facts:\n    {fact}\n")
    assert [fault.field for fault in faults] == ([field] if field else [])
    assert not field or english in faults[0].en


def test_influence_by_an_item_of_another_table_is_refused(city: Path) -> None:
    (fault,) = _faults(city, f"{_item()} >= 0", more="  influence: elsewhere\n")
    assert fault.field == "0.influence"


@pytest.mark.parametrize("expression", ["ITEM / previous(ITEM) <= 2", "ITEM * ITEM <= 2"])
def test_influence_of_an_error_that_is_no_amount_is_refused(city: Path, expression: str) -> None:
    more = f"  influence: {_item()}\n"
    (fault,) = _faults(city, expression.replace("ITEM", _item()), more=more)
    assert fault.field == "0.influence"
    assert _faults(city, f"{_item()} / 2 <= 3 * {_item()}", more=more) == []


def test_a_good_rule_is_loaded(city: Path) -> None:
    assert _faults(city, f"{_item()} >= 0") == []
    assert load(city).checks[0].severity == "soft"
