"""Effects of what changes the rules of a city: its register, its catalogue, its calendar."""

from typing import Any

import numpy as np

from granary.wire import Record, unit_id
from indicators.arrays import Flags
from indicators.catalogue import Catalogue
from stream.consequences import Choice, Consequences
from stream.dimensions import of_catalogue, of_register
from stream.errors import UnreadableRecordError
from stream.log_rows import add_dimensions, add_register_events
from stream.outcome import Entry
from stream.records import RegisterRecord
from stream.state import CityState


def fold_register(state: CityState, entry: Entry, decoded: RegisterRecord) -> None:
    """Apply the rows, and state anew the periods for which the register says something else."""
    before = state.register_pictures()
    keys = [unit_id(row.kind, row.code) for row in decoded.rows]
    state.register.apply(decoded.rows, keys)
    state.register_at = entry.version
    add_register_events(state, entry, decoded.rows, keys)
    add_dimensions(state, entry, of_register(decoded.rows))
    if state.catalogue is None:
        return
    moved: dict[str, dict[int, Flags]] = {}
    for (table, period), picture in state.register_pictures().items():
        if picture != before.get((table, period)):
            moved.setdefault(table, {})[period] = _everyone(state, table)
    _consequences(state, entry).write(moved, Choice(every_subject=True))


def fold_catalogue(state: CityState, entry: Entry, catalogue: Catalogue) -> None:
    """Take the catalogue, and state anew what it says otherwise than the one before."""
    old = state.catalogue
    state.catalogue_at = entry.version
    state.calendar.plan(catalogue)
    state.cube.reset(catalogue)
    add_dimensions(state, entry, of_catalogue(catalogue, state.city))
    frame = ("city", "sources", "groupings", "items", "tables", "crosses")
    whole = old is None or any(getattr(old, part) != getattr(catalogue, part) for part in frame)
    changed = {
        indicator.code
        for indicator in catalogue.indicators
        if whole or old is None or old.indicator.get(indicator.code) != indicator
    }
    everything = {
        table.code: {period: _everyone(state, table.code) for period in state.opened(table)}
        for table in catalogue.tables
    }
    _consequences(state, entry).write(everything, Choice(every_subject=True, indicators=changed))


def fold_calendar(state: CityState, entry: Entry, record: Record) -> None:
    """Take a due instant, or that one is past; figures of the period change their standing only."""
    table, period = take_calendar(state, record)
    if table in state.require_catalogue().table:
        _consequences(state, entry).write(
            {table: {period: _everyone(state, table)}}, Choice(every_subject=True, only_here=True)
        )


def take_calendar(state: CityState, record: Record) -> tuple[str, int]:
    """(table, period) of a calendar or deadline record, taken into the calendar.

    Raises:
        UnreadableRecordError: it is neither, or lacks something.
    """
    try:
        table, period = str(record.body["table"]), int(record.body["period"])
        if record.type == "calendar":
            state.calendar.fix(table, period, int(record.body["report_by_ms"]))
        elif record.type == "deadline":
            state.calendar.close(table, period)
        else:
            raise UnreadableRecordError(f"control record of unknown type {record.type!r}.")
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableRecordError(f"control record {record.id}: {error}.") from error
    return table, period


def catalogue_of(record: Record) -> Catalogue:
    """The catalogue a record brings.

    Raises:
        UnreadableRecordError: it is none that this program can read.
    """
    try:
        return Catalogue.model_validate(record.body["catalogue"])
    except (KeyError, ValueError) as error:
        raise UnreadableRecordError(f"catalogue record {record.id}: {error}.") from error


def _everyone(state: CityState, table: str) -> Any:
    return np.ones(state.register.size(state.require_catalogue().table[table].unit_kind), bool)


def _consequences(state: CityState, entry: Entry) -> Consequences:
    return Consequences(state, entry.rows, entry.version, entry.known_ms)
