"""Chinese punctuation for words that come from data (标点): a paper has full-width marks.

Catalogues and evidence are typed with ASCII marks; beside Chinese signs they are replaced.
Figures, codes and words of other languages keep theirs.
"""

import re
from typing import Final

_MARKS: Final = {",": "，", ";": "；", ":": "：", "?": "？", "!": "！"}
_CHINESE: Final = r"[\u3400-\u9fff\u3000-\u303f\uff00-\uffef]"
_MARK: Final = re.compile(rf"(?<={_CHINESE})\s*([,;:?!])\s*|\s*([,;:?!])\s*(?={_CHINESE})")
_BRACKETS: Final = re.compile(r"\(([^()]*)\)")


def typeset(text: str) -> str:
    """The text with full-width marks where they stand among Chinese signs."""
    return _MARK.sub(_full, _BRACKETS.sub(_bracketed, text))


def _full(found: re.Match[str]) -> str:
    return _MARKS[found[1] or found[2]]


def _bracketed(found: re.Match[str]) -> str:
    before = found.string[: found.start()][-1:]
    chinese = re.search(_CHINESE, found[1]) or re.match(_CHINESE, before)
    return f"（{found[1]}）" if chinese else found[0]
