"""Sections six and seven: completeness and punctuality by district, alerts and findings."""

from collections.abc import Sequence

from indicators.anomalies import FindingKind
from indicators.deadlines import DueState, due_state
from indicators.vocabulary import CITY_LEVEL
from reports.document import (
    Block,
    Column,
    Figure,
    Heading,
    Inline,
    Paragraph,
    Quote,
    Row,
    Table,
    Text,
    Trace,
)
from reports.facts import AlertFact, Finding, MeetingFacts, Return
from reports.numbers import NONE, rounded, share_of
from reports.phrases import (
    count_figure,
    derived,
    instant_words,
    named,
    return_trace,
    table_name,
    whole_name,
)
from reports.remarks import noted
from reports.tables import Numbering

#: Findings printed; the count of all is said.
FINDINGS = 20
_KINDS = {"line": "指标触线", "overdue": "逾期未报", "notice_failed": "通知未送达"}
_STATES = {
    "open": "未处理",
    "standing": "未解除",
    "acknowledged": "已签收",
    "explained": "已说明",
    "corrected": "已更正",
    "resolved": "已解除",
    "reviewed": "已复核",
}
_GRAVE = {"红线": "red", "预警": "yellow"}
#: Every kind of finding there is, in words.
ANOMALIES = {FindingKind.FAR_FROM_OWN_MEDIAN: "偏离自身历史水平"}


def completeness_blocks(facts: MeetingFacts, numbering: Numbering, now_ms: int) -> list[Block]:
    """A table for every return of the period, the city's row first."""
    blocks: list[Block] = [Heading(("六、报送完整性与及时性",))]
    codes = list(dict.fromkeys(one.table for one in facts.returns))
    for code in codes:
        levels = _levels([one for one in facts.returns if one.table == code])
        blocks += [_completeness(facts, code, level, numbering, now_ms) for level in levels]
    if not codes:
        blocks.append(Paragraph(("本期没有应报的报表。",)))
    return blocks


def _completeness(
    facts: MeetingFacts, code: str, level: str, numbering: Numbering, now_ms: int
) -> Table:
    mine = {(one.level, one.subject): one for one in facts.returns if one.table == code}
    order = [(CITY_LEVEL, facts.city)] + [(level, one.code) for one in facts.members(level)]
    rows = []
    for key in order:
        found = mine.get(key)
        if found is not None and (found.expected or key[0] == CITY_LEVEL):
            rows.append(_return_row(facts, found, now_ms))
    due = next((one.due_ms for one in mine.values() if one.due_ms is not None), None)
    when: Inline = "未定" if due is None else instant_words(due, facts.time_zone)
    titles = ("应报", "已报", "按时", "迟报", "未报", "完整率", "及时率")
    columns = [Column((_level_word(facts, level),), "left")]
    columns += [Column((title,), "right") for title in titles]
    columns.append(Column(("状态",), "center"))
    return Table(
        f"completeness/{code}/{level}",
        (numbering.table(), "　", *table_name(facts, code), "报送情况"),
        (f"单位：{facts.counter(code)}、%；上报时限：", when),
        tuple(columns),
        tuple(rows),
    )


def _return_row(facts: MeetingFacts, one: Return, now_ms: int) -> Row:
    whole = one.level == CITY_LEVEL
    state = due_state(
        expected=one.expected,
        received=one.received,
        late=one.late,
        due_ms=one.due_ms,
        now_ms=now_ms,
    )
    word = state.value
    if state is DueState.NO_INSTANT:
        word = "已报齐" if one.missing == 0 else "未报齐"
    expected = return_trace(facts, one, "expected")
    timely = one.due_ms is not None  # without an instant nobody is on time, nobody late
    cells: list[Text] = [
        (whole_name(facts) if whole else named(facts, one.level, one.subject),),
        (count_figure(facts, one, "expected"),),
        (count_figure(facts, one, "received"),),
        (count_figure(facts, one, "on_time") if timely else NONE,),
        (count_figure(facts, one, "late") if timely else NONE,),
        (count_figure(facts, one, "missing"),),
        _rate(one.received, one.expected, return_trace(facts, one, "received"), expected),
        _rate(one.on_time, one.expected, return_trace(facts, one, "on_time"), expected)
        if timely
        else (NONE,),
        (word,),
    ]
    grave = {DueState.OVERDUE: "red", DueState.LATE: "yellow"}.get(state, "")
    return Row(tuple(cells), total=whole, state=grave)


def _rate(part: int, whole: int, *of: Trace) -> Text:
    text = share_of(part, whole)
    return (text,) if text == NONE else (derived(text, "rate", *of),)


def alert_blocks(facts: MeetingFacts, numbering: Numbering) -> list[Block]:
    """Alerts of the period with their states, and findings to be explained."""
    blocks: list[Block] = [Heading(("七、预警与核实线索",))]
    if facts.alerts:
        columns = (
            Column(("级别",), "center"),
            Column(("类型",), "center"),
            Column(("对象",), "left"),
            Column(("内容",), "left"),
            Column(("触发时间",), "left"),
            Column(("状态",), "center"),
        )
        rows = tuple(_alert_row(facts, one) for one in facts.alerts)
        caption: Text = (numbering.table(), "　预警清单")
        blocks.append(Table("alerts", caption, (), columns, rows))
    else:
        blocks.append(Paragraph(("本期没有预警。",)))
    if facts.findings:
        blocks.append(_findings(facts, facts.findings, numbering))
    else:
        blocks.append(Paragraph(("本期没有需要核实的异常数据。",)))
    return blocks


def _alert_row(facts: MeetingFacts, one: AlertFact) -> Row:
    cells: tuple[Text, ...] = (
        (one.level,),
        (_KINDS.get(one.kind, one.kind),),
        (named(facts, one.subject_level, one.subject),),
        (Quote(one.text, "v_alert", one.id),),
        (instant_words(one.opened_ms, facts.time_zone),),
        (_STATES.get(one.state, one.state),),
    )
    return Row(cells, state=_GRAVE.get(one.level, "") if one.closed_ms is None else "")


def _findings(facts: MeetingFacts, findings: Sequence[Finding], numbering: Numbering) -> Table:
    columns = (
        Column(("单位",), "left"),
        Column(("指标项",), "left"),
        Column(("类型",), "center"),
        Column(("依据",), "left"),
        Column(("得分",), "right"),
    )
    rows = tuple(
        Row(
            (
                (Quote(one.unit_name, "v_anomaly", one.unit),),
                (Quote(one.item_name, "v_anomaly", one.item),),
                (ANOMALIES[FindingKind(one.kind)],),
                (Quote(one.evidence, "v_anomaly", one.unit),),
                (_score(one),),
            )
        )
        for one in findings[:FINDINGS]
    )
    notes: list[Text] = [("线索由系统按序列自身历史提出，须经核实，不作为认定错误的结论。",)]
    if facts.finding_count > len(rows):
        total = Figure(str(facts.finding_count), (Trace("v_anomaly", "count", ()),), "count")
        notes.append(("本期线索共", total, "条，其余见系统。"))
    caption: Text = (numbering.table(), "　待核实的异常数据")
    return Table("findings", caption, (), columns, rows, noted(notes))


def _score(one: Finding) -> Figure:
    key = (("unit", one.unit), ("item", one.item), ("period", one.period), ("kind", one.kind))
    return Figure(str(rounded(one.score, 1)), (Trace("v_anomaly", "score", key),))


def _levels(returns: Sequence[Return]) -> list[str]:
    """Levels to show: districts where there are any, else every other one."""
    levels = [one for one in dict.fromkeys(r.level for r in returns) if one != CITY_LEVEL]
    if "district" in levels:
        return ["district"]
    return levels or [CITY_LEVEL]


def _level_word(facts: MeetingFacts, level: str) -> Quote:
    return Quote(facts.level_names.get(level, "范围"), "v_subject", level)
