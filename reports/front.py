"""Page one (首页): what is behind, by how much, whose it is, and what the meeting has to decide."""

from collections.abc import Sequence

from indicators.lines import LineLevel
from reports.behind import Overdue, PastLine, Uncompared, overdue, past_lines, uncompared
from reports.behind_rows import Matter, coverage_notes, matters
from reports.document import (
    Block,
    Column,
    Heading,
    Inline,
    Ordinal,
    Paragraph,
    Quote,
    Row,
    Table,
    Text,
    Trace,
    plain,
)
from reports.facts import MeetingFacts
from reports.phrases import (
    count_figure,
    derived,
    indicator_name,
    joined,
    line_figure,
    named,
    table_name,
    unit_of,
    value_cell,
)
from reports.remarks import noted

#: Page one has to stay one page: of its 22 lines this many are left for the list of what is behind
#: and the decisions, which have so many signs a line; a row of the list is this many tenths of one.
PAGE_LINES, LINE_SIGNS, ROW_TENTHS = 12, 28, 11
#: Rows that the list has even if the decisions then run over to the next page.
LEAST_ROWS = 3


def behind_blocks(facts: MeetingFacts, now_ms: int) -> list[Block]:
    """Sections one to three."""
    past, silent = past_lines(facts), overdue(facts, now_ms)
    red = [one for one in past if one.level is LineLevel.RED]
    decisions = _decisions(facts, red, silent)
    return [
        Heading(("一、当前落后情况",)),
        *_behind(facts, matters(facts, past, silent), _rows_that_fit(decisions)),
        *_unsaid(uncompared(facts)),
        *_standing(facts),
        Heading(("二、上次会议议定事项落实情况",)),
        Paragraph(("系统中尚无历次会议议定事项的记录。",)),
        Heading(("三、提请本次会议决定的事项",)),
        *decisions,
    ]


def _rows_that_fit(decisions: Sequence[Paragraph]) -> int:
    """Rows of the list that leave room for the decisions on the same page."""
    lines = sum(-(-len(plain(one.text)) // LINE_SIGNS) for one in decisions)
    return max(LEAST_ROWS, (PAGE_LINES - lines) * 10 // ROW_TENTHS)


def _behind(facts: MeetingFacts, found: list[Matter], most: int) -> list[Block]:
    if not found:
        return [Paragraph(("本期没有触线、逾期未报和落后的事项。",))]
    kept, left = found[:most], len(found) - most
    notes = coverage_notes(facts, kept)
    if left > 0:
        notes.append(("另有", derived(left, "count"), "项，见分地区指标各表。"))
    columns = (
        Column(("序",), "center"),
        Column(("事项",), "left"),
        Column(("责任单位",), "left"),
        Column(("差距",), "left"),
    )
    numbered = tuple(
        Row(((Ordinal(str(at)),), one.what, one.whose, one.gap), state=one.state)
        for at, one in enumerate(kept, 1)
    )
    return [Table("behind", (), (), columns, numbered, noted(notes))]


def _unsaid(found: list[Uncompared]) -> list[Block]:
    """Which indicators the list above says nothing about, and why."""
    parts: list[Text] = []
    for lacks, why in (("growth", "没有同期增速"), ("whole", "没有全市数")):
        names = [(indicator_name(one.card),) for one in found if one.lacks == lacks]
        if names:
            parts.append((*joined(list(names)), why))
    return [Paragraph((*joined(parts, "，"), "，本期不作地区高低比较。"), "note")] if parts else []


def _standing(facts: MeetingFacts) -> list[Block]:
    """How many alerts and open findings there are: what they touch is to be read with care."""
    parts: list[Text] = []
    if facts.alerts:
        grave = [one for one in facts.alerts if one.level == "红线"]
        open_ones = [one for one in facts.alerts if one.closed_ms is None]
        parts.append(
            ("本期预警", _counted("v_alert", facts.alerts), "条，其中红线",
             _counted("v_alert", grave), "条、未解除", _counted("v_alert", open_ones), "条")
        )  # fmt: skip
    if facts.findings:
        items = dict.fromkeys((one.item, one.item_name) for one in facts.findings)
        names = joined([(Quote(name, "v_anomaly", code),) for code, name in items])
        parts.append(
            ("待核实的异常数据", derived(facts.finding_count, "count"), "条，涉及", *names,
             "，核实前有关数值和增速慎用")
        )  # fmt: skip
    return [Paragraph((*joined(parts, "；"), "，详见第七部分。"), "note")] if parts else []


def _counted(view: str, rows: Sequence[object]) -> Inline:
    return derived(len(rows), "count", Trace(view, "count", ()))


def _decisions(facts: MeetingFacts, red: list[PastLine], silent: list[Overdue]) -> list[Paragraph]:
    lines: dict[str, list[PastLine]] = {}
    for one in red:
        lines.setdefault(one.card.code, []).append(one)
    tables: dict[str, list[Overdue]] = {}
    for late in silent:
        tables.setdefault(late.counts.table, []).append(late)
    items = [_line_decision(facts, together) for together in lines.values()]
    items += [_silence_decision(facts, together) for together in tables.values()]
    if not items:
        return [Paragraph(("本期没有触及红线、逾期未报的事项提请决定。",))]
    return [Paragraph((Ordinal(f"{at}."), *item)) for at, item in enumerate(items, 1)]


def _line_decision(facts: MeetingFacts, together: list[PastLine]) -> Text:
    """Districts past one red line, with their figures, and what the catalogue says follows."""
    card = together[0].card
    names = joined(
        [
            (
                named(facts, one.value.level, one.value.subject),
                "（", *value_cell(card, one.value), "）",
            )
            for one in together
        ]
    )  # fmt: skip
    line: Text = ("触及红线（", line_figure(card, "red"), unit_of(card), "）")
    follows = Quote(card.consequence, "v_indicator_card", card.code)
    return (*names, indicator_name(card), *line, "，请会议决定是否按目录规定启动：", follows, "。")


def _silence_decision(facts: MeetingFacts, together: list[Overdue]) -> Text:
    """Those who have not reported a table, with how many units are missing."""
    table = together[0].counts.table
    counter = facts.counter(table)
    names = joined(
        [
            (
                named(facts, one.counts.level, one.counts.subject),
                "（未报", count_figure(facts, one.counts, "missing"),
                f"{counter}、应报", count_figure(facts, one.counts, "expected"), f"{counter}）",
            )
            for one in together
        ]
    )  # fmt: skip
    return (*names, "未按时限报齐", *table_name(facts, table), "，请会议明确补报时限和责任人。")
