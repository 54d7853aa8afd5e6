"""The meeting report as a paper (联席会议材料): facts in, blocks in their order out.

Page one comes first because the meeting decides on it; method comes last. Pure.
"""

from reports.behind import district_level
from reports.charts import chart
from reports.document import (
    Block,
    Document,
    Heading,
    Moment,
    PageBreak,
    Paragraph,
    Picture,
    Quote,
    Text,
)
from reports.facts import MeetingFacts
from reports.front import behind_blocks
from reports.headline import sentences
from reports.notes import annex_blocks, difference_blocks, notes_blocks
from reports.phrases import instant_words, period_words
from reports.quality import alert_blocks, completeness_blocks
from reports.tables import Numbering, indicator_tables, overview

#: With more indicators than this their own tables go to the annex, behind the overview.
TABLES_IN_BODY = 3


def meeting_report(facts: MeetingFacts) -> Document:
    """The whole paper."""
    now_ms = facts.as_of_ms or facts.made_ms
    numbering = Numbering()
    title: Text = (
        Quote(facts.city_name, "v_subject", facts.city),
        Moment(period_words(facts.period)),
        "统计监测情况",
    )
    blocks: list[Block] = [
        Paragraph(("代拟稿　　　　　　　　　　　　　文号：",), "mark"),
        Paragraph(
            ("（统计工作联席会议材料，数据截至", instant_words(now_ms, facts.time_zone), "）"),
            "date",
        ),
        *behind_blocks(facts, now_ms),
        PageBreak(),
        Heading(("四、运行情况",)),
        *(Paragraph(text) for text in sentences(facts)),
        *_pictures(facts, numbering),
        Heading(("五、分地区指标",)),
    ]
    for level in dict.fromkeys(district_level(card) for card in facts.cards):
        blocks += overview(facts, level, numbering)
    own = len(facts.cards) <= TABLES_IN_BODY
    if own:
        for card in facts.cards:
            blocks += indicator_tables(facts, card, numbering)
    blocks += difference_blocks(facts, numbering)
    blocks += completeness_blocks(facts, numbering, now_ms)
    blocks += alert_blocks(facts, numbering)
    blocks += notes_blocks(facts)
    blocks.append(PageBreak())
    annex: list[Block] = []
    if not own:
        for card in facts.cards:
            annex += indicator_tables(facts, card, numbering)
    sources = annex_blocks(facts, Document(title, (*blocks, *annex)), numbering)
    blocks += [Heading(("附表",)), *annex, *sources]
    meta = (
        ("city", facts.city),
        ("period", str(facts.period)),
        ("as_of_ms", "" if facts.as_of_ms is None else str(facts.as_of_ms)),
        ("made_ms", str(facts.made_ms)),
        ("catalogue_version", str(facts.catalogue_version)),
    )
    return Document(title, tuple(blocks), meta)


def _pictures(facts: MeetingFacts, numbering: Numbering) -> list[Block]:
    drawn = chart(facts)
    if drawn is None:
        return []
    caption: Text = (numbering.picture(), "　", Quote(drawn.title, "v_indicator_card"))
    return [Picture(caption, drawn.png, drawn.description)]
