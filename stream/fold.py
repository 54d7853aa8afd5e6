"""The fold over one city's log: state, and what each record adds to the store.

One record at a time. Everything a record writes is a function of the state before it and of the
record, never of how records were grouped or when; so a replay, another number of workers or a crash
in between give the same rows. I/O happens only where the cube pages a block in.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from granary.wire import Manifest, Record, RegisterRow, unit_id, version_of
from indicators.arrays import Flags
from indicators.catalogue import Catalogue, Table
from stream.consequences import Choice, Consequences
from stream.cube import BlockStore
from stream.dimensions import COLUMNS, Dimension, of_catalogue, of_register
from stream.errors import UnreadableRecordError
from stream.findings import add_findings
from stream.judge import REASONS, judge
from stream.records import (
    ChunkRecord,
    ControlRecord,
    Decoded,
    LogMessage,
    ManifestRecord,
    RegisterRecord,
)
from stream.rows import Rows
from stream.state import CityState


@dataclass(slots=True)
class Outcome:
    """What a drain's records wrote: rows to store, blocks to keep, counts."""

    rows: Rows = field(default_factory=Rows)
    held: set[tuple[str, int]] = field(default_factory=set)
    observations: int = 0
    quarantined: int = 0
    dead: int = 0


class CityFold(CityState):
    """State of one city and the effect of each record on it."""

    def __init__(self, city: int, generation: int, store: BlockStore, most_cells: int) -> None:
        super().__init__(city, store, most_cells)
        self.generation = generation
        self.catalogue_at = 0
        self.register_at = 0
        self.next_offset = 0
        self.latest_kinds: Sequence[str] = ()  # of the last ledger rows when it was restored
        self._chunks: dict[tuple[str, int], str] = {}
        self._records: set[str] = set()

    def restore(
        self,
        records: Iterable[tuple[int, Record]],
        registers: Iterable[tuple[int, str, list[RegisterRow]]],
        chunks: dict[tuple[str, int], str],
        manifests: Iterable[str],
        next_offset: int,
        latest_kinds: Sequence[str] = (),
    ) -> None:
        """Take the state before `next_offset`: control records and register rows in log order.

        `records` and `registers` carry the log record's version; nothing is computed or stored.
        `latest_kinds` are those of the last ledger rows, in log order.
        """
        self.next_offset = next_offset
        self.latest_kinds = latest_kinds
        self.cube.upto = version_of(self.generation, next_offset)
        latest: Catalogue | None = None
        for version, record in records:
            self._records.add(record.id)
            if record.type == "catalogue":
                latest = _catalogue(record)
                self.catalogue_at = version
                self.calendar.plan(latest)
            else:
                self._calendar_record(record)
        for version, record_id, rows in registers:
            self._records.add(record_id)
            self.cube.register.apply(rows, [unit_id(row.kind, row.code) for row in rows])
            self.register_at = version
        self._records.update(f"manifest:{submission}" for submission in manifests)
        self._chunks = dict(chunks)
        if latest is not None:
            self.cube.reset(latest)

    def apply(self, message: LogMessage, decoded: Decoded, outcome: Outcome) -> None:
        """Fold one record, the one at `next_offset`."""
        version = version_of(self.generation, message.offset)
        self.cube.upto = version
        if isinstance(decoded, ChunkRecord):
            self._chunk(message, decoded, version, outcome)
        elif isinstance(decoded, RegisterRecord):
            self._register(message, decoded, version, outcome)
        elif isinstance(decoded, ControlRecord):
            self._control(message, decoded.record, version, outcome)
        elif isinstance(decoded, ManifestRecord):
            self._manifest(message, decoded.manifest, version, outcome)
        else:
            header = decoded.header
            outcome.dead += 1
            self._ledger(
                message,
                version,
                outcome,
                "dead",
                reason=decoded.reason,
                submission=header.submission if header else "",
                reporter=header.reporter if header else "",
                table_code=header.table if header else "",
                chunk=header.chunk if header else 0,
                chunks=header.chunks if header else 0,
                hash=header.hash if header else "",
            )
        self.next_offset = message.offset + 1

    def needs_quiet(self, decoded: Decoded) -> bool:
        """Whether the record may only be folded when everything before it is stored."""
        return isinstance(decoded, RegisterRecord | ControlRecord)

    def _chunk(
        self, message: LogMessage, decoded: ChunkRecord, version: int, outcome: Outcome
    ) -> None:
        header, observations = decoded.header, decoded.observations
        origin: dict[str, Any] = {
            "submission": header.submission,
            "reporter": header.reporter,
            "table_code": header.table,
            "chunk": header.chunk,
            "chunks": header.chunks,
            "hash": header.hash,
            "arrived_at": header.arrived_ms,
        }
        seen = self._chunks.get((header.submission, header.chunk))
        if seen is not None:
            kind = "repeat" if seen == header.hash else "dead"
            reason = "" if kind == "repeat" else "another content under the same chunk number"
            outcome.dead += kind == "dead"
            self._ledger(message, version, outcome, kind, reason=reason, **origin)
            return
        self._chunks[header.submission, header.chunk] = header.hash
        rows = outcome.rows
        judged = judge(
            observations,
            header.table,
            header.reporter,
            self.catalogue,
            self.cube.register,
            self.cube,
        )
        good = judged.accepted
        bad = np.flatnonzero(judged.reason)
        unit, item, period = observations.unit, observations.item, observations.period
        rows.add(
            "quarantine",
            len(bad),
            city=self.city,
            version=np.full(len(bad), version, np.uint64),
            ordinal=bad,
            unit=unit[bad],
            item=item[bad],
            period=period[bad],
            value=observations.value[bad],
            status=observations.status[bad],
            reason=[REASONS[code] for code in judged.reason[bad]],
        )
        for at, period_id in enumerate(observations.periods):
            here = observations.period_index == at
            rows.add(
                "ledger_period",
                1,
                city=self.city,
                version=np.array([version], np.uint64),
                submission=header.submission,
                period=int(period_id),
                rows=int(here.sum()),
                quarantined=int((here & (judged.reason != 0)).sum()),
            )
        if judged.table is not None and len(good):
            table = judged.table
            source = self.require_catalogue().source[table.source].id
            rows.add(
                "observation_current",
                len(good),
                city=self.city,
                source=source,
                item=item[good],
                period=period[good],
                unit=unit[good],
                value=observations.value[good],
                status=observations.status[good],
                version=np.full(len(good), version, np.uint64),
            )
            touched: dict[int, Flags] = {}
            fresh = {int(p) for p in observations.periods} - self.opened(table)
            for at, period_id in enumerate(observations.periods):
                here = good[observations.period_index[good] == at]
                if len(here):
                    touched[int(period_id)] = self._put(
                        table, int(period_id), judged.row[here], judged.unit[here],
                        decoded, here, source, version, outcome,
                    )  # fmt: skip
            items = {
                self.require_catalogue().item_by_id[int(i)].code for i in np.unique(item[good])
            }
            add_findings(self, table, items, touched, version, message.known_ms, rows)
            Consequences(self, rows, version, message.known_ms).write(
                {table.code: touched}, Choice(items=items, fresh=fresh)
            )
        outcome.observations += len(observations)
        outcome.quarantined += len(bad)
        self._ledger(
            message, version, outcome, "observations", rows_count=len(observations), **origin
        )

    def _put(
        self,
        table: Table,
        period: int,
        row: Any,
        unit: Any,
        decoded: ChunkRecord,
        here: Any,
        source: int,
        version: int,
        outcome: Outcome,
    ) -> Flags:
        """Set one period's cells; returns (units,) the units touched."""
        observations = decoded.observations
        key = (table.code, period)
        if key not in outcome.held:
            self.cube.block(table.code, period)
            self.cube.hold([key])
            outcome.held.add(key)
        replaced = self.cube.put(
            table, period, row, unit, observations.value[here], observations.status[here], version
        )
        old = here[replaced.at]
        outcome.rows.add(
            "observation_superseded",
            len(old),
            city=self.city,
            source=source,
            item=observations.item[old],
            period=period,
            unit=observations.unit[old],
            value=replaced.value,
            status=replaced.status,
            version=replaced.version,
            superseded_by=np.full(len(old), version, np.uint64),
        )
        versions, counts = np.unique(replaced.version, return_counts=True)
        outcome.rows.add(
            "supersession",
            len(versions),
            city=self.city,
            version=np.full(len(versions), version, np.uint64),
            period=period,
            superseded_version=versions,
            rows=counts.astype(np.int64),
        )
        units = np.unique(unit)
        complete = self.cube.newly_complete(table, period, units, decoded.header.arrived_ms)
        outcome.rows.add(
            "unit_return",
            len(complete),
            city=self.city,
            table_id=table.id,
            period=period,
            unit=self.cube.register.ids(table.unit_kind)[complete],
            arrived_ms=decoded.header.arrived_ms,
            version=np.full(len(complete), version, np.uint64),
        )
        touched = np.zeros(self.cube.register.size(table.unit_kind), bool)
        touched[units] = True
        return touched

    def _register(
        self, message: LogMessage, decoded: RegisterRecord, version: int, outcome: Outcome
    ) -> None:
        if not self._new(decoded.id, message, version, outcome):
            return
        before = self.register_pictures()
        keys = [unit_id(row.kind, row.code) for row in decoded.rows]
        self.cube.register.apply(decoded.rows, keys)
        self.register_at = version
        rows = decoded.rows
        outcome.rows.add(
            "register_event",
            len(rows),
            city=self.city,
            version=np.full(len(rows), version, np.uint64),
            ordinal=np.arange(len(rows)),
            action=[row.action for row in rows],
            kind=[row.kind for row in rows],
            code=[row.code for row in rows],
            unit=np.array(keys, np.uint64),
            name=[row.name for row in rows],
            grouping=[row.grouping for row in rows],
            member=[row.member for row in rows],
            valid_from=[row.valid_from for row in rows],
            valid_to=[row.valid_to for row in rows],
            attributes=[
                json.dumps(dict(row.attributes), ensure_ascii=False, sort_keys=True) for row in rows
            ],
        )
        self._dimensions(of_register(rows), version, outcome)
        self._ledger(
            message, version, outcome, "register", rows_count=len(rows), submission=decoded.id
        )
        if self.catalogue is None:
            return
        after = self.register_pictures()
        moved: dict[str, dict[int, Flags]] = {}
        for (table, period), picture in after.items():
            if picture != before.get((table, period)):
                size = self.cube.register.size(self.require_catalogue().table[table].unit_kind)
                moved.setdefault(table, {})[period] = np.ones(size, bool)
        Consequences(self, outcome.rows, version, message.known_ms).write(
            moved, Choice(every_subject=True)
        )

    def _control(self, message: LogMessage, record: Record, version: int, outcome: Outcome) -> None:
        if not self._new(record.id, message, version, outcome):
            return
        outcome.rows.add(
            "control_event",
            1,
            city=self.city,
            version=np.array([version], np.uint64),
            id=record.id,
            type=record.type,
            body=json.dumps(record.body, ensure_ascii=False, sort_keys=True),
            known_from=message.known_ms,
        )
        self._ledger(message, version, outcome, "control", submission=record.id)
        if record.type == "catalogue":
            self._take_catalogue(_catalogue(record), version, message.known_ms, outcome)
        elif self.catalogue is not None:
            table, period = self._calendar_record(record)
            if table in self.require_catalogue().table:
                size = self.cube.register.size(self.require_catalogue().table[table].unit_kind)
                flags = {table: {period: np.ones(size, bool)}}
                Consequences(self, outcome.rows, version, message.known_ms).write(
                    flags, Choice(every_subject=True, only_here=True)
                )

    def _calendar_record(self, record: Record) -> tuple[str, int]:
        try:
            table, period = str(record.body["table"]), int(record.body["period"])
            if record.type == "calendar":
                self.calendar.fix(table, period, int(record.body["report_by_ms"]))
            elif record.type == "deadline":
                self.calendar.close(table, period)
            else:
                raise UnreadableRecordError(f"control record of unknown type {record.type!r}.")
        except (KeyError, TypeError, ValueError) as error:
            raise UnreadableRecordError(f"control record {record.id}: {error}.") from error
        return table, period

    def _take_catalogue(
        self, catalogue: Catalogue, version: int, known_ms: int, outcome: Outcome
    ) -> None:
        old = self.catalogue
        self.catalogue_at = version
        self.calendar.plan(catalogue)
        self.cube.reset(catalogue)
        self._dimensions(of_catalogue(catalogue, self.city), version, outcome)
        frame = ("city", "sources", "groupings", "items", "tables", "crosses")
        whole = old is None or any(getattr(old, part) != getattr(catalogue, part) for part in frame)
        changed = {
            indicator.code
            for indicator in catalogue.indicators
            if whole or old is None or old.indicator.get(indicator.code) != indicator
        }
        everything = {
            table.code: {
                period: np.ones(self.cube.register.size(table.unit_kind), bool)
                for period in self.opened(table)
            }
            for table in catalogue.tables
        }
        Consequences(self, outcome.rows, version, known_ms).write(
            everything, Choice(every_subject=True, indicators=changed)
        )

    def _manifest(
        self, message: LogMessage, manifest: Manifest, version: int, outcome: Outcome
    ) -> None:
        if not self._new(f"manifest:{manifest.submission}", message, version, outcome):
            return
        for period, declared in manifest.declared.items():
            outcome.rows.add(
                "manifest",
                1,
                city=self.city,
                version=np.array([version], np.uint64),
                submission=manifest.submission,
                reporter=manifest.reporter,
                table_code=manifest.table,
                period=period,
                declared=declared,
                accepted=manifest.accepted[period],
                rejected=manifest.rejected[period],
                arrived_at=manifest.arrived_ms,
            )
        for chunk in manifest.chunks:
            for period, count in chunk.periods.items():
                outcome.rows.add(
                    "manifest_chunk",
                    1,
                    city=self.city,
                    version=np.array([version], np.uint64),
                    submission=manifest.submission,
                    chunk=chunk.chunk,
                    period=period,
                    rows=count,
                    hash=chunk.hash,
                )
        self._ledger(
            message,
            version,
            outcome,
            "manifest",
            submission=manifest.submission,
            reporter=manifest.reporter,
            table_code=manifest.table,
            chunks=len(manifest.chunks),
            arrived_at=manifest.arrived_ms,
        )

    def _dimensions(self, dimensions: Iterable[Dimension], version: int, outcome: Outcome) -> None:
        rows = list(dimensions)
        if rows:
            columns = {
                name: list(values)
                for name, values in zip(COLUMNS, zip(*rows, strict=True), strict=True)
            }
            columns["id"] = np.array(columns["id"], np.uint64)  # type: ignore[assignment]
            outcome.rows.add(
                "dimension", len(rows), city=self.city, **columns,
                version=np.full(len(rows), version, np.uint64),
            )  # fmt: skip

    def _new(self, record_id: str, message: LogMessage, version: int, outcome: Outcome) -> bool:
        """Whether the record's id is new; a repeat is noted in the ledger and has no effect."""
        if record_id in self._records:
            self._ledger(message, version, outcome, "repeat", submission=record_id)
            return False
        self._records.add(record_id)
        return True

    def _ledger(
        self,
        message: LogMessage,
        version: int,
        outcome: Outcome,
        kind: str,
        *,
        rows_count: int = 0,
        reason: str = "",
        submission: str = "",
        reporter: str = "",
        table_code: str = "",
        chunk: int = 0,
        chunks: int = 0,
        hash: str = "",
        arrived_at: int = 0,
    ) -> None:
        outcome.rows.add(
            "ledger",
            1,
            city=self.city,
            version=np.array([version], np.uint64),
            kind=kind,
            submission=submission,
            reporter=reporter,
            table_code=table_code,
            chunk=chunk,
            chunks=chunks,
            hash=hash,
            rows=rows_count,
            arrived_at=arrived_at or message.known_ms,
            known_from=message.known_ms,
            catalogue_at=np.array([self.catalogue_at], np.uint64),
            register_at=np.array([self.register_at], np.uint64),
            reason=reason,
        )


def _catalogue(record: Record) -> Catalogue:
    try:
        return Catalogue.model_validate(record.body["catalogue"])
    except (KeyError, ValueError) as error:
        raise UnreadableRecordError(f"catalogue record {record.id}: {error}.") from error
