"""Texts of a decision that stand in findings and papers: on one line, and not too long."""

from collections.abc import Iterable
from typing import Final

#: Characters of a name or a code, and of a reason, a remark or a document's number.
NAME_LENGTH: Final = 64
TEXT_LENGTH: Final = 500


def not_one_line(texts: Iterable[tuple[str, str, int]]) -> str:
    """What is wrong with the first of (name, text, most characters) that cannot stand so; '' where
    all can. A text that may be left out is not given while it is ''."""
    for name, text, most in texts:
        if not text.strip() or len(text) > most or not text.isprintable():
            return f"{name}: one line of 1 to {most} characters is needed."
    return ""
