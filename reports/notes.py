"""Section eight and the annex (说明与附表): definitions, sources, vintage, where each number is."""

from indicators.periods import format_period
from indicators.vocabulary import CITY_LEVEL
from reports.behind import growth_kind
from reports.document import (
    Block,
    Column,
    Figure,
    Heading,
    Inline,
    Moment,
    Paragraph,
    Quote,
    Row,
    Table,
    Text,
    Trace,
    figures,
)
from reports.document import Document as Paper
from reports.facts import STANDINGS, Card, MeetingFacts, Value
from reports.numbers import NONE, rounded
from reports.phrases import (
    GROWTH_KINDS,
    derived,
    indicator_name,
    instant_words,
    joined,
    line_figure,
    told_name,
    trace,
    unit_of,
    value_cell,
)
from reports.tables import Numbering

_KIND_NOTES = {
    "yoy_same": "同口径增速：以本期名单单位为范围，基数为这些单位现报的上年同期数，"
    "没有上报的用上年入库数。",
    "yoy_matched": "可比匹配增速：只算两期都在名单、两期都有入库数据的单位。",
    "yoy_nominal": "名义增速：两期公布总量直接相比。",
}
_ROLES = {"constraint": "约束性指标", "incentive": "激励性指标", "monitor": "监测指标"}
_MEASURES = {
    "current": "本期值",
    "ytd": "本年累计",
    "share": "占比",
    "contribution": "拉动",
    "contribution_continuing": "两期在库单位的拉动",
    "contribution_entries": "新入库单位的拉动",
    "contribution_exits": "退库单位的拉动",
    "mom": "环比",
    "rolling12": "近一年累计",
}


def notes_blocks(facts: MeetingFacts) -> list[Block]:
    """What the reader needs to judge the numbers; method last."""
    blocks: list[Block] = [Heading(("八、说明",)), *_vintage(facts)]
    blocks += [Paragraph(_definition(card), "note") for card in facts.cards]
    kinds = dict.fromkeys(growth_kind(facts, card) for card in facts.cards)
    blocks += [Paragraph((_KIND_NOTES[kind],), "note") for kind in kinds if kind]
    blocks += [
        Paragraph(
            (
                "数据属性：监测数为本平台由上报数据汇总得出，上报数为各地区自行汇总上报，"
                "核定数为上级核定反馈，公布数为有关部门对外公布；同一指标有多种属性时，采用",
                "、".join(reversed(STANDINGS)),
                "中居前者，差异另列。",
            ),
            "note",
        ),
        Paragraph(
            ("全市及分组比率为分子合计与分母合计之比，不由各单位比率相加或平均；缺报不按零计。",),
            "note",
        ),
    ]
    return blocks


def _vintage(facts: MeetingFacts) -> list[Block]:
    known = max((value.known_ms for value in facts.values), default=facts.made_ms)
    zone = facts.time_zone
    when: tuple[Inline, ...] = ("数据截至：", instant_words(facts.as_of_ms or facts.made_ms, zone))
    when += ("（该时刻已知的数据）" if facts.as_of_ms is not None else "（生成时）",)
    return [
        Paragraph(
            (*when, "；最近一次数据更新：", instant_words(known, zone), *_versions(facts),
             "；本材料由系统生成，未经审签，不得作为正式文件引用。"),
            "note",
        )
    ]  # fmt: skip


def _versions(facts: MeetingFacts) -> Text:
    """The catalogue's version, and those of the figures where they are others."""
    whole = Trace("control_event", "version", (("type", "catalogue"),))
    said: Text = ("；目录版本：第", Figure(str(facts.catalogue_version), (whole,)), "版")
    period = format_period(facts.period)
    here = [value for value in facts.values if value.period == facts.period]
    used = sorted({value.catalogue_version for value in here})
    if used == [facts.catalogue_version]:
        return said
    parts: list[Text] = []
    for version in map(str, used):
        key = (("period", period), ("catalogue_version", version))
        parts.append((Figure(version, (Trace(here[0].view, "catalogue_version", key),)),))
    return (*said, "（所列数值按目录第", *joined(parts), "版计算）")


def _definition(card: Card) -> Text:
    parts: list[Inline] = [indicator_name(card), "："]
    if card.formula != card.name:
        parts += [Quote(card.formula, "v_indicator_card"), "，"]
    parts += ["单位", unit_of(card), f"，{_ROLES.get(card.role, card.role)}"]
    if card.yellow is not None and card.red is not None:
        parts += ["，黄线", line_figure(card, "yellow"), "、红线", line_figure(card, "red")]
        parts += ["，来源：", Quote(card.lines_source, "v_indicator_card", card.code)]
    if card.exits == "keep_base":
        parts.append("，同口径增速的基数含退库单位的上年数（退库留基数）")
    if card.reward:
        parts += ["，激励措施：", Quote(card.reward, "v_indicator_card", card.code)]
    parts.append("。")
    if card.note:
        parts.append(Quote(card.note, "v_indicator_card", card.code))
    return tuple(parts)


def difference_blocks(facts: MeetingFacts, numbering: Numbering) -> list[Block]:
    """Figures known in more than one standing, and by how much they differ: the city's first."""
    rows: list[Row] = []
    places = [(CITY_LEVEL, facts.city), *((one.level, one.code) for one in facts.subjects)]
    beyond = False
    for card in facts.cards:
        for level, subject in places:
            known = _standings(facts, card, level, subject)
            ordered = [known[one] for one in STANDINGS if one in known]
            whose = "" if level == CITY_LEVEL else facts.name(level, subject)
            rows += [_difference(card, whose, ordered[0], theirs) for theirs in ordered[1:]]
            beyond |= bool(whose) and len(ordered) > 1
    if not rows:
        return []
    columns = (
        Column(("指标",), "left"),
        Column(("汇总数",), "right"),
        Column(("属性",), "center"),
        Column(("对照数",), "right"),
        Column(("属性",), "center"),
        Column(("差额",), "right"),
    )
    caption: Text = (numbering.table(), f"　{'' if beyond else '全市数'}不同属性对照")
    note: Text = ("注：汇总数由本平台得出，差额为对照数减汇总数。",)
    return [Table("standings", caption, (), columns, tuple(rows), (note,))]


def _standings(facts: MeetingFacts, card: Card, level: str, subject: str) -> dict[str, Value]:
    return {
        value.standing: value
        for value in facts.values
        if (value.indicator, value.level, value.subject) == (card.code, level, subject)
        and (value.period, value.measure) == (facts.period, card.plain)
        and value.value is not None
    }


def _difference(card: Card, whose: str, ours: Value, theirs: Value) -> Row:
    gap = rounded(theirs.value or 0.0, card.decimals) - rounded(ours.value or 0.0, card.decimals)
    return Row(
        (
            (
                *([f"{whose}："] if whose else []),
                *told_name(card, card.plain, ours.period),
                "（",
                unit_of(card),
                "）",
            ),
            value_cell(card, ours),
            (ours.standing,),
            value_cell(card, theirs),
            (theirs.standing,),
            (derived(f"{gap:+}" if gap else gap, "difference", trace(theirs), trace(ours)),),
        )
    )


def annex_blocks(facts: MeetingFacts, body: Paper, numbering: Numbering) -> list[Block]:
    """Where every printed figure stands: by indicator, period and measure of v_indicator."""
    groups: dict[tuple[str, str, str, str], set[tuple[str, str, str]]] = {}
    for figure in figures(body):
        for one in figure.traces:
            if not one.view.startswith("v_indicator") or "subject" not in dict(one.key):
                continue
            key = dict(one.key)
            group = (key["indicator"], key["period"], key["measure"], key["standing"])
            place = (key["level"], key["subject"], key["known_from"])
            groups.setdefault(group, set()).add(place)
    cards = {card.code: card for card in facts.cards}
    rows = []
    for (indicator, period, measure, standing), found in sorted(groups.items()):
        rows.append(
            Row(
                (
                    (Quote(cards[indicator].name, "v_indicator_card", indicator),),
                    (Quote(indicator, "v_indicator", indicator),),
                    (Moment(period),),
                    (Quote(measure, "v_indicator", measure), f"（{_measure_word(measure)}）"),
                    _places(found),
                    (standing,),
                    (instant_words(max(int(at) for _, _, at in found), facts.time_zone),),
                )
            )
        )
    titles = ("指标", "代码", "报告期", "取值方式", "层级和对象数", "属性", "最近入库时间")
    columns = tuple(Column((title,), "left") for title in titles)
    now = facts.as_of_ms is None
    view, counts = (
        ("v_indicator", "v_completeness")
        if now
        else ("v_indicator_history", "completeness_history")
    )
    caption: Text = (numbering.table(), f"　数据来源一览（视图 {view}）")
    note: Text = (
        "注：本材料所列每个指标数值均可按“代码、报告期、取值方式、层级、对象、属性”在视图中查得；",
        f"报送情况取自 {counts}，预警取自 v_alert，线索取自 v_anomaly。",
    )
    return [Table("sources", caption, (), columns, tuple(rows), (note,))]


def _places(found: set[tuple[str, str, str]]) -> Text:
    """`city 1、district 8`: how many subjects of each level."""
    subjects: dict[str, set[str]] = {}
    for level, subject, _ in sorted(found):
        subjects.setdefault(level, set()).add(subject)
    return joined(
        [
            (Quote(level, "v_indicator", level), " ", Figure(str(len(codes)), (), "count"))
            for level, codes in subjects.items()
        ]
    )


def _measure_word(measure: str) -> str:
    if measure in GROWTH_KINDS:
        return f"{GROWTH_KINDS[measure]}同比"
    if measure.startswith("ytd_"):
        return f"累计{GROWTH_KINDS.get(measure[4:], '')}同比"
    return _MEASURES.get(measure, NONE)
