"""What access.yaml must keep: rules that would go quietly wrong, or may not be applied at all.

Each problem is (place, English, Chinese), as in `catalog.checks`. Screening reads administrative
tables alone: survey data serve statistics only.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from catalog.access_ties import tie_problems
from catalog.located import Place
from indicators.access.headings import headings
from indicators.access.models import Access, Condition, Directory, Input, Scope
from indicators.catalogue import Catalogue
from indicators.items import ItemKind
from indicators.periods import Frequency

Problem = tuple[Place, str, str]
_CLASS = re.compile(r"[0-9]{2,4}")


def access_problems(catalogue: Catalogue) -> Iterable[Problem]:
    """Every problem of the access policies."""
    years = Counter(policy.year for policy in catalogue.access)
    for position, policy in enumerate(catalogue.access):
        at: Place = ("access", position)
        if years[policy.year] > 1:
            yield (
                (*at, "year"),
                f"there is more than one access policy of {policy.year}",
                f"{policy.year}年的准入政策不止一个",
            )
        yield from _policy(catalogue, policy, at)


def _policy(catalogue: Catalogue, policy: Access, at: Place) -> Iterable[Problem]:
    yield from _repeated(policy, at)
    yield from _sources(policy, at)
    for number, sector in enumerate(policy.sectors):
        yield from _classes(sector.classes, (*at, "sectors", number, "classes"))
    for number, one in enumerate(policy.inputs):
        yield from _input(catalogue, policy, one, (*at, "inputs", number))
    yield from _headings(policy, at)
    for number, standard in enumerate(policy.standards):
        here = (*at, "standards", number)
        yield from _formula(policy, standard.numerator, standard.denominator, here)
        for which, line in enumerate(standard.lines):
            place = (*here, "lines", which)
            yield from _scope(catalogue, policy, line, place)
            if (line.at is None) != line.exempt:
                yield (
                    (*place, "at"),
                    "a line has a value in `at`, or is exempt",
                    "应填写at(标准值),或填exempt: true(不设标准)",
                )
    for number, directory in enumerate(policy.directories):
        here = (*at, "directories", number)
        yield from _places(catalogue, policy, directory, here)
        yield from _directory(directory, here)
    kinds = {one.code for one in policy.kinds}
    for number, rule in enumerate(policy.negative):
        here = (*at, "negative", number)
        yield from _scope(catalogue, policy, rule, here)
        if rule.kind not in kinds:
            yield (*here, "kind"), f"no kind {rule.kind!r}", f"负面清单没有类别{rule.kind!r}"
        for which, condition in enumerate(rule.when):
            yield from _condition(policy, condition, (*here, "when", which))
    yield from tie_problems(catalogue, policy, at)


def _repeated(policy: Access, at: Place) -> Iterable[Problem]:
    lists: tuple[tuple[str, Sequence[object]], ...] = (
        ("zone_types", policy.zone_types),
        ("sectors", policy.sectors),
        ("inputs", policy.inputs),
        ("standards", policy.standards),
        ("kinds", policy.kinds),
    )
    for field, entries in lists:
        counts = Counter(getattr(one, "code", "") for one in entries)
        for number, one in enumerate(entries):
            code = getattr(one, "code", "")
            if counts[code] > 1:
                place = (*at, field, number, "code")
                yield place, f"{code!r} is used more than once", f"{code!r}重复使用"
    rules: list[tuple[Place, str]] = [
        ((*at, "standards", number, "lines", which, "id"), line.id)
        for number, standard in enumerate(policy.standards)
        for which, line in enumerate(standard.lines)
    ]
    for field, entries in (("directories", policy.directories), ("negative", policy.negative)):
        rules += [((*at, field, n, "id"), getattr(one, "id", "")) for n, one in enumerate(entries)]
    ids = Counter(rule for _, rule in rules)
    for place, rule in rules:
        if ids[rule] > 1:
            en = f"rule id {rule!r} is used more than once"
            yield place, en, f"规则编号{rule!r}重复使用"


def _sources(policy: Access, at: Place) -> Iterable[Problem]:
    """Whether each rule says what it is based on."""
    said: list[tuple[Place, str]] = [((*at, "source"), policy.source)]
    for number, standard in enumerate(policy.standards):
        said += [
            ((*at, "standards", number, "lines", which, "basis"), line.basis)
            for which, line in enumerate(standard.lines)
        ]
    said += [
        ((*at, "directories", n, "basis"), one.basis) for n, one in enumerate(policy.directories)
    ]
    said += [((*at, "negative", n, "basis"), one.basis) for n, one in enumerate(policy.negative)]
    for place, text in said:
        if not text.strip():
            yield place, "a rule says what it is based on", "须写明依据,示例值写“示例”"


def _input(catalogue: Catalogue, policy: Access, one: Input, at: Place) -> Iterable[Problem]:
    if (one.kind == "choice") != bool(one.choices):
        yield (*at, "choices"), "choices go with kind choice", "choices与kind: choice须同时填写"
    if one.kind != "number" and (one.unit or one.also or one.table):
        yield (
            (*at, "unit"),
            "only a number has a unit, and a table it is read from",
            "只有数值项才有计量单位和来源报表",
        )
    if (one.table is None) != (one.item is None):
        yield (*at, "table"), "table and item go together", "table与item须同时填写"
    if one.table is None or one.item is None:
        return
    table, item = catalogue.table.get(one.table), catalogue.item.get(one.item)
    if table is None:
        yield (*at, "table"), f"no table {one.table!r}", f"没有报表{one.table!r}"
        return
    if table.purpose != "administrative":
        yield (
            (*at, "table"),
            f"table {table.code!r} is statistical; survey data may not serve screening",
            f"报表{table.code!r}为统计用途,统计调查资料不得用于准入审查",
        )
    if table.unit_kind != policy.unit_kind:
        yield (
            (*at, "table"),
            f"table {table.code!r} is about {table.unit_kind!r}, not {policy.unit_kind!r}",
            f"报表{table.code!r}的单位类型是{table.unit_kind!r},不是{policy.unit_kind!r}",
        )
    if item is None or item.code not in table.items:
        yield (
            (*at, "item"),
            f"table {table.code!r} has no item {one.item!r}",
            f"报表{table.code!r}没有指标项{one.item!r}",
        )
        return
    if item.unit not in {one.unit, *(other.unit for other in one.also)}:
        yield (
            (*at, "item"),
            f"{item.code!r} is in {item.unit!r}, which is no unit of this input",
            f"指标项{item.code!r}的计量单位是{item.unit!r},不在本项的计量单位中",
        )
    if item.kind is not ItemKind.STOCK and table.frequency is not Frequency.YEAR:
        yield (
            (*at, "item"),
            f"{item.code!r} is told for less than a year and is no amount of the project",
            f"{item.code!r}是不满一年的时期数,不能代表项目规模",
        )


def _headings(policy: Access, at: Place) -> Iterable[Problem]:
    owners: dict[str, str] = {}
    positions = {one.code: number for number, one in enumerate(policy.inputs)}
    for text, heading in headings(policy):
        code = heading.input.code if heading.input else heading.field
        owner = owners.setdefault(text, f"{code} {heading.unit}")
        if owner != f"{code} {heading.unit}" and heading.input is not None:
            yield (
                (*at, "inputs", positions[code]),
                f"a column {text!r} would mean {owner.strip()!r} as well",
                f"列名{text!r}还表示{owner.strip()!r},须加以区分",
            )


def _formula(
    policy: Access,
    numerator: Mapping[str, Fraction],
    denominator: Mapping[str, Fraction],
    at: Place,
) -> Iterable[Problem]:
    if not numerator:
        yield (*at, "numerator"), "a figure has a numerator", "须填写numerator(分子)"
    for side, factors in (("numerator", numerator), ("denominator", denominator)):
        for code, factor in factors.items():
            place = (*at, side, code)
            one = policy.input.get(code)
            if one is None or one.kind != "number":
                yield place, f"no number {code!r} among the inputs", f"inputs中没有数值项{code!r}"
            elif side == "denominator" and (factor <= 0 or one.negative):
                yield (
                    place,
                    "a denominator is made of positive parts",
                    "分母各项须为正:系数大于0,且该项不得为负",
                )
            elif factor == 0:
                yield place, "a factor of 0 says nothing", "系数不能为0"


def _scope(catalogue: Catalogue, policy: Access, scope: Scope, at: Place) -> Iterable[Problem]:
    yield from _places(catalogue, policy, scope, at)
    for code in scope.sectors:
        if code not in policy.sector:
            yield (*at, "sectors"), f"no sector {code!r}", f"sectors中没有产业类别{code!r}"
    yield from _classes(scope.classes, (*at, "classes"))


def _places(
    catalogue: Catalogue, policy: Access, scope: Scope | Directory, at: Place
) -> Iterable[Problem]:
    if scope.zones and scope.zone_types:
        yield (*at, "zones"), "name zones or zone types, not both", "zones与zone_types只填一项"
    grouping = catalogue.grouping.get(policy.zone_grouping)
    known = {member.code for member in grouping.members} if grouping else set()
    for code in scope.zones:
        if code not in known:
            yield (
                (*at, "zones"),
                f"no member {code!r} of {policy.zone_grouping!r}",
                f"分组{policy.zone_grouping!r}没有成员{code!r}",
            )
    for code in scope.zone_types:
        if code not in {one.code for one in policy.zone_types}:
            yield (
                (*at, "zone_types"),
                f"no zone type {code!r}",
                f"本政策的zone_types中没有类型{code!r}",
            )


def _classes(codes: Iterable[str], at: Place) -> Iterable[Problem]:
    for code in codes:
        if not _CLASS.fullmatch(code):
            yield (
                at,
                f"{code!r} is no class: two to four digits of GB/T 4754",
                f"{code!r}不是行业代码:应为GB/T 4754的两至四位数字",
            )


def _directory(directory: Directory, at: Place) -> Iterable[Problem]:
    lists = {
        "encouraged": directory.encouraged,
        "allowed": directory.allowed,
        "barred": directory.barred,
    }
    counts = Counter(code for codes in lists.values() for code in codes)
    for field, codes in lists.items():
        yield from _classes(codes, (*at, field))
        for code in codes:
            if counts[code] > 1:
                en = f"class {code!r} is in the directory twice"
                yield (*at, field), en, f"行业代码{code!r}在目录中重复"
    if not counts:
        yield at, "a directory lists at least one class", "目录至少要列一个行业代码"


def _condition(policy: Access, condition: Condition, at: Place) -> Iterable[Problem]:
    forms = (bool(condition.classes), condition.input is not None, bool(condition.numerator))
    if sum(forms) != 1:
        yield (
            at,
            "a condition is about classes, an input, or a figure (numerator)",
            "条件须且只能针对classes、input或numerator之一",
        )
        return
    yield from _classes(condition.classes, (*at, "classes"))
    bounds = (condition.above is not None) + (condition.below is not None)
    if condition.numerator:
        yield from _formula(policy, condition.numerator, condition.denominator, at)
    if bounds != int(bool(condition.numerator)):
        en = "a figure has one bound, above or below; nothing else has"
        yield at, en, "数值条件须且只能填above或below之一,其他条件不填"
    if condition.input is None:
        return
    one = policy.input.get(condition.input)
    if one is None or one.kind == "number":
        yield (
            (*at, "input"),
            f"no flag or choice {condition.input!r} among the inputs",
            f"inputs中没有是否项或选择项{condition.input!r}",
        )
    elif one.kind == "flag" and (condition.holds is None or condition.one_of):
        yield (*at, "holds"), "of a flag say holds: true or false", "是否项填holds: true或false"
    elif one.kind == "choice" and (
        not condition.one_of
        or condition.holds is not None
        or set(condition.one_of) - {*one.choices}
    ):
        yield (
            (*at, "one_of"),
            "of a choice say one_of, some of its choices",
            "选择项填one_of,取自choices",
        )
