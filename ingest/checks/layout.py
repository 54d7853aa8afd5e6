"""Which column is which: long (unit, item, period, value) or wide (unit, a column an item)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from indicators.catalogue import Catalogue, Table
from ingest.checks.batches import UnreadableFileError
from ingest.checks.width import plain

UNIT: Final = frozenset({"unit", "unit_code", "单位", "单位代码", "统一社会信用代码"})
ITEM: Final = frozenset({"item", "item_code", "指标", "指标代码"})
PERIOD: Final = frozenset({"period", "报告期", "时期"})
VALUE: Final = frozenset({"value", "数值", "值"})
#: Columns people keep beside the figures; they declare nothing.
_BESIDE: Final = frozenset({"", "name", "unit_name", "名称", "单位名称", "note", "备注"})


@dataclass(frozen=True, slots=True)
class Layout:
    """Positions in the header; -1 where there is no such column. Wide has `values` only.

    `items` of a wide file: (position, label) of every column that is none of the others.
    """

    unit: int
    period: int
    item: int
    value: int
    items: tuple[tuple[int, str], ...]
    ignored: tuple[str, ...]

    @property
    def long(self) -> bool:
        return self.item >= 0


def roles_of(table: Table) -> dict[str, str]:
    """Lower-case column name → unit, item, period or value."""
    names = {**dict.fromkeys(UNIT, "unit"), table.unit_kind.lower(): "unit"}
    for role, aliases in (("item", ITEM), ("period", PERIOD), ("value", VALUE)):
        names.update(dict.fromkeys(aliases, role))
    for code in table.items:  # an item's own code means the item, except the four plain words
        if code.lower() not in ("unit", "item", "period", "value"):
            names.pop(code.lower(), None)
    return names


def item_names(catalogue: Catalogue, table: Table) -> dict[str, str]:
    """What a file may call an item, as `plain` → its code: the code, or the Chinese name if it is
    that of one item, also with the item's own unit behind it: 营业收入(万元).
    """
    items = [catalogue.item[code] for code in table.items]
    names = [(plain(item.name.zh), item) for item in items]
    names += [(plain(f"{item.name.zh}({item.unit})"), item) for item in items]
    times = Counter(name for name, _ in names)
    found = {name: item.code for name, item in names if times[name] == 1}
    return found | {plain(code): code for code in table.items}


def layout_of(header: Sequence[str], table: Table) -> Layout:
    """Read the header.

    Raises:
        UnreadableFileError: no unit column, nothing to read beside it, a role taken twice.
    """
    names = [plain("".join(text.splitlines())) for text in header]  # cells wrapped by hand
    shown = ", ".join(names)
    roles = roles_of(table)
    at: dict[str, int] = {}
    others: list[tuple[int, str]] = []
    for position, name in enumerate(names):
        role = roles.get(name.lower())
        if role is None:
            others.append((position, name))
        elif role in at:
            raise UnreadableFileError("repeated_column", text=name)
        else:
            at[role] = position
    if "unit" not in at:
        raise UnreadableFileError("no_unit_column", header=shown)
    if "item" in at and "value" in at:
        ignored = tuple(name for _, name in others if name.lower() not in _BESIDE)
        return Layout(at["unit"], at.get("period", -1), at["item"], at["value"], (), ignored)
    taken = {position for _, position in at.items() if _ not in ("item", "value")}
    items = [
        (position, name)
        for position, name in enumerate(names)
        if position not in taken and (name.lower() not in _BESIDE or name in table.items)
    ]
    if not items:
        raise UnreadableFileError("no_item_column", header=shown)
    repeats = [name for name, times in Counter(name for _, name in items).items() if times > 1]
    if repeats:
        raise UnreadableFileError("repeated_column", text=repeats[0])
    return Layout(at["unit"], at.get("period", -1), -1, -1, tuple(items), ())
