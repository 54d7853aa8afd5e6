"""The door's notes of requests that have arrived and are not registered yet.

A file may begin to come before a due instant and be registered behind it. Whoever tells the instant
reads the note and waits; without it a reporter whose upload is under way would be called silent.
"""

from typing import Final

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from storage.control import arrivals, schema

_LOG: Final = structlog.get_logger(__name__)


class Arrival:
    """One request's note: it goes with the registration, or else when the request is answered."""

    def __init__(self, control_url: str, note_id: int) -> None:
        self._control_url = control_url
        self._id = note_id
        self._noted = True

    def forget_in(self, connection: Connection) -> None:
        """Remove the note in the transaction that registers; `registered` says it is done."""
        arrivals.forget(connection, self._id)

    def registered(self) -> None:
        """The transaction was committed."""
        self._noted = False

    def answered(self) -> None:
        """Remove the note if it still stands. Never raises: it counts for minutes only."""
        if not self._noted:
            return
        try:
            with schema.engine(self._control_url).begin() as connection:
                arrivals.forget(connection, self._id)
        except SQLAlchemyError as error:
            _LOG.warning("arrival_stays", id=self._id, error=str(error).splitlines()[0])


class Arrivals:
    """Notes of one gateway. Every method may be called from any thread."""

    def __init__(self, control_url: str, owner: str) -> None:
        self._control_url = control_url
        self._owner = owner

    def note(self, city: int, reporter: str, table: str, arrived_ms: int) -> Arrival:
        """Note that a request has arrived; durable when it returns, and before the body is read."""
        with schema.engine(self._control_url).begin() as connection:
            found = arrivals.note(connection, city, reporter, table, self._owner, arrived_ms)
        return Arrival(self._control_url, found)

    def sweep(self, now_ms: int) -> int:
        """At start: remove what an earlier run left; how many."""
        with schema.engine(self._control_url).begin() as connection:
            return arrivals.sweep(connection, self._owner, now_ms)
