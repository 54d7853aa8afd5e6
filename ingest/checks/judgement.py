"""What the door's judgement comes to: the cells taken, the counts, the findings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ingest.findings import Findings

#: Where cells are counted whose period cannot be read.
NO_PERIOD: Final = 0


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """Accepted cells in log order (item, period, unit), all (n,), and counts of cells by period id.

    declared = accepted + rejected for every period; cells of no readable period count under 0.
    `combined` cells are in the observation of another key of the unit: the file had declared +
    combined. `unmatched` are the keys taken that have no unit.
    """

    unit: NDArray[np.uint64]
    item: NDArray[np.uint32]
    period: NDArray[np.int32]
    value: NDArray[np.int64]
    status: NDArray[np.int8]
    declared: dict[int, int]
    accepted: dict[int, int]
    rejected: dict[int, int]
    findings: Findings
    combined: dict[int, int] = field(default_factory=dict)
    unmatched: tuple[str, ...] = ()


def nothing_of(rule: str, facts: Mapping[str, object]) -> Judgement:
    """The judgement of a file that cannot be read at all: one finding, no cells."""
    findings = Findings()
    findings.add(rule, cells=0, facts=facts)
    return Judgement(
        unit=np.zeros(0, np.uint64),
        item=np.zeros(0, np.uint32),
        period=np.zeros(0, np.int32),
        value=np.zeros(0, np.int64),
        status=np.zeros(0, np.int8),
        declared={},
        accepted={},
        rejected={},
        findings=findings,
    )
