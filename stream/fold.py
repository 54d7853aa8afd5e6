"""The fold over one city's log: state, and what each record adds to the store.

One record at a time. Everything a record writes is a function of the state before it and of the
record, never of how records were grouped or when; so a replay, another number of workers or a crash
in between give the same rows. I/O happens only where the cube pages a block in.
"""

from collections.abc import Iterable, Mapping, Sequence
from heapq import merge
from operator import itemgetter
from typing import Any

from granary.frame_records import FRAME_DECISION
from granary.keys import unit_id, version_of
from granary.lock_records import DECISIONS
from granary.records import Record, RegisterRow
from indicators.catalogue import Catalogue
from stream.change_effect import (
    catalogue_of,
    fold_calendar,
    fold_catalogue,
    fold_register,
    take_calendar,
)
from stream.chunk_effect import fold_chunk
from stream.cube import BlockStore
from stream.frame_effect import decision_of, fold_frame_decision
from stream.lock_effect import fold_decision, take_decision
from stream.log_rows import add_control_event, add_ledger, add_manifest
from stream.outcome import Entry, Outcome
from stream.records import (
    ChunkRecord,
    ControlRecord,
    DeadRecord,
    Decoded,
    LogMessage,
    ManifestRecord,
    RegisterRecord,
)
from stream.state import CityState


class CityFold(CityState):
    """State of one city and the effect of each record on it."""

    def __init__(self, city: int, generation: int, store: BlockStore, most_cells: int) -> None:
        super().__init__(city, store, most_cells)
        self.generation = generation
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
        *,
        known: Mapping[int, int],
    ) -> None:
        """Take the state before `next_offset`: control records and register rows in log order.

        `records` and `registers` carry the log record's version, and `known` since when it is known
        (UTC ms); no figure is computed, nothing stored. `latest_kinds` are those of the last ledger
        rows, in log order.
        """
        self.next_offset = next_offset
        self.latest_kinds = latest_kinds
        self.cube.upto = version_of(self.generation, next_offset)
        latest: Catalogue | None = None
        # In the log's order: cases of frame coverage depend on what came before what.
        controls: Iterable[tuple[int, str, Record | list[RegisterRow]]] = (
            (version, record.id, record) for version, record in records
        )
        for version, record_id, change in merge(controls, registers, key=itemgetter(0)):
            self._records.add(record_id)
            at_ms = known[version]
            if not isinstance(change, Record):
                self.register.apply(change, [unit_id(row.kind, row.code) for row in change])
                self.register_at = version
                self.frame.take_rows(self.register, latest, change, at_ms)
            elif change.type == "catalogue":
                latest = catalogue_of(change)
                self.catalogue_at = version
                self.calendar.plan(latest)
                self.frame.take_catalogue(self.register, latest, at_ms)
            elif change.type in DECISIONS:
                take_decision(self, version, change, latest)
            elif change.type == FRAME_DECISION:
                self.frame.take_decision(self.register, latest, decision_of(change), at_ms)
            else:
                take_calendar(self, change)
        self._records.update(_manifest_id(submission) for submission in manifests)
        self._chunks = dict(chunks)
        if latest is not None:
            self.cube.reset(latest)

    def apply(self, message: LogMessage, decoded: Decoded, outcome: Outcome) -> None:
        """Fold one record, the one at `next_offset`."""
        entry = Entry(version_of(self.generation, message.offset), message.known_ms, outcome)
        self.cube.upto = entry.version
        if isinstance(decoded, ChunkRecord):
            self._chunk(entry, decoded)
        elif isinstance(decoded, RegisterRecord):
            self._register(entry, decoded)
        elif isinstance(decoded, ControlRecord):
            self._control(entry, decoded.record)
        elif isinstance(decoded, ManifestRecord):
            self._manifest(entry, decoded)
        else:
            self._dead(entry, decoded)
        self.next_offset = message.offset + 1

    def _chunk(self, entry: Entry, decoded: ChunkRecord) -> None:
        header = decoded.header
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
        if seen is None:
            self._chunks[header.submission, header.chunk] = header.hash
            fold_chunk(self, entry, decoded)
            rows = len(decoded.observations)
            add_ledger(self, entry, "observations", rows_count=rows, **origin)
        elif seen == header.hash:
            add_ledger(self, entry, "repeat", **origin)
        else:
            entry.outcome.dead += 1
            reason = "another content under the same chunk number"
            add_ledger(self, entry, "dead", reason=reason, **origin)

    def _register(self, entry: Entry, decoded: RegisterRecord) -> None:
        if self._new(decoded.id, entry):
            fold_register(self, entry, decoded)
            add_ledger(self, entry, "register", rows_count=len(decoded.rows), submission=decoded.id)

    def _control(self, entry: Entry, record: Record) -> None:
        if not self._new(record.id, entry):
            return
        add_control_event(self, entry, record)
        add_ledger(self, entry, "control", submission=record.id)
        if record.type == "catalogue":
            fold_catalogue(self, entry, catalogue_of(record))
        elif record.type in DECISIONS:
            fold_decision(self, entry, record)
        elif record.type == FRAME_DECISION:
            fold_frame_decision(self, entry, record)
        else:
            fold_calendar(self, entry, record)

    def _manifest(self, entry: Entry, decoded: ManifestRecord) -> None:
        manifest = decoded.manifest
        if self._new(_manifest_id(manifest.submission), entry):
            add_manifest(self, entry, manifest)
            add_ledger(
                self,
                entry,
                "manifest",
                submission=manifest.submission,
                reporter=manifest.reporter,
                table_code=manifest.table,
                chunks=len(manifest.chunks),
                arrived_at=manifest.arrived_ms,
            )

    def _dead(self, entry: Entry, decoded: DeadRecord) -> None:
        header = decoded.header
        entry.outcome.dead += 1
        add_ledger(
            self,
            entry,
            "dead",
            reason=decoded.reason,
            submission=header.submission if header else "",
            reporter=header.reporter if header else "",
            table_code=header.table if header else "",
            chunk=header.chunk if header else 0,
            chunks=header.chunks if header else 0,
            hash=header.hash if header else "",
        )

    def _new(self, record_id: str, entry: Entry) -> bool:
        """Whether the record's id is new; a repeat is noted in the ledger and has no effect."""
        if record_id in self._records:
            add_ledger(self, entry, "repeat", submission=record_id)
            return False
        self._records.add(record_id)
        return True


def _manifest_id(submission: str) -> str:
    return f"manifest:{submission}"
