"""Units that are no enterprises: what the register keeps of each, and where it is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from granary.simulate.enterprises import Ints


@dataclass(slots=True)
class Thing:
    """A project, parcel, share, lease, task or contract stage.

    zone: position of the zone it is in today. odd: whether it was in the zone that was merged into
    that one; stays: whether it was there before the zone changed at all.
    """

    code: str
    name: str
    district: int
    zone: int
    park: int = -1
    ecosystem: str = ""
    odd: bool = False
    stays: bool = True
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Things:
    """All things of one kind, in the order of their positions."""

    kind: str
    all: list[Thing] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.all)

    def __iter__(self) -> Iterator[Thing]:
        return iter(self.all)

    @property
    def codes(self) -> list[str]:
        return [one.code for one in self.all]

    @property
    def district(self) -> Ints:
        return np.array([one.district for one in self.all], np.int64)

    @property
    def zone(self) -> Ints:
        return np.array([one.zone for one in self.all], np.int64)
