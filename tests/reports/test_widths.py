"""Columns are as wide as what must not break, and text gets the rest."""

import pytest

from reports.document import Align, Column, Row, Table
from reports.widths import LINE, widths


def shares(titles: list[tuple[str, Align]], *rows: tuple[str, ...]) -> list[float]:
    columns = tuple(Column((title,), align) for title, align in titles)
    return widths(
        Table("t", (), (), columns, tuple(Row(tuple((cell,) for cell in row)) for row in rows))
    )


def test_the_shares_add_to_the_whole_line() -> None:
    assert sum(shares([("地区", "left"), ("数", "right")], ("东区", "1"))) == pytest.approx(1)


def test_a_number_never_breaks_though_the_text_beside_it_is_long() -> None:
    text, number = shares([("内容", "left"), ("数", "right")], ("很长的句子" * 40, "192845.1"))
    assert number * LINE >= len("192845.1")
    assert text > 0.8


def test_a_short_name_stays_in_one_line_and_a_title_of_one_word_is_not_stacked() -> None:
    titles: list[tuple[str, Align]] = [("地区", "left"), *([("对象数", "right")] * 9)]
    first, *others = shares(titles, ("新南威尔士州", *(["1"] * 9)))
    assert first * LINE >= 12
    assert min(others) * LINE >= 4


def test_an_empty_table_has_columns_too() -> None:
    assert len(shares([("甲", "left"), ("乙", "right")])) == 2
