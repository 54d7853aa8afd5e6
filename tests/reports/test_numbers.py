"""How figures are printed, and that nothing is printed that comes from nowhere."""

import pytest

from reports.document import Document, Figure, Paragraph, Trace
from reports.errors import UntracedNumberError
from reports.facts import Card, Value
from reports.numbers import (
    grew,
    percent,
    percent_text,
    rounded,
    share_of,
    value_text,
)

CARD = Card("x", "指标", "万元", 2, "green", "monitor", "higher", "t", "a", ["district"])


def value(number: float | None, *, reason: str = "", units: int = 1) -> Value:
    return Value(
        "x", "district", "d", 202603, "current", "监测数", number, units, 1, reason, False, 0, 1
    )


@pytest.mark.parametrize(
    ("number", "decimals", "text"),
    [(0.125, 2, "0.13"), (-0.125, 2, "-0.13"), (1.005, 2, "1.01"), (-0.001, 2, "0.00"),
     (34234.3, 1, "34234.3"), (1e-7, 2, "0.00")],
)  # fmt: skip
def test_figures_are_rounded_half_up_from_their_shortest_decimal(
    number: float, decimals: int, text: str
) -> None:
    assert str(rounded(number, decimals)) == text


def test_a_rate_is_printed_with_its_percent_sign_and_a_fall_with_its_verb() -> None:
    assert percent_text(value(-0.11649)) == "-11.6%"
    assert [grew(percent(rate)) for rate in (0.05, -0.05, 0.0004)] == [
        "增长", "下降", "与上年同期持平",
    ]  # fmt: skip


def test_every_kind_of_nothing_has_its_own_word() -> None:
    assert value_text(CARD, None) == "—"
    assert value_text(CARD, value(None, reason="no_units", units=0)) == "缺报"
    assert value_text(CARD, value(None, reason="zero_denominator")) == "分母为零"
    assert percent_text(value(None, reason="no_rate:扭亏;short_window=2")) == "扭亏"
    assert percent_text(value(None, reason="no_base")) == "—"
    assert share_of(1, 0) == "—"
    assert value_text(CARD, value(0.0)) == "0.00"


def test_a_sentence_with_a_digit_of_its_own_is_refused() -> None:
    with pytest.raises(UntracedNumberError):
        Document(("题",), (Paragraph(("增长5%",)),))
    traced = Figure("5%", (Trace("v_indicator", "value", ()),))
    Document(("题",), (Paragraph(("增长", traced)),))
