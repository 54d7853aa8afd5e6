"""`granary bench register`: a register of ten years read, compared, folded and asked as of a month.

In one process, one after the other; what the answers are compared with is made from the files' rows
by Polars, which is given days as integers, and by a plain loop, and must be equal.
"""

import gc
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bench.core_catalogue import KIND, TABLE, core_catalogue
from bench.measure import Clock, Run, total
from bench.register_city import months, write_register
from catalog.changes import RegisterRow, difference, row_fields
from catalog.register import read_register
from granary.keys import unit_id
from granary.records import RegisterRow as WireRow
from granary.records import decode_register, encode_register
from indicators.catalogue import Catalogue
from indicators.errors import GranaryError
from indicators.periods import period_end
from indicators.register import LIST_GROUPING, Register

Say = Callable[[str], None]
Made = TypeVar("Made")


class _Timed(Protocol):
    """Does the work under a clock; `rows` counts what it was about."""

    def __call__(
        self, name: str, work: Callable[[], Made], rows: Callable[[Made], int]
    ) -> Made: ...


_RECORD_ROWS = 20_000
_OPEN = date.max.toordinal() + 1


@dataclass(frozen=True, slots=True)
class Config:
    """What is run: 100,000 units with ten spans each. plain: months that the plain loop is given,
    which is slow enough to be measured by a few."""

    units: int = 100_000
    plain: int = 3
    seed: int = 1


QUICK = Config(units=2_000, plain=2)


class UnequalError(GranaryError):
    """Two ways to answer did not give the same: their times compare nothing."""

    code = "bench_unequal"
    next_step = "Find which of them breaks a rule of docs/catalog.md; then measure."


def run(config: Config, say: Say) -> dict[str, Any]:
    """The whole bench; returns what `granary bench register --json` prints.

    Raises:
        UnequalError: the register, Polars and the plain loop differ about some month.
    """
    catalogue = core_catalogue(10)
    runs: list[Run] = []

    def timed(name: str, work: Callable[[], Made], rows: Callable[[Made], int]) -> Made:
        gc.collect()
        clock = Clock()
        made = work()
        runs.append(clock.run(name, rows(made)))
        say(f"{name}: {rows(made):,} rows in {runs[-1].seconds:.2f} s")
        return made

    with tempfile.TemporaryDirectory(prefix="granary-bench-") as text:
        before, after = Path(text) / "before", Path(text) / "after"
        write_register(before, config.units, config.seed, changed=False)
        written = write_register(after, config.units, config.seed, changed=True)
        say(f"a register of {config.units:,} units, {written:,} rows")
        rows = timed("read and check the files", lambda: read_register(after, catalogue), len)
        changed = _changed(before, rows, catalogue, timed)
    register = _through_the_log(rows, timed)
    asked = months()
    frames = _Frames(rows, register, catalogue)
    del rows
    ways: dict[str, tuple[Callable[[int], _Month], list[int]]] = {
        "as of a month": (lambda month: _ours(register, catalogue, month), asked),
        "Polars, as of a month": (frames.month, asked),
        "plain loop, as of a month": (frames.plain, asked[-config.plain :]),
    }
    taken = _beside(ways, say)
    runs += taken
    ours, theirs, plain = (
        one.seconds / len(way[1]) for one, way in zip(taken, ways.values(), strict=True)
    )
    return {
        "config": {**asdict(config), "rows_changed": changed, "equal": True},
        "runs": [one.as_json() for one in runs],
        "ratios": {
            "to_polars": round(theirs / ours, 2),
            "to_a_plain_loop": round(plain / ours, 1),
        },
    }


def _beside(ways: dict[str, tuple[Callable[[int], "_Month"], list[int]]], say: Say) -> list[Run]:
    """Every month by each way in turn: what else runs slows them alike. Equal, or refused."""
    runs: dict[str, list[Run]] = {name: [] for name in ways}
    first, *others = ways
    for month in ways[first][1]:
        answers = {}
        for name, (way, asked) in ways.items():
            if month in asked:
                clock = Clock()
                answers[name] = way(month)
                runs[name].append(clock.run(name, answers[name].rows))
        for name in others:
            if name in answers and not answers[name].equals(answers[first]):
                raise UnequalError(f"{month}: the register and {name.partition(',')[0]} differ.")
    taken = [total(f"{name}, {len(each)} times", each) for name, each in runs.items()]
    for one in taken:
        say(f"{one.name}: {one.rows:,} rows in {one.seconds:.2f} s")
    return taken


def _changed(before: Path, rows: list[RegisterRow], catalogue: Catalogue, timed: "_Timed") -> int:
    in_force = read_register(before, catalogue)
    both = len(in_force) + len(rows)
    changes = timed(
        "difference to the register in force", lambda: difference(in_force, rows), lambda _: both
    )
    return sum(len(unit) for unit in changes)


def _through_the_log(rows: list[RegisterRow], timed: "_Timed") -> Register:
    payloads = timed("encode as records", lambda: _encoded(rows), lambda _: len(rows))
    wire = timed("decode records", lambda: [*map(decode_register, payloads)], lambda _: len(rows))
    return timed("fold", lambda: _folded(wire), lambda _: len(rows))


def _encoded(rows: list[RegisterRow]) -> list[bytes]:
    made = []
    for start in range(0, len(rows), _RECORD_ROWS):
        part = [WireRow(*row_fields(row)) for row in rows[start : start + _RECORD_ROWS]]
        made.append(encode_register(f"register:{start}", part))
    return made


def _folded(records: list[tuple[str, list[WireRow]]]) -> Register:
    register = Register(unit_id)
    for _, rows in records:
        register.apply(rows, [unit_id(row.kind, row.code) for row in rows])
    return register


@dataclass(frozen=True, slots=True, eq=False)
class _Month:
    """What holds as of a month: for each grouping (subject, unit) in order, and who is expected."""

    pairs: dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]]
    expected: NDArray[np.int64]

    @property
    def rows(self) -> int:
        return len(self.expected) + sum(len(units) for _, units in self.pairs.values())

    def equals(self, other: "_Month") -> bool:
        return np.array_equal(self.expected, other.expected) and all(
            np.array_equal(mine, theirs)
            for grouping, pair in self.pairs.items()
            for mine, theirs in zip(pair, other.pairs[grouping], strict=True)
        )


def _ours(register: Register, catalogue: Catalogue, month: int) -> _Month:
    pairs = {}
    for grouping in catalogue.groupings:
        members = register.membership(KIND, grouping, month)
        subject = np.repeat(np.arange(members.subjects), np.diff(members.starts))
        pairs[grouping.code] = (subject, members.units)
    return _Month(pairs, np.flatnonzero(register.scope(catalogue.table[TABLE], month)))


class _Frames:
    """The same rows for Polars and for a plain loop: units and subjects as numbers, days too."""

    def __init__(self, rows: list[RegisterRow], register: Register, catalogue: Catalogue) -> None:
        unit_of = {code: at for at, code in enumerate(register.codes(KIND))}
        self._partition = {one.code: one.partition for one in catalogue.groupings}
        subject_of = {
            (one.code, member.code): at
            for one in catalogue.groupings
            for at, member in enumerate(one.members)
        }
        self._subjects = {one.code: len(one.members) for one in catalogue.groupings}
        self._spans: dict[str, list[tuple[int, int, int, int]]] = {}
        for row in rows:
            if row.action == "put_membership":
                subject = subject_of.get((row.grouping, row.member), 0)
                span = (
                    unit_of[row.code],
                    subject,
                    _day(row.valid_from, 0),
                    _day(row.valid_to, _OPEN),
                )
                self._spans.setdefault(row.grouping, []).append(span)
        decided = {unit for unit, *_ in self._spans[LIST_GROUPING]}
        self._undecided = [at for at in unit_of.values() if at not in decided]
        self._frames = {
            grouping: pl.DataFrame(spans, schema=["unit", "subject", "first", "last"], orient="row")
            for grouping, spans in self._spans.items()
        }

    def month(self, month: int) -> _Month:
        """By Polars."""
        end = period_end(month).toordinal()
        pairs = {}
        for grouping, partition in self._partition.items():
            held = self._at(grouping, end).select("subject", "unit")
            if not partition:
                subject = pl.lit(self._subjects[grouping], pl.Int64).alias("subject")
                held = pl.concat([held, held.select(subject, "unit").unique()])
            held = held.sort("subject", "unit")
            pairs[grouping] = (held["subject"].to_numpy(), held["unit"].to_numpy())
        decided = self._at(LIST_GROUPING, end)["unit"].unique()
        expected = pl.concat([decided, pl.Series("unit", self._undecided, pl.Int64)]).sort()
        return _Month(pairs, expected.to_numpy())

    def _at(self, grouping: str, end: int) -> pl.DataFrame:
        return self._frames[grouping].filter((pl.col("first") <= end) & (end < pl.col("last")))

    def plain(self, month: int) -> _Month:
        """By a loop over dictionaries and sets."""
        end = period_end(month).toordinal()
        pairs = {}
        for grouping, partition in self._partition.items():
            units: dict[int, set[int]] = {}
            for unit, subject, first, last in self._spans[grouping]:
                if first <= end < last:
                    units.setdefault(subject, set()).add(unit)
            if not partition:
                units[self._subjects[grouping]] = set().union(*units.values())
            held = [(at, unit) for at in sorted(units) for unit in sorted(units[at])]
            array = np.array(held, np.int64).reshape(-1, 2)
            pairs[grouping] = (array[:, 0], array[:, 1])
        listed = {u for u, _, first, last in self._spans[LIST_GROUPING] if first <= end < last}
        return _Month(pairs, np.array(sorted([*listed, *self._undecided]), np.int64))


@cache
def _day(text: str, open_day: int) -> int:
    return date.fromisoformat(text).toordinal() if text else open_day
