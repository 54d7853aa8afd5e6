"""A standing cast: a river city of two districts, their reporters, and a log in memory."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from granary.clock import ManualClock
from granary.records import (
    Manifest,
    Record,
    RegisterRow,
    decode_record,
    encode_record,
    encode_register,
)
from granary.settings import Settings
from granary.wire import Headers, decode_observations, kind_of, read_chunk_header
from indicators.catalogue import Catalogue
from ingest.errors import LogUnavailableError
from ingest.gateway.app import Gateway
from storage.control import cities, intents, schema, tokens
from storage.control.cities import City

NOW_MS = 1_780_000_000_000


def _name(text: str) -> dict[str, str]:
    return {"zh": text, "en": text}


def catalogue(**changes: object) -> Catalogue:
    """Monthly turnover and staff of shops in two districts, tax by a department, a yearly table."""
    item = {"unit": "万元", "decimals": 1, "kind": "flow", "sign": "not_negative"}
    table = {
        "name": _name("月报"),
        "frequency": "month",
        "source": "district",
        "unit_kind": "shop",
        "purpose": "administrative",
        "legal_basis": "example",
    }
    given: dict[str, object] = {
        "version": 1,
        "city": {"code": "river", "name": _name("河市")},
        "sources": [
            {"id": 1, "code": "district", "name": _name("区县")},
            {"id": 2, "code": "tax", "name": _name("税务")},
        ],
        "groupings": [
            {
                "id": 1,
                "code": "district",
                "name": _name("区县"),
                "unit_kind": "shop",
                "partition": True,
                "members": [
                    {"code": "N", "name": _name("北区")},
                    {"code": "S", "name": _name("南区")},
                ],
            }
        ],
        "items": [
            {"id": 1, "code": "turnover", "name": _name("营业收入"), **item},
            {
                "id": 2,
                "code": "staff",
                "name": _name("从业人员"),
                **item,
                "decimals": 0,
                "unit": "人",
                "kind": "stock",
                "limit": 1_000_000,
            },
            {"id": 3, "code": "profit", "name": _name("利润"), **item, "sign": "any"},
            {"id": 4, "code": "tax", "name": _name("税收"), **item, "decimals": 4},
        ],
        "tables": [
            {
                "id": 1,
                "code": "monthly",
                "items": ["turnover", "staff", "profit"],
                "tokens": {"": "blank", "/": "missing", "—": "not_applicable"},
                **table,
            },
            {
                "id": 2,
                "code": "whole",
                "items": ["tax"],
                "mixed_file": "all_or_nothing",
                **(table | {"source": "tax"}),
            },
        ],
        "reporters": [
            {
                "code": "north",
                "name": _name("北区统计局"),
                "tables": ["monthly"],
                "grouping": "district",
                "member": "N",
            },
            {
                "code": "south",
                "name": _name("南区统计局"),
                "tables": ["monthly"],
                "grouping": "district",
                "member": "S",
            },
            {"code": "taxman", "name": _name("税务局"), "tables": ["whole", "monthly"]},
        ],
        "indicators": [],
    }
    return Catalogue.model_validate(given | changes)


#: Shops A and B are north, C is south; D moves from north to south in March 2026.
REGISTER = [
    *(RegisterRow("put_unit", "shop", code, f"Shop {code}") for code in "ABCD"),
    RegisterRow("put_membership", "shop", "A", grouping="district", member="N"),
    RegisterRow("put_membership", "shop", "B", grouping="district", member="N"),
    RegisterRow("put_membership", "shop", "C", grouping="district", member="S"),
    RegisterRow(
        "put_membership", "shop", "D", grouping="district", member="N", valid_to="2026-03-01"
    ),
    RegisterRow(
        "put_membership", "shop", "D", grouping="district", member="S", valid_from="2026-03-01"
    ),
]


class MemoryLog:
    """A log that keeps what it is sent; `fail_after` messages it stops answering."""

    def __init__(self) -> None:
        self.messages: list[tuple[int, Headers, bytes]] = []
        self.fail_after: int | None = None
        self._guard = threading.Lock()

    def produce(
        self,
        city: City,
        messages: Iterable[tuple[Headers, bytes]],
        acknowledged: Callable[[int], None] = lambda _: None,
    ) -> list[int]:
        offsets: list[int] = []
        for headers, payload in messages:
            with self._guard:
                if self.fail_after is not None:
                    if self.fail_after <= 0:
                        raise LogUnavailableError("the broker is away.")
                    self.fail_after -= 1
                self.messages.append((city.id, headers, payload))
                offsets.append(len(self.messages) - 1)
            acknowledged(len(offsets) - 1)
        return offsets

    def since(self, city: City, known_ms: int) -> Iterator[tuple[Headers, bytes]]:
        for of, headers, payload in list(self.messages):
            if of == city.id:
                yield headers, payload

    def reachable(self) -> bool:
        return self.fail_after is None

    def close(self) -> None:
        return None

    def manifests(self) -> list[Manifest]:
        """The manifests in order, repeats included."""
        return [
            Manifest.of(decode_record(payload))
            for _, headers, payload in self.messages
            if kind_of(dict(headers)) == "manifest"
        ]

    def chunks(self) -> list[tuple[str, int, str]]:
        """(submission, chunk, hash) of the chunks in order."""
        found = []
        for _, headers, _ in self.messages:
            if kind_of(dict(headers)) == "observations":
                header = read_chunk_header(dict(headers))
                found.append((header.submission, header.chunk, header.hash))
        return found

    def cells(self) -> dict[tuple[int, int, int], tuple[int, int]]:
        """(unit, item, period) → (value, status), as a fold of the log would have it."""
        seen: set[tuple[str, int]] = set()
        cells: dict[tuple[int, int, int], tuple[int, int]] = {}
        for _, headers, payload in self.messages:
            if kind_of(dict(headers)) != "observations":
                continue
            header = read_chunk_header(dict(headers))
            if (header.submission, header.chunk) in seen:
                continue
            seen.add((header.submission, header.chunk))
            found = decode_observations(payload)
            for at in range(len(found)):
                key = (int(found.unit[at]), int(found.item[at]), int(found.period[at]))
                cells[key] = (int(found.value[at]), int(found.status[at]))
        return cells


@dataclass
class River:
    """The city with its gateway's parts, and one token for each of the cast."""

    settings: Settings
    log: MemoryLog
    clock: ManualClock
    city: City
    gateway: Gateway
    tokens: dict[str, str] = field(default_factory=dict)

    def reopened(self) -> "River":
        """The same city after its gateway died: nothing kept but what is on disk."""
        gateway = Gateway(self.settings, "river:1", self.log, NoStore(), self.clock)
        return River(self.settings, self.log, self.clock, self.city, gateway, self.tokens)


class NoStore:
    """A store whose ledger rows a test sets, and which register records it has."""

    def __init__(self) -> None:
        self.found: list[dict[str, object]] | None = None
        self.has_register = False

    def folded(self, city: int, records: Sequence[str]) -> bool:
        return self.has_register and bool(records)

    def rows(self, city_code: str, submission: str) -> list[dict[str, object]] | None:
        return self.found


def put_in_log(river: River, kind: intents.Kind, record_id: str, payload: bytes) -> None:
    """Ask for a record and relay it."""
    with schema.engine(river.settings.control_url).begin() as connection:
        intents.submit(connection, river.city.id, kind, record_id, payload)
    while river.gateway.relay.step():
        pass


def load_catalogue(river: River, name: str, loaded: Catalogue) -> None:
    body = {"catalogue": loaded.model_dump(mode="json")}
    put_in_log(river, "control", name, encode_record(Record(name, "catalogue", body)))


def river_city(folder: Path, chunk_observations: int = 3) -> River:
    """The cast's city, its catalogue and register in the log."""
    settings = Settings(data=folder, chunk_observations=chunk_observations, gateway_max_body=60_000)
    log, clock = MemoryLog(), ManualClock(NOW_MS)
    gateway = Gateway(settings, "river:1", log, NoStore(), clock)
    with schema.engine(settings.control_url).begin() as connection:
        city = cities.assign(connection, "river")
        cast = {
            name: tokens.issue(connection, city.id, name, NOW_MS)
            for name in ("north", "south", "taxman", tokens.READER)
        }
    river = River(settings, log, clock, city, gateway, cast)
    load_catalogue(river, "catalogue:1", catalogue())
    put_in_log(river, "register", "register:1", encode_register("register:1", REGISTER))
    return river
