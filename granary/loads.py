"""Loading a city's catalogue and register: what would change, and asking for it through the log.

Loads are intents in the control store; the gateway's relay puts them into the city's log. A load
that changes nothing asks for nothing, so every command may be repeated.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from pydantic import ValidationError
from sqlalchemy import Connection

from catalog.changes import RegisterRow, Scope, difference, row_fields
from catalog.differences import Difference, catalogue_differences, reused_ids
from granary.keys import unit_id
from granary.records import Record, encode_record, encode_register
from granary.records import RegisterRow as WireRow
from indicators.catalogue import Catalogue
from indicators.errors import GranaryError
from indicators.register import KEY_PREFIX, RegisterChange
from storage.control import cities, intents, register_submissions
from storage.control.schema import engine, reading

#: Rows of one register record: well under the broker's message limit, quick to fold.
RECORD_ROWS: Final = 20_000


class CatalogueChangeError(GranaryError):
    """The catalogue cannot follow the one in force."""

    code = "catalogue_change"
    next_step = "Change the folder's city.yaml or ids as said, then load it again."


class UnitKeyCollisionError(GranaryError):
    """Two units have one 64-bit key: their figures would be one unit's."""

    code = "unit_key_collision"
    next_step = "Give one of the two units another code; a dropped unit keeps its key."


@dataclass(frozen=True, slots=True)
class CatalogueChange:
    """What loading a catalogue would do. `version` is that of the catalogue in force, 0 if none."""

    version: int
    differences: list[Difference] = field(default_factory=list)


def catalogue_in_force(connection: Connection, city_id: int) -> Catalogue | None:
    """The newest catalogue asked for."""
    found = intents.latest_catalogue(connection, city_id)
    return None if found is None else Catalogue.model_validate(found)


def catalogue_change(control_url: str, city_id: int, catalogue: Catalogue) -> CatalogueChange:
    """What `submit_catalogue` would change; nothing is written.

    Raises:
        CatalogueChangeError: as `submit_catalogue`.
    """
    with reading(control_url) as connection:
        return _catalogue_change(connection, city_id, catalogue)


def submit_catalogue(control_url: str, city_id: int, catalogue: Catalogue) -> bool:
    """Ask for the catalogue unless it is in force already; True if it was asked for.

    Raises:
        CatalogueChangeError: it is of another city, it differs under the version in force or an
            older one, or an id stood for something else before.
    """
    with engine(control_url).begin() as connection:
        change = _catalogue_change(connection, city_id, catalogue)
        if change.version == catalogue.version and not change.differences:
            return False
        body = {"catalogue": catalogue.model_dump(mode="json")}
        digest = hashlib.sha256(encode_record(Record("", "catalogue", body))).hexdigest()
        # Versions only grow, so the id names this load and no other.
        record = Record(f"catalogue:{catalogue.version}:{digest[:16]}", "catalogue", body)
        return intents.submit(connection, city_id, "control", record.id, encode_record(record))


def _catalogue_change(
    connection: Connection, city_id: int, catalogue: Catalogue
) -> CatalogueChange:
    city = cities.by_id(connection, city_id)
    if city.code != catalogue.city.code:
        raise CatalogueChangeError(
            f"this is the catalogue of {catalogue.city.code!r}, the city is {city.code!r}."
        )
    earlier = list(_earlier(connection, city_id))
    if not earlier:
        return CatalogueChange(0, catalogue_differences(None, catalogue))
    newest = earlier[-1]
    if newest == catalogue:
        return CatalogueChange(newest.version)
    if sentences := reused_ids(earlier, catalogue):
        raise CatalogueChangeError(
            "ids and codes never change their meaning: " + "; ".join(sentences) + "."
        )
    if catalogue.version <= newest.version:
        raise CatalogueChangeError(
            f"it differs from version {newest.version}, which is in force, and calls itself version"
            f" {catalogue.version}; `version` in city.yaml must be raised."
        )
    return CatalogueChange(newest.version, catalogue_differences(newest, catalogue))


def _earlier(connection: Connection, city_id: int) -> Iterator[Catalogue]:
    for record in intents.in_force(connection, city_id, "catalogue"):
        try:
            yield Catalogue.model_validate(record.body["catalogue"])
        except ValidationError:  # written by an older program; only its ids would be missed
            continue


def register_change(
    control_url: str, city_id: int, rows: Sequence[RegisterChange], *, keys: bool | None = None
) -> list[RegisterRow]:
    """The changes `submit_register` would ask for; nothing is written.

    Raises:
        UnitKeyCollisionError: as `submit_register`.
    """
    with reading(control_url) as connection:
        changes = _changes(connection, city_id, rows, keys)
    return [row for unit in changes.units for row in unit]


def submit_register(
    control_url: str, city_id: int, rows: Sequence[RegisterChange], *, keys: bool | None = None
) -> int:
    """Ask for the changes that turn the register in force into `rows`; how many there are.

    `rows` is the whole register (`catalog.register.read_register`) but for what departments bring:
    candidates and keys that have no unit stay as they are, and so does what key is which unit's,
    unless `keys` (by default: where `rows` has any). All records are asked for in one transaction,
    in order, a unit's rows in one record.

    Raises:
        UnitKeyCollisionError: two units that ever were in the register have one key. Once in the
            log it could not be folded: every worker of the city would stop at that record.
    """
    with engine(control_url).begin() as connection:
        register_submissions.lock_city(connection, city_id)  # submitted files change it too
        cities.by_id(connection, city_id)
        changes = _changes(connection, city_id, rows, keys)
        records = list(register_records(changes.units))
        for number, record in enumerate(records, start=1):
            # The length of the history makes the id differ each time the same change comes again.
            digest = hashlib.sha256(repr([row_fields(row) for row in record]).encode()).hexdigest()
            record_id = f"register:{changes.history}:{number}/{len(records)}:{digest[:16]}"
            payload = encode_register(record_id, record)
            intents.submit(connection, city_id, "register", record_id, payload)
        return sum(len(record) for record in records)


def register_scope(
    catalogue: Catalogue | None, rows: Sequence[RegisterChange], keys: bool | None
) -> Scope:
    """What a register folder's rows speak of; `keys` as in `submit_register`."""
    if keys is None:
        keys = any(row.grouping.startswith(KEY_PREFIX) for row in rows)
    return Scope.of(catalogue, keys=keys)


@dataclass(frozen=True, slots=True)
class _Changes:
    """Changes by unit, and how many rows the register in force was made of."""

    units: list[list[RegisterRow]]
    history: int


def _changes(
    connection: Connection, city_id: int, rows: Sequence[RegisterChange], keys: bool | None
) -> _Changes:
    old = intents.register_rows(connection, city_id)
    refuse_collisions(old, rows)
    scope = register_scope(catalogue_in_force(connection, city_id), rows, keys)
    return _Changes(difference(old, rows, scope), len(old))


def refuse_collisions(old: Sequence[RegisterChange], new: Sequence[RegisterChange]) -> None:
    """Refuse units, or keys of departments, of which two have one 64-bit key.

    Raises:
        UnitKeyCollisionError: two have.
    """
    owners: dict[int, tuple[str, str]] = {}
    for unit in dict.fromkeys(
        named for rows in (old, new) for row in rows for named in _named(row)
    ):
        key = unit_id(*unit)
        owner = owners.setdefault(key, unit)
        if owner != unit:
            one, other = ":".join(owner), ":".join(unit)
            raise UnitKeyCollisionError(f"{one!r} and {other!r} have the key {key}.", key=key)


def _named(row: RegisterChange) -> Sequence[tuple[str, str]]:
    """What of the row has a 64-bit key: its unit, and the key of a correspondence."""
    unit = (row.kind, row.code)
    if not row.grouping.startswith(KEY_PREFIX):
        return (unit,)
    return unit, (row.grouping.removeprefix(KEY_PREFIX), row.member)


def register_records(changes: Sequence[Sequence[RegisterRow]]) -> Iterator[list[WireRow]]:
    """Wire rows cut into records between units; a unit with more rows than that keeps together."""
    record: list[WireRow] = []
    for unit in changes:
        if record and len(record) + len(unit) > RECORD_ROWS:
            yield record
            record = []
        record += [WireRow(*row_fields(row)) for row in unit]
    if record:
        yield record
