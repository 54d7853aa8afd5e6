"""The core's figures against the second computation, field by field."""

from collections.abc import Iterable, Iterator
from fractions import Fraction

from indicators.figure_block import FigureBlock
from indicators.vocabulary import GROWTHS, split_measure
from tests.indicators.oracle.computing import Expected, Oracle, Subject

_SIDE = 10**10


def differences(blocks: Iterable[FigureBlock], oracle: Oracle) -> Iterator[str]:
    """A line for every figure that is not as it must be."""
    for block in blocks:
        for at, (code, by) in enumerate(zip(block.subjects, block.by_subjects, strict=True)):
            who = Subject(block.level, code, block.by_level, by)
            must = oracle.figure(block.indicator, block.measure, block.period, who)
            for field, found, wanted in _fields(block, at, must):
                yield (
                    f"{block.indicator.code} {block.measure} {block.period} {who}: {field} is"
                    f" {found}, must be {wanted}"
                )


def _fields(block: FigureBlock, at: int, must: Expected) -> Iterator[tuple[str, object, object]]:
    found: dict[str, tuple[object, object]] = {
        "units": (int(block.units[at]), must.units),
        "expected": (int(block.expected[at]), must.expected_units),
        "reason": (reasons(block.reason[at]), reasons_of(must)),
    }
    ratio_growth = block.indicator.is_ratio and split_measure(block.measure)[1] in GROWTHS
    for side, raw, exact in (
        ("numerator", block.numerator[at], must.numerator),
        ("denominator", block.denominator[at], must.denominator),
    ):
        told = Fraction(int(raw), _SIDE)
        if not ratio_growth or abs(told - exact) > Fraction(1, 2 * _SIDE):
            found[side] = (told, exact)
    value = float(block.value[at])
    if not same_value(value, must.value):
        found["value"] = (value, must.value)
    for field, (told, wanted) in found.items():
        if told != wanted:
            yield field, told, wanted


def same_value(told: float, exact: Fraction | float | None) -> bool:
    """Equal up to 1e-12 of the value; of a growth near zero, of the ratio it is taken from."""
    if exact is None or told != told:
        return exact is None and told != told
    return abs(told - float(exact)) <= 1e-12 * max(1.0, abs(float(exact)))


def reasons(text: str) -> set[str]:
    return set(text.split(";")) - {""}


def reasons_of(must: Expected) -> set[str]:
    return {f"{label}={told}" for label, told in must.remarks.items()} | ({must.reason} - {""})
