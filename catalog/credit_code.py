"""The unified social credit code (统一社会信用代码) and its check digit, GB 32100-2015."""

import re
from typing import Final

_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_SHAPE = re.compile(rf"[{_ALPHABET}]{{2}}\d{{6}}[{_ALPHABET}]{{10}}")
_WEIGHTS = [pow(3, place, 31) for place in range(17)]


def is_credit_code_shaped(code: str) -> bool:
    """Whether the code looks like one: two signs, six digits of the region, ten signs."""
    return bool(_SHAPE.fullmatch(code))


def wrong_check_digit(code: str) -> str | None:
    """The check digit the code should have, None if it has it. `code` is shaped like one."""
    total = sum(
        _ALPHABET.index(sign) * weight for sign, weight in zip(code, _WEIGHTS, strict=False)
    )
    right = _ALPHABET[-total % 31]
    return None if code[17] == right else right
