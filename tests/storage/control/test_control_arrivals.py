"""A request is on its way from its arrival until the log has it, and no dead one is waited for."""

import dataclasses

from sqlalchemy import Connection

from storage.control import arrivals, submissions
from storage.control.cities import City
from tests.storage.control.test_control_submissions import one

DUE, NOW = 1_000, 1_500


def waiting(connection: Connection, city: City, now_ms: int = NOW, table: str = "monthly") -> int:
    return arrivals.on_their_way(connection, city.id, table, DUE, now_ms)


def test_what_arrived_before_the_instant_is_waited_for_and_nothing_else(
    connection: Connection, river: City
) -> None:
    assert waiting(connection, river) == 0
    first = arrivals.note(connection, river.id, "north", "monthly", "g:1", DUE - 1)
    arrivals.note(connection, river.id, "south", "monthly", "g:1", DUE)
    arrivals.note(connection, river.id, "south", "yearly", "g:1", DUE - 1)
    assert waiting(connection, river) == 1
    assert waiting(connection, river, table="yearly") == 1
    arrivals.forget(connection, first)
    assert waiting(connection, river) == 0


def test_a_request_stays_on_its_way_as_the_submission_it_becomes(
    connection: Connection, river: City
) -> None:
    noted = arrivals.note(connection, river.id, "north", "monthly", "g:1", DUE - 1)
    new = dataclasses.replace(one(river, "a"), arrived_ms=DUE - 1)
    submissions.register(connection, new, "", DUE)
    arrivals.forget(connection, noted)
    assert waiting(connection, river) == 1
    submissions.finish(connection, new, NOW)
    assert waiting(connection, river) == 0


def test_a_request_of_a_dead_gateway_is_waited_for_a_while_only(
    connection: Connection, river: City
) -> None:
    arrivals.note(connection, river.id, "north", "monthly", "dead:1", DUE - 1)
    late = DUE - 1 + arrivals.LONGEST_MS
    assert waiting(connection, river, late - 1) == 1
    assert waiting(connection, river, late) == 0


def test_a_gateway_sweeps_its_own_notes_and_all_that_are_too_old(
    connection: Connection, river: City
) -> None:
    for owner, at in (("g:1", NOW), ("other:1", NOW), ("dead:1", NOW - arrivals.LONGEST_MS)):
        arrivals.note(connection, river.id, "north", "monthly", owner, at)
    assert arrivals.sweep(connection, "g:1", NOW) == 2
    assert arrivals.on_their_way(connection, river.id, "monthly", NOW + 1, NOW) == 1
