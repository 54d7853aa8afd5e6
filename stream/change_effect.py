"""Effects of what changes the rules of a city: its register, its catalogue, its calendar."""

from collections.abc import Set
from typing import Any

import numpy as np

from granary.keys import unit_id
from granary.records import Record
from indicators.arrays import Flags
from indicators.catalogue import Catalogue, Table, mandatory_items
from stream.check_findings import CheckWatch, checks_differ, every_check, watch_units
from stream.chunk_effect import add_returns
from stream.consequences import Choice, Consequences
from stream.dimensions import of_catalogue, of_register
from stream.errors import UnreadableRecordError
from stream.frame_effect import FrameWatch
from stream.log_rows import add_dimensions, add_register_events
from stream.outcome import Entry
from stream.records import RegisterRecord
from stream.register_pictures import register_pictures
from stream.retirement import keys_of, retire
from stream.state import CityState


def fold_register(state: CityState, entry: Entry, decoded: RegisterRecord) -> None:
    """Apply the rows, and state anew the figures for which the register says something else."""
    told = _figures_are_told_of(state, decoded)
    before = register_pictures(state) if told else {}
    keys = [unit_id(row.kind, row.code) for row in decoded.rows]
    watch = watch_units(state, decoded.rows, keys)
    frame = FrameWatch(state)
    state.register.apply(decoded.rows, keys)
    state.frame.take_rows(state.register, state.catalogue, decoded.rows, entry.known_ms)
    state.register_at = entry.version
    add_register_events(state, entry, decoded.rows, keys)
    add_dimensions(state, entry, of_register(decoded.rows))
    if state.catalogue is None:
        return
    watch.write(entry)
    frame.write(entry)
    if not told:
        return
    moved: dict[str, dict[int, Flags]] = {}
    for (table, period), picture in register_pictures(state).items():
        if picture != before.get((table, period)):
            moved.setdefault(table, {})[period] = _everyone(state, table)
    _consequences(state, entry).write(moved, Choice(every_subject=True))


def _figures_are_told_of(state: CityState, decoded: RegisterRecord) -> bool:
    """Whether figures may change: candidates and departments' keys are no units of any table."""
    kinds = {row.kind for row in decoded.rows}
    return state.catalogue is not None and any(
        table.unit_kind in kinds for table in state.catalogue.tables
    )


def fold_catalogue(state: CityState, entry: Entry, catalogue: Catalogue) -> None:
    """Take the catalogue, and state anew what it says otherwise than the one before.

    1. Note what stands, under the catalogue before.
    2. Take the catalogue, its calendar and its names.
    3. Complete the returns that now lack nothing.
    4. Write the figures of indicators that changed, at every opened period; those of the others
       only at periods opened by this catalogue. Completeness everywhere: due instants may differ.
    5. Retire what stood and stands no more.
    """
    old, before = state.catalogue, keys_of(state)
    frame = FrameWatch(state)
    anew = checks_differ(old, catalogue)
    watch = CheckWatch(state, every_check(state) if anew else {})
    opened = {table.code: state.opened(table) for table in old.tables} if old else {}
    state.catalogue_at = entry.version
    state.calendar.plan(catalogue)
    state.cube.reset(catalogue)
    state.frame.take_catalogue(state.register, catalogue, entry.known_ms)
    frame.write(entry)
    add_dimensions(state, entry, of_catalogue(catalogue, state.city))
    for table in catalogue.tables:
        _complete_returns(state, entry, table, old.table.get(table.code) if old else None)
    everything = {
        table.code: {period: _everyone(state, table.code) for period in state.opened(table)}
        for table in catalogue.tables
    }
    fresh = {code: periods.keys() - opened.get(code, set()) for code, periods in everything.items()}
    _consequences(state, entry).write(
        everything,
        Choice(every_subject=True, indicators=_changed(old, catalogue), fresh=fresh),
    )
    retire(state, entry, before)
    watch.write(entry, every_check(state) if anew else {})


def _changed(old: Catalogue | None, new: Catalogue) -> set[str]:
    """Codes of the indicators whose figures may differ under the new catalogue."""
    frame = ("city", "sources", "groupings", "items", "tables", "crosses")
    if old is None or any(getattr(old, part) != getattr(new, part) for part in frame):
        return set(new.indicator)
    return {
        one.code for one in new.indicators if _formula(old, one.code) != _formula(new, one.code)
    }


def _formula(catalogue: Catalogue, code: str) -> object:
    """The indicator with everything it names that is not part of the frame."""
    indicator = catalogue.indicator.get(code)
    if indicator is None:
        return None
    derived = [catalogue.derived_value.get(part) for part in indicator.items]
    return indicator, derived, [catalogue.deflator[d] for d in indicator.constant_prices.values()]


def _complete_returns(state: CityState, entry: Entry, table: Table, old: Table | None) -> None:
    """Returns that are in and, asked for fewer items than before, lack none: they are received.

    They count from when they would have been complete under this table: the arrival of the chunk
    that first answered the last of the items, as the ledger tells it.
    """
    if old is not None and _asked_for(old) == _asked_for(table):
        return
    for period, units, arrived_ms in state.cube.late_completions(table):
        key = (table.code, period)
        if key not in entry.outcome.held:
            state.cube.hold([key])
            entry.outcome.held.add(key)
        add_returns(state, entry, table, period, units, arrived_ms)


def _asked_for(table: Table) -> tuple[int, str, Set[str]]:
    return table.id, table.source, frozenset(mandatory_items(table))


def fold_calendar(state: CityState, entry: Entry, record: Record) -> None:
    """Take a due instant, or that one is past; figures of the period change their standing only."""
    table, period = take_calendar(state, record)
    if state.catalogue is not None and table in state.catalogue.table:
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
