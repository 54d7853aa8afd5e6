"""Ways in which a row goes wrong. Values are whole numbers of each item's last place."""

from collections.abc import Mapping, Sequence

from granary.simulate.faults.book import Change, Row


def scaled(items: Sequence[str], times: int, over: int) -> Change:
    """The items times a factor, rounded half up: another unit, or another level."""

    def change(row: Row, _: Row, __: Mapping[str, int]) -> Row:
        return {item: (row[item] * times * 2 + over) // (2 * over) for item in items if item in row}

    return change


def copied(source: str, to: str) -> Change:
    """One item typed into the field of another: 累计 as 本月."""

    def change(row: Row, _: Row, places: Mapping[str, int]) -> Row:
        return {to: _in_places(row[source], places[source], places[to])}

    return change


def stale(_: Row, before: Row, __: Mapping[str, int]) -> Row:
    """The row of the period before once more."""
    return dict(before)


def above(item: str, limit: str) -> Change:
    """A part that is a fifth larger than the whole it belongs to."""
    return part(item, limit, 6, 5)


def part(item: str, of: str, times: int, over: int) -> Change:
    """The item as so many of another one."""

    def change(row: Row, _: Row, places: Mapping[str, int]) -> Row:
        return {item: _in_places(row[of], places[of], places[item]) * times // over}

    return change


def fixed(item: str, other: str, value: int, other_value: int) -> Change:
    """Two flags that exclude each other."""

    def change(_: Row, __: Row, ___: Mapping[str, int]) -> Row:
        return {item: value, other: other_value}

    return change


def said(item: str, value: int) -> Change:
    """One value, whatever the right one is."""

    def change(_: Row, __: Row, ___: Mapping[str, int]) -> Row:
        return {item: value}

    return change


def _in_places(value: int, has: int, wants: int) -> int:
    if wants >= has:
        return value * int(10 ** (wants - has))
    return value // int(10 ** (has - wants))
