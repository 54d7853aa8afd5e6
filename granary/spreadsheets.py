"""Texts as spreadsheet programs may be given them. A leaf."""

from typing import Final

#: What a formula begins with in such programs, which skip a tab or a line's end before it and take
#: the wide signs of a Chinese keyboard for the plain ones.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def as_text(text: str) -> str:
    """The text, with an apostrophe before it where it would be taken for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
