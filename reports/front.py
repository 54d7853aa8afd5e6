"""Page one (首页): what is behind, by how much, whose it is, and what the meeting has to decide."""

from indicators.lines import LineLevel
from reports.behind import (
    Below,
    Overdue,
    PastLine,
    Uncompared,
    below,
    overdue,
    past_lines,
    uncompared,
)
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
)
from reports.facts import MeetingFacts
from reports.phrases import (
    GROWTH_KINDS,
    count_figure,
    derived,
    indicator_name,
    instant_words,
    joined,
    line_figure,
    named,
    percent_cell,
    table_name,
    trace,
    unit_of,
    value_cell,
)

#: Districts named in one row of page one; the table of the indicator shows them all.
NAMED = 3
#: Matters on page one, which has to stay one page; the gravest come first.
PAGE_ROWS = 10


def behind_blocks(facts: MeetingFacts, now_ms: int) -> list[Block]:
    """Sections one to three."""
    past = past_lines(facts)
    silent = overdue(facts, now_ms)
    slow = below(facts)
    red = [one for one in past if one.level is LineLevel.RED]
    return [
        Heading(("一、当前落后情况",)),
        *_behind(facts, past, silent, slow),
        *_unsaid(uncompared(facts)),
        Heading(("二、上次会议议定事项落实情况",)),
        Paragraph(("系统中尚无历次会议议定事项的记录。",)),
        Heading(("三、提请本次会议决定的事项",)),
        *_decisions(facts, red, silent),
    ]


def _behind(
    facts: MeetingFacts, past: list[PastLine], silent: list[Overdue], slow: list[Below]
) -> list[Block]:
    rows: list[tuple[Text, Text, Text, str]] = []
    rows += [_past_row(facts, one) for one in past if one.level is LineLevel.RED]
    rows += [_silent_row(facts, one) for one in silent]
    rows += [_past_row(facts, one) for one in past if one.level is LineLevel.YELLOW]
    rows += [_below_row(facts, one) for one in slow]
    if not rows:
        return [Paragraph(("本期没有触线、逾期未报和落后于全市的事项。",))]
    kept, left = rows[:PAGE_ROWS], len(rows) - PAGE_ROWS
    notes: tuple[Text, ...] = ()
    if left > 0:
        notes = (("另有", derived(left, "count"), "项，见分地区指标各表。"),)
    columns = (
        Column(("序",), "center", 2),
        Column(("事项",), "left", 13),
        Column(("责任单位",), "left", 13),
        Column(("差距",), "left", 14),
    )
    numbered = tuple(
        Row(((Ordinal(str(at)),), what, whose, gap), state=state)
        for at, (what, whose, gap, state) in enumerate(kept, 1)
    )
    return [Table("behind", (), (), columns, numbered, notes)]


def _unsaid(found: list[Uncompared]) -> list[Block]:
    """Which indicators the list above says nothing about, and why."""
    parts: list[Text] = []
    for lacks, why in (("growth", "没有同期增速"), ("whole", "没有全市数")):
        names = [(indicator_name(one.card),) for one in found if one.lacks == lacks]
        if names:
            parts.append((*joined(list(names)), why))
    return [Paragraph((*joined(parts, "，"), "，本期不作地区高低比较。"), "note")] if parts else []


def _past_row(facts: MeetingFacts, one: PastLine) -> tuple[Text, Text, Text, str]:
    red = one.level is LineLevel.RED
    card, value = one.card, one.value
    which = "red" if red else "yellow"
    line = line_figure(card, which)
    what: Text = (
        "【红线】" if red else "【预警】",
        indicator_name(card),
        "触及红线" if red else "触及黄线",
    )
    side = "低于" if card.direction == "higher" else "高于"
    gap: list[Inline] = [*value_cell(card, value), unit_of(card)]
    word = "红线" if red else "黄线"
    if one.gap == 0:
        gap += [f"，等于{word}", line]
    else:
        amount = derived(one.gap, "difference", trace(value), *line.traces)
        gap += [f"，{side}{word}", line, "，差", amount]
    whose: Text = (named(facts, value.level, value.subject),)
    return what, whose, tuple(gap), which


def _silent_row(facts: MeetingFacts, one: Overdue) -> tuple[Text, Text, Text, str]:
    counts = one.counts
    gap: list[Inline] = ["应报", count_figure(facts, counts, "expected"), "家，未报"]
    gap += [count_figure(facts, counts, "missing"), "家"]
    if counts.due_ms is not None:
        gap += ["；时限", instant_words(counts.due_ms, facts.time_zone)]
    what: Text = ("【红线】", *table_name(facts, counts.table), "逾期未报")
    return what, (named(facts, counts.level, counts.subject),), tuple(gap), "red"


def _below_row(facts: MeetingFacts, one: Below) -> tuple[Text, Text, Text, str]:
    card = one.card
    growth = one.measure in GROWTH_KINDS
    shown = one.behind[:NAMED]
    higher = card.direction == "higher"
    side = "低于" if higher else "高于"
    what: list[Inline] = [indicator_name(card)]
    if growth:
        what += [f"{GROWTH_KINDS[one.measure]}增速{side}全市（", *percent_cell(one.whole), "）"]
    else:
        what += [f"{side}全市{one.whole.standing}", *value_cell(card, one.whole), unit_of(card)]
    names = joined([(named(facts, v.level, v.subject),) for v, _ in shown])
    whose: list[Inline] = [*names]
    if len(one.behind) > len(shown):
        whose += ["等", derived(len(one.behind), "count", trace(one.whole)), "个"]
    amounts = joined(
        [(derived(gap, "difference", trace(v), trace(one.whole)),) for v, gap in shown]
    )
    separately = "分别" if len(shown) > 1 else ""
    gap: list[Inline] = [f"{separately}{'低' if higher else '高'}", *amounts]
    gap += ["个百分点"] if growth or card.unit == "%" else [unit_of(card)]
    return tuple(what), tuple(whose), tuple(gap), ""


def _decisions(facts: MeetingFacts, red: list[PastLine], silent: list[Overdue]) -> list[Block]:
    items: list[Text] = []
    groups: dict[str, list[PastLine]] = {}
    for one in red:
        groups.setdefault(one.card.code, []).append(one)
    for together in groups.values():
        card = together[0].card
        names = joined([(named(facts, one.value.level, one.value.subject),) for one in together])
        items.append(
            (
                *names,
                indicator_name(card),
                "触及红线，请会议决定是否按目录规定启动：",
                Quote(card.consequence, "v_indicator_card", card.code),
                "。",
            )
        )
    tables: dict[str, list[Overdue]] = {}
    for late in silent:
        tables.setdefault(late.counts.table, []).append(late)
    for table, late_ones in tables.items():
        names = joined([(named(facts, x.counts.level, x.counts.subject),) for x in late_ones])
        items.append(
            (*names, "未按时限报齐", *table_name(facts, table), "，请会议明确补报时限和责任人。")
        )
    if not items:
        return [Paragraph(("本期没有触及红线和逾期未报的事项，无需会议决定。",))]
    return [Paragraph((Ordinal(f"{at}."), *item)) for at, item in enumerate(items, 1)]
