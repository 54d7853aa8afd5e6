"""A city's log built by hand for tests of the fold."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from granary.keys import unit_id
from granary.records import (
    Manifest,
    ManifestChunk,
    Record,
    RegisterRow,
    encode_record,
    encode_register,
)
from granary.wire import (
    ChunkHeader,
    chunk_headers,
    content_hash,
    encode_observations,
    in_log_order,
    observations_of,
    record_headers,
)
from indicators.catalogue import Catalogue
from stream.records import LogMessage

#: unit, item id, period, value in whole units or with up to 4 decimals; None missing
Row = tuple[str, int, int, int | Decimal | None]


class Log:
    """Messages with contiguous offsets; every message a minute after the one before."""

    def __init__(self, city: int = 1) -> None:
        self.city = city
        self.messages: list[LogMessage] = []

    def put(self, headers: Any, payload: bytes) -> None:
        offset = len(self.messages)
        self.messages.append(LogMessage(offset, 60_000 * offset, dict(headers), payload))

    def catalogue(self, catalogue: Catalogue, record_id: str = "catalogue:1") -> None:
        body = {"catalogue": catalogue.model_dump(mode="json")}
        self.control(Record(record_id, "catalogue", body))

    def control(self, record: Record) -> None:
        self.put(record_headers("control", self.city), encode_record(record))

    def register(self, rows: Sequence[RegisterRow], record_id: str = "register:1") -> None:
        self.put(record_headers("register", self.city), encode_register(record_id, rows))

    def submission(
        self,
        name: str,
        rows: Sequence[Row],
        *,
        reporter: str = "all",
        table: str = "T",
        per_chunk: int = 50_000,
        arrived_ms: int = 1_000,
        manifest: bool = True,
        kind: str = "enterprise",
    ) -> None:
        """Chunks in log order, then the manifest, as the gateway would produce them."""
        unit = np.array([unit_id(kind, row[0]) for row in rows], np.uint64)
        item = np.array([row[1] for row in rows], np.uint32)
        period = np.array([row[2] for row in rows], np.int32)
        value = np.array([0 if row[3] is None else row[3] * 10_000 for row in rows], np.int64)
        status = np.array([row[3] is None for row in rows], np.int8)
        order = in_log_order(unit, item, period)
        columns = [column[order] for column in (unit, item, period, value, status)]
        starts = range(0, len(rows), per_chunk)
        chunks: list[ManifestChunk] = []
        for number, start in enumerate(starts, 1):
            u, i, p, v, s = (column[start : start + per_chunk] for column in columns)
            digest = content_hash(u, i, p, v, s)
            header = ChunkHeader(
                self.city, name, reporter, table, number, len(starts), digest, arrived_ms
            )
            self.put(chunk_headers(header), encode_observations(observations_of(u, i, p, v, s)))
            counts = {int(k): int((p == k).sum()) for k in np.unique(p)}
            chunks.append(ManifestChunk(number, digest, counts))
        if manifest:
            counts = {int(k): int((period == k).sum()) for k in np.unique(period)}
            none = dict.fromkeys(counts, 0)
            told = Manifest(name, reporter, table, arrived_ms, counts, counts, none, chunks)
            self.put(record_headers("manifest", self.city), encode_record(told.record()))
