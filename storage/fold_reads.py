"""Reads the fold back from the store: for recovery, paging, and recomputation.

Everything is as of a version (exclusive). A run that died may have stored rows of records that the
ledger does not vouch for: they stand at or above that version and are invisible here. Where such a
row is a cell's current one, the row it replaced is found in `observation_superseded`.
"""

import time
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import structlog
from numpy.typing import NDArray

from granary.keys import GENERATION_SPAN, NOT_APPLICABLE, REPORTED
from storage.clickhouse import ThreadConnections
from storage.server_errors import Action, action_for
from storage.stored_cells import Answers, StoredCells

log = structlog.get_logger(__name__)

#: A read outlasts a restart of the server; a reader that waits longer is better started anew.
_PATIENCE_S: Final = 60.0
_PAUSE_S: Final = 0.2

_CELLS = """
SELECT item, period, unit, value, status, version FROM observation_current FINAL
WHERE city = {city} AND source = {source} AND item IN ({items}) AND period IN ({periods})
    AND version < {upto}
UNION ALL
SELECT item, period, unit, argMax(value, s.version) AS value, argMax(status, s.version) AS status,
    max(s.version) AS version
FROM observation_superseded AS s
WHERE city = {city} AND source = {source} AND item IN ({items}) AND period IN ({periods})
    AND s.version < {upto} AND superseded_by >= {upto}
GROUP BY item, period, unit
"""

#: A superseded row may also still be the current one; the first version is the same.
_FIRST_ANSWERS = """
SELECT c.period, c.unit, c.first, toUnixTimestamp64Milli(l.arrived_at) FROM (
    SELECT item, period, unit, min(version) AS first FROM (
        SELECT item, period, unit, version FROM observation_current WHERE {where}
        UNION ALL
        SELECT item, period, unit, version FROM observation_superseded WHERE {where}
    ) GROUP BY item, period, unit
) AS c
INNER JOIN (
    SELECT version, arrived_at FROM ledger FINAL WHERE city = {city} AND version < {upto}
) AS l ON l.version = c.first
"""


class FoldReads:
    """One city at a time; safe from several threads. Blocks; a read may be repeated at will."""

    def __init__(self, url: str) -> None:
        self._numpy = ThreadConnections(url, numpy=True)
        self._plain = ThreadConnections(url)

    def next_offset(self, city: int, generation: int) -> int:
        """The offset after the contiguous prefix of ledger rows of the generation; 0 for none."""
        first = generation * GENERATION_SPAN
        where = f"city = {city} AND version >= {first} AND version < {first + GENERATION_SPAN}"
        ((rows, highest),) = self._rows(
            f"SELECT uniqExact(version), max(version) FROM ledger WHERE {where}"
        )
        if not rows:
            return 0
        if rows == highest - first + 1:
            return int(rows)
        versions = np.unique(
            self._columns(f"SELECT version FROM ledger WHERE {where} ORDER BY version")[0]
        )
        gap = np.flatnonzero(versions != first + np.arange(len(versions), dtype=np.uint64))
        return int(gap[0])

    def cells(
        self, city: int, source: int, items: Sequence[int], periods: Sequence[int], upto: int
    ) -> StoredCells:
        """Cells in force before `upto`."""
        columns = self._columns(
            _CELLS.format(
                city=city, source=source, items=_list(items), periods=_list(periods), upto=upto
            )
        )
        if not columns:
            return StoredCells.none()
        item, period, unit, value, status, version = columns
        return StoredCells(item, period, unit, value, status, version)

    def returns(
        self, city: int, table_id: int, periods: Sequence[int], upto: int
    ) -> tuple[NDArray[np.int32], NDArray[np.uint64], NDArray[np.int64]]:
        """(period, unit, arrived_ms) of units whose mandatory items were complete before `upto`."""
        columns = self._columns(
            "SELECT period, unit, arrived_ms FROM unit_return FINAL"
            f" WHERE city = {city} AND table_id = {table_id} AND period IN ({_list(periods)})"
            f" AND version < {upto}"
        )
        if not columns:
            return np.zeros(0, np.int32), np.zeros(0, np.uint64), np.zeros(0, np.int64)
        return columns[0], columns[1], columns[2]

    def periods_of(self, city: int, source: int, items: Sequence[int], upto: int) -> list[int]:
        """Periods of which any cell was accepted before `upto`."""
        return sorted(
            int(period)
            for (period,) in self._rows(
                "SELECT DISTINCT period FROM ("
                " SELECT period, version, source, item, city FROM observation_current UNION ALL"
                " SELECT period, version, source, item, city FROM observation_superseded"
                f") WHERE city = {city} AND source = {source} AND item IN ({_list(items)})"
                f" AND version < {upto}"
            )
        )

    def first_answers(
        self, city: int, source: int, items: Sequence[int], periods: Sequence[int], upto: int
    ) -> Answers:
        """When each cell first held a report (a value, or not applicable), before `upto`."""
        where = (
            f"city = {city} AND source = {source} AND item IN ({_list(items)})"
            f" AND period IN ({_list(periods)}) AND version < {upto}"
            f" AND status IN ({REPORTED}, {NOT_APPLICABLE})"
        )
        columns = self._columns(_FIRST_ANSWERS.format(city=city, upto=upto, where=where))
        if not columns:
            return Answers(
                np.zeros(0, np.int32), np.zeros(0, np.uint64), np.zeros(0, np.uint64),
                np.zeros(0, np.int64),
            )  # fmt: skip
        return Answers(*columns)

    def control_events(self, city: int, upto: int) -> list[tuple[int, str, str, str]]:
        """(version, id, type, body as JSON) in log order."""
        return self._rows(
            "SELECT version, id, type, body FROM control_event FINAL"
            f" WHERE city = {city} AND version < {upto} ORDER BY version"
        )

    def register_events(
        self, city: int, upto: int
    ) -> list[tuple[int, str, str, str, str, str, str, str, str, str, str]]:
        """(version, record id, action, kind, code, name, grouping, member, valid_from, valid_to,
        attributes as JSON) in log order."""
        return self._rows(
            "SELECT r.version, l.submission, action, r.kind, code, name, grouping, member,"
            " valid_from, valid_to, attributes"
            f" FROM (SELECT * FROM register_event FINAL WHERE city = {city}"
            f" AND version < {upto}) AS r"
            f" INNER JOIN (SELECT version, submission FROM ledger FINAL WHERE city = {city}) AS l"
            " ON l.version = r.version ORDER BY r.version, ordinal"
        )

    def known_times(self, city: int, upto: int) -> dict[int, int]:
        """Version → since when it is known (UTC ms), of control and register records."""
        return {
            int(version): int(known_ms)
            for version, known_ms in self._rows(
                "SELECT version, toUnixTimestamp64Milli(known_from) FROM ledger FINAL"
                f" WHERE city = {city} AND version < {upto} AND kind IN ('control', 'register')"
            )
        }

    def chunks_seen(self, city: int, upto: int) -> dict[tuple[str, int], str]:
        """(submission, chunk) → hash of every good chunk."""
        return {
            (submission, int(chunk)): digest
            for submission, chunk, digest in self._rows(
                "SELECT submission, chunk, hash FROM ledger FINAL"
                f" WHERE city = {city} AND version < {upto} AND kind = 'observations'"
            )
        }

    def manifests_seen(self, city: int, upto: int) -> list[str]:
        """Submissions whose manifest is in the ledger."""
        return [
            submission
            for (submission,) in self._rows(
                "SELECT submission FROM ledger FINAL"
                f" WHERE city = {city} AND version < {upto} AND kind = 'manifest'"
            )
        ]

    def latest_kinds(self, city: int, upto: int, count: int) -> list[str]:
        """Kinds of the last `count` ledger rows before `upto`, in log order."""
        rows = self._rows(
            "SELECT kind FROM ledger FINAL"
            f" WHERE city = {city} AND version < {upto} ORDER BY version DESC LIMIT {count}"
        )
        return [kind for (kind,) in reversed(rows)]

    def _rows(self, query: str) -> list[Any]:
        return _patiently(self._plain, query, columnar=False)

    def _columns(self, query: str) -> list[NDArray[Any]]:
        return _patiently(self._numpy, query, columnar=True)


def _patiently(connections: ThreadConnections, query: str, *, columnar: bool) -> list[Any]:
    """The answer, also when the server is busy or restarts meanwhile."""
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return list(connections.get().execute(query, columnar=columnar))
        except Exception as error:
            connections.drop()
            if action_for(error) is not Action.RETRY or time.monotonic() > deadline:
                raise
            log.warning("store_busy", error=str(error).splitlines()[:1])
            time.sleep(_PAUSE_S)


def _list(values: Sequence[int]) -> str:
    return ", ".join(str(int(value)) for value in values) or "NULL"
