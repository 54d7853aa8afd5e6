"""What an application's columns are called: one reading of headings for files and for the loader.

Pure. A heading names what identifies or places the project, or an input; an input's heading may
say its unit in brackets: 用地面积(亩).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from indicators.access.models import Access, Input

#: Field of an application that is no input → its headings.
FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "project": ("project", "code", "项目代码", "项目编号"),
    "name": ("name", "项目名称"),
    "zone": ("zone", "功能区", "产业功能区"),
    "zone_type": ("zone_type", "功能区类型"),
    "sector": ("sector", "产业类别", "行业类别"),
    "class_code": ("class_code", "行业代码", "行业小类代码"),
    "class_edition": ("class_edition", "行业代码版本"),
}
_HALF: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


@dataclass(frozen=True, slots=True)
class Heading:
    """What a column holds: a field of `FIELDS`, or an input in a unit with so many decimals."""

    field: str = ""
    input: Input | None = None
    unit: str = ""
    factor: Fraction = Fraction(1)
    decimals: int = 0


def plain(heading: str) -> str:
    """A heading as compared: half width, lower case, without spaces."""
    return "".join(heading.translate(_HALF).lower().split())


def headings(policy: Access) -> Iterator[tuple[str, Heading]]:
    """Every heading the policy knows, plain, with what it means; two meanings come twice."""
    for field, texts in FIELDS.items():
        for text in texts:
            yield plain(text), Heading(field)
    for one in policy.inputs:
        own = Heading(input=one, unit=one.unit, decimals=one.decimals)
        texts = tuple(dict.fromkeys(map(plain, (one.code, one.name.zh, one.name.en, *one.columns))))
        for text in texts:
            yield text, own
            if one.unit:
                yield plain(f"{text}({one.unit})"), own
        for other in one.also:
            meant = Heading("", one, other.unit, other.factor, other.decimals)
            named = (*(f"{text}({other.unit})" for text in texts), *other.columns)
            for text in dict.fromkeys(map(plain, named)):
                yield text, meant
