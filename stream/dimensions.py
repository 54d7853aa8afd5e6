"""Rows of the `dimension` table: codes and names behind the stored integers."""

import json
from collections.abc import Iterator
from typing import Any

from granary.keys import unit_id
from granary.records import RegisterRow
from indicators.catalogue import Catalogue, Indicator, Member
from indicators.items import Derived, Item
from indicators.vocabulary import CITY_LEVEL, TOTAL

Dimension = tuple[str, int, str, str, str, str, str]
COLUMNS = ("class", "id", "level", "code", "name_zh", "name_en", "attributes")


def of_catalogue(catalogue: Catalogue, city: int) -> Iterator[Dimension]:
    """(class, id, level, code, name_zh, name_en, attributes) of everything the catalogue names."""
    name = catalogue.city.name
    yield (
        "city",
        city,
        "",
        catalogue.city.code,
        name.zh,
        name.en,
        _json(
            version=catalogue.version, time_zone=catalogue.city.time_zone, note=catalogue.city.note
        ),
    )
    yield "subject", 0, CITY_LEVEL, catalogue.city.code, name.zh, name.en, "{}"
    for source in catalogue.sources:
        yield "source", source.id, "", source.code, source.name.zh, source.name.en, "{}"
    for grouping in catalogue.groupings:
        yield (
            "level", grouping.id, grouping.code, grouping.code,
            grouping.name.zh, grouping.name.en, _json(partition=grouping.partition),
        )  # fmt: skip
        for member in grouping.members:
            zh, en, told = member.name.zh, member.name.en, _member(member)
            yield "subject", 0, grouping.code, member.code, zh, en, told
        if not grouping.partition:
            yield "subject", 0, grouping.code, TOTAL, "合计(剔重)", "Total, each unit once", "{}"
    for item in catalogue.items:
        yield (
            "item",
            item.id,
            "",
            item.code,
            item.name.zh,
            item.name.en,
            _json(
                unit=item.unit,
                decimals=item.decimals,
                kind=item.kind.value,
                reported=item.reported,
                stage=item.stage,
            ),
        )
    for table in catalogue.tables:
        yield (
            "table",
            table.id,
            "",
            table.code,
            table.name.zh,
            table.name.en,
            _json(
                source=table.source,
                frequency=table.frequency.value,
                unit_kind=table.unit_kind,
                keys=table.keys or "",
                items=table.items,
                standing=table.standing.value,
                purpose=table.purpose,
                final_share=table.final_share,
            ),
        )
    for reporter in catalogue.reporters:
        yield (
            "reporter",
            0,
            reporter.grouping or "",
            reporter.code,
            reporter.name.zh,
            (reporter.name.en),
            _json(tables=reporter.tables, member=reporter.member or ""),
        )
    for indicator in catalogue.indicators:
        yield (
            "indicator",
            indicator.id,
            "",
            indicator.code,
            indicator.name.zh,
            (indicator.name.en),
            _card(catalogue, indicator),
        )


def of_register(rows: list[RegisterRow]) -> Iterator[Dimension]:
    """Units put by a register record."""
    for row in rows:
        if row.action == "put_unit":
            key = unit_id(row.kind, row.code)
            yield "unit", key, row.kind, row.code, row.name, row.name, row.attributes_text


def _member(member: Member) -> str:
    """What the catalogue says of a member beside its name; nothing of what it leaves open."""
    return _json(**member.model_dump(exclude={"code", "name"}, exclude_defaults=True))


def _card(catalogue: Catalogue, indicator: Indicator) -> str:
    lines = indicator.lines
    return _json(
        unit=indicator.unit,
        decimals=indicator.decimals,
        dimension=indicator.dimension,
        role=indicator.role,
        direction=indicator.direction,
        table=indicator.table,
        source=catalogue.table[indicator.table].source,
        numerator={code: str(factor) for code, factor in indicator.numerator.items()},
        denominator={code: str(factor) for code, factor in indicator.denominator.items()},
        numerator_text=_text(catalogue, indicator.numerator),
        denominator_text=_text(catalogue, indicator.denominator),
        measures=indicator.measures,
        levels=[list(lv) if isinstance(lv, tuple) else lv for lv in indicator.levels],
        yellow=lines.yellow if lines else None,
        red=lines.red if lines else None,
        hysteresis=lines.hysteresis if lines else None,
        lines_measure=lines.measure if lines else "",
        lines_source=lines.source if lines else "",
        consequence_zh=lines.consequence.zh if lines else "",
        consequence_en=lines.consequence.en if lines else "",
        reward_zh=indicator.reward.zh if indicator.reward else "",
        note=indicator.note,
    )


def _text(catalogue: Catalogue, factors: dict[str, Any]) -> str:
    entries: list[Item | Derived] = [*catalogue.derived, *catalogue.items]
    names = {entry.code: entry.name.zh for entry in entries}
    parts = [
        names[code] if factor == 1 else f"{factor}×{names[code]}"
        for code, factor in factors.items()
    ]
    return " + ".join(parts)


def _json(**facts: Any) -> str:
    return json.dumps(facts, ensure_ascii=False, sort_keys=True)
