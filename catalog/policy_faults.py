"""What indices, targets and assessments must keep: policy that would otherwise go quietly wrong.

Each problem is (place, English, Chinese), as in `catalog.checks`.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise

from catalog.located import Place
from indicators.catalogue import Catalogue, Indicator
from indicators.items import ItemKind
from indicators.periods import Frequency
from indicators.policies.models import (
    Assessment,
    BandsScore,
    Component,
    EfficacyScore,
    Index,
    RatioScore,
    Scoring,
    Target,
    weights_of,
)
from indicators.vocabulary import (
    CITY_LEVEL,
    CONTRIBUTIONS,
    GROWTHS,
    ROLLING,
    SHARE,
    YTD,
    split_measure,
)

Problem = tuple[Place, str, str]
_WHOLE = Fraction(100)
#: The grouping whose members have a type (功能区).
_ZONES = "zone"


def policy_problems(catalogue: Catalogue) -> Iterable[Problem]:
    """Every problem of the policies."""
    for position, index in enumerate(catalogue.indices):
        yield from _index(catalogue, index, ("indices", position))
    for position, target in enumerate(catalogue.targets):
        yield from _target(catalogue, target, ("targets", position))
    seen: set[tuple[object, ...]] = set()
    for position, target in enumerate(catalogue.targets):
        key = (target.level, target.subject, target.indicator, target.measure, target.year,
               target.kind)  # fmt: skip
        if key in seen:
            yield ("targets", position), "this target is here twice", "该目标重复"
        seen.add(key)
    for stem in ("indices", "assessments"):
        counts = Counter(entry.code for entry in getattr(catalogue, stem))
        for position, entry in enumerate(getattr(catalogue, stem)):
            if counts[entry.code] > 1:
                yield (
                    (stem, position, "code"),
                    f"{entry.code!r} is used more than once",
                    f"{entry.code!r}重复使用",
                )
    for position, assessment in enumerate(catalogue.assessments):
        yield from _assessment(catalogue, assessment, ("assessments", position))


def _index(catalogue: Catalogue, index: Index, at: Place) -> Iterable[Problem]:
    yield from _subjects(catalogue, index.level, index.members, (*at, "members"))
    yield from _sum_to_whole(weights_of(index.components), (*at, "components"))
    if index.level == _ZONES and (index.zone_type is None or not index.members):
        yield (
            (*at, "zone_type"),
            "ranks across zone types are refused: name the zone_type, and its zones as members",
            "不同类型功能区不得混排:须写明zone_type,并在members中列出该类功能区",
        )
    counts = Counter((one.indicator, one.measure) for one in index.components)
    for number, component in enumerate(index.components):
        here = (*at, "components", number)
        if counts[component.indicator, component.measure] > 1:
            yield here, "this component is here twice", "该分项重复"
        indicator = catalogue.indicator.get(component.indicator)
        if indicator is None:
            yield _no_indicator(component.indicator, here)
            continue
        yield from _figure(indicator, component.measure, index.level, here)
        if index.zone_type is not None and index.zone_type not in (
            indicator.zone_types or [index.zone_type]
        ):
            yield (
                (*here, "indicator"),
                f"{indicator.code!r} is not for zones of type {index.zone_type!r}",
                f"指标{indicator.code!r}不适用于{index.zone_type!r}类功能区",
            )
        yield from _earning(indicator, component, here)
        yield from _scored(catalogue, indicator, component, here)


def _earning(indicator: Indicator, component: Component, at: Place) -> Iterable[Problem]:
    if indicator.role == "constraint":
        if component.weight or component.scoring is not None:
            yield (
                (*at, "weight"),
                "a constraint indicator earns nothing: no weight and no scoring, only deduct",
                "约束性指标不得分:不设weight和scoring,只设deduct",
            )
        if indicator.lines is not None and indicator.lines.measure != component.measure:
            yield (
                (*at, "measure"),
                f"the indicator's lines are for {indicator.lines.measure!r}",
                f"该指标黄线红线的口径是{indicator.lines.measure!r}",
            )
    elif not component.weight or component.scoring is None:
        yield (
            (*at, "scoring"),
            "a component that earns has a weight above 0 and a scoring",
            "得分项须有大于0的weight,并填scoring",
        )


def _scored(
    catalogue: Catalogue, indicator: Indicator, component: Component, at: Place
) -> Iterable[Problem]:
    kind = split_measure(component.measure)[1]
    yield from _turned(indicator, component.scoring, at)
    if isinstance(component.scoring, RatioScore) and kind in (*GROWTHS, *CONTRIBUTIONS):
        yield (*at, "scoring"), "growth is never scored by ratio", "增速不按ratio计分"
    yield from _within_year(catalogue, indicator, component.measure, at)


def _turned(indicator: Indicator, scoring: Scoring | None, at: Place) -> Iterable[Problem]:
    """Whether a better value would score less."""
    rises = None
    if isinstance(scoring, EfficacyScore):
        rises = scoring.most > scoring.least
    elif isinstance(scoring, BandsScore):
        steps = {
            one.score > other.score
            for one, other in pairwise(scoring.bands)
            if one.score != other.score
        }
        if len(steps) > 1:
            yield (*at, "scoring", "bands"), "scores of bands go one way", "各档得分应单调"
        rises = None if len(steps) != 1 else not steps.pop()
    if rises is None or indicator.direction == "none":
        return
    if rises != (indicator.direction == "higher"):
        yield (
            (*at, "scoring"),
            f"{indicator.code!r} is better {indicator.direction}; a better value would score less",
            f"计分方向与指标{indicator.code!r}的方向相反",
        )


def _within_year(
    catalogue: Catalogue, indicator: Indicator, measure: str, at: Place
) -> Iterable[Problem]:
    window, kind = split_measure(measure)
    kinds = {catalogue.item[code].kind for code in _items(catalogue, indicator)}
    table = catalogue.table.get(indicator.table)
    mixed = indicator.is_ratio and {ItemKind.FLOW, ItemKind.STOCK} <= kinds
    shorter = table is not None and table.frequency is not Frequency.YEAR
    if mixed and shorter and kind in ("", SHARE) and window != ROLLING:
        yield (
            (*at, "measure"),
            "a ratio of a flow and a stock is scored by rolling12 or over the closed year",
            "时期项与时点项之比,只按rolling12或整年计分",
        )


def _items(catalogue: Catalogue, indicator: Indicator) -> set[str]:
    derived = catalogue.derived_value
    codes = [derived[code].items if code in derived else [code] for code in indicator.items]
    return {code for some in codes for code in some if code in catalogue.item}


def _target(catalogue: Catalogue, target: Target, at: Place) -> Iterable[Problem]:
    yield from _subjects(catalogue, target.level, [target.subject], (*at, "subject"))
    indicator = catalogue.indicator.get(target.indicator)
    if indicator is None:
        yield _no_indicator(target.indicator, at)
        return
    yield from _figure(indicator, target.measure, target.level, at)
    window, kind = split_measure(target.measure)
    if (target.kind in ("growth", "reduction")) != (kind in GROWTHS):
        yield (
            (*at, "measure"),
            f"{target.measure!r} does not go with a target of kind {target.kind!r}",
            f"口径{target.measure!r}与目标类型{target.kind!r}不符",
        )
    table = catalogue.table.get(indicator.table)
    cumulates = window == YTD or (table is not None and table.frequency is Frequency.YEAR)
    if target.kind in ("amount", "ceiling", "five_year") and not (cumulates and not kind):
        yield (
            (*at, "measure"),
            f"a target of kind {target.kind!r} is held against the year to date",
            f"{target.kind!r}类目标按本年累计对照",
        )
    if target.kind == "level":
        yield from _within_year(catalogue, indicator, target.measure, at)
    if target.kind in ("amount", "ceiling", "five_year") and indicator.is_ratio:
        yield (
            (*at, "kind"),
            "a ratio does not cumulate: give it a level",
            "比率不能累计,应设level类目标",
        )


def _assessment(catalogue: Catalogue, assessment: Assessment, at: Place) -> Iterable[Problem]:
    yield from _sum_to_whole(weights_of(assessment.parts), (*at, "parts"))
    indices = {index.code: index for index in catalogue.indices}
    for number, body in enumerate(assessment.bodies):
        place = (*at, "bodies", number, "subjects")
        yield from _subjects(catalogue, assessment.level, body.subjects, place)
    for number, part in enumerate(assessment.parts):
        here = (*at, "parts", number)
        if part.indicator is not None:
            yield from _attained(catalogue, assessment, part.indicator, here)
        if part.index is None:
            continue
        index = indices.get(part.index)
        if index is None:
            yield (*here, "index"), f"no index {part.index!r}", f"没有指数{part.index!r}"
        elif (index.level, index.year) != (assessment.level, assessment.year):
            yield (
                (*here, "index"),
                f"{part.index!r} is of another level or year",
                f"指数{part.index!r}的层级或年份不同",
            )


def _attained(
    catalogue: Catalogue, assessment: Assessment, code: str, at: Place
) -> Iterable[Problem]:
    """Whether the indicator has targets that can be attained."""
    if code not in catalogue.indicator:
        yield _no_indicator(code, at)
        return
    kinds = {
        target.kind
        for target in catalogue.targets
        if (target.indicator, target.level, target.year)
        == (code, assessment.level, assessment.year)
    }
    if not kinds or not kinds <= {"amount", "five_year", "level"}:
        yield (
            (*at, "indicator"),
            f"{code!r} has no targets of that level and year by kind amount, five_year or level",
            f"指标{code!r}在该层级和年份没有amount、five_year或level类目标",
        )


def _figure(indicator: Indicator, measure: str, level: str, at: Place) -> Iterable[Problem]:
    """Whether the figure is computed at all."""
    if measure not in indicator.measures:
        yield (
            (*at, "measure"),
            f"measure {measure!r} is not among those of {indicator.code!r}",
            f"口径{measure!r}不在指标{indicator.code!r}的measures中",
        )
    if level not in indicator.levels:
        yield (
            (*at, "indicator"),
            f"{indicator.code!r} has no figures at level {level!r}",
            f"指标{indicator.code!r}没有{level!r}层级的数值",
        )


def _subjects(
    catalogue: Catalogue, level: str, subjects: Sequence[str], at: Place
) -> Iterable[Problem]:
    grouping = catalogue.grouping.get(level)
    if level != CITY_LEVEL and grouping is None:
        yield (*at[:2], "level"), f"no grouping {level!r}", f"没有分组{level!r}"
        return
    known = {catalogue.city.code} if grouping is None else set(grouping.subjects)
    for code in subjects:
        if code not in known:
            yield at, f"no member {code!r} of {level!r}", f"分组{level!r}没有成员{code!r}"


def _sum_to_whole(weights: Fraction, at: Place) -> Iterable[Problem]:
    if weights != _WHOLE:
        shown = float(weights)
        yield at, f"weights add to {shown:g}, not to 100", f"权重合计为{shown:g},应为100"


def _no_indicator(code: str, at: Place) -> Problem:
    return (*at, "indicator"), f"no indicator {code!r}", f"没有指标{code!r}"
