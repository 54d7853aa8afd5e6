"""Intents reach the log in order, each once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection

from granary.records import Record, RegisterRow, encode_record, encode_register
from granary.wire import UnreadableMessageError
from storage.control import cities, intents, schema
from storage.control.cities import City
from storage.control.errors import IntentConflictError

ROWS = [RegisterRow("put_unit", "shop", "A", "Shop A")]


def record(id_: str, type_: str = "deadline", **body: object) -> bytes:
    return encode_record(Record(id_, type_, dict(body)))


def test_a_repeated_record_id_is_asked_for_once(connection: Connection, river: City) -> None:
    payload = record("d:1")
    assert intents.submit(connection, river.id, "control", "d:1", payload)
    assert not intents.submit(connection, river.id, "control", "d:1", payload)
    assert len(intents.pending(connection)) == 1


def test_a_record_id_never_changes_its_meaning(connection: Connection, river: City) -> None:
    intents.submit(connection, river.id, "control", "d:1", record("d:1"))
    with pytest.raises(IntentConflictError):
        intents.submit(connection, river.id, "control", "d:1", record("d:1", due_ms=3))


@pytest.mark.parametrize("kind", ["control", "register"])
def test_bytes_nobody_could_read_never_reach_the_log(
    connection: Connection, river: City, kind: intents.Kind
) -> None:
    with pytest.raises(UnreadableMessageError):
        intents.submit(connection, river.id, kind, "x", b"\xff")


def test_history_is_what_the_log_has(connection: Connection, river: City) -> None:
    assert intents.last_produced(connection, river.id) == intents.NOTHING
    for name in ("a", "b", "c"):
        intents.submit(connection, river.id, "control", name, record(name))
    first, second, _ = intents.pending(connection)
    assert intents.count_pending(connection) == 3
    intents.mark_produced(connection, first.id, 0)
    intents.mark_produced(connection, second.id, 4)
    intents.mark_produced(connection, second.id, 8)
    found = intents.history(connection, river.id)
    assert [(i.record_id, i.produced_offset) for i in found] == [("a", 0), ("b", 4)]
    assert intents.last_produced(connection, river.id) == 4
    assert intents.history(connection, river.id, after=0) == found[1:]
    assert intents.count_pending(connection) == 1


def test_an_intent_whose_row_came_late_stands_where_the_log_has_it(
    connection: Connection, river: City
) -> None:
    for name in ("late", "early"):
        intents.submit(connection, river.id, "control", name, record(name))
    late, early = intents.pending(connection)
    intents.mark_produced(connection, early.id, 5)
    seen = intents.last_produced(connection, river.id)
    intents.mark_produced(connection, late.id, 9)
    assert intents.last_produced(connection, river.id) > seen
    names = [i.record_id for i in intents.history(connection, river.id)]
    assert names == ["early", "late"]
    assert [i.record_id for i in intents.history(connection, river.id, after=seen)] == ["late"]


def test_what_is_in_force_is_told_by_type(connection: Connection, river: City) -> None:
    assert intents.latest_catalogue(connection, river.id) is None
    for number in (1, 2):
        payload = record(f"c{number}", "catalogue", catalogue={"version": number})
        intents.submit(connection, river.id, "control", f"c{number}", payload)
    intents.submit(connection, river.id, "register", "r", encode_register("r", ROWS))
    assert intents.latest_catalogue(connection, river.id) == {"version": 2}
    assert [r.id for r in intents.in_force(connection, river.id, "catalogue")] == ["c1", "c2"]
    assert intents.register_rows(connection, river.id) == ROWS


def test_many_rooms_asking_at_once_lose_nothing(control_url: str) -> None:
    with schema.engine(control_url).begin() as connection:
        river = cities.assign(connection, "river")

    def ask(number: int) -> bool:
        name = f"d:{number % 10}"
        with schema.engine(control_url).begin() as connection:
            return intents.submit(connection, river.id, "control", name, record(name))

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(40))) == 10
    with schema.reading(control_url) as reader:
        assert len(intents.pending(reader)) == 10
