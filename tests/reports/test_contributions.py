"""Contributions as papers print them: entries and exits apart, and rows that add up."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from reports.compose import meeting_report
from reports.contributions import points
from reports.document import Table, plain
from reports.facts import Card, MeetingFacts, Value
from tests.reports.test_compose import CARD, facts, figure

KEEPS = replace(CARD, exits="keep_base")


def city(
    parts: dict[str, float], entries: float, left: float, whole: float, card: Card = CARD
) -> MeetingFacts:
    """Members' continuing units, the city's entries and exits, and its growth."""

    def of(subject: str, number: float, line: str) -> Value:
        return figure(card, subject, number, measure=f"contribution{line}")

    values = [
        *(figure(card, who, 1.0) for who in ("river", *parts)),
        *(of(who, number, "_continuing") for who, number in parts.items()),
        *(of(who, number, "") for who, number in parts.items()),
        of("river", entries, "_entries"),
        of("river", left, "_exits"),
        of("river", sum(parts.values()), "_continuing"),
        of("river", whole, ""),
    ]
    return facts(cards=[card], values=values)


def table(of: MeetingFacts) -> Table:
    (found,) = [
        block
        for block in meeting_report(of).blocks
        if isinstance(block, Table) and block.name == "output/district"
    ]
    return found


def column(of: MeetingFacts) -> dict[str, str]:
    found = table(of)
    titles = [plain(one.title) for one in found.columns]
    at = next(at for at, title in enumerate(titles) if "拉动" in title)
    return {plain(row.cells[0]): plain(row.cells[at]) for row in found.rows}


def notes(of: MeetingFacts) -> str:
    return "\n".join(map(plain, table(of).notes))


def test_entries_and_exits_are_lines_of_their_own_that_add_up_to_the_growth() -> None:
    given = city({"east": 0.031249, "west": -0.010004}, 0.020004, -0.005005, 0.036244, KEEPS)
    shown = column(given)
    assert list(shown)[-2:] == ["新入库单位", "退库单位"]
    assert shown["全市"] == "3.62"
    parts = [Decimal(text) for name, text in shown.items() if name != "全市"]
    assert sum(parts) == Decimal(shown["全市"])
    assert "新入库单位和退库单位单列；各行相加等于全市。" in notes(given)
    assert "均未单列" not in notes(given)


def test_units_that_left_are_no_line_where_they_are_in_no_base() -> None:
    given = city({"east": 0.03, "west": 0.01}, 0.02, 0.0, 0.06)
    assert list(column(given)) == ["全市", "东区", "西区", "新入库单位"]
    assert "新入库单位单列，退库单位不计入；各行相加等于全市。" in notes(given)


def test_other_columns_have_nothing_in_the_lines() -> None:
    given = city({"east": 0.03, "west": 0.01}, 0.02, 0.0, 0.06)
    (line,) = [row for row in table(given).rows if plain(row.cells[0]) == "新入库单位"]
    assert sorted(map(plain, line.cells[1:])) == ["2.00", "—", "—"]


def test_members_that_do_not_make_the_whole_are_not_said_to_add_up() -> None:
    given = city({"east": 0.03}, 0.02, 0.0, 0.06)
    assert "各行相加不等于全市" in notes(given)


def test_without_the_lines_the_table_says_that_they_are_not_apart() -> None:
    values = [
        *(figure(CARD, who, 1.0) for who in ("river", "east", "west")),
        figure(CARD, "river", 0.05, measure="contribution"),
        figure(CARD, "east", 0.02, measure="contribution"),
        figure(CARD, "west", 0.03, measure="contribution"),
    ]
    given = facts(cards=[CARD], values=values)
    assert list(column(given)) == ["全市", "东区", "西区"]
    assert "两者均未单列" in notes(given)


SHARE = st.integers(-(10**6), 10**6).map(lambda number: number / 10**7)


@given(SHARE, SHARE, SHARE, SHARE)
def test_printed_points_add_up_to_the_printed_growth_whatever_they_are(
    east: float, west: float, entries: float, exits: float
) -> None:
    whole = float(sum(Decimal(repr(one)) for one in (east, west, entries, exits)))
    found = points(
        city({"east": east, "west": west}, entries, exits, whole, KEEPS),
        KEEPS,
        "district",
    )
    printed = [one.printed for one in (*found.members.values(), *found.lines.values())]
    assert found.adds_up
    assert str(sum(printed)) == plain(found.cell("city", "river")) or sum(printed) == 0
    for one in (*found.members.values(), *found.lines.values()):
        exact = Decimal(repr(one.value.value)) * 100
        assert abs(one.printed - exact) < Decimal("0.011")
