"""Rounding of parts for print, so that what is printed adds up.

Source: method of the largest remainder (最大余数法, Hamilton); rule 17 of docs/statistics.md.
"""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal


def largest_remainder(
    values: Sequence[Decimal], decimals: int, total: Decimal | None = None
) -> list[Decimal]:
    """Rounded parts that add up to the rounded total (最大余数法).

    `total` default: the sum of the values; another one is to differ from it by less than a step a
    part. Earlier parts win among equal remainders. No part moves by a whole step from its value.
    """
    step = Decimal(1).scaleb(-decimals)
    whole = sum(values, Decimal(0)) if total is None else total
    floors = [value.quantize(step, ROUND_FLOOR) for value in values]
    missing = int((whole.quantize(step, ROUND_HALF_UP) - sum(floors, Decimal(0))) / step)
    order = sorted(range(len(values)), key=lambda at: floors[at] - values[at])
    for at in order[: max(missing, 0)]:
        floors[at] += step
    for at in order[::-1][: max(-missing, 0)]:
        floors[at] -= step
    return [abs(value) if value == 0 else value for value in floors]
