"""What stands (在用数): stored figures and completeness counts as of a version, exclusive.

A worker stores newer versions while one reads. Below a version that the ledger has passed the
histories never change, so they are read as of it, whatever comes meanwhile. The tables of current
rows are held against the histories: a current row below the version is the history's last one, and
a later row only proves that the cell has gone on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from storage.clickhouse import connect


@dataclass(frozen=True, slots=True)
class Kind:
    """A pair of tables: rows in force and every version of them."""

    current: str
    history: str
    key: tuple[str, ...]
    values: tuple[str, ...]


FIGURES: Final = Kind(
    "figure_current",
    "figure_history",
    ("indicator", "period", "measure", "level", "subject", "by_level", "by_subject", "scope",
     "standing"),
    ("value", "numerator", "denominator", "units", "expected_units", "reason", "provisional"),
)  # fmt: skip

COMPLETENESS: Final = Kind(
    "completeness_current",
    "completeness_history",
    ("table_id", "period", "level", "subject"),
    ("expected", "received", "on_time", "late", "missing", "value_expected", "value_received"),
)

POLICIES: Final = (
    Kind(
        "index_score_current",
        "index_score_history",
        ("index_code", "period", "level", "subject"),
        ("year", "score", "rank", "red", "capped", "consequence", "provisional"),
    ),
    Kind(
        "index_component_current",
        "index_component_history",
        ("index_code", "period", "level", "subject", "indicator_code", "measure"),
        ("figure_period", "value", "score", "weight", "weight_used", "points", "reason"),
    ),
    Kind(
        "target_standing_current",
        "target_standing_history",
        ("indicator_code", "period", "measure", "year", "kind", "level", "subject"),
        ("target", "actual", "attainment", "time_progress", "progress_kind", "gap", "state",
         "remaining", "per_period", "growth_needed", "provisional"),
    ),
    Kind(
        "assessment_result_current",
        "assessment_result_history",
        ("assessment_code", "period", "year", "body"),
        ("body_name", "score", "parts"),
    ),
)  # fmt: skip

#: What was given another code is retired and written anew by one record, under the same ids.
_ORDER: Final = "(r.version, NOT r.retired)"

_STANDING = """
SELECT {key}, {values} FROM (
    SELECT {key}, {latest}, argMax(r.retired, {order}) AS ended FROM {history} AS r
    WHERE city = {city} AND r.version < {upto} GROUP BY {key}
)
WHERE NOT ended
"""

#: Rows of one key, hashed: what stands in the one table and in the other.
_APART = """
SELECT {key}, c, h FROM (
    SELECT {key},
        maxIf(r.version, r.now) AS c, maxIf(r.version, NOT r.now) AS h,
        argMaxIf(r.hash, {order}, r.now) AS cc, argMaxIf(r.hash, {order}, NOT r.now) AS hh,
        countIf(r.now) AS in_current, countIf(NOT r.now) AS in_history
    FROM (
        SELECT {key}, version, retired, cityHash64({values}) AS hash, 0 AS now FROM {history}
        WHERE city = {city} AND version < {upto}
        UNION ALL
        SELECT {key}, version, retired, cityHash64({values}) AS hash, 1 AS now FROM {current}
        WHERE city = {city}
    ) AS r GROUP BY {key}
)
WHERE in_current = 0 OR (c < {upto} AND (in_history = 0 OR c != h OR cc != hh))
"""


class Standing:
    """Reads a city's figures and counts. Blocks; raises what the driver raises."""

    def __init__(self, url: str) -> None:
        self._client = connect(url)

    def rows(
        self, kind: Kind, city: int, upto: int, periods: Sequence[int] | None = None
    ) -> dict[str, Sequence[Any]]:
        """Named columns of what stood before the version `upto`, one row a key.

        `periods`: only rows of these.
        """
        names = (*kind.key, *kind.values)
        query = self._filled(_STANDING, kind, city, upto)
        if periods is not None:
            chosen = ", ".join(str(int(period)) for period in periods) or "NULL"
            query = query.replace(" GROUP BY", f" AND r.period IN ({chosen}) GROUP BY")
        columns = self._client.execute(query, columnar=True)
        return dict(zip(names, columns or [[] for _ in names], strict=True))

    def apart(self, kind: Kind, city: int, upto: int) -> list[tuple[tuple[Any, ...], int, int]]:
        """(key, version in force, version in the history; 0: none) where the two disagree."""
        width = len(kind.key)
        return [
            (row[:width], int(row[width]), int(row[width + 1]))
            for row in self._client.execute(self._filled(_APART, kind, city, upto))
        ]

    @staticmethod
    def _filled(query: str, kind: Kind, city: int, upto: int) -> str:
        return query.format(
            city=city,
            upto=upto,
            key=", ".join(kind.key),
            values=", ".join(kind.values),
            latest=", ".join(f"argMax(r.{name}, {_ORDER}) AS {name}" for name in kind.values),
            order=_ORDER,
            current=kind.current,
            history=kind.history,
        )
