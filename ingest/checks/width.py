"""Full-width forms (全角) to the half-width ones (半角) they stand for, and nothing else.

Unicode's compatibility folding would do more than that, quietly: a footnote mark becomes a digit,
"12.3¹" the number 12.31 and "A①" the unit A1.
"""

from typing import Final

_HALF: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


def half_width(text: str) -> str:
    """The text with full-width ASCII and the ideographic space in their ordinary forms."""
    return text.translate(_HALF)


def plain(text: str) -> str:
    """A header, name or code as compared: half width, no space around."""
    return half_width(text).strip()
