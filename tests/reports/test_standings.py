"""A paper uses the highest standing that has a value, and prints how far the others are from it."""

from reports.facts import MeetingFacts, Value
from tests.reports.test_compose import CARD, facts, figure, tables


def told(*values: Value) -> MeetingFacts:
    return facts(cards=[CARD], values=list(values))


def test_the_highest_standing_is_used_whatever_the_order_of_rows() -> None:
    ours, published = figure(CARD, "river", 30.0), figure(CARD, "river", 31.0, standing="公布数")
    verified = figure(CARD, "river", 29.0, standing="核定数")
    for values in ([ours, published, verified], [published, verified, ours]):
        assert told(*values).whole(CARD, "current") is published


def test_a_standing_without_a_value_hides_none_that_has_one() -> None:
    ours, nothing = figure(CARD, "river", 30.0), figure(CARD, "river", None, standing="公布数")
    assert told(ours, nothing).whole(CARD, "current") is ours
    assert told(nothing).whole(CARD, "current") is nothing


def test_a_districts_own_total_is_printed_beside_the_sum_of_its_units() -> None:
    own = figure(CARD, "east", 22.5, standing="上报数")
    given = told(figure(CARD, "river", 30.0), figure(CARD, "east", 20.0), own)
    assert tables(given)["standings"] == [
        ["东区：产值（万元）", "20.0", "监测数", "22.5", "上报数", "+2.5"]
    ]


def test_the_citys_difference_comes_before_the_districts() -> None:
    given = told(
        figure(CARD, "east", 20.0), figure(CARD, "east", 20.0, standing="上报数"),
        figure(CARD, "river", 30.0), figure(CARD, "river", 31.0, standing="公布数"),
    )  # fmt: skip
    rows = tables(given)["standings"]
    assert [(row[0], row[-1]) for row in rows] == [
        ("产值（万元）", "+1.0"),
        ("东区：产值（万元）", "0.0"),
    ]
