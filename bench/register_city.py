"""A register of many units over ten years, as the files that a city would load."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from bench.core_catalogue import GROUPINGS, KIND, members_of
from catalog.register import LIST_COLUMNS, MEMBERSHIP_COLUMNS
from indicators.periods import between, period_end, shift

FIRST: Final = 201601
MONTHS: Final = 120
#: Stays of a unit in a grouping one after another, of those that have one member at a time.
_STAYS: Final = {"district": 3, "industry": 2, "zone": 3, "ecosystem": 2}
_REASON = ("年度升规", "规下")


def months() -> list[int]:
    """The ten years."""
    return list(between(FIRST, shift(FIRST, MONTHS - 1)))


def write_register(folder: Path, units: int, seed: int, *, changed: bool) -> int:
    """units.csv, memberships.csv and list_decisions.csv; how many rows.

    Of the `changed` register one unit in a hundred moved to its last district a month later than in
    the other, one in a thousand is new and one in a thousand is gone.
    """
    folder.mkdir(parents=True, exist_ok=True)
    there = [at for at in range(units) if at % 1000 != (1 if changed else 2)]
    days = [(period_end(month).replace(day=1)).isoformat() for month in months()]
    rows = [f"{KIND},U{at:07d},样本企业{at:07d}" for at in there]
    counts = [_write(folder / "units.csv", ("kind", "code", "name"), rows)]
    columns = MEMBERSHIP_COLUMNS
    made = _memberships(units, there, days, seed, changed=changed)
    counts.append(_write(folder / "memberships.csv", columns, made))
    listed = _decisions(units, there, days, seed)
    counts.append(_write(folder / "list_decisions.csv", LIST_COLUMNS, listed))
    return sum(counts)


def _write(path: Path, columns: tuple[str, ...], rows: "Iterator[str] | list[str]") -> int:
    lines = [",".join(columns), *rows, ""]
    path.write_text("\n".join(lines), encoding="utf-8")
    return len(lines) - 2


def _memberships(
    units: int, there: list[int], days: list[str], seed: int, *, changed: bool
) -> Iterator[str]:
    for number, (grouping, _, count, partition) in enumerate(GROUPINGS):
        random = np.random.default_rng((seed, number))
        stays = _STAYS[grouping]
        names = members_of(grouping, count)
        first = random.integers(0, count, units).tolist()
        # In the order of time, at least a month apart, the first before the ten years begin.
        cuts = np.sort(random.random((units, stays)).argsort(axis=1)[:, : stays - 1] * 3, axis=1)
        begins = (cuts + random.integers(1, 100, (units, 1)) + np.arange(stays - 1)).tolist()
        for at in there:
            begin = ["", *(days[min(month, MONTHS - 2)] for month in begins[at])]
            if changed and grouping == "district" and at % 100 == 7:
                begin[-1] = days[min(begins[at][-1], MONTHS - 2) + 1]
            end = [*begin[1:], ""] if partition else [""] * stays
            for stay in range(stays):
                member = names[(first[at] + stay) % count]
                yield f"{KIND},U{at:07d},{grouping},{member},{begin[stay]},{end[stay]}"


def _decisions(units: int, there: list[int], days: list[str], seed: int) -> Iterator[str]:
    """One stay on the list, or two with a gap, or none."""
    random = np.random.default_rng((seed, 99))
    spans = random.integers(0, 3, units).tolist()
    drawn = np.sort(random.random((units, MONTHS)).argsort(axis=1)[:, :3], axis=1).tolist()
    entry, exit_ = _REASON
    for at in there:
        one, two, three = (days[month] for month in drawn[at])
        if spans[at] >= 1:
            yield f"{KIND},U{at:07d},{one},{two},{entry},,{exit_},"
        if spans[at] == 2:
            yield f"{KIND},U{at:07d},{three},,{entry},,,"
