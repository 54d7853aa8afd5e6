"""How figures are printed (数字的写法): half up to the published decimals, never more.

Percentages carry %, differences of rates are 个百分点, nothing is "—", silence is 缺报. In
sentences a negative growth is a fall (下降). Pure.
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from reports.facts import Card, Value

NONE: Final = "—"
SILENT: Final = "缺报"
#: Decimals of percentages and percentage points in papers.
RATE_DECIMALS: Final = 1
#: Decimals of contributions (拉动), whose parts are often below a tenth of a point.
POINT_DECIMALS: Final = 2


def rounded(value: float, decimals: int) -> Decimal:
    """Half up at the last decimal, from the shortest decimal that is this float."""
    exact = Decimal(repr(float(value)))
    result = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return abs(result) if result == 0 else result


def percent(fraction: float) -> Decimal:
    """A fraction as percent, rounded: 0.0523 → 5.2."""
    return rounded(float(Decimal(repr(float(fraction))) * 100), RATE_DECIMALS)


def value_text(card: Card, value: Value | None) -> str:
    """A figure in a table, or the word for why there is none."""
    if value is None:
        return NONE
    if value.value is not None:
        return str(rounded(value.value, card.decimals))
    return _lack(value)


def percent_text(value: Value | None) -> str:
    """A growth or share in a table: `5.2%`, `-11.6%`; a word where the base allows no rate."""
    if value is None:
        return NONE
    return _lack(value) if value.value is None else f"{percent(value.value)}%"


def grew(rate: Decimal) -> str:
    """The verb of a growth in a sentence."""
    return "增长" if rate > 0 else "下降" if rate < 0 else "与上年同期持平"


def share_of(part: int, whole: int) -> str:
    """A share of counts as percent; nothing where there is no whole."""
    if not whole:
        return NONE
    rate = Decimal(part) * 100 / Decimal(whole)
    return f"{rate.quantize(Decimal(1).scaleb(-RATE_DECIMALS), ROUND_HALF_UP)}%"


def _lack(value: Value) -> str:
    """Why there is no value: silence is not zero, and a base that allows no rate has its word."""
    reason = value.reason.split(";")[0]
    if reason.startswith("no_rate:"):
        return reason.partition(":")[2]
    if reason == "zero_denominator":
        return "分母为零"
    if reason == "no_units" and value.expected_units > value.units:
        return SILENT
    return NONE
