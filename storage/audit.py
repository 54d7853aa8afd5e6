"""The audit (对账): proves from the tables that no grain is lost.

For every city: ledger offsets are contiguous; every manifest cell is accounted for; the rows that
carry a chunk's version, counted and hashed again, are those of the ledger; what the ledger says was
superseded is. Reads in slices of versions, so memory is bounded whatever the size of the store.

A worker may go on meanwhile: the ledger's end is read first and nothing at or above it is judged.
Below it rows never change, but for those that move from `observation_current` to
`observation_superseded`. The worker stores them in the second before it replaces them in the first,
so reading the first table first finds every row at least once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from granary.keys import GENERATION_SPAN
from granary.wire import content_hash, in_log_order
from storage.clickhouse import connect

#: Observations read at a time: about 200 MB while they are sorted and hashed.
_SLICE_ROWS: Final = 2_000_000

#: Where the rows of a chunk may stand, in the order in which they must be looked for.
_PLACES: Final = ("observation_current", "observation_superseded", "quarantine")
_ROWS: Final = """
SELECT version, item, period, unit, value, status FROM {place} FINAL
WHERE city = {city} AND version >= {first} AND version <= {last}
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it was promised."""

    check: str
    city: str
    submission: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class Audit:
    """What the audit found; ok when nothing differs.

    `submissions` have ended and were audited; `pending` ones had rows but no manifest yet.
    """

    submissions: int
    pending: int
    differences: list[Difference]

    @property
    def ok(self) -> bool:
        return not self.differences

    def as_json(self) -> dict[str, Any]:
        return {
            "ok": self.ok,
            "submissions": self.submissions,
            "pending": self.pending,
            "differences": [asdict(difference) for difference in self.differences],
        }


@dataclass(frozen=True, slots=True)
class _Bound:
    """One city's ledger as the audit found it: what it judges ends before the version `end`."""

    city: int
    code: str
    end: int
    ended: frozenset[str]  # submissions whose manifest is in the ledger

    @property
    def where(self) -> str:
        return f"city = {self.city} AND version < {self.end}"


def audit(url: str) -> Audit:
    """Audit every city of the store, as far as its ledger goes when it is looked at."""
    reader = _Reader(url)
    differences: list[Difference] = []
    submissions = pending = 0
    for city, last in reader.rows(
        "SELECT city, max(version) FROM ledger GROUP BY city ORDER BY city"
    ):
        bound = _bound(reader, int(city), int(last) + 1)
        differences += _contiguous(reader, bound)
        differences += _accounts(reader, bound)
        differences += _chunks(reader, bound)
        differences += _strays(reader, bound)
        differences += _superseded(reader, bound)
        submissions += len(bound.ended)
        pending += len(_arrived(reader, bound) - bound.ended)
    return Audit(submissions, pending, differences)


def _bound(reader: "_Reader", city: int, end: int) -> _Bound:
    ended = reader.rows(
        f"SELECT submission FROM ledger WHERE city = {city} AND version < {end}"
        " AND kind = 'manifest'"
    )
    return _Bound(city, reader.city_code(city), end, frozenset(name for (name,) in ended))


def _arrived(reader: "_Reader", bound: _Bound) -> set[str]:
    rows = reader.rows(
        f"SELECT DISTINCT submission FROM ledger WHERE {bound.where} AND kind = 'observations'"
    )
    return {name for (name,) in rows}


class _Reader:
    def __init__(self, url: str) -> None:
        self._plain = connect(url)
        self._numpy = connect(url, numpy=True)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return list(self._plain.execute(query))

    def columns(self, query: str) -> list[Any]:
        return list(self._numpy.execute(query, columnar=True))

    def city_code(self, city: int) -> str:
        found = self.rows(f"SELECT code FROM name_of WHERE class = 'city' AND id = {city}")
        return str(found[0][0]) if found else str(city)


def _contiguous(reader: _Reader, bound: _Bound) -> Iterator[Difference]:
    span = GENERATION_SPAN
    for generation, rows, low, high in reader.rows(
        f"SELECT intDiv(version, {span}) AS generation, uniqExact(version),"
        f" min(version % {span}), max(version % {span})"
        f" FROM ledger WHERE {bound.where} GROUP BY generation"
    ):
        if low != 0 or rows != high + 1:
            yield Difference(
                "offsets_contiguous",
                bound.code,
                "",
                f"{high + 1} records from offset 0 (generation {generation})",
                f"{rows} records from offset {low}",
            )


def _accounts(reader: _Reader, bound: _Bound) -> Iterator[Difference]:
    """declared = accepted + rejected; accepted = stored + … + pending; settled.

    Of submissions that have ended. What a later record supersedes only moves from one part to
    another, so the view's answer may be younger than the bound.
    """
    for submission, period, declared, accepted, rejected, *parts, settled in reader.rows(
        "SELECT submission, period, declared, accepted, rejected, stored, superseded, quarantined,"
        " dead, pending, settled FROM v_ledger"
        f" WHERE city = (SELECT any(code) FROM name_of WHERE class = 'city' AND id = {bound.city})"
    ):
        if submission not in bound.ended:
            continue
        told = f"{submission} {period}"
        if declared != accepted + rejected:
            yield Difference(
                "declared", bound.code, told, str(declared), f"{accepted} + {rejected}"
            )
        if accepted != sum(parts) or min(parts) < 0:
            found = " + ".join(map(str, parts))
            yield Difference("accepted", bound.code, told, str(accepted), found)
        if not settled:
            found = f"{parts[3]}, {parts[4]}"
            yield Difference("settled", bound.code, told, "dead = pending = 0", found)


def _chunks(reader: _Reader, bound: _Bound) -> Iterator[Difference]:
    """Rows stored under each chunk's version against the ledger's count, hash and the manifest."""
    code = bound.code
    chunks = reader.rows(
        "SELECT version, submission, rows, hash FROM ledger FINAL"
        f" WHERE {bound.where} AND kind = 'observations' ORDER BY version"
    )
    told = {
        (submission, digest)
        for submission, digest in reader.rows(
            f"SELECT submission, hash FROM manifest_chunk FINAL WHERE city = {bound.city}"
        )
    }
    for part in _slices(chunks):
        found = _hashes(reader, bound.city, part[0][0], part[-1][0])
        for version, submission, rows, digest in part:
            if submission in bound.ended and (submission, digest) not in told:
                yield Difference("manifest_chunk", code, submission, "in the manifest", digest)
            count, stored = found.get(version, (0, ""))
            if count != rows:
                yield Difference("rows_stored", code, submission, str(rows), str(count))
            elif rows and stored != digest:
                yield Difference("rows_hash", code, submission, digest, stored)


def _strays(reader: _Reader, bound: _Bound) -> Iterator[Difference]:
    """Rows of vouched versions that no chunk of the ledger wrote."""
    for table in _PLACES:
        for version, rows in reader.rows(
            f"SELECT version, count() FROM {table} WHERE {bound.where}"
            " AND version NOT IN (SELECT version FROM ledger"
            f" WHERE {bound.where} AND kind = 'observations') GROUP BY version ORDER BY version"
        ):
            yield Difference(
                "rows_without_ledger", bound.code, f"{table} {version}", "0", str(rows)
            )


def _slices(chunks: Sequence[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    part: list[tuple[Any, ...]] = []
    rows = 0
    for chunk in chunks:
        part.append(chunk)
        rows += chunk[2]
        if rows >= _SLICE_ROWS:
            yield part
            part, rows = [], 0
    if part:
        yield part


def _hashes(reader: _Reader, city: int, first: int, last: int) -> dict[int, tuple[int, str]]:
    """version → (rows, content hash) of what the store holds."""
    pieces = [
        piece
        for place in _PLACES
        if (piece := reader.columns(_ROWS.format(place=place, city=city, first=first, last=last)))
    ]
    if not pieces:
        return {}
    version, item, period, unit, value, status = (
        np.concatenate(column) for column in zip(*pieces, strict=True)
    )
    by_version = np.argsort(version, kind="stable")
    versions, starts = np.unique(version[by_version], return_index=True)
    found: dict[int, tuple[int, str]] = {}
    for number, at in zip(versions, np.split(by_version, starts[1:]), strict=True):
        order = at[in_log_order(unit[at], item[at], period[at])]
        # A row that is being superseded stands in both tables: once.
        again = np.zeros(len(order), bool)
        again[1:] = np.logical_and.reduce(
            [column[order][1:] == column[order][:-1] for column in (item, period, unit)]
        )
        order = order[~again]
        found[int(number)] = (
            len(order),
            content_hash(unit[order], item[order], period[order], value[order], status[order]),
        )
    return found


def _superseded(reader: _Reader, bound: _Bound) -> Iterator[Difference]:
    """Counts of the supersession list against the superseded rows, both of vouched records."""
    for version, old, told, found in reader.rows(
        "SELECT version, superseded_version, sum(told), sum(found) FROM ("
        " SELECT version, superseded_version, sum(rows) AS told, 0 AS found"
        f" FROM supersession FINAL WHERE {bound.where} GROUP BY version, superseded_version"
        " UNION ALL"
        " SELECT superseded_by AS version, s.version AS superseded_version, 0 AS told,"
        " count() AS found"
        f" FROM (SELECT * FROM observation_superseded FINAL WHERE city = {bound.city}) AS s"
        f" WHERE superseded_by < {bound.end} GROUP BY superseded_by, s.version"
        f") WHERE version IN (SELECT version FROM ledger WHERE {bound.where})"
        " GROUP BY version, superseded_version HAVING sum(told) != sum(found)"
    ):
        yield Difference("superseded", bound.code, f"{old} by {version}", str(told), str(found))
