"""What a load of the register changes, for a person and for programs."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from catalog.register_differences import Difference
    from granary.register_effects import RegisterPreview
    from indicators.catalogue import Catalogue
    from indicators.modelling import Name
    from indicators.register_effects import Stated

#: Differences of one kind that are shown one by one.
SHOWN: Final = 20
_PARTS: Final = {
    "units": "单位 units",
    "memberships": "归属 memberships",
    "listings": "在库决定 list decisions",
    "keys": "部门主键 keys",
}
_WHATS: Final = {
    "added": ("+", "新增 added"),
    "moved": ("→", "迁移 moved"),
    "ended": ("■", "终止 ended"),
    "changed": ("~", "变更 changed"),
    "removed": ("-", "删除 removed"),
}


def told(preview: "RegisterPreview", catalogue: "Catalogue") -> Iterator[str]:
    """Lines for a person: what differs, each kind's first 20 and their number, then the figures."""
    if not preview.rows:
        yield "名录与现行一致,无需更新。The register in force is the same; nothing to do."
        return
    for part, title in _PARTS.items():
        of_part = [one for one in preview.differences if one.part == part]
        if not of_part:
            continue
        counts = {what: [one for one in of_part if one.what == what] for what in _WHATS}
        numbers = ", ".join(f"{_WHATS[what][1]} {len(c)}" for what, c in counts.items() if c)
        yield f"{title}: {numbers}"
        for what, found in counts.items():
            for one in found[:SHOWN]:
                yield f"  {_WHATS[what][0]} {_line(one)}"
            if len(found) > SHOWN:
                more = len(found) - SHOWN
                yield f"  … 另有 and {more} more: {_WHATS[what][1]}"
    touched = preview.touched
    if not touched:
        yield "不涉及任何已有数据。No figure is touched."
        return
    yield "涉及的数据(按新归属重算,留存原版本) Figures it touches, stated anew in a new version:"
    for code, stated in touched.tables.items():
        yield f"  报表 table {_named(code, catalogue.table[code].name)}: {_periods(stated)}"
    for code, stated in touched.indicators.items():
        yield f"  指标 indicator {_named(code, catalogue.indicator[code].name)}: {_periods(stated)}"


def changes_told(changes: dict[str, Any]) -> Iterator[str]:
    """Lines for a person of the `changes` in a register file's receipt or dry run."""
    numbers = []
    for name, count in changes["counts"].items():
        part, _, what = name.rpartition("_")
        numbers.append(f"{_PARTS[part]} {_WHATS[what][1]} {count}")
    yield f"名录变更 register: {'; '.join(numbers) or '无 none'}"
    shown = changes["differences"][:SHOWN]
    for one in shown:
        words = [_WHATS[one["what"]][0], f"{one['kind']}:{one['code']}", one["name"], one["place"]]
        if one["was"] or one["becomes"]:
            words.append(f"{one['was'] or '—'} → {one['becomes'] or '—'}")
        yield "  " + " ".join(word for word in words if word)
    if (more := sum(changes["counts"].values()) - len(shown)) > 0:
        yield f"  … 另有 and {more} more"
    for title, part in (("报表 table", "tables"), ("指标 indicator", "indicators")):
        for code, periods in changes.get(part, {}).items():
            parts = [", ".join(periods["restated"])] if periods["restated"] else []
            if periods["locked"]:
                parts.append(f"已锁定,保留原数 locked, kept: {', '.join(periods['locked'])}")
            yield f"  涉及 touches {title} {code}: {'; '.join(parts)}"


def _line(one: "Difference") -> str:
    words = [f"{one.kind}:{one.code}"]
    if one.name:
        words.append(one.name)
    if one.place and one.part == "memberships":
        words.append(one.place)
    if one.was or one.becomes:
        words.append(f"{one.was or '—'} → {one.becomes or '—'}")
    return " ".join(words)


def _named(code: str, name: "Name") -> str:
    return f"{code} {name.zh}"


def _periods(stated: "Stated") -> str:
    parts = []
    if stated.anew:
        parts.append(spelled(stated.anew))
    if stated.kept:
        parts.append(f"已锁定,保留原数 locked, kept: {spelled(stated.kept)}")
    return "; ".join(parts)


def spelled(periods: Sequence[int]) -> str:
    """Periods in short: runs of one frequency as first—last."""
    from indicators.periods import format_period, frequency_of, shift

    runs: list[list[int]] = []
    for period in sorted(periods, key=lambda one: (frequency_of(one).value, one)):
        if runs and shift(runs[-1][-1], 1) == period:
            runs[-1].append(period)
        else:
            runs.append([period])
    return ", ".join(
        format_period(run[0]) + (f"—{format_period(run[-1])}" if len(run) > 1 else "")
        for run in runs
    )


def as_body(preview: "RegisterPreview", asked_for: int) -> dict[str, Any]:
    """The preview as one JSON object; every difference, periods as SDMX texts."""
    from granary.register_effects import preview_json

    return {**preview_json(preview), "asked_for": asked_for}
