"""What a paper calls things by: the catalogue's indicators, subjects and names at an instant.

Figures keep the version they were computed by, and so must the lines they are judged by: they come
from the log's last `catalogue` record known by then, never from the one in force today.
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from indicators.catalogue import Catalogue, Indicator
from indicators.vocabulary import ROLLING, YTD
from reports.facts import Card, Subject
from reports.typeset import typeset


def cards(catalogue: Catalogue) -> list[Card]:
    """The indicators in catalogue order."""
    return [_card(catalogue, one) for one in catalogue.indicators]


def subjects(catalogue: Catalogue) -> list[Subject]:
    """The members of every grouping, in catalogue order."""
    return [
        Subject(grouping.code, member.code, typeset(member.name.zh))
        for grouping in catalogue.groupings
        for member in grouping.members
    ]


def names(entries: Any) -> dict[str, str]:
    """Code → Chinese name of catalogue entries."""
    return {entry.code: typeset(entry.name.zh) for entry in entries}


def counters(catalogue: Catalogue) -> dict[str, str]:
    """Table → the word its units are counted by."""
    return {one.code: "家" if one.unit_kind == "enterprise" else "个" for one in catalogue.tables}


def city_name(catalogue: Catalogue) -> str:
    """The city's name without what stands in brackets behind it."""
    name = catalogue.city.name.zh
    for bracket in ("(", "（"):
        name = name.partition(bracket)[0]
    return name


def _card(catalogue: Catalogue, one: Indicator) -> Card:
    lines = one.lines
    above, below = (_formula(catalogue, side) for side in (one.numerator, one.denominator))
    return Card(
        code=one.code,
        name=typeset(one.name.zh),
        unit=one.unit,
        decimals=one.decimals,
        dimension=one.dimension,
        role=one.role,
        direction=one.direction,
        table=one.table,
        formula=typeset(f"{above} ÷ {below}" if below else above),
        levels=[level for level in one.levels if isinstance(level, str)],
        catalogue_version=catalogue.version,
        yellow=lines.yellow if lines else None,
        red=lines.red if lines else None,
        lines_measure=lines.measure if lines else "current",
        lines_source=typeset(lines.source) if lines else "",
        consequence=typeset(lines.consequence.zh) if lines else "",
        reward=typeset(one.reward.zh) if one.reward else "",
        note=typeset(one.note),
        exits=one.exits,
        plain=_plain(one),
        ratio=one.is_ratio
        or any(
            not catalogue.item[code].additive for code in one.numerator if code in catalogue.item
        ),
    )


def _formula(catalogue: Catalogue, factors: Mapping[str, Fraction]) -> str:
    names = {code: item.name.zh for code, item in catalogue.item.items()}
    names |= {code: value.name.zh for code, value in catalogue.derived_value.items()}
    parts = [
        names[code] if factor == 1 else f"{factor}×{names[code]}"
        for code, factor in factors.items()
    ]
    return " + ".join(parts)


def _plain(one: Indicator) -> str:
    """The period itself; without it a rolling year, which compares better than a part of one."""
    return next((m for m in ("current", ROLLING, YTD) if m in one.measures), "current")
