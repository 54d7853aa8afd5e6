"""The register as it was last asked for, kept between submissions and brought forward by records.

Submitted files change what is asked for, not only what the log has: two files that follow each
other closely would otherwise be judged by the same register.
"""

from dataclasses import dataclass, field

from sqlalchemy import Connection

from catalog.changes import RegisterState, fold
from granary.keys import unit_id
from granary.records import decode_register
from indicators.register import KEY_PREFIX
from storage.control import intents

Unit = tuple[str, str]  # kind, code


@dataclass(slots=True)
class InForce:
    """One city's register. `newest`: id of the last record folded; `owners`: 64-bit key → unit."""

    state: RegisterState = field(default_factory=RegisterState)
    owners: dict[int, Unit] = field(default_factory=dict)
    newest: int = 0
    records: int = 0

    def follow(self, connection: Connection, city: int) -> None:
        """Fold the records asked for since; whoever calls it keeps others away."""
        if intents.count_register(connection, city, self.newest) != self.records:
            self.state, self.owners = RegisterState(), {}  # one came in behind a later one
            self.newest = self.records = 0
        for intent in intents.register_asked(connection, city, after=self.newest):
            rows = decode_register(intent.payload)[1]
            fold(self.state, rows)
            for row in rows:
                self.owners.setdefault(unit_id(row.kind, row.code), (row.kind, row.code))
                if row.grouping.startswith(KEY_PREFIX):
                    key = (row.grouping.removeprefix(KEY_PREFIX), row.member)
                    self.owners.setdefault(unit_id(*key), key)
            self.newest, self.records = intent.id, self.records + 1

    def part(self, units: set[Unit]) -> RegisterState:
        """A copy of what it says of these units."""
        return RegisterState(
            {unit: self.state.units[unit] for unit in units if unit in self.state.units},
            {unit: dict(self.state.spans[unit]) for unit in units if unit in self.state.spans},
        )
