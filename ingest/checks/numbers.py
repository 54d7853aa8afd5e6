"""Numbers as people write them, to int64 in 10^-4, exactly: decimal text, never through a float.

Plain cells go through vector expressions; only what is written in an unusual way, or is no number,
is looked at one by one, each distinct text once.
"""

import re
import unicodedata
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ingest.checks.width import plain

SCALE: Final = 4
#: Beyond this many digits before the point no lawful amount exists (limits are 10^10 at most).
_INTEGER_DIGITS: Final = 14
_PLAIN: Final = rf"^-?[0-9]{{1,{_INTEGER_DIGITS}}}(\.[0-9]{{1,{SCALE}}})?$"
_WRITTEN: Final = re.compile(r"[+-]?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)?(?:\.[0-9]*)?")
#: Minus signs that are no hyphen.
_MINUS: Final = str.maketrans({"−": "-", "–": "-", "﹣": "-"})
_JSON_DIGITS: Final = Context(prec=15, rounding=ROUND_HALF_EVEN)
_EXACT: Final = Context(prec=60)

# What became of a cell, in `Parsed.kind`.
NUMBER, NOT_A_NUMBER, FINER, HUGE = range(4)


@dataclass(frozen=True, slots=True, eq=False)
class Parsed:
    """Per cell (n,): value in 10^-4 where `kind` is NUMBER, else 0.

    FINER: a number with more than 4 decimals; HUGE: one of more than 14 digits before the point.
    """

    value: NDArray[np.int64]
    kind: NDArray[np.int8]


def parse_numbers(text: Any) -> Parsed:
    """Values of a pyarrow string array without nulls; whitespace around a number is ignored."""
    text = pc.utf8_trim_whitespace(text)
    plain = pc.match_substring_regex(text, _PLAIN)
    if pc.all(plain).as_py() is not False:
        return Parsed(_scaled(text), np.zeros(len(text), np.int8))
    good = plain.to_numpy(zero_copy_only=False)
    value = np.zeros(len(text), np.int64)
    kind = np.zeros(len(text), np.int8)
    value[good] = _scaled(text.filter(plain))
    odd = text.filter(pc.invert(plain)).dictionary_encode()
    parsed = [parse_number(written) for written in odd.dictionary.to_pylist()]
    which = odd.indices.to_numpy()
    value[~good] = np.array([value for value, _ in parsed], np.int64)[which]
    kind[~good] = np.array([kind for _, kind in parsed], np.int8)[which]
    return Parsed(value, kind)


def _scaled(text: Any) -> NDArray[np.int64]:
    """10^4 times plain decimal texts: the low words of 128-bit decimals, which all fit 64 bits."""
    if not len(text):
        return np.zeros(0, np.int64)
    exact = pc.cast(text, pa.decimal128(_INTEGER_DIGITS + SCALE, SCALE))
    words = np.frombuffer(exact.buffers()[1], np.int64)
    return words[2 * exact.offset : 2 * (exact.offset + len(exact)) : 2].copy()


def parse_number(written: str) -> tuple[int, int]:
    """(value in 10^-4, kind) of one text."""
    exact = exact_number(written)
    if exact is None:
        return 0, NOT_A_NUMBER
    if exact.adjusted() >= _INTEGER_DIGITS and exact:
        return 0, HUGE
    raw = exact.scaleb(SCALE, _EXACT)
    if raw != raw.to_integral_value():
        return 0, FINER
    return int(raw), NUMBER


def exact_number(written: str) -> Decimal | None:
    """The number a text writes: full-width digits, thousands separators, a plus sign allowed.

    None where it writes none.
    """
    text = plain(written).translate(_MINUS)
    if len(text) > 60 or not _WRITTEN.fullmatch(text) or not any(c.isdigit() for c in text):
        return None
    try:
        return Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None


def rounded(written: str, decimals: int) -> str:
    """The number rounded half up to that many decimals, as text; the text itself if it is none."""
    exact = exact_number(written)
    if exact is None:
        return written
    return f"{exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, _EXACT):f}"


def hint(written: str) -> tuple[str, str]:
    """What to do about a text that is no number: (Chinese, English), '' where nothing is known."""
    text = plain(written)
    if "\n" in text or "\r" in text:
        return (
            "单元格内有换行,可能是英文双引号不成对,其后的行没有读到。",
            " The cell has a line break: a double quote may be left open, hiding the rows below.",
        )
    for sign, factor in (("万", "10,000"), ("亿", "100,000,000")):
        if text.endswith(sign) and exact_number(text[:-1]) is not None:
            return (
                f"请去掉“{sign}”,按指标的计量单位填写完整的数。",
                f" Leave out '{sign}' (times {factor}) and write the number in the item's unit.",
            )
    if text.endswith("%") and exact_number(text[:-1]) is not None:
        return "请去掉百分号。", " Leave out the percent sign."
    if re.fullmatch(r"[+-]?[0-9.]+[eE][+-]?[0-9]+", text):
        return (
            "请不要使用科学计数法,它可能已丢失数位。",
            " Do not use scientific notation; digits may be lost already.",
        )
    marks = "".join(sign for sign in text if _is_mark(sign))
    if marks and exact_number(text.translate(dict.fromkeys(map(ord, marks)))) is not None:
        return f"请去掉注释标号“{marks}”。", f" Leave out the note mark '{marks}'."
    return "", ""


def _is_mark(sign: str) -> bool:
    """Whether the sign numbers a note: ¹, ①, ⑴; a fraction is none."""
    return unicodedata.category(sign) == "No" and unicodedata.numeric(sign, 0.5).is_integer()


def json_number(literal: str) -> str:
    """A JSON number at 15 significant digits, as spreadsheets show it, in plain decimal text."""
    if len(literal) <= 15 and "e" not in literal and "E" not in literal:
        return literal
    try:
        exact = _JSON_DIGITS.create_decimal(literal)
    except ArithmeticError:  # its exponent is beyond all measure
        return literal
    if not exact.is_finite() or abs(exact.adjusted()) > 40:
        return literal
    text = f"{exact:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
