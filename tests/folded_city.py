"""A city folded into ClickHouse without Kafka: real catalogue, real fold, real writer.

For tests of what reads the store. Every message is known a second after the one before, from
`START_MS` on, unless told otherwise.
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import astuple
from decimal import Decimal
from pathlib import Path

import numpy as np

from catalog.loader import load
from catalog.register import read_register
from granary.demo import retail
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
from storage.fold_reads import FoldReads
from storage.writer import Writer
from stream.fold import CityFold, Outcome
from stream.records import LogMessage, decode
from stream.rows import STAGES

CATALOG = Path(__file__).parent.parent / "catalog"
START_MS = 1_700_000_000_000
#: unit code, item code, period id, value; None is an explicit missing.
Cell = tuple[str, str, int, Decimal | None]


class FoldedCity:
    """One city's log and its fold; what each message writes is stored before the next one."""

    def __init__(self, url: str, city: int = 1) -> None:
        self.city = city
        self.now_ms = START_MS
        self.fold = CityFold(city, 0, FoldReads(url), 10**9)
        self._writer = Writer(url)

    @property
    def catalogue(self) -> Catalogue:
        assert self.fold.catalogue is not None
        return self.fold.catalogue

    def begin(self, catalogue: Catalogue, rows: Iterable[RegisterRow]) -> None:
        body = {"catalogue": catalogue.model_dump(mode="json")}
        self.control(Record(f"catalogue:{catalogue.version}", "catalogue", body))
        self.put(record_headers("register", self.city), encode_register("register:1", list(rows)))

    def control(self, record: Record) -> None:
        self.put(record_headers("control", self.city), encode_record(record))

    def submit(
        self, name: str, reporter: str, table: str, cells: Sequence[Cell], *, arrived_ms: int = 0
    ) -> None:
        """One chunk and its manifest."""
        known = self.catalogue
        kind = known.table[table].unit_kind
        unit = np.array([unit_id(kind, cell[0]) for cell in cells], np.uint64)
        item = np.array([known.item[cell[1]].id for cell in cells], np.uint32)
        period = np.array([cell[2] for cell in cells], np.int32)
        value = np.array([int((cell[3] or 0) * 10_000) for cell in cells], np.int64)
        status = np.array([cell[3] is None for cell in cells], np.int8)
        order = in_log_order(unit, item, period)
        u, i, p, v = unit[order], item[order], period[order], value[order]
        s = status[order].astype(np.int8)
        digest = content_hash(u, i, p, v, s)
        arrived = arrived_ms or self.now_ms
        header = ChunkHeader(self.city, name, reporter, table, 1, 1, digest, arrived)
        self.put(chunk_headers(header), encode_observations(observations_of(u, i, p, v, s)))
        counts = {int(one): int((p == one).sum()) for one in np.unique(p)}
        told = Manifest(
            name, reporter, table, arrived, counts, counts, dict.fromkeys(counts, 0),
            [ManifestChunk(1, digest, counts)],
        )  # fmt: skip
        self.put(record_headers("manifest", self.city), encode_record(told.record()))

    def put(self, headers: Sequence[tuple[str, bytes]], payload: bytes) -> None:
        self.now_ms += 1_000
        message = LogMessage(self.fold.next_offset, self.now_ms, dict(headers), payload)
        outcome = Outcome()
        self.fold.apply(message, decode(message), outcome)
        self.fold.cube.release(outcome.held)
        for stage in STAGES:
            for table in set(stage) & set(outcome.rows.tables()):
                self._writer.write(table, outcome.rows.columns(table))


def begin_from(city: FoldedCity, folder: str) -> None:
    """Catalogue and register of a folder under catalog/."""
    catalogue = load(CATALOG / folder)
    rows = read_register(CATALOG / folder, catalogue)
    city.begin(catalogue, [RegisterRow(*astuple(row)) for row in rows])


def lishui(url: str, number: int = 1) -> FoldedCity:
    """丽水 2019: ten districts' ratios and the published row."""
    city = FoldedCity(url, number)
    begin_from(city, "lishui")
    items = city.catalogue.table["per_mu_districts"].items
    names = {m.name.zh: m.code for m in city.catalogue.grouping["district"].members}
    with (CATALOG / "lishui/data/districts-2019.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            values = list(row.values())[2:]
            code = names.get(row["district"], "lishui")
            cells: list[Cell] = [
                (code, item, 201900, None if text == "/" else Decimal(text))
                for item, text in zip(items, values, strict=True)
            ]
            whole = code == "lishui"
            table = "per_mu_published" if whole else "per_mu_districts"
            city.submit(f"S-{code}", "publisher" if whole else code, table, cells)
    return city


def retail_city(
    url: str, number: int = 2, *, first: int = 201601, last: int = 201812
) -> FoldedCity:
    """Australian retail turnover: each state's months in one submission."""
    city = FoldedCity(url, number)
    begin_from(city, "retail")
    by_state: dict[str, list[Cell]] = {}
    for one in retail.observations():
        if first <= one.period <= last:
            by_state.setdefault(one.state, []).append(
                (one.unit, retail.ITEM, one.period, one.value)
            )
    for state, cells in by_state.items():
        city.submit(f"S-{state}", state, retail.TABLE, cells)
    return city
