"""The ordinary Faust program's figures are those of the stream: the race is about the same work."""

import math
from typing import Any

import numpy as np

from bench.chunks import LogRecord, catalogue_record, register_records, submission_records
from bench.city_catalogue import ITEMS, TABLE
from bench.generator import GeneratedCity
from bench.ordinary_faust.places import Places
from bench.ordinary_faust.state import FIGURE_COLUMNS, OrdinaryState
from granary.records import RegisterRow
from indicators.periods import format_period
from stream.fold import CityFold, Outcome
from stream.records import LogMessage, decode
from tests.stream.memory_store import MemoryStore

CITY = GeneratedCity(units=60, months=15, districts=3, industries=4)
_KEY = 8  # the first columns name the figure


def of_the_stream() -> dict[Any, Any]:
    """Figures in force after Granary's fold of the feed."""
    records = [catalogue_record(1, CITY.catalogue), *register_records(1, CITY.register())]
    for number, submission in enumerate(CITY.feed()):
        records += submission_records(1, f"s{number}", submission, 10**6, 1_000)
    store = MemoryStore()
    fold = CityFold(1, 0, store, 10**9)
    for offset, record in enumerate(records):
        outcome = Outcome()
        fold.apply(message(offset, record), decode(message(offset, record)), outcome)
        fold.cube.release(outcome.held)
        store.keep(outcome.rows)
    figures = {}
    for row in store.tables["figure_current"]:
        line = tuple(row[name] for name in FIGURE_COLUMNS)
        figures[line[:_KEY]] = line[_KEY:]
    return figures


def message(offset: int, record: LogRecord) -> LogMessage:
    return LogMessage(offset, 1_000, dict(record.headers), record.payload)


def of_the_ordinary_program(register: list[RegisterRow]) -> tuple[OrdinaryState, dict[Any, Any]]:
    state = OrdinaryState(Places(CITY.catalogue, register), TABLE)
    figures = {}
    for submission in CITY.feed():
        columns = submission.columns
        for unit, item, period, value, status in zip(
            columns.unit.tolist(), columns.item.tolist(), columns.period.tolist(),
            columns.value.tolist(), columns.status.tolist(), strict=True,
        ):  # fmt: skip
            cell = {
                "reporter": submission.reporter,
                "table": TABLE,
                "unit": CITY.code_of[unit],
                "item": ITEMS[item - 1][0],
                "period": format_period(period),
                "value": value,
                "status": status,
            }
            assert state.refuse(cell) == ""
            state.apply(cell["unit"], cell["item"], period, value, status, 0)
        for row in state.figures():
            figures[row[:_KEY]] = row[_KEY:]
    return state, figures


def alike(one: Any, other: Any) -> bool:
    """Equal, where NaN is no value."""

    def plain(value: Any) -> Any:
        if value is None or (isinstance(value, float) and math.isnan(value)):
            return None
        return value.item() if isinstance(value, np.generic) else value

    return [plain(v) for v in one] == [plain(v) for v in other]


def test_every_figure_of_the_ordinary_program_equals_the_streams() -> None:
    stream = of_the_stream()
    _, ordinary = of_the_ordinary_program(CITY.register())
    assert set(ordinary) <= set(stream)
    different = {key: (stream[key], ordinary[key]) for key in ordinary
                 if not alike(stream[key], ordinary[key])}  # fmt: skip
    assert not different
    assert set(stream) == set(ordinary)


def test_the_ordinary_program_refuses_what_the_stream_refuses() -> None:
    state = OrdinaryState(Places(CITY.catalogue, CITY.register()), TABLE)
    good = {"reporter": "bureau", "table": TABLE, "unit": CITY.codes[0], "item": "tax",
            "period": "2024-M01", "value": 1, "status": 0}  # fmt: skip
    refusals = {
        state.refuse({**good, **change})
        for change in (
            {}, {"item": "none"}, {"unit": "none"}, {"period": "2024"}, {"reporter": "none"},
            {"value": 10**15}, {"status": 9},
        )
    }  # fmt: skip
    assert refusals == {
        "", "unknown_item", "unknown_unit", "wrong_period", "no_right_on_table", "beyond_limit",
        "unknown_status",
    }  # fmt: skip
