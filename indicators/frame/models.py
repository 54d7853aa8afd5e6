"""Policy of frame coverage: thresholds by sector, and the feeds that name candidates (frame.yaml).

Sizes are 万元 of sales in 12 months, kept as integers in 10^-4 of it.
"""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Final

from pydantic import Field

from indicators.modelling import Code, Model, Name

_PER_UNIT: Final = 10_000


class Threshold(Model):
    """From which size on a unit of a sector belongs on the survey list (规上, 限上)."""

    sector: Annotated[str, Field(min_length=1, description="as units and candidates call it: 工业")]
    size: Annotated[
        Decimal,
        Field(gt=0, max_digits=14, decimal_places=4, description="万元, sales of 12 months"),
    ]
    source: Annotated[str, Field(min_length=1, description="where the threshold comes from")]

    @property
    def amount(self) -> int:
        """The size in 10^-4."""
        return int(self.size * _PER_UNIT)


class Feed(Model):
    """Whence candidates come: tax, business registration, power accounts, completed projects.

    rank: where several feeds know one unit, each of its facts is that of the first that tells it.
    whole: the feed names every unit of the city, so that one on the list that no feed names is told
    (超范围). `whole` is said of a feed only if it is so for units below the thresholds too.
    """

    code: Code
    name: Name
    rank: Annotated[int, Field(ge=1)]
    whole: bool = False


class Frame(Model):
    """frame.yaml: what makes a unit a candidate for the survey list, and who names candidates."""

    thresholds: list[Threshold]
    near_share: Annotated[
        Decimal,
        Field(gt=0, lt=1, decimal_places=4, description="share of a threshold: 准规上 from there"),
    ] = Decimal("0.8")
    due_days: Annotated[
        int, Field(ge=0, le=3660, description="days from a case's first sight to its due date")
    ] = 30
    feeds: list[Feed]

    def near_from(self, threshold: Threshold) -> int:
        """Least size in 10^-4 of a unit that is nearly at the threshold (准规上)."""
        exact = self.near_share * threshold.amount
        return int(exact) if exact == int(exact) else int(exact) + 1


def frame_faults(frame: Frame | None) -> Iterator[str]:
    """What no entry of frame.yaml can know by itself: `frame.part.position.field: sentence`."""
    if frame is None:
        return
    for part, field, values in (
        ("thresholds", "sector", [one.sector for one in frame.thresholds]),
        ("feeds", "code", [one.code for one in frame.feeds]),
        ("feeds", "rank", [one.rank for one in frame.feeds]),
    ):
        counts = Counter(map(str, values))
        for position, value in enumerate(values):
            if counts[str(value)] > 1:
                yield f"frame.{part}.{position}.{field}: {value!r} is used more than once"
