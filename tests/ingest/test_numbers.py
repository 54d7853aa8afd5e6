"""Numbers as people write them become exact integers, the same as decimal arithmetic says."""

from decimal import ROUND_HALF_UP, Decimal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.checks.numbers import (
    FINER,
    HUGE,
    NOT_A_NUMBER,
    NUMBER,
    exact_number,
    hint,
    json_number,
    parse_number,
    parse_numbers,
    rounded,
)

LAWFUL = st.decimals(
    min_value=-(10**14) + 1, max_value=10**14 - 1, allow_nan=False, allow_infinity=False, places=4
)


@st.composite
def written(draw: st.DrawFn) -> tuple[str, Decimal]:
    """A number and one of the ways people write it."""
    number = draw(LAWFUL)
    text = f"{number:,f}" if draw(st.booleans()) else f"{number:f}"
    if draw(st.booleans()) and number >= 0:
        text = f"+{text}"
    if draw(st.booleans()):
        text = text.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789.,-+"})
    return draw(st.sampled_from(["", " ", "\t", "　"])) + text + draw(
        st.sampled_from(["", " "])
    ), number


@settings(deadline=None)
@given(st.lists(written(), min_size=1))
def test_what_is_parsed_equals_decimal_arithmetic(cells: list[tuple[str, Decimal]]) -> None:
    found = parse_numbers(pa.array([text for text, _ in cells]))
    assert found.kind.tolist() == [NUMBER] * len(cells)
    assert found.value.tolist() == [int(number * 10_000) for _, number in cells]


@settings(deadline=None)
@given(st.lists(st.text(max_size=20) | st.from_regex(r"[-+0-9.,eE%万 ]{0,24}", fullmatch=True)))
def test_the_vector_and_the_plain_way_agree_on_any_text(texts: list[str]) -> None:
    cells = [text for text in texts if text.isprintable()]
    found = parse_numbers(pa.array(cells, pa.string()))
    plain = [parse_number(text) for text in cells]
    assert list(zip(found.value.tolist(), found.kind.tolist(), strict=True)) == plain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-0", (0, NUMBER)),
        ("007.50", (75_000, NUMBER)),
        ("12.50000", (125_000, NUMBER)),
        (".5", (5_000, NUMBER)),
        ("5.", (50_000, NUMBER)),
        ("−3", (-30_000, NUMBER)),
        ("0.00001", (0, FINER)),
        ("100000000000000", (0, HUGE)),
        ("1,23", (0, NOT_A_NUMBER)),
        ("1.2.3", (0, NOT_A_NUMBER)),
        ("1e5", (0, NOT_A_NUMBER)),
        ("nan", (0, NOT_A_NUMBER)),
        ("--1", (0, NOT_A_NUMBER)),
        (".", (0, NOT_A_NUMBER)),
        ("", (0, NOT_A_NUMBER)),
        ("9" * 10_000, (0, NOT_A_NUMBER)),
    ],
)
def test_borders_of_what_is_a_number(text: str, expected: tuple[int, int]) -> None:
    assert parse_number(text) == expected


NOTE_MARK = st.characters(categories=["No", "Nl"])


@given(LAWFUL, NOTE_MARK, st.integers(0, 40))
def test_a_note_mark_never_becomes_a_digit(number: Decimal, mark: str, at: int) -> None:
    text = f"{number:f}"
    text = text[:at] + mark + text[at:]
    assert parse_number(text) == (0, NOT_A_NUMBER)
    assert rounded(text, 2) == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("12.3¹", "注释标号“¹”"),
        ("1234①", "注释标号“①”"),
        ("１２.３⑴", "注释标号“⑴”"),
        ("²", ""),
        ("3½", ""),
        ("1.2 万", "“万”"),
        ("１.２万", "“万”"),
        ("１２％", "百分号"),
        ("１.２Ｅ＋０５", "科学计数法"),
    ],
)
def test_the_hint_looks_at_the_text_as_the_parser_does(text: str, said: str) -> None:
    assert exact_number(text) is None
    chinese, english = hint(text)
    assert bool(chinese) == bool(english) == bool(said)
    assert said in chinese


@settings(deadline=None)
@given(st.decimals(min_value=-(10**10), max_value=10**10, places=8), st.integers(0, 4))
def test_the_quoted_value_is_rounded_half_up(number: Decimal, decimals: int) -> None:
    expected = number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    assert Decimal(rounded(f"{number:f}", decimals)) == expected


@pytest.mark.parametrize(
    ("literal", "text"),
    [
        ("0.30000000000000004", "0.3"),
        ("1.234e3", "1234"),
        ("1E-2", "0.01"),
        ("12345678901234.5", "12345678901234.5"),
        ("9.9999999999999999", "10"),
        ("-0.1", "-0.1"),
        ("1e999", "1e999"),
        ("1e9999999", "1e9999999"),
        ("-1E+99999999999999999999", "-1E+99999999999999999999"),
        ("1e-9999999", "1e-9999999"),
    ],
)
def test_json_numbers_count_at_fifteen_significant_digits(literal: str, text: str) -> None:
    assert json_number(literal) == text
