"""Observations as the store gives them back."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class StoredCells:
    """Cells in force before some version; columns of one length, in no particular order."""

    item: NDArray[np.uint32]
    period: NDArray[np.int32]
    unit: NDArray[np.uint64]
    value: NDArray[np.int64]
    status: NDArray[np.int8]
    version: NDArray[np.uint64]

    @classmethod
    def none(cls) -> Self:
        return cls(
            np.zeros(0, np.uint32),
            np.zeros(0, np.int32),
            np.zeros(0, np.uint64),
            np.zeros(0, np.int64),
            np.zeros(0, np.int8),
            np.zeros(0, np.uint64),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """When cells first held a report; columns of one length, in no particular order.

    version: of the chunk that brought it; arrived_ms: when that chunk's request arrived.
    """

    period: NDArray[np.int32]
    unit: NDArray[np.uint64]
    version: NDArray[np.uint64]
    arrived_ms: NDArray[np.int64]
