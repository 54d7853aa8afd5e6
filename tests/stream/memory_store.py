"""A store in memory for tests of the fold: keeps what is written, answers as ClickHouse would."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from storage.stored_cells import Answers, StoredCells
from stream.rows import Rows


class MemoryStore:
    """Plain dictionaries; every read is as of a version, like `storage.fold_reads`."""

    def __init__(self) -> None:
        self.tables: dict[str, list[dict[str, Any]]] = {}

    def keep(self, rows: Rows) -> None:
        for table in rows.tables():
            columns = rows.columns(table)
            kept = self.tables.setdefault(table, [])
            for values in zip(*columns.values(), strict=True):
                kept.append(dict(zip(columns, values, strict=True)))

    def cells(
        self, city: int, source: int, items: Sequence[int], periods: Sequence[int], upto: int
    ) -> StoredCells:
        latest: dict[tuple[int, int, int], dict[str, Any]] = {}
        for table in ("observation_superseded", "observation_current"):
            for row in self.tables.get(table, []):
                if (
                    row["source"] == source
                    and row["item"] in items
                    and row["period"] in periods
                    and row["version"] < upto
                ):
                    key = (int(row["item"]), int(row["period"]), int(row["unit"]))
                    if key not in latest or latest[key]["version"] < row["version"]:
                        latest[key] = row
        rows = list(latest.values())

        def column(name: str, kind: Any) -> NDArray[Any]:
            return np.array([row[name] for row in rows], kind)

        return StoredCells(
            column("item", np.uint32),
            column("period", np.int32),
            column("unit", np.uint64),
            column("value", np.int64),
            column("status", np.int8),
            column("version", np.uint64),
        )

    def returns(
        self, city: int, table_id: int, periods: Sequence[int], upto: int
    ) -> tuple[NDArray[np.int32], NDArray[np.uint64], NDArray[np.int64]]:
        rows = [
            row
            for row in self.tables.get("unit_return", [])
            if row["table_id"] == table_id and row["period"] in periods and row["version"] < upto
        ]
        return (
            np.array([row["period"] for row in rows], np.int32),
            np.array([row["unit"] for row in rows], np.uint64),
            np.array([row["arrived_ms"] for row in rows], np.int64),
        )

    def periods_of(self, city: int, source: int, items: Sequence[int], upto: int) -> list[int]:
        return sorted(
            {
                int(row["period"])
                for row in self.tables.get("observation_current", [])
                if row["source"] == source and row["item"] in items and row["version"] < upto
            }
        )

    def first_answers(
        self, city: int, source: int, items: Sequence[int], periods: Sequence[int], upto: int
    ) -> Answers:
        first: dict[tuple[int, int, int], int] = {}
        for table in ("observation_superseded", "observation_current"):
            for row in self._before(table, upto):
                asked = row["source"] == source and row["item"] in items
                if asked and row["period"] in periods and row["status"] in (0, 2):
                    key = (int(row["item"]), int(row["period"]), int(row["unit"]))
                    first[key] = min(int(row["version"]), first.get(key, int(row["version"])))
        arrived = {int(row["version"]): int(row["arrived_at"]) for row in self.tables["ledger"]}
        return Answers(
            np.array([period for _, period, _ in first], np.int32),
            np.array([unit for _, _, unit in first], np.uint64),
            np.array(list(first.values()), np.uint64),
            np.array([arrived[version] for version in first.values()], np.int64),
        )

    def next_offset(self, city: int, generation: int) -> int:
        return len({int(row["version"]) for row in self.tables.get("ledger", [])})

    def control_events(self, city: int, upto: int) -> list[tuple[int, str, str, str]]:
        return [
            (int(row["version"]), row["id"], row["type"], row["body"])
            for row in self._before("control_event", upto)
        ]

    def register_events(
        self, city: int, upto: int
    ) -> list[tuple[int, str, str, str, str, str, str, str, str, str, str]]:
        record = {row["version"]: row["submission"] for row in self._before("ledger", upto)}
        names = (
            "action", "kind", "code", "name", "grouping", "member", "valid_from", "valid_to",
            "attributes",
        )  # fmt: skip
        return [
            (int(row["version"]), record[row["version"]], *(row[name] for name in names))  # type: ignore[misc]
            for row in self._before("register_event", upto)
        ]

    def known_times(self, city: int, upto: int) -> dict[int, int]:
        return {
            int(row["version"]): int(row["known_from"])
            for row in self._before("ledger", upto)
            if row["kind"] in ("control", "register")
        }

    def chunks_seen(self, city: int, upto: int) -> dict[tuple[str, int], str]:
        return {
            (row["submission"], row["chunk"]): row["hash"]
            for row in self._before("ledger", upto)
            if row["kind"] == "observations"
        }

    def manifests_seen(self, city: int, upto: int) -> list[str]:
        rows = self._before("ledger", upto)
        return [row["submission"] for row in rows if row["kind"] == "manifest"]

    def latest_kinds(self, city: int, upto: int, count: int) -> list[str]:
        return [row["kind"] for row in self._before("ledger", upto)][-count:]

    def _before(self, table: str, upto: int) -> list[dict[str, Any]]:
        return [row for row in self.tables.get(table, []) if row["version"] < upto]
