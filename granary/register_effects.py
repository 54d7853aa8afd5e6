"""Before a register is loaded: what it changes, and which figures that touches. Nothing is written.

Periods with figures are told from the control store, not from ClickHouse, so that a load can be
looked at while the store is down: those of which some reporter's return is in, and those with a due
instant.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, select

from catalog.changes import RegisterRow, RegisterState, changes_between, state_after
from catalog.register_differences import Difference, register_differences
from granary.keys import unit_id
from granary.loads import catalogue_in_force, refuse_collisions, register_scope
from granary.lock_records import DECISIONS, LOCK, Decision
from granary.records import Record
from indicators.catalogue import Catalogue
from indicators.deadlines import DueCalendar
from indicators.locks import Locks
from indicators.periods import format_period
from indicators.register import Register, RegisterChange
from indicators.register_effects import Stated, Touched, register_pictures, touched_by_register
from storage.control import intents
from storage.control.schema import head, reading

_NOTHING = Touched({}, {})


@dataclass(frozen=True, slots=True)
class RegisterPreview:
    """What loading a register would do: rows asked for, differences told, figures touched."""

    rows: int
    differences: Sequence[Difference]
    touched: Touched


def preview_register(
    control_url: str, city_id: int, rows: Sequence[RegisterChange], *, keys: bool | None = None
) -> RegisterPreview:
    """What `granary.loads.submit_register` of the same rows would change.

    Raises:
        UnitKeyCollisionError: as `submit_register`.
    """
    with reading(control_url) as connection:
        old = intents.register_rows(connection, city_id)
        catalogue = catalogue_in_force(connection, city_id)
        refuse_collisions(old, rows)
        scope = register_scope(catalogue, rows, keys)
        was, becomes = state_after(old, scope), state_after(rows, scope)
        return preview_states(connection, city_id, catalogue, old, was, becomes)


def preview_states(
    connection: Connection,
    city_id: int,
    catalogue: Catalogue | None,
    old: Sequence[RegisterChange],
    was: RegisterState,
    becomes: RegisterState,
) -> RegisterPreview:
    """What bringing the register from one state to the other would do; `old`: all rows so far."""
    changes = [row for unit in changes_between(was, becomes) for row in unit]
    if not changes:
        return RegisterPreview(0, (), _NOTHING)
    touched = _NOTHING
    if catalogue is not None:
        touched = _touched(connection, city_id, catalogue, old, changes)
    return RegisterPreview(len(changes), register_differences(was, becomes), touched)


def preview_json(preview: RegisterPreview, most: int | None = None) -> dict[str, Any]:
    """The preview as JSON: at most that many differences, periods as SDMX texts."""

    def periods(stated: Stated) -> dict[str, list[str]]:
        return {
            "restated": [format_period(period) for period in stated.anew],
            "locked": [format_period(period) for period in stated.kept],
        }

    counts: dict[str, int] = {}
    for one in preview.differences:
        counts[f"{one.part}_{one.what}"] = counts.get(f"{one.part}_{one.what}", 0) + 1
    touched = preview.touched
    return {
        "changes": preview.rows,
        "counts": counts,
        "differences": [asdict(one) for one in preview.differences[:most]],
        "tables": {code: periods(stated) for code, stated in touched.tables.items()},
        "indicators": {code: periods(stated) for code, stated in touched.indicators.items()},
    }


def _touched(
    connection: Connection,
    city_id: int,
    catalogue: Catalogue,
    old: Sequence[RegisterChange],
    changes: Sequence[RegisterRow],
) -> Touched:
    opened = _opened(connection, city_id, catalogue)
    register = Register(unit_id)
    _apply(register, old)
    before = register_pictures(catalogue, register, opened)
    _apply(register, changes)
    after = register_pictures(catalogue, register, opened)
    return touched_by_register(catalogue, before, after, opened, _locks(connection, city_id))


def _apply(register: Register, rows: Sequence[RegisterChange]) -> None:
    register.apply(rows, (unit_id(row.kind, row.code) for row in rows))


def _opened(connection: Connection, city_id: int, catalogue: Catalogue) -> dict[str, set[int]]:
    calendar = DueCalendar()
    calendar.plan(catalogue)
    for record in intents.in_force(connection, city_id, "calendar"):
        calendar.fix(str(record.body["table"]), int(record.body["period"]), 0)
    opened: dict[str, set[int]] = {table.code: set() for table in catalogue.tables}
    filed = select(head.c.table_code, head.c.period).where(head.c.city == city_id).distinct()
    returns = {(str(table), int(period)) for table, period in connection.execute(filed)}
    for table, period in returns | calendar.planned():
        if table in opened:
            opened[table].add(period)
    return opened


def _locks(connection: Connection, city_id: int) -> Locks:
    """Locks asked for so far, each with the catalogue that was in force when it was."""
    locks, brought = Locks(), None
    known: dict[str, Catalogue] = {}
    records: Sequence[Record] = intents.in_force(connection, city_id, "catalogue", *DECISIONS)
    for version, record in enumerate(records):
        if record.type == "catalogue":
            brought = record
            continue
        decision = Decision.of(record)
        if decision.type != LOCK:
            locks.reopen(decision.table, decision.period)
            continue
        catalogue = None
        if brought is not None:
            catalogue = known.get(brought.id)
            if catalogue is None:
                catalogue = Catalogue.model_validate(brought.body["catalogue"])
                known[brought.id] = catalogue
        locks.lock(decision.table, decision.period, version, catalogue)
    return locks
